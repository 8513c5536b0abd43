"""A fault that is planted in an operator's figures is named, and nothing else is."""

from dataclasses import replace

import numpy as np
import pytest

from backend.allocation.operator_figures import UNTOLD, Cause, KnownKey, KnownReadings, bound_differences
from backend.allocation.reconciliation import reconcile
from backend.allocation.static import StaticKey
from backend.metering import Quality
from tests.unit.allocation.compared import (
    CALENDAR,
    COEFFICIENTS,
    CONSUMERS,
    DAY,
    KEYS,
    OTHERS,
    PRODUCERS,
    T,
    operator_figures,
    our_figures,
    readings_of,
    rounded,
    share,
)

every_key = pytest.mark.parametrize("method", KEYS)


def causes(found):
    return {Cause(cause) for cause in np.unique(found.cause[found.difference != 0])}


def facts(found, cause):
    return [account.facts for account in found.accounts if account.cause is cause]


@every_key
def test_what_agrees_has_no_cause(method):
    ours = our_figures(KEYS[method])
    found = reconcile(operator_figures(ours, ours.computed), ours)
    assert not found.difference.any()
    assert not found.cause.any()


@every_key
@pytest.mark.parametrize("unit", [1_000, 10_000])
def test_figures_that_are_rounded_to_the_files_step_differ_by_rounding_alone(method, unit):
    ours = our_figures(KEYS[method])
    told = operator_figures(ours, rounded(ours.computed, unit), unit=unit)
    found = reconcile(told, ours)
    assert causes(found) == {Cause.ROUNDING}
    assert (np.abs(found.difference) <= bound_differences(told, ours)).all()


def test_a_row_one_beyond_what_rounding_explains_is_not_called_rounding():
    ours = our_figures(KEYS["static"])
    told = operator_figures(ours, ours.computed.copy(), unit=1_000)
    at = int(np.argmax(ours.computed[0] > 5_000))
    told.allocated[0, at] += 1_001
    assert reconcile(told, ours).cause[0, at] == Cause.ROUNDING
    told.allocated[0, at] += 1
    assert reconcile(told, ours).cause[0, at] == Cause.UNEXPLAINED


@every_key
def test_a_reading_that_we_lacked_and_the_operator_had_is_named_in_the_whole_interval(method):
    key, (readings, _) = KEYS[method], readings_of()
    gap = (4, slice(60, 90))
    ours_energy, quality = readings.energy.copy(), readings.quality.copy()
    ours_energy[gap], quality[gap] = 0, Quality.MISSING
    ours = our_figures(key, readings=replace(readings, energy=ours_energy, quality=quality))
    found = reconcile(operator_figures(ours, share(readings, key), energy=readings.energy), ours)
    assert causes(found) == {Cause.MISSING_READING}
    assert found.cause[4, 60:90].any()
    assert not found.cause[:, :60].any()
    assert facts(found, Cause.MISSING_READING)[0]["kind"] == "reading-lacks"


@every_key
def test_a_reading_that_the_operator_lacked_is_named_too(method):
    ours = our_figures(KEYS[method])
    theirs = ours.readings.energy.copy()
    theirs[2, 80:90] = 0
    told = operator_figures(ours, share(ours.readings, KEYS[method], theirs), energy=theirs)
    assert causes(reconcile(told, ours)) == {Cause.MISSING_READING}


def test_rows_that_lack_count_as_nothing_given_and_are_a_missing_reading():
    ours = our_figures(KEYS["dynamic"])
    theirs = ours.readings.energy.copy()
    theirs[1, 83:87] = 0
    told = operator_figures(ours, share(ours.readings, KEYS["dynamic"], theirs))
    told.allocated[1, 83:87] = UNTOLD
    found = reconcile(told, ours)
    assert causes(found) == {Cause.MISSING_READING}
    assert (found.difference[1, 83:87] == -ours.computed[1, 83:87]).all()


def test_a_gap_that_the_operators_file_does_not_tell_is_named_where_no_reading_explains_it():
    key, (readings, _) = KEYS["dynamic"], readings_of()
    quality, energy = readings.quality.copy(), readings.energy.copy()
    quality[0, 84:88], energy[0, 84:88] = Quality.ESTIMATED, energy[0, 84:88] // 2
    ours = our_figures(key, readings=replace(readings, energy=energy, quality=quality))
    found = reconcile(operator_figures(ours, share(readings, key)), ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.MISSING_READING}
    kinds = {
        found.accounts[number].facts["kind"]
        for number in np.unique(found.account[found.cause > Cause.ROUNDING])
    }
    assert kinds == {"own-reading", "anothers-reading"}


@every_key
@pytest.mark.parametrize("is_later", [False, True])
def test_readings_as_they_were_known_at_another_time_are_a_late_correction(method, is_later):
    key, (readings, _) = KEYS[method], readings_of()
    other = readings.energy.copy()
    other[6, 33:37] //= 3
    other[0, 33:37] += 5_000
    ours = our_figures(key, former=[KnownReadings(1_712_000_000, is_later, other)])
    found = reconcile(operator_figures(ours, share(readings, key, other)), ours)
    assert causes(found) == {Cause.LATE_CORRECTION}
    told = facts(found, Cause.LATE_CORRECTION)
    kind = "later-readings" if is_later else "earlier-readings"
    assert told == [{"kind": kind, "received_utc": 1_712_000_000}]


def test_another_value_that_we_never_had_is_a_correction_that_did_not_reach_us():
    key = KEYS["static"]
    ours = our_figures(key)
    theirs = ours.readings.energy.copy()
    theirs[2, 84:87] //= 2
    found = reconcile(operator_figures(ours, share(ours.readings, key, theirs), energy=theirs), ours)
    assert causes(found) == {Cause.LATE_CORRECTION}
    assert facts(found, Cause.LATE_CORRECTION) == [{"kind": "other-reading"}]


@every_key
@pytest.mark.parametrize(("slot", "span"), [(7, (4, 8)), (7, (0, 8)), (0, (0, 5)), (2, (3, 8)), (1, (0, 0))])
def test_a_point_that_joined_or_left_on_another_day_is_named_with_both_days(method, slot, span):
    ours = our_figures(KEYS[method])
    active = ours.readings.active_intervals().copy()
    active[slot] = np.isin(DAY, range(*span))
    energy = np.where(active[slot], ours.stored[slot], 0)
    theirs = ours.readings.energy.copy()
    theirs[slot] = energy
    told = operator_figures(ours, share(ours.readings, KEYS[method], theirs, active))
    told.allocated[slot] = np.where(active[slot], share(ours.readings, KEYS[method], theirs, active)[slot], 0)
    found = reconcile(told, ours)
    assert causes(found) == {Cause.PARTICIPATION}
    (moved,) = facts(found, Cause.PARTICIPATION)[0]["moved"]
    assert moved["slot"] == slot
    assert moved["ours"] == ([2, 8] if slot == 7 else [0, 8])
    if span[1]:
        assert moved["theirs"] == list(span)
    else:
        assert moved["theirs"][0] == moved["theirs"][1]


@pytest.mark.parametrize("unit", [1, 1_000])
def test_other_coefficients_are_found_and_named_beside_those_in_force(unit):
    ours = our_figures(KEYS["static"])
    told = operator_figures(ours, rounded(share(ours.readings, StaticKey(OTHERS)), unit), unit=unit)
    found = reconcile(told, ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.OTHER_COEFFICIENTS}
    (account,) = facts(found, Cause.OTHER_COEFFICIENTS)
    wanted = {slot: OTHERS[slot] for slot in CONSUMERS}
    assert account["coefficients"] == wanted
    assert account["in_force"] == {slot: COEFFICIENTS[slot] for slot in CONSUMERS}


def test_what_was_offered_tells_coefficients_that_consumption_hides():
    readings, _ = readings_of()
    small = readings.energy.copy()
    small[0] = np.minimum(small[0], 900)
    ours = our_figures(KEYS["static"], readings=replace(readings, energy=small))
    given = share(ours.readings, StaticKey(OTHERS))
    pool = small[PRODUCERS].sum(axis=0)
    offered = np.full((8, T), UNTOLD, dtype=np.int64)
    for slot in CONSUMERS:
        offered[slot] = pool * OTHERS[slot] // 1_000_000
    found = reconcile(operator_figures(ours, given, offered=offered), ours)
    (account,) = facts(found, Cause.OTHER_COEFFICIENTS)
    assert account["coefficients"][0] == OTHERS[0]


def test_proportions_of_a_cascade_are_found():
    key = KEYS["static_cascade"]
    ours = our_figures(key)
    other = type(key)(OTHERS)
    found = reconcile(operator_figures(ours, share(ours.readings, other)), ours)
    assert Cause.OTHER_COEFFICIENTS in causes(found)
    beyond = np.abs(found.difference) > found.bound
    named = (found.cause == Cause.OTHER_COEFFICIENTS)[beyond].mean()
    assert named > 0.99


def test_the_coefficients_of_another_version_of_the_rule_are_known_by_its_number():
    known = KnownKey("rule", 1, StaticKey(OTHERS))
    ours = our_figures(KEYS["static"], keys=[known])
    found = reconcile(operator_figures(ours, share(ours.readings, StaticKey(OTHERS))), ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.OTHER_COEFFICIENTS}
    (account,) = facts(found, Cause.OTHER_COEFFICIENTS)
    assert (account["kind"], account["version"]) == ("rule-version", 1)


def test_an_operator_who_shares_by_consumption_is_named_as_doing_so():
    ours = our_figures(KEYS["static"])
    found = reconcile(operator_figures(ours, share(ours.readings, KEYS["dynamic"])), ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.OTHER_COEFFICIENTS}
    assert facts(found, Cause.OTHER_COEFFICIENTS)[0] == {"kind": "other-method", "method": "dynamic"}


def test_one_home_that_is_given_less_by_the_same_part_makes_no_other_method():
    ours = our_figures(KEYS["dynamic"])
    told = operator_figures(ours, ours.computed.copy())
    told.allocated[0] = told.allocated[0] * 2 // 3
    found = reconcile(told, ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.UNEXPLAINED}


def test_two_faults_in_one_interval_are_each_named_where_they_weigh_most():
    key, (readings, _) = KEYS["static"], readings_of()
    noon = slice(81, 90)
    energy, quality = readings.energy.copy(), readings.quality.copy()
    energy[5, noon], quality[5, noon] = 0, Quality.MISSING
    ours = our_figures(key, readings=replace(readings, energy=energy, quality=quality))
    other = StaticKey(OTHERS)
    found = reconcile(operator_figures(ours, share(readings, other), energy=readings.energy), ours)
    assert causes(found) - {Cause.ROUNDING} == {Cause.MISSING_READING, Cause.OTHER_COEFFICIENTS}
    beyond = np.abs(found.difference) > found.bound
    assert (found.cause[5, noon][beyond[5, noon]] == Cause.MISSING_READING).all()
    assert (found.cause[0][beyond[0]] == Cause.OTHER_COEFFICIENTS).all()


def test_figures_that_nothing_explains_are_said_to_be_unexplained():
    ours = our_figures(KEYS["dynamic"])
    told = operator_figures(ours, ours.computed.copy())
    random = np.random.default_rng(5)
    places = (random.choice(CONSUMERS, 40), random.integers(0, T, 40))
    told.allocated[places] += random.integers(50_000, 90_000, 40)
    told.allocated[~ours.readings.active_intervals()] = UNTOLD
    found = reconcile(told, ours)
    assert causes(found) == {Cause.UNEXPLAINED}


def test_intervals_and_points_of_which_the_operator_told_nothing_are_not_compared():
    ours = our_figures(KEYS["dynamic"])
    told = operator_figures(ours, ours.computed.copy())
    told.allocated[:, 100:] = UNTOLD
    told.allocated[1] = UNTOLD
    found = reconcile(told, ours)
    assert not found.difference.any()
    assert not found.compared[1].any()
    assert not found.compared[:, 100:].any()
    assert CALENDAR.interval_count == found.compared.shape[1]


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_is_found_again_by_its_word(cause):
    assert Cause.of(cause.word) is cause
