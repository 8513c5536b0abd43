"""A series at a longer step: mean powers, as quality of supply is measured over ten or fifteen minutes, not seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.series.connection_series import ConnectionSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["coarsen_series"]


def coarsen_series(series: ConnectionSeries, step_seconds: int) -> ConnectionSeries:
    """Mean powers over longer intervals, on the grid of the longer step; what is not whole at either end is left out.

    Args:
        series: At a step that divides the longer one.
        step_seconds: The longer one. A series whose step is as long already stays as it is. [s]

    Returns:
        NaN where any part of an interval is not known.

    Raises:
        InputError: If the steps do not fit.
    """
    if series.step_seconds >= step_seconds:
        return series
    if step_seconds % series.step_seconds:
        raise InputError(
            f"A series of {series.step_seconds} s does not fit into intervals of {step_seconds} s; load profiles at a "
            "step that divides them."
        )
    parts = step_seconds // series.step_seconds
    skipped = -series.start_utc % step_seconds // series.step_seconds
    count = max(series.length - skipped, 0) // parts

    def means(values: NDArray[np.float64]) -> NDArray[np.float64]:
        kept = values[:, skipped : skipped + count * parts]
        return np.asarray(kept.reshape(len(values), count, parts).mean(axis=2))

    return ConnectionSeries(
        start_utc=series.start_utc + skipped * series.step_seconds,
        step_seconds=step_seconds,
        watts=means(series.watts),
        vars=means(series.vars),
        origins=series.origins,
        time_zone=series.time_zone,
    )
