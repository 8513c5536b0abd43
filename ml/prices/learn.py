"""Learning from days: experts are tried on the last of them, weighed by how they did, and learn again from all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.reasons import tell_reason
from ml.models.conformal import Calibration
from ml.prices.combine import Spread, combined, weigh
from ml.prices.days import DAYS_BACK, HOURS, PriceDays, price_days
from ml.prices.fitted import FittedDays
from ml.prices.members import DAYS_LEAST
from ml.prices.shape import HourShape
from ml.prices.walk import Expert, Walk, one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site, WeatherSource

    Values = NDArray[np.float64]

__all__ = ["Trial", "learn_days"]

_TRIAL_DAYS_LEAST = 14
_AHEAD_DAYS = 7
_AHEAD_EVERY = 3  # of the trial days, those that a week ahead is told from


@dataclass(frozen=True)
class Trial:
    """How experts are held against what came.

    Attributes:
        experts: Who is asked.
        seed: Of networks and trees.
        days: Last days of the history, each told from what was known before it: weights and quantiles are learned
            there. [days]
        every: Days between learning anew within them. [days]
    """

    experts: Sequence[Expert]
    seed: int
    days: int
    every: int


def learn_days(
    title: str, trial: Trial, series: Series, site: Site, until_utc: int, weather: WeatherSource
) -> FittedDays:
    """Learn a course that goes by days.

    Raises:
        InputError: If there are fewer than 49 whole days.
    """
    names = tuple(sorted(series.inputs))
    days = price_days(series, site, names, until_utc, 0)
    end = days.known
    first = max(end - trial.days, DAYS_BACK + DAYS_LEAST)
    if end - first < _TRIAL_DAYS_LEAST or len(days.learnable(first, first)) < DAYS_LEAST:
        raise InputError(
            tell_reason(
                "short_days",
                known=int(days.whole.sum()),
                inputs_known=len(names),
                until_utc=until_utc,
                needed=DAYS_BACK + DAYS_LEAST + _TRIAL_DAYS_LEAST,
            )
        )
    walk = Walk([Expert(one.member, trial.every) for one in trial.experts], trial.seed)
    shape = HourShape.fit(days, end)
    with one_thread():
        weights, spread, calibration, momentum = _try(days, walk, shape, first, end)
        walk.fitted = []
        walk.learn(days, end)
    kinds = tuple(one.member.name.partition("-")[0] for one in trial.experts)
    limits = _limits(days.prices[:end][days.whole[:end]])
    return FittedDays(
        title,
        names,
        site,
        weather,
        kinds,
        tuple(walk.fitted),
        weights,
        spread,
        calibration,
        shape,
        momentum,
        limits,
        series.unit,
    )


def _limits(prices: Values) -> tuple[float, float]:
    """Beyond these no forecast goes, whatever the inputs: as far again outside of what was ever seen."""
    low, high = float(prices.min()), float(prices.max())
    return low - (high - low) - 1e-9, high + (high - low) + 1e-9


def _try(
    days: PriceDays, walk: Walk, shape: HourShape, first: int, end: int
) -> tuple[Values, Spread, Calibration, float]:
    """Weights, spread, quantiles and momentum from what was told of past days, each from what was known before."""
    told = np.full((end - first, len(walk.experts), HOURS), np.nan)
    # What was told of further days: row, days ahead, by whom, and the course that it goes on from.
    further: list[tuple[int, int, Values, PriceDays]] = []
    for row in range(first, end):
        walk.learn(days, row)
        course = days.until(row)
        told[row - first] = walk.told(course, row)
        further.append((row, 0, told[row - first], course))
        if (row - first) % _AHEAD_EVERY:
            continue
        one = told[row - first]
        for day in range(1, min(_AHEAD_DAYS, end - row)):
            course.prices[row + day - 1] = np.nanmean(one, axis=0)
            one = walk.told(course, row + day)
            further.append((row + day, day, one, course))
    measured = days.whole[first:end]
    actual = np.where(measured[:, np.newaxis], days.prices[first:end], np.nan)
    weights = weigh(told, actual)
    mean = np.stack([combined(one, weights) for one in told])
    errors = (actual - mean)[measured]
    spread = Spread.fit(told[measured], errors)
    parts, slots = days.parts.shape[2], HOURS * days.parts.shape[2]
    residuals = []
    for row, _, one, course in further:
        course.prices[row] = combined(one, weights)
        residuals.append((days.parts[row] - shape.parts(course.prices, course.parts, row)).ravel())
    leads = [24.0 * day + (np.arange(slots) + 1) / parts for _, day, _, _ in further]
    spreads = [np.repeat(spread(one), parts) for _, _, one, _ in further]
    calibration = Calibration.fit(
        np.concatenate(residuals),
        np.concatenate(leads),
        np.tile(np.arange(slots) / slots, len(further)),
        np.concatenate(spreads),
    )
    return weights, spread, calibration, _momentum(errors)


def _momentum(errors: Values) -> float:
    """Autocorrelation of errors from one hour to the next, over all days; none where it is negative."""
    square = float((errors**2).sum())
    return float(np.clip((errors[:, 1:] * errors[:, :-1]).sum() / (square + 1e-300), 0.0, 0.99))
