"""What the connections of a network draw over time: series, at longer steps, repeated, and by the clock on the wall."""

from __future__ import annotations

from backend.grid.series.coarser import coarsen_series
from backend.grid.series.connection_series import ConnectionSeries, Origin
from backend.grid.series.repeated import repeat_profiles

__all__ = ["ConnectionSeries", "Origin", "coarsen_series", "repeat_profiles"]
