"""High and low: some hours together beyond what the point's own history knows of that time and type of day."""

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
    """Consumption of consecutive blocks of four hours, together far above the high quantiles of their hours."""
    yield from _find(inspection, terms, high=True)


def find_low(inspection: Inspection, terms: HabitTerms) -> Iterator[Evidence]:
    """Consumption of consecutive blocks of four hours, together far below the low quantiles of their hours."""
    yield from _find(inspection, terms, high=False)


def _find(inspection: Inspection, terms: HabitTerms, *, high: bool) -> Iterator[Evidence]:
    resting = _resting_days(inspection)
    for series in inspection.series:
        if series.point.direction != CONSUMPTION:
            continue  # feed-in goes with the weather: clear-sky, silent and feed-in-at-night look at it
        blocks = _blocks(day_grid(inspection, series.energy))
        bounds = _bounds(blocks, resting[: len(blocks)], terms, high=high)
        ratio = terms.high_ppm if high else terms.low_ppm
        ratios = _ratios(blocks.ravel(), bounds.ravel(), terms.blocks, high=high)
        length = 4 * 3600 // inspection.calendar.step_seconds
        alone = (blocks > bounds if high else blocks < bounds).ravel()
        for first, until, found in _runs_beyond(ratios, ratio / PARTS_PER_MILLION, alone, high=high):
            yield on_series(
                inspection,
                series,
                (first * length, until * length),
                f"The consumption of {series.point.id} is {'up' if high else 'down'} to {found:.2g} times the "
                f"{'highest' if high else 'lowest'} usual one within {(until - first) * 4} hours from "
                f"{name_instant(inspection.start_of(first * length))}; ask whether that was measured.",
                f"{found:.2g} of the usual",
                f"{ratio / PARTS_PER_MILLION:g} of the usual",
                times_ppm=times_ppm(found),
                hours=(until - first) * 4,
                limit_times_ppm=ratio,
            )


def _ratios(
    blocks: NDArray[np.int64], bounds: NDArray[np.int64], width: int, *, high: bool
) -> NDArray[np.float64]:
    """Of so many blocks from each on to their bounds together; 1 where one of them is unknown or has no bound."""
    if len(blocks) < width:
        return np.zeros(0)
    usable = (blocks != ABSENT) & (bounds > 0) & (high | (blocks > 0))
    running = [np.concatenate([[0], np.cumsum(np.where(usable, one, 0))]) for one in (blocks, bounds, usable)]
    found, allowed, known = (one[width:] - one[:-width] for one in running)
    ratios: NDArray[np.float64] = np.where(known == width, found / np.maximum(allowed, 1), 1.0)
    return ratios


def _runs_beyond(
    ratios: NDArray[np.float64], limit: float, alone: NDArray[np.bool_], *, high: bool
) -> Iterator[tuple[int, int, float]]:
    """Blocks [first, until) of overlapping windows beyond the limit, and the ratio furthest beyond it.

    They begin and end with a block that is beyond its bound alone.
    """
    width = len(alone) - len(ratios) + 1
    covered = np.zeros(len(alone), dtype=np.bool_)
    for place in np.flatnonzero(ratios > limit if high else ratios < limit).tolist():
        covered[place : place + width] = True
    for first, until in find_runs(covered):
        within = ratios[first : until - width + 1]
        own = np.flatnonzero(alone[first:until]) + first
        yield int(own[0]), int(own[-1]) + 1, float(within.max() if high else within.min())


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
