"""Rows of a file by metering point and instant, brought to slots and intervals of a period; misfits are found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import ReadingsError
from backend.metering import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.ports.point_files import PointRows
    from backend.quantities import PeriodCalendar

__all__ = ["RowFaults", "instant_text", "place_rows"]

_FINDINGS_MAX = 1000


def instant_text(start_utc: int) -> str:
    """``2017-06-01T10:00Z``."""
    return f"{datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ}"


def place_rows(
    rows: PointRows, terms: Sequence[Any], calendar: PeriodCalendar, file: str, *, feeding: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slot and interval of each row. Shapes (n,).

    Args:
        rows: Of the file.
        terms: Of the period, in the order of their slots.
        calendar: Its intervals.
        file: Its name, for messages.
        feeding: Whether points that feed in may be in it.

    Raises:
        ReadingsError: With a finding per row that lies outside the period or its point's days, starts on no interval,
            is of a point that may not be in it, or comes twice.
    """
    step, count = calendar.step_seconds, calendar.interval_count
    by_point = {term["point"]: term for term in terms}
    chosen = [by_point.get(point, _STRANGER) for point in rows.points]
    offset = rows.start_utc - calendar.start_utc
    interval = offset // step
    day = np.repeat(np.arange(len(calendar.intervals_per_day)), calendar.intervals_per_day)
    on_day = day[np.clip(interval, 0, count - 1)]

    def of_rows(name: str) -> NDArray[np.int64]:
        return np.array([int(term[name]) for term in chosen], dtype=np.int64)[rows.point]

    outside = (offset < 0) | (interval >= count)
    feeds_in = (of_rows("direction") == Direction.FEED_IN) & (not feeding)
    idle = (on_day < of_rows("from_day")) | (on_day >= of_rows("until_day"))
    slot = of_rows("slot")
    faults = RowFaults(file, rows)
    faults.tell("period", outside, f"the interval is not in {calendar.period.label}")
    faults.tell("instant", (offset % step != 0) & ~outside, "the start is on no interval's start")
    faults.tell("direction", feeds_in, "the point feeds in; only consumption belongs here")
    faults.tell("member", idle & ~outside & ~feeds_in, "the point is no member on that day")
    _, first = np.unique(
        np.where(outside, -1 - np.arange(len(slot)), slot * count + interval), return_index=True
    )
    again = np.ones(len(slot), dtype=np.bool_)
    again[first] = False
    faults.tell("duplicate", again, "there is a row already; keep one")
    faults.stop()
    return slot, interval


_STRANGER = {"slot": 0, "direction": Direction.CONSUMPTION, "from_day": 0, "until_day": 0}


class RowFaults:
    """Findings about the rows of a file."""

    def __init__(self, file: str, rows: PointRows) -> None:
        self._file = file
        self._rows = rows
        self._found: list[Finding] = []
        self._count = 0

    def tell(self, rule: str, bad: NDArray[np.bool_], what: str) -> None:
        """Note the rows that are bad, the first of them one by one."""
        rows, places = self._rows, np.flatnonzero(bad)
        self._count += len(places)
        for row in places[: _FINDINGS_MAX - len(self._found)].tolist():
            point, start, line = rows.points[rows.point[row]], int(rows.start_utc[row]), int(rows.line[row])
            message = f"{point} at {instant_text(start)}: {what}."
            self._found.append(Finding(rule, Severity.REFUSED, message, self._file, line, point, start))

    def stop(self) -> None:
        """Refuse the file if anything in it was.

        Raises:
            ReadingsError: With what was found; its message has the first and the count.
        """
        if self._found:
            found = sorted(self._found, key=lambda finding: finding.line)
            more = f" ({self._count - 1} more faults)" if self._count > 1 else ""
            place = f"{self._file}, line {found[0].line}" if found[0].line else self._file
            raise ReadingsError(f"{place}: {found[0].message}{more}", found)
