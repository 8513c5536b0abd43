"""The plainest forecast that is worth anything: what was at the same hour a week before, and how far that was off.

It is what skill is measured against, and what stands in where nothing better can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.forecast import LEVELS, Forecast, WeatherSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting.series import Series

    Values = NDArray[np.float64]

__all__ = ["YARDSTICK", "seasonal_naive"]

YARDSTICK = "seasonal-naive"
_DAY = 86_400
_WEEKS = 8
_LOOKED_AT_WEEKS = 12
_ERRORS_MIN = 4


def seasonal_naive(series: Series, origin_utc: int, length: int, reason: str = "") -> Forecast:
    """Forecast each interval by the last known one of the same time a week (else a day, else any time) before.

    Quantiles are those of the errors that the same rule made at that hour in the last eight weeks; where there are not
    four of them, of all hours'. What was never negative is not forecast so.

    Args:
        series: Its values after the origin are not read, its inputs neither.
        origin_utc: On its grid. [s since 1970, UTC]
        length: Intervals, H.
        reason: Why it has to stand in.

    Raises:
        InputError: If nothing is known before the origin.
    """
    known = series.values[: series.place(origin_utc)]
    if not np.isfinite(known).any():
        raise InputError(
            f"nothing is known before {origin_utc} (s since 1970, UTC): not even the plainest forecast can be made."
        )
    per_day = _DAY // series.step_seconds
    ahead = len(known) + np.arange(length)
    mean, lag = _last_alike(known, ahead, per_day)
    quantiles = mean + _error_quantiles(known, ahead, lag, per_day)
    if np.nanmin(known) >= 0:
        quantiles = np.maximum(quantiles, 0.0)
    return Forecast(
        origin_utc,
        series.step_seconds,
        mean,
        np.maximum.accumulate(quantiles, axis=0),
        YARDSTICK,
        WeatherSource.NONE,
        series.unit,
        reason,
    )


def _last_alike(known: Values, ahead: NDArray[np.int64], per_day: int) -> tuple[Values, int]:
    """The last known value of the same time of each interval, and the period that most were found by. [intervals]"""
    mean = np.full(len(ahead), np.nan)
    lag = per_day
    for period, times in ((7 * per_day, _LOOKED_AT_WEEKS), (per_day, 7 * _LOOKED_AT_WEEKS)):
        for before in range(1, times + 1):
            open_ = np.isnan(mean)
            places = ahead - before * period
            usable = open_ & (places >= 0) & (places < len(known))
            mean[usable] = known[places[usable]]
        if np.isfinite(mean).mean() > 1 / 2:
            lag = max(lag, period)
    finite = known[np.isfinite(known)]
    return np.where(np.isnan(mean), finite[-7 * per_day :].mean(), mean), lag


def _error_quantiles(known: Values, ahead: NDArray[np.int64], lag: int, per_day: int) -> Values:
    """Quantiles of past errors by time of the day. Shape (L, H)."""
    recent = known[-(_WEEKS * 7 * per_day + lag) :]
    errors = recent[lag:] - recent[:-lag] if len(recent) > lag else np.empty(0)
    if np.isfinite(errors).sum() < _ERRORS_MIN:
        finite = known[np.isfinite(known)]
        errors = np.resize(finite - finite.mean(), len(finite))
    whole = errors[len(errors) % per_day :]
    if len(whole) >= _ERRORS_MIN * per_day and np.isfinite(whole).all():
        slots = np.arange(len(known) - len(whole), len(known)) % per_day
        by_slot = np.empty((len(LEVELS), per_day))
        by_slot[:, slots[:per_day]] = np.quantile(whole.reshape(-1, per_day), LEVELS, axis=0)
        return by_slot[:, ahead % per_day]
    slots = np.arange(len(known) - len(errors), len(known)) % per_day
    every = np.quantile(errors[np.isfinite(errors)], LEVELS)
    found = np.empty((len(LEVELS), len(ahead)))
    for slot in np.unique(ahead % per_day):
        own = errors[(slots == slot) & np.isfinite(errors)]
        own_quantiles = np.quantile(own, LEVELS) if len(own) >= _ERRORS_MIN else every
        found[:, ahead % per_day == slot] = own_quantiles[:, None]
    return found
