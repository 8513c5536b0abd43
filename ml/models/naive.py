"""Plain rules that need no learning: the latest value, the week before, days of the same kind.

They stand in where a learned model cannot, and a learned model has to beat them. A rule's quantiles are those of the
errors that it made from earlier origins of the same history, by how far ahead and when in the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, Site, WeatherSource
from backend.forecasting.yardstick import YARDSTICK, seasonal_naive
from ml.features.calendar import SATURDAY, SECONDS_PER_DAY, SUNDAY, Calendar, calendar_of
from ml.features.lags import last_known, same_slot
from ml.models.conformal import Calibration
from ml.models.correction import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["RULES", "FittedNaive", "NaiveModel", "expected_by"]

PERSISTENCE = "persistence"
SIMILAR_DAYS = "similar-days"
RULES = (YARDSTICK, SIMILAR_DAYS, PERSISTENCE)
"""In the order in which they are trusted where nothing tells them apart."""
_HISTORY_DAYS = 70
_WEEKS_LOOKED_AT = 4
_SIMILAR = 4
_SIMILAR_WITHIN_DAYS = 28
_ORIGINS_MAX = 56
_ERRORS_MIN = 48


@dataclass(frozen=True)
class NaiveModel:
    """A rule. ``fit`` learns nothing but where it is.

    Attributes:
        rule: Of ``RULES``.
    """

    rule: str = YARDSTICK

    @property
    def name(self) -> str:
        """As its forecasts'."""
        return self.rule

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedNaive:
        """Any history will do. The instant and the weather do not matter."""
        _ = series, until_utc, weather
        return FittedNaive(self.rule, site)


@dataclass(frozen=True)
class FittedNaive:
    """A rule at a place.

    Attributes:
        rule: Of ``RULES``.
        site: Its time zone and holidays.
    """

    rule: str
    site: Site

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise InputError(f"there is no rule {self.rule!r}; the rules are {', '.join(RULES)}.")

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return self.rule

    def forecast(self, series: Series, origin_utc: int, length: int, reason: str = "") -> Forecast:
        """Forecast from an origin; see ``ml.models.model``.

        Where the history is too short for the rule or its errors, the week before stands in.

        Args:
            series: Its values after the origin are not read, its inputs neither.
            origin_utc: On its grid. [s since 1970, UTC]
            length: Intervals, H.
            reason: Why it has to stand in.

        Raises:
            InputError: If nothing is known before the origin.
        """
        if self.rule == YARDSTICK:
            return seasonal_naive(series, origin_utc, length, reason)
        place, per_day = series.place(origin_utc), SECONDS_PER_DAY // series.step_seconds
        begin = max(0, place - _HISTORY_DAYS * per_day)
        values = series.values[begin:place]
        values = np.concatenate([values, np.full(place - begin - len(values), np.nan)])
        starts = series.start_utc + series.step_seconds * np.arange(begin, place + length, dtype=np.int64)
        calendar = calendar_of(starts, series.step_seconds, self.site)
        now = len(values)
        ahead = Rows(np.arange(now, now + length), np.full(length, now))
        mean = expected_by(self.rule, values, ahead, calendar)
        earlier = _earlier_rows(now, length, per_day)
        errors = values[earlier.places] - expected_by(self.rule, values, earlier, calendar)
        if not np.isfinite(mean).all() or np.isfinite(errors).sum() < _ERRORS_MIN:
            return seasonal_naive(series, origin_utc, length, reason)
        quantiles = mean + _around(errors, earlier, ahead, calendar, per_day)
        if np.nanmin(values) >= 0:
            mean, quantiles = np.maximum(mean, 0.0), np.maximum(quantiles, 0.0)
        return Forecast(
            origin_utc,
            series.step_seconds,
            mean,
            np.maximum.accumulate(quantiles, axis=0),
            self.rule,
            WeatherSource.NONE,
            series.unit,
            reason,
        )

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {"rule": self.rule, "site": [self.site.time_zone, self.site.country, self.site.subdivision]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedNaive:
        """Make it again."""
        return cls(str(state["rule"]), Site(*state["site"]))


def expected_by(rule: str, values: Values, rows: Rows, calendar: Calendar) -> Values:
    """What a rule expects of targets as seen from their origins, NaN where it knows nothing. Shape (N,).

    Args:
        rule: Of ``RULES``.
        values: Shape (T,), NaN where unknown.
        rows: Targets and origins.
        calendar: Of at least every target and origin.
    """
    if rule == PERSISTENCE:
        return last_known(values, rows.origins, calendar.slots)
    if rule == SIMILAR_DAYS:
        return _by_similar_days(values, rows, calendar)
    weekly = same_slot(values, rows.places, rows.origins, 7 * calendar.slots, _WEEKS_LOOKED_AT)
    daily = same_slot(values, rows.places, rows.origins, calendar.slots, 7)
    return _first_known(np.vstack([weekly, daily]))


def _by_similar_days(values: Values, rows: Rows, calendar: Calendar) -> Values:
    """Mean of the last four days of the same kind at the same slot: working days, Saturdays, Sundays with holidays."""
    kind = np.where(calendar.holiday, SUNDAY, np.maximum(calendar.weekday, SATURDAY - 1))
    back = same_slot(values, rows.places, rows.origins, calendar.slots, _SIMILAR_WITHIN_DAYS)
    kinds = same_slot(
        kind.astype(np.float64), rows.places, rows.origins, calendar.slots, _SIMILAR_WITHIN_DAYS
    )
    alike = np.isfinite(back) & (kinds == kind[rows.places])
    usable = np.where(alike.any(axis=0), alike, np.isfinite(back))
    taken = usable & (np.cumsum(usable, axis=0) <= _SIMILAR)
    count = taken.sum(axis=0)
    total = np.where(taken, back, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _first_known(candidates: Values) -> Values:
    """The first of each column that is known. Shape (C, N) to (N,)."""
    first = np.argmax(np.isfinite(candidates), axis=0)
    return np.asarray(candidates[first, np.arange(candidates.shape[1])])


def _earlier_rows(now: int, length: int, per_day: int) -> Rows:
    """The same lengths ahead from earlier origins, a day apart, whose targets are all over."""
    origins = now - length - per_day * np.arange(_ORIGINS_MAX)
    origins = origins[origins > 0]
    places = origins[:, np.newaxis] + np.arange(length)
    return Rows(places.ravel(), np.repeat(origins, length))


def _around(errors: Values, earlier: Rows, ahead: Rows, calendar: Calendar, per_day: int) -> Values:
    """Quantiles of errors for what is ahead. Shape (L, H)."""
    hours = np.float64(24 / per_day)
    spread = max(float(np.nanmean(np.abs(errors))), 1e-12)
    calibration = Calibration.fit(
        errors,
        earlier.leads * hours,
        calendar.slot[earlier.places] / calendar.slots,
        np.full(len(errors), spread),
    )
    share = calendar.slot[ahead.places] / calendar.slots
    return calibration.quantiles(ahead.leads * hours, share, np.full(len(share), spread))
