"""The interval store of a home that also takes readings by themselves: what waits in the journal goes in first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.intervals.erasing import ErasingIntervals
from backend.adapters.intervals.parquet_intervals import ParquetIntervals

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from backend.metering import ReadingTable
    from backend.metering.source_series import RegisterRead
    from backend.ports import Coverage, ReadingLoad

__all__ = ["JournaledErasing", "JournaledIntervals"]


class JournaledIntervals(ParquetIntervals):
    """Implements ``backend.ports.IntervalStore``; nothing acknowledged is missed, and a later file supersedes it.

    Args:
        folder: As for ``ParquetIntervals``.
        seal: Makes loads of what waits of a community; asks nothing of this store.
    """

    def __init__(self, folder: Path, seal: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._seal = seal

    def add_readings(
        self, load: ReadingLoad, table: ReadingTable, registers: Sequence[RegisterRead] = ()
    ) -> None:
        """See ``ParquetIntervals.add_readings``."""
        self._seal(load.community)
        super().add_readings(load, table, registers)

    def loads(self, community: str) -> list[ReadingLoad]:
        """See ``ParquetIntervals.loads``."""
        self._seal(community)
        return super().loads(community)

    def readings(
        self,
        community: str,
        metering_points: Sequence[str],
        start_utc: int,
        end_utc: int,
        loads: Sequence[str] | None = None,
    ) -> ReadingTable:
        """See ``ParquetIntervals.readings``."""
        self._seal(community)
        return super().readings(community, metering_points, start_utc, end_utc, loads)

    def loads_within(self, community: str, start_utc: int, end_utc: int) -> list[str]:
        """See ``ParquetIntervals.loads_within``."""
        self._seal(community)
        return super().loads_within(community, start_utc, end_utc)

    def span(self, community: str) -> tuple[int, int] | None:
        """See ``ParquetIntervals.span``."""
        self._seal(community)
        return super().span(community)

    def coverage(self, community: str, start_utc: int, end_utc: int) -> Coverage:
        """See ``ParquetIntervals.coverage``."""
        self._seal(community)
        return super().coverage(community, start_utc, end_utc)


class JournaledErasing(ErasingIntervals):
    """Implements ``backend.ports.erasing.IntervalEraser``: nothing of a point waits in the journal when it is erased.

    Args:
        folder: As for ``ParquetIntervals``.
        seal: As for ``JournaledIntervals``.
    """

    def __init__(self, folder: Path, seal: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._seal = seal

    def erase_points(
        self, community: str, points: Sequence[str], slots: Mapping[int, Collection[int]]
    ) -> None:
        """See ``ErasingIntervals.erase_points``."""
        self._seal(community)
        super().erase_points(community, points, slots)
