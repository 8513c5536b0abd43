"""One's own bills, proofs, curves and findings; and those of participants who consented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query, Response

from backend.api.access import guarded_router
from backend.api.cursors import read_number, write_cursor
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.schemas import (
    AccessItem,
    BillSummary,
    CommunityId,
    Cursor,
    Curve,
    FindingItem,
    Label,
    Page,
    ParticipantId,
    Version,
    instant,
)
from backend.services.member_views import (
    bill_of,
    bill_summaries,
    curve_of,
    findings_of,
    stored_bill,
    subject_of,
)

if TYPE_CHECKING:
    from backend.api.dependencies import Services

__all__ = ["router", "tell_accesses"]

router = guarded_router("", "members")


@router.get("/me/bills", response_model=Page[BillSummary])
def my_bills(
    opened: AsksAs,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """One's bills, the newest first."""
    user = opened.user
    items, before = bill_summaries(
        services.settled, user.community, user.participant, read_number(cursor), limit
    )
    return {"items": items, "next_cursor": write_cursor(before)}


# Before the bill itself, whose template would take the name with its ending.
@router.get(
    "/me/bills/{label}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}}
)
def my_bill_as_pdf(
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
    locale: Literal["en", "fr"] | None = None,
    version: Version = None,
) -> Response:
    """One's bill to print."""
    from backend.services.bundles import proof_of

    user = opened.user
    period, bill = stored_bill(services.settled, user.community, label, user.participant, version)
    content = {**bill.content, "number": bill.number, "issued_utc": bill.issued_utc}
    with services.heavy():
        proof = proof_of(services.context, period.run)
        written = services.wiring.render_bill(content, proof, locale or user.locale)
    headers = {"Content-Disposition": f'inline; filename="{user.community}-{user.participant}-{label}.pdf"'}
    return Response(written, media_type="application/pdf", headers=headers)


@router.get("/me/bills/{label}")
def my_bill(label: Label, opened: AsksAs, services: ServicesOf, version: Version = None) -> dict[str, Any]:
    """One's bill: what it says, where it stands, which run and rule it follows."""
    user = opened.user
    return _tell_bill(services, user.community, label, user.participant, version)


def _tell_bill(
    services: Services, community: str, label: str, participant: str, version: int | None
) -> dict[str, Any]:
    bill = bill_of(services.settled, community, label, participant, version)
    return {**bill, "issued_at": instant(bill.pop("issued_utc"))}


@router.get("/me/bills/{label}/bundle")
def my_bundle(label: Label, opened: AsksAs, services: ServicesOf, version: Version = None) -> Response:
    """One's bill with all that proves it, and nothing of a neighbour's: docs/protocol.md section 11."""
    from backend.services.bundles import make_bundle

    user = opened.user
    period = services.settled.find(user.community, label, version)
    span, version = period.calendar.period, period.run.version
    with services.heavy():
        bundle = make_bundle(services.context, user.community, span, user.participant, version)
    return Response(json.dumps(bundle, separators=(",", ":")), media_type="application/json")


@router.get("/me/energy/{label}", response_model=Curve)
def my_energy(label: Label, opened: AsksAs, services: ServicesOf, version: Version = None) -> dict[str, Any]:
    """One's use and production, interval by interval."""
    user = opened.user
    return _tell_curve(services, user.community, label, user.participant, version)


def _tell_curve(
    services: Services, community: str, label: str, participant: str, version: int | None
) -> dict[str, Any]:
    curve = curve_of(services.settled, community, label, participant, version)
    return {**curve, "start": instant(curve["start"])}


@router.get("/me/findings/{label}", response_model=Page[FindingItem])
def my_findings(label: Label, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What a check of one's own readings finds."""
    user = opened.user
    with services.heavy():
        items = findings_of(services.settled, user.community, label, user.participant)
    return {"items": items, "next_cursor": None}


@router.get("/me/accesses", response_model=Page[AccessItem])
def my_accesses(
    opened: AsksAs,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Who looked at one's data, the newest first."""
    subject = subject_of(opened.user.community, opened.user.participant)
    return tell_accesses(services, subject, limit, cursor)


def tell_accesses(services: Services, subject: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the log of a subject; places are counted from its beginning, so that new lines shift nothing."""
    with services.store.reading() as records:
        lines = records.accesses(subject)
        end = read_number(cursor)
        end = len(lines) if end is None else min(end, len(lines))
        begin = max(end - limit, 0)
        chosen = lines[begin:end][::-1]
        users = {user: records.user(user) for user, _, _ in chosen}
    items = [
        {"by": getattr(users[user], "login", user), "what": what, "at": instant(at)}
        for user, what, at in chosen
    ]
    return {"items": items, "next_cursor": write_cursor(begin or None)}


@router.get("/communities/{community}/participants/{participant}/bills/{label}")
def consented_bill(
    community: CommunityId,
    participant: ParticipantId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """The bill of a participant who lets one see it."""
    bill = _tell_bill(services, community, label, participant, None)
    services.note_access(opened, community, [participant], f"bill {label}")
    return bill


@router.get("/communities/{community}/participants/{participant}/energy/{label}", response_model=Curve)
def consented_energy(
    community: CommunityId,
    participant: ParticipantId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """The curve of a participant who lets one see it."""
    curve = _tell_curve(services, community, label, participant, None)
    services.note_access(opened, community, [participant], f"energy {label}")
    return curve
