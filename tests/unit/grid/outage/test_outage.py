"""What the loss of an element costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError, NotFoundError
from backend.grid import (
    Bus,
    Connection,
    ConnectionSeries,
    Network,
    Origin,
    Phases,
    Segment,
    Source,
    Switch,
    Transformer,
    trace_network,
)
from backend.grid.outage import Element, ElementKind, Outages, find_element

_NOON = 1_700_049_600  # 2023-11-15T12:00:00Z, 13:00 in Paris


def _segment(name, begin, end, phases=Phases.ALL):
    ohm = np.eye(len(phases.indices)) * 0.1
    return Segment(name, begin, end, phases, 100.0, ohm, ohm)


@pytest.fixture
def street():
    """mv -T- a -ab- b -bc- c -cs- d ~tie (open)~ e, fed by its own transformer U; f hangs on b by two ways.

    Bus b's lateral to g is of two segments: L1 on the one, L23 on the other.
    """
    return Network(
        name="street",
        frequency=50.0,
        buses=(
            Bus("mv", 11_000.0, substation="North"),
            *(Bus(name, 400.0, substation="North" if name == "a" else "") for name in "abcdefg"),
        ),
        sources=(Source("grid", "mv"),),
        segments=(
            *(_segment(one, *one) for one in ("ab", "bc", "bf")),
            _segment("cf", "f", "c"),
            _segment("bg1", "b", "g", Phases.L1),
            _segment("bg23", "g", "b", Phases.L2 | Phases.L3),
        ),
        switches=(
            Switch("cs", "c", "d"),
            Switch("tie", "d", "e", is_closed=False, is_normally_open=True),
        ),
        transformers=(
            Transformer("T", "mv", "a", 250e3, 11_000.0, 400.0),
            Transformer("U", "mv", "e", 250e3, 11_000.0, 400.0),
        ),
        connections=(
            Connection("one", "b", Phases.L1, metering_points=("p1", "p2")),
            Connection("two", "d", Phases.ALL, is_critical=True),
            Connection("three", "g", Phases.ALL),
            Connection("four", "g", Phases.L2),
            Connection("five", "e", Phases.L3),
        ),
    )


@pytest.fixture
def series():
    """Noon and one, half-hourly; the second gives, the fifth is not known."""
    watts = np.array(
        [
            [1000.0, 2000.0, 0.0, 0.0],
            [-500.0, -500.0, 3000.0, np.nan],
            [900.0, 900.0, 900.0, 900.0],
            [10.0, 10.0, 10.0, 10.0],
            [np.nan] * 4,
        ]
    )
    origins = (Origin.MEASURED,) * 4 + (Origin.NONE,)
    return ConnectionSeries(_NOON, 1800, watts, np.zeros_like(watts), origins, "Europe/Paris")


def test_what_no_other_way_feeds_is_lost_with_an_element(street):
    outages = Outages(street)
    lost = {
        name: outages.impact(find_element(street, name)).connections
        for name in ("T", "U", "ab", "bc", "bf", "cs", "b", "c", "f", "mv", "tie", "North")
    }
    everyone = ("one", "two", "three", "four", "five")
    assert (
        lost
        == {
            "T": everyone[:4],
            "U": ("five",),
            "ab": everyone[:4],
            "bc": (),  # f leads around it
            "bf": (),
            "cs": ("two",),
            "b": everyone[:4],
            "c": ("two",),
            "f": (),
            "mv": everyone,
            "tie": (),
            "North": everyone,
        }
    )
    assert outages.impact(find_element(street, "c")).buses == ("c", "d")


def test_a_line_of_one_phase_takes_that_phase_alone(street, series):
    outages = Outages(street, series)
    first, others = (outages.impact(find_element(street, name)) for name in ("bg1", "bg23"))
    assert first.connections == first.partly == ("three",)
    assert first.mean_watts == pytest.approx(300.0)
    assert others.connections == ("three", "four")
    assert others.partly == ("three",)
    assert others.mean_watts == pytest.approx(600.0 + 10.0)
    assert others.buses == ("g",)


def test_load_feed_in_and_hours_are_told_apart(street, series):
    found = Outages(street, series).impact(find_element(street, "T"))
    assert found.critical == ("two",)
    assert found.metering_points == ("p1", "p2")
    assert found.mean_watts == pytest.approx((1910 + 2910 + 3910 + 910) / 4)
    assert found.worst_watts == pytest.approx(3910.0)
    assert found.worst_start_utc == _NOON + 3600
    assert found.mean_given_watts == pytest.approx(250.0)
    hours = found.not_served_watt_hours
    assert {hour: value for hour, value in enumerate(hours) if value is not None} == {
        13: pytest.approx((1910 + 2910) / 2),
        14: pytest.approx((3910 + 910) / 2),
    }
    assert found.unknown == 0
    told = found.as_dict()
    assert (told["customers"], told["worst_start"]) == (4, "2023-11-15T13:00:00Z")
    assert told["worst_kw"] == 3.91


def test_what_is_not_known_is_counted_and_not_guessed(street, series):
    found = Outages(street, series).impact(find_element(street, "U"))
    assert (found.connections, found.unknown, found.mean_watts) == (("five",), 1, 0.0)
    assert Outages(street).impact(find_element(street, "U")).mean_watts is None


def test_the_list_begins_with_what_costs_most(street, series):
    outages = Outages(street, series)
    ranked = outages.rank()
    assert [one.element.id for one in ranked[:6]] == ["mv", "North", "ab", "T", "a", "b"]
    means = [one.mean_watts or 0.0 for one in ranked]
    assert means == sorted(means, reverse=True)
    assert {"bc", "bf", "f", "tie"}.isdisjoint(one.element.id for one in ranked)
    switches = outages.rank("customers", [ElementKind.SWITCH])
    assert [one.element for one in switches] == [Element(ElementKind.SWITCH, "cs")]
    assert outages.rank("critical", limit=1)[0].critical == ("two",)
    with pytest.raises(InputError, match="choose one of"):
        outages.rank("beauty")


def test_an_element_is_found_by_its_kind_where_two_share_an_id(street):
    twice = replace(street, switches=(*street.switches, Switch("a", "c", "g", is_closed=False)))
    assert find_element(twice, "a").kind is ElementKind.SWITCH
    assert find_element(twice, "bus:a").kind is ElementKind.BUS
    with pytest.raises(NotFoundError, match=r'no segment.*"nowhere"'):
        find_element(street, "nowhere")


def test_a_series_of_another_network_is_refused(street, series):
    with pytest.raises(InputError, match="5 rows"):
        Outages(replace(street, connections=street.connections[:2]), series)


@pytest.mark.parametrize("seed", range(8))
def test_one_walk_finds_what_walking_without_each_element_finds(seed):
    """Random meshes with several sources, open switches and buses that nothing feeds."""
    draw = np.random.default_rng(seed)
    names = [f"n{index}" for index in range(24)]
    pairs = [(a, b) for a, b in draw.integers(0, 24, (30, 2)).tolist() if a != b]
    branches = [
        Switch(f"s{k}", names[a], names[b], is_closed=bool(draw.random() < 0.9))
        for k, (a, b) in enumerate(pairs)
    ]
    network = Network(
        name="mesh",
        frequency=50.0,
        buses=tuple(Bus(name, 400.0) for name in names),
        sources=(Source("g", "n0"), Source("h", "n1")),
        switches=tuple(branches),
        connections=tuple(Connection(f"c{k}", name, Phases.L2) for k, name in enumerate(names)),
    )
    outages = Outages(network)
    fed = set(trace_network(network).order)
    for branch in branches:
        left = set(trace_network(network, without=[branch.id]).order)
        found = outages.impact(find_element(network, branch.id))
        assert set(found.connections) == {f"c{bus}" for bus in fed - left}
    for name in names:
        apart = replace(
            network,
            switches=tuple(one for one in branches if name not in (one.from_bus, one.to_bus)),
            sources=tuple(one for one in network.sources if one.bus != name),
        )
        left = set(trace_network(apart).order) - {network.bus_index[name]}
        found = outages.impact(find_element(network, name))
        assert set(found.connections) == {f"c{bus}" for bus in fed - left}
        both = outages.separation.without_buses([name])
        assert both.buses.tolist() == [network.bus_index[one] for one in found.buses]
