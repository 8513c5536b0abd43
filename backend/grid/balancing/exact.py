"""The same problem as an integer programme for CP-SAT: the proof where the search over duals does not end.

Powers are rounded to whole milliwatts; what that may add to the bound is taken off it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.problem import SwitchingProblem

__all__ = ["solve_exactly"]

_UNITS_PER_WATT = 1000
_COST_UNITS = 1000


def solve_exactly(
    problem: SwitchingProblem, hint: NDArray[np.int64], seconds: float, workers: int = 2
) -> tuple[float, NDArray[np.int64]]:
    """Solve by CP-SAT, with a plan as its hint.

    Args:
        problem: What may be turned.
        hint: A plan that keeps the limits. Shape (n,).
        seconds: That it may take. [s]
        workers: Threads. [1]

    Returns:
        A lower bound on the imbalance of all plans [W], and the best turns that it found. Shape (n,).
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    moves = _add_moves(model, problem, hint)
    _add_deviations(model, problem, moves)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    turns = hint.copy()
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        turns[:] = 0
        for (one, turn), move in moves.items():
            if solver.value(move):
                turns[one] = turn
    # A row's rounding moves a deviation by half a unit at most, the base's by a sixth.
    margin = (len(problem.phase) / 2 + 1 / 6) / _UNITS_PER_WATT
    scale = PHASE_COUNT * _UNITS_PER_WATT * problem.starts_utc.size
    return max(0.0, solver.best_objective_bound / scale - margin), turns


def _add_moves(model: Any, problem: SwitchingProblem, hint: NDArray[np.int64]) -> dict[tuple[int, int], Any]:
    """A variable per connection and turn, and the limits over all."""
    moves: dict[tuple[int, int], Any] = {}
    for one in range(problem.size):
        here = [turn for turn in range(1, PHASE_COUNT) if problem.allowed[one, turn]]
        for turn in here:
            moves[one, turn] = model.new_bool_var("")
            model.add_hint(moves[one, turn], int(hint[one] == turn))
        if len(here) > 1:
            model.add_at_most_one(moves[one, turn] for turn in here)
    model.add(
        sum(var for (one, _), var in moves.items() if problem.counts[one]) <= problem.limits.switches_max
    )
    if np.isfinite(problem.limits.budget):
        # Costs are rounded down: no plan within the budget is lost, so that the bound stays one.
        costs = np.floor(problem.costs * _COST_UNITS).astype(np.int64)
        budget = int(np.floor(problem.limits.budget * _COST_UNITS)) + 1
        model.add(sum(int(costs[one]) * var for (one, _), var in moves.items()) <= budget)
    return moves


def _add_deviations(model: Any, problem: SwitchingProblem, moves: dict[tuple[int, int], Any]) -> None:
    """Three times the largest deviation of each interval, above each phase's and its opposite; least in sum."""
    rows = np.rint(problem.rows.astype(np.float64) * _UNITS_PER_WATT).astype(np.int64)
    base = np.rint(problem.base * PHASE_COUNT * _UNITS_PER_WATT).astype(np.int64)
    for row, phase in enumerate(problem.phase):
        base[phase] += PHASE_COUNT * rows[row]
    highest = int(np.abs(base).max(initial=0) + 2 * PHASE_COUNT * np.abs(rows).sum(axis=0).max(initial=0)) + 1
    deviations = []
    for t in range(base.shape[1]):
        deviation = model.new_int_var(0, highest, "")
        deviations.append(deviation)
        for phase in range(PHASE_COUNT):
            terms = []
            for (one, turn), move in moves.items():
                for row in range(problem.first[one], problem.first[one + 1]):
                    power = PHASE_COUNT * int(rows[row, t])
                    if power and problem.phase[row] == phase:
                        terms.append(-power * move)
                    elif power and (problem.phase[row] + turn) % PHASE_COUNT == phase:
                        terms.append(power * move)
            there = int(base[phase, t]) + sum(terms)
            model.add(deviation >= there)
            model.add(deviation >= -there)
    model.minimize(sum(deviations))
