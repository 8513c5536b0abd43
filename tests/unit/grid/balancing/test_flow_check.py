"""What power flow says of plans, and what is done where it does not confirm them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.grid.balancing.flow_check import FlowCheck, FlowFigures, HarmLook, check_by_flow
from backend.grid.balancing.plan import PlanRequest, make_plan
from backend.grid.balancing.problem import SwitchingLimits, SwitchingProblem, Weights
from backend.grid.balancing.work_orders import turned_phases
from tests.unit.grid.balancing.worlds import far_end, series, world

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIGURES = FlowFigures(2_000.0, 10.0, 0.95, 1.02, 0.4, 0.9, 3.0)


@pytest.mark.parametrize(
    ("worse", "words"),
    [
        ({"losses_kilowatt_hours": 10.2}, "losses rise from 10.000 to 10.200 kWh"),
        ({"unbalance_mean_percent": 0.5}, "unbalance of the worst bus rises from 0.40 to 0.50 % in the mean"),
        ({"unbalance_max_percent": 1.1}, "greatest voltage unbalance rises from 0.90 to 1.10 %"),
        ({"imbalance_watts": 2_100.0}, "imbalance with losses rises from 2.000 to 2.100 kW"),
        ({"voltage_min_pu": 0.94}, "lowest voltage falls from 0.9500 to 0.9400 pu"),
        ({"voltage_max_pu": 1.03}, "highest voltage rises from 1.0200 to 1.0300 pu"),
    ],
)
def test_what_becomes_worse_is_said_in_words_with_its_values(worse: dict[str, float], words: str) -> None:
    check = FlowCheck(4, 4, FIGURES, replace(FIGURES, **worse))
    (said,) = check.contradictions
    assert words in said
    assert bool(check.harms) == ("losses_kilowatt_hours" in worse or "unbalance_mean_percent" in worse)
    assert FlowCheck(4, 4, check.after, FIGURES).contradictions == ()


def test_power_flow_ends_after_a_piece_that_is_spread_over_all_of_the_time() -> None:
    network, _, _ = world(3)
    watts = np.full((6, 960), 500.0)
    watts[0, 480:] = 4_000.0  # so that half of the time alone would be another mean
    told = series(watts)
    whole = check_by_flow(network, {}, told, "T")
    some = check_by_flow(network, {}, told, "T", is_over=lambda: True)
    assert (whole.intervals, some.intervals, some.of_intervals) == (960, 96, 960)
    assert some.before.imbalance_watts == pytest.approx(whole.before.imbalance_watts, rel=1e-6)


def test_a_plan_that_does_harm_elsewhere_is_searched_anew_with_care() -> None:
    network, told = far_end()
    look = HarmLook(network, told)

    def find_harms(problem: SwitchingProblem, turns: NDArray[np.int64]) -> tuple[str, ...]:
        return look.harms(turned_phases(problem, turns, network), "T")

    request = PlanRequest(SwitchingLimits(1), seconds=5.0)
    bold = make_plan(network, told, replace(request, allows_harm=True), time.monotonic, find_harms=find_harms)
    assert bold.after < 0.6 * bold.before
    assert (bold.spared, bold.weights) == ((), Weights())
    check = check_by_flow(network, turned_phases(bold.problem, bold.turns, network), told, "T")
    assert check.after.imbalance_watts < check.before.imbalance_watts
    assert [said.split(" ")[0] for said in check.harms] == ["losses", "voltage"]

    careful = make_plan(network, told, request, time.monotonic, find_harms=find_harms)
    assert [said.split(" ")[0] for said in careful.spared] == ["losses", "voltage"]
    assert careful.weights.losses == careful.weights.voltage > 0
    assert not careful.is_mean_alone
    assert not find_harms(careful.problem, careful.turns)


def test_folds_are_left_out_once_time_is_up() -> None:
    network, told, _ = world(9, count=12, intervals=96)
    passed = iter(range(0, 1_000_000, 100))
    hasty = make_plan(network, told, PlanRequest(SwitchingLimits(3), seconds=1.0), lambda: next(passed))
    assert hasty.split.kind == "hours"
    judged = hasty.problem.during(hasty.split.folds[0][1])
    assert hasty.held_out_before == pytest.approx(judged.imbalance(judged.home))
