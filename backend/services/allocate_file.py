"""Allocate a readings file by a community's sharing key: pure, with neither store nor chain.

It takes the intervals that are present: a day or a period need not be complete, nothing is estimated, and what a point
lacks in an interval counts as zero there. The shares are those that a settlement of the same readings gives, down to
the producers' rounding, since an interval's place in its civil day is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.allocation import FlowPoint, sharing_key
from backend.community import Community, Direction
from backend.errors import ReadingsError
from backend.metering.estimation import scale_by_participation
from backend.metering.known_points import KnownPoints
from backend.ports.allocation_files import AllocatedTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.metering import ReadingTable
    from backend.ports.allocation_files import AllocationFileWriter
    from backend.ports.meter_files import MeterFileReader
    from backend.ports.point_files import PointRows

__all__ = ["allocate_file", "allocate_readings"]


def allocate_file(
    community: Community,
    readings: Path,
    out: Path,
    *,
    read_file: MeterFileReader,
    write_file: AllocationFileWriter,
    coefficients: PointRows | None = None,
) -> int:
    """Read, allocate, write.

    Args:
        community: Members and rule.
        readings: A readings file.
        out: Written whole or not at all.
        read_file: Reads it.
        write_file: Writes the result.
        coefficients: Of a scheduled key: a row per consumption point and interval, ``coefficient_ppm``.

    Returns:
        Rows written.

    Raises:
        ReadingsError: If the file cannot be taken, or its step is not the community's.
        SharingKeyError: If its sharing key cannot be settled.
    """
    known = KnownPoints(community.metering_points, community.time_zone)
    table, _ = read_file(readings, known_points=known, resolution_minutes=community.resolution_minutes)
    allocated = allocate_readings(community, table, coefficients)
    write_file(allocated, out)
    return len(allocated)


def allocate_readings(
    community: Community, table: ReadingTable, coefficients: PointRows | None = None
) -> AllocatedTable:
    """Allocate readings by the community's sharing key.

    Args:
        community: Members and rule.
        table: Each (point, interval) once.
        coefficients: Of a scheduled key; what is not in it is zero, what is beyond the readings is not used.

    Raises:
        ReadingsError: If the table's step is not the community's.
        SharingKeyError: If its sharing key cannot be settled.
    """
    if len(table) and table.resolution_minutes != community.resolution_minutes:
        raise ReadingsError(
            f"the readings are of {table.resolution_minutes} minutes, {community.id} settles "
            f"{community.resolution_minutes}; convert the file to that step."
        )
    slots = {point.id: slot for slot, point in enumerate(community.metering_points)}
    directions = tuple(point.direction for point in community.metering_points)
    seats: dict[str, int] = {}
    points = {
        slot: FlowPoint.of(point, seats.setdefault(point.participant, slot))
        for slot, point in enumerate(community.metering_points)
    }
    starts, interval = np.unique(table.start_utc, return_inverse=True)
    key = sharing_key(
        community.rule.sharing_key,
        slots,
        schedule=None if coefficients is None else _scheduled(coefficients, slots, starts),
        directions=directions,
        points=points,
        resolution_minutes=community.resolution_minutes,
    )
    t_in_day, ordinals = _civil_places(starts, community)
    slot_of = np.array([slots[point] for point in table.metering_points], dtype=np.int64)
    active = _active(community, ordinals)
    kept = active[interval, slot_of[table.point]]
    slot, interval = slot_of[table.point][kept], interval[kept]
    factors = np.array([point.participation_ppm for point in community.metering_points], dtype=np.int64)
    energy = scale_by_participation(table.energy[kept], factors[slot])
    dense = np.zeros((len(starts), len(slots)), dtype=np.int64)
    dense[interval, slot] = energy
    consumers = [place for place, direction in enumerate(directions) if direction is Direction.CONSUMPTION]
    producers = [place for place, direction in enumerate(directions) if direction is Direction.FEED_IN]
    result = key.allocate(
        dense[:, consumers],
        dense[:, producers],
        consumer_slots=consumers,
        producer_slots=producers,
        slots=len(slots),
        t_in_day=t_in_day,
        active=active[:, consumers],
    )
    dense[:, consumers], dense[:, producers] = result.allocated, result.shared
    order = np.lexsort((interval, slot))
    return AllocatedTable(
        metering_points=tuple(slots),
        directions=directions,
        resolution_minutes=community.resolution_minutes,
        point=slot[order].astype(np.int32),
        start_utc=starts[interval[order]],
        energy=energy[order],
        allocated=dense[interval[order], slot[order]],
    )


def _scheduled(
    coefficients: PointRows, slots: Mapping[str, int], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Coefficients by slot and interval that is present. Shape (slots, T). [ppm]"""
    schedule = np.zeros((len(slots), len(starts)), dtype=np.int64)
    if len(starts):
        place = np.minimum(np.searchsorted(starts, coefficients.start_utc), len(starts) - 1)
        used = starts[place] == coefficients.start_utc
        slot = np.array([slots[point] for point in coefficients.points], dtype=np.int64)[coefficients.point]
        schedule[slot[used], place[used]] = coefficients.values["coefficient_ppm"][used]
    return schedule


def _civil_places(
    starts: NDArray[np.int64], community: Community
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index of each interval in its civil day, and that day's ordinal."""
    zone, step = ZoneInfo(community.time_zone), community.resolution_minutes * 60
    midnights: dict[int, int] = {}
    places, days = np.empty(len(starts), dtype=np.int64), np.empty(len(starts), dtype=np.int64)
    for index, start in enumerate(starts.tolist()):
        day = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
        ordinal = day.toordinal()
        if ordinal not in midnights:
            midnights[ordinal] = int(datetime.combine(day, time(), tzinfo=zone).timestamp())
        places[index], days[index] = (start - midnights[ordinal]) // step, ordinal
    return places, days


def _active(community: Community, ordinals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which points are members in which interval. Shape (T, points)."""
    points = community.metering_points
    first = np.array([point.valid_from.toordinal() if point.valid_from else 0 for point in points])
    last = np.array(
        [point.valid_to.toordinal() if point.valid_to else np.iinfo(np.int64).max for point in points]
    )
    active: NDArray[np.bool_] = (ordinals[:, None] >= first) & (ordinals[:, None] <= last)
    return active
