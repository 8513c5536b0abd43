"""What becomes of a person's data who asks to be forgotten, and when.

Nothing is destroyed while a member's readings are still settled, for that would take part in their neighbours' bills.
Readings, keys and everything by which they log in go once the last period with their meter is final and billed; bills
and invoices go when the law no longer asks for them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.community.retention import retention_of
from backend.errors import ConflictError, NotFoundError
from backend.ports import RunState
from backend.ports.identity_records import ErasureRecord

if TYPE_CHECKING:
    from backend.ports import PeriodRecord, Records
    from backend.services.context import CommunityView, SettlementContext

__all__ = [
    "ErasurePlan",
    "Part",
    "alias_of_point",
    "ask_erasure",
    "erasure_of",
    "first_day_utc",
    "periods_of",
    "plan_erasure",
    "take_back_erasure",
]

_ALIAS_BYTES = 6
_ENDS = (RunState.FINAL, RunState.SUPERSEDED, RunState.VOIDED)


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of data, and from when on it can be destroyed.

    Attributes:
        what: ``log_in``, ``readings_and_keys`` or ``documents``.
        due_utc: None where that is not known yet. [s since 1970, UTC]
        waits_for: ``membership`` to end, ``settlement`` of all periods, the law's ``retention``; empty for nothing.
        source: Why.
    """

    what: str
    due_utc: int | None
    waits_for: str
    source: str


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What is destroyed when, if nothing new happens.

    Attributes:
        parts: By kind.
        documents_due_utc: By period that has a bill of theirs. [s since 1970, UTC]
    """

    parts: tuple[Part, ...]
    documents_due_utc: dict[int, int]

    def due_utc(self, what: str) -> int | None:
        """When a kind of data is due."""
        return next(part.due_utc for part in self.parts if part.what == what)


def periods_of(
    records: Records, community: str, participant: str
) -> list[tuple[PeriodRecord, list[dict[str, Any]]]]:
    """Periods in which a participant had points, with what was frozen of these."""
    found = []
    for period in records.periods(community):
        terms = [dict(term) for term in period.terms if term["participant"] == participant]
        if terms:
            found.append((period, terms))
    return found


def alias_of_point(alias: str, slot: int) -> str:
    """What stands in place of a point's id."""
    return f"{alias}-{slot}"


def erasure_of(records: Records, community: str, participant: str) -> ErasureRecord | None:
    """Whether a participant asked to be forgotten."""
    return next((known for known in records.erasures(community) if known.participant == participant), None)


def ask_erasure(context: SettlementContext, community: str, participant: str) -> ErasureRecord:
    """Write down that a participant asks to be forgotten; asking again changes nothing.

    Raises:
        NotFoundError: If there is no such participant.
    """
    _require_participant(context.community(community), participant)
    with context.store.transaction() as records:
        known = erasure_of(records, community, participant)
        if known is not None:
            return known
        alias = f"former-{secrets.token_hex(_ALIAS_BYTES)}"
        record = ErasureRecord(community, participant, context.clock.now_utc(), alias)
        records.put_erasure(record)
    return record


def take_back_erasure(context: SettlementContext, community: str, participant: str) -> None:
    """Forget that a participant asked, as long as nothing was destroyed.

    Raises:
        NotFoundError: If they did not ask.
        ConflictError: If it has begun.
    """
    with context.store.transaction() as records:
        known = erasure_of(records, community, participant)
        if known is None:
            raise NotFoundError("Nobody asked for that.")
        if known.begun_utc:
            raise ConflictError("It has begun; what was destroyed does not come back.")
        records.remove_erasure(community, participant)


def plan_erasure(context: SettlementContext, community: str, participant: str) -> ErasurePlan:
    """What is destroyed when.

    Raises:
        NotFoundError: If there is no such participant.
    """
    view = context.community(community)
    _require_participant(view, participant)
    with context.store.reading() as records:
        documents = _documents_due(records, view, participant)
        ended, waits_for = _settled(records, view, participant)
    now = context.clock.now_utc()
    due = None if ended is None else ended
    source = {
        "membership": "Their meters are still in the community; the steward ends them in its file with valid_to.",
        "settlement": "The periods with their meters are not all final, billed and due yet.",
        "": "GDPR, article 17 (1) (a)",
    }[waits_for]
    law = retention_of(view.community.country)
    kept_until = max(documents.values(), default=due)
    if kept_until is not None and due is not None:
        kept_until = max(kept_until, due)
    held_by_law = waits_for or ("retention" if (kept_until or 0) > now else "")
    return ErasurePlan(
        (
            Part("log_in", due, waits_for, source),
            Part("readings_and_keys", due, waits_for, source),
            Part("documents", None if due is None else kept_until, held_by_law, law.source),
        ),
        documents,
    )


def _require_participant(view: CommunityView, participant: str) -> None:
    if participant not in {known.id for known in view.community.participants}:
        raise NotFoundError(f"Community {view.record.id} has no participant {participant!r}.")


def _documents_due(records: Records, view: CommunityView, participant: str) -> dict[int, int]:
    """From when on the documents of each period may be destroyed."""
    community = view.record.id
    due: dict[int, int] = {}
    for period, _ in periods_of(records, community, participant):
        issued = [
            bill.issued_utc
            for bill in records.bills(community, period.period)
            if bill.participant == participant
        ]
        issued += [
            invoice.issued_utc
            for invoice in records.invoices(community, period.period)
            if participant in {invoice.seller, invoice.buyer}
        ]
        if issued:
            due[period.period] = first_day_utc(view, max(issued))
    return due


def first_day_utc(view: CommunityView, issued_utc: int) -> int:
    """From when on a document may be destroyed. [s since 1970, UTC]"""
    day = datetime.fromtimestamp(issued_utc, UTC).date()
    return _midnight(retention_of(view.community.country).first_day_after(day), view)


def _settled(records: Records, view: CommunityView, participant: str) -> tuple[int | None, str]:
    """When the last settlement that needs a participant's data was over, or what it waits for."""
    points = view.community.points_of(participant)
    lasts = [point.valid_to for point in points]
    ends = [last for last in lasts if last is not None]
    if len(ends) < len(lasts):
        return None, "membership"
    over = _midnight(max(ends) + timedelta(days=1), view) if ends else 0
    periods = periods_of(records, view.record.id, participant)
    if ends and not any(period.span.until > max(ends) for period, _ in periods):
        return None, "settlement"
    for period, _ in periods:
        runs = records.runs(view.record.id, period.period)
        final = [run for run in runs if run.state is RunState.FINAL and run.bill_state is RunState.FINAL]
        if not final or any(run.state not in _ENDS for run in runs):
            return None, "settlement"
        for run in final:
            bill = records.bill(view.record.id, period.period, run.version, participant)
            if bill is not None and bill.content["due"]:
                over = max(over, _midnight(date.fromisoformat(bill.content["due"]) + timedelta(days=1), view))
    return over, ""


def _midnight(day: date, view: CommunityView) -> int:
    """When a civil day begins in the community. [s since 1970, UTC]"""
    return int(datetime.combine(day, time(), ZoneInfo(view.community.time_zone)).timestamp())
