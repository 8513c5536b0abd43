"""Votes: signed by members, kept here at once, handed to the governor in batches.

A member pays nothing: what is signed is a vote for one proposal of one community on one chain, good for nothing else,
and whoever sends it changes nothing of it. A seat votes once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.errors import ConflictError, ContractRefusal, InputError
from backend.governance import vote_document
from backend.ports import ContractCall, OutboxState
from backend.ports.governance_records import VoteRecord
from backend.services.lanes import announce_apart, lane_of
from backend.services.proposal_states import State, read_state
from backend.services.proposals import require_proposal, sync_proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.governance import TypedDocument
    from backend.ports.governance_records import ProposalRecord
    from backend.services.governance import Governance
    from backend.services.proposals import GovernanceDesk

__all__ = ["VOTES_PER_BATCH", "cast_vote", "drain_lanes", "has_waiting", "relay_votes", "voting_document"]

VOTES_PER_BATCH = 50
_RELAYER = "settler"
_SUPPORTS = 3
_UNSENT = (OutboxState.PENDING, OutboxState.SIGNED, OutboxState.MINED)


def voting_document(governance: Governance, proposal: str, support: int) -> TypedDocument:
    """What a member signs to vote."""
    return vote_document(governance.domain, governance.anchor, int(proposal), support)


def cast_vote(
    desk: GovernanceDesk, community: str, proposal_id: str, account: str, support: int, signature: str
) -> VoteRecord:
    """Take a signed vote; the same again changes nothing.

    Args:
        desk: Ports.
        community: Its id.
        proposal_id: Of the proposal.
        account: Who votes.
        support: 0 against, 1 for, 2 abstain.
        signature: Of ``voting_document``.

    Raises:
        NotFoundError: If there is no such proposal.
        InputError: If the signature is not the account's for just this vote.
        ConflictError: If there is no vote now, the account had no seat when it began, or its seat has voted.
    """
    context = desk.context
    if support not in range(_SUPPORTS):
        raise InputError(f"A vote is 0 (against), 1 (for) or 2 (abstain), not {support}.")
    governance = desk.governance(community)
    proposal = require_proposal(desk, community, proposal_id)
    signer = desk.signatures.signer_of(voting_document(governance, proposal.id, support), signature)
    if signer.lower() != account.lower():
        raise InputError(f"The signature is not that of {account} for this vote; sign it again.")
    told = read_state(context, governance, int(proposal.id))
    if told.state is not State.ACTIVE:
        raise ConflictError(f"There is no vote now: the proposal is {told.state.value}.")
    head = int(context.chain.read("registry", "clock"))
    then = min(told.snapshot_utc, head)
    seat, weight = context.chain.read("registry", "votesAt", governance.anchor, account, then)
    if not weight:
        raise ConflictError(
            f"{account} had no seat of {community} when this vote began; it cannot vote on it."
        )
    record = VoteRecord(
        community,
        proposal.id,
        int(seat),
        signer,
        support,
        desk.signatures.compact(signature),
        context.clock.now_utc(),
    )
    return _keep(desk, governance, record)


def _keep(desk: GovernanceDesk, governance: Governance, record: VoteRecord) -> VoteRecord:
    with desk.context.store.reading() as records:
        kept = next(
            (v for v in records.votes(record.community, record.proposal) if v.seat == record.seat), None
        )
    if kept is not None:
        if (kept.support, kept.account) != (record.support, record.account):
            raise ConflictError(f"Seat {record.seat} has voted on this proposal; a vote is not taken back.")
        return kept
    if desk.context.chain.read(governance.contract, "hasVoted", int(record.proposal), record.account):
        raise ConflictError(f"Seat {record.seat} has voted on this proposal by itself; a seat votes once.")
    with desk.context.store.transaction() as records:
        records.add_vote(record)
    return record


def relay_votes(desk: GovernanceDesk, community: str, patience_seconds: int = 0) -> int:
    """Hand what members signed to the governor, in batches; safe to repeat after a crash at any point.

    Args:
        desk: Ports.
        community: Its id.
        patience_seconds: How long a vote may wait for others to share a transaction with; none waits that long
            where a batch is full, or where the vote ends within twice that time. [s]

    Returns:
        How many votes were handed over now.

    Raises:
        ChainError: If the chain does not answer; what a contract refuses is noted and holds up nothing else.
    """
    governance = desk.governance(community)
    drain_lanes(desk, community)
    sync_proposals(desk, community)
    with desk.context.store.reading() as records:
        proposals = records.proposals(community)
    return sum(_relay_proposal(desk, governance, proposal, patience_seconds) for proposal in proposals)


def _relay_proposal(
    desk: GovernanceDesk, governance: Governance, proposal: ProposalRecord, patience_seconds: int
) -> int:
    with desk.context.store.reading() as records:
        votes = records.votes(proposal.community, proposal.id)
    waiting = [vote for vote in votes if not vote.batch]
    if not waiting:
        return 0
    told = read_state(desk.context, governance, int(proposal.id))
    left = told.deadline_utc - desk.context.chain_time_utc()
    age = desk.context.clock.now_utc() - min(vote.signed_utc for vote in waiting)
    may_wait = len(waiting) < VOTES_PER_BATCH and age < patience_seconds and left > 2 * patience_seconds
    if told.state is not State.ACTIVE or may_wait:
        return 0
    number, sent = len({vote.batch for vote in votes if vote.batch}), 0
    for start in range(0, len(waiting), VOTES_PER_BATCH):
        batch = waiting[start : start + VOTES_PER_BATCH]
        number += 1
        try:
            _send(desk, governance, proposal, batch, number)
        except (ConflictError, ContractRefusal):
            break  # another relayer was faster, or the vote ended this moment
        sent += len(batch)
    return sent


def _send(
    desk: GovernanceDesk,
    governance: Governance,
    proposal: ProposalRecord,
    batch: Sequence[VoteRecord],
    number: int,
) -> None:
    purpose = f"{proposal.community}/votes/{proposal.id}/{number}"
    packed = "0x" + "".join(f"{vote.support:02x}{vote.signature.removeprefix('0x')}" for vote in batch)
    call = ContractCall(_RELAYER, governance.contract, "castVotesBySig", (int(proposal.id), packed))
    seats = [vote.seat for vote in batch]
    announce_apart(
        desk.context,
        proposal.community,
        purpose,
        call,
        keep=lambda records: records.send_votes(proposal.community, proposal.id, seats, purpose),
    )


def has_waiting(desk: GovernanceDesk, community: str) -> bool:
    """Are there votes that were not handed to the governor? Asks the store alone."""
    with desk.context.store.reading() as records:
        return any(
            not vote.batch
            for proposal in records.proposals(community)
            for vote in records.votes(community, proposal.id)
        )


def drain_lanes(desk: GovernanceDesk, community: str) -> None:
    """Follow what governance has sent to its end; what a contract refuses stays noted and holds up nothing."""
    with desk.context.store.reading() as records:
        entries = records.outbox(None, _UNSENT)
    for entry in entries:
        if entry.community.startswith(lane_of(community, "")):
            try:
                desk.context.outbox.drain(entry.community)
            except ContractRefusal:
                continue
