"""How good stored readings are, counted by metering point and civil day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.quantities import SettlementPeriod

__all__ = ["DailyCounts", "ReadingQuality"]


@dataclass(frozen=True)
class DailyCounts:
    """Readings in force, counted: rows of a point and a day add up, for a civil day may lie in two months of UTC.

    Attributes:
        metering_points: Ids that ``point`` and ``late_point`` index.
        point: Shape (n,), int64.
        day: Civil day of the start, shape (n,), int64. [days since 1970]
        counts: Shape (n, 4), int64: by ``Quality``.
        late_point: Shape (m,), int64.
        late_day: Shape (m,), int64. [days since 1970]
        late_hours: Whole hours from an interval's end to the load that first brought a reading of it; from three days
            on a multiple of 24. Shape (m,), int64. [h]
        late_count: Readings of that lateness. Shape (m,), int64.
    """

    metering_points: tuple[str, ...]
    point: NDArray[np.int64]
    day: NDArray[np.int64]
    counts: NDArray[np.int64]
    late_point: NDArray[np.int64]
    late_day: NDArray[np.int64]
    late_hours: NDArray[np.int64]
    late_count: NDArray[np.int64]


class ReadingQuality(Protocol):
    """Counts what is stored."""

    def daily(self, community: str, days: SettlementPeriod, time_zone: str) -> DailyCounts:
        """Of some civil days.

        Raises:
            StoreError: If what is stored cannot be read.
        """
        ...
