"""Files of allocations, as services see them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from backend.community import Direction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AllocatedTable", "AllocationFileWriter"]


@dataclass(frozen=True)
class AllocatedTable:
    """Readings with what was allocated to them, or shared of them; by point in the community's order, then time.

    Attributes:
        metering_points: Ids; ``point`` indexes into it.
        directions: Of each.
        resolution_minutes: Of every row. [min]
        point: Shape (n,), int32.
        start_utc: Shape (n,), int64. [s since 1970, UTC]
        energy: Shape (n,), int64, scaled by the participation factor. [mWh]
        allocated: Shape (n,), int64. [mWh]
    """

    metering_points: tuple[str, ...]
    directions: tuple[Direction, ...]
    resolution_minutes: int
    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    energy: NDArray[np.int64]
    allocated: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start_utc)


class AllocationFileWriter(Protocol):
    """Writes allocations into a file."""

    def __call__(self, table: AllocatedTable, out: Path) -> None:
        """Write the file whole or not at all.

        Args:
            table: What was allocated.
            out: Replaced where it is there.
        """
        ...
