"""Readings of a few points over months, and what a store holds of them."""

import numpy as np

from backend.adapters.intervals import ParquetIntervals
from backend.metering import ReadingTable
from backend.ports import AllocationFrame, ReadingLoad

START = 1_496_275_200  # 2017-06-01T00:00:00Z
HOUR = 3600
POINTS = ("home-01-load", "home-02-load", "roof-solar")


def hourly(
    hours: int, seed: int = 1, start_utc: int = START, points: tuple[str, ...] = POINTS
) -> ReadingTable:
    """Every point, every hour."""
    drawn = np.random.default_rng(seed)
    count = len(points) * hours
    return ReadingTable(
        points,
        np.repeat(np.arange(len(points), dtype=np.int32), hours),
        np.tile(start_utc + HOUR * np.arange(hours, dtype=np.int64), len(points)),
        drawn.integers(0, 5_000_000, count),
        drawn.integers(0, 4, count).astype(np.uint8),
        60,
    )


def load_of(name: str, table: ReadingTable, community: str = "roof") -> ReadingLoad:
    """A load."""
    return ReadingLoad(name, community, 1_500_000_000, (f"{name}.csv",), "0x01", "0x02", len(table))


def frame_of(seed: int = 1, shape: tuple[int, int] = (3, 720), rounds: int = 2) -> AllocationFrame:
    """A run's rows, of a key that has rounds and decides who serves whom: no key has both."""
    drawn = np.random.default_rng(seed)
    intervals = shape[1]
    return AllocationFrame(
        drawn.integers(0, 2**62, shape),
        drawn.integers(0, 2**62, shape),
        drawn.integers(0, 4, shape).astype(np.uint8),
        drawn.integers(0, 5, shape).astype(np.uint8),
        drawn.integers(0, 3, intervals),
        value=drawn.integers(0, 2**62, intervals),
        row_value=drawn.integers(0, 2**62, shape),
        credited=drawn.integers(0, 2**62, shape),
        rounds=drawn.integers(-(2**63), 2**63 - 1, (intervals, rounds, 2)),
        links=drawn.integers(0, 2**62, (5, 5)),
        parts=drawn.integers(0, 2**62, (*shape, rounds, 2)) if rounds else None,
        link_flows=drawn.integers(0, 2**62, (7, 4)),
        potentials=drawn.integers(-(2**62), 2**62, shape),
        computed=drawn.integers(0, 2**62, shape),
        link_costs=drawn.integers(-(2**62), 2**62, (6, 4)),
        flow_scale=drawn.integers(0, 2**51, 4),
    )


def everything(intervals: ParquetIntervals, community: str = "roof") -> dict[str, object]:
    """All that can be read, comparable."""
    table = intervals.readings(community, POINTS, 0, 1 << 40)
    columns = (table.point, table.start_utc, table.energy, table.quality)
    return {
        "loads": intervals.loads(community),
        "span": intervals.span(community),
        "rows": [column.tolist() for column in columns],
    }
