"""A meter's days: hours of the civil day, and what its own past and its neighbours let one expect of them.

The expectation of a day reads earlier days only, so that a day that is judged and a day that the threshold is set by
are treated alike: what is expected is the median of the last days of the same kind, and how far days stray from it is
the mean distance of those days. Weather that all meters feel moves the neighbours too and is taken off by them; where
a temperature is given, a meter's own response to it is learned from its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from ml.features.calendar import calendar_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["HOURS", "DayTable", "Expectation", "day_table", "expect_days"]

HOURS = 24
_HOUR_SECONDS = 3_600
_EPOCH = date(1970, 1, 1).toordinal()
_KNOWN_MIN = 0.75  # of a day's hours
_ALIKE = 12  # days of the same kind that a day is compared with
_BACK_DAYS = 70
_REFERENCES_MIN = 6
_FLOOR_SHARE = 0.1  # of a meter's usual level: nobody is so regular that less would count
_FLOOR_WATTS = 5.0
_BASE_PLACE = 3  # of a day's hours in order: the fourth-lowest, and the third-highest
_LIVED_IN = 1.5  # times its base load is what a home draws in which somebody lives
_RUN_DAYS, _RUN_BEHIND = 127, 7
_ZERO_LONG = 6.0  # [h]


@dataclass(frozen=True)
class DayTable:
    """Meters by civil day.

    Attributes:
        meters: Ids, M of them.
        dates: D civil days in a row.
        starts_utc: Their starts, and the end of the last. Shape (D + 1,). [s since 1970, UTC]
        hours: Mean power of each hour of the civil day, NaN where unknown; an hour that comes twice is the mean of
            both, one that does not come is its neighbours'. Shape (M, D, 24). [W]
        zero_hours: Longest time without a break at exactly zero that ends in the day, its time in earlier days
            included. Shape (M, D). [h]
        still_hours: The same at one value that is not zero. Shape (M, D). [h]
        is_rest: Weekend or public holiday? Shape (D,).
        temperature: Mean of the day, NaN where unknown. Shape (D,). [°C]
    """

    meters: tuple[str, ...]
    dates: tuple[date, ...]
    starts_utc: NDArray[np.int64]
    hours: Values
    zero_hours: Values
    still_hours: Values
    is_rest: NDArray[np.bool_]
    temperature: Values

    @property
    def known(self) -> NDArray[np.bool_]:
        """Is enough of a day known to judge it? Shape (M, D)."""
        return np.asarray(np.isfinite(self.hours).mean(axis=2) >= _KNOWN_MIN)

    def place(self, instant_utc: int) -> int:
        """Index of the first day that begins at or after an instant."""
        return int(np.searchsorted(self.starts_utc[:-1], instant_utc))


@dataclass(frozen=True)
class Expectation:
    """What was to be expected of each day, from earlier ones.

    Attributes:
        hours: Shape (M, D, 24), NaN where fewer than six earlier days are known. [W]
        spread: How far days of the kind stray from it. Shape (M, D, 24). [W]
        away: Does the day look as if nobody was home? Its base load goes on and nothing comes on top. Shape (M, D).
        example: May later days be compared with it? Somebody was home, and the meter showed something. Shape (M, D).
        nearest: Earlier day of the kind whose course was nearest, -1 where none is. Shape (M, D). [index of days]
        distance: Mean distance to it, in spreads. Shape (M, D). [1]
        zero_hours: Longest zero of four months that ended a week before. Shape (M, D). [h]
        still_hours: Longest standstill of them. Shape (M, D). [h]
    """

    hours: Values
    spread: Values
    away: NDArray[np.bool_]
    example: NDArray[np.bool_]
    nearest: NDArray[np.int64]
    distance: Values
    zero_hours: Values
    still_hours: Values


def day_table(meters: Mapping[str, Series], site: Site) -> DayTable:
    """Lay meters out by civil day.

    Args:
        meters: Courses on one grid; ``temperature`` [°C] among the inputs of the first one counts for all.
        site: Whose days they are.

    Raises:
        InputError: If there is no meter, grids differ, or not one whole day is there.
    """
    if not meters:
        raise InputError("there is no meter to look at; name one at least.")
    first = next(iter(meters.values()))
    for name, series in meters.items():
        if (series.start_utc, series.step_seconds, len(series)) != (
            first.start_utc,
            first.step_seconds,
            len(first),
        ):
            raise InputError(
                f"meter {name!r} begins at {series.start_utc} s with {len(series)} steps of {series.step_seconds} s, "
                f"the first at {first.start_utc} s with {len(first)} of {first.step_seconds} s; lay them on one grid."
            )
    calendar = calendar_of(first.starts_utc, first.step_seconds, site)
    dates, starts = _civil_days(first, ZoneInfo(site.time_zone))
    if not dates:
        raise InputError(
            f"from {first.start_utc} to {first.end_utc} s there is no whole day in {site.time_zone}; give longer "
            "courses."
        )
    day = calendar.day - (dates[0].toordinal() - _EPOCH)
    hour = calendar.slot * HOURS // calendar.slots
    inside = (day >= 0) & (day < len(dates))
    slot = day[inside] * HOURS + hour[inside]
    values = np.stack([series.values for series in meters.values()])
    hours = np.stack([_means(row[inside], slot, len(dates) * HOURS) for row in values])
    hours = hours.reshape(len(values), len(dates), HOURS)
    step_hours = first.step_seconds / _HOUR_SECONDS
    zero, still = (
        _longest(values, inside, day, len(dates), zero=which) * step_hours for which in (True, False)
    )
    air = first.inputs.get("temperature")
    temperature = np.full(len(dates), np.nan)
    if air is not None:
        temperature = _means(air[: len(first)][inside], day[inside], len(dates))
    rest = np.zeros(len(dates), dtype=bool)
    rest[day[inside]] = calendar.resting[inside]
    return DayTable(tuple(meters), dates, starts, _bridged(hours), zero, still, rest, temperature)


def _civil_days(series: Series, zone: ZoneInfo) -> tuple[tuple[date, ...], NDArray[np.int64]]:
    """Days that lie wholly in a series, and their starts and the last one's end."""
    day = datetime.fromtimestamp(series.start_utc, UTC).astimezone(zone).date()
    if _midnight(day, zone) < series.start_utc:
        day += timedelta(days=1)
    dates, starts = [], [_midnight(day, zone)]
    while (end := _midnight(day + timedelta(days=1), zone)) <= series.end_utc:
        dates.append(day)
        day += timedelta(days=1)
        starts.append(end)
    return tuple(dates), np.array(starts, dtype=np.int64)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _means(values: Values, slot: NDArray[np.int64], count: int) -> Values:
    """Mean of the known values of each slot, NaN where none is. Shape (count,)."""
    known = np.isfinite(values)
    sums = np.bincount(slot[known], weights=values[known], minlength=count)
    numbers = np.bincount(slot[known], minlength=count)
    return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)


def _bridged(hours: Values) -> Values:
    """One hour that is missing between two known ones is their mean: the hour that summer time skips."""
    flat = hours.reshape(len(hours), -1)
    filled = flat.copy()
    between = (flat[:, :-2] + flat[:, 2:]) / 2
    middle = filled[:, 1:-1]
    middle[np.isnan(middle)] = between[np.isnan(middle)]
    return filled.reshape(hours.shape)


def _longest(
    values: Values, inside: NDArray[np.bool_], day: NDArray[np.int64], days: int, *, zero: bool
) -> Values:
    """Longest run that reaches into each day, at zero or at one other value. Shape (M, D). [intervals]"""
    same = np.zeros(values.shape, dtype=bool)
    same[:, 1:] = values[:, 1:] == values[:, :-1]
    at_zero = values == 0
    counts = at_zero if zero else same & ~at_zero
    places = np.arange(values.shape[1])
    last_break = np.maximum.accumulate(np.where(counts, -1, places), axis=1)
    runs = np.where(counts, places - last_break, 0).astype(np.float64)
    if not zero:
        runs = np.where(runs > 0, runs + 1, 0.0)
    longest = np.zeros((len(values), days))
    columns, of_day = np.flatnonzero(inside), day[inside]
    for row in range(len(values)):
        np.maximum.at(longest[row], of_day, runs[row, columns])
    return longest


def expect_days(table: DayTable) -> Expectation:
    """What earlier days let one expect of each day, of every meter."""
    meters, days, _ = table.hours.shape
    expected = np.full((meters, days, HOURS), np.nan)
    spread = np.full((meters, days, HOURS), np.nan)
    nearest = np.full((meters, days), -1, dtype=np.int64)
    distance = np.full((meters, days), np.nan)
    zero, still = np.full((meters, days), np.nan), np.full((meters, days), np.nan)
    usual, base = _usual_levels(table)
    away = _away(table, usual, base)
    # A day without people, or with a meter that showed nothing, is no example of a usual one.
    known = table.known & ~away & ~((table.zero_hours >= _ZERO_LONG) & (base > _FLOOR_WATTS))
    for day in range(days):
        alike = _alike(table.is_rest, day)
        if alike.size < _REFERENCES_MIN:
            continue
        past = np.where(known[:, alike, None], table.hours[:, alike], np.nan)
        enough = known[:, alike].sum(axis=1) >= _REFERENCES_MIN
        middle = _median(past)
        stray = _mean_known(np.abs(past - middle[:, None]))
        wide = _smooth(stray) + _FLOOR_SHARE * usual[:, day, None] + _FLOOR_WATTS
        expected[enough, day], spread[enough, day] = middle[enough], wide[enough]
        apart = np.abs(past - table.hours[:, day, None]) / wide[:, None]
        mean_apart = np.where(np.isfinite(apart).any(axis=2), _mean_known(apart, axis=2), np.inf)
        best = np.argmin(mean_apart, axis=1)
        found = mean_apart[np.arange(meters), best]
        usable = enough & np.isfinite(found)
        nearest[usable, day], distance[usable, day] = alike[best[usable]], found[usable]
        zero[:, day], still[:, day] = (
            one[:, max(0, day - _RUN_DAYS) : max(1, day - _RUN_BEHIND)].max(axis=1)
            for one in (table.zero_hours, table.still_hours)
        )
    return Expectation(expected, spread, away, known, nearest, distance, zero, still)


def _alike(is_rest: NDArray[np.bool_], day: int) -> NDArray[np.int64]:
    """The last days of a day's kind, and its last three days of any kind, in order."""
    begin = max(0, day - _BACK_DAYS)
    same = begin + np.flatnonzero(is_rest[begin:day] == is_rest[day])
    return np.unique(np.concatenate([same[-_ALIKE:], np.arange(max(0, day - 3), day)]))


def _usual_levels(table: DayTable) -> tuple[Values, Values]:
    """Medians of the last ten weeks before each day, never of the day itself: of the mean, and of the base load.

    Shapes (M, D). [W]
    """
    known = table.known
    means = np.where(known, _mean_known(np.abs(table.hours), axis=2), np.nan)
    low = np.where(known, np.sort(table.hours, axis=2)[:, :, _BASE_PLACE], np.nan)
    both = np.stack([means, low], axis=2)
    levels = np.zeros(both.shape)
    for day in range(1, means.shape[1]):
        levels[:, day] = np.nan_to_num(_median(both[:, max(0, day - _BACK_DAYS) : day]))
    return levels[:, :, 0], levels[:, :, 1]


def _away(table: DayTable, usual: Values, base: Values) -> NDArray[np.bool_]:
    """Which days look as if nobody was home, though somebody usually is. Shape (M, D)."""
    hours = np.where(np.isfinite(table.hours), table.hours, base[:, :, None])
    mean = hours.mean(axis=2)
    high = np.sort(hours, axis=2)[:, :, -_BASE_PLACE]
    lived_in = (base > _FLOOR_WATTS) & (usual > _LIVED_IN * base)
    calm = (high <= 2 * base + 20) & (mean <= 0.6 * usual)
    return np.asarray(table.known & lived_in & calm & (mean >= 0.4 * base) & (table.zero_hours < _ZERO_LONG))


def _median(past: Values) -> Values:
    """Median over axis 1 of what is known, NaN where nothing is. Shape (M, n, k) to (M, k)."""
    ordered = np.sort(past, axis=1)  # what is unknown comes last
    count = np.isfinite(ordered).sum(axis=1, keepdims=True)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    high = np.minimum(high, np.maximum(count - 1, 0))
    both = np.take_along_axis(ordered, low, axis=1) + np.take_along_axis(ordered, high, axis=1)
    return np.asarray(both[:, 0] / 2)


def _mean_known(values: Values, axis: int = 1) -> Values:
    known = np.isfinite(values)
    sums = np.where(known, values, 0.0).sum(axis=axis)
    numbers = known.sum(axis=axis)
    return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)


def _smooth(hours: Values) -> Values:
    """Over three hours of the day, round the clock: twelve days tell an hour's spread poorly. Shape (M, 24)."""
    return np.asarray((np.roll(hours, 1, axis=1) + hours + np.roll(hours, -1, axis=1)) / 3)
