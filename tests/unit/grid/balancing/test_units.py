"""Connections on service lines of one phase, which turn where the line leaves the others."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.networks.reading import read_network_file
from backend.grid import Bus, Connection, Network, Phases, Segment, trace_network
from backend.grid.balancing.flow_check import check_by_flow
from backend.grid.balancing.forms import evaluate_form, network_forms
from backend.grid.balancing.plan import PlanRequest, make_plan
from backend.grid.balancing.problem import SwitchingLimits, pose_problem
from backend.grid.balancing.work_orders import switch_orders, turn_network, turned_phases
from backend.grid.power_flow import PowerFlow
from tests.unit.grid.balancing.worlds import best_by_trial, feeder, series

ROOT = Path(__file__).parents[4]
SHARED = (
    Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    / "lv_grids"
    / "australia"
    / "Master.dss"
)
L1, L2 = Phases.L1, Phases.L2


def _spur(name: str, begin: str, end: str, phases: Phases = L1) -> Segment:
    size = len(phases.indices)
    return Segment(name, begin, end, phases, 20.0, np.eye(size) * 0.01, np.eye(size) * 0.004)


@pytest.fixture
def street() -> Network:
    """b1 -line- p1 -line- p2, with c1 and c2 on the one-phase line; c0 beside it on the main, c3 on one of its own."""
    main = feeder([L1, L2, L1, L1])
    first, *_ = main.connections
    return replace(
        main,
        buses=(*main.buses, Bus("p1", 400.0, L1), Bus("p2", 400.0, L1), Bus("q", 400.0, L1)),
        segments=(
            *main.segments,
            _spur("line", "b1", "p1"),
            _spur("line-end", "p1", "p2"),
            _spur("alone", "b2", "q"),
        ),
        connections=(
            first,
            Connection("c1", "p1", L1),
            Connection("c2", "p2", L1, switch_cost=2.0),
            Connection("c3", "q", L1),
        ),
    )


WATTS = np.array(
    [[300.0, 500, 900, 100], [800.0, 100, 700, 900], [500.0, 900, 300, 500], [600.0, 600, 500, 900]]
)


def test_all_on_a_spur_turn_together_where_it_leaves_the_phases(street):
    problem = pose_problem(street, series(WATTS), SwitchingLimits(2))
    assert problem.connections == ("c0", "c1", "c3")
    assert [unit.connections for unit in problem.units] == [(0,), (1, 2), (3,)]
    assert [unit.spur for unit in problem.units] == ["", "line", "alone"]
    assert [street.buses[unit.bus].id for unit in problem.units] == ["b1", "b1", "b2"]
    assert problem.costs == pytest.approx([1.0, 2.0, 1.0])
    turned = np.array([0, 1, 0])
    assert problem.phase_powers(turned) == pytest.approx([450 + 650, 625 + 550, 0.0])


@pytest.mark.parametrize("reason", ["critical", "load unknown", "behind"])
def test_a_spur_stays_where_one_on_it_must(street, reason):
    watts, limits, element = WATTS.copy(), SwitchingLimits(2), ""
    if reason == "critical":
        limits = SwitchingLimits(2, critical=frozenset({"c2"}))
    elif reason == "load unknown":
        watts[2] = np.nan
    else:
        element = "line-end"  # what is above it cannot be turned from here
    problem = pose_problem(street, series(watts), limits, element)
    assert "c1" not in problem.connections
    assert "c2" not in problem.connections
    assert problem.notes[{"behind": "no other phase there"}.get(reason, reason)] == {"behind": "1"}.get(
        reason, "2"
    )


def test_a_crew_at_one_house_of_a_spur_is_at_its_root(street):
    problem = pose_problem(street, series(WATTS), SwitchingLimits(0, places={"c2": 0.0}))
    assert problem.counts == pytest.approx([1, 0, 1])


def test_a_plan_turns_spurs_and_power_flow_solves_the_network_that_follows(street):
    told = series(np.tile(WATTS * 4, (1, 12)))
    plan = make_plan(street, told, PlanRequest(SwitchingLimits(1), seconds=3.0), time.monotonic)
    assert plan.after == pytest.approx(best_by_trial(plan.fitted), rel=1e-6)
    (order,) = switch_orders(plan, street)
    assert (order.connection, order.others, order.spur, order.bus) == ("c1", ("c2",), "line", "b1")
    moved = turned_phases(plan.problem, plan.turns, street)
    assert moved.keys() == {"c1", "c2"}
    after = turn_network(street, moved)
    to = moved["c1"]
    assert {item.id: item.phases for item in after.segments[-3:]} == {"line": to, "line-end": to, "alone": L1}
    assert {item.id: item.phases for item in after.buses[-3:]} == {"p1": to, "p2": to, "q": L1}
    check = check_by_flow(street, moved, told, "T")
    assert check.after.imbalance_watts < check.before.imbalance_watts
    assert check.after.losses_kilowatt_hours < check.before.losses_kilowatt_hours


def test_forms_know_spurs_as_one(street):
    told = series(WATTS * 4)
    problem = pose_problem(street, told, SwitchingLimits(2))
    forms = network_forms(street, trace_network(street), told, problem)
    lost = []
    for turns in ([0, 0, 0], [0, 1, 0], [0, 2, 1]):
        moved = {
            street.connections[index].id: Phases.of_index(turn)
            for unit, turn in zip(problem.units, turns, strict=True)
            for index in unit.connections
        }
        losses = PowerFlow(turn_network(street, moved)).solve(told).losses.mean()
        lost.append((losses, evaluate_form(forms.losses, np.array(turns))))
    by_flow, by_form = np.array(lost).T
    assert by_form - by_form[0] == pytest.approx(by_flow - by_flow[0], rel=0.08, abs=0.2)


@pytest.mark.skipif(
    not SHARED.exists(), reason="the Australian networks are not at hand: shared folder, lv_grids"
)
def test_houses_of_an_australian_street_can_be_moved_where_their_lines_leave():
    reading = read_network_file(SHARED)
    assert reading.profiles is not None
    problem = pose_problem(reading.network, reading.profiles, SwitchingLimits(5))
    moving = [index for unit in problem.units for index in unit.connections]
    assert len(moving) >= 55
    assert sum(bool(unit.spur) for unit in problem.units) >= 40
    turned = problem.home
    turned[np.flatnonzero(problem.allowed[:, 1])[:5]] = 1
    moved = {
        reading.network.connections[index].id: Phases.of_index(
            (reading.network.connections[index].phases.indices[0] + 1) % 3
        )
        for one in np.flatnonzero(turned)
        for index in problem.units[one].connections
    }
    PowerFlow(turn_network(reading.network, moved)).solve(reading.profiles.window(0, 4))
