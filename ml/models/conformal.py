"""Quantiles from residuals that a model was held against without having learned from them.

Residuals are divided by a local spread, so that a quiet night and a hot evening are told alike, and ranked by how far
ahead they were and by the time of day: split conformal prediction (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman
2018, Journal of the American Statistical Association 113, section 5.2, locally weighted), one side at a time. A group
with few residuals leans on those of all times of day, and these on those of all leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["LEAD_EDGES_HOURS", "Calibration", "conformal_quantiles"]

LEAD_EDGES_HOURS = (1.0, 3.0, 6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 72.0, 120.0)
"""Leads up to each are ranked together, those beyond the last too. [h]"""
_RESIDUALS_MIN = 20
_MEDIAN = 0.5
_LEAN = 150.0  # residuals that the larger group counts for


@dataclass(frozen=True)
class Calibration:
    """Quantiles of residuals over their local spread.

    Invariants: no quantile crosses another.

    Attributes:
        table: By lead group, block of the day and level. Shape (leads, blocks, L). [1]
    """

    table: Values

    @classmethod
    def fit(
        cls, residuals: Values, lead_hours: Values, day_share: Values, spread: Values, blocks: int = 8
    ) -> Calibration:
        """Rank held-out residuals.

        Args:
            residuals: Actual less forecast, NaN where unknown. Shape (N,).
            lead_hours: From the origin to the end of the interval. Shape (N,). [h]
            day_share: Of the local day that is over when the interval begins. Shape (N,). [0, 1)
            spread: Local spread of the residuals, in their unit, above zero. Shape (N,).
            blocks: Into how many the day is cut. [1]

        Raises:
            InputError: If fewer than twenty residuals are known.
        """
        known = np.isfinite(residuals)
        if known.sum() < _RESIDUALS_MIN:
            raise InputError(
                f"{int(known.sum())} residuals are too few to tell quantiles by; hold {_RESIDUALS_MIN} out at least."
            )
        scaled = residuals[known] / spread[known]
        lead, block = _groups(lead_hours[known], day_share[known], blocks)
        pooled = conformal_quantiles(scaled)
        table = np.empty((len(LEAD_EDGES_HOURS) + 1, blocks, len(LEVELS)))
        for first in range(table.shape[0]):
            ours = lead == first
            wide = _leaning(scaled[ours], pooled)
            for second in range(blocks):
                table[first, second] = _leaning(scaled[ours & (block == second)], wide)
        return cls(np.maximum.accumulate(table, axis=2))

    def quantiles(self, lead_hours: Values, day_share: Values, spread: Values) -> Values:
        """What is to be added to a forecast for each level of ``LEVELS``. Shapes (N,) to (L, N)."""
        lead, block = _groups(lead_hours, day_share, self.table.shape[1])
        return np.asarray((self.table[lead, block] * spread[:, np.newaxis]).T)

    def widened(self, factor: float) -> Calibration:
        """The same with all residuals so much larger."""
        return Calibration(self.table * factor)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {"table": self.table}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Calibration:
        """Make it again."""
        return cls(np.asarray(state["table"], dtype=np.float64))


def conformal_quantiles(residuals: Values) -> Values:
    """Quantiles at ``LEVELS`` such that a further residual is beyond them no more often than told. Shape (N,) to (L,).

    Of n residuals the rank is ``(n + 1) · level``, rounded away from the median.
    """
    ranked = np.sort(residuals)
    levels = np.asarray(LEVELS)
    exact = (len(ranked) + 1) * levels
    # A product such as 20 · 0.95 is not exactly 19.
    rank = np.where(levels > _MEDIAN, np.ceil(exact - 1e-9), np.floor(exact + 1e-9)).astype(np.int64)
    found = ranked[np.clip(rank, 1, len(ranked)) - 1]
    found[levels == _MEDIAN] = np.median(ranked)
    return np.asarray(found)


def _leaning(residuals: Values, larger: Values) -> Values:
    """Quantiles of a group, mixed with those of the larger group that it is part of."""
    if not len(residuals):
        return larger
    weight = len(residuals) / (len(residuals) + _LEAN)
    return np.asarray(weight * conformal_quantiles(residuals) + (1 - weight) * larger)


def _groups(lead_hours: Values, day_share: Values, blocks: int) -> tuple[Whole, Whole]:
    lead = np.searchsorted(LEAD_EDGES_HOURS, lead_hours - 1e-9)
    return lead.astype(np.int64), np.clip((day_share * blocks).astype(np.int64), 0, blocks - 1)
