"""How far off a load's forecast is likely to be: by how far ahead, hour, day, weather and how it went of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.features.calendar import yearly_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Spread", "spread_columns"]

_LEAST_SHARE = 0.02
_RANGE = 6.0
_PENALTY = 10.0


def spread_columns(lead_hours: Values, day_share: Values, marks: Values, recent: Values) -> Values:
    """What the spread hangs on.

    Args:
        lead_hours: Shape (N,). [h]
        day_share: Shape (N,). [0, 1)
        marks: Of the kind of day and of how unusual the weather is. Shape (N, M).
        recent: Mean absolute errors of late over their usual size, NaN where unknown. Shape (N, R).

    Returns:
        Shape (N, 3 + 4 + M + R).
    """
    late = np.log(np.clip(np.nan_to_num(recent, nan=1.0), 1 / _RANGE, _RANGE))
    leads = np.stack([np.ones(len(lead_hours)), np.log(lead_hours), np.sqrt(lead_hours)], axis=1)
    return np.hstack([leads, yearly_terms(day_share, 2), marks, late])


@dataclass(frozen=True)
class Spread:
    """The logarithm of the spread is linear in its columns (a multiplicative model, Harvey 1976).

    Attributes:
        scale: Of each column. Shape (D,).
        weights: Shape (D,).
        usual: Mean absolute residual; no spread is beyond six times it, nor below a sixth. [the residuals' unit]
    """

    scale: Values
    weights: Values
    usual: float

    @classmethod
    def fit(cls, columns: Values, residuals: Values) -> Spread:
        """Learn from held-out residuals, all known. Shapes (N, D), (N,)."""
        usual = float(np.abs(residuals).mean())
        if usual == 0.0:
            # A meter that always says the same: its next value is that.
            return cls(np.ones(columns.shape[1]), np.zeros(columns.shape[1]), 0.0)
        target = np.log(np.abs(residuals) / usual + _LEAST_SHARE)
        scale = np.maximum(np.sqrt((columns**2).mean(axis=0)), 1e-9)
        rows = columns / scale
        ridge = _PENALTY * np.eye(columns.shape[1])
        return cls(scale, np.linalg.solve(rows.T @ rows + ridge, rows.T @ target), usual)

    def predict(self, columns: Values) -> Values:
        """Above zero unless the residuals all were zero. Shape (N, D) to (N,)."""
        relative = np.exp(np.clip(columns / self.scale @ self.weights, -np.log(_RANGE), np.log(_RANGE)))
        return np.asarray(self.usual * relative)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {"scale": self.scale, "weights": self.weights, "usual": self.usual}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Spread:
        """Make it again."""
        return cls(np.asarray(state["scale"]), np.asarray(state["weights"]), float(state["usual"]))
