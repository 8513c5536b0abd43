"""What a rule's function yields: where, in words, with the value found and the limit in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.findings import Fact
    from backend.metering.inspection import Inspection, PointSeries

__all__ = ["Evidence", "day_grid", "name_instant", "on_series", "times_ppm"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One case of a rule.

    Attributes:
        metering_point: Its id, or that of a feeder's meter.
        start_utc: Start of the first interval concerned. [s since 1970, UTC]
        end_utc: End of the last one. [s since 1970, UTC]
        message: One sentence: what is wrong and what to do.
        value: The figure found, in words with its unit.
        limit: What is allowed there, in words with its unit; empty where nothing of the kind is.
        facts: What the sentence is made of, as in a finding.
    """

    metering_point: str
    start_utc: int
    end_utc: int
    message: str
    value: str
    limit: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)


def on_series(
    inspection: Inspection,
    series: PointSeries,
    intervals: tuple[int, int],
    message: str,
    value: str,
    limit: str = "",
    /,
    **facts: Fact,
) -> Evidence:
    """Evidence about intervals [first, until) of a point's series, within the span that is looked at."""
    return Evidence(
        series.point.id,
        max(inspection.start_of(intervals[0]), inspection.start_utc),
        min(
            inspection.start_of(intervals[1]), max(inspection.end_utc, inspection.start_of(intervals[0] + 1))
        ),
        message,
        value,
        limit,
        facts,
    )


def times_ppm(factor: float) -> int:
    """A factor as a whole number of parts per million. [ppm]"""
    return int(factor * PARTS_PER_MILLION + 0.5)


def name_instant(start_utc: int) -> str:
    """``2017-06-03T10:00Z``."""
    return f"{datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ}"


def day_grid(inspection: Inspection, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Values by day and time of day, days counted in 24 hours from the calendar's start. Shape (days, n).

    Clock changes move nothing, which the sun's course needs; a last part of a day is left out.
    """
    length = 86_400 // inspection.calendar.step_seconds
    days = len(values) // length
    grid: NDArray[np.int64] = values[: days * length].reshape(days, length)
    return grid
