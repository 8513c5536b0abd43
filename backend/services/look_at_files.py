"""Look at a meter file before it is loaded: what it is, what it would change, what a check would then find."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import ConflictError, ReadingsError
from backend.metering import Quality, ReadingTable
from backend.metering.decisions import found_in
from backend.metering.joining import join_tables
from backend.metering.known_points import KnownPoints
from backend.ports.intervals import SERIES_MARK
from backend.services.check_basis import gather_basis
from backend.services.operator_allocation import allocation_table
from backend.services.voted_checks import check_as_voted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.metering import Finding
    from backend.ports import MeterFileContents, MeterFileLoader
    from backend.ports.point_files import OperatorFileReader
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["look_at_allocation", "look_at_file", "options_asked"]

FINDINGS_SHOWN = 500
# Rules that know a point by its own history see so much of it before and behind the file.
_HISTORY_SECONDS = 62 * 86_400


def look_at_file(
    context: SettlementContext, community: str, path: Path, read_file: MeterFileLoader
) -> dict[str, Any]:
    """What loading a file would do; nothing is changed.

    Args:
        context: Ports.
        community: Its id.
        path: The file.
        read_file: Reads it.

    Returns:
        ``accepted``; where it is, the ``readings``, the ``registers`` reads, their span, step and qualities, a row per
        metering point with what is ``new``, ``same`` and ``changed``, the ``register_points`` that reads are of, and
        what a check would find; where it is not, the ``reason``. In both cases the ``findings`` of reading it.

    Raises:
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    members = view.community
    known = KnownPoints(members.metered_series, members.time_zone)
    try:
        found = read_file.loadable(path, known_points=known, resolution_minutes=members.resolution_minutes)
    except ReadingsError as error:
        return {"accepted": False, "reason": str(error), **_told("findings", error.findings)}
    table, findings = found.table, found.findings
    start, end = _span(found)
    try:
        stored = context.intervals.readings(community, table.metering_points, start, end)
        points = _points(table, stored)
        checked = _checked(context, view, found, (start, end))
    except (ConflictError, ReadingsError) as error:
        return {"accepted": False, "reason": str(error), **_told("findings", findings)}
    return {
        "accepted": True,
        "reason": "",
        "readings": len(table),
        "registers": len(found.registers),
        "start_utc": start,
        "end_utc": end,
        "resolution_minutes": table.resolution_minutes,
        **{name: sum(point[name] for point in points) for name in _COUNTED},
        "points": points,
        "register_points": sorted({read.series.external_id for read in found.registers}),
        **_told("findings", findings),
        **_told("checked", checked),
    }


def look_at_allocation(
    context: SettlementContext, community: str, path: Path, read_file: OperatorFileReader
) -> dict[str, Any] | None:
    """What loading a file as the grid operator's allocation would keep; nothing is changed.

    Args:
        context: Ports.
        community: Its id.
        path: The file.
        read_file: Reads it.

    Returns:
        ``accepted``; where it is, its ``rows`` and ``points``, their span, and what consumers were ``allocated`` and
        what of the feed-in was ``shared``; where it is not, the ``reason`` and the ``findings``. None where nothing in
        the file says what anybody allocated.

    Raises:
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    members = view.community
    known = KnownPoints(members.metering_points, members.time_zone)
    try:
        rows = read_file(path, known_points=known, resolution_minutes=members.resolution_minutes)
        table = allocation_table(view, rows, path.name)
    except ReadingsError as error:
        if any(finding.rule == "no-allocation" for finding in error.findings):
            return None
        return {"accepted": False, "reason": str(error), **_told("findings", error.findings)}
    feeds_in = {point.id for point in members.metering_points if point.direction is Direction.FEED_IN}
    given = np.array([SERIES_MARK not in name for name in table.metering_points])[table.point]
    shared = np.array([name in feeds_in for name in table.metering_points])[table.point]
    return {
        "accepted": True,
        "reason": "",
        "rows": len(rows.start_utc),
        "points": sorted(name for name in table.metering_points if SERIES_MARK not in name),
        "start_utc": int(rows.start_utc.min()),
        "end_utc": int(rows.start_utc.max()) + 60 * members.resolution_minutes,
        "allocated_milliwatt_hours": int(table.energy[given & ~shared].sum()),
        "shared_milliwatt_hours": int(table.energy[given & shared].sum()),
        "findings": [],
        "findings_count": 0,
    }


_ASKED = {
    "--time-zone": "time_zone",
    "--resolution": "resolution",
    "--metering-point": "metering_point",
    "--direction": "direction",
    "--mapping": "mapping",
}


def options_asked(look: Mapping[str, Any]) -> list[str]:
    """Options that the findings of a refused file name: whoever says them may be able to have it read."""
    if look["accepted"]:
        return []
    told = " ".join(finding["message"] for finding in look["findings"])
    return [name for word, name in _ASKED.items() if word in told]


_QUALITIES = tuple(quality.name.lower() for quality in Quality)
_COUNTED = (*_QUALITIES, "new", "same", "changed")


def _told(name: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """As many findings as a page takes, and how many there are."""
    return {
        name: [finding.as_dict() for finding in islice(findings, FINDINGS_SHOWN)],
        f"{name}_count": len(findings),
    }


def _points(table: ReadingTable, stored: ReadingTable) -> list[dict[str, Any]]:
    """A row per metering point: its readings by quality, and what becomes of those that are stored."""
    every = np.arange(len(table), dtype=np.int64)
    same = found_in(stored, table, every)
    known = found_in(_alike(stored), _alike(table), every)
    bounds = np.searchsorted(table.point, np.arange(len(table.metering_points) + 1)).tolist()
    rows = []
    for index, name in enumerate(table.metering_points):
        own = slice(bounds[index], bounds[index + 1])
        if own.start == own.stop:
            continue
        qualities = np.bincount(table.quality[own], minlength=len(Quality)).tolist()
        rows.append(
            {
                "metering_point": name,
                "readings": own.stop - own.start,
                "start_utc": int(table.start_utc[own].min()),
                "end_utc": int(table.start_utc[own].max()) + 60 * table.resolution_minutes,
                "energy_milliwatt_hours": int(table.energy[own].sum()),
                **dict(zip(_QUALITIES, qualities, strict=False)),
                "new": _count(~known[own]),
                "same": _count(same[own]),
                "changed": _count(known[own] & ~same[own]),
            }
        )
    return rows


def _alike(table: ReadingTable) -> ReadingTable:
    """The table with nothing but its places, so that rows of another value are found too."""
    return replace(table, energy=np.zeros_like(table.energy), quality=np.zeros_like(table.quality))


def _count(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))


def _span(found: MeterFileContents) -> tuple[int, int]:
    """From the first to the last that a file tells. [s since 1970, UTC]"""
    starts = found.table.start_utc
    instants = [read.instant_utc for read in found.registers]
    if len(starts):
        instants += [int(starts.min()), int(starts.max()) + 60 * found.table.resolution_minutes]
    return min(instants), max(instants)


def _checked(
    context: SettlementContext, view: CommunityView, found: MeterFileContents, span: tuple[int, int]
) -> list[Finding]:
    """What a check would find in the file's span if it were loaded."""
    members = view.community
    points = [point.id for point in members.metering_points]
    known = (span[0] - _HISTORY_SECONDS, span[1] + _HISTORY_SECONDS)
    stored = context.intervals.readings(view.record.id, points, *known)
    given = replace(found.table, code=None, codes=())
    tables = [table for table in (replace(stored, code=None, codes=()), given) if len(table)]
    joined = join_tables(tables) if tables else given
    basis = gather_basis(context.intervals, context.holidays, members, known, found)
    with context.store.reading() as records:
        versions = records.rule_versions(view.record.id)
    findings = check_as_voted(view, versions, joined, basis, start_utc=span[0], end_utc=span[1])
    named = {"", *found.table.metering_points, *(feeder.id for feeder in members.feeders)}
    named |= {read.series.external_id for read in found.registers}
    return [finding for finding in findings if finding.metering_point in named]
