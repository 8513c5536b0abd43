"""What a substation's net load is told by: calendar, sun and wind now, and how far off these were of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.features.calendar import SATURDAY, SUNDAY, Calendar, calendar_of
from ml.features.lags import last_known, mean_before, same_slot
from ml.features.weather import lagged, moving_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Inputs", "lately", "trees_table"]

SUN = ("ghi", "radiation")
WIND = ("wind_speed_100m", "wind_speed")
_OFFSETS_HOURS = (-3, -2, -1, 0, 1, 2, 3)
"""Stamps of weather and of meters are off by hours often enough; which offset holds is learned."""
_WIND_OFFSETS_HOURS = (-2, -1, 0, 1, 2)
_WIND_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.85, 0.95)
_DAY_ORDERS = 6
_FADES_HOURS = (1.0, 4.0, 12.0)
_SEEN = (0.001, 0.999)
_DAY = 86400


@dataclass(frozen=True)
class Inputs:
    """How inputs become columns, as it was found when they were learned from.

    Attributes:
        sun: Name of the irradiance, empty where there is none.
        wind: Name of the wind speed, empty where there is none.
        others: Names of the rest.
        centres: Mean of each input, by name.
        spreads: Standard deviation of each, above zero.
        ranges: Least and greatest of each that was seen, scaled; beyond them nothing was learned, and nothing is told.
        knots: Of the wind's power curve, scaled.
    """

    sun: str
    wind: str
    others: tuple[str, ...]
    centres: Mapping[str, float]
    spreads: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    knots: tuple[float, ...]

    @classmethod
    def of(cls, series: Series) -> Inputs:
        """Look at what came before the end of the values; an input that never varies is left out."""
        count = len(series)
        seen = {}
        for name, column in sorted(series.inputs.items()):
            known = column[:count][np.isfinite(column[:count])]
            if len(known) > count // 2 and np.ptp(known) > 0:
                seen[name] = known
        sun = next((name for name in SUN if name in seen), "")
        wind = next((name for name in WIND if name in seen), "")
        centres = {name: float(known.mean()) for name, known in seen.items()}
        spreads = {name: float(known.std()) for name, known in seen.items()}
        ranges = {
            name: (np.quantile(known, _SEEN) - centres[name]) / spreads[name] for name, known in seen.items()
        }
        knots: tuple[float, ...] = ()
        if wind:
            scaled = (seen[wind] - centres[wind]) / spreads[wind]
            knots = tuple(float(one) for one in np.unique(np.quantile(scaled, _WIND_LEVELS)))
        others = tuple(name for name in seen if name not in {sun, wind})
        return cls(
            sun,
            wind,
            others,
            centres,
            spreads,
            {name: (float(low), float(high)) for name, (low, high) in ranges.items()},
            knots,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All that are read."""
        return tuple(name for name in (self.sun, self.wind, *self.others) if name)

    def course(self, series: Series, name: str, count: int) -> tuple[Values, int]:
        """An input, scaled, and how many of its intervals had to be taken from a day that was known."""
        column = np.full(count, np.nan)
        given = series.inputs[name][:count]
        column[: len(given)] = given
        missing = int(np.isnan(column).sum())
        per_day = _DAY // series.step_seconds
        for _ in range(7):
            column = np.where(np.isfinite(column), column, lagged(column, per_day))
        filled = np.where(np.isfinite(column), column, self.centres[name])
        scaled = (filled - self.centres[name]) / self.spreads[name]
        return np.clip(scaled, *self.ranges[name]), missing

    def columns(self, series: Series, site: Site, count: int) -> tuple[Values, Calendar, dict[str, Values]]:
        """Columns that depend on calendar and weather alone, of all intervals. Shape (count, K)."""
        step = series.step_seconds
        starts = series.start_utc + step * np.arange(count, dtype=np.int64)
        calendar = calendar_of(starts, step, site)
        waves = _waves(calendar, _DAY_ORDERS)
        saturday = (calendar.weekday == SATURDAY) & ~calendar.holiday
        rest = (calendar.weekday == SUNDAY) | calendar.holiday
        kinds = np.column_stack([np.ones(count), saturday, rest]).astype(np.float64)
        groups = [waves * kind[:, np.newaxis] for kind in kinds.T]
        groups += [kinds[:, 1:], np.eye(7)[calendar.weekday]]
        courses = {name: self.course(series, name, count)[0] for name in self.names}
        few = waves[:, [0, 1, _DAY_ORDERS, _DAY_ORDERS + 1]]
        if self.sun:
            sun = courses[self.sun]
            groups += [_shifted(sun, _OFFSETS_HOURS, step), few * sun[:, np.newaxis], (sun**2)[:, np.newaxis]]
        if self.wind:
            wind = courses[self.wind]
            bent = np.column_stack([np.maximum(wind - knot, 0.0) for knot in self.knots])
            groups += [_shifted(wind, _WIND_OFFSETS_HOURS, step), bent]
            near = moving_mean(wind, max(1, 2 * 3600 // step))
            groups.append(np.column_stack([np.maximum(near - knot, 0.0) for knot in self.knots]))
        for name in self.others:
            groups.append(np.column_stack([courses[name], moving_mean(courses[name], _DAY // step)]))
        return np.hstack(groups), calendar, courses


def lately(residuals: Values, places: Whole, origins: Whole, step_seconds: int) -> Values:
    """How far off calendar and weather were before an origin; nothing after it is read. Shape (N, K).

    The last hours, wearing off with the lead; the last day and week; the same slot on days before.
    """
    per_day = _DAY // step_seconds
    per_hour = 3600 // step_seconds
    lead = (places - origins + 1) * step_seconds / 3600
    soon = np.column_stack(
        [last_known(residuals, origins, per_day), mean_before(residuals, origins, 3 * per_hour)]
    )
    fades = np.column_stack([np.exp(-lead / hours) for hours in _FADES_HOURS])
    columns = [soon[:, :1] * fades, soon[:, 1:] * fades[:, 1:]]
    columns.append(np.column_stack([mean_before(residuals, origins, per_day * days) for days in (1, 3, 7)]))
    smooth = _centred(residuals, per_hour)
    # A smoothed value reaches half an hour ahead, which at the origin is not known: the day before is.
    columns.append(same_slot(smooth, places, np.maximum(origins - per_hour, 0), per_day, 3).T)
    columns.append(same_slot(smooth, places, np.maximum(origins - per_hour, 0), 7 * per_day, 1).T)
    return np.asarray(np.nan_to_num(np.hstack(columns)))


def trees_table(
    calendar: Calendar, courses: Mapping[str, Values], places: Whole, off: Values, expected: Values
) -> Values:
    """What trees see of intervals beside how far off it was of late. Shape (N, K)."""
    weather = [course[places] for course in courses.values()]
    means = [moving_mean(course, max(1, calendar.slots // 8))[places] for course in courses.values()]
    return np.column_stack(
        [
            calendar.slot[places],
            calendar.weekday[places],
            calendar.resting[places],
            *weather,
            *means,
            off,
            expected,
        ]
    )


def _waves(calendar: Calendar, orders: int) -> Values:
    angles = 2 * np.pi * np.outer(calendar.slot / calendar.slots, np.arange(1, orders + 1))
    return np.hstack([np.sin(angles), np.cos(angles)])


def _shifted(course: Values, hours: tuple[int, ...], step_seconds: int) -> Values:
    """A course at offsets, its ends drawn out. Shape (T, offsets)."""
    places = np.arange(len(course))
    steps = [hour * 3600 // step_seconds for hour in hours]
    return np.column_stack([course[np.clip(places - step, 0, len(course) - 1)] for step in steps])


def _centred(residuals: Values, reach: int) -> Values:
    """Mean of what is known within half a reach on both sides. Shape (T,)."""
    half = reach // 2
    places = np.arange(len(residuals))
    return mean_before(residuals, places + half + 1, 2 * half + 1)


def state_of(inputs: Inputs) -> dict[str, Any]:
    """What makes them again."""
    return {
        "sun": inputs.sun,
        "wind": inputs.wind,
        "others": list(inputs.others),
        "centres": dict(inputs.centres),
        "spreads": dict(inputs.spreads),
        "ranges": {name: list(pair) for name, pair in inputs.ranges.items()},
        "knots": list(inputs.knots),
    }


def inputs_from(state: Mapping[str, Any]) -> Inputs:
    """Make them again."""
    return Inputs(
        str(state["sun"]),
        str(state["wind"]),
        tuple(state["others"]),
        dict(state["centres"]),
        dict(state["spreads"]),
        {name: (float(low), float(high)) for name, (low, high) in state["ranges"].items()},
        tuple(state["knots"]),
    )
