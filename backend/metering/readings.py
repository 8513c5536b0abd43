"""Readings in columns: a table as files give it, and a period's arrays as settlement takes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.quantities import PeriodCalendar

__all__ = ["PeriodReadings", "Quality", "ReadingSource", "ReadingTable"]


class Quality(IntEnum):
    """How a reading came to be. The value is the one in leaves and files."""

    MEASURED = 0
    ESTIMATED = 1
    EDITED = 2  # the operator's own substitute
    MISSING = 3


class ReadingSource(IntEnum):
    """Which method gave the value; the value is the one in leaves."""

    METER = 0
    OPERATOR = 1
    INTERPOLATED = 2
    SIMILAR_DAYS = 3
    NONE = 4
    PROFILED = 5


@dataclass(frozen=True)
class ReadingTable:
    """Readings as a file gives them, a row per (metering point, interval), sorted by point and time.

    Attributes:
        metering_points: Ids, each once. ``point`` indexes into it.
        point: Shape (n,), int32.
        start_utc: Shape (n,), int64. [s since 1970, UTC]
        energy: Shape (n,), int64; 0 where missing. [mWh]
        quality: Shape (n,), uint8.
        resolution_minutes: Of every row. [min]
        code: Shape (n,), int32 into ``codes``: the source's own word for the quality; None where no source said any.
        codes: Those words, verbatim.
    """

    metering_points: tuple[str, ...]
    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    resolution_minutes: int
    code: NDArray[np.int32] | None = None
    codes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.start_utc)


@dataclass(frozen=True)
class PeriodReadings:
    """All slots' readings of a settlement period, slot-major.

    Attributes:
        calendar: The intervals, T of them.
        energy: Shape (slots, T), int64, scaled by the participation factor; 0 where missing or inactive. [mWh]
        quality: Shape (slots, T), uint8 ``Quality``.
        source: Shape (slots, T), uint8 ``ReadingSource``.
        active: Shape (slots, days), bool: is the slot a member on that civil day?

    Invariants:
        - Energy is never negative.
        - Where quality is missing, energy is 0.
    """

    calendar: PeriodCalendar
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    source: NDArray[np.uint8]
    active: NDArray[np.bool_]

    def active_intervals(self) -> NDArray[np.bool_]:
        """The active mask by interval. Shape (slots, T)."""
        return np.repeat(self.active, self.calendar.intervals_per_day, axis=1)

    def count(self, *qualities: Quality) -> int:
        """How many active readings have one of these qualities. [1]"""
        return int(np.count_nonzero(np.isin(self.quality, qualities) & self.active_intervals()))
