"""Load profiles of some days, repeated over others by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.grid.series.connection_series import ConnectionSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["repeat_profiles"]

_DAY = 86_400
_HALF_HOUR = 1_800


def repeat_profiles(
    profiles: ConnectionSeries, start_utc: int, count: int, step_seconds: int, time_zone: str
) -> ConnectionSeries:
    """What profiles say of other intervals: the whole days that they have, again and again, as mean powers.

    What a profile says of seven in the evening stands for seven in the evening in summer and in winter. One of whole
    weeks keeps its weekdays; one of less than a day is repeated within it.

    Args:
        profiles: At any step.
        start_utc: Of the first interval. [s since 1970, UTC]
        count: How many. [1]
        step_seconds: How long each is. [s]
        time_zone: Whose clock hangs on the wall.

    Returns:
        Shape (connections, count); NaN where any part of an interval is not known.
    """
    own = profiles.step_seconds
    cycle = max(profiles.length * own // _DAY, 1) * _DAY
    origin = profiles.start_utc + _offset(profiles.start_utc, ZoneInfo(profiles.time_zone))
    starts = start_utc + step_seconds * np.arange(count, dtype=np.int64)
    begin = (starts + _offsets(starts, ZoneInfo(time_zone)) - origin) % cycle
    steps = np.resize(np.arange(profiles.length), cycle // own)
    watts = _means(profiles.watts[:, steps], begin, step_seconds, own)
    vars_ = _means(profiles.vars[:, steps], begin, step_seconds, own)
    return ConnectionSeries(start_utc, step_seconds, watts, vars_, profiles.origins, time_zone)


def _means(
    values: NDArray[np.float64], begin: NDArray[np.int64], seconds: int, own: int
) -> NDArray[np.float64]:
    """Means over [begin, begin + seconds), from running sums; the end may pass that of the cycle."""
    turns = 2 + seconds // (values.shape[1] * own)
    again = np.tile(values, (1, turns))
    known = _integral(np.nan_to_num(again), begin + seconds, own) - _integral(
        np.nan_to_num(again), begin, own
    )
    gaps = _integral(np.isnan(again), begin + seconds, own) - _integral(np.isnan(again), begin, own)
    return np.where(gaps > own / seconds / 1_000, np.nan, known * (own / seconds))


def _integral(values: NDArray[np.generic], until: NDArray[np.int64], own: int) -> NDArray[np.float64]:
    """The sum of steps from the first until some seconds later, parts of a step in proportion. [unit x steps]"""
    summed = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=summed[:, 1:])
    whole, rest = np.divmod(until, own)
    part = rest / own
    following = np.minimum(whole + 1, values.shape[1])
    return np.asarray(summed[:, whole] * (1 - part) + summed[:, following] * part)


def _offset(instant: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset()
    assert offset is not None, zone
    return int(offset.total_seconds())


def _offsets(starts: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """A zone's offsets; they change on full or half hours. [s]"""
    known, place = np.unique(starts // _HALF_HOUR, return_inverse=True)
    return np.array([_offset(one * _HALF_HOUR, zone) for one in known.tolist()], np.int64)[place]
