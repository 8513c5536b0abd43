"""What one would use instead of the phase allocator: a mixed-integer solver, or taking the best switch one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import BalanceError
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.problem import SwitchingProblem

__all__ = ["solve_by_highs", "switch_greedily"]


def solve_by_highs(problem: SwitchingProblem, seconds: float) -> tuple[float, bool]:
    """Solve by HiGHS: a binary per turn, a deviation per interval above each phase's and its opposite.

    Args:
        problem: Connections of one phase, all turns allowed, without budget.
        seconds: That it may take. [s]

    Returns:
        The imbalance of its plan [W], and whether it is proven.

    Raises:
        BalanceError: If it finds no plan at all.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, eye_array, hstack, kron, vstack

    count, intervals = problem.size, problem.starts_utc.size
    home = problem.uneven(problem.home)
    changes = []
    for phase in range(PHASE_COUNT):
        columns = np.zeros((intervals, 2 * count))
        for turn in (1, 2):
            leaves = problem.phase == phase
            comes = (problem.phase + turn) % PHASE_COUNT == phase
            columns[:, turn - 1 :: 2] = (problem.rows * (comes.astype(float) - leaves)[:, None]).T
        changes.append(csr_array(columns))
    own = -eye_array(intervals)
    above = vstack([hstack([sign * change, own]) for change in changes for sign in (1, -1)])
    limit = np.concatenate([-sign * home[phase] for phase in range(PHASE_COUNT) for sign in (1, -1)])
    moves = coo_array(np.concatenate([np.ones(2 * count), np.zeros(intervals)])[None, :])
    once = hstack([kron(eye_array(count), np.ones((1, 2))), csr_array((count, intervals))])
    found = milp(
        np.concatenate([np.zeros(2 * count), np.full(intervals, 1 / intervals)]),
        integrality=np.concatenate([np.ones(2 * count), np.zeros(intervals)]),
        bounds=Bounds(0, np.concatenate([np.ones(2 * count), np.full(intervals, np.inf)])),
        constraints=[
            LinearConstraint(above, ub=limit),
            LinearConstraint(moves, ub=problem.limits.switches_max),
            LinearConstraint(once, ub=np.ones(count)),
        ],
        options={"time_limit": seconds},
    )
    if found.x is None:
        raise BalanceError(f"HiGHS finds no plan: {found.message}")
    taken = np.rint(found.x[: 2 * count]).reshape(count, 2)
    turns = (taken @ np.array([1, 2])).astype(np.int64)
    return problem.imbalance(turns), found.status == 0


def switch_greedily(problem: SwitchingProblem) -> float:
    """Take the best single switch until none helps or there are enough; returns the imbalance. [W]"""
    uneven = problem.uneven(problem.home).astype(np.float32)
    free = np.ones(problem.size, dtype=np.bool_)
    for _ in range(problem.limits.switches_max):
        best, chosen = float(np.abs(uneven).max(axis=0).mean()), (-1, 0)
        for one in np.flatnonzero(free):
            for turn in (1, 2):
                tried = float(np.abs(_switched(uneven, problem, int(one), turn)).max(axis=0).mean())
                if tried < best:
                    best, chosen = tried, (int(one), turn)
        if chosen[0] < 0:
            break
        uneven = _switched(uneven, problem, *chosen)
        free[chosen[0]] = False
    return float(np.abs(uneven).max(axis=0).mean())


def _switched(
    uneven: NDArray[np.float32], problem: SwitchingProblem, one: int, turn: int
) -> NDArray[np.float32]:
    changed = uneven.copy()
    for row in range(problem.first[one], problem.first[one + 1]):
        phase = int(problem.phase[row])
        changed[phase] -= problem.rows[row]
        changed[(phase + turn) % PHASE_COUNT] += problem.rows[row]
    return changed
