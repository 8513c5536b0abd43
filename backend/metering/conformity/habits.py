"""High and low: blocks of hours beyond what the point's own history knows of that time and type of day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series, times_ppm
from backend.metering.inspection import ABSENT, Inspection, find_runs
from backend.metering.points import CONSUMPTION
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import HabitTerms

__all__ = ["find_high", "find_low"]

_BLOCKS = 6  # of four hours
_SATURDAY = 5


def find_high(inspection: Inspection, terms: HabitTerms) -> Iterator[Evidence]:
    """Consumption in consecutive blocks of four hours far above the high quantile of its hours and type of day."""
    yield from _find(inspection, terms, high=True)


def find_low(inspection: Inspection, terms: HabitTerms) -> Iterator[Evidence]:
    """Consumption in consecutive blocks of four hours far below the low quantile of its hours and type of day."""
    yield from _find(inspection, terms, high=False)


def _find(inspection: Inspection, terms: HabitTerms, *, high: bool) -> Iterator[Evidence]:
    resting = _resting_days(inspection)
    for series in inspection.series:
        if series.point.direction != CONSUMPTION:
            continue  # feed-in goes with the weather: clear-sky, silent and feed-in-at-night look at it
        blocks = _blocks(day_grid(inspection, series.energy))
        bounds = _bounds(blocks, resting[: len(blocks)], terms, high=high)
        ratio = terms.high_ppm if high else terms.low_ppm
        limits = bounds * ratio // PARTS_PER_MILLION
        known = (blocks != ABSENT) & (bounds > 0)
        beyond = known & ((blocks > limits) if high else (blocks < limits) & (blocks > 0))
        length = 4 * 3600 // inspection.calendar.step_seconds
        for first, until in find_runs(beyond.ravel()):
            if until - first < terms.blocks:
                continue
            found, allowed = int(blocks.ravel()[first:until].sum()), int(bounds.ravel()[first:until].sum())
            where = "above" if high else "below"
            yield on_series(
                inspection,
                series,
                (first * length, until * length),
                f"The consumption of {series.point.id} is {found / allowed:.2g} times the "
                f"{'highest' if high else 'lowest'} usual one for {(until - first) * 4} hours from "
                f"{name_instant(inspection.start_of(first * length))}, {where} what its own history knows of these "
                "hours; ask whether that was measured.",
                f"{found / allowed:.2g} of the usual",
                f"{ratio / PARTS_PER_MILLION:g} of the usual",
                times_ppm=times_ppm(found / allowed),
                hours=(until - first) * 4,
                limit_times_ppm=ratio,
            )


def _resting_days(inspection: Inspection) -> NDArray[np.bool_]:
    """Saturdays, Sundays and holidays, by day of the calendar."""
    first = inspection.calendar.period.first
    dates = [first + timedelta(days=day) for day in range(inspection.calendar.period.days + 1)]
    return np.array([day.weekday() >= _SATURDAY or day in inspection.holidays for day in dates])


def _blocks(grid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of four hours, ``ABSENT`` where a reading is. Shape (days, 6)."""
    parts = grid.reshape(len(grid), _BLOCKS, -1)
    blocks: NDArray[np.int64] = np.where((parts == ABSENT).any(axis=2), ABSENT, parts.sum(axis=2))
    return blocks


def _bounds(
    blocks: NDArray[np.int64], resting: NDArray[np.bool_], terms: HabitTerms, *, high: bool
) -> NDArray[np.int64]:
    """The quantile of each block's hours and type of day, 0 where there are too few days. Shape (days, 6)."""
    bounds = np.zeros_like(blocks)
    part = terms.quantile_ppm if high else PARTS_PER_MILLION - terms.quantile_ppm
    for kind in (False, True):
        days = resting == kind
        for block in range(_BLOCKS):
            values = blocks[days, block]
            values = np.sort(values[values != ABSENT])
            if len(values) >= terms.days:
                bounds[days, block] = values[(len(values) - 1) * part // PARTS_PER_MILLION]
    return bounds
