"""Many plants together: scenarios whose sites and hours go along with each other as they did, and quantiles of sums.

A Gaussian copula (Pinson et al. 2009): where each value lay within its forecast is turned into a normal score; scores
of sites and of hours are correlated, and scenarios drawn so are turned back by each site's quantiles.
Adding quantiles would have all sites miss alike; taking them for independent would have clouds know one roof at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Copula", "add_forecasts", "learn_copula", "normal_scores", "scenarios_of"]

PAIRS_LEAST = 48
"""Intervals in which two sites were both scored, that their correlation needs. [1]"""
SHRINK = 0.01
"""Towards no correlation: few days make it look stronger than it is. [1]"""
SCENARIOS_MOST = 20_000
CELLS_MOST = 50_000_000


def _ranks(actual: Values, quantiles: Values) -> Values:
    """Where each value lies within its quantiles, in (0, 1); NaN where they leave no room. Shapes (H,), (L, H)."""
    levels = np.asarray(LEVELS)
    found = np.full(len(actual), np.nan)
    for place in np.flatnonzero(np.isfinite(actual) & (quantiles[-1] > quantiles[0])):
        column, value = quantiles[:, place], actual[place]
        low = float(np.interp(value, column, levels, left=levels[0] / 2, right=(1 + levels[-1]) / 2))
        # Where quantiles lie upon each other the value may be anywhere among their levels: their middle.
        same = levels[column == value]
        found[place] = float(same.mean()) if same.size else low
    return found


def normal_scores(actual: Values, quantiles: Values) -> Values:
    """Standard normal scores of values within their forecasts, NaN at night and where unknown.

    Args:
        actual: Shape (H,).
        quantiles: By ``LEVELS``. Shape (L, H).
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(_ranks(actual, quantiles)))


@dataclass(frozen=True)
class Copula:
    """How scores of sites and of hours go along.

    Attributes:
        sites: Correlation between sites in one interval. Shape (S, S). [1]
        fading_seconds: Time after which a site's own scores' correlation has fallen to 1/e. [s]
    """

    sites: Values
    fading_seconds: float

    def state(self) -> dict[str, Any]:
        """Plain values, from which ``from_state`` makes an equal one."""
        return {"sites": self.sites, "fading_seconds": self.fading_seconds}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Copula:
        """Make the copula whose ``state`` this was."""
        return cls(np.asarray(state["sites"]), float(state["fading_seconds"]))


def learn_copula(scores: Values, step_seconds: int, weights: Values | None = None) -> Copula:
    """Learn correlations from past scores.

    Scores are not centred: forecasts that were all too high, day after day, missed together.

    Args:
        scores: Of ``normal_scores``, NaN at night. Shape (S, T).
        step_seconds: [s]
        weights: How much an interval of a site matters, such as the width of its band: at dawn roofs that face several
            ways have little in common, and little power. At least zero. Shape (S, T).

    Raises:
        InputError: If no two sites were scored together often enough.
    """
    count = len(scores)
    counted = np.ones_like(scores) if weights is None else weights
    sites = np.eye(count)
    for one in range(count):
        for other in range(one):
            both = np.isfinite(scores[one]) & np.isfinite(scores[other])
            if both.sum() >= PAIRS_LEAST:
                sites[one, other] = sites[other, one] = _correlation(
                    scores[one][both], scores[other][both], np.sqrt(counted[one] * counted[other])[both]
                )
    if count > 1 and not (np.isfinite(scores).sum(axis=1) >= PAIRS_LEAST).any():
        raise InputError(
            f"a copula is learned from {PAIRS_LEAST} scored intervals; none of the sites has as many."
        )
    alike = []
    for site, weight in zip(scores, counted, strict=True):
        both = np.isfinite(site[1:]) & np.isfinite(site[:-1])
        if both.sum() >= PAIRS_LEAST:
            alike.append(_correlation(site[1:][both], site[:-1][both], weight[1:][both]))
    nearby = float(np.clip(np.mean(alike) if alike else 0.5, 0.05, 0.98))
    return Copula(
        _positive((1 - SHRINK) * sites + SHRINK * np.eye(count)), -step_seconds / float(np.log(nearby))
    )


def _correlation(one: Values, other: Values, weights: Values) -> float:
    spread = float((weights * one**2).sum() * (weights * other**2).sum()) ** 0.5
    return float((weights * one * other).sum()) / spread if spread > 0 else 0.0


def _positive(matrix: Values) -> Values:
    """The matrix with eigenvalues that are at least a little above zero, ones on the diagonal."""
    values, vectors = np.linalg.eigh(matrix)
    whole = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(whole))
    return np.asarray(whole / scale[:, np.newaxis] / scale)


def scenarios_of(forecasts: Sequence[Forecast], copula: Copula, count: int, seed: int) -> Values:
    """Draw what may come of all sites, together.

    Beyond the outer quantiles the last segment's slope goes on to the level 0 or 1; power is never below zero.

    Args:
        forecasts: One per site, in the copula's order, over the same intervals.
        copula: Of the sites.
        count: Scenarios, up to 20,000.
        seed: The same gives the same scenarios.

    Returns:
        Shape (N, S, H), in the forecasts' unit.

    Raises:
        InputError: If the forecasts are of other intervals, or there are too many scenarios.
    """
    from scipy.special import ndtr

    first = forecasts[0]
    for number, forecast in enumerate(forecasts):
        if (forecast.origin_utc, forecast.step_seconds, len(forecast)) != (
            first.origin_utc,
            first.step_seconds,
            len(first),
        ):
            raise InputError(
                f"forecast {number} is not of the first one's intervals; forecast all from one origin."
            )
    if len(forecasts) != len(copula.sites):
        raise InputError(
            f"the copula is of {len(copula.sites)} sites; {len(forecasts)} forecasts were given."
        )
    if not 0 < count <= SCENARIOS_MOST or count * len(forecasts) * len(first) > CELLS_MOST:
        raise InputError(
            f"{count} scenarios of {len(forecasts)} sites and {len(first)} intervals were asked for; at most "
            f"{SCENARIOS_MOST} scenarios and {CELLS_MOST} values are drawn."
        )
    apart = np.abs(np.subtract.outer(np.arange(len(first)), np.arange(len(first)))) * first.step_seconds
    hours = np.linalg.cholesky(np.exp(-apart / copula.fading_seconds) + 1e-9 * np.eye(len(first)))
    sites = np.linalg.cholesky(_positive(copula.sites))
    noise = np.random.default_rng(seed).standard_normal((count, len(forecasts), len(first)))
    scores = np.einsum("ij,njh->nih", sites, noise) @ hours.T
    levels = np.concatenate([[0.0], LEVELS, [1.0]])
    ranks = ndtr(scores)
    drawn = np.empty_like(ranks)
    for site, forecast in enumerate(forecasts):
        outer = _with_ends(forecast.quantiles)
        for place in range(len(first)):
            drawn[:, site, place] = np.interp(ranks[:, site, place], levels, outer[:, place])
    return np.asarray(drawn)


def _with_ends(quantiles: Values) -> Values:
    """Quantiles with those of the levels 0 and 1. Shape (L + 2, H)."""
    low = np.maximum(2 * quantiles[0] - quantiles[1], 0.0)
    return np.vstack([np.minimum(low, quantiles[0]), quantiles, 2 * quantiles[-1] - quantiles[-2]])


def add_forecasts(
    forecasts: Sequence[Forecast], copula: Copula, count: int = 1000, seed: int = 0
) -> Forecast:
    """Forecast the sum of sites: its mean is the means' sum, its quantiles are those of scenarios' sums.

    Raises:
        InputError: As ``scenarios_of``.
    """
    total = scenarios_of(forecasts, copula, count, seed).sum(axis=1)
    first = forecasts[0]
    return Forecast(
        origin_utc=first.origin_utc,
        step_seconds=first.step_seconds,
        mean=np.sum([forecast.mean for forecast in forecasts], axis=0),
        quantiles=np.quantile(total, LEVELS, axis=0),
        model="copula",
        weather=first.weather,
        unit=first.unit,
    )
