"""The price model from day to day, as an operator runs it: every day told from all that was known before it.

It is ``PriceModel`` with its memory kept: an expert learns anew when it is due rather than with every day, weights
come from all days that were told, not from a trial that starts over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import LEVELS
from ml.models.conformal import Calibration
from ml.prices.combine import Spread, combined, weigh
from ml.prices.days import HOURS, price_days
from ml.prices.walk import Walk, one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site
    from ml.prices.price import PriceModel

    Values = NDArray[np.float64]

__all__ = ["Rolled", "roll"]

_SECONDS_PER_DAY = 86_400
_CALIBRATED_EVERY_DAYS = 7
_REMEMBERED_DAYS = 364
_CALIBRATION_DAYS = 182


@dataclass(frozen=True)
class Rolled:
    """What was told of consecutive days, a day ahead.

    Attributes:
        mean: Shape (N, 24). [as the series]
        quantiles: Shape (N, L, 24).
        told: By each expert, NaN where it had too little to learn from. Shape (N, M, 24).
        weights: Shape (N, M). [1]
        seconds: Spent on learning, by expert. [s of processor]
    """

    mean: Values
    quantiles: Values
    told: Values
    weights: Values
    seconds: dict[str, float]


def roll(
    model: PriceModel,
    series: Series,
    site: Site,
    first_utc: int,
    count: int,
    progress: Callable[[int, int], None] | None = None,
) -> Rolled:
    """Tell days one after another.

    Args:
        model: Its experts learn as often as they say; its trial days come before the first day told.
        series: Hourly prices and inputs, inputs as they were forecast before each day.
        site: Whose civil days.
        first_utc: Local midnight of the first day. [s since 1970, UTC]
        count: Days, N.
        progress: Told how many days of how many are done.

    Raises:
        InputError: If an input is absent, or the history is shorter than eight days.
    """
    names = tuple(sorted(series.inputs))
    until = first_utc + count * _SECONDS_PER_DAY
    days = price_days(series, site, names, until, 0)
    first = int(days.day_of[series.place(first_utc)])
    begin = max(first - model.trial_days, 0)
    walk = Walk(model.experts, model.seed)
    length = first - begin + count
    told = np.full((length, len(model.experts), HOURS), np.nan)
    mean, quantiles = np.full((length, HOURS), np.nan), np.zeros((count, len(LEVELS), HOURS))
    weights = np.zeros((length, len(model.experts)))
    bands: tuple[Spread, Calibration] | None = None
    actual = np.where(days.whole[:, np.newaxis], days.prices, np.nan)[begin : begin + length]
    with one_thread():
        for place in range(length):
            known = days.until(begin + place)
            walk.learn(known, begin + place)
            told[place] = walk.told(known, begin + place)
            past = slice(max(0, place - _REMEMBERED_DAYS), place)
            # The last row says who can tell the day; its price is unknown, and counts for nothing.
            unknown = np.vstack([actual[past], np.full((1, HOURS), np.nan)])
            weights[place] = weigh(told[past.start : place + 1], unknown)
            mean[place] = combined(told[place], weights[place])
            if place < first - begin:
                continue
            number = place - (first - begin)
            if bands is None or number % _CALIBRATED_EVERY_DAYS == 0:
                recent = slice(max(0, place - _CALIBRATION_DAYS), place)
                bands = _bands(told[recent], actual[recent] - mean[recent])
            spread, calibration = bands
            added = calibration.quantiles(_LEADS, _SHARES, spread(told[place]))
            quantiles[number] = np.maximum.accumulate(mean[place] + added, axis=0)
            if progress:
                progress(number + 1, count)
    kept = slice(first - begin, None)
    return Rolled(mean[kept], quantiles, told[kept], weights[kept], walk.seconds)


_LEADS = np.arange(1.0, HOURS + 1)
_SHARES = np.arange(HOURS) / HOURS


def _bands(told: Values, errors: Values) -> tuple[Spread, Calibration]:
    """Spread and quantiles of past errors; days that were not measured say nothing."""
    known = np.isfinite(errors).all(axis=1)
    told, errors = told[known], errors[known]
    spread = Spread.fit(told, errors)
    sizes = spread(told).ravel()
    return spread, Calibration.fit(
        errors.ravel(), np.tile(_LEADS, len(errors)), np.tile(_SHARES, len(errors)), sizes
    )
