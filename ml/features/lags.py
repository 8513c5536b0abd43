"""What was measured before, as far as it was known at an origin.

A target interval has a place in the series and an origin: values at places below the origin were known, no others
are read. So a table of many origins is made at once, for learning, by the same code as one forecast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["last_known", "mean_before", "same_slot", "spread_before"]


def same_slot(values: Values, places: Whole, origins: Whole, period: int, count: int) -> Values:
    """The latest values at the target's own slot that were known: whole periods before it. Shape (count, N).

    Args:
        values: Shape (T,), NaN where unknown.
        places: Of the targets, may be beyond the values. Shape (N,).
        origins: First place that was not known, at most its target's. Shape (N,).
        period: A day or a week. [intervals]
        count: How many, the latest first. Clock changes are not minded: they are off by an hour for a day or a week.
    """
    assert (places >= origins).all(), "a target before its origin"
    back = (places - origins) // period + 1
    rows = [_at(values, places - (back + index) * period) for index in range(count)]
    return np.stack(rows) if rows else np.empty((0, len(places)))


def last_known(values: Values, origins: Whole, intervals_max: int) -> Values:
    """The latest known value before each origin, NaN where it is further back. Shape (N,)."""
    place = np.arange(len(values))
    latest = np.maximum.accumulate(np.where(np.isfinite(values), place, -1)) if len(values) else place
    before = np.clip(origins - 1, -1, len(values) - 1)
    found = np.where(before >= 0, latest[np.maximum(before, 0)] if len(values) else -1, -1)
    usable = (found >= 0) & (origins - 1 - found < intervals_max)
    return np.where(usable, values[np.maximum(found, 0)] if len(values) else np.nan, np.nan)


def mean_before(values: Values, origins: Whole, intervals: int) -> Values:
    """Mean of what is known of the intervals just before each origin. Shape (N,)."""
    return _moments(values, origins, intervals)[0]


def spread_before(values: Values, origins: Whole, intervals: int) -> Values:
    """Mean absolute value of the same: of residuals, how far off they were of late. Shape (N,)."""
    return _moments(np.abs(values), origins, intervals)[0]


def _moments(values: Values, origins: Whole, intervals: int) -> tuple[Values, Whole]:
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.clip(origins, 0, len(values))
    begins = np.clip(origins - intervals, 0, len(values))
    count = counts[ends] - counts[begins]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, (sums[ends] - sums[begins]) / count, np.nan), count


def _at(values: Values, places: Whole) -> Values:
    inside = (places >= 0) & (places < len(values))
    return np.where(
        inside, values[np.clip(places, 0, max(len(values) - 1, 0))] if len(values) else np.nan, np.nan
    )
