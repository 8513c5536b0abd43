"""Intervals of a load as its members see them, when it is learned and when it is forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ml.features.lags import mean_before, spread_before
from ml.features.load_design import TEMPERATURE, Layout, base_columns, complete_inputs, tree_columns
from ml.models.correction import MEMORY_HOURS, Rows, lag_columns
from ml.models.spread import spread_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.features.calendar import Calendar

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["PARTS", "LoadView", "filled", "level_before", "load_rows", "remainder_rows", "spread_rows"]

PARTS = 4
"""Into which the past is dealt, block by block of days."""
_DAY = 86_400
_RECENT_HOURS = (24, 168, 672)


@dataclass(frozen=True)
class LoadView:
    """Intervals as the members see them: columns of each, and which part of the past each is in (-1: none)."""

    calendar: Calendar
    columns: Values
    base: Values
    unusual: Values
    part: Whole

    @classmethod
    def of(
        cls, layout: Layout, starts_utc: Whole, inputs: Mapping[str, Values], until_utc: int, block_days: int
    ) -> LoadView:
        """Look at intervals; those before ``until_utc`` are dealt to parts by blocks of days."""
        completed = complete_inputs(inputs, layout.inputs, layout.per_hour)
        calendar = layout.calendar(starts_utc)
        part = (starts_utc // (block_days * _DAY)) % PARTS
        return cls(
            calendar,
            tree_columns(layout, calendar, completed),
            base_columns(layout, starts_utc, calendar, completed),
            _unusual(layout, completed, len(starts_utc)),
            np.where(starts_utc < until_utc, part, -1),
        )

    def marks(self, places: Whole) -> Values:
        """Of the kind of day and the weather, for the spread. Shape (N, 4)."""
        calendar = self.calendar
        kinds = [
            calendar.resting[places],
            calendar.holiday[places],
            calendar.bridge[places],
            self.unusual[places],
        ]
        return np.stack(kinds, axis=1).astype(np.float64)

    def day_share(self, places: Whole) -> Values:
        """Of the local day that is over when the interval begins. Shape (N,). [0, 1)"""
        return self.calendar.slot[places] / self.calendar.slots


def _unusual(layout: Layout, inputs: Mapping[str, Values], length: int) -> Values:
    """How far the temperature is beyond what most hours have; zero without one. Shape (T,). [1]"""
    if TEMPERATURE not in layout.inputs:
        return np.zeros(length)
    bends = layout.bends[TEMPERATURE]
    width = max(float(bends[-1] - bends[0]), 1e-9)
    middle = float(np.median(bends))
    return np.nan_to_num(np.abs(inputs[TEMPERATURE] - middle) / width, nan=0.0)


def spread_rows(view: LoadView, left: Values, rows: Rows, usual: float, per_hour: int) -> Values:
    """Columns for the spread. Shape (N, D)."""
    recent = np.stack(
        [spread_before(left, rows.origins, hours * per_hour) for hours in _RECENT_HOURS], axis=1
    )
    return spread_columns(
        rows.leads / per_hour,
        view.day_share(rows.places),
        view.marks(rows.places),
        recent / max(usual, 1e-12),
    )


def _tree_rows(view: LoadView, lags: Values, rows: Rows, *more: Values) -> Values:
    origin_slot = view.calendar.slot[np.minimum(rows.origins, len(view.part) - 1)]
    own = [rows.leads.astype(np.float64), origin_slot.astype(np.float64), *more]
    return np.column_stack([view.columns[rows.places], lags, *own])


def filled(columns: Values) -> Values:
    """Unknown cells as the mean of their column, zero where it is unknown throughout. Shape (T, D)."""
    known = np.isfinite(columns)
    total = np.where(known, columns, 0.0).sum(axis=0)
    return np.where(known, columns, total / np.maximum(known.sum(axis=0), 1))


def remainder_rows(view: LoadView, left: Values, explained: Values, rows: Rows, per_hour: int) -> Values:
    """For the trees on what the ridge leaves: what it left, and what it explains. Shape (N, F)."""
    return _tree_rows(view, lag_columns(left, rows, per_hour), rows, explained[rows.places])


def load_rows(view: LoadView, target: Values, level: Values, rows: Rows, per_hour: int) -> Values:
    """For the trees on the load: what it was, beside its level. Shape (N, F)."""
    return _tree_rows(view, lag_columns(target, rows, per_hour) - level[:, np.newaxis], rows)


def level_before(target: Values, rows: Rows, per_hour: int) -> Values:
    """Of the last week, else of the last four, else zero: the usual one. Shape (N,)."""
    week = mean_before(target, rows.origins, 168 * per_hour)
    month = mean_before(target, rows.origins, MEMORY_HOURS * per_hour)
    return np.where(np.isfinite(week), week, np.nan_to_num(month, nan=0.0))
