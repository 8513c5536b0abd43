"""The load of a zone with many weather stations, hour by hour, ahead or in a gap.

A ridge regression per slot of the day, in closed form: weekdays and holidays by name, the season, a level that drifts,
and the temperature of a mix of stations, now and in the hours and days before (recency: Wang, Liu and Hong 2016,
International Journal of Forecasting 32, section 3), each bent at knots and in interplay with the season and with rest.
Rows far off the rest, outages and faults, count less (Huber 1964). The drifting level is told from both sides of a gap,
so that the same model fills gaps; ahead it stays where it was, and is corrected by how far off it was of late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series, Site, WeatherSource
from ml.features.calendar import calendar_of
from ml.features.weather import fill_gaps
from ml.models.conformal import Calibration
from ml.models.stations import choose_stations, mixed, weather_scenarios
from ml.models.zone_terms import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.features.calendar import Calendar

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["FittedZone", "ZoneModel"]

NAME = "stations"
PREFIX = "temperature"
DAYS_MIN = 56
_DAY = 86400
_GAP_HOURS = 6
_HELD_SHARE, _HELD_DAYS_MAX = 0.2, 84
_ORIGIN_EVERY_HOURS = 12
_LENGTH_DAYS = 7
_WEEKS_APART = 5  # of the weeks that are held out to judge what fills gaps
_RECENT_DAYS = 7
_FELT_DAYS = 8
"""Temperatures further back than a week are felt no more; a day more for gaps that are filled. [d]"""
_SHRINK_DAYS = 2.0
_SOON_HOURS = 3.0
_FADE_HOURS = 12.0
_LEAN = 30.0


@dataclass(frozen=True)
class ZoneModel:
    """How a zone is learned; every input whose name begins with ``temperature`` is a station."""

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedZone:
        """Learn what came before an instant; see ``Model.fit``."""
        known = series.before(until_utc)
        cut = {name: column[: len(known)] for name, column in known.inputs.items()}
        frame = _Frame.of(known, cut, site)
        days = len(known) * known.step_seconds / _DAY
        held = int(min(_HELD_SHARE * days, _HELD_DAYS_MAX)) * (_DAY // known.step_seconds)
        stations = frame.chosen(known.values)
        learned = np.arange(len(known)) < len(known) - held
        trial = _learned(frame, stations, np.where(learned, known.values, np.nan))
        correction, calibration = _judged_ahead(trial, frame, stations, known, len(known) - held)
        terms, weights = _learned(frame, stations, known.values)
        return FittedZone(
            site,
            known.step_seconds,
            frame.picked(stations),
            terms,
            weights,
            correction,
            calibration,
            weather,
            series.unit,
        )

    def fit_around(self, series: Series, site: Site, weather: WeatherSource) -> FittedZone:
        """Learn from all that is known, to fill what is not: values after a gap are read too.

        Raises:
            InputError: If less than eight weeks are known, or no temperature.
        """
        cut = {name: column[: len(series)] for name, column in series.inputs.items()}
        frame = _Frame.of(series, cut, site)
        stations = frame.chosen(series.values)
        week = frame.calendar.day // 7
        held = week % _WEEKS_APART == _WEEKS_APART // 2
        trial_terms, trial_weights = _learned(frame, stations, np.where(held, np.nan, series.values))
        course = frame.course(stations)
        expected = trial_terms.expected(trial_weights, frame.calendar, course)
        residuals = np.where(held, series.values - expected, np.nan)
        share = frame.calendar.slot / frame.calendar.slots
        calibration = Calibration.fit(residuals, np.ones(len(residuals)), share, np.ones(len(residuals)))
        terms, weights = _learned(frame, stations, series.values)
        return FittedZone(
            site,
            series.step_seconds,
            frame.picked(stations),
            terms,
            weights,
            np.zeros((len(_EDGES) + 1, 3)),
            calibration,
            weather,
            series.unit,
        )


@dataclass(frozen=True)
class FittedZone:
    """A zone as it was learned.

    Attributes:
        site: Whose clock and holidays.
        step_seconds: [s]
        stations: Inputs that are averaged.
        terms: What the columns are.
        weights: Per slot of the day. Shape (slots, K). [unit of the load]
        correction: How much of what it was off by counts on, by lead. Shape (leads, 3). [1]
        calibration: Of held-out residuals.
        weather: What the temperature ahead is.
        unit: As the series.
    """

    site: Site
    step_seconds: int
    stations: tuple[str, ...]
    terms: Terms
    weights: Values
    correction: Values
    calibration: Calibration
    weather: WeatherSource
    unit: str

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """See ``FittedModel.forecast``. Where temperatures end, those of earlier years stand in, many of them."""
        known = series.before(origin_utc)
        course = self._course(series, len(known) + length)
        scenarios, weather = self._ahead(course, len(known))
        per_day = _DAY // self.step_seconds
        # What is further back is felt by nothing that is told here.
        cut = max(0, len(known) - (_RECENT_DAYS + 1 + _FELT_DAYS) * per_day)
        starts = series.start_utc + series.step_seconds * np.arange(cut, len(course), dtype=np.int64)
        calendar = calendar_of(starts, series.step_seconds, self.site)
        origin = len(known) - cut
        expected = np.stack(
            [self.terms.expected(self.weights, calendar, one[cut:], origin) for one in scenarios]
        )
        back = max(0, origin - (_RECENT_DAYS + 1) * per_day)
        past = self.terms.expected(self.weights, calendar, course[cut : cut + origin], back)
        residuals = np.full(origin, np.nan)
        residuals[back:] = known.values[cut + back :] - past
        lead = np.arange(1, length + 1) * self.step_seconds / 3600
        drift = _lately(residuals, calendar, origin, origin + np.arange(length), self.step_seconds)
        mean = expected.mean(axis=0) + (drift * self.correction[_group(lead)]).sum(axis=1)
        share = calendar.slot[origin:] / calendar.slots
        offsets = self.calibration.quantiles(lead, share, np.ones(length))
        if len(expected) > 1:
            drawn = np.quantile(expected, LEVELS, axis=0) - expected.mean(axis=0)
            offsets = np.sign(drawn) * np.hypot(offsets, drawn)
            offsets = np.maximum.accumulate(offsets, axis=0)
        return Forecast(origin_utc, self.step_seconds, mean, mean + offsets, NAME, weather, self.unit)

    def backcast(self, series: Series, start_utc: int, length: int) -> Forecast:
        """Fill a gap with a model of ``fit_around``, which has seen both of its sides; begins at ``start_utc``.

        Raises:
            InputError: If the temperature of the gap is not known.
        """
        begin = series.place(start_utc)
        course = self._course(series, begin + length)
        if not np.isfinite(course[begin:]).all():
            raise InputError("a gap is filled by its temperature, which is not known throughout; give it.")
        cut = max(0, begin - _FELT_DAYS * (_DAY // self.step_seconds))
        starts = series.start_utc + series.step_seconds * np.arange(cut, begin + length, dtype=np.int64)
        calendar = calendar_of(starts, series.step_seconds, self.site)
        mean = self.terms.expected(self.weights, calendar, course[cut:], begin - cut)
        share = calendar.slot[begin - cut :] / calendar.slots
        offsets = self.calibration.quantiles(np.ones(length), share, np.ones(length))
        return Forecast(start_utc, self.step_seconds, mean, mean + offsets, NAME, self.weather, self.unit)

    def _course(self, series: Series, count: int) -> Values:
        missing = [name for name in self.stations if name not in series.inputs]
        if missing:
            raise InputError(f"the input {missing[0]!r} is absent; the zone was learned with it.")
        if series.step_seconds != self.step_seconds:
            raise InputError(
                f"the series has steps of {series.step_seconds} s, the zone {self.step_seconds} s."
            )
        table = np.full((len(self.stations), count), np.nan)
        for row, name in enumerate(self.stations):
            column = series.inputs[name][:count]
            table[row, : len(column)] = column
        mix = mixed(table)
        filled = fill_gaps(mix, _GAP_HOURS * 3600 // self.step_seconds)
        # Behind the last known temperature there is no gap but the future, which scenarios tell.
        filled[np.flatnonzero(np.isfinite(mix))[-1:].max(initial=-1) + 1 :] = np.nan
        return filled

    def _ahead(self, course: Values, origin: int) -> tuple[list[Values], WeatherSource]:
        ahead = course[origin:]
        if np.isfinite(ahead).all():
            return [course], self.weather
        first = int(np.argmin(np.isfinite(ahead)))
        drawn = weather_scenarios(course[: origin + first], len(ahead) - first, self.step_seconds)
        made = [np.concatenate([course[: origin + first], one]) for one in drawn]
        return made, self.weather if first else WeatherSource.NONE

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        site = self.site
        return {
            "site": [site.time_zone, site.country, site.subdivision],
            "step_seconds": self.step_seconds,
            "stations": list(self.stations),
            "terms": self.terms.state(),
            "weights": self.weights,
            "correction": self.correction,
            "calibration": self.calibration.state(),
            "weather": self.weather.value,
            "unit": self.unit,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedZone:
        """Make it again."""
        zone, country, subdivision = state["site"]
        return cls(
            Site(zone, country, subdivision),
            int(state["step_seconds"]),
            tuple(state["stations"]),
            Terms.from_state(state["terms"]),
            np.asarray(state["weights"], dtype=np.float64),
            np.asarray(state["correction"], dtype=np.float64),
            Calibration.from_state(state["calibration"]),
            WeatherSource(state["weather"]),
            str(state["unit"]),
        )


_EDGES = (1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0)


def _group(lead_hours: Values) -> Whole:
    return np.searchsorted(_EDGES, lead_hours - 1e-9)


@dataclass(frozen=True)
class _Frame:
    """What the intervals to learn from have beside their loads."""

    names: tuple[str, ...]
    temperatures: Values
    calendar: Calendar
    step_seconds: int

    @classmethod
    def of(cls, series: Series, inputs: Mapping[str, Values], site: Site) -> _Frame:
        names = tuple(sorted(name for name in inputs if name.startswith(PREFIX)))
        days = float(np.isfinite(series.values).sum()) * series.step_seconds / _DAY
        if not names or days < DAYS_MIN:
            raise InputError(
                f"a zone is learned from {DAYS_MIN} days of loads and inputs named {PREFIX}...; there are {days:.1f} "
                f"days and {len(names)} such inputs. Give a longer history, or use a load model without weather."
            )
        calendar = calendar_of(series.starts_utc, series.step_seconds, site)
        return cls(names, np.stack([inputs[name] for name in names]), calendar, series.step_seconds)

    def chosen(self, load: Values) -> tuple[int, ...]:
        return choose_stations(load, self.temperatures, self.calendar).chosen

    def picked(self, stations: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self.names[place] for place in stations)

    def course(self, stations: tuple[int, ...]) -> Values:
        mix = mixed(self.temperatures[list(stations)])
        return fill_gaps(mix, _GAP_HOURS * 3600 // self.step_seconds)


def _learned(frame: _Frame, stations: tuple[int, ...], load: Values) -> tuple[Terms, Values]:
    from threadpoolctl import threadpool_limits

    course = frame.course(stations)
    terms = Terms.of(frame.calendar, course, np.isfinite(load), frame.step_seconds)
    with threadpool_limits(1):
        return terms, terms.fit(frame.calendar, course, load)


def _judged_ahead(
    trial: tuple[Terms, Values], frame: _Frame, stations: tuple[int, ...], known: Series, begin: int
) -> tuple[Values, Calibration]:
    """Forecast the held-out days from many origins: how to correct by what was off of late, and what is left."""
    terms, weights = trial
    back = max(0, begin - (_RECENT_DAYS + 1) * (_DAY // known.step_seconds))
    expected = np.full(len(known), np.nan)
    expected[back:] = terms.expected(weights, frame.calendar, frame.course(stations), back)
    residuals = known.values - expected
    every = _ORIGIN_EVERY_HOURS * 3600 // known.step_seconds
    drifts, misses, leads, shares = [], [], [], []
    for origin in range(begin, len(known), every):
        places = np.arange(origin, min(origin + _LENGTH_DAYS * _DAY // known.step_seconds, len(known)))
        drifts.append(_lately(residuals, frame.calendar, origin, places, known.step_seconds))
        misses.append(residuals[places])
        leads.append((places - origin + 1) * known.step_seconds / 3600)
        shares.append(frame.calendar.slot[places] / frame.calendar.slots)
    drift, miss, lead = np.concatenate(drifts), np.concatenate(misses), np.concatenate(leads)
    correction = np.zeros((len(_EDGES) + 1, drift.shape[1]))
    group = _group(lead)
    for number in range(len(correction)):
        rows = (group == number) & np.isfinite(miss)
        if rows.any():
            table = drift[rows]
            size = _LEAN * float((table**2).mean()) + 1e-30
            gram = table.T @ table + size * np.eye(table.shape[1])
            correction[number] = np.linalg.solve(gram, table.T @ miss[rows])
    left = miss - (drift * correction[group]).sum(axis=1)
    return correction, Calibration.fit(left, lead, np.concatenate(shares), np.ones(len(left)))


def _lately(residuals: Values, calendar: Calendar, origin: int, places: Whole, step_seconds: int) -> Values:
    """How far off it was: in the last hours, the last day, and at the slot in the last week. Shape (N, 3)."""
    per_day = _DAY // step_seconds
    soon = residuals[max(0, origin - int(_SOON_HOURS * 3600 / step_seconds)) : origin]
    day = residuals[max(0, origin - per_day) : origin]
    begin = max(0, origin - _RECENT_DAYS * per_day)
    week, slot = residuals[begin:origin], calendar.slot[begin:origin]
    known = np.isfinite(week)
    counts = np.bincount(slot[known], minlength=calendar.slots)
    sums = np.bincount(slot[known], weights=week[known], minlength=calendar.slots)
    by_slot = (sums / (counts + _SHRINK_DAYS))[calendar.slot[places]]
    fade = np.exp(-(places - origin) * step_seconds / 3600 / _FADE_HOURS)
    return np.column_stack([_mean(soon) * fade, np.full(len(places), _mean(day)), by_slot])


def _mean(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0
