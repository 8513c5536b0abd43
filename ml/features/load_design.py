"""What decides a load, as columns: for linear models bent where people's needs bend, for trees plain.

Two tables of the same intervals. ``base_columns`` has no value of the load itself in it, so that what it leaves
unexplained can be looked at as weather's and calendar's remainder; temperatures are bent at quantiles of the learned
course, because heating and cooling begin where a place's people begin. ``tree_columns`` has the same facts unbent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.features.calendar import SUNDAY, Calendar, calendar_of, yearly_terms
from ml.features.weather import daily_extremes, degrees_beyond, fill_gaps, lagged, moving_mean, smoothed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["TEMPERATURE", "Layout", "base_columns", "complete_inputs", "layout_of", "tree_columns"]

TEMPERATURE = "temperature"
_BENDS = (0.03, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99)
_BENDS_OF_OTHERS = (0.33, 0.67)
_BUMPS = 52
_FILLED_HOURS = 3
_SHORT_GAP_DAYS, _LONG_GAP_DAYS = 4, 8
_SECONDS_PER_YEAR = 365.25 * 86400


@dataclass(frozen=True)
class Layout:
    """What the columns are made of, learned once.

    Attributes:
        site: Time zone and holidays.
        step_seconds: [s]
        inputs: Names of the columns known ahead, the temperature first where there is one.
        bends: Of each input, where its effect may bend. [the input's unit]
        yearly: Whether the history is long enough to tell the seasons and a trend from.
        begin_utc: Where the trend counts from. [s since 1970, UTC]
    """

    site: Site
    step_seconds: int
    inputs: tuple[str, ...]
    bends: Mapping[str, Values]
    yearly: bool
    begin_utc: int

    @property
    def per_hour(self) -> int:
        """Intervals."""
        return 3600 // self.step_seconds

    def calendar(self, starts_utc: Whole) -> Calendar:
        """The calendar of intervals."""
        return calendar_of(starts_utc, self.step_seconds, self.site)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        site = self.site
        return {
            "site": [site.time_zone, site.country, site.subdivision],
            "step_seconds": self.step_seconds,
            "inputs": list(self.inputs),
            "bends": {name: np.asarray(self.bends[name]) for name in self.inputs},
            "yearly": self.yearly,
            "begin_utc": self.begin_utc,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Layout:
        """Make it again."""
        from backend.forecasting import Site

        return cls(
            Site(*state["site"]),
            int(state["step_seconds"]),
            tuple(state["inputs"]),
            {name: np.asarray(values, dtype=np.float64) for name, values in state["bends"].items()},
            bool(state["yearly"]),
            int(state["begin_utc"]),
        )


def layout_of(
    site: Site, step_seconds: int, inputs: Mapping[str, Values], begin_utc: int, *, yearly: bool
) -> Layout:
    """Learn where inputs bend.

    Args:
        site: Where.
        step_seconds: [s]
        inputs: Each with some value known; those that never change are left out. Shape (T,) each.
        begin_utc: Of the history. [s since 1970, UTC]
        yearly: Whether it is long enough to tell seasons from.
    """
    names = [name for name in sorted(inputs) if np.nanmax(inputs[name]) > np.nanmin(inputs[name])]
    names.sort(key=lambda name: name != TEMPERATURE)
    bends = {
        name: np.unique(np.nanquantile(inputs[name], _BENDS if name == TEMPERATURE else _BENDS_OF_OTHERS))
        for name in names
    }
    return Layout(site, step_seconds, tuple(names), bends, yearly, begin_utc)


def complete_inputs(inputs: Mapping[str, Values], names: Sequence[str], per_hour: int) -> dict[str, Values]:
    """Inputs with gaps of up to three hours bridged by the last value known; longer ones stay NaN."""
    return {name: fill_gaps(inputs[name], _FILLED_HOURS * per_hour) for name in names}


def base_columns(
    layout: Layout, starts_utc: Whole, calendar: Calendar, inputs: Mapping[str, Values]
) -> Values:
    """Columns of calendar and inputs for linear models of one time of the day each. Shape (T, D); NaN stays NaN."""
    blocks = [_day_columns(calendar)]
    if layout.yearly:
        years = (starts_utc - layout.begin_utc) / _SECONDS_PER_YEAR
        blocks += [yearly_terms(calendar.year_share, 6), years[:, np.newaxis], _bumps(calendar.year_share)]
        blocks += [calendar.resting[:, np.newaxis] * yearly_terms(calendar.year_share, 2)]
    for name in layout.inputs:
        columns = _temperature_columns if name == TEMPERATURE else _input_columns
        blocks += columns(layout, calendar, inputs[name], layout.bends[name])
    return np.hstack(blocks)


def tree_columns(layout: Layout, calendar: Calendar, inputs: Mapping[str, Values]) -> Values:
    """The same facts as trees take them. Shape (T, F); NaN stays NaN."""
    hour = layout.per_hour
    whole = [
        calendar.slot,
        calendar.weekday,
        np.where(calendar.holiday, SUNDAY + 1, calendar.weekday),
        calendar.resting,
        calendar.since_holiday,
        calendar.until_holiday,
        calendar.holiday_gap,
        calendar.bridge,
    ]
    columns = [column.astype(np.float64) for column in whole]
    if layout.yearly:
        columns.append(calendar.year_share)
    for name in layout.inputs:
        course = inputs[name]
        columns += [course, lagged(course, hour), moving_mean(course, 24 * hour), lagged(course, 24 * hour)]
        columns += daily_extremes(course, calendar.day)
        if name == TEMPERATURE:
            columns += [lagged(course, 3 * hour), moving_mean(course, 72 * hour)]
            columns += [smoothed(course, layout.step_seconds, hours) for hours in (3, 24, 72)]
    return np.stack(columns, axis=1)


def _day_columns(calendar: Calendar) -> Values:
    """What kind of day it is; a holiday is a Sunday with a remainder of its own."""
    kind = np.where(calendar.holiday, SUNDAY, calendar.weekday)
    working = ~calendar.resting
    marks = [kind == day for day in range(7)]
    marks += [
        calendar.holiday,
        (calendar.since_holiday == 1) & working,
        (calendar.until_holiday == 1) & working,
        calendar.bridge,
        (calendar.holiday_gap <= _LONG_GAP_DAYS) & working,
        (calendar.holiday_gap <= _SHORT_GAP_DAYS) & working,
    ]
    return np.stack(marks, axis=1).astype(np.float64)


def _bumps(year_share: Values) -> Values:
    """A tent over each week of the year: school holidays, the days before Christmas. Shape (T,) to (T, 52)."""
    apart = np.abs(year_share[:, np.newaxis] - np.arange(_BUMPS) / _BUMPS)
    return np.maximum(0.0, 1.0 - np.minimum(apart, 1.0 - apart) * _BUMPS)


def _temperature_columns(layout: Layout, calendar: Calendar, air: Values, bends: Values) -> list[Values]:
    """Air now, as walls have smoothed it, the day before, and the day's extremes, each bent; by season and rest."""
    hour = layout.per_hour
    slow = smoothed(air, layout.step_seconds, 24)
    felt = [air, smoothed(air, layout.step_seconds, 3), slow, smoothed(air, layout.step_seconds, 72)]
    felt += [lagged(air, 24 * hour), *daily_extremes(air, calendar.day)]
    blocks = [_bent(course, bends) for course in felt]
    blocks.append(np.stack([lagged(air, hours * hour) for hours in (1, 2, 4)], axis=1))
    middle = bends[len(bends) // 2 :: 2][:2]
    blocks.append(calendar.resting[:, np.newaxis] * _bent(air, middle))
    if layout.yearly:
        season = yearly_terms(calendar.year_share, 1)
        turning = np.column_stack([_bent(air, middle[:1]), slow])
        blocks += [season[:, [index]] * turning for index in range(season.shape[1])]
    return blocks


def _input_columns(layout: Layout, calendar: Calendar, course: Values, bends: Values) -> list[Values]:
    hour = layout.per_hour
    daily = daily_extremes(course, calendar.day)[1]
    return [
        _bent(course, bends),
        np.column_stack([daily, moving_mean(course, 24 * hour), lagged(course, hour)]),
    ]


def _bent(course: Values, bends: Values) -> Values:
    above = degrees_beyond(course, bends.tolist())[:, len(bends) :]
    return np.column_stack([course, above])
