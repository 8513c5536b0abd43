"""A community's year for benchmarks: drawn for its size, not measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Year", "draw_year"]


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """Intervals of a community, time-major. [mWh]"""

    consumption: NDArray[np.int64]
    feed_in: NDArray[np.int64]
    t_in_day: NDArray[np.int64]

    @property
    def members(self) -> int:
        """Consumption points. [1]"""
        return int(self.consumption.shape[1])

    @property
    def slots(self) -> int:
        """Points in all. [1]"""
        return self.members + int(self.feed_in.shape[1])

    @property
    def producer_slots(self) -> range:
        """Slots of the feed-in points, after those of consumption."""
        return range(self.members, self.slots)


def draw_year(intervals: int, members: int, producers: int) -> Year:
    """Consumption of up to half a kilowatt-hour an interval, and a sun that shines on all roofs alike."""
    draw = np.random.default_rng(2017)
    consumption = draw.integers(0, 500_000, (intervals, members))
    sun = draw.integers(0, 1_500_000 * members // max(producers, 1), (intervals, 1))
    feed_in = sun * draw.integers(0, 1_000, (intervals, producers)) // 1_000
    return Year(consumption, feed_in, np.arange(intervals, dtype=np.int64) % 96)
