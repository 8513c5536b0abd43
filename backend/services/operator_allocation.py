"""The grid operator's allocation: loaded and, where the members' rule says that it binds, checked and settled.

What a consumption point was given and what of a feed-in point was shared are kept as readings are: every version, none
overwritten. Beside them stands what the same file says of the point's consumption or feed-in and of what it was
offered, from which a difference from our own key's result is explained. A run of a rule that says so rests on the files
that reach into its period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.commitments import form_source_hash
from backend.commitments.keccak import keccak256
from backend.community import Direction
from backend.errors import ConformityError, NotFoundError, PeriodError
from backend.metering import Quality, ReadingTable
from backend.metering.estimation import scale_by_participation
from backend.metering.known_points import KnownPoints
from backend.ports import ReadingLoad
from backend.ports.intervals import SERIES_MARK
from backend.services.commit import active_days, bytes_of, directions_of, hex_of
from backend.services.load_readings import LoadedReadings, hash_file
from backend.services.point_rows import RowFaults, instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.metering import PeriodReadings
    from backend.ports import PeriodRecord
    from backend.ports.point_files import OperatorFileReader, PointRows
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "ENERGY",
    "OFFERED",
    "OperatorRows",
    "allocation_of",
    "allocation_table",
    "check_allocation",
    "load_allocations",
    "require_allocation",
    "series_of",
    "sums_of",
]

ENERGY, OFFERED = "energy", "offered"
_UNTOLD = -1

_SALT_BYTES = 32
# What each direction's rows hold: its energy, and what it is parted into.
_COLUMNS = {
    Direction.CONSUMPTION: ("consumption_kwh", "allocated_kwh", "residual_kwh"),
    Direction.FEED_IN: ("feed_in_kwh", "shared_kwh", "surplus_kwh"),
}


@dataclass(frozen=True, slots=True)
class OperatorRows:
    """What the operator allocated in a period.

    Attributes:
        basis: Salted hash of the files, 0x-hex.
        allocated: Shape (slots, T). [mWh]
    """

    basis: str
    allocated: NDArray[np.int64]


def load_allocations(
    context: SettlementContext,
    read_file: OperatorFileReader,
    community: str,
    file: Path,
    how: bytes = b"",
) -> LoadedReadings:
    """Load a file of the grid operator's, whether it binds or is only compared; its rows supersede earlier files'.

    Args:
        context: Ports.
        read_file: Reads it.
        community: Its id.
        file: As ``partage allocate`` writes them, or of a meter format that says what was allocated.
        how: What else the rows depend on, such as a time zone: the same file read otherwise is another load.

    Raises:
        ReadingsError: With a finding per fault; nothing is kept.
        NotFoundError: If the file or the community is not there.
    """
    view = context.community(community)
    if not file.is_file():
        raise NotFoundError(f"{file} is not a file; give the path of the operator's allocation.")
    file_hash = hash_file(file)
    load_id = keccak256(b"allocation\x00" + community.encode() + b"\x00" + file_hash + how).hex()
    for load in context.operator_allocations.loads(community):
        if load.id == load_id:
            return LoadedReadings(community, load, is_new=False, findings=())
    members = view.community
    known = KnownPoints(members.metering_points, members.time_zone)
    rows = read_file(file, known_points=known, resolution_minutes=members.resolution_minutes)
    table = allocation_table(view, rows, file.name)
    load = ReadingLoad(
        id=load_id,
        community=community,
        received_utc=context.clock.now_utc(),
        files=(file.name,),
        file_hash=hex_of(file_hash),
        salt=hex_of(context.random_bytes(_SALT_BYTES)),
        rows=len(rows.start_utc),
    )
    context.operator_allocations.add_readings(load, table)
    return LoadedReadings(community, load, is_new=True, findings=())


def series_of(point: str) -> tuple[str, ...]:
    """Names of all that may be kept of a metering point: what it was allocated first."""
    return point, f"{point}{SERIES_MARK}{ENERGY}", f"{point}{SERIES_MARK}{OFFERED}"


def allocation_table(view: CommunityView, rows: PointRows, file: str) -> ReadingTable:
    """What was allocated or shared, and what stands beside it, as readings.

    Raises:
        ReadingsError: With a finding per row whose figures do not fit its direction or each other.
    """
    directions = {point.id: point.direction for point in view.community.metering_points}
    feeds_in = np.array([directions[point] is Direction.FEED_IN for point in rows.points])[rows.point]
    given = np.zeros(len(feeds_in), dtype=np.int64)
    faults = RowFaults(file, rows)
    step = rows.values["resolution_minutes"]
    wanted = view.community.resolution_minutes
    faults.tell("resolution", step != wanted, f"resolution_minutes is not {wanted}, the community's")
    faults.tell("instant", rows.start_utc % (60 * wanted) != 0, "the start is on no interval's start")
    faults.tell("duplicate", _repeated(rows), "there is a row already; keep one")
    beside = np.full(len(given), _UNTOLD, dtype=np.int64)
    for direction, (energy, part, rest) in _COLUMNS.items():
        chosen = feeds_in == (direction is Direction.FEED_IN)
        whole, parted, left = (_column(rows, name) for name in (energy, part, rest))
        others = [name for other, names in _COLUMNS.items() if other is not direction for name in names]
        stray = np.any([_column(rows, name) >= 0 for name in others], axis=0)
        faults.tell("direction", chosen & stray, f"{', '.join(others)} belong to the other direction")
        faults.tell("missing", chosen & (parted < 0), f"{part} is empty")
        told = chosen & (parted >= 0) & (whole >= 0) & (left >= 0)
        faults.tell("sum", told & (parted + left != whole), f"{part} and {rest} do not come to {energy}")
        given = np.where(chosen, np.maximum(parted, 0), given)
        beside = np.where(chosen, whole, beside)
    faults.stop()
    metered = _column(rows, "metered_kwh")
    factors = {point.id: point.participation_ppm for point in view.community.metering_points}
    factor = np.array([factors[point] for point in rows.points], dtype=np.int64)[rows.point]
    scaled = scale_by_participation(np.maximum(metered, 0), factor)
    beside = np.where((beside < 0) & (metered >= 0), scaled, beside)
    return _as_readings(rows, given, beside, _column(rows, "offered_kwh"), wanted)


def _repeated(rows: PointRows) -> NDArray[np.bool_]:
    """Rows of a point and instant that an earlier row has. Shape (n,)."""
    order = np.lexsort((rows.line, rows.start_utc, rows.point))
    point, start = rows.point[order], rows.start_utc[order]
    again = np.zeros(len(order), dtype=np.bool_)
    again[order[1:]] = (point[1:] == point[:-1]) & (start[1:] == start[:-1])
    return again


def _column(rows: PointRows, name: str) -> NDArray[np.int64]:
    """A column's energies, ``_UNTOLD`` where the file has none. Shape (n,). [mWh]"""
    found = rows.values.get(name)
    return np.full(len(rows.start_utc), _UNTOLD, dtype=np.int64) if found is None else found


def _as_readings(
    rows: PointRows,
    given: NDArray[np.int64],
    beside: NDArray[np.int64],
    offered: NDArray[np.int64],
    resolution_minutes: int,
) -> ReadingTable:
    """The series of all points in one table; those beside what was allocated only where something is told."""
    count = len(rows.points)
    point, start, energy = [rows.point.astype(np.int64)], [rows.start_utc], [given]
    for place, column in enumerate((beside, offered), start=1):
        told = column >= 0
        point.append(rows.point[told].astype(np.int64) + place * count)
        start.append(rows.start_utc[told])
        energy.append(column[told])
    names = [series_of(name)[place] for place in range(3) for name in rows.points]
    joined, starts, energies = (np.concatenate(parts) for parts in (point, start, energy))
    used, joined = np.unique(joined, return_inverse=True)
    order = np.lexsort((starts, joined))
    quality = np.full(len(joined), Quality.MEASURED, dtype=np.uint8)
    return ReadingTable(
        tuple(names[place] for place in used.tolist()),
        joined[order].astype(np.int32),
        starts[order],
        energies[order],
        quality,
        resolution_minutes,
    )


def require_allocation(context: SettlementContext, community: str, calendar: PeriodCalendar) -> None:
    """Refuse, before anything is announced, to settle by an allocation that is not there.

    Raises:
        PeriodError: Saying what to load, and how.
    """
    if not context.operator_allocations.loads_within(community, calendar.start_utc, calendar.end_utc):
        raise PeriodError(
            f"the grid operator's allocation binds in {calendar.period.label} of {community}, and none is there; load "
            f"it with: partage allocations load {community} FILE"
        )


def allocation_of(
    context: SettlementContext, record: PeriodRecord, calendar: PeriodCalendar, basis: str = ""
) -> OperatorRows:
    """The operator's allocation of a period, of all files that reach into it, whole.

    Args:
        context: Ports.
        record: The period.
        calendar: Its intervals.
        basis: Of the files that an earlier run rested on; without, of all that are there now.

    Raises:
        PeriodError: If there is none, or a row of a member is missing.
    """
    community, store = record.community, context.operator_allocations
    require_allocation(context, community, calendar)
    loads = _loads_behind(context, community, calendar, basis)
    slots = {term["point"]: term["slot"] for term in record.terms}
    table = store.readings(community, list(slots), calendar.start_utc, calendar.end_utc, loads)
    slot = np.array(list(slots.values()), dtype=np.int64)[table.point]
    interval, odd = np.divmod(table.start_utc - calendar.start_utc, calendar.step_seconds)
    if odd.any():
        start = instant_text(int(table.start_utc[np.argmax(odd != 0)]))
        raise PeriodError(f"the operator's allocation of {start} starts on no interval of {record.label}.")
    allocated = np.zeros((record.slots, calendar.interval_count), dtype=np.int64)
    there = np.zeros(allocated.shape, dtype=np.bool_)
    allocated[slot, interval], there[slot, interval] = table.energy, True
    active = np.repeat(active_days(record), calendar.intervals_per_day, axis=1)
    for wrong, what in (
        (active & ~there, "lacks"),
        (~active & (allocated > 0), "has, though it is no member,"),
    ):
        if wrong.any():
            _refuse(record, calendar, wrong, what)
    return OperatorRows(_basis_of(context, community, loads), allocated)


def _loads_behind(
    context: SettlementContext, community: str, calendar: PeriodCalendar, basis: str
) -> list[str]:
    """Loads that reach into a period: all, or those that had arrived when a basis was formed.

    Raises:
        NotFoundError: If no number of them gives that basis.
    """
    loads = context.operator_allocations.loads_within(community, calendar.start_utc, calendar.end_utc)
    if not basis:
        return loads
    for count in range(len(loads), 0, -1):
        if _basis_of(context, community, loads[:count]) == basis:
            return loads[:count]
    raise NotFoundError(
        f"the files that the operator's allocation {basis[:10]}... of {calendar.period.label} was made of are not "
        "there; restore them from a backup."
    )


def _basis_of(context: SettlementContext, community: str, loads: Sequence[str]) -> str:
    """The salted hash of the files of loads, 0x-hex."""
    known = {load.id: load for load in context.operator_allocations.loads(community)}
    used = [known[load] for load in loads]
    hashes = [bytes_of(load.file_hash) for load in used]
    return hex_of(form_source_hash(bytes_of(used[0].salt), hashes))


def _refuse(record: PeriodRecord, calendar: PeriodCalendar, wrong: NDArray[np.bool_], what: str) -> None:
    slot, interval = (int(place) for place in np.argwhere(wrong)[0])
    point = next(term["point"] for term in record.terms if term["slot"] == slot)
    start = instant_text(calendar.starts_utc()[interval])
    raise PeriodError(
        f"the operator's allocation of {record.label} {what} {point} at {start}, "
        f"and {int(wrong.sum())} such rows in all; ask the operator for the whole period and load it."
    )


def check_allocation(rows: OperatorRows, readings: PeriodReadings, record: PeriodRecord) -> None:
    """Hold the operator's allocation against the readings: nobody more than they have, as much given as shared.

    Raises:
        ConformityError: Naming the point or interval, and both figures.
    """
    starts = readings.calendar.starts_utc()
    over = np.argwhere(rows.allocated > readings.energy)
    if len(over):
        slot, interval = (int(place) for place in over[0])
        point = next(term["point"] for term in record.terms if term["slot"] == slot)
        raise ConformityError(
            f"the operator gives {point} {int(rows.allocated[slot, interval])} mWh at "
            f"{instant_text(starts[interval])}, but its reading is {int(readings.energy[slot, interval])} mWh "
            f"({len(over)} such rows); ask the operator which is right, and load the correction."
        )
    given, shared = sums_of(rows.allocated, record)
    apart = np.flatnonzero(given != shared)
    if apart.size:
        interval = int(apart[0])
        raise ConformityError(
            f"the operator gives consumers {int(given[interval])} mWh at {instant_text(starts[interval])}, but shares "
            f"{int(shared[interval])} mWh of the feed-in ({apart.size} such intervals); both have to be the same: ask "
            "the operator for a correction."
        )


def sums_of(
    allocated: NDArray[np.int64], record: PeriodRecord
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What consumers were given and what of the feed-in was shared, by interval. Shapes (T,). [mWh]"""
    directions = directions_of(record)
    given, shared = (
        allocated[[slot for slot, found in enumerate(directions) if found is direction]].sum(axis=0)
        for direction in (Direction.CONSUMPTION, Direction.FEED_IN)
    )
    return given, shared
