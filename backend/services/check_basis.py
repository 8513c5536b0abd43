"""What rules of conformity need beside readings: what registers showed, meters of feeders, public holidays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.metering import Quality
from backend.metering.inspection import FeederMeter
from backend.metering.joining import join_tables
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from backend.community import Community, Feeder
    from backend.metering import ReadingTable
    from backend.metering.source_series import RegisterRead
    from backend.ports import IntervalStore, MeterFileContents
    from backend.ports.holidays import HolidayDates

__all__ = ["CheckBasis", "feeder_meters", "gather_basis", "holidays_within"]


@dataclass(frozen=True)
class CheckBasis:
    """What ``backend.metering.conformity.check_readings`` takes beside readings.

    Attributes:
        registers: Register reads by metering point id, as far as there are any.
        feeders: Meters that points are downstream of.
        holidays: Civil dates that count as Sundays.
    """

    registers: Mapping[str, Sequence[RegisterRead]] = field(default_factory=dict)
    feeders: tuple[FeederMeter, ...] = ()
    holidays: frozenset[date] = frozenset()


def gather_basis(
    intervals: IntervalStore,
    holidays: HolidayDates,
    members: Community,
    span: tuple[int, int],
    given: MeterFileContents | None = None,
) -> CheckBasis:
    """What is known beside the readings of a span.

    Args:
        intervals: Register reads and readings of feeders' meters.
        holidays: Of countries.
        members: The community.
        span: Start and end of the readings. [s since 1970, UTC]
        given: A file that is not loaded yet; of what is stored too it supersedes.
    """
    points = [point.id for point in members.metering_points]
    registers = intervals.register_reads(members.id, points, *span)
    if given is not None:
        registers = _superseded(registers, given.registers)
    return CheckBasis(
        registers=registers,
        feeders=feeder_meters(intervals, members, span, given),
        holidays=holidays_within(holidays, members, span),
    )


def feeder_meters(
    intervals: IntervalStore,
    members: Community,
    span: tuple[int, int],
    given: MeterFileContents | None = None,
) -> tuple[FeederMeter, ...]:
    """The feeders that any reading is of, with their readings of a span.

    Args:
        intervals: Readings of feeders' meters.
        members: The community.
        span: Start and end of the readings. [s since 1970, UTC]
        given: As for ``gather_basis``.
    """
    if not members.feeders:
        return ()
    names = [way.id for feeder in members.feeders for way in (feeder.drawn, feeder.given)]
    tables = [intervals.readings(members.id, names, *span)]
    if given is not None:
        tables.append(given.table)
    tables = [table for table in tables if len(table)]
    return _feeder_meters(members, join_tables(tables)) if tables else ()


def holidays_within(holidays: HolidayDates, members: Community, span: tuple[int, int]) -> frozenset[date]:
    """Public holidays of the community's country in all years that a span touches."""
    zone = load_time_zone(members.time_zone)
    first, last = (datetime.fromtimestamp(instant, UTC).astimezone(zone).year for instant in span)
    return holidays(members.country, range(first, last + 1))


def _superseded(
    stored: Mapping[str, Sequence[RegisterRead]], given: Sequence[RegisterRead]
) -> dict[str, list[RegisterRead]]:
    """Stored reads with those of a file; of the same register, meter and instant the file's."""
    by_place = {
        (read.series, read.meter, read.instant_utc): read
        for reads in (*stored.values(), given)
        for read in reads
    }
    found: dict[str, list[RegisterRead]] = {}
    for read in sorted(by_place.values(), key=lambda read: read.instant_utc):
        found.setdefault(read.series.external_id, []).append(read)
    return found


def _feeder_meters(members: Community, table: ReadingTable) -> tuple[FeederMeter, ...]:
    """The feeders that any reading is of."""
    found = (_feeder_meter(feeder, members, table) for feeder in members.feeders)
    return tuple(meter for meter in found if meter is not None)


def _feeder_meter(feeder: Feeder, members: Community, table: ReadingTable) -> FeederMeter | None:
    """A feeder's readings where both directions are known; one that was never delivered counts as nothing flown."""
    drawn, given = _series(table, feeder.drawn.id), _series(table, feeder.given.id)
    if drawn is None and given is None:
        return None
    drawn, given = drawn or _silent(given), given or _silent(drawn)
    start, in_drawn, in_given = np.intersect1d(drawn[0], given[0], assume_unique=True, return_indices=True)
    meters: dict[tuple[str, int], tuple[str, ...]] = {}
    for point in members.metering_points:
        if not feeder.metering_points or point.id in feeder.metering_points:
            meter = (point.number, int(point.direction))
            meters[meter] = (*meters.get(meter, ()), point.id)
    behind = tuple(point for points in meters.values() for point in points)
    return FeederMeter(
        feeder.id, behind, start, drawn[1][in_drawn], given[1][in_given], tuple(meters.values())
    )


_Flow = tuple["NDArray[np.int64]", "NDArray[np.int64]"]


def _series(table: ReadingTable, name: str) -> _Flow | None:
    """Starts and energies of a series, None where it has no reading at all."""
    if name not in table.metering_points:
        return None
    rows = (table.point == table.metering_points.index(name)) & (table.quality != Quality.MISSING)
    return (table.start_utc[rows], table.energy[rows]) if rows.any() else None


def _silent(other: _Flow | None) -> _Flow:
    assert other is not None, "one of both directions is there"
    return other[0], np.zeros_like(other[1])
