"""What a solar model reads of the past and of the weather, for each interval ahead of an origin.

Everything is told as a share of the clear sky's power: clearness does not know the season or the time of day. Dust,
snow, haze and age lower what a clear sky gives for weeks, so the share is of the plant's **level**, what its best days
of the last month reached. A row belongs to an origin and an interval at or after it, and reads values before the
origin only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["CLEARNESS_MAX", "LIT", "PAST_NAMES", "Course", "levels_of", "past_features", "weather_features"]

LIT = 0.02
"""Intervals whose clear sky gives less than this share of the plant's highest are not learned from. [1]"""
CLEARNESS_MAX = 1.5
DAY_SECONDS = 86_400
LEVEL_DAYS = 30
"""Days whose best tell the level. [days]"""
LEVEL_BEST = 0.2
"""Share of them that are the best. [1]"""
LEVEL_LEAST = 6
"""Days with production that a level needs. [days]"""
_DARK_DAY = 0.02
"""A day below this share of the usual level was an outage, or snow; it tells nothing of the level. [1]"""
_DAY_KNOWN = 0.7
"""Share of a day's clear-sky energy whose intervals must be known. [1]"""

PAST_NAMES = (
    "clear_share",
    "elevation",
    "turn",
    "lead_days",
    "freshness",
    "same_time_1",
    "same_time_2",
    "same_time_3",
    "same_time_fortnight",
    "day_1",
    "day_2",
    "week",
    "month",
    "last_hours",
    "last_hours_fresh",
    "day_1_fresh",
)
"""Names of the columns of ``past_features``."""


@dataclass(frozen=True)
class Course:
    """A plant's power beside the clear sky's, from the first value to the last interval forecast.

    Attributes:
        start_utc: [s since 1970, UTC]
        step_seconds: [s]
        power: NaN where unknown. Shape (T,). [W]
        clear: Under a clear sky, zero at night. Shape (T + ahead,). [W]
        elevation: Of the sun. Shape (T + ahead,). [°]
        azimuth: Of the sun. Shape (T + ahead,). [°]
        clear_highest: The plant's highest power under a clear sky. [W]
    """

    start_utc: int
    step_seconds: int
    power: Values
    clear: Values
    elevation: Values
    azimuth: Values
    clear_highest: float

    @property
    def per_day(self) -> int:
        """Intervals of a day. [1]"""
        return DAY_SECONDS // self.step_seconds

    @property
    def lit(self) -> NDArray[np.bool_]:
        """Where there is light enough to learn from. Shape (T + ahead,)."""
        return np.asarray(self.clear > LIT * self.clear_highest)


@dataclass(frozen=True)
class _Sums:
    """Running sums of power and of the clear sky's, over intervals whose power is known. Shape (T + 1,)."""

    power: Values
    clear: Values

    @classmethod
    def of(cls, course: Course) -> _Sums:
        length = len(course.power)
        known = np.isfinite(course.power) & course.lit[:length]
        power = np.where(known, np.maximum(np.nan_to_num(course.power), 0.0), 0.0)
        clear = np.where(known, course.clear[:length], 0.0)
        return cls(np.concatenate([[0.0], np.cumsum(power)]), np.concatenate([[0.0], np.cumsum(clear)]))

    def ratio(self, begins: Places, ends: Places, least: float, level: Values) -> Values:
        """Clearness of spans, NaN where their clear sky has less than some energy. Shape as the places."""
        top = len(self.power) - 1
        low, high = np.clip(begins, 0, top), np.clip(ends, 0, top)
        clear = self.clear[high] - self.clear[low]
        power = self.power[high] - self.power[low]
        enough = clear > least
        return np.where(
            enough, np.clip(power / np.where(enough, clear * level, 1.0), 0.0, CLEARNESS_MAX), np.nan
        )


def levels_of(course: Course, usual: float) -> Values:
    """What a clear sky gave lately, as a share of the physics' clear sky, as it was known before each interval.

    Args:
        course: Power and clear sky.
        usual: Level where too few days are known. [1]

    Returns:
        Known at an origin by its index: the mean of the best fifth of the last thirty whole days. Shape (T + 1,). [1]
    """
    day, length = course.per_day, len(course.power)
    levels = np.full(length + 1, usual)
    whole = len(course.clear) // day
    if not whole:
        return levels
    slots = course.clear[: whole * day].reshape(whole, day).sum(axis=0)
    # A day begins in the middle of the night, opposite to where the light has its centre.
    turn = np.angle(np.sum(slots * np.exp(2j * np.pi * np.arange(day) / day))) / (2 * np.pi) * day
    phase = round(turn + day / 2) % day
    count = (length - phase) // day
    if count <= 0:
        return levels
    span = slice(phase, phase + count * day)
    lit = course.lit[span].reshape(count, day)
    power, clear = course.power[span].reshape(count, day), course.clear[span].reshape(count, day)
    known = lit & np.isfinite(power)
    of_known = np.where(known, clear, 0.0).sum(axis=1)
    enough = of_known > _DAY_KNOWN * np.where(lit, clear, 0.0).sum(axis=1)
    enough &= of_known > 0
    made = np.maximum(np.where(known, power, 0.0), 0.0).sum(axis=1)
    ratios = np.where(enough, made / np.where(of_known > 0, of_known, 1.0), np.nan)
    for number in range(1, count + 1):
        last = ratios[max(0, number - LEVEL_DAYS) : number]
        last = np.sort(last[last > _DARK_DAY * usual])
        if len(last) >= LEVEL_LEAST:
            best = last[-max(2, round(LEVEL_BEST * len(last))) :]
            levels[phase + number * day : phase + (number + 1) * day] = best.mean()
    return levels


def _first_known(*choices: Values) -> Values:
    chosen = choices[0]
    for choice in choices[1:]:
        chosen = np.where(np.isfinite(chosen), chosen, choice)
    return chosen


def _same_time(course: Course, latest: Places, days: int, least: float, level: Values) -> Values:
    """Clearness of a time of day over some days that end with the latest; NaN where too dark. Shape as the places."""
    day, length = course.per_day, len(course.power)
    known = np.isfinite(course.power) & course.lit[:length]
    sums = []
    for values in (
        np.where(known, np.maximum(course.power, 0.0), 0.0),
        np.where(known, course.clear[:length], 0.0),
    ):
        padded = np.concatenate([values, np.zeros(-length % day)]).reshape(-1, day)
        sums.append(np.concatenate([np.zeros(day), np.cumsum(padded, axis=0).ravel()]))
    # Sums at an index stand a day later: those at `place + day` hold the place's own.
    high = np.clip(latest + day, 0, len(sums[0]) - 1)
    low = np.clip(latest + day - days * day, 0, None)
    low = np.where(latest + day - days * day < 0, high % day, low)
    power, clear = (column[high] - column[low] for column in sums)
    enough = clear > least
    return np.where(enough, np.clip(power / np.where(enough, clear * level, 1.0), 0.0, CLEARNESS_MAX), np.nan)


def past_features(course: Course, origins: Places, targets: Places, levels: Values, usual: float) -> Values:
    """What the past tells of intervals ahead of origins.

    Args:
        course: Power and clear sky.
        origins: Index of each row's origin; values before it are read. Shape (R,).
        targets: Index of each row's interval, at least the origin's. Shape (R,).
        levels: Of ``levels_of``. Shape (T + 1,). [1]
        usual: Clearness where the past says nothing. [1]

    Returns:
        A column for each of ``PAST_NAMES``, all finite. Shape (R, F).
    """
    sums, level = _Sums.of(course), levels[origins]
    day = course.per_day
    hour = max(1, 3600 // course.step_seconds)
    step_least = LIT * course.clear_highest
    base = np.full(len(origins), usual)
    month = _first_known(sums.ratio(origins - 30 * day, origins, step_least * day, level), base)
    week = _first_known(sums.ratio(origins - 7 * day, origins, step_least * day, level), month)
    day_1 = _first_known(sums.ratio(origins - day, origins, step_least * hour, level), week)
    day_2 = _first_known(sums.ratio(origins - 2 * day, origins - day, step_least * hour, level), week)
    last = _first_known(sums.ratio(origins - 3 * hour, origins, 2 * step_least * hour, level), day_1)
    # The last day on which the hours around the interval's time of day were all known at the origin.
    days_back = (targets - origins + 1 + hour + day - 1) // day
    same = []
    for more in range(3):
        middle = targets - (days_back + more) * day
        same.append(
            _first_known(sums.ratio(middle - hour, middle + hour + 1, 2 * step_least * hour, level), day_1)
        )
    same.append(_first_known(_same_time(course, targets - days_back * day, 14, step_least, level), week))
    lead = (targets - origins) / day
    # Where the sun was up shortly before the origin its clearness tells of the next hours, and less of later ones.
    fresh = np.exp(-lead * 24 / 4)
    columns = [
        course.clear[targets] / course.clear_highest,
        course.elevation[targets] / 90,
        (course.azimuth[targets] - 180) / 90,
        lead,
        fresh,
        *same,
        day_1,
        day_2,
        week,
        month,
        last,
        (last - week) * fresh,
        (day_1 - week) * np.exp(-lead),
    ]
    return np.column_stack(columns)


def weather_features(course: Course, weather: Mapping[str, Values], targets: Places) -> Values:
    """What the weather ahead tells: each column at the interval, and its mean over two hours around it.

    Args:
        course: Power and clear sky.
        weather: Columns on the course's grid, as long as it is ahead, NaN where unknown.
        targets: Index of each row's interval. Shape (R,).

    Returns:
        Two columns for each of the weather's, in their order; NaN where unknown. Shape (R, 2 W).
    """
    hour = max(1, 3600 // course.step_seconds)
    columns = []
    for values in weather.values():
        columns.append(values[targets])
        known = np.isfinite(values)
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
        counts = np.concatenate([[0], np.cumsum(known)])
        low = np.clip(targets - hour, 0, len(values))
        high = np.clip(targets + hour + 1, 0, len(values))
        count = counts[high] - counts[low]
        columns.append(np.where(count > 0, (sums[high] - sums[low]) / np.maximum(count, 1), np.nan))
    return np.column_stack(columns) if columns else np.zeros((len(targets), 0))
