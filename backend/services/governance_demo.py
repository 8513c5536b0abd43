"""What a demonstration's page of governance shows: seats, a community that rules itself, a proposal under vote.

Some homes hold their seats with keys of this vault and have proposed, rehearsed and voted. The others' seats are free,
so that whoever logs in as one makes a key in the browser, is seated, and proposes and votes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ports.governance_records import RehearsalRecord
from backend.services.governance import find_governance, open_governance
from backend.services.governance_rehearsals import kept_result
from backend.services.proposals import draft_document, draft_proposal, submit_proposal, sync_proposals
from backend.services.seats import seat_account
from backend.services.votes import cast_vote, relay_votes, voting_document

if TYPE_CHECKING:
    from backend.ports.signatures import DocumentSigner
    from backend.services.proposals import GovernanceDesk

__all__ = ["show_governance"]

_PROPOSER = "home-02"
_AGAINST, _FOR = 0, 1
_VOTES = {"home-02": _FOR, "home-03": _FOR, "home-04": _AGAINST, "home-05": _FOR}
_SEATED = (*_VOTES, "home-06", "home-07")
_RULES = {"sharing_key": {"method": "equal"}}
_TEXT = (
    "Let us share in equal parts: everyone can work out their own part, and who uses little is not left behind. The "
    "rehearsal below says what it would have changed."
)
_MONTHS = 1
_ID_BYTES = 12


def show_governance(desk: GovernanceDesk, signer: DocumentSigner, community: str) -> bool:
    """Seat some homes, open the governance, propose and vote; returns whether anything was done.

    Args:
        desk: Ports.
        signer: Has the homes' keys, or makes them.
        community: Of a demonstration, settled at least once.
    """
    context = desk.context
    view = context.community(community)
    if find_governance(context, view) is not None:
        sync_proposals(desk, community)
        with context.store.reading() as records:
            if records.proposals(community):
                return False
    members = {participant.id for participant in view.community.participants}
    for member in _SEATED:
        if member in members:
            seat_account(context, community, member, signer.account_of(_key(member)))
    governance = open_governance(context, community)
    account = signer.account_of(_key(_PROPOSER))
    draft = draft_proposal(
        desk,
        community,
        member=account,
        kind="rule",
        asked={"rules": _RULES},
        text=_TEXT,
        rehearsal=_rehearse(desk, community),
    )
    signature = signer.sign(_key(_PROPOSER), draft_document(desk, draft))
    proposal = submit_proposal(desk, community, draft.id, account, signature)
    for member, support in _VOTES.items():
        if member in members:
            signed = signer.sign(_key(member), voting_document(governance, proposal.id, support))
            cast_vote(desk, community, proposal.id, signer.account_of(_key(member)), support, signed)
    relay_votes(desk, community)
    return True


def _key(member: str) -> str:
    return f"member-{member}"


def _rehearse(desk: GovernanceDesk, community: str) -> str:
    """Rehearse the rules and keep what came out; returns the rehearsal's id."""
    from backend.services.rehearse import rehearse  # what replays takes a second to load

    context = desk.context
    found = rehearse(context, community, _RULES, _MONTHS)
    record = RehearsalRecord(
        id=context.random_bytes(_ID_BYTES).hex(),
        community=community,
        user="",
        rules=_RULES,
        months=_MONTHS,
        state="done",
        result=kept_result(found),
        result_hash=found.result_hash,
        problem="",
        created_utc=context.clock.now_utc(),
    )
    with context.store.transaction() as records:
        records.put_rehearsal(record)
    return record.id
