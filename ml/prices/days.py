"""A price series as civil days of 24 hours, which is how day-ahead markets quote, with what is known of each day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.features.calendar import calendar_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["DAYS_BACK", "HOURS", "PriceDays", "price_days"]

HOURS = 24
DAYS_BACK = 7
"""The longest lag. [days]"""
_SECONDS_PER_HOUR = 3600
_GAP_HOURS_MAX = 3


@dataclass(frozen=True)
class PriceDays:
    """Local civil days, from the first whole one of the series to the last that is asked for.

    Invariants: ``prices`` and ``inputs`` are finite; what was unknown is interpolated over three hours at most, beyond
    that repeated from the week before. A day that clocks shorten has its missing hour interpolated, one that they
    lengthen the mean of the doubled hour.

    Attributes:
        prices: Hourly means; zero on days that are yet to come. Shape (D, 24).
        whole: Days whose prices were measured: the only ones to learn from. Shape (D,).
        inputs: Day-ahead forecasts of load, wind and the like. Shape (D, K, 24).
        names: Of the inputs, K of them.
        given: Whether a day's inputs were all there. Shape (D,).
        weekday: 0 is Monday. Shape (D,).
        holiday: Public holiday in the site's country. Shape (D,).
        year_share: Of the year that is over. Shape (D,). [1]
        parts: Prices of the parts of each hour as they were, NaN where unknown. Shape (D, 24, M).
        day_of: Row of each interval from the series' start on; -1 before the first row. Shape (T,).
        hour_of: Local hour of each interval. Shape (T,).
        part_of: Which part of its hour each interval is. Shape (T,).
        known: Rows before this one have prices that were known; the one at it may have in part.
    """

    prices: Values
    whole: Flags
    inputs: Values
    names: tuple[str, ...]
    given: Flags
    weekday: Places
    holiday: Flags
    year_share: Values
    parts: Values
    day_of: Places
    hour_of: Places
    part_of: Places
    known: int

    def __len__(self) -> int:
        return len(self.prices)

    def until(self, day: int) -> PriceDays:
        """The same with nothing known of prices from a row on."""
        prices, parts, whole = self.prices.copy(), self.parts.copy(), self.whole.copy()
        prices[day:], parts[day:], whole[day:] = 0.0, np.nan, False
        return replace(self, prices=prices, parts=parts, whole=whole, known=min(day, self.known))

    def learnable(self, until: int, window: int) -> Places:
        """Rows among the last ``window`` before a row that are measured and have measured lags. [row]"""
        rows = np.arange(max(DAYS_BACK, until - window), min(until, self.known))
        return rows[self.whole[rows] & self.given[rows]]


def price_days(series: Series, site: Site, names: Sequence[str], until_utc: int, ahead: int) -> PriceDays:
    """Lay a series out by civil days.

    Args:
        series: Prices and inputs; values from ``until_utc`` on are not read.
        site: Whose days: the time zone of the market.
        names: Inputs to take.
        until_utc: Prices of intervals that ended by then are known. [s since 1970, UTC]
        ahead: Intervals after that which are asked for. [1]

    Raises:
        InputError: If an input is absent, or there are fewer than eight whole days.
    """
    missing = [name for name in names if name not in series.inputs]
    if missing:
        raise InputError(
            f"the price model was fitted with the input {missing[0]!r}, which the series does not have; "
            f"it has {', '.join(sorted(series.inputs)) or 'none'}. Add it, or fit a model without it."
        )
    place = min(series.place(until_utc), len(series))
    total = series.place(until_utc) + ahead
    starts = series.start_utc + series.step_seconds * np.arange(total, dtype=np.int64)
    calendar = calendar_of(starts, series.step_seconds, site)
    parts_per_hour = _SECONDS_PER_HOUR // series.step_seconds
    first = int(calendar.day[0]) + int(calendar.slot[0] > 0)
    day, hour = calendar.day - first, calendar.slot // parts_per_hour
    part = calendar.slot % parts_per_hour
    rows = int(day[-1]) + 1
    if rows <= DAYS_BACK or int(np.sum(day[:place] >= 0)) < DAYS_BACK * HOURS * parts_per_hour:
        raise InputError(
            f"the series has {place} prices before the origin; a price model reads those of {DAYS_BACK} whole days, "
            f"{DAYS_BACK * HOURS * parts_per_hour} intervals. Give a longer history."
        )
    inside = day >= 0
    cells = (day * HOURS + hour) * parts_per_hour + part
    shape = (rows, HOURS, parts_per_hour)

    def laid(column: Values) -> Values:
        padded = np.full(total, np.nan)
        padded[: min(len(column), total)] = column[:total]
        return _means(cells[inside], padded[inside], rows * HOURS * parts_per_hour).reshape(shape)

    parts = laid(series.values[:place])
    hourly = _hourly(parts)
    known = int(day[place]) if place < total else rows
    price, whole = _filled(hourly, known)
    columns = [_filled(_hourly(laid(np.asarray(series.inputs[name]))), rows) for name in names]
    heads = np.searchsorted(calendar.day, first + np.arange(rows))
    return PriceDays(
        prices=price,
        whole=whole,
        inputs=np.stack([one for one, _ in columns], axis=1) if columns else np.zeros((rows, 0, HOURS)),
        names=tuple(names),
        given=np.logical_and.reduce([there for _, there in columns]) if columns else np.ones(rows, np.bool_),
        weekday=calendar.weekday[heads],
        holiday=calendar.holiday[heads],
        year_share=calendar.year_share[heads],
        parts=parts,
        day_of=np.maximum(day, -1),
        hour_of=hour,
        part_of=part,
        known=known,
    )


def _means(cells: Places, values: Values, count: int) -> Values:
    """Mean of the known values of each cell, NaN where there is none."""
    there = np.isfinite(values)
    sums = np.bincount(cells[there], values[there], count)
    counts = np.bincount(cells[there], minlength=count)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _hourly(parts: Values) -> Values:
    """Means of the hours' parts that are known. Shape (D, 24, M) to (D, 24)."""
    there = np.isfinite(parts)
    counts = there.sum(axis=2)
    sums = np.where(there, parts, 0.0).sum(axis=2)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _filled(hourly: Values, known: int) -> tuple[Values, Flags]:
    """Fill gaps; days whose gaps were longer than may be interpolated are not whole.

    Rows from ``known`` on are zero where unknown, for a forecast is written there.
    """
    flat = hourly[:known].ravel().copy()
    there = np.isfinite(flat)
    edges = np.flatnonzero(np.diff(np.concatenate([[1], there.astype(np.int8), [1]])))
    for begin, end in edges.reshape(-1, 2):
        if end - begin <= _GAP_HOURS_MAX and begin > 0 and end < len(flat):
            _bridge(flat, int(begin), int(end))
    rows = flat.reshape(known, HOURS)
    whole = np.zeros(len(hourly), np.bool_)
    whole[:known] = np.isfinite(rows).all(axis=1)
    out = np.concatenate([rows, hourly[known:]])
    first = rows[int(np.argmax(whole))] if whole.any() else np.zeros(HOURS)
    for row in np.flatnonzero(~np.isfinite(out).all(axis=1)):
        before = out[row - DAYS_BACK] if row >= DAYS_BACK else first
        unknown = ~np.isfinite(out[row])
        out[row, unknown] = 0.0 if row >= known else before[unknown]
    return out, whole


def _bridge(flat: Values, begin: int, end: int) -> None:
    """Interpolate a gap; up to a midnight the last value goes on, for what came after it was not known then."""
    midnight = -(-(begin + 1) // HOURS) * HOURS
    if midnight <= end:
        flat[begin:midnight] = flat[begin - 1]
        begin = midnight
    if begin < end:
        flat[begin:end] = np.interp(np.arange(begin, end), [begin - 1, end], flat[[begin - 1, end]])
