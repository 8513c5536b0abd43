"""Hand in the coefficients of a scheduled key for a period: kept, committed to, anchored with the time.

Who shares in a period is frozen with what they are given: handing in opens the period. A later file is a later version;
which one binds is the rule's to say (``backend.services.run_basis``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments import form_schedule_id
from backend.community import AllocationSource
from backend.errors import NotFoundError, PeriodError, SharingKeyError
from backend.ports import ContractCall, OutboxEntry, ScheduleRecord
from backend.ports.failpoints import reach
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar
from backend.services.commit import PeriodCommitments, bytes_of, hex_of
from backend.services.load_readings import hash_file
from backend.services.open_period import frozen_terms, open_period, rule_version_in
from backend.services.point_rows import instant_text, place_rows
from backend.services.run_basis import AHEAD, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.community import Rule
    from backend.ports.point_files import PointFileReader, PointRows
    from backend.quantities import SettlementPeriod
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["HandedIn", "hand_in_schedule"]

_COLUMN = "coefficient_ppm"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What handing in did.

    Attributes:
        schedule: As kept.
        is_new: False where the same file was handed in last: nothing changed.
        rows: Coefficients in the file. [1]
        empty: Intervals in which nobody is given anything. [1]
    """

    schedule: ScheduleRecord
    is_new: bool
    rows: int
    empty: int


def hand_in_schedule(
    context: SettlementContext,
    read_file: PointFileReader,
    community: str,
    period: SettlementPeriod,
    file: Path,
) -> HandedIn:
    """Hand in a file of coefficients.

    Args:
        context: Ports.
        read_file: Reads it.
        community: Its id.
        period: Which civil dates.
        file: A row per metering point and interval; what it lacks is zero.

    Raises:
        ReadingsError: With a finding per fault; nothing is opened or kept.
        SharingKeyError: If the rule in force takes no coefficients, or they sum to more than the whole.
        PeriodError: If they are due before a period that has begun.
        ContractRefusal: If a contract refuses.
    """
    view = context.community(community)
    members = view.community
    calendar = PeriodCalendar(period, members.time_zone, members.resolution_minutes)
    rule = view.rule_of(rule_version_in(context, community, period.id))
    _require_schedule(context, rule, calendar)
    if not file.is_file():
        raise NotFoundError(f"{file} is not a file; give the path of a file of coefficients.")
    file_hash = hex_of(hash_file(file))
    rows = read_file(file, known_points={point.id for point in members.metering_points})
    with context.store.reading() as records:
        opened = records.period(community, period.id)
        schedules = records.schedules(community, period.id)
    terms = frozen_terms(view, calendar) if opened is None else opened.terms
    figures = _figures(rows, terms, calendar, file.name)
    empty = int((figures.sum(axis=0) == 0).sum())
    if schedules and schedules[-1].file_hash == file_hash:
        return HandedIn(schedules[-1], is_new=False, rows=len(rows.line), empty=empty)
    schedule = _announce(context, view, calendar, figures, (file_hash, len(schedules) + 1))
    return HandedIn(schedule, is_new=True, rows=len(rows.line), empty=empty)


def _require_schedule(context: SettlementContext, rule: Rule, calendar: PeriodCalendar) -> None:
    label, key = calendar.period.label, rule.sharing_key
    if key.method != SCHEDULED or rule.source is not AllocationSource.COMPUTED:
        method = "the operator's allocation" if rule.source is AllocationSource.OPERATOR else repr(key.method)
        raise SharingKeyError(
            f"{label} is shared by {method}, which takes no coefficients for each interval; nothing was handed in."
        )
    if key.schedule == AHEAD and context.chain_time_utc() >= calendar.start_utc:
        raise PeriodError(
            f"coefficients of {label} were due before {instant_text(calendar.start_utc)}, when it began; what is "
            "handed in now would count for nothing."
        )


def _figures(rows: PointRows, terms: Sequence[Any], calendar: PeriodCalendar, file: str) -> NDArray[np.int64]:
    """Coefficients by slot and interval, zero where the file has none. Shape (slots, T). [ppm]"""
    slot, interval = place_rows(rows, terms, calendar, file, feeding=False)
    figures = np.zeros((terms[-1]["slot"] + 1, calendar.interval_count), dtype=np.int64)
    figures[slot, interval] = rows.values[_COLUMN]
    _require_whole(figures, calendar)
    return figures


def _require_whole(figures: NDArray[np.int64], calendar: PeriodCalendar) -> None:
    sums = figures.sum(axis=0)
    over = np.flatnonzero(sums > PARTS_PER_MILLION)
    if over.size:
        when, total = instant_text(calendar.starts_utc()[int(over[0])]), int(sums[over[0]])
        raise SharingKeyError(
            f"the coefficients of {when} sum to {total} ppm, above {PARTS_PER_MILLION} ({over.size} intervals do); "
            f"lower them by {total - PARTS_PER_MILLION}. Nothing was handed in."
        )


def _announce(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    figures: NDArray[np.int64],
    made: tuple[str, int],
) -> ScheduleRecord:
    """Keep and anchor a version, of (hash of its file, number)."""
    file_hash, version = made
    record = open_period(context, view, calendar)
    with context.store.reading() as records:
        keys = records.slot_keys(record.community, record.period)
    anchor = view.record.anchor
    schedule_id = form_schedule_id(bytes_of(anchor), record.period, version)
    commitments = PeriodCommitments(anchor, record, keys, calendar.intervals_per_day)
    tree = commitments.coefficients(schedule_id, figures)
    schedule = ScheduleRecord(
        community=record.community,
        period=record.period,
        version=version,
        schedule_id=hex_of(schedule_id),
        root=hex_of(tree.root),
        slots=record.slots,
        day_count=record.days,
        intervals_max=max(calendar.intervals_per_day),
        file_hash=file_hash,
    )
    context.intervals.add_schedule(
        record.community, record.period, version, figures, replace_unannounced=True
    )
    reach("schedule.kept")
    handed = {
        "root": schedule.root,
        "slots": schedule.slots,
        "dayCount": schedule.day_count,
        "maxIntervals": schedule.intervals_max,
    }
    call = ContractCall("settler", "schedule_book", "handIn", (anchor, record.period, version, handed))
    purpose = f"{record.community}/{record.period}/schedule/{version}"
    context.announce(
        lambda records: records.add_schedule(schedule),
        OutboxEntry(purpose, record.community, record.period, call),
    )
    return schedule
