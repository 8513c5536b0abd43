"""How prices move within an hour: quarter-hours saw-tooth where plants ramp from one hour's schedule to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.prices.days import DAYS_BACK, HOURS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]

__all__ = ["HourShape"]

_RIDGE = 1.0


@dataclass(frozen=True)
class HourShape:
    """Deviations of an hour's parts from its mean, by the steps to its neighbours and by the days before.

    Attributes:
        weights: Per part those of the step before, the step after, yesterday's deviation, last week's, and the mean of
            the last seven days. Shape (M, 5); M is one where prices are hourly, and nothing deviates.
    """

    weights: Values

    @classmethod
    def fit(cls, days: PriceDays, until: int) -> HourShape:
        """Least squares over the days before a row, a quarter of a year of them at most."""
        count = days.parts.shape[2]
        weights = np.zeros((count, 5))
        rows = days.learnable(until, 91)
        rows = rows[np.isfinite(days.parts[rows]).all(axis=(1, 2))] if len(rows) else rows
        if count == 1 or not len(rows):
            return cls(weights)
        for part in range(count):
            features = np.concatenate([_features(days.prices, days.parts, row)[part] for row in rows])
            wanted = (days.parts[rows, :, part] - days.prices[rows]).ravel()
            scale = float((wanted**2).mean()) * _RIDGE + 1e-12
            normal = features.T @ features + scale * np.eye(features.shape[1])
            weights[part] = np.linalg.solve(normal, features.T @ wanted)
        return cls(weights)

    def parts(self, prices: Values, parts: Values, row: int) -> Values:
        """Prices of the parts of a day whose hours are told; each hour's mean stays. Shape (24, M)."""
        if len(self.weights) == 1:
            return np.array(prices[row][:, np.newaxis])
        features = _features(prices, parts, row)
        off = np.stack([features[part] @ self.weights[part] for part in range(len(self.weights))], axis=1)
        return np.asarray(prices[row][:, np.newaxis] + off - off.mean(axis=1, keepdims=True))

    def state(self) -> Mapping[str, Any]:
        """Plain values."""
        return {"weights": self.weights}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> HourShape:
        """As it was."""
        return cls(np.asarray(state["weights"]))


def _features(prices: Values, parts: Values, row: int) -> Values:
    """Shape (M, 24, 5). What is unknown of earlier days deviates by nothing."""
    before = np.r_[prices[row - 1, -1], prices[row, :-1]]
    after = np.r_[prices[row, 1:], prices[row, -1]]
    week = parts[row - DAYS_BACK : row] - prices[row - DAYS_BACK : row, :, np.newaxis]
    week = np.where(np.isfinite(week), week, 0.0)
    steps = np.stack([prices[row] - before, after - prices[row]])
    out = np.empty((parts.shape[2], HOURS, 5))
    for part in range(parts.shape[2]):
        out[part, :, :2] = steps.T
        out[part, :, 2] = week[-1, :, part]
        out[part, :, 3] = week[0, :, part]
        out[part, :, 4] = week[:, :, part].mean(axis=0)
    return out
