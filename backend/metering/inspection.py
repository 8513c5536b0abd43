"""What a conformity rule looks at: one metering point's series on its grid, beside what the others feed in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.points import FEED_IN, MeteredCommunity, MeteredPoint, mark_active_days
from backend.metering.readings import Quality, ReadingTable
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.source_series import RegisterRead

__all__ = ["ABSENT", "FeederMeter", "Inspection", "PointSeries", "find_runs", "inspect", "is_solar"]

_ROOFS_COMPARED = 60  # at most: a middle of more is the same, and costs memory
_ROOFS_TO_SPARE = 20  # of so many the middle hardly knows whether one's own is among them
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
class FeederMeter:
    """A meter that points are downstream of. Arrays have shape (n,), int64.

    Attributes:
        id: Its name.
        metering_points: Ids of all points downstream, of both directions; nothing else may be connected there.
        start_utc: Start of its intervals, of the community's step, rising. [s since 1970, UTC]
        drawn: Energy that went down the feeder. [mWh]
        given: Energy that came up from it. [mWh]
        meters: The same ids by meter: those who had one after the other belong together; empty where nobody did.
    """

    id: str
    metering_points: tuple[str, ...]
    start_utc: NDArray[np.int64]
    drawn: NDArray[np.int64]
    given: NDArray[np.int64]
    meters: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Inspection:
    """A community's stored readings, ready to be looked at point by point.

    Attributes:
        table: As stored, sorted by point and time.
        calendar: Whole civil days that hold the inspected span.
        start_utc: Start of the span that is looked at. [s since 1970, UTC]
        end_utc: Its end. [s since 1970, UTC]
        series: Of every point of the community, in its order.
        registers: Register reads by metering point id, as far as there are any.
        feeders: Meters that points are downstream of.
        holidays: Civil dates that count as Sundays.
    """

    table: ReadingTable
    calendar: PeriodCalendar
    start_utc: int
    end_utc: int
    series: tuple[PointSeries, ...]
    registers: Mapping[str, Sequence[RegisterRead]] = field(default_factory=dict)
    feeders: tuple[FeederMeter, ...] = ()
    holidays: frozenset[date] = frozenset()

    def start_of(self, index: int) -> int:
        """Start of an interval. [s since 1970, UTC]"""
        return self.calendar.start_utc + index * self.calendar.step_seconds

    @cached_property
    def local_places(self) -> NDArray[np.int64]:
        """Place of each interval in its local day, 0 for midnight. Shape (T,). [1]"""
        return np.array(self.calendar.local_minutes(), dtype=np.int64) // self.calendar.resolution_minutes

    @cached_property
    def feed_in_of_all(self) -> NDArray[np.int64]:
        """What all points of that direction feed in. Shape (T,). [mWh]"""
        total = np.zeros(self.calendar.interval_count, dtype=np.int64)
        for one in self.series:
            if one.point.direction == FEED_IN:
                total += np.maximum(one.energy, 0)
        return total

    @cached_property
    def _solar_of_all(self) -> NDArray[np.int64]:
        total = np.zeros(self.calendar.interval_count, dtype=np.int64)
        for one in self.series:
            if is_solar(one.point):
                total += np.maximum(one.energy, 0)
        return total

    def roof_course(self, point: MeteredPoint, rank: int) -> NDArray[np.int64] | None:
        """What a given part of the other participants' roofs stay below, each taken by its own size.

        A rank of the middle is moved little by a roof that is wrong; a high one sees roofs that look east and west.

        Args:
            point: Whose participant is left out.
            rank: Part of the roofs that stay below. [%]

        Returns:
            Shape (T,), a roof's 99th percentile counting as a million; None where nobody else has a roof. [1]
        """
        owners = [one.point.participant for one in self._roofs]
        others = tuple(place for place, owner in enumerate(owners) if owner != point.participant)
        if not others:
            return None
        if len(owners) > _ROOFS_TO_SPARE:
            others = tuple(range(len(owners)))
        key = (others, rank)
        if key not in self._courses:
            place = len(others) * rank // 100
            self._courses[key] = np.partition(self._sized_roofs[list(others)], place, axis=0)[place].astype(
                np.int64
            )
        return self._courses[key]

    @cached_property
    def _courses(self) -> dict[tuple[tuple[int, ...], int], NDArray[np.int64]]:
        return {}

    @cached_property
    def _roofs(self) -> list[PointSeries]:
        roofs = [one for one in self.series if is_solar(one.point) and (one.energy > 0).any()]
        return roofs[:: -(-len(roofs) // _ROOFS_COMPARED)] if roofs else []

    @cached_property
    def _sized_roofs(self) -> NDArray[np.float32]:
        rows = []
        for one in self._roofs:
            positive = one.energy[one.energy > 0]
            size = int(np.partition(positive, len(positive) * 99 // 100)[len(positive) * 99 // 100])
            rows.append((np.maximum(one.energy, 0) * (1e6 / size)).astype(np.float32))
        return np.stack(rows)

    def solar_of_others(self, point: MeteredPoint) -> NDArray[np.int64] | None:
        """Solar feed-in of all other participants; of the point's own participant where nobody else has any.

        Returns:
            Shape (T,), or None where the community has no solar feed-in. [mWh]
        """
        own = np.zeros(self.calendar.interval_count, dtype=np.int64)
        for one in self.series:
            if is_solar(one.point) and one.point.participant == point.participant:
                own += np.maximum(one.energy, 0)
        others = self._solar_of_all - own
        if others.any():
            return others
        return own if own.any() else None


def inspect(
    table: ReadingTable,
    community: MeteredCommunity,
    start_utc: int | None = None,
    end_utc: int | None = None,
    *,
    registers: Mapping[str, Sequence[RegisterRead]] | None = None,
    feeders: Sequence[FeederMeter] = (),
    holidays: Collection[date] = (),
) -> Inspection:
    """Lay a community's readings out for the rules.

    Args:
        table: Readings, sorted by point and time.
        community: Its metering points.
        start_utc: Start of the span that is looked at; None for the first reading. [s since 1970, UTC]
        end_utc: Its end; None for the end of the last reading. [s since 1970, UTC]
        registers: Register reads by metering point id, if there are any.
        feeders: Meters that points are downstream of, if there are any.
        holidays: Civil dates that count as Sundays.
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
    return Inspection(
        table, calendar, start, end, tuple(series), registers or {}, tuple(feeders), frozenset(holidays)
    )


def find_runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open [start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def is_solar(point: MeteredPoint) -> bool:
    """Does the point feed in solar energy? What does not say its source is taken for a roof."""
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
