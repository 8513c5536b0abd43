"""What is wrong with a network is named: which rule, where, how much it matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.grid import (
    Bus,
    Connection,
    LoadModel,
    Network,
    Phases,
    Segment,
    Source,
    Switch,
    Transformer,
)
from backend.grid.faults import NetworkFault, find_faults
from backend.grid.topology import phases_reaching
from backend.metering import Severity

L1, L2, L3 = Phases.L1, Phases.L2, Phases.L3


def segment(name: str, begin: str, end: str, phases: Phases = Phases.ALL) -> Segment:
    matrix = np.eye(len(phases.indices)) * 0.1
    return Segment(name, begin, end, phases, 100.0, matrix, matrix)


@pytest.fixture
def sound() -> Network:
    """mv -T- a -ab- b -bc (L1, L2)- c, with a tie from c to a that is open."""
    return Network(
        name="sound",
        frequency=50.0,
        buses=(Bus("mv", 11_000.0), *(Bus(name, 400.0) for name in "abc")),
        sources=(Source("grid", "mv"),),
        segments=(segment("ab", "a", "b"), segment("bc", "b", "c", L1 | L2)),
        switches=(Switch("tie", "c", "a", is_closed=False, is_normally_open=True),),
        transformers=(Transformer("T", "mv", "a", 250e3, 11_000.0, 400.0),),
        connections=(
            Connection("one", "b", Phases.ALL, model=LoadModel(400.0)),
            Connection("two", "c", L2, model=LoadModel(230.0)),
        ),
    )


def found(network: Network) -> list[tuple[str, str, Severity]]:
    return [(fault.rule, fault.element, fault.severity) for fault in find_faults(network)]


def only(network: Network) -> NetworkFault:
    faults = find_faults(network)
    assert len(faults) == 1, faults
    return faults[0]


def test_a_sound_network_has_no_faults(sound: Network) -> None:
    assert find_faults(sound) == []


def test_a_customer_on_a_phase_that_its_segment_lacks_is_named_with_the_segment(sound: Network) -> None:
    fault = only(replace(sound, connections=(sound.connections[0], Connection("two", "c", L3))))
    assert (fault.rule, fault.element, fault.severity) == ("missing_phase", "two", Severity.FAULT)
    assert "bc has L12" in fault.message


def test_a_customer_whose_phase_comes_another_way_is_fed(sound: Network) -> None:
    closed = replace(sound, switches=(replace(sound.switches[0], is_closed=True),))
    moved = replace(closed, connections=(Connection("two", "c", L3),))
    assert [one[0] for one in found(moved)] == ["loop"]
    assert phases_reaching(moved)[3] is Phases.ALL


def test_a_transformer_of_three_phases_gives_none_where_one_is_missing(sound: Network) -> None:
    poor = replace(
        sound,
        buses=(*sound.buses, Bus("above", 11_000.0)),
        sources=(Source("grid", "above"),),
        segments=(*sound.segments, segment("feed", "above", "mv", L1 | L2)),
    )
    assert phases_reaching(poor)[1] is Phases.NONE
    assert {one[0] for one in found(poor)} == {"missing_phase", "dead_conductor"}


def test_an_island_with_customers_is_a_fault_and_its_customers_are_named(sound: Network) -> None:
    cut = replace(sound, segments=sound.segments[1:], switches=())
    assert found(cut) == [
        ("island", "b", Severity.FAULT),
        ("unfed_connection", "one", Severity.WARNING),
        ("unfed_connection", "two", Severity.WARNING),
    ]


def test_an_island_behind_an_open_switch_is_told_as_one_that_can_be_fed(sound: Network) -> None:
    cut = replace(sound, segments=sound.segments[1:])
    assert found(cut)[0] == ("island", "b", Severity.WARNING)
    assert "an open switch" in find_faults(cut)[0].message
    empty = replace(cut, connections=())
    assert found(empty) == [("island", "b", Severity.NOTE)]


def test_unknown_buses_are_named_and_nothing_is_walked(sound: Network) -> None:
    wrong = replace(
        sound, connections=(Connection("lost", "nowhere", L1),), segments=(segment("x", "a", "there"),)
    )
    assert found(wrong) == [
        ("unknown_bus", "x", Severity.FAULT),
        ("unknown_bus", "lost", Severity.FAULT),
    ]


def test_a_network_without_a_source_is_told_so_once(sound: Network) -> None:
    assert found(replace(sound, sources=(), connections=()))[0] == ("no_source", "", Severity.FAULT)
    assert "island" not in [one[0] for one in found(replace(sound, sources=()))]


def test_ids_that_are_there_twice_or_differ_in_case_alone_are_named(sound: Network) -> None:
    twice = replace(sound, segments=(*sound.segments, segment("T", "a", "b")))
    assert ("duplicate_id", "T", Severity.FAULT) in found(twice)
    alike = replace(sound, buses=(*sound.buses, Bus("A", 400.0)))
    assert found(alike)[0] == ("case_twins", "a", Severity.WARNING)
    nameless = replace(sound, connections=(Connection(" ", "b", L1),))
    assert found(nameless) == [("no_id", " ", Severity.FAULT)]


def test_a_metering_point_at_two_connections_is_named(sound: Network) -> None:
    shared = tuple(replace(one, metering_points=("p1",)) for one in sound.connections)
    fault = only(replace(sound, connections=shared))
    assert (fault.rule, fault.element) == ("shared_point", "one")
    assert "one, two" in fault.message


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"resistance": -np.eye(3)}, "negative_resistance", Severity.FAULT),
        ({"resistance": np.zeros((3, 3)), "reactance": np.zeros((3, 3))}, "zero_impedance", Severity.WARNING),
        ({"resistance": np.eye(2)}, "impossible_impedance", Severity.FAULT),
        ({"resistance": np.eye(3) * np.nan}, "impossible_impedance", Severity.FAULT),
        ({"resistance": np.full((3, 3), 2.0) - np.eye(3)}, "impossible_impedance", Severity.WARNING),
        ({"reactance": -np.eye(3)}, "impossible_impedance", Severity.WARNING),
        ({"rated_amperes": -1.0}, "impossible_rating", Severity.FAULT),
        ({"rated_amperes": 200e3}, "impossible_rating", Severity.WARNING),
        ({"length_metres": float("inf")}, "impossible_length", Severity.FAULT),
        ({"to_bus": "mv"}, "voltage_mismatch", Severity.FAULT),
    ],
)
def test_segments_that_cannot_be_are_named(
    sound: Network, change: dict[str, object], rule: str, severity: Severity
) -> None:
    changed = replace(sound, segments=(replace(sound.segments[0], **change), sound.segments[1]))  # type: ignore[arg-type]
    assert (rule, "ab", severity) in found(changed)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"rated_volt_amperes": 0.0}, "impossible_rating"),
        ({"from_volts": float("nan")}, "impossible_rating"),
        ({"iron_loss_watts": -1.0}, "impossible_rating"),
        ({"short_circuit_pu": 0.0}, "impossible_impedance"),
        ({"short_circuit_pu": 1.5}, "impossible_impedance"),
        ({"copper_loss_watts": 250e3}, "impossible_impedance"),
        ({"from_volts": 22_000.0}, "turns_ratio"),
        ({"to_bus": "mv"}, "self_loop"),
        ({"clock": 0}, "vector_group"),
        ({"to_winding": "dyn"}, "vector_group"),
        ({"from_winding": "YN", "clock": 12}, "vector_group"),
    ],
)
def test_transformers_that_cannot_be_are_named(sound: Network, change: dict[str, object], rule: str) -> None:
    changed = replace(sound, transformers=(replace(sound.transformers[0], **change),))  # type: ignore[arg-type]
    assert (rule, "T", Severity.FAULT) in found(changed)


def test_ratings_and_voltages_in_another_unit_are_named(sound: Network) -> None:
    one = replace(sound.transformers[0], rated_volt_amperes=400.0)  # kVA, written as VA
    named = only(replace(sound, transformers=(one,)))
    assert (named.rule, named.element, named.severity) == ("impossible_rating", "T", Severity.WARNING)
    assert "400 VA" in named.message
    in_kilovolts = tuple(replace(bus, nominal_volts=bus.nominal_volts / 1e3) for bus in sound.buses)
    faults = found(replace(sound, buses=in_kilovolts, transformers=()))
    assert ("impossible_voltage", "mv", Severity.FAULT) in faults
    tie = replace(sound.switches[0], rated_amperes=200e3)
    assert ("impossible_rating", "tie", Severity.WARNING) in found(replace(sound, switches=(tie,)))


@pytest.mark.parametrize(
    ("windings", "clock"),
    [(("D", "yn"), 11), (("D", "yn"), 5), (("YN", "yn"), 0), (("D", "d"), 0), (("Y", "zn"), 5)],
)
def test_vector_groups_that_are_built_are_none_of_them(
    sound: Network, windings: tuple[str, str], clock: int
) -> None:
    one = replace(sound.transformers[0], from_winding=windings[0], to_winding=windings[1], clock=clock)
    assert find_faults(replace(sound, transformers=(one,))) == []


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"phases": Phases.NONE}, "no_phase", Severity.FAULT),
        ({"power_factor": 1.2}, "impossible_rating", Severity.FAULT),
        ({"rated_watts": -1.0}, "impossible_rating", Severity.FAULT),
        ({"model": LoadModel(230.0)}, "load_voltage", Severity.WARNING),
    ],
)
def test_connections_that_cannot_be_are_named(
    sound: Network, change: dict[str, object], rule: str, severity: Severity
) -> None:
    changed = replace(sound, connections=(replace(sound.connections[0], **change),))  # type: ignore[arg-type]
    assert (rule, "one", severity) in found(changed)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"voltage_pu": 0.0}, "impossible_voltage"),
        ({"short_circuit_volt_amperes": -1.0}, "impossible_rating"),
        ({"zero_sequence_ratio": 0.0}, "impossible_impedance"),
    ],
)
def test_sources_that_cannot_be_are_named(sound: Network, change: dict[str, object], rule: str) -> None:
    changed = replace(sound, sources=(replace(sound.sources[0], **change),))  # type: ignore[arg-type]
    assert found(changed) == [(rule, "grid", Severity.FAULT)]


def test_numbers_that_are_none_and_ids_that_do_not_show_are_refused_whatever_is_accepted(
    sound: Network,
) -> None:
    strange = replace(
        sound,
        buses=(*sound.buses, Bus("d\n", 400.0, x=float("inf"), y=0.0)),
        frequency=float("nan"),
        segments=(*sound.segments, segment("bd", "b", "d\n")),
    )
    refused = {
        (fault.rule, fault.element) for fault in find_faults(strange) if fault.severity is Severity.REFUSED
    }
    assert refused == {("unprintable_id", "d\n"), ("no_number", "d\n"), ("no_number", "")}


def test_a_bus_without_a_nominal_voltage_is_named(sound: Network) -> None:
    changed = replace(sound, buses=(*sound.buses[:3], replace(sound.buses[3], nominal_volts=0.0)))
    assert found(changed) == [("impossible_voltage", "c", Severity.FAULT)]


def test_a_bank_of_one_phase_transformers_is_no_loop_and_a_second_cable_is(sound: Network) -> None:
    bank = tuple(
        replace(sound.transformers[0], id=f"T{phase}", phases=phase, from_winding="YN", clock=0)
        for phase in (L1, L2, L3)
    )
    assert find_faults(replace(sound, transformers=bank)) == []
    doubled = replace(sound, segments=(*sound.segments, segment("ab2", "a", "b")))
    assert found(doubled) == [("loop", "ab2", Severity.NOTE)]
