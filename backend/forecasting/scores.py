"""How good forecasts were: errors, quantile scores, reliability, and whether one is better than another.

A score ignores intervals whose measure is unknown, and says NaN where none is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting.forecast import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = [
    "DieboldMariano",
    "coverage",
    "diebold_mariano",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_pinball_loss",
    "normalised_root_mean_square_error",
    "pinball_losses",
    "reliability",
    "root_mean_square_error",
    "shares_below",
]


def _mean(errors: Values) -> float:
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if known.size else math.nan


def mean_absolute_error(actual: Values, forecast: Values) -> float:
    """MAE, in the values' unit."""
    return _mean(np.abs(actual - forecast))


def root_mean_square_error(actual: Values, forecast: Values) -> float:
    """RMSE, in the values' unit."""
    return math.sqrt(_mean((actual - forecast) ** 2))


def normalised_root_mean_square_error(actual: Values, forecast: Values, capacity: float) -> float:
    """RMSE as a share of a capacity (nRMSE), as solar and wind forecasts are judged. [1]"""
    return root_mean_square_error(actual, forecast) / capacity


def mean_absolute_percentage_error(actual: Values, forecast: Values) -> float:
    """MAPE, of the actual. [%] Intervals that are zero are left out: they have no percentage."""
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.abs((actual - forecast) / actual)
    return 100 * _mean(np.where(actual == 0, np.nan, errors))


def pinball_losses(actual: Values, quantiles: Values) -> Values:
    """Pinball loss per level and interval (Koenker and Bassett 1978). Shapes (T,), (L, T) to (L, T)."""
    levels = np.asarray(LEVELS)[:, np.newaxis]
    miss = actual[np.newaxis, :] - quantiles
    return np.asarray(np.maximum(levels * miss, (levels - 1) * miss))


def mean_pinball_loss(actual: Values, quantiles: Values) -> float:
    """Mean over the levels and the known intervals, in the values' unit; twice it estimates the CRPS."""
    return _mean(pinball_losses(actual, quantiles))


def coverage(actual: Values, low: Values, high: Values) -> float:
    """Share of known intervals in [low, high]. [1]"""
    inside = ((actual >= low) & (actual <= high)).astype(np.float64)
    return _mean(np.where(np.isfinite(actual), inside, np.nan))


def shares_below(actual: Values, quantiles: Values) -> Values:
    """Whether values are below each level's quantile; a share where they meet quantiles exactly. Shape (L, T). [1]

    Where a forecast puts weight on one value (a solar plant's zero at night, a home's whose roof covers it), many
    quantiles are that value, and "at or below" would be true of all of them. The weight is spread evenly over the
    levels that it takes, as the non-randomised probability integral transform does (Czado, Gneiting and Held 2009,
    section 2.1); it begins and ends halfway between levels. Where all quantiles are met, nothing is learned of them:
    each counts as its own level.

    Args:
        actual: Shape (T,). NaN stays NaN.
        quantiles: By ``LEVELS``, not crossing. Shape (L, T).
    """
    levels = np.asarray(LEVELS)
    bounds = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    low = bounds[(quantiles < actual).sum(axis=0)]
    high = bounds[(quantiles <= actual).sum(axis=0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        met = np.clip((levels[:, np.newaxis] - low) / (high - low), 0.0, 1.0)
    below = np.where(quantiles == actual, met, (actual < quantiles).astype(np.float64))
    return np.where(np.isfinite(actual), below, np.nan)


def reliability(actual: Values, quantiles: Values) -> Values:
    """Observed frequency of values below each level's quantile: the reliability diagram. Shape (L,). [1]

    Values that meet quantiles count as ``shares_below`` says.
    """
    known = np.isfinite(actual)
    if not known.any():
        return np.full(len(quantiles), np.nan)
    return np.asarray(shares_below(actual[known], quantiles[:, known]).mean(axis=1))


@dataclass(frozen=True, slots=True)
class DieboldMariano:
    """Whether one forecast is better than another, beyond chance.

    Attributes:
        statistic: Negative where the first is better. [1]
        p_value: Of the hypothesis that the first is no better (one-sided). [1]
        periods: How many losses were compared.
    """

    statistic: float
    p_value: float
    periods: int


def diebold_mariano(first_losses: Values, second_losses: Values, lags: int = 0) -> DieboldMariano:
    """Test by the mean of the loss differential (Diebold and Mariano 1995), small-sample corrected.

    The correction is that of Harvey, Leybourne and Newbold (1997, eq. 9) for ``lags + 1`` steps ahead; the statistic is
    held against the normal distribution. For day-ahead prices the losses are a day's sums over its 24 hours, as
    Lago et al. (2021, section 5.4) do it: then no lag is needed.

    Args:
        first_losses: A loss per period. Shape (N,).
        second_losses: Of the rival, same periods. Shape (N,).
        lags: Autocovariances that count in the variance. [periods]
    """
    difference = first_losses - second_losses
    count = len(difference)
    centred = difference - difference.mean()
    variance = float(centred @ centred) / count
    for lag in range(1, lags + 1):
        variance += 2 * float(centred[lag:] @ centred[:-lag]) / count
    if variance <= 0:
        return DieboldMariano(0.0, 0.5, count)
    ahead = lags + 1
    corrected = (count + 1 - 2 * ahead + ahead * (ahead - 1) / count) / count
    statistic = float(difference.mean()) / math.sqrt(variance / count) * math.sqrt(corrected)
    return DieboldMariano(statistic, 0.5 * math.erfc(-statistic / math.sqrt(2)), count)
