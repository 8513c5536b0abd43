"""Searches and proofs, against trying every choice."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.grid import Phases
from backend.grid.balancing.exact import solve_exactly
from backend.grid.balancing.forms import network_forms, weighted_form
from backend.grid.balancing.problem import SwitchingLimits, Weights, pose_problem
from backend.grid.balancing.proof import prove
from backend.grid.balancing.search import Search
from backend.grid.topology import trace_network
from tests.unit.grid.balancing.worlds import best_by_trial, feeder, series, world

SIDES = [
    {},
    {"budget": 2.0, "costs": {"c0": 0.3, "c1": 1.9, "c2": 2.5, "c3": 0.9}},
    {"places": {"c1": 0.0, "c4": 0.0}},
    {"critical": frozenset({"c0"}), "places": {"c2": 0.5}, "budget": 1.4},
]


def never() -> bool:
    return False


@pytest.mark.parametrize("limits", SIDES)
@pytest.mark.parametrize("seed", range(5))
def test_the_search_finds_the_best_plan_of_a_small_feeder(seed, limits):
    _, _, problem = world(seed, **limits)
    found = Search(problem).run(never, seed=seed)
    assert found.is_settled
    assert problem.keeps_limits(found.turns)
    assert problem.imbalance(found.turns) == pytest.approx(best_by_trial(problem), rel=1e-5)


@pytest.mark.parametrize("limits", SIDES)
@pytest.mark.parametrize("seed", range(5))
def test_the_proof_closes_at_the_best_plan_also_from_a_bad_one(seed, limits):
    _, _, problem = world(seed, **limits)
    proof = prove(problem, problem.home, 20.0, time.monotonic)
    best = best_by_trial(problem)
    assert proof.is_proven
    assert proof.value_watts == pytest.approx(best, rel=1e-6)
    assert problem.keeps_limits(proof.turns)
    assert proof.bound_watts <= best * (1 + 1e-12)
    assert proof.bound_watts == pytest.approx(best, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    switches=st.integers(0, 4),
    budget=st.one_of(st.just(math.inf), st.floats(0.0, 4.0)),
    free=st.sets(st.sampled_from(["c0", "c1", "c2", "c3", "c4"]), max_size=2),
)
def test_no_plan_within_the_limits_is_below_the_bound(seed, switches, budget, free):
    draw = np.random.default_rng(seed)
    costs = {f"c{index}": float(cost) for index, cost in enumerate(draw.uniform(0, 2, 5))}
    limits = {"budget": budget, "costs": costs, "places": dict.fromkeys(free, 0.0)}
    _, _, problem = world(seed, count=5, intervals=8, switches=switches, **limits)
    best = best_by_trial(problem)
    # Without time to close anything, the dual bound alone is told.
    assert prove(problem, problem.home, 0.0, time.monotonic).bound_watts <= best * (1 + 1e-9) + 1e-9
    assert prove(problem, problem.home, 5.0, time.monotonic).value_watts == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("limits", SIDES)
def test_the_exact_solver_agrees_with_trying_all(limits):
    _, _, problem = world(11, **limits)
    bound, turns = solve_exactly(problem, problem.home, 20.0)
    best = best_by_trial(problem)
    assert problem.imbalance(turns) == pytest.approx(best, rel=1e-5)
    assert problem.keeps_limits(turns)
    assert best * (1 - 1e-4) - 0.01 <= bound <= best


def test_the_same_seed_gives_the_same_plan_and_limits_are_kept_by_the_measure_alone():
    _, _, problem = world(5, count=30, intervals=96, switches=4)
    first, second = (Search(problem).run(never, seed=3) for _ in range(2))
    assert first.turns.tolist() == second.turns.tolist()
    assert 0 < np.count_nonzero(first.turns) <= 4


def test_a_search_may_begin_with_a_plan_and_is_never_worse_than_it():
    _, _, problem = world(6, count=12, switches=3)
    search = Search(problem)
    start = problem.home
    start[problem.allowed[:, 1].argmax()] = 1
    found = search.run(lambda: True, starts=[start])
    assert problem.imbalance(found.turns) <= problem.imbalance(start)


@pytest.mark.parametrize("switches", [0, 3])
def test_nothing_to_move_is_proven_at_once(switches):
    network = feeder([Phases.ALL, Phases.ALL])
    problem = pose_problem(network, series(np.ones((2, 4))), SwitchingLimits(switches))
    found = Search(problem).run(never)
    proof = prove(problem, found.turns, 1.0, time.monotonic)
    assert found.turns.size == 0
    assert proof.is_proven


def test_a_budget_that_buys_nothing_leaves_all_where_they_are():
    _, _, problem = world(2, budget=0.5)
    assert not Search(problem).run(never).turns.any()
    assert prove(problem, problem.home, 5.0, time.monotonic).is_proven


@pytest.mark.parametrize(
    "weights", [Weights(worst_hour=1.0), Weights(0.5, 0.5, 1.0, 0.0), Weights(0.2, 0.0, 0.5, 2.0)]
)
def test_weighted_searches_find_what_trying_all_finds(weights):
    network, told, problem = world(8, count=5, intervals=12)
    forms = network_forms(network, trace_network(network), told, problem)
    search = Search(problem, weights, forms)
    assert search.objective(problem.home) == pytest.approx(
        weights.mean + weights.worst_hour + weights.losses + weights.voltage, rel=1e-4
    )
    choices = [np.array(one) for one in np.ndindex(*([3] * problem.size))]
    best = min(search.objective(one) for one in choices if problem.keeps_limits(one))
    assert search.run(never).objective == pytest.approx(best, rel=1e-4)


def test_the_weight_of_a_measure_that_is_zero_today_is_left_out():
    network = feeder([Phases.L1, Phases.L2, Phases.L3])
    told = series(np.full((3, 4), 100.0))
    problem = pose_problem(network, told, SwitchingLimits(1))
    form, shares = weighted_form(problem, Weights(), None)
    assert form.shape == (1, 1)
    assert shares.tolist() == [0.0, 0.0, 0.0]
