"""Quadratic forms, held against what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.grid import PHASE_COUNT, ConnectionSeries, Origin, Phases
from backend.grid.balancing.forms import evaluate_form, head_form, network_forms
from backend.grid.balancing.problem import SwitchingLimits, pose_problem
from backend.grid.balancing.units import turn_phases
from backend.grid.balancing.work_orders import turn_network
from backend.grid.imbalance import Measure, measure_flow
from backend.grid.power_flow import PowerFlow
from backend.grid.topology import phases_reaching, trace_network
from tests.unit.grid.balancing.worlds import feeder, medium_feeder, series, world

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid import Network

TURNS = [[0] * 6, [1, 0, 0, 0, 0, 0], [0, 2, 1, 0, 0, 2], [1, 1, 2, 0, 2, 1]]


@pytest.mark.parametrize("turns", TURNS)
def test_the_head_s_form_is_the_mean_square_of_the_unevenness(turns):
    _, _, problem = world(4)
    there = np.array(turns)
    exact = (problem.uneven(there) ** 2).sum(axis=0).mean()
    assert evaluate_form(head_form(problem), there) == pytest.approx(exact, rel=1e-5)


def test_the_head_s_form_adds_up_connections_of_several_phases():
    network = feeder([Phases.L1, Phases.ALL, Phases.L2 | Phases.L3], can_rotate=True)
    draw = np.random.default_rng(2)
    watts = draw.uniform(0, 2_000, (3, 12))
    measured = {1: draw.uniform(0, 2_000, (PHASE_COUNT, 12))}
    problem = pose_problem(network, series(watts), SwitchingLimits(3), by_phase=measured)
    for turns in ([0, 0, 0], [1, 2, 0], [2, 1, 1]):
        there = np.array(turns)
        exact = (problem.uneven(there) ** 2).sum(axis=0).mean()
        assert evaluate_form(head_form(problem), there) == pytest.approx(exact, rel=1e-5)


def by_flow_and_forms(network: Network, told: ConnectionSeries) -> NDArray[np.float64]:
    """Losses and the mean squared voltage unbalance at the connections by power flow, and by the forms."""
    walked = trace_network(network)
    problem = pose_problem(network, told, SwitchingLimits(6), topology=walked)
    forms = network_forms(network, walked, told, problem)
    reach = phases_reaching(network)
    places = []
    for one in network.connections:
        bus = network.bus_index[one.bus]
        while len(reach[bus].indices) < PHASE_COUNT:
            bus = walked.parent[bus]
        places.append(bus)
    rows = []
    for turns in TURNS:
        moved = {
            one.id: turn_phases(one.phases, turn)
            for one, turn in zip(network.connections, turns, strict=True)
        }
        result = PowerFlow(turn_network(network, moved)).solve(told)
        unbalance = (measure_flow(result, Measure.VUF)[places] / 100) ** 2
        there = np.array(turns)
        losses, voltage = evaluate_form(forms.losses, there), evaluate_form(forms.voltage, there)
        rows.append((float(result.losses.mean()), losses, float(unbalance.mean()), voltage))
    return np.array(rows)


@pytest.fixture(scope="module", params=["low voltage", "one-phase transformers"])
def solved(request: pytest.FixtureRequest) -> NDArray[np.float64]:
    network, told, _ = world(4, intervals=12)
    factor = 1.0
    if request.param != "low voltage":
        network, factor = medium_feeder([one.phases for one in network.connections]), 5.0
    watts = told.watts * factor
    return by_flow_and_forms(network, ConnectionSeries(0, 900, watts, watts * 0.3, (Origin.PROFILE,) * 6))


def test_losses_change_by_turns_as_power_flow_says(solved):
    by_flow, by_form = solved[:, 0] - solved[0, 0], solved[:, 1] - solved[0, 1]
    assert np.abs(by_flow[1:]).min() > 1.0
    assert by_form == pytest.approx(by_flow, rel=0.06, abs=0.5)


def test_voltage_unbalance_is_what_power_flow_says(solved):
    assert solved[:, 3] == pytest.approx(solved[:, 2], rel=0.06)


def test_what_cannot_be_turned_counts_in_the_forms():
    network, told, _ = world(4, intervals=12)
    whole = pose_problem(network, told, SwitchingLimits(2))
    some = pose_problem(network, told, SwitchingLimits(2, critical=frozenset({"c1", "c3"})))
    walked = trace_network(network)
    all_forms, some_forms = (network_forms(network, walked, told, one) for one in (whole, some))
    turned, kept = np.array([1, 0, 2, 0, 0, 1]), np.array([1, 2, 0, 1])
    for name in ("losses", "voltage"):
        assert evaluate_form(getattr(some_forms, name), kept) == pytest.approx(
            evaluate_form(getattr(all_forms, name), turned), rel=1e-4
        )
