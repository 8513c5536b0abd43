"""How members decide: rehearse rules, propose, vote, and carry out what was won."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.governance_schemas import (
    Advanced,
    DraftAnswer,
    DraftAsked,
    GovernanceCard,
    ProposalCard,
    ProposalId,
    ProposalView,
    RehearsalAnswer,
    RehearsalAsked,
    RehearsalId,
    RehearsalView,
    RuleForm,
    SignedProposal,
    SignedVote,
    SignedWithdrawal,
    VoteAnswer,
)
from backend.api.idempotency import IdempotencyKey
from backend.api.schemas import CommunityId, Page, instant
from backend.errors import ConflictError, InputError
from backend.governance import SUPPORTS
from backend.services.accounts import active_accounts
from backend.services.governance import governance_status
from backend.services.governance_views import draft_view, list_proposals, proposal_view
from backend.services.proposal_kinds import todays_form
from backend.services.proposals import (
    advance_proposal,
    draft_proposal,
    submit_proposal,
    sync_proposals,
    withdraw_proposal,
)
from backend.services.votes import cast_vote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.api.dependencies import Services
    from backend.ports import UserRecord

__all__ = ["router"]

router = guarded_router("/governance/communities/{community}", "governance")

_INSTANTS = ("proposed", "opens", "closes", "eta")
_FIELDS_OF_KIND = {
    "rule": ("rules",),
    "weights": ("weights",),
    "revocation": ("participant",),
    "guardians": ("guardians",),
    "steward": ("steward",),
    "appeal": ("case", "party"),
}


def _accounts(services: Services, user: UserRecord) -> list[str]:
    with services.store.reading() as records:
        return [account.address for account in active_accounts(records, user.id)]


@router.get("", response_model=GovernanceCard)
def governance(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Who votes, how, under which addresses; who may pause; and the seat of who asks."""
    told = governance_status(services.context, community)
    accounts = _accounts(services, opened.user)
    known = {account.lower() for account in accounts}
    mine = next((one for one in told["seats"] if (one["holder"] or "").lower() in known), None)
    return told | {
        "paused_until": instant(told["paused_until"]),
        "time": instant(told["time"]),
        "me": {
            "accounts": accounts,
            "account": mine["holder"] if mine else None,
            "seat": mine["seat"] if mine else None,
            "weight": mine["weight"] if mine else 0,
        },
    }


@router.get("/rule-form", response_model=RuleForm)
def rule_form(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """Today's rule in the tables that rehearsals and drafts take."""
    return todays_form(services.context, community)


# rehearsals


@router.post("/rehearsals", response_model=RehearsalAnswer, status_code=202)
def ask_rehearsal(
    request: Request, community: CommunityId, body: RehearsalAsked, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Rehearse rules on past months; look at it until it is over."""
    services.rate.admit(address_of(request))
    return {"id": services.rehearsals.ask(community, opened.user.id, body.rules, body.months).id}


@router.get("/rehearsals/{rehearsal}", response_model=RehearsalView)
def look_at_rehearsal(
    community: CommunityId, rehearsal: RehearsalId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """How far a rehearsal has come, and what it found: for all members, and for who asks."""
    record, progress = services.rehearsals.look(community, rehearsal)
    lines = record.result.get("lines", {})
    return {
        "id": record.id,
        "state": record.state,
        "progress": progress,
        "rules": record.rules,
        "months": record.months,
        "result_hash": record.result_hash or None,
        "problem": record.problem or None,
        "public": record.result.get("public"),
        "mine": lines.get(opened.user.participant) if opened.user.community == community else None,
    }


@router.delete("/rehearsals/{rehearsal}", status_code=204)
def cancel_rehearsal(
    community: CommunityId, rehearsal: RehearsalId, opened: AsksAs, services: ServicesOf
) -> Response:
    """Stop a rehearsal of one's own."""
    services.rehearsals.cancel(community, rehearsal, opened.user.id)
    return Response(status_code=204)


# proposals


@router.post("/drafts", response_model=DraftAnswer)
def draft(
    request: Request,
    community: CommunityId,
    body: DraftAsked,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Write down what one would propose; sign the document that comes back, and hand it in."""
    services.rate.admit(address_of(request))

    def work() -> Mapping[str, Any]:
        desk = services.governance
        record = draft_proposal(
            desk,
            community,
            member=body.account or _seated_account(services, community, opened.user),
            kind=body.kind,
            asked=_asked(body),
            text=body.text,
            rehearsal=body.rehearsal or "",
            user=opened.user.id,
        )
        return draft_view(desk, record)

    return services.once.perform(
        key, opened.user.id, f"POST {request.url.path} {body.model_dump_json()}", work
    )


def _asked(body: DraftAsked) -> dict[str, Any]:
    """The fields of the kind, all of them and no other.

    Raises:
        InputError: If one is missing, or there is one of another kind.
    """
    given = {name: getattr(body, name) for fields in _FIELDS_OF_KIND.values() for name in fields}
    due = _FIELDS_OF_KIND[body.kind]
    for name, value in given.items():
        if (value is not None) != (name in due):
            what = "is missing" if value is None else "belongs to another kind"
            raise InputError(f"{name} {what}; a proposal of kind {body.kind!r} has {', '.join(due)}.")
    if body.rehearsal and body.kind != "rule":
        raise InputError("Only rules are rehearsed; leave the rehearsal out.")
    return {name: given[name] for name in due}


def _seated_account(services: Services, community: str, user: UserRecord) -> str:
    """The caller's account that holds a seat.

    Raises:
        ConflictError: If none does.
    """
    chain, anchor = services.context.chain, services.settled.community(community).record.anchor
    for account in _accounts(services, user):
        if chain.read("registry", "seatOfHolder", anchor, account)[0]:
            return account
    raise ConflictError("None of your accounts holds a seat here yet; link one, and wait until it is seated.")


@router.post("/proposals", response_model=ProposalCard, status_code=201)
def propose(
    request: Request,
    community: CommunityId,
    body: SignedProposal,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Hand in a signed draft; handing it in again tells the same proposal."""
    services.rate.admit(address_of(request))

    def work() -> Mapping[str, Any]:
        with services.relaying("proposal"):
            desk = services.governance
            made = submit_proposal(desk, community, body.draft, body.account, body.signature)
            return _shape(proposal_view(desk, community, made.id, [body.account]))

    return services.once.perform(
        key, opened.user.id, f"POST {request.url.path} {body.model_dump_json()}", work
    )


@router.get("/proposals", response_model=Page[ProposalCard])
def proposals(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """All proposals, the newest first."""
    told = list_proposals(services.governance, community, _accounts(services, opened.user))
    return {"items": [_shape(one) for one in told], "next_cursor": None}


@router.get("/proposals/{proposal}", response_model=ProposalView)
def one_proposal(
    community: CommunityId, proposal: ProposalId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """A proposal, with the documents that a vote and a withdrawal are signed by."""
    return _shape(proposal_view(services.governance, community, proposal, _accounts(services, opened.user)))


def _shape(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, **{name: instant(told[name]) for name in _INSTANTS}}


@router.post("/proposals/{proposal}/votes", response_model=VoteAnswer)
def vote(
    request: Request,
    community: CommunityId,
    proposal: ProposalId,
    body: SignedVote,
    services: ServicesOf,
) -> dict[str, Any]:
    """Vote. The signature is checked at once and handed to the governor with others; the same again changes nothing."""
    services.rate.admit(address_of(request))
    support = SUPPORTS.index(body.support)
    kept = cast_vote(services.governance, community, proposal, body.account, support, body.signature)
    return {"support": SUPPORTS[kept.support], "sent": bool(kept.batch)}


@router.post("/proposals/{proposal}/advance", response_model=Advanced)
def advance(
    request: Request, community: CommunityId, proposal: ProposalId, services: ServicesOf
) -> dict[str, Any]:
    """Take the step that is due: queue what was won, or execute what has waited."""
    services.rate.admit(address_of(request))
    with services.relaying("governance"):
        sync_proposals(services.governance, community)
        return {"state": advance_proposal(services.governance, community, proposal).value}


@router.post("/proposals/{proposal}/withdrawal", response_model=Advanced)
def withdraw(
    request: Request,
    community: CommunityId,
    proposal: ProposalId,
    body: SignedWithdrawal,
    services: ServicesOf,
) -> dict[str, Any]:
    """Take one's proposal back before its vote begins."""
    services.rate.admit(address_of(request))
    with services.relaying("governance"):
        state = withdraw_proposal(services.governance, community, proposal, body.signature)
    return {"state": state.value}
