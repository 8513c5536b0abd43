"""The columns of a zone's regressions, one regression per slot of the day, and their penalties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from ml.features.calendar import yearly_terms
from ml.features.weather import lagged, moving_mean
from ml.models.stations import time_hats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ml.features.calendar import Calendar

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["Terms"]

LAG_HOURS = (1, 2, 3, 6, 12)
MEAN_HOURS = (24, 72, 168)
_FINE = (0.02, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96)
_COARSE = (0.2, 0.4, 0.6, 0.8)
_LEVEL_DAYS, _LEVELS_MAX = 7.0, 300
_LEVEL_PENALTY, _LEVEL_PULL = 1.0, 1e-3
_HUBER = 4.0
_ABSURD, _SANE_SHARE = 15.0, 0.95
_ROWS_MIN = 30


@dataclass(frozen=True)
class Terms:
    """What must be the same when a model is asked as when it was learned.

    Attributes:
        centre: Of the temperature. [its unit]
        spread: Of the temperature. [its unit]
        fine: Knots of the temperature now, scaled. [1]
        coarse: Knots of its interplays, scaled. [1]
        first_day: Where the drifting level's knots begin. [days since 1970]
        level_days: Between them. [d]
        level_count: How many.
        holidays: Names that were met, each with an effect of its own.
        step_seconds: [s]
    """

    centre: float
    spread: float
    fine: tuple[float, ...]
    coarse: tuple[float, ...]
    first_day: int
    level_days: float
    level_count: int
    holidays: tuple[str, ...]
    step_seconds: int

    @classmethod
    def of(cls, calendar: Calendar, temperature: Values, learned: Truths, step_seconds: int) -> Terms:
        """Look at what is learned from.

        Raises:
            InputError: If none of it has a temperature beside it.
        """
        usable = learned & np.isfinite(temperature)
        if not usable.any():
            raise InputError("no known load has a temperature beside it; give temperatures of the same time.")
        seen = temperature[usable]
        centre, spread = float(seen.mean()), max(float(seen.std()), 1e-9)
        days = calendar.day[usable]
        span = float(days[-1] - days[0]) + 1
        between = max(_LEVEL_DAYS, span / _LEVELS_MAX)
        met = sorted(
            {calendar.names[place] for place in np.unique(calendar.name[usable]).tolist() if place >= 0}
        )
        return cls(
            centre,
            spread,
            _knots((seen - centre) / spread, _FINE),
            _knots((seen - centre) / spread, _COARSE),
            int(days[0]),
            between,
            int(np.ceil(span / between)) + 1,
            tuple(met),
            step_seconds,
        )

    def fit(self, calendar: Calendar, temperature: Values, load: Values) -> Values:
        """Ridge in closed form, slot by slot; rows far off count less in a second pass. Shape (slots, K)."""
        weights = None
        for slot, rows, table, penalty in self._slots(calendar, temperature, 0):
            usable = np.isfinite(table).all(axis=1) & np.isfinite(load[rows])
            if usable.sum() < _ROWS_MIN:
                raise InputError(
                    f"slot {slot} of the day has {int(usable.sum())} known loads with weather, {_ROWS_MIN} are needed; "
                    "give a longer history."
                )
            if weights is None:
                weights = np.zeros((calendar.slots, table.shape[1] + 1))
            weights[slot] = _ridge(table[usable], load[rows][usable], penalty)
        assert weights is not None
        return weights

    def expected(self, weights: Values, calendar: Calendar, temperature: Values, begin: int = 0) -> Values:
        """Expected load of the intervals from one on, NaN where the temperature is. Shape (T - begin,).

        Args:
            weights: Of ``fit``.
            calendar: Of all T intervals, or of more.
            temperature: With what came before, for it is felt for a week. Shape (T,).
            begin: First interval that is told.
        """
        found = np.zeros(len(temperature) - begin)
        for slot, rows, table, _ in self._slots(calendar, temperature, begin):
            found[rows - begin] = weights[slot, 0] + table @ weights[slot, 1:]
        return found

    def _slots(
        self, calendar: Calendar, temperature: Values, begin: int
    ) -> Iterator[tuple[int, Whole, Values, Values]]:
        """Slot, its intervals, their columns and the penalty (K, K), for each slot that occurs."""
        count = len(temperature)
        scaled = (temperature - self.centre) / self.spread
        per_hour = 3600 / self.step_seconds
        lags = [lagged(scaled, int(hours * per_hour)) for hours in LAG_HOURS]
        # Before anything was measured the air is taken as it was first: the first days would be lost otherwise.
        lags = [np.where(np.isfinite(lag), lag, scaled) for lag in lags]
        means = [moving_mean(scaled, int(hours * per_hour)) for hours in MEAN_HOURS]
        names = np.array([name in self.holidays for name in calendar.names], dtype=np.bool_)
        place = np.array(
            [self.holidays.index(name) if name in self.holidays else -1 for name in calendar.names]
        )
        for slot in np.unique(calendar.slot[begin:count]).tolist():
            rows = begin + np.flatnonzero(calendar.slot[begin:count] == slot)
            groups = [*self._calendar_groups(calendar, rows, names, place)]
            groups += self._weather_groups(calendar, rows, scaled, lags, means)
            level = time_hats(calendar.day[rows], self.level_days, self.first_day, self.level_count)
            yield slot, rows, np.hstack([level, *(table for table, _ in groups)]), self._penalty(groups)

    def _calendar_groups(
        self, calendar: Calendar, rows: Whole, names: Truths, place: Whole
    ) -> Iterator[tuple[Values, float]]:
        week = np.eye(7)[calendar.weekday[rows]]
        year = yearly_terms(calendar.year_share[rows], 4)
        yield week, 1.0
        yield year, 0.1
        yield np.hstack([week * one[:, np.newaxis] for one in year[:, [0, 4]].T]), 5.0
        near = [calendar.holiday[rows], calendar.since_holiday[rows] == 1, calendar.until_holiday[rows] == 1]
        yield np.column_stack([*near, calendar.bridge[rows]]).astype(np.float64), 1.0
        if self.holidays:
            own = np.zeros((len(rows), len(self.holidays)))
            which = calendar.name[rows]
            met = which >= 0
            met[met] = names[which[met]]
            own[np.flatnonzero(met), place[which[met]]] = 1.0
            yield own, 0.5

    def _weather_groups(
        self, calendar: Calendar, rows: Whole, scaled: Values, lags: list[Values], means: list[Values]
    ) -> list[tuple[Values, float]]:
        now, day = scaled[rows], means[0][rows]
        groups = [(_bent(now, self.fine), 0.3), (_bent(day, self.fine), 0.3)]
        groups += [(_bent(mean[rows], self.coarse), 1.0) for mean in means[1:]]
        groups += [(_bent(lag[rows], self.coarse), 1.0) for lag in lags]
        both = np.hstack([_bent(now, self.coarse), _bent(day, self.coarse)])
        season = yearly_terms(calendar.year_share[rows], 2)
        groups += [(both * one[:, np.newaxis], 3.0) for one in season.T]
        groups.append((both * calendar.resting[rows, np.newaxis], 3.0))
        return groups

    def _penalty(self, groups: list[tuple[Values, float]]) -> Values:
        steps = np.diff(np.eye(self.level_count), axis=0)
        level = _LEVEL_PENALTY * steps.T @ steps + _LEVEL_PULL * np.eye(self.level_count)
        plain = np.concatenate([np.full(table.shape[1], weight) for table, weight in groups])
        whole = np.diag(np.concatenate([np.zeros(self.level_count), plain]))
        whole[: self.level_count, : self.level_count] = level
        return whole

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {
            "centre": self.centre,
            "spread": self.spread,
            "fine": list(self.fine),
            "coarse": list(self.coarse),
            "level": [self.first_day, self.level_days, self.level_count],
            "holidays": list(self.holidays),
            "step_seconds": self.step_seconds,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Terms:
        """Make it again."""
        first, between, count = state["level"]
        return cls(
            float(state["centre"]),
            float(state["spread"]),
            tuple(state["fine"]),
            tuple(state["coarse"]),
            int(first),
            float(between),
            int(count),
            tuple(state["holidays"]),
            int(state["step_seconds"]),
        )


def _knots(seen: Values, levels: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(one) for one in np.unique(np.quantile(seen, levels)))


def _bent(course: Values, knots: tuple[float, ...]) -> Values:
    """A line that may bend at each knot. Shape (T,) to (T, 1 + knots)."""
    return np.column_stack([course, *(np.maximum(course - knot, 0.0) for knot in knots)])


def _ridge(table: Values, load: Values, penalty: Values) -> Values:
    """Intercept and weights; twice, the second time with Huber's weights. Shape (1 + K,).

    What is absurdly far from the rest is a fault, not a load, and would bend the first pass too far to be put right.
    """
    middle = float(np.median(load))
    sane = np.abs(load - middle) <= _ABSURD * 1.4826 * float(np.median(np.abs(load - middle))) + 1e-9
    if sane.mean() > _SANE_SHARE:
        table, load = table[sane], load[sane]
    middle = float(load.mean())
    off = load - middle
    trust = np.ones(len(load))
    found: Values = np.zeros(table.shape[1])
    for _ in range(2):
        weighed = table * trust[:, np.newaxis]
        found = np.asarray(np.linalg.solve(weighed.T @ table + penalty, weighed.T @ off), dtype=np.float64)
        miss = np.abs(off - table @ found)
        limit = _HUBER * 1.4826 * float(np.median(miss)) + 1e-9 * (abs(middle) + 1)
        trust = np.minimum(1.0, limit / np.maximum(miss, 1e-30))
    return np.concatenate([[middle], found])
