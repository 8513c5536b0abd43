"""How much better nothing is: a bound that holds under the same limits, and, where it can be, the proof of optimality.

The bound is on the imbalance alone, the mean over time of the largest deviation, over every choice that keeps the
limits on switches and budget and the turns that are allowed. Small problems are closed by depth-first search over the
dual bound; what it leaves open within the time goes to CP-SAT with the plan as its hint. Large ones keep the dual
bound, which is that of the linear relaxation at best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.balancing.exact import solve_exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.problem import SwitchingProblem

__all__ = ["PROVEN_GAP", "Proof", "prove"]

PROVEN_GAP = 1e-4  # a hundredth of a percent: what rounding to whole milliwatts may cost an exact solver
_FIRST_STEPS, _ROOT_STEPS = 8, 200  # of the dual bound between looks at the clock
_FIRST_EFFORT, _GROWTH = 20_000, 8  # of the search, and by how much more it is begun again with
_WORTH = 1e-4  # by which further steps must raise the bound, relative
_ROOT_ROUNDS = 8
_ROOT_PART = 0.5  # of the time, at most
_DEPTH_STEPS = (200, 100, 40, 10, 6)  # of the dual bound, by depth of the search
_DEEP = 12  # switches above which the search would not end
_SMALL = 60  # connections up to which it is tried all the same
_EXACT_CELLS = 20_000  # connections times intervals that CP-SAT is given
_EXACT_SECONDS = 2.0
_MARGIN = 1e-9
_LEAST_BUDGET = 1e-3  # that its price is scaled by


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about the best plan.

    Attributes:
        bound_watts: No plan within the limits has a lower imbalance. [W]
        value_watts: Imbalance of ``turns``. [W]
        turns: The best that is known: the plan, or a better one that the proof came upon. Shape (n,).
        method: ``nothing to move``, ``dual bound``, ``branch and bound`` or ``cp-sat``.
    """

    bound_watts: float
    value_watts: float
    turns: NDArray[np.int64]
    method: str

    @property
    def gap(self) -> float:
        """How much of its imbalance the best plan could be below this one, at most. [1]"""
        if self.value_watts <= 0:
            return 0.0
        return max(0.0, 1 - self.bound_watts / self.value_watts)

    @property
    def is_proven(self) -> bool:
        """Is there no better plan, within ``PROVEN_GAP``?"""
        return self.gap <= PROVEN_GAP


def prove(
    problem: SwitchingProblem, turns: NDArray[np.int64], seconds: float, clock: Callable[[], float]
) -> Proof:
    """Bound the imbalance of all plans from below, and prove the best one where it can be.

    Args:
        problem: What may be turned, over the intervals that the plan was made on.
        turns: The plan. Shape (n,).
        seconds: That it may take; the dual bound's first steps are taken in any case. [s]
        clock: Seconds that pass, from any beginning.
    """
    value = problem.imbalance(turns)
    if value <= 0 or not problem.size or not problem.allowed[:, 1:].any():
        return Proof(value, value, turns, "nothing to move")
    began = clock()
    root = _Root(problem)
    root.raise_until(value, lambda: clock() - began > _ROOT_PART * seconds)
    found = Proof(min(root.bound, value), value, turns, "dual bound")
    if found.is_proven or not _is_closable(problem):
        return found
    tries_exact = problem.rows.size <= _EXACT_CELLS
    until = began + (seconds + clock() - began) / 2 if tries_exact else began + seconds
    found = root.close_until(found, until, clock)
    left = seconds - (clock() - began)
    if found.is_proven or not tries_exact or left < _EXACT_SECONDS:
        return found
    bound, better = solve_exactly(problem, found.turns, left)
    value = problem.imbalance(better)
    if value > found.value_watts:
        value, better = found.value_watts, found.turns
    return Proof(min(max(bound, found.bound_watts), value), value, better, "cp-sat")


def _is_closable(problem: SwitchingProblem) -> bool:
    """May the search end at all?"""
    free = int((problem.counts == 0).sum())
    return problem.size <= _SMALL or problem.limits.switches_max + free <= _DEEP


class _Root:
    """The dual bound of the whole problem."""

    def __init__(self, problem: SwitchingProblem) -> None:
        self.bound = 0.0
        self._problem = problem
        self._uneven = problem.uneven(problem.home)
        self._weights = np.zeros_like(self._uneven)
        left = problem.bounds
        # μ is stepped in a scale in which the budget's subgradient is as long as that of the weights.
        scale = float(np.linalg.norm(self._uneven)) / max(left[1], _LEAST_BUDGET)
        self._dear = np.array([0.0, scale])

    def raise_until(self, known: float, is_over: Callable[[], bool]) -> None:
        """Raise the bound while time is left and it rises."""
        from backend.grid.balancing.proof_kernels import raise_bound

        arrays = self._arrays()
        steps = _FIRST_STEPS
        for _ in range(_ROOT_ROUNDS):
            bound, _, _ = raise_bound(self._uneven, *arrays, self._weights, self._dear, steps, known)
            rise = bound - self.bound
            self.bound = max(self.bound, bound * (1 - _MARGIN))
            stalls = steps > _FIRST_STEPS and rise < _WORTH * known
            if stalls or is_over() or self.bound >= known * (1 - _MARGIN):
                break
            steps = _ROOT_STEPS

    def close_until(self, found: Proof, until: float, clock: Callable[[], float]) -> Proof:
        """Search all choices, with ever more effort until the time is up or nothing is left open."""
        effort = _FIRST_EFFORT
        while found.method != "branch and bound":
            began = clock()
            found = self.close(found, effort)
            took, left = clock() - began, until - clock()
            if left < took / 2:
                break
            # The first piece may have waited for the compiler: what it took is no measure then.
            effort = int(max(effort, min(effort * left / max(took, 1e-9), effort * _GROWTH)))
        return found

    def close(self, found: Proof, effort: int) -> Proof:
        """Search all choices; a plan that is better takes the place of the one known."""
        from backend.grid.balancing.proof_kernels import close_branches

        value, turns, is_closed, floor = close_branches(
            self._uneven,
            *self._arrays(),
            self._weights,
            self._dear,
            found.value_watts,
            found.turns,
            np.array(_DEPTH_STEPS),
            effort,
        )
        value = self._problem.imbalance(turns)
        open_bound = min(max(found.bound_watts, floor * (1 - _MARGIN)), value)
        bound = value * (1 - _MARGIN) if is_closed else open_bound
        return Proof(bound, value, turns, "branch and bound" if is_closed else found.method)

    def _arrays(
        self,
    ) -> tuple[
        NDArray[np.float32],
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.bool_],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        one = self._problem
        return one.rows, one.phase, one.first, one.allowed, one.prices, one.bounds
