"""Charging of electric cars, day ahead: energy and cars by interval, simulated from how sessions came so far.

Arrivals are a Poisson process by hour on working days, Saturdays and days of rest, with a random factor of the day that
makes days differ as much as they did (a negative binomial count), and as many as of late. How long a car stays, what it
takes and how fast are those of a past session that began at such an hour, taken together, for they hang together. Cars
that are plugged in at the origin stay and take as past sessions that had lasted as long already. Ranks of what came
among the simulated courses, on days that the processes had not been fitted to, tell which simulated quantile is which
(Hamill and Colucci 1997's rank histogram, used to recalibrate).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Site, WeatherSource
from backend.forecasting.charging import Sessions, cars_present, energy_charged, spread_over
from ml.features.calendar import SUNDAY, calendar_of, local_offsets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["ChargingForecast", "ChargingModel", "FittedCharging"]

_NAME = "charging"
_DAY_SECONDS = 86400
_HOURS = 24
_KINDS = 3
_SATURDAY = 5
_SESSIONS_MIN = 50
_DAYS_MIN = 28
_LEVEL_DAYS = 14
_LEVEL_LEAN = 15.0
_OWN_MIN = 5
_BESIDE_HOURS = 2
_TRUST = 0.7
_DAYS_AHEAD_MAX = 7
_FACTOR_MIN = 1e-3
_LATE_WEIGHT = 0.25
_EQUAL = 1e-9


@dataclass(frozen=True)
class ChargingForecast:
    """What a garage will do.

    Attributes:
        energy: Charged per interval. [kWh]
        cars: Plugged in, on average over an interval. [1]
    """

    energy: Forecast
    cars: Forecast


@dataclass(frozen=True)
class ChargingModel:
    """How sessions are learned.

    Attributes:
        courses: Simulated per forecast.
        half_life_days: After which a past day counts half.
        judged_days: Last days, kept from the fit, that simulated quantiles are judged by.
        seed: Of the simulation.
    """

    courses: int = 400
    half_life_days: float = 56.0
    judged_days: int = 28
    seed: int = 0

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def fit(self, sessions: Sessions, site: Site, until_utc: int, step_seconds: int = 3600) -> FittedCharging:
        """Learn from what was known of sessions at an instant.

        Args:
            sessions: Of one garage, or of several that are to be forecast as one.
            site: Whose hours and days of rest drivers live by.
            until_utc: Nothing after it is read. [s since 1970, UTC]
            step_seconds: Of the forecasts. [s]

        Raises:
            InputError: If fewer than 50 sessions of four weeks are known.
        """
        until = until_utc // step_seconds * step_seconds
        fitted = self._fitted(sessions.known_at(until), site, until, step_seconds)
        begin = int(sessions.arrived_utc[0])
        first = until - self.judged_days * _DAY_SECONDS
        if first - begin < _DAYS_MIN * _DAY_SECONDS or len(sessions.known_at(first)) < _SESSIONS_MIN:
            return fitted
        early = self._fitted(sessions.known_at(first), site, first, step_seconds)
        known = sessions.known_at(until)
        ranks: list[tuple[Values, Values]] = []
        for number in range(self.judged_days):
            origin = first + number * _DAY_SECONDS
            ranks.append(early.ranks(known, origin, _DAY_SECONDS // step_seconds))
        energy, cars = (_levels_of(np.concatenate([one[which] for one in ranks])) for which in (0, 1))
        return replace(fitted, energy_levels=energy, cars_levels=cars)

    def _fitted(self, known: Sessions, site: Site, until: int, step: int) -> FittedCharging:
        over = known.rows(np.flatnonzero(np.isfinite(known.energy)))
        days = (until - int(known.arrived_utc[0])) / _DAY_SECONDS if len(known) else 0.0
        if len(over) < _SESSIONS_MIN or days < _DAYS_MIN:
            raise InputError(
                f"{len(over)} sessions of {days:.0f} days are known by {until} s; {_SESSIONS_MIN} of {_DAYS_MIN} days "
                "are needed to learn how cars come and charge."
            )
        kind, hour = _kinds_and_hours(known.arrived_utc, site)
        weight = 0.5 ** ((until - known.arrived_utc) / _DAY_SECONDS / self.half_life_days)
        rates, dispersion = self._arrivals(known, kind, hour, site, until)
        chosen = np.isfinite(known.energy)
        plain = np.asarray(LEVELS)
        return FittedCharging(
            kind=kind[chosen],
            hour=hour[chosen],
            stay=(over.left_utc - over.arrived_utc) / 3600,
            energy=over.energy,
            power=over.powers(),
            weight=weight[chosen],
            user=over.user,
            rates=rates,
            dispersion=dispersion,
            energy_levels=plain,
            cars_levels=plain,
            site=site,
            step_seconds=step,
            settings=self,
        )

    def _arrivals(
        self, known: Sessions, kind: Whole, hour: Values, site: Site, until: int
    ) -> tuple[Values, float]:
        """Arrivals per hour by kind of day and hour, shape (3, 24), and the variance of a day's factor."""
        first = int(known.arrived_utc[0]) // _DAY_SECONDS * _DAY_SECONDS
        middays = np.arange(first + _DAY_SECONDS // 2, until, _DAY_SECONDS, dtype=np.int64)
        kinds = _kinds_and_hours(middays, site)[0]
        weight = 0.5 ** ((until - middays) / _DAY_SECONDS / self.half_life_days)
        counted = 0.5 ** ((until - known.arrived_utc) / _DAY_SECONDS / self.half_life_days)
        days = np.bincount(kinds, weight, _KINDS)
        cell = kind * _HOURS + hour.astype(np.int64)
        found = np.bincount(cell, counted, _KINDS * _HOURS).reshape(_KINDS, _HOURS)
        whole = found.sum(axis=0) / max(float(days.sum()), 1e-9)
        # Few Saturdays say little: each kind leans on all days as on a week of them.
        rates = (found + 2 * whole) / (days + 2)[:, np.newaxis]
        rates = 0.25 * np.roll(rates, 1, axis=1) + 0.5 * rates + 0.25 * np.roll(rates, -1, axis=1)
        _, place = np.unique(
            np.concatenate([_days_of(middays, site), _days_of(known.arrived_utc, site)]), return_inverse=True
        )
        counts = np.bincount(place[len(middays) :], minlength=int(place.max()) + 1)[place[: len(middays)]]
        expected = rates.sum(axis=1)[kinds]
        late = weight > _LATE_WEIGHT  # two half-lives: growth before them is no dispersion
        scaled = expected * counts[late].mean() / max(float(expected[late].mean()), 1e-9)
        excess = ((counts - scaled) ** 2 - scaled)[late].mean() / max(float((scaled[late] ** 2).mean()), 1e-9)
        return rates, float(np.clip(excess, 0.0, 2.0))


def _kinds_and_hours(instants_utc: Whole, site: Site) -> tuple[Whole, Values]:
    """Kind of day (0 working, 1 Saturday, 2 of rest) and local hour with its fraction. Shape (N,) each."""
    order = np.argsort(instants_utc, kind="stable")
    known = calendar_of(instants_utc[order], 3600, site)
    kind = np.where(known.holiday | (known.weekday == SUNDAY), 2, np.where(known.weekday == _SATURDAY, 1, 0))
    local = instants_utc + local_offsets(instants_utc, site.time_zone)
    made = np.empty(len(order), dtype=np.int64)
    made[order] = kind
    return made, (local % _DAY_SECONDS) / 3600


def _days_of(instants_utc: Whole, site: Site) -> Whole:
    return (instants_utc + local_offsets(instants_utc, site.time_zone)) // _DAY_SECONDS


def _levels_of(ranks: Values) -> Values:
    """Which simulated level each level of ``LEVELS`` is, by ranks of what came. Shape (N,) to (L,). [1]"""
    known = ranks[np.isfinite(ranks)]
    plain = np.asarray(LEVELS)
    if not len(known):
        return plain
    return np.maximum.accumulate(_TRUST * np.quantile(known, plain) + (1 - _TRUST) * plain)


@dataclass(frozen=True)
class FittedCharging:
    """How cars come, stay and charge.

    Attributes:
        kind: Of the day that each past session began on. Shape (S,).
        hour: Local, that it began at. Shape (S,). [h]
        stay: Shape (S,). [h]
        energy: Shape (S,). [kWh]
        power: Shape (S,). [kW]
        weight: How much it counts. Shape (S,). [1]
        user: Shape (S,).
        rates: Arrivals per hour, by kind of day and hour. Shape (3, 24). [1/h]
        dispersion: Variance of a day's factor. [1]
        energy_levels: Simulated levels of energy that are taken for ``LEVELS``. Shape (L,). [1]
        cars_levels: Of cars likewise. Shape (L,). [1]
        site: Where.
        step_seconds: [s]
        settings: How it was learned.
    """

    kind: Whole
    hour: Values
    stay: Values
    energy: Values
    power: Values
    weight: Values
    user: Whole
    rates: Values
    dispersion: float
    energy_levels: Values
    cars_levels: Values
    site: Site
    step_seconds: int
    settings: ChargingModel

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def forecast(self, sessions: Sessions, origin_utc: int, length: int) -> ChargingForecast:
        """Forecast from what was known of sessions at an origin; the same sessions and seed give the same forecast.

        Raises:
            InputError: If the origin is off the grid, or more than seven days are asked for.
        """
        energy, cars = self.simulate(sessions, origin_utc, length)
        return ChargingForecast(
            self._of(energy, self.energy_levels, origin_utc, "kWh"),
            self._of(cars, self.cars_levels, origin_utc, "cars"),
        )

    def _of(self, courses: Values, levels: Values, origin_utc: int, unit: str) -> Forecast:
        quantiles = np.sort(np.quantile(courses, levels, axis=0), axis=0)
        mean = courses.mean(axis=0)
        return Forecast(origin_utc, self.step_seconds, mean, quantiles, _NAME, WeatherSource.NONE, unit)

    def ranks(self, sessions: Sessions, origin_utc: int, length: int) -> tuple[Values, Values]:
        """Where what came lies among the simulated: shares that are lower, half of what is equal. Shape (H,) each."""
        simulated = self.simulate(sessions, origin_utc, length)
        later = sessions.rows(np.flatnonzero(sessions.arrived_utc < origin_utc + length * self.step_seconds))
        came = (
            energy_charged(later, later.powers(), origin_utc, self.step_seconds, length),
            cars_present(later, origin_utc, self.step_seconds, length),
        )
        energy, cars = (
            (courses < one - _EQUAL).mean(axis=0) + 0.5 * (np.abs(courses - one) <= _EQUAL).mean(axis=0)
            for courses, one in zip(simulated, came, strict=True)
        )
        return energy, cars

    def simulate(self, sessions: Sessions, origin_utc: int, length: int) -> tuple[Values, Values]:
        """Courses of energy and of cars that may come. Shape (courses, H) each. [kWh], [1]"""
        step = self.step_seconds
        if origin_utc % step or not 0 < length * step <= _DAYS_AHEAD_MAX * _DAY_SECONDS:
            raise InputError(
                f"a forecast of {length} intervals from {origin_utc} s was asked for; an origin is on the grid of "
                f"{step} s, and forecasts reach seven days."
            )
        known = sessions.known_at(origin_utc)
        drawn = np.random.default_rng((self.settings.seed, origin_utc))
        new = self._new(known, origin_utc, length, drawn)
        here = self._here(known, origin_utc, drawn)
        course, begin, stay, energy, power = (np.concatenate(parts) for parts in zip(new, here, strict=True))
        per_hour = 3600 / step
        hours = np.minimum(energy / power, stay)
        rate = np.where(hours > 0, energy / np.maximum(hours, 1e-9), 0.0) / per_hour
        count = self.settings.courses
        row = course.astype(np.int64)
        charged = spread_over(begin, begin + hours * per_hour, rate, length, row, count)
        present = spread_over(begin, begin + stay * per_hour, np.ones(len(begin)), length, row, count)
        return charged, present

    def _new(
        self, known: Sessions, origin_utc: int, length: int, drawn: np.random.Generator
    ) -> tuple[Values, ...]:
        """Sessions that will begin: course, beginning [steps], stay [h], energy [kWh], power [kW]."""
        count = self.settings.courses
        starts = origin_utc + self.step_seconds * np.arange(length, dtype=np.int64)
        kind, hour = _kinds_and_hours(starts, self.site)
        place = hour.astype(np.int64)
        rate = self.rates[kind, place] * self.step_seconds / 3600 * self._level(known, origin_utc)
        _, day = np.unique(_days_of(starts, self.site), return_inverse=True)
        factor = np.ones((count, int(day.max()) + 1))
        if self.dispersion > _FACTOR_MIN:
            factor = drawn.gamma(1 / self.dispersion, self.dispersion, factor.shape)
        arrivals = drawn.poisson(rate * factor[:, day])
        course, step = (np.repeat(one.ravel(), arrivals.ravel()) for one in np.indices(arrivals.shape))
        begin = step + drawn.random(len(step))
        like = np.empty(len(step), dtype=np.int64)
        for cell in np.unique(kind[step] * _HOURS + place[step]).tolist():
            ours = np.flatnonzero(kind[step] * _HOURS + place[step] == cell)
            found = self._like(cell // _HOURS, cell % _HOURS + 0.5)
            like[ours] = drawn.choice(found, size=len(ours), p=self.weight[found] / self.weight[found].sum())
        return course.astype(np.float64), begin, self.stay[like], self.energy[like], self.power[like]

    def _level(self, known: Sessions, origin_utc: int) -> float:
        """Arrivals of the last fortnight by what the rates say, leaning on one."""
        hours = origin_utc - 3600 * np.arange(_LEVEL_DAYS * _HOURS, 0, -1, dtype=np.int64)
        kind, hour = _kinds_and_hours(hours, self.site)
        expected = float(self.rates[kind, hour.astype(np.int64)].sum())
        came = int((known.arrived_utc >= hours[0]).sum())
        return (came + _LEVEL_LEAN) / (expected + _LEVEL_LEAN)

    def _like(self, kind: int, hour: float) -> Whole:
        """Past sessions that began about then."""
        apart = np.abs((self.hour - hour + _HOURS / 2) % _HOURS - _HOURS / 2)
        for chosen in ((apart <= 1) & (self.kind == kind), apart <= _BESIDE_HOURS):
            found = np.flatnonzero(chosen)
            if len(found) >= _OWN_MIN:
                return found
        return np.arange(len(apart), dtype=np.int64)

    def _here(self, known: Sessions, origin_utc: int, drawn: np.random.Generator) -> tuple[Values, ...]:
        """Cars that are plugged in at the origin: as ``_new``."""
        count = self.settings.courses
        waiting = np.flatnonzero(known.left_utc < 0)
        parts: list[tuple[Values, ...]] = []
        for one in waiting.tolist():
            since = (origin_utc - int(known.arrived_utc[one])) / 3600
            longer = self.stay > since
            own = np.flatnonzero(longer & (self.user == known.user[one]))
            hour = float(_kinds_and_hours(known.arrived_utc[one : one + 1], self.site)[1][0])
            apart = np.abs((self.hour - hour + _HOURS / 2) % _HOURS - _HOURS / 2)
            alike = np.flatnonzero(longer & (apart <= _BESIDE_HOURS))
            found = own if len(own) >= _OWN_MIN else alike if len(alike) else np.flatnonzero(longer)
            if not len(found):
                continue  # longer than any: it is taken to have been forgotten
            like = drawn.choice(found, size=count, p=self.weight[found] / self.weight[found].sum())
            left = np.maximum(self.energy[like] - self.power[like] * since, 0.0)
            parts.append(
                (
                    np.arange(count, dtype=np.float64),
                    np.zeros(count),
                    self.stay[like] - since,
                    left,
                    self.power[like],
                )
            )
        if not parts:
            return tuple(np.empty(0) for _ in range(5))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def state(self) -> Mapping[str, Any]:
        """Plain values and arrays."""
        site = {name: getattr(self.site, name) for name in self.site.__slots__}
        return {**vars(self), "site": site, "settings": dict(vars(self.settings))}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedCharging:
        """Make it again."""
        return cls(**{**state, "site": Site(**state["site"]), "settings": ChargingModel(**state["settings"])})
