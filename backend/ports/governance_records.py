"""Records of how a community decides: rehearsals, drafts, proposals and votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DraftRecord",
    "GovernanceRecords",
    "ProposalRecord",
    "RehearsalRecord",
    "VoteRecord",
]


@dataclass(frozen=True, slots=True)
class RehearsalRecord:
    """What rules would have made of past periods.

    Attributes:
        id: Random.
        community: Its id.
        user: Who asked.
        rules: The rule tables as they were asked for.
        months: Periods asked for. [1]
        state: ``waiting``, ``running``, ``done``, ``failed``, ``cancelled``.
        result: Once done: ``public``, what all members may see, and ``lines``, each member's own by participant, which
            are personal; empty before.
        result_hash: What a proposal puts on chain of it, 0x-hex; empty before.
        problem: Why it failed, in words.
        created_utc: [s since 1970, UTC]
    """

    id: str
    community: str
    user: str
    rules: Mapping[str, Any]
    months: int
    state: str
    result: Mapping[str, Any]
    result_hash: str
    problem: str
    created_utc: int


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """What somebody would propose: shown, not yet signed.

    Attributes:
        id: Random.
        community: Its id.
        user: Who wrote it; empty for a command.
        kind: ``rule``, ``weights``, ``revocation``, ``guardians``, ``steward`` or ``appeal``.
        member: Account that would propose.
        content: What would be called, JSON-ready: ``arguments`` of the call and what words need.
        text: Why, in the member's own words.
        salt: Of the text's hash, 0x-hex.
        text_hash: What the chain would hold of the text, 0x-hex.
        rehearsal: Id of the rehearsal, or empty.
        rehearsal_hash: What the chain would hold of it, 0x-hex.
        nonce: Of the member's signature, decimal.
        created_utc: [s since 1970, UTC]
    """

    id: str
    community: str
    user: str
    kind: str
    member: str
    content: Mapping[str, Any]
    text: str
    salt: str
    text_hash: str
    rehearsal: str
    rehearsal_hash: str
    nonce: str
    created_utc: int


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """A proposal as it was handed to the governor; it never changes, its state is the chain's.

    Attributes:
        id: The governor's, decimal.
        member: Account that proposed.
        seat: Its seat.
        call: What is executed: ``target``, ``data`` and ``description``.
        proposed_utc: [s since 1970, UTC]

    The other fields are those of its draft.
    """

    community: str
    id: str
    draft: str
    kind: str
    member: str
    seat: int
    content: Mapping[str, Any]
    text: str
    salt: str
    text_hash: str
    rehearsal: str
    rehearsal_hash: str
    call: Mapping[str, Any]
    proposed_utc: int


@dataclass(frozen=True, slots=True)
class VoteRecord:
    """A vote as it was signed.

    Attributes:
        proposal: Id of the proposal, decimal.
        seat: Whose; it votes once.
        account: That signed.
        support: 0 against, 1 for, 2 abstain.
        signature: 64 bytes, r and vs of EIP-2098, 0x-hex.
        signed_utc: When it arrived. [s since 1970, UTC]
        batch: Outbox entry that carries it; empty until then.
    """

    community: str
    proposal: str
    seat: int
    account: str
    support: int
    signature: str
    signed_utc: int
    batch: str = ""


class GovernanceRecords(Protocol):
    """What the store keeps of it, inside one transaction."""

    def put_rehearsal(self, record: RehearsalRecord) -> None:
        """Keep a rehearsal, or how far it has come."""
        ...

    def rehearsal(self, rehearsal_id: str) -> RehearsalRecord | None:
        """A rehearsal, None where there is none."""
        ...

    def rehearsals(self, community: str | None = None) -> list[RehearsalRecord]:
        """Of a community, or all, the oldest first."""
        ...

    def remove_rehearsal(self, rehearsal_id: str) -> None:
        """Forget a rehearsal."""
        ...

    def erase_rehearsed(self, community: str, participant: str) -> int:
        """Destroy a participant's lines in all rehearsals of a community; returns how many."""
        ...

    def put_draft(self, record: DraftRecord) -> None:
        """Keep a draft; one that is there never changes."""
        ...

    def draft(self, draft_id: str) -> DraftRecord | None:
        """A draft, None where there is none."""
        ...

    def draft_of_text(self, community: str, text_hash: str) -> DraftRecord | None:
        """The draft whose words have a hash, None where there is none."""
        ...

    def add_proposal(self, record: ProposalRecord) -> None:
        """Keep a proposal; one that is there never changes."""
        ...

    def proposal(self, community: str, proposal: str) -> ProposalRecord | None:
        """A proposal, None where there is none."""
        ...

    def proposals(self, community: str) -> list[ProposalRecord]:
        """A community's, the oldest first."""
        ...

    def add_vote(self, record: VoteRecord) -> None:
        """Keep a vote.

        Raises:
            ConflictError: If the seat has voted otherwise.
        """
        ...

    def send_votes(self, community: str, proposal: str, seats: list[int], batch: str) -> None:
        """Note which outbox entry carries the votes of some seats."""
        ...

    def votes(self, community: str, proposal: str) -> list[VoteRecord]:
        """Of a proposal, in the order in which they arrived."""
        ...
