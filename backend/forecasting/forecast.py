"""A forecast: a mean and quantiles over the intervals after an origin, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["LEVELS", "Forecast", "WeatherSource"]

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Levels that every forecast has quantiles at. [1]"""


class WeatherSource(Enum):
    """What weather a forecast used; every score says it, for observed weather flatters."""

    NONE = "none"
    CLEAR_SKY = "clear-sky"
    FORECAST = "forecast"
    OBSERVED = "observed"
    """Ex post: what was measured later, which nobody had at the origin."""


@dataclass(frozen=True)
class Forecast:
    """What is expected of the intervals from an origin on.

    Invariants: all finite, quantiles never cross, the levels are ``LEVELS``.

    Attributes:
        origin_utc: Values that ended by then were known; the first interval forecast begins here. [s since 1970, UTC]
        step_seconds: [s]
        mean: Shape (H,).
        quantiles: Shape (L, H), by ``LEVELS``.
        model: Name of the model that made it, ``seasonal-naive`` where a fallback did.
        weather: What weather it used.
        unit: As the series.
        reason: Why a fallback took over, empty where none did.
    """

    origin_utc: int
    step_seconds: int
    mean: Values
    quantiles: Values
    model: str
    weather: WeatherSource = WeatherSource.NONE
    unit: str = "W"
    reason: str = ""

    def __post_init__(self) -> None:
        assert self.quantiles.shape == (len(LEVELS), len(self.mean)), self.quantiles.shape
        assert np.isfinite(self.mean).all(), "a forecast that is not finite"
        assert (np.diff(self.quantiles, axis=0) >= 0).all(), "quantiles that cross"

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def starts_utc(self) -> NDArray[np.int64]:
        """Start of every interval. Shape (H,). [s since 1970, UTC]"""
        return self.origin_utc + self.step_seconds * np.arange(len(self.mean), dtype=np.int64)

    @property
    def median(self) -> Values:
        """Shape (H,)."""
        return self.at(0.5)

    def at(self, level: float) -> Values:
        """Quantiles at a level, linear between those that are kept; beyond them the outermost. Shape (H,)."""
        above = int(np.searchsorted(LEVELS, level))
        if above == 0:
            return np.asarray(self.quantiles[0])
        if above == len(LEVELS):
            return np.asarray(self.quantiles[-1])
        share = (level - LEVELS[above - 1]) / (LEVELS[above] - LEVELS[above - 1])
        return np.asarray((1 - share) * self.quantiles[above - 1] + share * self.quantiles[above])

    def exceedance(self, limit: float) -> Values:
        """Probability that an interval is above a limit, by the quantiles and their outer slopes. Shape (H,)."""
        return np.array([_above(column, limit) for column in self.quantiles.T])


def _above(quantiles: Values, limit: float) -> float:
    """Of one interval; beyond the outer quantiles the last segment's slope goes on, in [0, 1]."""
    levels = np.asarray(LEVELS)
    inside = int(np.clip(np.searchsorted(quantiles, limit), 1, len(levels) - 1))
    low, high = quantiles[inside - 1], quantiles[inside]
    if high <= low:
        return float(1 - levels[inside]) if limit >= high else float(1 - levels[inside - 1])
    level = levels[inside - 1] + (limit - low) / (high - low) * (levels[inside] - levels[inside - 1])
    return float(np.clip(1 - level, 0, 1))
