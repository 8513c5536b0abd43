"""Weather as buildings feel it: what was, smoothed by their walls, and how far it is beyond comfort.

Unknown is NaN. Smoothing bridges what is unknown by what was known last, and is NaN before anything was known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

_BLOCK = 96

__all__ = [
    "daily_extremes",
    "degrees_beyond",
    "fill_gaps",
    "lagged",
    "moving_extremes",
    "moving_mean",
    "smoothed",
]


def lagged(values: Values, intervals: int) -> Values:
    """What was so many intervals before; NaN where the series had not begun. Shape (T,) to (T,)."""
    before = np.full(len(values), np.nan)
    if intervals < len(values):
        before[intervals:] = values[: len(values) - intervals]
    return before


def moving_mean(values: Values, intervals: int) -> Values:
    """Mean of an interval and those before it, of what is known of them. Shape (T,) to (T,)."""
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(ends - intervals, 0)
    count = counts[ends] - counts[begins]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, (sums[ends] - sums[begins]) / count, np.nan)


def smoothed(values: Values, step_seconds: int, hours: float) -> Values:
    """Exponential mean with a time constant, as the inside of a wall follows the air. Shape (T,) to (T,).

    Args:
        values: Unknown ones leave the mean where it is.
        step_seconds: [s]
        hours: After which 1/e of a step is left. [h]
    """
    filled = fill_gaps(values, len(values))
    begin = int(np.argmax(np.isfinite(filled))) if np.isfinite(filled).any() else len(values)
    mean = np.full(len(values), np.nan)
    if begin < len(values):
        keep = float(np.exp(-step_seconds / 3600 / hours))
        course = filled[begin:]
        mean[begin:] = _follow(course, keep)
    return mean


def _follow(course: Values, keep: float) -> Values:
    """What keeps so much of itself at each step and takes the rest from a course, in blocks. Shape (T,) to (T,)."""
    powers = keep ** np.arange(_BLOCK + 1)
    steps = np.arange(_BLOCK)
    apart = steps[:, np.newaxis] - steps
    response = np.where(apart >= 0, (1 - keep) * powers[np.maximum(apart, 0)], 0.0)
    blocks = np.resize(course, (-(-len(course) // _BLOCK), _BLOCK))
    taken = blocks @ response.T
    last = course[0]
    for index in range(len(taken)):
        taken[index] += last * powers[1:]
        last = taken[index, -1]
    return np.asarray(taken.ravel()[: len(course)])


def fill_gaps(values: Values, intervals_max: int) -> Values:
    """Go on with the last known value through gaps of at most so many intervals. Shape (T,) to (T,)."""
    place = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isfinite(values), place, -1))
    usable = (last >= 0) & (place - last <= intervals_max)
    return np.where(usable, values[np.maximum(last, 0)], np.nan)


def degrees_beyond(temperature: Values, bases: Sequence[float]) -> Values:
    """Degrees below and above each base: a line with a bend at each. Shape (T,) to (T, 2 · bases). [K]"""
    above = temperature[:, np.newaxis] - np.asarray(bases, dtype=np.float64)
    return np.hstack([np.minimum(above, 0.0), np.maximum(above, 0.0)])


def daily_extremes(values: Values, day: Whole) -> tuple[Values, Values, Values]:
    """Least, mean and greatest of the local day that an interval is in, of what is known of it. Shape (T,) each.

    Args:
        values: Shape (T,).
        day: Ascending, as ``Calendar.day``. Shape (T,).
    """
    days, begins, place = np.unique(day, return_index=True, return_inverse=True)
    if not len(days):
        return values.copy(), values.copy(), values.copy()
    known = np.isfinite(values)
    counts = np.add.reduceat(known.astype(np.float64), begins)
    least = np.minimum.reduceat(np.where(known, values, np.inf), begins)
    greatest = np.maximum.reduceat(np.where(known, values, -np.inf), begins)
    total = np.add.reduceat(np.where(known, values, 0.0), begins)
    none = counts == 0
    mean = total / np.maximum(counts, 1)
    least, mean, greatest = (np.where(none, np.nan, one)[place] for one in (least, mean, greatest))
    return least, mean, greatest


def moving_extremes(values: Values, intervals: int) -> tuple[Values, Values]:
    """Least and greatest of an interval and those before it, of what is known of them. Shape (T,) each."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    known = np.isfinite(values)
    shift = (intervals - 1) // 2
    least = minimum_filter1d(
        np.where(known, values, np.inf), intervals, mode="constant", cval=np.inf, origin=shift
    )
    greatest = maximum_filter1d(
        np.where(known, values, -np.inf), intervals, mode="constant", cval=-np.inf, origin=shift
    )
    return (
        np.where(np.isfinite(least), least, np.nan),
        np.where(np.isfinite(greatest), greatest, np.nan),
    )
