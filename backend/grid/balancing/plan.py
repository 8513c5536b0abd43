"""Making a plan: from what the connections of a network draw to the switches that are worth their while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.balancing.forms import network_forms
from backend.grid.balancing.holdout import Split, split_intervals
from backend.grid.balancing.pareto import ParetoPoint, SwitchGain, gains_of, order_switches, trade_off
from backend.grid.balancing.problem import SwitchingLimits, SwitchingProblem, Weights, pose_problem
from backend.grid.balancing.proof import Proof, prove
from backend.grid.balancing.search import Found, Search
from backend.grid.topology import trace_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.forms import NetworkForms
    from backend.grid.network import Network
    from backend.grid.series import ConnectionSeries
    from backend.grid.topology import Topology

    World = tuple[Network, Topology, ConnectionSeries]
    FindHarms = Callable[[SwitchingProblem, NDArray[np.int64]], tuple[str, ...]]

__all__ = ["PlanRequest", "SwitchingPlan", "make_plan"]

# Of the time, what has passed when search, proof and curve end.
_SEARCH_PART, _PROOF_PART, _CURVE_PART = 0.4, 0.8, 0.9
# Weights of losses and voltage that are tried where the plan makes them worse, with the time that has passed then.
_CARES = ((1.0, 0.6), (8.0, 0.75))
_CARE_PATIENCE = 3  # rounds that bring nothing


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked of a plan.

    Attributes:
        limits: What it must keep to.
        element: Whose imbalance is lessened; empty for the network's head.
        weights: Of the objective.
        seconds: That making it may take. [s]
        weeks: That it is made on, 0 for a third of all and at least eight. [1]
        seed: The same answer for the same one.
        step_seconds: Means of such intervals are planned on; 0 for those of the series. [s]
        allows_harm: Balance the element even where that makes losses or voltage unbalance worse.
    """

    limits: SwitchingLimits
    element: str = ""
    weights: Weights = field(default_factory=Weights)
    seconds: float = 60.0
    weeks: int = 0
    seed: int = 1
    step_seconds: int = 0
    allows_harm: bool = False


@dataclass(frozen=True, slots=True)
class SwitchingPlan:
    """A plan and all that is known about it. Imbalances are means over time of the largest deviation of a phase. [W]

    Attributes:
        problem: Over all intervals.
        fitted: Over those that it was made on.
        split: Which those are.
        turns: Of each connection of the problem. Shape (n,).
        before: Imbalance today, over the intervals that it was made on.
        after: With the plan.
        held_out_before: Over intervals that it was not made on; None where there are too few.
        held_out_after: With the plan, or with those of the folds (see ``Split``).
        worst_hour_before: Worst hour's mean.
        worst_hour_after: With the plan.
        weights: That it was searched by; losses and voltage weigh more than asked where ``spared`` says why.
        spared: What the plan by the weights that were asked would have made worse, in words.
        is_mean_alone: Nothing but the mean imbalance has a weight, so that the proof is one of the plan.
        found: What the search did.
        proof: What nothing better than is known.
        gains: Of each switch, in the order of doing.
        pareto: Switches against imbalance.
    """

    problem: SwitchingProblem
    fitted: SwitchingProblem
    split: Split
    turns: NDArray[np.int64]
    before: float
    after: float
    held_out_before: float | None
    held_out_after: float | None
    worst_hour_before: float
    worst_hour_after: float
    weights: Weights
    spared: tuple[str, ...]
    is_mean_alone: bool
    found: Found
    proof: Proof
    gains: tuple[SwitchGain, ...]
    pareto: tuple[ParetoPoint, ...]


def make_plan(
    network: Network,
    series: ConnectionSeries,
    request: PlanRequest,
    clock: Callable[[], float],
    on_progress: Callable[[float], None] = lambda _: None,
    find_harms: FindHarms = lambda _problem, _turns: (),
) -> SwitchingPlan:
    """Search, prove, and hold against what the search has not seen.

    Args:
        network: The network.
        series: What its connections draw.
        request: What is asked.
        clock: Seconds that pass, from any beginning.
        on_progress: Is told how much is done, 0 to 1.
        find_harms: Says in words what turns make worse in the network. Where they do, and neither losses nor voltage
            have a weight, both are given one until they do not, or time is up.

    Raises:
        InputError: If what is asked does not fit the network, or there is no interval.
    """
    began = clock()

    def is_past(part: float) -> Callable[[], bool]:
        until = began + part * request.seconds
        return lambda: clock() > until

    topology = trace_network(network)
    problem = pose_problem(network, series, request.limits, request.element, topology)
    split = split_intervals(problem.starts_utc, request.weeks)
    fitted = problem.during(split.fit)
    world = network, topology, series
    search = Search(fitted, request.weights, _forms(world, problem, split.fit, request.weights))
    on_progress(0.1)
    found = search.run(is_past(_SEARCH_PART), request.seed)
    on_progress(0.4)
    spared: tuple[str, ...] = ()
    if not (request.allows_harm or request.weights.losses or request.weights.voltage):
        spared = find_harms(fitted, found.turns)
    if spared:
        search, found = _search_with_care(world, problem, split, request, find_harms, is_past)
    on_progress(0.5)
    proof = prove(fitted, found.turns, began + _PROOF_PART * request.seconds - clock(), clock)
    weights = search.weights
    is_mean_alone = not (weights.worst_hour or weights.losses or weights.voltage)
    turns = proof.turns if is_mean_alone else found.turns
    on_progress(0.8)
    held = problem.during(split.folds[0][1]) if split.kind == "weeks" else None
    held_before, held_after = _hold_out(
        problem, split, turns, search, request.seed, world, is_past(_CURVE_PART)
    )
    order = order_switches(fitted, turns)
    plan = SwitchingPlan(
        problem=problem,
        fitted=fitted,
        split=split,
        turns=turns,
        before=fitted.imbalance(fitted.home),
        after=fitted.imbalance(turns),
        held_out_before=held_before,
        held_out_after=held_after,
        worst_hour_before=fitted.worst_hour(fitted.home),
        worst_hour_after=fitted.worst_hour(turns),
        weights=weights,
        spared=spared,
        is_mean_alone=is_mean_alone,
        found=found,
        proof=proof,
        gains=tuple(gains_of(fitted, turns, order, held)),
        pareto=tuple(trade_off(search, turns, order, held, is_past(_CURVE_PART), request.seed)),
    )
    on_progress(1.0)
    return plan


def _search_with_care(
    world: World,
    problem: SwitchingProblem,
    split: Split,
    request: PlanRequest,
    find_harms: FindHarms,
    is_past: Callable[[float], Callable[[], bool]],
) -> tuple[Search, Found]:
    """Search with ever larger weights of losses and voltage, until nothing becomes worse."""
    fitted = problem.during(split.fit)
    forms = network_forms(*world, problem, split.fit)

    def look(care: float, part: float) -> tuple[Search, Found]:
        search = Search(fitted, replace(request.weights, losses=care, voltage=care), forms)
        return search, search.run(is_past(part), request.seed, patience=_CARE_PATIENCE)

    search, found = look(*_CARES[0])
    for care in _CARES[1:]:
        if not find_harms(fitted, found.turns):
            break
        search, found = look(*care)
    return search, found


def _hold_out(
    problem: SwitchingProblem,
    split: Split,
    turns: NDArray[np.int64],
    search: Search,
    seed: int,
    world: World,
    is_over: Callable[[], bool],
) -> tuple[float | None, float | None]:
    """Imbalance before and after, in intervals that the plan, or each fold's own, was not made on. [W]

    Where time is up folds are left out, all but the first.
    """
    before = after = 0.0
    count = 0
    for fit, judged in split.folds:
        there = problem.during(judged)
        if split.kind == "weeks":
            chosen = turns
        else:
            if count and is_over():
                break
            part = problem.during(fit)
            forms = _forms(world, problem, fit, search.weights)
            chosen = Search(part, search.weights, forms).quickly(part.bounds, seed)
        before += there.imbalance(there.home) * judged.size
        after += there.imbalance(chosen) * judged.size
        count += judged.size
    return (before / count, after / count) if count else (None, None)


def _forms(
    world: World,
    problem: SwitchingProblem,
    intervals: NDArray[np.int64],
    weights: Weights,
) -> NetworkForms | None:
    """Losses and voltage, where they have a weight: they take a matrix of all connections by all branches."""
    if not weights.losses and not weights.voltage:
        return None
    return network_forms(*world, problem, intervals)
