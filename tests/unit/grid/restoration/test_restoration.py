"""Bringing back what can be before the repair."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from backend.errors import InputError
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
from backend.grid.outage import find_element
from backend.grid.power_flow import PowerFlow
from backend.grid.restoration import Isolation, Limits, Reason, StepKind, plan_restoration
from backend.grid.restoration.check import choose_intervals


def _cable(name, begin, end, amperes=400.0, metres=100.0, phases=Phases.ALL):
    count = len(phases.indices)
    ohm = (np.eye(count) * 0.3 + 0.05) * metres / 1000
    return Segment(name, begin, end, phases, metres, ohm, ohm * 0.3, rated_amperes=amperes)


def _tie(name, begin, end, phases=Phases.ALL):
    return Switch(name, begin, end, phases, is_closed=False, is_normally_open=True)


@pytest.fixture
def feeders():
    """Two feeders of one transformer, three sections on the one, two on the other, and a tie between their ends.

    lv =b1= a0 -A1- a1 =s1= a2 -A2- a3 =s2= a4 -A3- a5 ~tie~ c3 -C2- c2 =s3= c1 -C1- c0 =b2= lv
    """
    names = ("lv", *(f"a{one}" for one in range(6)), *(f"c{one}" for one in range(4)))
    return Network(
        name="feeders",
        frequency=50.0,
        buses=(Bus("mv", 20_000.0), *(Bus(name, 400.0) for name in names)),
        sources=(Source("grid", "mv", short_circuit_volt_amperes=1e8),),
        segments=(
            _cable("A1", "a0", "a1"),
            _cable("A2", "a2", "a3"),
            _cable("A3", "a4", "a5"),
            _cable("C1", "c0", "c1"),
            _cable("C2", "c2", "c3"),
        ),
        switches=(
            Switch("b1", "lv", "a0"),
            Switch("s1", "a1", "a2"),
            Switch("s2", "a3", "a4"),
            _tie("tie", "a5", "c3"),
            Switch("s3", "c1", "c2"),
            Switch("b2", "lv", "c0"),
        ),
        transformers=(Transformer("T", "mv", "lv", 400e3, 20_000.0, 400.0),),
        connections=(
            Connection("one", "a1", Phases.ALL),
            Connection("two", "a3", Phases.ALL),
            Connection("three", "a5", Phases.L2),
            Connection("four", "c2", Phases.ALL),
        ),
    )


def _series(watts):
    power = np.array(watts, float)
    return ConnectionSeries(0, 900, power, np.zeros_like(power), (Origin.MEASURED,) * len(power))


def _plan(network, element, series=None, **settings):
    return plan_restoration(network, find_element(network, element), series, **settings)


def _steps(plan):
    return [(step.kind.value, step.element, step.restores) for step in plan.steps]


def test_a_fault_is_cut_off_and_what_is_beyond_comes_back_over_the_tie(feeders):
    plan = _plan(feeders, "A1", _series([[9e3, 9e3], [6e3, 8e3], [2e3, 1e3], [5e3, 5e3]]))
    assert plan.lost == ("one", "two", "three")
    assert _steps(plan) == [
        ("open", "b1", ()),
        ("open", "s1", ()),
        ("close", "tie", ("two", "three")),
    ]
    assert plan.restored == ("two", "three")
    assert plan.waiting == {"one": Reason.FAULTY}
    assert plan.lost_watts == pytest.approx(9e3 + 7e3 + 1.5e3)
    assert plan.restored_watts == pytest.approx(7e3 + 1.5e3)
    assert plan.is_proven
    assert plan.checked == 2
    assert plan.lowest_pu is not None
    assert 0.9 < plan.lowest_pu < 1
    (backup,) = plan.backups
    assert (backup.switch, backup.live_bus, backup.dark_bus) == ("tie", "c3", "a5")
    assert backup.way == ("C2", "s3", "C1", "b2", "T")
    assert backup.connections == ("two", "three")
    # 400 A less what the fourth draws, on three phases
    assert backup.spare_watts == pytest.approx(3 * (400 * 400 / 3**0.5) - 5e3, rel=0.01)


def test_what_the_other_feeder_cannot_carry_is_split_off(feeders):
    """C1 carries 40 A: 9 kW of the second and 2 kW on L2 of the third are too much for it beside 5 kW."""
    tight = replace(
        feeders, segments=(*feeders.segments[:3], _cable("C1", "c0", "c1", 20.0), feeders.segments[4])
    )
    plan = _plan(tight, "A1", _series([[9e3], [8e3], [1e3], [5e3]]))
    assert ("open", "s2", ()) in _steps(plan)
    assert plan.steps[-1].restores == ("three",)
    assert plan.waiting == {"one": Reason.FAULTY, "two": Reason.LIMITS}
    assert plan.loading is not None
    assert 0.5 < plan.loading <= 1
    loose = _plan(tight, "A1", _series([[9e3], [8e3], [1e3], [5e3]]), limits=Limits(loading=1.5))
    assert loose.restored == ("two", "three")


def test_a_voltage_that_would_be_too_low_is_found_by_power_flow_and_named(feeders):
    """No rating stands in the way, but 3 km of cable do."""
    long = replace(
        feeders,
        segments=(
            *feeders.segments[:3],
            _cable("C1", "c0", "c1", 0.0, 1500.0),
            _cable("C2", "c2", "c3", 0.0, 1500.0),
        ),
    )
    plan = _plan(long, "A1", _series([[9e3], [15e3], [3e3], [5e3]]))
    assert plan.restored == ("three",)
    assert plan.waiting["two"] is Reason.LIMITS
    assert any(words.startswith("bus a") and "pu" in words for words in plan.refused)
    assert plan.lowest_pu is not None
    assert plan.lowest_pu >= 0.9
    assert plan.is_proven


def test_a_critical_customer_comes_before_any_load(feeders):
    """Only one of two branches behind the fault fits; the smaller has a critical customer."""
    both = replace(
        feeders,
        segments=(*feeders.segments[:3], _cable("C1", "c0", "c1", 25.0), feeders.segments[4]),
        switches=(*feeders.switches, _tie("other", "a3", "c2")),
        connections=(
            feeders.connections[0],
            replace(feeders.connections[1], is_critical=True),
            replace(feeders.connections[2], phases=Phases.ALL),
            feeders.connections[3],
        ),
    )
    series = _series([[1e3], [7e3], [11e3], [5e3]])
    assert _plan(both, "A1", series).restored == ("two",)
    plain = replace(both, connections=tuple(replace(one, is_critical=False) for one in both.connections))
    assert _plan(plain, "A1", series).restored == ("three",)


def test_what_no_tie_reaches_waits_and_says_so(feeders):
    bare = replace(feeders, switches=tuple(one for one in feeders.switches if one.id != "tie"))
    plan = _plan(bare, "A1", _series([[9e3], [8e3], [1e3], [5e3]]))
    assert plan.waiting == {"one": Reason.FAULTY, "two": Reason.NO_TIE, "three": Reason.NO_TIE}
    assert plan.backups == ()
    assert plan.restored_watts == 0.0
    assert plan.is_proven


def test_a_crew_that_disconnects_the_element_itself_leaves_less_waiting(feeders):
    plan = _plan(feeders, "A2", _series([[9e3], [8e3], [1e3], [5e3]]), isolation=Isolation.ENDS)
    assert plan.lost == ("two", "three")
    assert [(step.kind, step.element) for step in plan.steps] == [
        (StepKind.DISCONNECT, "A2"),
        (StepKind.CLOSE, "tie"),
    ]
    assert plan.restored == ("two", "three")
    by_switches = _plan(feeders, "A2", _series([[9e3], [8e3], [1e3], [5e3]]))
    assert by_switches.waiting == {"two": Reason.FAULTY}


def test_a_tie_of_one_phase_feeds_loads_on_that_phase_alone(feeders):
    narrow = replace(
        feeders,
        switches=tuple(
            replace(one, phases=Phases.L2) if one.id == "tie" else one for one in feeders.switches
        ),
    )
    plan = _plan(narrow, "A1", _series([[9e3], [8e3], [1e3], [5e3]]))
    assert plan.restored == ("three",)
    assert ("open", "s2", ()) in _steps(plan)


def test_without_series_customers_count_and_nothing_is_said_of_limits(feeders):
    plan = _plan(feeders, "A1")
    assert plan.restored == ("two", "three")
    assert (plan.checked, plan.lowest_pu, plan.lost_watts) == (0, None, None)


def test_a_limit_that_is_broken_already_does_not_stand_in_the_way(feeders):
    """The fourth alone is above C2's rating; the third on its own phase makes C1, not C2, carry more."""
    worn = replace(feeders, segments=(*feeders.segments[:4], _cable("C2", "c2", "c3", 400.0)))
    low = replace(worn, sources=(Source("grid", "mv", 0.89, short_circuit_volt_amperes=1e8),))
    plan = _plan(low, "A1", _series([[9e3], [80.0], [10.0], [5e3]]))
    assert plan.lowest_pu is not None
    assert plan.lowest_pu < 0.9
    assert plan.restored == ("two", "three")


def test_the_whole_network_waits_where_its_only_source_is_faulty(feeders):
    plan = _plan(feeders, "mv", _series([[9e3], [8e3], [1e3], [5e3]]))
    assert set(plan.waiting.values()) <= {Reason.FAULTY, Reason.NO_TIE}
    assert len(plan.waiting) == 4
    assert plan.restored == ()


def test_limits_that_cannot_be_held_are_refused():
    with pytest.raises(InputError, match="cannot be held"):
        Limits(lowest_pu=1.2)


def test_the_hardest_intervals_are_the_ones_that_are_checked():
    watts = np.zeros((2, 50))
    watts[0, [7, 30]], watts[1, 12], watts[1, 40] = (5.0, 4.0), 9.0, -8.0
    chosen = choose_intervals(_series(watts), [np.array([0, 1]), np.array([0])], 4)
    assert set(chosen.tolist()) >= {7, 12, 40}
    assert len(chosen) == 4
    assert (np.diff(chosen) > 0).all()


def _grown(seed, *, is_long):
    """Two trees of sections fed from one bus, crossed by ties: with ratings that bind, or so long that voltages do."""
    draw = np.random.default_rng(seed)
    count = 7
    buses = [Bus("s", 400.0)] + [Bus(f"{end}{one}", 400.0) for one in range(count) for end in "xy"]
    sizes = [float(draw.choice([15.0, 25.0, 60.0])) for _ in range(count)]
    lengths = [float(draw.choice([200.0, 900.0, 1800.0])) for _ in range(count)]
    segments = [
        _cable(f"g{one}", f"x{one}", f"y{one}", *((0.0, lengths[one]) if is_long else (sizes[one], 100.0)))
        for one in range(count)
    ]
    switches = []
    for one in range(count):
        above = "s" if one < 2 else f"y{draw.integers(0, one)}"
        switches.append(Switch(f"c{one}", above, f"x{one}"))
    for tie in range(6):
        one, other = draw.choice(count, 2, replace=False)
        switches.append(_tie(f"t{tie}", f"y{one}", f"y{other}"))
    connections = [
        Connection(f"k{one}", f"y{one}", Phases.of_index(int(draw.integers(3)))) for one in range(count)
    ]
    network = Network(
        name="grown",
        frequency=50.0,
        buses=tuple(buses),
        sources=(Source("grid", "s", short_circuit_volt_amperes=1e8),),
        segments=tuple(segments),
        switches=tuple(switches),
        connections=tuple(connections),
    )
    return network, _series(draw.uniform(200, 3000, (count, 1)))


def _lowest(flow):
    """Least voltage of each bus, far above any limit where nothing feeds it."""
    return np.nan_to_num(np.abs(flow.voltages), nan=9.0).min(axis=(1, 2))


def _best_by_trying(network, series, fault, limits):
    """The most load that any positions of the switches bring back, each held against power flow."""
    before = PowerFlow(network).solve(series)
    low = np.minimum(limits.lowest_pu, _lowest(before) / 1.01)
    node = {f"{end}{fault}" for end in "xy"}
    away = {one.id for one in network.branches if node & {one.from_bus, one.to_bus}}
    live = trace_network(network, away)
    fixed = {
        one.id: one.is_closed
        for one in network.switches
        if one.id in away or all(live.is_fed[network.bus_index[end]] for end in (one.from_bus, one.to_bus))
    }
    free = [one for one in network.switches if one.id not in fixed]
    best = 0.0
    for states in product((False, True), repeat=len(free)):
        closed = fixed | {one.id: state for one, state in zip(free, states, strict=True)}
        tried = replace(
            network, switches=tuple(replace(one, is_closed=closed[one.id]) for one in network.switches)
        )
        walked = trace_network(tried, away)
        if walked.loops:
            continue
        fed = [walked.is_fed[network.bus_index[one.bus]] for one in network.connections]
        flow = PowerFlow(tried, away, leave_out_unfed=True).solve(series)
        amperes, was = np.abs(flow.currents).max(axis=(1, 2)), np.abs(before.currents).max(axis=(1, 2))
        rated = np.array([getattr(one, "rated_amperes", 0.0) for one in network.branches])
        holds = (amperes <= np.maximum(rated * limits.loading, was * 1.01) + 1e-6) | (rated == 0)
        if holds.all() and (_lowest(flow) >= low - 1e-9).all():
            best = max(best, float(series.watts[fed, 0].sum()))
    return best


@pytest.mark.parametrize(
    ("seed", "is_long"), [*((seed, False) for seed in (1, 3, 11)), *((seed, True) for seed in (1, 6, 9, 12))]
)
def test_no_other_positions_of_the_switches_bring_back_more(seed, is_long):
    network, series = _grown(seed, is_long=is_long)
    limits = Limits()
    fault = 0
    plan = _plan(network, f"g{fault}", series, limits=limits)
    away = {one.id for one in network.branches if {f"x{fault}", f"y{fault}"} & {one.from_bus, one.to_bus}}
    moved = {step.element: step.kind is StepKind.CLOSE for step in plan.steps}
    after = replace(
        network,
        switches=tuple(replace(one, is_closed=moved.get(one.id, one.is_closed)) for one in network.switches),
    )
    walked = trace_network(after, away)
    assert not walked.loops
    fed = {one.id for one in network.connections if walked.is_fed[network.bus_index[one.bus]]}
    assert fed == {one.id for one in network.connections} - plan.waiting.keys()
    served = sum(series.watts[row, 0] for row, one in enumerate(network.connections) if one.id in fed)
    assert plan.is_proven
    assert served == pytest.approx(_best_by_trying(network, series, fault, limits))


def test_without_time_to_search_nothing_is_switched_and_that_is_said(feeders):
    series = _series([[9e3], [8e3], [1e3], [5e3]])
    none = _plan(feeders, "A1", series, seconds=0.0)
    assert (none.restored, none.is_proven) == ((), False)
    assert none.waiting["three"] is Reason.UNDECIDED
