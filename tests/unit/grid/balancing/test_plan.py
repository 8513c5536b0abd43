"""Plans as a whole: what each switch brings, the curve, what is held out, the orders, power flow."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from backend.grid import Phases
from backend.grid.balancing.flow_check import check_by_flow
from backend.grid.balancing.pareto import gains_of, order_switches
from backend.grid.balancing.plan import PlanRequest, make_plan
from backend.grid.balancing.problem import SwitchingLimits, Weights
from backend.grid.balancing.proof import prove
from backend.grid.balancing.units import turn_phases
from backend.grid.balancing.work_orders import switch_orders, turn_network, turned_phases
from tests.unit.grid.balancing.worlds import best_by_trial, feeder, series, world

WEEKS = 12


@pytest.fixture(scope="module")
def lasting():
    """Twelve weeks of hours: eight homes whose habits last, and a holiday home that is full in the first week alone."""
    draw = np.random.default_rng(1)
    hours = np.arange(WEEKS * 168)
    level = draw.uniform(200, 900, (9, 1))
    watts = level * (1 + 0.5 * np.sin(2 * np.pi * (hours - 12) / 24)) + draw.gamma(0.5, 100, (9, hours.size))
    watts[8] = np.where(hours < 168, 4_000.0, 10.0)
    network = feeder([Phases.L1] * 5 + [Phases.L2] * 3 + [Phases.L1])
    return network, series(watts, 3600)


@pytest.fixture(scope="module")
def plan(lasting):
    request = PlanRequest(SwitchingLimits(3), seconds=20.0)
    network, told = lasting
    return make_plan(network, told, request, time.monotonic)


def test_a_plan_holds_in_weeks_that_it_has_not_seen(plan):
    assert plan.split.kind == "weeks"
    assert plan.after < 0.5 * plan.before
    assert plan.held_out_after < 0.6 * plan.held_out_before
    held = plan.problem.during(plan.split.folds[0][1])
    assert plan.held_out_after == pytest.approx(held.imbalance(plan.turns))


def test_a_plan_is_proven_over_what_it_was_made_on(plan):
    assert plan.proof.is_proven
    assert plan.after == pytest.approx(best_by_trial(plan.fitted), rel=1e-6)
    assert plan.is_mean_alone


def test_gains_in_order_sum_to_the_whole_gain_the_first_is_the_best_single_one(plan):
    assert sum(gain.in_order for gain in plan.gains) == pytest.approx(plan.before - plan.after)
    first = plan.gains[0]
    single = []
    for gain in plan.gains:
        turns = plan.fitted.home
        turns[gain.connection] = gain.turn
        single.append(plan.fitted.imbalance(turns))
    assert plan.before - first.in_order == pytest.approx(min(single))
    held = sum(gain.in_order_held_out for gain in plan.gains)
    assert held == pytest.approx(plan.held_out_before - plan.held_out_after)


def test_switches_that_gain_only_together_share_what_they_do():
    _, _, problem = world(166, count=5, intervals=6)
    turns = prove(problem, problem.home, 5.0, time.monotonic).turns
    order = order_switches(problem, turns)
    first = problem.home
    first[order[0]] = turns[order[0]]
    before, after = problem.imbalance(problem.home), problem.imbalance(turns)
    assert problem.imbalance(first) > before  # the best single one of the two makes it worse by itself
    gains = gains_of(problem, turns, order, problem)
    assert [gain.in_order > 0 for gain in gains] == [True, True]
    assert sum(gain.in_order for gain in gains) == pytest.approx(before - after)
    assert gains[0].in_order / gains[1].in_order == pytest.approx(
        gains[0].when_missing / gains[1].when_missing
    )
    held = [gain.in_order_held_out or 0.0 for gain in gains]
    assert held == pytest.approx([gain.in_order for gain in gains])


def test_what_is_lost_without_one_switch_is_the_plan_without_it(plan):
    for gain in plan.gains:
        turns = plan.turns.copy()
        turns[gain.connection] = 0
        assert gain.when_missing == pytest.approx(plan.fitted.imbalance(turns) - plan.after)
        assert gain.when_missing > 0


def test_the_curve_falls_from_none_to_all_switches(plan):
    assert plan.pareto[0].switches == 0
    assert plan.pareto[0].imbalance_watts == pytest.approx(plan.before)
    assert plan.pareto[-1].imbalance_watts == pytest.approx(plan.after)
    counts = [point.switches for point in plan.pareto]
    values = [point.imbalance_watts for point in plan.pareto]
    assert counts == sorted(set(counts))
    assert values == sorted(values, reverse=True)
    for point in plan.pareto[1:]:
        within = best_by_trial(plan.fitted.limited_to(point.switches))
        assert point.imbalance_watts == pytest.approx(within, rel=0.02)
        assert point.held_out_watts is not None


def test_orders_name_the_connection_its_phases_and_what_is_expected(plan, lasting):
    network, told = lasting
    orders = switch_orders(plan, network)
    assert [order.connection for order in orders] == [
        plan.problem.connections[gain.connection] for gain in plan.gains
    ]
    first = orders[0]
    one = next(item for item in network.connections if item.id == first.connection)
    assert first.from_phases == str(one.phases)
    assert first.to_phases != first.from_phases
    assert first.bus == one.bus
    assert first.gain_watts > 0
    assert first.watts_moved == pytest.approx(told.watts[int(one.id[1:])].mean(), rel=1e-5)


def test_phases_turn_in_a_ring_and_conductors_keep_their_order():
    assert turn_phases(Phases.L3, 1) == Phases.L1
    assert turn_phases(Phases.L1 | Phases.L2, 1) == Phases.L2 | Phases.L3
    network = feeder([Phases.L1 | Phases.L2, Phases.L1], can_rotate=True)
    told = series(np.array([[2_000.0] * 24, [900.0] * 24]))
    limits = SwitchingLimits(1, critical=frozenset({"c1"}))
    made = make_plan(network, told, PlanRequest(limits, seconds=2.0), time.monotonic)
    (order,) = switch_orders(made, network)
    assert (order.connection, order.from_phases, order.to_phases) == ("c0", "L12", "L23")
    assert turned_phases(made.problem, made.turns, network) == {"c0": Phases.L2 | Phases.L3}


def test_power_flow_confirms_what_a_plan_gains(plan, lasting):
    network, told = lasting
    done: list[float] = []
    check = check_by_flow(
        network, turned_phases(plan.problem, plan.turns, network), told.window(0, 400), "T", done.append
    )
    assert (check.intervals, check.of_intervals) == (400, 400)
    assert check.after.imbalance_watts < check.before.imbalance_watts
    assert check.after.losses_kilowatt_hours < check.before.losses_kilowatt_hours
    assert check.after.voltage_min_pu > check.before.voltage_min_pu
    assert check.after.unbalance_mean_percent < check.before.unbalance_mean_percent
    assert check.before.neutral_mean_amperes is not None
    assert check.after.neutral_mean_amperes is not None
    assert check.after.neutral_mean_amperes < check.before.neutral_mean_amperes
    # What leaves the transformer is what meters count and what is lost behind it.
    problem = plan.problem.during(np.arange(400))
    assert check.before.imbalance_watts == pytest.approx(problem.imbalance(problem.home), rel=0.03)
    assert done[-1] == pytest.approx(1.0)


def test_power_flow_looks_at_as_many_intervals_as_are_spread_evenly_over_all(plan, lasting):
    network, told = lasting
    check = check_by_flow(network, {}, told, "grid")
    assert (check.intervals, check.of_intervals) == (1440, WEEKS * 168)
    assert check.before == check.after
    assert check.before.neutral_mean_amperes is None


def test_a_network_with_other_phases_differs_in_nothing_else(plan, lasting):
    network, _ = lasting
    turned = turn_network(network, {"c0": Phases.L3, "nobody": Phases.L1})
    assert turned.connections[0] == replace(network.connections[0], phases=Phases.L3)
    assert turned.connections[1:] == network.connections[1:]


def test_a_day_is_cross_fitted_and_its_hold_out_is_worse_than_what_was_fitted():
    network, told, _ = world(9, count=12, intervals=96)
    made = make_plan(network, told, PlanRequest(SwitchingLimits(3), seconds=10.0), time.monotonic)
    assert made.split.kind == "hours"
    assert made.held_out_before == pytest.approx(made.before)
    assert made.held_out_after is not None
    assert made.held_out_after >= made.after - 1e-6


def test_a_plan_that_weighs_more_than_the_mean_says_that_its_proof_is_not_its_own():
    network, told, _ = world(9, count=8, intervals=48)
    plain = make_plan(network, told, PlanRequest(SwitchingLimits(2), seconds=5.0), time.monotonic)
    limits = SwitchingLimits(2)
    request = PlanRequest(limits, weights=Weights(mean=0.0, worst_hour=1.0), seconds=5.0)
    made = make_plan(network, told, request, time.monotonic)
    assert not made.is_mean_alone
    assert made.worst_hour_after <= plain.worst_hour_after + 1e-6
    assert made.proof.bound_watts <= made.after * (1 + 1e-9)


def test_a_plan_tells_how_far_it_is_and_ends_in_time():
    network, told, _ = world(9, count=40, intervals=192, switches=20)
    heard: list[float] = []
    began = time.monotonic()
    make_plan(network, told, PlanRequest(SwitchingLimits(20), seconds=1.0), time.monotonic, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert time.monotonic() - began < 10
