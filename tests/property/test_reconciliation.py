"""What holding an operator's allocation against ours keeps, whatever both are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation.operator_figures import UNTOLD, Cause, KnownReadings
from backend.allocation.reconciliation import reconcile
from backend.allocation.static import StaticKey
from backend.metering import Quality
from tests.unit.allocation.compared import (
    CONSUMERS,
    KEYS,
    T,
    operator_figures,
    our_figures,
    readings_of,
    rounded,
    share,
)

methods = st.sampled_from(sorted(KEYS))
seeds = st.integers(0, 2**16)
spans = st.tuples(st.integers(0, T - 12), st.integers(6, 40)).map(
    lambda span: slice(span[0], span[0] + span[1])
)


@settings(max_examples=40, deadline=None)
@given(methods, seeds, st.sampled_from([10, 1_000, 10_000]))
def test_honest_figures_differ_by_the_rounding_of_their_file_alone(method, seed, unit):
    ours = our_figures(KEYS[method], seed)
    found = reconcile(operator_figures(ours, rounded(ours.computed, unit), unit=unit), ours)
    assert set(np.unique(found.cause)) <= {Cause.NONE, Cause.ROUNDING}


@settings(max_examples=40, deadline=None)
@given(methods, seeds, seeds, st.floats(0, 1), st.booleans())
def test_every_row_that_differs_has_one_cause_and_sums_by_cause_are_the_differences(
    method, seed, chance, part, tells
):
    ours = our_figures(KEYS[method], seed)
    random = np.random.default_rng(chance)
    strange = random.integers(0, 400_000, ours.computed.shape)
    allocated = np.where(random.random(strange.shape) < part, strange, ours.computed)
    allocated[random.random(strange.shape) < 0.02] = UNTOLD
    energy = np.where(random.random(strange.shape) < 0.1, strange, ours.readings.energy)
    found = reconcile(operator_figures(ours, allocated, energy if tells else None), ours)
    difference = found.difference
    assert ((found.cause != Cause.NONE) == (difference != 0)).all()
    by_cause = [difference[found.cause == cause].sum() for cause in Cause]
    assert sum(by_cause) == difference.sum()
    there = found.account >= 0
    accounts = np.array([account.cause for account in found.accounts])
    assert (accounts[found.account[there]] == found.cause[there]).all()
    assert (
        np.abs(difference)[found.cause == Cause.ROUNDING] <= found.bound[found.cause == Cause.ROUNDING]
    ).all()


@settings(max_examples=30, deadline=None)
@given(methods, seeds, spans, st.sampled_from([0, 1, 2, 4, 5, 6]))
def test_a_planted_gap_is_named_a_missing_reading(method, seed, span, slot):
    key, (readings, _) = KEYS[method], readings_of(seed)
    energy, quality = readings.energy.copy(), readings.quality.copy()
    energy[slot, span], quality[slot, span] = 0, Quality.MISSING
    ours = our_figures(key, seed, readings=replace(readings, energy=energy, quality=quality))
    found = reconcile(operator_figures(ours, share(readings, key), energy=readings.energy), ours)
    assert set(np.unique(found.cause)) <= {Cause.NONE, Cause.ROUNDING, Cause.MISSING_READING}


@settings(max_examples=30, deadline=None)
@given(methods, seeds, spans, st.sampled_from([0, 1, 2, 4, 5, 6]), st.booleans())
def test_a_planted_correction_is_named_late(method, seed, span, slot, is_later):
    key, (readings, _) = KEYS[method], readings_of(seed)
    other = readings.energy.copy()
    other[slot, span] = other[slot, span] // 2 + 3_000
    ours = our_figures(key, seed, former=[KnownReadings(1, is_later, other)])
    found = reconcile(operator_figures(ours, share(readings, key, other)), ours)
    assert set(np.unique(found.cause)) <= {Cause.NONE, Cause.ROUNDING, Cause.LATE_CORRECTION}


@settings(max_examples=30, deadline=None)
@given(seeds, st.lists(st.integers(30_000, 200_000), min_size=5, max_size=5), st.sampled_from([1, 1_000]))
def test_planted_coefficients_are_found_within_what_the_file_tells(seed, parts, unit):
    coefficients = [0] * 8
    for slot, part in zip(CONSUMERS, parts, strict=True):
        coefficients[slot] = part
    ours = our_figures(KEYS["static"], seed)
    given = rounded(share(ours.readings, StaticKey(tuple(coefficients))), unit)
    found = reconcile(operator_figures(ours, given, unit=unit), ours)
    assert set(np.unique(found.cause)) <= {Cause.NONE, Cause.ROUNDING, Cause.OTHER_COEFFICIENTS}
    named = [account.facts for account in found.accounts if account.cause is Cause.OTHER_COEFFICIENTS]
    if named and "coefficients" in named[0]:
        for slot, coefficient in named[0]["coefficients"].items():
            assert coefficient == pytest.approx(coefficients[slot], abs=1 if unit == 1 else 2_000)
