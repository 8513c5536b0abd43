"""Proposals as members see them: what would change, why, how the vote stands, what can be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.governance import SUPPORTS, paper_hash
from backend.ports import OutboxState
from backend.services.proposal_kinds import describe_content
from backend.services.proposal_states import State, read_state
from backend.services.proposals import (
    draft_document,
    require_proposal,
    sync_proposals,
    withdrawal_document,
)
from backend.services.seats import seat_number
from backend.services.votes import voting_document

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from backend.ports import Records
    from backend.ports.governance_records import DraftRecord, ProposalRecord, VoteRecord
    from backend.services.context import CommunityView
    from backend.services.governance import Governance
    from backend.services.proposal_states import ProposalState
    from backend.services.proposals import GovernanceDesk

__all__ = ["draft_view", "list_proposals", "proposal_view"]

_UNDER_WAY = (OutboxState.PENDING, OutboxState.SIGNED)


def draft_view(desk: GovernanceDesk, draft: DraftRecord) -> dict[str, Any]:
    """A draft, what it would change, and what its member signs."""
    view = desk.context.community(draft.community)
    return {
        "draft": draft.id,
        "kind": draft.kind,
        "member": draft.member,
        "differences": describe_content(desk.context, view, draft.kind, draft.content),
        "effective_from": _effective_from(draft.kind, draft.content),
        "text": draft.text,
        "salt": draft.salt,
        "text_hash": draft.text_hash,
        "rehearsal": draft.rehearsal or None,
        "rehearsal_hash": draft.rehearsal_hash,
        "typed_data": draft_document(desk, draft),
    }


def _effective_from(kind: str, content: Mapping[str, Any]) -> int | None:
    return int(content["rule"]["effectiveFrom"]) if kind == "rule" and content else None


def list_proposals(
    desk: GovernanceDesk, community: str, accounts: Collection[str] = ()
) -> list[dict[str, Any]]:
    """All proposals, the newest first.

    Args:
        desk: Ports.
        community: Its id.
        accounts: Of who asks.
    """
    sync_proposals(desk, community)
    with desk.context.store.reading() as records:
        kept = records.proposals(community)
    governance, view = desk.governance(community), desk.context.community(community)
    papers = _papers(desk, governance)
    return [_tell(desk, governance, view, proposal, accounts, papers) for proposal in reversed(kept)]


def _papers(desk: GovernanceDesk, governance: Governance) -> dict[str, str]:
    """Hash of the words of each proposal, as the chain has it."""
    events = desk.context.chain.events(governance.contract, "ProposalPaper")
    return {str(event.values["proposalId"]): str(event.values["text"]) for event in events}


def proposal_view(
    desk: GovernanceDesk, community: str, proposal_id: str, accounts: Collection[str] = ()
) -> dict[str, Any]:
    """One proposal, with the documents that a vote and a withdrawal are signed by.

    Raises:
        NotFoundError: If there is none.
    """
    governance, view = desk.governance(community), desk.context.community(community)
    proposal = require_proposal(desk, community, proposal_id)
    told = _tell(desk, governance, view, proposal, accounts, _papers(desk, governance))
    return told | {
        "vote_documents": {
            name: voting_document(governance, proposal.id, support) for support, name in enumerate(SUPPORTS)
        },
        "withdrawal_document": withdrawal_document(desk, proposal),
    }


def _tell(
    desk: GovernanceDesk,
    governance: Governance,
    view: CommunityView,
    proposal: ProposalRecord,
    accounts: Collection[str],
    papers: Mapping[str, str],
) -> dict[str, Any]:
    # Kept votes first: one that is mined meanwhile is told twice, as waiting and in the tally, but never not at all.
    with desk.context.store.reading() as records:
        votes = records.votes(proposal.community, proposal.id)
        waiting = sum(_is_waiting(records, vote) for vote in votes)
    told = read_state(desk.context, governance, int(proposal.id))
    mine = {account.lower() for account in accounts}
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "member": proposal.member,
        "seat": proposal.seat,
        "participant": _participant(view, proposal.seat),
        "is_mine": proposal.member.lower() in mine,
        "differences": describe_content(desk.context, view, proposal.kind, proposal.content),
        "effective_from": _effective_from(proposal.kind, proposal.content),
        "text": proposal.text,
        "salt": proposal.salt or None,
        "text_hash": papers.get(proposal.id),
        "text_holds": _text_holds(proposal, papers.get(proposal.id)),
        "rehearsal": proposal.rehearsal or None,
        "rehearsal_hash": proposal.rehearsal_hash,
        "proposed": proposal.proposed_utc,
        **_standing(desk, told, waiting),
        "my_vote": _my_vote(desk, governance, proposal, votes, mine),
    }


def _participant(view: CommunityView, seat: int) -> str | None:
    named = (participant.id for participant in view.community.participants)
    return next(
        (name for name in named if view.community.points_of(name) and seat_number(view, name) == seat), None
    )


def _text_holds(proposal: ProposalRecord, on_chain: str | None) -> bool | None:
    """Are the words those whose hash the chain has? None where no words are kept here."""
    return paper_hash(proposal.salt, proposal.text) == on_chain if proposal.salt else None


def _is_waiting(records: Records, vote: VoteRecord) -> bool:
    """Is it on no block yet: not handed in, or in a transaction that is under way?"""
    entry = records.outbox_entry(vote.batch) if vote.batch else None
    return not vote.batch or (entry is not None and entry.state in _UNDER_WAY)


def _standing(desk: GovernanceDesk, told: ProposalState, waiting: int) -> dict[str, Any]:
    due = {
        State.SUCCEEDED: "queue",
        State.QUEUED: "execute" if told.eta_utc <= desk.context.chain_time_utc() else None,
    }
    return {
        "state": told.state.value,
        "tally": {"against": told.against, "for": told.in_favour, "abstain": told.abstain},
        "waiting": waiting,
        "quorum": told.quorum,
        "total": told.total,
        "opens": told.snapshot_utc,
        "closes": told.deadline_utc,
        "eta": told.eta_utc or None,
        "due": due.get(told.state),
    }


def _my_vote(
    desk: GovernanceDesk,
    governance: Governance,
    proposal: ProposalRecord,
    votes: Collection[VoteRecord],
    mine: Collection[str],
) -> dict[str, Any] | None:
    """How who asks has voted: by signature here, or by themselves on chain, where it is not looked up how."""
    for vote in votes:
        if vote.account.lower() in mine:
            return {"support": SUPPORTS[vote.support], "sent": bool(vote.batch)}
    if any(desk.context.chain.read(governance.contract, "hasVoted", int(proposal.id), one) for one in mine):
        return {"support": None, "sent": True}
    return None
