"""The shape of a period's trees: how many slots, days and intervals, hence how deep (docs/protocol.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.commitments.merkle import depth_of
from backend.errors import InputError

__all__ = ["STRIDE", "TreeShape"]

STRIDE = 4  # slots that one stair adds
_U16_MAX = 2**16 - 1
_U32_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class TreeShape:
    """Slots and intervals of a period, and the depths that follow.

    Attributes:
        slots: Highest slot of the period plus one.
        intervals: Intervals of each civil day: 23, 24, 25 hours; 92, 96, 100 quarter-hours.

    Raises:
        InputError: If there is no slot, day or interval, or more than the fields of a salt can name.
    """

    slots: int
    intervals: tuple[int, ...]
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.slots <= _U32_MAX:
            raise InputError(
                f"A period with {self.slots} slots cannot be committed to; it needs at least one."
            )
        if not 1 <= len(self.intervals) <= _U16_MAX:
            raise InputError(
                f"A period of {len(self.intervals)} days cannot be committed to; it needs at least one."
            )
        for day, count in enumerate(self.intervals):
            if not 1 <= count <= _U16_MAX:
                raise InputError(f"Day {day} of the period has {count} intervals; it needs at least one.")
        ends = np.cumsum(self.intervals)
        object.__setattr__(self, "starts", (0, *(int(end) for end in ends)))

    @property
    def days(self) -> int:
        """Civil days of the period."""
        return len(self.intervals)

    @property
    def total_intervals(self) -> int:
        """Intervals of all days: the length of the period's arrays."""
        return self.starts[-1]

    @property
    def blocks(self) -> int:
        """Stairs that an interval has: one per started stride of slots."""
        return -(-self.slots // STRIDE)

    @property
    def slot_depth(self) -> int:
        """DS."""
        return depth_of(self.slots)

    @property
    def day_depth(self) -> int:
        """DD."""
        return depth_of(self.days)

    @property
    def interval_depth(self) -> int:
        """DT."""
        return depth_of(max(self.intervals))

    @property
    def stair_depth(self) -> int:
        """DB."""
        return depth_of(self.blocks)

    def span(self, day: int) -> slice:
        """Give the place of a day's intervals in the period's arrays."""
        return slice(self.starts[day], self.starts[day + 1])

    def block_ends(self) -> npt.NDArray[np.int64]:
        """Give the last slot that each stair counts. [blocks]"""
        return np.minimum(STRIDE * np.arange(1, self.blocks + 1), self.slots) - 1

    def spread(self, active: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Widen activity by day to activity by interval. [slots, days] to [slots, intervals of the period]"""
        return np.repeat(active, self.intervals, axis=1)
