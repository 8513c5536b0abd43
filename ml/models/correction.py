"""What the latest errors of a model say of the next hours and days.

A load that was above what weather and calendar explain is likely to stay so for a while, and to be so again at the same
hour tomorrow. How much of it is left after one hour is not how much is left after a week: a regression for each lead,
whose weights turn with the hour of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.features.calendar import yearly_terms
from ml.features.lags import last_known, mean_before, same_slot
from ml.models.ridge import Ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["LAG_COLUMNS", "LeadCorrection", "Rows", "lag_columns"]

_DAYS, _WEEKS = 3, 2
_MEANS_HOURS = (3, 24, 168, 672)
LAG_COLUMNS = _DAYS + _WEEKS + 1 + len(_MEANS_HOURS)
MEMORY_HOURS = 672
"""How far back values are looked at. [h]"""
_EDGES_HOURS = (
    *(0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24),
    *(28, 32, 36, 40, 44, 48, 60, 72, 96, 120, 144, 168),
)
_HARMONICS = 2
_ROWS_PER_LEAD = 12_000
_PENALTY = 30.0


@dataclass(frozen=True)
class Rows:
    """Targets as seen from origins.

    Attributes:
        places: Of the targets in the series. Shape (N,).
        origins: First place that was not known, at most its target's. Shape (N,).
    """

    places: Whole
    origins: Whole

    @property
    def leads(self) -> Whole:
        """From the origin to the target's end. Shape (N,). [intervals]"""
        return self.places - self.origins + 1


def lag_columns(values: Values, rows: Rows, per_hour: int) -> Values:
    """What was measured as far as it was known: at the same hour, just before, on the whole. Shape (N, 10)."""
    day = 24 * per_hour
    columns = [
        same_slot(values, rows.places, rows.origins, day, _DAYS),
        same_slot(values, rows.places, rows.origins, 7 * day, _WEEKS),
        last_known(values, rows.origins, day)[np.newaxis],
        np.stack([mean_before(values, rows.origins, hours * per_hour) for hours in _MEANS_HOURS]),
    ]
    return np.vstack(columns).T


@dataclass(frozen=True)
class LeadCorrection:
    """Regressions of what is left on what was left.

    Attributes:
        edges: Leads up to each are of one regression. Shape (B,). [intervals]
        ridges: One for each.
    """

    edges: Whole
    ridges: tuple[Ridge, ...]

    @classmethod
    def fit(
        cls, residuals: Values, slot: Whole, part: Whole, parts: int, first: int, seed: int, per_hour: int
    ) -> LeadCorrection:
        """Learn how errors go on.

        Args:
            residuals: Of a series, by models that had not learned from them; NaN where unknown. Shape (T,).
            slot: Shape (T,). [0, slots)
            part: Which part of the past an interval is in. Shape (T,). [0, parts)
            parts: K.
            first: Place of the first target: those before it have too little past.
            seed: Of the choice of rows.
            per_hour: Intervals.
        """
        draw = np.random.default_rng(seed)
        edges = np.array(
            [int(hours * per_hour) for hours in _EDGES_HOURS if hours * per_hour >= 1], dtype=np.int64
        )
        edges = np.unique(edges)
        known = first + np.flatnonzero(np.isfinite(residuals[first:]))
        slots = 24 * per_hour
        ridges = []
        for nearest, farthest in zip(np.concatenate([[0], edges[:-1]]), edges, strict=True):
            places = known
            if len(known) > _ROWS_PER_LEAD:
                places = np.sort(draw.choice(known, _ROWS_PER_LEAD, replace=False))
            leads = draw.integers(nearest + 1, farthest + 1, len(places))
            rows = Rows(places, np.maximum(places - leads + 1, 0))
            columns = _turning(residuals, rows, slot[places] / slots, per_hour)
            ridges.append(Ridge.fit(columns, residuals[places], part[places], parts, _PENALTY))
        return cls(edges, tuple(ridges))

    def predict(self, residuals: Values, rows: Rows, slot: Whole, part: Whole, per_hour: int) -> Values:
        """What is left to expect; of part k by what did not learn from it, -1 for what is to come. Shape (N,)."""
        group = np.minimum(np.searchsorted(self.edges, rows.leads), len(self.edges) - 1)
        columns = _turning(residuals, rows, slot / (24 * per_hour), per_hour)
        found = np.zeros(len(rows.places))
        for index, ridge in enumerate(self.ridges):
            mine = group == index
            if mine.any():
                found[mine] = ridge.predict(columns[mine], part[mine])
        return found

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {
            "edges": self.edges,
            "scales": np.stack([ridge.scale for ridge in self.ridges]),
            "weights": np.stack([ridge.weights for ridge in self.ridges]),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LeadCorrection:
        """Make it again."""
        pairs = zip(state["scales"], state["weights"], strict=True)
        return cls(np.asarray(state["edges"]), tuple(Ridge(scale, weights) for scale, weights in pairs))


def _turning(residuals: Values, rows: Rows, day_share: Values, per_hour: int) -> Values:
    """Lag columns, each with weights that turn with the hour; unknown ones say nothing. Shape (N, 10 · 5)."""
    columns = np.nan_to_num(lag_columns(residuals, rows, per_hour), nan=0.0)
    hours = np.column_stack([np.ones(len(day_share)), yearly_terms(day_share, _HARMONICS)])
    return (columns[:, :, np.newaxis] * hours[:, np.newaxis, :]).reshape(len(columns), -1)
