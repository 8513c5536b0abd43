"""A grid operator's allocation beside ours: all of it to operator and provider, their own points to members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query
from pydantic import AwareDatetime

from backend.api.access import guarded_router
from backend.api.cursors import read_number, write_cursor
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.reconciliation_schemas import Course, Reconciled, ReconciledRow
from backend.api.schemas import CommunityId, Cursor, Label, Page, instant
from backend.errors import NotFoundError
from backend.services.reconcile_period import cause_named, find_compared, reconcile_period
from backend.services.reconciliation_views import course_of, head_of, rows_of, summary_of

if TYPE_CHECKING:
    from datetime import datetime

    from backend.api.dependencies import Services
    from backend.services.reconcile_period import ReconciledPeriod
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("", "reconciliation")

_SEES_ALL = frozenset({"operator", "provider"})
Point = Annotated[str, Path(max_length=63)]


def _looked_at(
    services: Services, opened: OpenSession, community: str, label: str, metering_point: str | None = None
) -> tuple[ReconciledPeriod, frozenset[str] | None]:
    """What was found, and whose points the caller may see; None for all. The look at one point or all is noted.

    Raises:
        NotFoundError: If there is nothing, or nothing of the caller's.
    """
    user = opened.user
    participants = None if _SEES_ALL & set(user.roles) else frozenset({user.participant} - {None, ""})
    with services.heavy():
        found = reconcile_period(services.context, community, label)
    terms = [term for term in found.terms(participants) if metering_point in {None, term["point"]}]
    if not terms:
        which = "of yours" if metering_point is None else repr(metering_point)
        raise NotFoundError(f"There is no metering point {which} in {label} of {community}.")
    owners = sorted({str(term["participant"]) for term in terms})
    services.note_access(opened, community, owners, f"reconciliation {label}")
    return found, participants


@router.get(
    "/communities/{community}/periods/{label}/reconciliation",
    response_model=Reconciled,
)
def reconciliation(
    community: CommunityId, label: Label, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """What the operator's allocation and ours differ in, by cause and by metering point; no files, nothing compared."""
    compared = find_compared(services.context, community, label)
    if not compared.loads:
        head = head_of(compared)
        return {**head, "start": instant(head["start_utc"])}
    found, participants = _looked_at(services, opened, community, label)
    told = summary_of(found, participants)
    for file in told["files"]:
        file["received_at"] = instant(file["received_utc"])
    for cause in told["causes"]:
        cause["evidence"] = [_stamped(evidence) for evidence in cause["evidence"]]
    for point in told["points"]:
        if point["dispute"]:
            point["dispute"] |= {name: instant(point["dispute"][f"{name}_utc"]) for name in ("start", "end")}
    return {**told, "start": instant(told["start_utc"])}


def _stamped(evidence: dict[str, Any]) -> dict[str, Any]:
    return {**evidence, "received_at": instant(evidence.get("received_utc"))}


@router.get(
    "/communities/{community}/periods/{label}/reconciliation/rows",
    response_model=Page[ReconciledRow],
)
def rows(
    *,
    community: CommunityId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
    metering_point: Annotated[str | None, Query(max_length=63)] = None,
    cause: Annotated[str | None, Query(max_length=40)] = None,
    begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Rows that differ, point by point and in order of time, each with its cause and evidence."""
    place = read_number(cursor) or 0
    causes = [cause_named(cause)] if cause else []
    found, participants = _looked_at(services, opened, community, label, metering_point)
    terms = found.terms(participants)
    own = [term["slot"] for term in terms]
    chosen = [term["slot"] for term in terms if metering_point in {None, term["point"]}]
    differing = found.of(chosen, causes, _span(found, begin, end))
    items = rows_of(found, differing, own, place, place + limit)
    following = place + len(items)
    return {
        "items": [
            {**row, "start": instant(row["start_utc"]), "evidence": _stamped(row["evidence"])}
            for row in items
        ],
        "next_cursor": write_cursor(following) if items and following < len(differing) else None,
    }


def _span(found: ReconciledPeriod, begin: datetime | None, end: datetime | None) -> tuple[int, int] | None:
    """Intervals that start at or after the one instant, and before the other."""
    if begin is None and end is None:
        return None
    calendar = found.period.calendar
    first, until = 0, calendar.interval_count
    if begin is not None:
        first = -((calendar.start_utc - int(begin.timestamp())) // calendar.step_seconds)
    if end is not None:
        until = -((calendar.start_utc - int(end.timestamp())) // calendar.step_seconds)
    return first, until


@router.get(
    "/communities/{community}/periods/{label}/reconciliation/points/{metering_point}", response_model=Course
)
def course(
    community: CommunityId, label: Label, metering_point: Point, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """A point's course by both sides, interval by interval."""
    found, participants = _looked_at(services, opened, community, label, metering_point)
    return course_of(found, metering_point, participants)
