"""Steps of a curve whose file does not say them: from the distances of its stamps, where these leave no doubt."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["infer_steps"]

_STEPS = (300, 600, 900, 1800, 3600)


def infer_steps(ends_utc: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How long the interval before each end is.

    The distance to the end before it, where that is a step of meters that comes at least twice running, or that is
    not longer than the steps around it. A single longer distance is a gap, after which the step goes on; so is any
    other distance.

    Args:
        ends_utc: Ends of one series' intervals, in any order, shape (n,). [s since 1970, UTC]

    Returns:
        Lengths, shape (n,) [s], and which of them stay in doubt (0 there), shape (n,).
    """
    ends, inverse = np.unique(ends_utc, return_inverse=True)
    steps = np.zeros(len(ends), np.int64)
    if len(ends) > 1:
        distance = np.diff(ends)
        steps[1:] = _settle(distance)
        only = np.unique(steps[1:])
        steps[0] = steps[1] if steps[1] == distance[0] or len(only) == 1 else 0
    return steps[inverse], (steps == 0)[inverse]


def _settle(distance: NDArray[np.int64]) -> NDArray[np.int64]:
    """The step of each end but the first, 0 in doubt. Shape (n,)."""
    bounds = np.flatnonzero(np.concatenate(([True], distance[1:] != distance[:-1], [True])))
    runs = [(begin, end, int(distance[begin])) for begin, end in pairwise(bounds.tolist())]
    sure = [step if step in _STEPS and end - begin > 1 else 0 for begin, end, step in runs]
    before = _carry(sure)
    after = _carry(sure[::-1])[::-1]
    steps = np.zeros(len(distance), np.int64)
    for place, (begin, end, step) in enumerate(runs):
        steps[begin:end] = sure[place] or _settle_single(step, before[place], after[place])
    return steps


def _settle_single(step: int, before: int, after: int) -> int:
    """The step at a distance that comes once, between sure ones (0 where there is none)."""
    around = {near for near in (before, after) if near}
    if step in _STEPS and (not around or step <= min(around)):
        return step
    return min(around) if len(around) == 1 else 0  # between two steps, what ends the gap may have either


def _carry(sure: list[int]) -> list[int]:
    """The last sure step before each run."""
    carried = []
    last = 0
    for step in sure:
        carried.append(last)
        last = step or last
    return carried
