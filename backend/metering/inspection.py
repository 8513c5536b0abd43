"""What a conformity rule looks at: one metering point's series on its grid, beside what the others feed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.points import FEED_IN, MeteredCommunity, MeteredPoint, mark_active_days
from backend.metering.readings import Quality, ReadingTable
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ABSENT", "Inspection", "PointSeries", "find_runs", "inspect"]

ABSENT = -1  # in place of an energy where no reading is; energies are never negative


@dataclass(frozen=True)
class PointSeries:
    """One point's readings. Arrays on the grid have shape (T,).

    Attributes:
        point: The metering point.
        rows: Which rows of the table are its, those in the inspected span.
        energy: ``ABSENT`` where there is none or it is missing. [mWh]
        expected: Is the point a member in that interval?
    """

    point: MeteredPoint
    rows: slice
    energy: NDArray[np.int64]
    expected: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where there is an energy."""
        return np.not_equal(self.energy, ABSENT)


@dataclass(frozen=True)
class Inspection:
    """A community's stored readings, ready to be looked at point by point.

    Attributes:
        table: As stored, sorted by point and time.
        calendar: Whole civil days that hold the inspected span.
        start_utc: Start of the span that is looked at. [s since 1970, UTC]
        end_utc: Its end. [s since 1970, UTC]
        series: Of every point of the community, in its order.
    """

    table: ReadingTable
    calendar: PeriodCalendar
    start_utc: int
    end_utc: int
    series: tuple[PointSeries, ...]

    def start_of(self, index: int) -> int:
        """Start of an interval. [s since 1970, UTC]"""
        return self.calendar.start_utc + index * self.calendar.step_seconds

    @cached_property
    def mean_energies(self) -> NDArray[np.float64]:
        """Mean known energy of each point, 0 where nothing is known. Shape (points,). [mWh]"""
        means = [float(one.energy[one.known].mean()) if one.known.any() else 0.0 for one in self.series]
        return np.array(means)

    @cached_property
    def _solar_of_all(self) -> NDArray[np.int64]:
        total = np.zeros(self.calendar.interval_count, dtype=np.int64)
        for one in self.series:
            if _is_solar(one.point):
                total += np.maximum(one.energy, 0)
        return total

    def solar_of_others(self, point: MeteredPoint) -> NDArray[np.int64] | None:
        """Solar feed-in of all other participants; of the point's own participant where nobody else has any.

        Returns:
            Shape (T,), or None where the community has no solar feed-in. [mWh]
        """
        own = np.zeros(self.calendar.interval_count, dtype=np.int64)
        for one in self.series:
            if _is_solar(one.point) and one.point.participant == point.participant:
                own += np.maximum(one.energy, 0)
        others = self._solar_of_all - own
        if others.any():
            return others
        return own if own.any() else None


def inspect(
    table: ReadingTable, community: MeteredCommunity, start_utc: int | None = None, end_utc: int | None = None
) -> Inspection:
    """Lay a community's readings out for the rules.

    Args:
        table: Readings, sorted by point and time.
        community: Its metering points.
        start_utc: Start of the span that is looked at; None for the first reading. [s since 1970, UTC]
        end_utc: Its end; None for the end of the last reading. [s since 1970, UTC]
    """
    step = table.resolution_minutes * 60
    start = int(table.start_utc.min()) if start_utc is None else start_utc
    end = int(table.start_utc.max()) + step if end_utc is None else end_utc
    zone = load_time_zone(community.time_zone)
    first, last = (
        datetime.fromtimestamp(instant, UTC).astimezone(zone).date() for instant in (start, end - 1)
    )
    calendar = PeriodCalendar(
        SettlementPeriod(first, last + timedelta(days=1)), community.time_zone, table.resolution_minutes
    )
    points = list(community.metering_points)
    active = mark_active_days(points, calendar.period)
    starts = calendar.start_utc + step * np.arange(calendar.interval_count)
    looked_at = (starts >= start) & (starts < end)
    place = {point: index for index, point in enumerate(table.metering_points)}
    bounds = np.searchsorted(table.point, np.arange(len(table.metering_points) + 1))
    series = []
    for point, days in zip(points, active, strict=True):
        index = place.get(point.id)
        rows = slice(0, 0) if index is None else slice(int(bounds[index]), int(bounds[index + 1]))
        expected = np.repeat(days, calendar.intervals_per_day) & looked_at
        rows = _within(table, rows, start, end)
        series.append(PointSeries(point, rows, _place(table, rows, calendar), expected))
    return Inspection(table, calendar, start, end, tuple(series))


def find_runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open [start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _is_solar(point: MeteredPoint) -> bool:
    return point.direction == FEED_IN and point.source in (None, "solar")


def _within(table: ReadingTable, rows: slice, start: int, end: int) -> slice:
    first, until = np.searchsorted(table.start_utc[rows], [start, end])
    return slice(rows.start + int(first), rows.start + int(until))


def _place(table: ReadingTable, rows: slice, calendar: PeriodCalendar) -> NDArray[np.int64]:
    energy = np.full(calendar.interval_count, ABSENT, dtype=np.int64)
    index, beside = np.divmod(table.start_utc[rows] - calendar.start_utc, calendar.step_seconds)
    here = (beside == 0) & (table.quality[rows] != Quality.MISSING) & (table.energy[rows] >= 0)
    energy[index[here]] = table.energy[rows][here]
    return energy
