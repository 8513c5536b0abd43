"""Whose phase is wrong, on the European low-voltage feeder with records that were made wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Bus, Connection, LoadModel, Network, Phases, Source
from backend.grid.phase_identification import (
    PHASE_SETS,
    TerminalVoltages,
    chances_by_load,
    chances_by_voltage,
    record_prior,
    rejoin,
    suggest_phases,
)
from tests.unit.grid.phase_identification.planted import Planted, World, plant, world

SURE = 0.95


def by_voltage(planted: Planted, **told: Any) -> dict[str, Any]:
    return {"voltages": planted.voltages, "head_volts": planted.head_volts, **told}


def by_load(planted: Planted, **told: Any) -> dict[str, Any]:
    return {"watts": planted.watts, "head_watts": planted.head_watts, "resolution_watts": 4.0, **told}


def outcome(true: World, planted: Planted, **evidence: Any) -> tuple[float, list[bool], list[bool]]:
    """Share that is right; of the sure ones, and of the sure changes, each one's truth."""
    found = suggest_phases(planted.connections, **evidence)
    right = [one.suggested == true.truth[one.connection] for one in found]
    sure = [ok for ok, one in zip(right, found, strict=True) if one.confidence >= SURE]
    changed = [ok for ok, one in zip(right, found, strict=True) if one.confidence >= SURE and one.is_change]
    return float(np.mean(right)), sure, changed


def test_three_days_of_voltages_find_every_wrong_record() -> None:
    true = world(3, 1)
    planted = plant(true, 5)
    assert len(planted.wrong) > 10
    found = suggest_phases(planted.connections, **by_voltage(planted))
    assert {one.connection for one in found if one.is_change} == planted.wrong
    assert all(one.suggested == true.truth[one.connection] for one in found)
    assert all(one.order == one.suggested.indices for one in found)
    assert {one.evidence for one in found} == {"voltage"}


def test_three_days_of_loads_find_every_wrong_record() -> None:
    true = world(3, 1)
    planted = plant(true, 5)
    found = suggest_phases(planted.connections, **by_load(planted))
    assert {one.connection for one in found if one.is_change} == planted.wrong
    assert all(one.suggested == true.truth[one.connection] for one in found)
    changes = [one.is_change for one in found]
    assert changes == sorted(changes, reverse=True)


def by_both(planted: Planted) -> dict[str, Any]:
    return by_load(planted) | by_voltage(planted)


@pytest.mark.parametrize(
    ("evidence", "noise_volts", "missing"),
    [
        (by_voltage, (0.1, 0.6, 1.0), (0,)),
        (by_load, (0.0,), (6, 12, 20)),
        (by_both, (0.6, 1.2), (6, 20)),
    ],
)
def test_of_what_is_suggested_at_95_percent_at_least_95_percent_is_true(
    evidence: Any, noise_volts: tuple[float, ...], missing: tuple[int, ...]
) -> None:
    """Planted worlds of one day, hard ones: noise of a volt in steps of a volt, meters that are missing."""
    sure: list[bool] = []
    changed: list[bool] = []
    for seed in range(4):
        true = world(1, seed)
        for noise in noise_volts:
            for lacking in missing:
                quantum = 1.0 if noise > 0.1 else 0.1
                planted = plant(true, seed, noise_volts=noise, quantum_volts=quantum, missing=lacking)
                _, of_all, of_changes = outcome(true, planted, **evidence(planted))
                sure += of_all
                changed += of_changes
    assert len(sure) > 200
    assert len(changed) > 40
    assert np.mean(sure) >= SURE
    assert np.mean(changed) >= SURE


def test_both_kinds_of_evidence_say_more_than_each() -> None:
    true = world(1, 2)
    planted = plant(true, 9, noise_volts=1.0, quantum_volts=1.0, missing=15)
    alone = [outcome(true, planted, **one(planted))[0] for one in (by_voltage, by_load)]
    together, _, _ = outcome(true, planted, **by_voltage(planted), **by_load(planted))
    assert max(alone) < 1
    assert together > max(alone)


def test_meters_of_three_phases_are_told_from_those_of_one_and_their_order_too() -> None:
    true = world(3, 4, three_phase=(3, 20, 41))
    planted = plant(true, 6, rotated=True)
    names = [one.id for row, one in enumerate(true.network.connections) if row in {3, 20, 41}]
    recorded = tuple(
        replace(one, phases=Phases.L1) if one.id == names[0] else one for one in planted.connections
    )
    found = {one.connection: one for one in suggest_phases(recorded, **by_voltage(planted))}
    assert [found[name].suggested for name in names] == [Phases.ALL] * 3
    assert [found[name].order for name in names] == [(1, 2, 0)] * 3
    assert found[names[0]].is_change
    by_power = {one.connection: one for one in suggest_phases(recorded, **by_load(planted))}
    assert [by_power[name].suggested for name in names] == [Phases.ALL] * 3


def test_few_records_and_no_head_are_enough_to_name_the_groups() -> None:
    true = world(3, 1)
    planted = plant(true, 5, wrong_share=0.0)
    open_ones = [one.id for row, one in enumerate(planted.connections) if row % 11]
    hidden = tuple(
        replace(one, phases=Phases.L1) if one.id in open_ones else one for one in planted.connections
    )
    found = suggest_phases(
        hidden,
        voltages=planted.voltages,
        known=[one.id for one in hidden if one.id not in open_ones],
        unrecorded=open_ones,
    )
    assert all(one.suggested == true.truth[one.connection] for one in found)
    assert min(one.confidence for one in found) > 0.9


def test_without_records_and_without_a_head_no_phase_is_named() -> None:
    planted = plant(world(1, 1), 5)
    names = [one.id for one in planted.connections]
    found = suggest_phases(planted.connections, voltages=planted.voltages, unrecorded=names)
    assert max(one.confidence for one in found) == pytest.approx(1 / 3, abs=0.01)


def test_a_known_phase_is_never_suggested_away() -> None:
    planted = plant(world(1, 2), 5)
    known = sorted(planted.wrong)[:3]
    for evidence in (by_voltage(planted), by_load(planted)):
        found = {one.connection: one for one in suggest_phases(planted.connections, known=known, **evidence)}
        assert not any(found[name].is_change for name in known)
        assert all(found[name].confidence == pytest.approx(1) for name in known)


def test_readings_that_are_lacking_are_left_out() -> None:
    true = world(3, 1)
    planted = plant(true, 5)
    draw = np.random.default_rng(8)
    volts = np.where(draw.random(planted.voltages.volts.shape) < 0.1, np.nan, planted.voltages.volts)
    gappy = replace(planted.voltages, volts=volts)
    share, _, _ = outcome(true, planted, voltages=gappy, head_volts=planted.head_volts)
    assert share == 1
    watts = planted.watts.copy()
    watts[:, 40:60] = np.nan
    watts[7] = np.nan  # never read: it is noise to the others, and is not spoken of
    found = suggest_phases(planted.connections, **by_load(planted) | {"watts": watts})
    silent = next(one for one in found if one.connection == planted.connections[7].id)
    assert (silent.evidence, silent.is_change) == ("none", False)
    others = [one for one in found if one is not silent]
    assert np.mean([one.suggested == true.truth[one.connection] for one in others]) >= 0.98


def test_the_same_measurements_suggest_the_same_again() -> None:
    planted = plant(world(1, 2), 9, noise_volts=0.5)
    evidence = by_voltage(planted) | by_load(planted)
    assert suggest_phases(planted.connections, **evidence) == suggest_phases(planted.connections, **evidence)


def test_a_prior_holds_to_what_is_known_and_open() -> None:
    chances = record_prior(
        [
            Connection(name, "b", phases)
            for name, phases in (("a", Phases.L2), ("b", Phases.ALL), ("c", Phases.L1))
        ],
        0.9,
        known=["b"],
        unrecorded=["c"],
    )
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    sets = [str(one) for one in PHASE_SETS]
    told = [dict(zip(sets, row, strict=True)) for row in chances]
    assert told[0]["L2"] == pytest.approx(0.9)
    assert told[0]["L1"] == told[0]["L3"] > told[0]["L123"] > 0
    assert told[1]["L123"] == 1
    assert told[2]["L1"] == told[2]["L2"] == pytest.approx(0.95 / 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda planted: suggest_phases(planted.connections), "nothing to tell phases by"),
        (lambda planted: suggest_phases(planted.connections, watts=planted.watts), "nothing to tell"),
        (lambda planted: record_prior(planted.connections, 1.0), "between 0 and 1"),
        (lambda planted: record_prior(planted.connections, 0.9, ["load1"], ["load1"]), "one of them"),
        (
            lambda planted: chances_by_load(
                planted.watts[:, :40], planted.head_watts[:, :40], record_prior(planted.connections, 0.9)
            ),
            "only 39 steps",
        ),
        (
            lambda planted: chances_by_load(
                planted.watts, planted.head_watts[:2], record_prior(planted.connections, 0.9)
            ),
            "do not fit",
        ),
        (
            lambda _: chances_by_voltage(
                TerminalVoltages(np.zeros(4, int), np.arange(4), np.ones((4, 96))), np.full((1, 7), 1 / 7)
            ),
            "at most three",
        ),
        (
            lambda planted: chances_by_voltage(
                replace(planted.voltages, volts=planted.voltages.volts[:, :20]),
                record_prior(planted.connections, 0.9),
            ),
            "at least 48",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call(plant(world(1, 2), 5))


def _rejoined(to: Phases, **told: Any) -> Connection:
    network = Network(
        "n", 50.0, (Bus("b", 400.0, Phases.L1 | Phases.L2), Bus("c", 400.0)), (Source("s", "b"),)
    )
    return rejoin(network, Connection("k", **{"bus": "c", "phases": Phases.L1, **told}), to)


def test_a_connection_on_other_phases_keeps_what_its_load_model_means() -> None:
    model = LoadModel(230.0, 0.95, 1.05)
    assert _rejoined(Phases.L3, model=model).model == model
    three = _rejoined(Phases.ALL, model=model)
    assert three.model is not None
    assert three.model.nominal_volts == pytest.approx(230 * 3**0.5)
    assert three.phases == Phases.ALL
    with pytest.raises(InputError, match="has L12 alone, without L3"):
        _rejoined(Phases.L3, bus="b")
    with pytest.raises(InputError, match="lies between phases"):
        _rejoined(Phases.L1, phases=Phases.L1 | Phases.L2, is_delta=True)
