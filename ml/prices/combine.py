"""How much each expert counts, and how sure they are together: both from their past errors alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Spread", "combined", "weigh"]

_SHRUNK = 0.5
_HALF_LIFE_DAYS = 90.0
_DAYS_LEAST = 7
_ROUNDS = 8
_LEAST_SHARE = 0.2  # of the mean error; smaller errors count as if they were that large


def weigh(told: Values, actual: Values) -> Values:
    """Weights of experts from days that are past, recent ones counting more.

    Weights are not negative and sum to one; they minimise the absolute error of what is combined, by squares that are
    weighed anew (Schlossmacher 1973), for a day of spikes says little about the others. They are then drawn half the
    way to equal shares: a short past tells little for certain (Timmermann 2006, section 3).

    Args:
        told: Oldest day first; NaN of experts who had not learned yet. Shape (N, M, 24).
        actual: NaN on days that were not measured. Shape (N, 24).

    Returns:
        Shape (M,). Experts who could not tell the last day count nothing.
    """
    able = np.isfinite(told[-1]).all(axis=1)
    weights = np.zeros(told.shape[1])
    count = int(able.sum())
    weights[able] = 1 / max(count, 1)
    days = np.isfinite(told[:, able]).all(axis=(1, 2)) & np.isfinite(actual).all(axis=1)
    if days.sum() < _DAYS_LEAST or count <= 1:
        return weights
    errors = (told[days][:, able] - actual[days, np.newaxis]).transpose(0, 2, 1)
    age = len(told) - 1 - np.flatnonzero(days)
    recent = np.broadcast_to(0.5 ** (age / _HALF_LIFE_DAYS)[:, np.newaxis], errors.shape[:2])
    least = _LEAST_SHARE * float(np.abs(errors.mean(axis=2)).mean()) + 1e-12
    found = weights[able]
    for _ in range(_ROUNDS):
        by = recent / np.maximum(np.abs(errors @ found), least)
        found = _simplex_minimum(np.einsum("nhi,nhj,nh->ij", errors, errors, by) / by.sum())
    weights[able] = (1 - _SHRUNK) * found + _SHRUNK * weights[able]
    return weights


def _simplex_minimum(moments: Values) -> Values:
    """Weights on the simplex of least wᵀMw, by non-negative least squares."""
    from scipy.optimize import nnls

    count = len(moments)
    level = np.trace(moments) / count + 1e-300
    root = np.linalg.cholesky(moments / level + 1e-9 * np.eye(count)).T
    # A heavy row holds the sum to one; what is left of the error is taken out by dividing.
    heavy = 1e3
    found, _ = nnls(np.vstack([root, heavy * np.ones(count)]), np.r_[np.zeros(count), heavy])
    return np.asarray(found / found.sum())


def combined(told: Values, weights: Values) -> Values:
    """Half the weighted mean, half the median of what experts tell, of those who count. Shapes (M, 24), (M,) to (24,).

    The mean uses what is known of the experts, the median is safe from the one who goes astray today.
    """
    heard = weights > 0
    mean = weights[heard] @ told[heard] / weights[heard].sum()
    return np.asarray((mean + np.median(told[heard], axis=0)) / 2)


@dataclass(frozen=True)
class Spread:
    """How far off a combined price is expected to be: by hour, and by how much the experts disagree.

    Attributes:
        by_hour: Mean absolute error. Shape (24,).
        hour_share: How much of it counts. [1]
        disagreement_share: How much the experts' standard deviation counts. [1]
    """

    by_hour: Values
    hour_share: float
    disagreement_share: float

    @classmethod
    def fit(cls, told: Values, errors: Values) -> Spread:
        """Learn from past errors. Shapes (N, M, 24), (N, 24)."""
        from scipy.optimize import nnls

        sizes = np.abs(errors)
        own = sizes.mean(axis=0)
        around = (np.roll(own, 1) + 2 * own + np.roll(own, -1)) / 4
        by_hour = np.maximum(around, 1e-6 * (1 + np.abs(own).max()))
        columns = np.column_stack(
            [np.broadcast_to(by_hour, sizes.shape).ravel(), _disagreement(told).ravel()]
        )
        (hour_share, disagreement_share), _ = nnls(columns, sizes.ravel())
        # Some of the hour's own error always counts: agreement may be chance.
        return cls(by_hour, max(float(hour_share), 0.1), float(disagreement_share))

    def __call__(self, told: Values) -> Values:
        """Expected absolute error. Shape (..., M, 24) to (..., 24)."""
        return np.asarray(self.hour_share * self.by_hour + self.disagreement_share * _disagreement(told))

    def state(self) -> Mapping[str, Any]:
        """Plain values."""
        return {
            "by_hour": self.by_hour,
            "hour_share": self.hour_share,
            "disagreement_share": self.disagreement_share,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Spread:
        """As it was."""
        return cls(
            np.asarray(state["by_hour"]), float(state["hour_share"]), float(state["disagreement_share"])
        )


def _disagreement(told: Values) -> Values:
    """Standard deviation between experts who tell something. Shape (..., M, 24) to (..., 24)."""
    there = np.isfinite(told)
    count = np.maximum(there.sum(axis=-2), 1)
    mean = np.where(there, told, 0).sum(axis=-2) / count
    off = np.where(there, told - mean[..., np.newaxis, :], 0)
    return np.asarray(np.sqrt((off**2).sum(axis=-2) / count))
