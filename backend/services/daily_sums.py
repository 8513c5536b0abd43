"""Energy per civil day, straight from the store: a month of a thousand meters in a fraction of a second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.ports import IntervalStore
    from backend.quantities import PeriodCalendar

__all__ = ["DailySums", "daily_sums"]


@dataclass(frozen=True)
class DailySums:
    """Sums by metering point and civil day.

    Attributes:
        metering_points: Ids, of the rows.
        energy: Shape (points, days), int64. [mWh]
        known: Shape (points, days), int64: readings that are not missing. [1]
    """

    metering_points: tuple[str, ...]
    energy: NDArray[np.int64]
    known: NDArray[np.int64]


def daily_sums(
    intervals: IntervalStore, community: str, metering_points: Sequence[str], calendar: PeriodCalendar
) -> DailySums:
    """Sum the readings in force by day.

    Args:
        intervals: The store.
        community: Its id.
        metering_points: Of interest.
        calendar: The civil days, in the community's time zone.

    Raises:
        ConflictError: If a month has readings of several resolutions.
        StoreError: If a file is damaged; names it.

    Invariants:
        - A sum is exact, and holds no reading twice, however often it was loaded.
    """
    days = calendar.period.days
    step, offsets = calendar.step_seconds, calendar.day_offsets
    midnights = calendar.start_utc + step * np.array(offsets[:-1], np.int64)
    energy = np.zeros(len(metering_points) * days, np.int64)
    known = np.zeros_like(energy)
    for start, end in _months(calendar.start_utc, calendar.end_utc):
        # A month at a time, as the files are: what is held is bounded, and mostly sorted already.
        table = intervals.readings(community, metering_points, start, end)
        if not len(table):
            continue
        day = np.searchsorted(midnights, table.start_utc, side="right") - 1
        cell = table.point.astype(np.int64) * days + day
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        here = (table.quality != Quality.MISSING).astype(np.int64)
        energy[cell[first]] += np.add.reduceat(table.energy * here, first)
        known[cell[first]] += np.add.reduceat(here, first)
    shape = (len(metering_points), days)
    return DailySums(tuple(metering_points), energy.reshape(shape), known.reshape(shape))


def _months(start_utc: int, end_utc: int) -> Iterator[tuple[int, int]]:
    """[start, end) cut at the first instant of each UTC month."""
    while start_utc < end_utc:
        instant = datetime.fromtimestamp(start_utc, UTC)
        year, month = divmod(instant.year * 12 + instant.month, 12)
        until = min(int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()), end_utc)
        yield start_utc, until
        start_utc = until
