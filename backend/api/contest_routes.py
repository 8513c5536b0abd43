"""Contests of members: look, ask the arbiter in confidence, agree to what would be shown, send; and what succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request

from backend.api.access import guarded_router
from backend.api.contest_schemas import (
    Advice,
    ContestAgreed,
    LookAsked,
    LookCard,
    LookId,
    QuestionAsked,
    QuestionCard,
    ToldContest,
)
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.schemas import CommunityId, Page, instant
from backend.services.contest_looks import (
    answer_question,
    ask_arbiter,
    look_for_contest,
    look_of,
    send_look,
    standing_run,
    told_contests,
)

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.ports.contest_records import LookRecord

__all__ = ["router"]

router = guarded_router("", "contests")


def _card(services: Services, record: LookRecord) -> dict[str, Any]:
    with services.store.reading() as records:
        period = records.period(record.community, record.period)
    assert period is not None, "a look is at a run of a period"
    return {
        "id": record.id,
        "label": period.label,
        "version": record.version,
        "metering_point": record.metering_point,
        "participant": record.participant,
        "start": instant(record.start_utc),
        "looked_at": instant(record.looked_utc),
        "contest": record.contest or None,
        "shows_others": record.shows_others,
        "words": record.words,
        "words_hash": record.words_hash,
        "question": record.question or None,
        "asked_at": instant(record.asked_utc or None),
        "advice": record.advice or None,
        "answer": record.answer or None,
        "answered_at": instant(record.answered_utc or None),
        "consented_at": instant(record.consented_utc or None),
        "sent_at": instant(record.sent_utc or None),
    }


@router.get("/me/contests", response_model=Page[LookCard])
def my_looks(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """One's looks, with what became of them, the latest first."""
    with services.store.reading() as records:
        looks = records.looks(opened.user.community, opened.user.participant)
    return {"items": [_card(services, look) for look in reversed(looks)], "next_cursor": None}


@router.post("/me/contests/look", response_model=LookCard, status_code=201)
def look(request: Request, body: LookAsked, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Look whether an interval can be contested, and what that would show to everyone for ever. Nothing is sent."""
    services.rate.admit(address_of(request))
    period = standing_run(services.settled, opened.user.community, body.label)
    start = int(body.start.timestamp())
    with services.heavy():
        record = look_for_contest(services.context, opened.user, period, body.metering_point, start)
    return _card(services, record)


@router.post("/me/contests/{look}/ask", response_model=LookCard)
def ask(
    request: Request, look: LookId, body: QuestionAsked, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Ask the arbiter about a look, in confidence."""
    services.rate.admit(address_of(request))
    record = look_of(services.context, opened.user, look)
    return _card(services, ask_arbiter(services.context, record, body.text))


@router.post("/me/contests", response_model=LookCard, status_code=201)
def contest(request: Request, body: ContestAgreed, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Agree to what was shown and send it; who agreed, when, and to which words is kept."""
    services.rate.admit(address_of(request))
    record = look_of(services.context, opened.user, body.look)
    with services.heavy(), services.relaying("contest") as context:
        return _card(services, send_look(context, opened.user, record, body.words_hash))


@router.get("/communities/{community}/contests", response_model=Page[ToldContest])
def contests(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """Contests that succeeded, as the chain tells them, the latest first."""
    services.settled.community(community)
    return {"items": told_contests(services.context, community), "next_cursor": None}


@router.get("/communities/{community}/contests/questions", response_model=Page[QuestionCard])
def questions(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What members asked the arbiter, the latest first."""
    services.settled.community(community)
    with services.store.reading() as records:
        asked = [look for look in records.looks(community) if look.asked_utc]
    services.note_access(opened, community, sorted({look.participant for look in asked}), "contest questions")
    return {"items": [_card(services, look) for look in reversed(asked)], "next_cursor": None}


@router.post("/communities/{community}/contests/questions/{look}/answer", response_model=QuestionCard)
def answer(
    request: Request, community: CommunityId, look: LookId, body: Advice, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Answer a member, as the arbiter."""
    services.rate.admit(address_of(request))
    services.settled.community(community)
    return _card(services, answer_question(services.context, opened.user, look, body.advice, body.text))
