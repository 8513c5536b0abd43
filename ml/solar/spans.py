"""Spans of a series, and which intervals ahead of which origins are learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series

    Places = NDArray[np.int64]

__all__ = ["DAYS_AHEAD", "check_span", "cut", "latest", "rows_ahead"]

DAY_SECONDS = 86_400
DAYS_AHEAD = 7
ORIGINS_A_DAY = 4
NEAR_DAYS = 2
FAR_KEPT = 5
"""Beyond the near days one row in so many is learned from. [1]"""
ROWS_MOST = 24_000


def cut(series: Series, first: int, end: int) -> Series:
    """Values from a place on, and inputs from there to an end."""
    return replace(
        series,
        start_utc=series.start_utc + first * series.step_seconds,
        values=series.values[first:],
        inputs={name: column[first:end] for name, column in series.inputs.items()},
    )


def latest(series: Series, days: int) -> Series:
    """The latest days, values and inputs ending together."""
    keep = days * DAY_SECONDS // series.step_seconds
    return cut(series, max(0, len(series) - keep), len(series))


def check_span(series: Series, place: int, length: int, inputs: Sequence[str]) -> None:
    """Refuse what cannot be forecast.

    Raises:
        InputError: If the series ends before the origin, the length is not within seven days, or an input is absent.
    """
    if place > len(series):
        raise InputError(
            f"the series ends {place - len(series)} intervals before the origin; fill unknown values with NaN."
        )
    if not 0 < length * series.step_seconds <= DAYS_AHEAD * DAY_SECONDS:
        raise InputError(
            f"{length} intervals of {series.step_seconds} s were asked for; 1 to "
            f"{DAYS_AHEAD * DAY_SECONDS // series.step_seconds} are forecast ({DAYS_AHEAD} days)."
        )
    absent = [name for name in inputs if name not in series.inputs]
    if absent:
        raise InputError(
            f"the model was fitted with {', '.join(inputs)}; the series lacks {', '.join(absent)}: "
            "give it, NaN where unknown."
        )


def rows_ahead(usable: NDArray[np.bool_], per_day: int) -> tuple[Places, Places]:
    """Origins, four a day, and usable intervals up to a week ahead of each; fewer of the far ones.

    Args:
        usable: Intervals that can be learned from. Shape (T,).
        per_day: Intervals of a day.

    Returns:
        Index of each row's origin, and of its interval. Shape (R,) each.
    """
    length = len(usable)
    leads = np.arange(DAYS_AHEAD * per_day)
    near = leads < NEAR_DAYS * per_day
    row_origins, row_targets = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for number, origin in enumerate(range(per_day, length, per_day // ORIGINS_A_DAY)):
        targets = origin + leads[near | ((leads + number) % FAR_KEPT == 0)]
        targets = targets[targets < length]
        targets = targets[usable[targets]]
        row_origins.append(np.full(len(targets), origin))
        row_targets.append(targets)
    origins, targets = np.concatenate(row_origins), np.concatenate(row_targets)
    stride = max(1, -(-len(origins) // ROWS_MOST))
    return origins[::stride], targets[::stride]
