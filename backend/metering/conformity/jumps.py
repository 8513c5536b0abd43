"""Days on which something changes and stays changed, from a score of each day against the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["changed_stretches", "pick_jumps"]


def pick_jumps(score: NDArray[np.float64], least: float, apart: int) -> list[int]:
    """Places of the largest scores, the largest first taken, none nearer than ``apart`` to another; rising.

    Args:
        score: Size of the change at each place, at least zero. Shape (n,).
        least: Scores below it are no change; above zero.
        apart: Least distance. [1]
    """
    assert least > 0, least
    left = score.copy()
    found = []
    while len(left) and left.max() >= least:
        best = int(left.argmax())
        found.append(best)
        left[max(best - apart, 0) : best + apart + 1] = 0
    return sorted(found)


def changed_stretches(jumps: list[tuple[int, float]], days: int) -> list[tuple[int, int, float]]:
    """Stretches (first, until, size) that a jump begins and a jump back, or the end of the data, ends.

    Args:
        jumps: Day and signed size of each, rising.
        days: Of the data. [d]
    """
    stretches: list[tuple[int, int, float]] = []
    away = False
    for place, (day, size) in enumerate(jumps):
        if away and np.sign(size) != np.sign(stretches[-1][2]):
            away = False  # back where it was
            continue
        until = jumps[place + 1][0] if place + 1 < len(jumps) else days
        stretches.append((day, until, size))
        away = True
    return stretches
