"""What may be moved, and how unbalanced an element is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Bus, Phases, Segment
from backend.grid.balancing.problem import SwitchingLimits, Weights, pose_problem
from tests.unit.grid.balancing.worlds import feeder, series, world

L1, L2, L3, ALL = Phases.L1, Phases.L2, Phases.L3, Phases.ALL


def test_the_imbalance_is_the_mean_of_the_largest_deviation_of_a_phase():
    watts = np.array([[600.0, 0.0], [300.0, 300.0]])
    problem = pose_problem(feeder([L1, L2]), series(watts), SwitchingLimits(1))
    # 600/300/0 deviates by 300 from its mean of 300; 0/300/0 by 200 from 100.
    assert problem.imbalance(problem.home) == pytest.approx(250)
    assert problem.phase_powers(problem.home) == pytest.approx([300, 300, 0])
    assert problem.deviation(np.array([0, 1])) == pytest.approx([300, 200])


def test_unevenness_sums_to_zero_whatever_is_turned():
    _, _, problem = world(3)
    for turns in ([0] * 6, [1, 2, 0, 1, 0, 2]):
        assert np.abs(problem.uneven(np.array(turns)).sum(axis=0)).max() < 1e-6


def test_the_worst_hour_is_a_clock_hour_also_where_the_series_begins_within_one():
    watts = np.zeros((1, 6))
    watts[0, 1:3] = 300.0  # the last quarter of one hour and the first of the next
    problem = pose_problem(feeder([L1]), series(watts, start=1800), SwitchingLimits(0))
    assert list(problem.hours) == [0, 2, 6]
    assert problem.worst_hour(problem.home) == pytest.approx(100.0)  # 200 W in one of two quarters


def test_critical_unknown_and_evenly_loaded_connections_stay_and_are_counted():
    network = feeder([L1, L1, ALL, L1, Phases.L1 | Phases.L2])
    homes = (*network.connections[:3], replace(network.connections[3], is_critical=True))
    network = replace(network, connections=(*homes, network.connections[4]))
    watts = np.full((5, 4), 100.0)
    watts[1] = np.nan
    problem = pose_problem(network, series(watts), SwitchingLimits(2, critical=frozenset({"c0"})))
    assert problem.connections == ()
    assert problem.notes == {
        "critical": "2",
        "load unknown": "1",
        "phases not to be turned": "1",
        "three phases alike": "1",
    }


def test_a_connection_of_two_phases_turns_with_both_where_its_order_may_be_turned():
    network = feeder([L1 | L2], can_rotate=True)
    problem = pose_problem(network, series(np.full((1, 4), 300.0)), SwitchingLimits(1))
    assert problem.phase_powers(np.array([0])) == pytest.approx([150, 150, 0])
    assert problem.phase_powers(np.array([1])) == pytest.approx([0, 150, 150])


def test_three_phases_that_are_measured_one_by_one_can_be_turned():
    network = feeder([ALL], can_rotate=True)
    measured = {0: np.array([[300.0], [200.0], [100.0]])}
    problem = pose_problem(network, series(np.array([[600.0]])), SwitchingLimits(1), by_phase=measured)
    assert problem.phase_powers(np.array([1])) == pytest.approx([100, 300, 200])


def test_nobody_is_moved_to_a_phase_that_does_not_reach_them():
    network = feeder([L1, L1])
    short = np.eye(2) * 0.01
    lateral = Segment("lateral", "b1", "far", Phases.L1 | Phases.L2, 10.0, short, short)
    network = replace(
        network,
        buses=(*network.buses, Bus("far", 400.0)),
        segments=(*network.segments, lateral),
        connections=(network.connections[0], replace(network.connections[1], bus="far")),
    )
    problem = pose_problem(network, series(np.ones((2, 4))), SwitchingLimits(1))
    assert problem.allowed.tolist() == [[True, True, True], [True, True, False]]


def test_a_free_place_is_a_connection_a_bus_or_all_behind_a_branch():
    limits = SwitchingLimits(1, costs={"c3": 4.0}, places={"c0": 0.0, "b2": 0.5, "s2": 0.25, "s1": 0.75})
    problem = pose_problem(feeder([L1] * 4), series(np.ones((4, 4))), limits)
    assert problem.costs == pytest.approx([0.0, 0.5, 0.25, 1.0])
    assert problem.counts == pytest.approx([0, 1, 1, 1])


def test_an_element_alone_has_what_is_behind_it():
    problem = pose_problem(feeder([L1] * 4), series(np.ones((4, 4))), SwitchingLimits(1), element="s2")
    assert problem.connections == ("c2", "c3")
    assert pose_problem(feeder([L1]), series(np.ones((1, 4))), SwitchingLimits(1)).element == "T"
    whole = pose_problem(feeder([L1] * 2), series(np.ones((2, 4))), SwitchingLimits(1), element="grid")
    assert whole.connections == ("c0", "c1")


@pytest.mark.parametrize(
    ("limits", "element", "words"),
    [
        (SwitchingLimits(1), "x9", "no branch or source 'x9'"),
        (SwitchingLimits(1, critical=frozenset({"x9"})), "", "no connection 'x9'"),
        (SwitchingLimits(1, costs={"x9": 1.0}), "", "no connection 'x9'"),
        (SwitchingLimits(1, places={"x9": 0.0}), "", "works at 'x9'"),
    ],
)
def test_names_that_the_network_does_not_have_are_refused(limits, element, words):
    with pytest.raises(InputError, match=words):
        pose_problem(feeder([L1]), series(np.ones((1, 4))), limits, element)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SwitchingLimits(-1), "-1 switches"),
        (lambda: SwitchingLimits(1, budget=float("nan")), "budget is nan"),
        (lambda: SwitchingLimits(1, costs={"a": -2.0}), "cost of 'a' is -2"),
        (lambda: SwitchingLimits(1, places={"a": float("inf")}), "of 'a' is inf"),
        (lambda: Weights(mean=0.0), "one above"),
        (lambda: Weights(losses=-1.0), "at least 0"),
    ],
)
def test_limits_that_mean_nothing_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
