"""Readings that a file has twice: the same again is dropped, a contradiction refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.metering import Quality
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["RepeatedRows", "show_instant", "tell_repeated"]


@dataclass(frozen=True)
class RepeatedRows:
    """Readings sorted by point, start, then line. Arrays have shape (n,).

    Attributes:
        line: Of the file, from 1; 0 where lines mean nothing.
        point: Index of the metering point.
        start_utc: [s since 1970, UTC]
        energy: [mWh]
        quality: ``Quality``.
    """

    line: NDArray[np.int64]
    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]


def tell_repeated(
    rows: RepeatedRows, names: Sequence[str], seconds: int, faults: FaultCollector
) -> NDArray[np.bool_] | None:
    """Note what a file has twice.

    Args:
        rows: Sorted.
        names: Of the points.
        seconds: Length of the intervals, for the findings. [s]
        faults: Takes a warning per identical repetition and a refusal per contradiction.

    Returns:
        Which rows to keep, shape (n,), or None for all of them.
    """
    same = (rows.point[1:] == rows.point[:-1]) & (rows.start_utc[1:] == rows.start_utc[:-1])
    if not same.any():
        return None
    equal = (rows.energy[1:] == rows.energy[:-1]) & (rows.quality[1:] == rows.quality[:-1])
    contradicting = np.flatnonzero(same & ~equal) + 1
    told = contradicting[: faults.room]
    faults.count(refused=len(contradicting) - len(told))
    for later in told.tolist():
        start = int(rows.start_utc[later])
        name = names[rows.point[later]]
        first, second = (_describe(rows, row) for row in (later - 1, later))
        faults.refuse(
            "contradiction",
            f"{name} has two readings at {show_instant(start)} ({first}; {second}); keep one.",
            line=int(rows.line[later]),
            metering_point=name,
            start_utc=start,
            end_utc=start + seconds,
        )
    repeated = np.flatnonzero(same & equal) + 1
    told = repeated[: faults.room]
    faults.count(warned=len(repeated) - len(told))
    for later in told.tolist():
        start = int(rows.start_utc[later])
        name = names[rows.point[later]]
        faults.warn(
            "duplicate",
            f"{name} has the same reading of {show_instant(start)} twice{_lines(rows, later)}; one was kept.",
            line=int(rows.line[later]),
            metering_point=name,
            start_utc=start,
        )
    return np.concatenate(([True], ~same))


def show_instant(start_utc: int) -> str:
    """``2017-06-01T00:15Z``."""
    return f"{datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ}"


def _describe(rows: RepeatedRows, row: int) -> str:
    line = f"line {rows.line[row]}: " if rows.line[row] else ""
    quality = Quality(int(rows.quality[row])).name.lower()
    return f"{line}{format_kilowatt_hours(int(rows.energy[row]))} kWh {quality}"


def _lines(rows: RepeatedRows, later: int) -> str:
    return f" (lines {rows.line[later - 1]} and {rows.line[later]})" if rows.line[later] else ""
