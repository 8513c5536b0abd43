"""Proposals: drafted here, signed by a member, handed to the community's governor.

What is executed is what was shown: the governor builds the one call from typed arguments, and the member signs those.
The words of a proposal stay here; the chain holds their salted hash, so that whoever alters them is found out. Anyone
may hand in what a member signed, and anyone may queue and execute what was won: this home does it with its own key.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.errors import ConflictError, InputError, NotFoundError
from backend.governance import (
    NO_HASH,
    OFF_CHAIN,
    paper_hash,
    propose_document,
    propose_rule_document,
    withdraw_document,
)
from backend.ports import ContractCall
from backend.ports.governance_records import DraftRecord, ProposalRecord
from backend.services.ethereum_login import checksummed
from backend.services.governance import require_governance
from backend.services.governance_rules import sync_rules
from backend.services.lanes import announce_apart
from backend.services.proposal_kinds import KINDS, content_of, kind_of_number
from backend.services.proposal_states import State, read_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.governance import TypedDocument
    from backend.ports.signatures import CallEncoder, SignatureReader
    from backend.services.context import SettlementContext
    from backend.services.governance import Governance

__all__ = [
    "GovernanceDesk",
    "advance_proposal",
    "draft_document",
    "draft_proposal",
    "require_draft",
    "require_proposal",
    "submit_proposal",
    "sync_proposals",
    "withdraw_proposal",
    "withdrawal_document",
]

logger = logging.getLogger(__name__)

_SALT_BYTES = 16
_ID_BYTES = 12
_NONCE_BYTES = 16
_TEXT_LENGTH_MAX = 4000
_RELAYER = "settler"
_NOT_REHEARSED = ("effectiveFrom", *OFF_CHAIN)


@dataclass(frozen=True)
class GovernanceDesk:
    """What the services of governance need of the world.

    Attributes:
        context: Store, chain, time.
        signatures: Says who signed.
        encoder: Makes a call's data.
    """

    context: SettlementContext
    signatures: SignatureReader
    encoder: CallEncoder

    def governance(self, community: str) -> Governance:
        """A community's governance.

        Raises:
            NotFoundError: If there is no such community, or its governance is not open.
        """
        return require_governance(self.context, self.context.community(community))

    def is_announced(self, purpose: str) -> bool:
        """Was a call announced for this purpose, however far it has come?"""
        with self.context.store.reading() as records:
            return records.outbox_entry(purpose) is not None

    def announce(self, governance: Governance, purpose: str, function: str, arguments: Sequence[Any]) -> None:
        """Send a call to a governor, once for its purpose.

        Raises:
            ContractRefusal: In words; nothing is kept.
        """
        call = ContractCall(_RELAYER, governance.contract, function, tuple(arguments))
        announce_apart(self.context, governance.community, purpose, call)


def draft_proposal(
    desk: GovernanceDesk,
    community: str,
    *,
    member: str,
    kind: str,
    asked: Mapping[str, Any],
    text: str,
    rehearsal: str = "",
    user: str = "",
) -> DraftRecord:
    """Write down what a member would propose, for them to look at and sign.

    Args:
        desk: Ports.
        community: Its id.
        member: Account that will sign.
        kind: One of ``KINDS``.
        asked: What is proposed, by the names of its kind.
        text: Why.
        rehearsal: Id of a rehearsal of these rules, or empty.
        user: Who writes it, or empty.

    Raises:
        InputError: If it is malformed, or would change nothing.
        CommunityDefinitionError: If rules do not fit, or the law forbids them.
        ConflictError: If the account has no seat, or an open proposal.
        NotFoundError: If the governance is not open, or there is no such rehearsal.
    """
    context = desk.context
    view = context.community(community)
    governance = require_governance(context, view)
    words = _checked_text(text)
    seated, seat = context.chain.read("registry", "seatOfHolder", governance.anchor, member)
    if not seated:
        raise ConflictError(f"{member} holds no seat of {community}; only who has one can propose.")
    _require_none_open(desk, governance, member)
    content = content_of(context, view, kind, asked)
    salt = "0x" + context.random_bytes(_SALT_BYTES).hex()
    record = DraftRecord(
        id=context.random_bytes(_ID_BYTES).hex(),
        community=community,
        user=user,
        kind=kind,
        member=checksummed(member),
        content={**content, "seat": seat},
        text=words,
        salt=salt,
        text_hash=paper_hash(salt, words),
        rehearsal=rehearsal,
        rehearsal_hash=_rehearsal_hash(context, community, rehearsal, content),
        nonce=str(int.from_bytes(context.random_bytes(_NONCE_BYTES))),
        created_utc=context.clock.now_utc(),
    )
    with context.store.transaction() as records:
        records.put_draft(record)
    return record


def _checked_text(text: str) -> str:
    words = text.strip()
    if not words:
        raise InputError("A proposal needs a sentence that says why.")
    if len(words) > _TEXT_LENGTH_MAX:
        raise InputError(f"The text has {len(words)} characters; {_TEXT_LENGTH_MAX} are possible.")
    return words


def _require_none_open(desk: GovernanceDesk, governance: Governance, member: str) -> None:
    open_now = int(desk.context.chain.read(governance.contract, "openProposalOf", member))
    if open_now and read_state(desk.context, governance, open_now).state in {State.PENDING, State.ACTIVE}:
        raise ConflictError(
            f"{member} has an open proposal already; a member has one at a time. Wait for its end, or withdraw it "
            "while its vote has not begun."
        )


def _rehearsal_hash(
    context: SettlementContext, community: str, rehearsal: str, content: Mapping[str, Any]
) -> str:
    """What the chain will hold of a rehearsal.

    Raises:
        NotFoundError: If there is none that is finished.
        ConflictError: If it was of other rules.
    """
    if not rehearsal:
        return NO_HASH
    with context.store.reading() as records:
        kept = records.rehearsal(rehearsal)
    if kept is None or kept.community != community or not kept.result_hash:
        raise NotFoundError(f"There is no finished rehearsal {rehearsal!r} here.")
    rehearsed = kept.result["public"]["rules"]["after"]
    proposed = content.get("rule", {})
    if rehearsed != {name: value for name, value in proposed.items() if name not in _NOT_REHEARSED}:
        raise ConflictError(
            "The rehearsal is of other rules than these; rehearse the rules that you propose."
        )
    return kept.result_hash


def require_draft(desk: GovernanceDesk, community: str, draft_id: str) -> DraftRecord:
    """A draft of a community.

    Raises:
        NotFoundError: If there is none.
    """
    with desk.context.store.reading() as records:
        draft = records.draft(draft_id)
    if draft is None or draft.community != community:
        raise NotFoundError(f"There is no draft {draft_id!r} here.")
    return draft


def draft_document(desk: GovernanceDesk, draft: DraftRecord) -> TypedDocument:
    """What the member signs to propose a draft."""
    governance = desk.governance(draft.community)
    paper = _paper(draft)
    arguments = draft.content["arguments"]
    if draft.kind == "rule":
        return propose_rule_document(governance.domain, governance.anchor, draft.member, arguments[0], paper)
    kind = KINDS[draft.kind]
    inner = arguments if draft.kind == "appeal" else [governance.anchor, *arguments]
    action = desk.encoder.call_data(kind.contract, kind.target, inner)
    return propose_document(governance.domain, governance.anchor, draft.member, action, paper)


def _paper(draft: DraftRecord) -> dict[str, Any]:
    return {"text": draft.text_hash, "rehearsal": draft.rehearsal_hash, "nonce": int(draft.nonce)}


def submit_proposal(
    desk: GovernanceDesk, community: str, draft_id: str, account: str, signature: str
) -> ProposalRecord:
    """Hand a signed draft to the governor; doing it again tells the same proposal.

    Raises:
        NotFoundError: If there is no such draft.
        InputError: If the signature is not the draft's member's for just this draft.
        ContractRefusal: If the governor refuses.
    """
    draft = require_draft(desk, community, draft_id)
    governance = desk.governance(community)
    signer = desk.signatures.signer_of(draft_document(desk, draft), signature)
    if not draft.member.lower() == account.lower() == signer.lower():
        raise InputError(f"The signature is not that of {draft.member} for this draft; sign it again.")
    if _proposed(desk, community, draft) is None:
        purpose = f"{community}/proposal/{draft.id}"
        if not desk.is_announced(purpose):  # else the open proposal may be this one, before a crash
            _require_none_open(desk, governance, draft.member)
        arguments = [*draft.content["arguments"], _paper(draft), draft.member, signature]
        desk.announce(governance, purpose, KINDS[draft.kind].function, arguments)
        sync_proposals(desk, community)
    found = _proposed(desk, community, draft)
    assert found is not None, f"the governor took draft {draft.id}, but no event tells of it"
    return found


def _proposed(desk: GovernanceDesk, community: str, draft: DraftRecord) -> ProposalRecord | None:
    with desk.context.store.reading() as records:
        return next((one for one in records.proposals(community) if one.draft == draft.id), None)


def sync_proposals(desk: GovernanceDesk, community: str) -> list[ProposalRecord]:
    """Write down what the governor was given, by whomever: our drafts, and what a member sent without us.

    Returns:
        Those that are new here.
    """
    governance = desk.governance(community)
    chain, store = desk.context.chain, desk.context.store
    with store.reading() as records:
        known = {record.id for record in records.proposals(community)}
    papers = [
        event.values
        for event in chain.events(governance.contract, "ProposalPaper")
        if str(event.values["proposalId"]) not in known
    ]
    if not papers:
        return []
    created = {
        event.values["proposalId"]: event.values
        for event in chain.events(governance.contract, "ProposalCreated")
    }
    found = [_record(desk, governance, paper, created[paper["proposalId"]]) for paper in papers]
    with store.transaction() as records:
        for record in found:
            records.add_proposal(record)
    return found


def _record(
    desk: GovernanceDesk, governance: Governance, paper: Mapping[str, Any], created: Mapping[str, Any]
) -> ProposalRecord:
    with desk.context.store.reading() as records:
        draft = records.draft_of_text(governance.community, paper["text"])
    snapshot = int(created["voteStart"])
    proposed = snapshot - int(desk.context.chain.read(governance.contract, "settings")["votingDelay"])
    _, seat = desk.context.chain.read("registry", "seatOfHolder", governance.anchor, paper["member"])
    return ProposalRecord(
        community=governance.community,
        id=str(paper["proposalId"]),
        draft=draft.id if draft else "",
        kind=kind_of_number(int(paper["kind"])),
        member=checksummed(paper["member"]),
        seat=int(draft.content["seat"]) if draft else int(seat),
        content=draft.content if draft else {},
        text=draft.text if draft else "",
        salt=draft.salt if draft else "",
        text_hash=str(paper["text"]),
        rehearsal=draft.rehearsal if draft else "",
        rehearsal_hash=str(paper["rehearsal"]),
        call={
            "targets": list(created["targets"]),
            "values": list(created["values"]),
            "calldatas": list(created["calldatas"]),
            "description": str(created["description"]),
        },
        proposed_utc=proposed,
    )


def require_proposal(desk: GovernanceDesk, community: str, proposal: str) -> ProposalRecord:
    """A proposal of a community, by its id or the end of it.

    Raises:
        NotFoundError: If there is none, or more than one ends so.
    """
    with desk.context.store.reading() as records:
        kept = records.proposal(community, proposal)
        found = [kept] if kept else [one for one in records.proposals(community) if one.id.endswith(proposal)]
    if len(found) != 1 or not proposal:
        raise NotFoundError(f"There is no proposal {proposal!r} here.")
    return found[0]


def _call_arguments(proposal: ProposalRecord) -> list[Any]:
    call = proposal.call
    description = "0x" + keccak256(str(call["description"]).encode()).hex()
    return [call["targets"], call["values"], call["calldatas"], description]


def advance_proposal(desk: GovernanceDesk, community: str, proposal_id: str) -> State:
    """Take the step that is due: queue what was won, or execute what has waited; returns the state after it.

    Raises:
        NotFoundError: If there is no such proposal.
        ConflictError: If no step is due.
        ContractRefusal: If a contract refuses.
    """
    governance = desk.governance(community)
    proposal = require_proposal(desk, community, proposal_id)
    told = read_state(desk.context, governance, int(proposal.id))
    if told.state is State.SUCCEEDED:
        step = "queue"
    elif told.state is State.QUEUED and told.eta_utc <= desk.context.chain_time_utc():
        step = "execute"
    else:
        wait = f" until {told.eta_utc} (seconds since 1970)" if told.state is State.QUEUED else ""
        raise ConflictError(f"No step is due: the proposal is {told.state.value}{wait}.")
    desk.announce(governance, f"{community}/{step}/{proposal.id}", step, _call_arguments(proposal))
    if step == "execute" and proposal.kind == "rule":
        sync_rules(desk.context, community)
    return read_state(desk.context, governance, int(proposal.id)).state


def withdrawal_document(desk: GovernanceDesk, proposal: ProposalRecord) -> TypedDocument:
    """What the proposer signs to withdraw."""
    governance = desk.governance(proposal.community)
    return withdraw_document(governance.domain, governance.anchor, int(proposal.id))


def withdraw_proposal(desk: GovernanceDesk, community: str, proposal_id: str, signature: str) -> State:
    """Take a proposal back before its vote begins, as its proposer signed.

    Raises:
        NotFoundError: If there is no such proposal.
        InputError: If the signature is not the proposer's.
        ConflictError: If its vote has begun.
        ContractRefusal: If the governor refuses.
    """
    governance = desk.governance(community)
    proposal = require_proposal(desk, community, proposal_id)
    state = read_state(desk.context, governance, int(proposal.id)).state
    if state is State.CANCELED:
        return state
    signer = desk.signatures.signer_of(withdrawal_document(desk, proposal), signature)
    if signer.lower() != proposal.member.lower():
        raise InputError("Only who proposed can withdraw; the signature is not theirs.")
    if state is not State.PENDING:
        raise ConflictError(
            f"The proposal is {state.value}; it can be withdrawn only before its vote begins."
        )
    arguments = [*_call_arguments(proposal), signature]
    desk.announce(governance, f"{community}/withdrawal/{proposal.id}", "cancelBySig", arguments)
    return read_state(desk.context, governance, int(proposal.id)).state
