"""What goes in and out about governance, as the API describes it. Instants ISO 8601 in UTC, weights whole votes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Advanced",
    "DraftAnswer",
    "DraftAsked",
    "DraftId",
    "GovernanceCard",
    "ProposalCard",
    "ProposalId",
    "ProposalView",
    "RehearsalAnswer",
    "RehearsalAsked",
    "RehearsalId",
    "RehearsalView",
    "RuleForm",
    "SignedProposal",
    "SignedVote",
    "SignedWithdrawal",
    "VoteAnswer",
]

_ADDRESS = r"^0x[0-9a-fA-F]{40}$"
_SIGNATURE = r"^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$"
_RANDOM_ID = r"^[0-9a-f]{24}$"
_TEXT_MAX = 4000
_CASE_MAX = 2**53 - 1

Address = Annotated[str, Field(pattern=_ADDRESS)]
Signature = Annotated[str, Field(pattern=_SIGNATURE, description="EIP-712, 65 bytes or 64 (EIP-2098).")]
DraftId = Annotated[str, Field(pattern=_RANDOM_ID)]
RehearsalId = Annotated[str, Path(pattern=_RANDOM_ID, description="Id of a rehearsal.")]
ProposalId = Annotated[str, Path(pattern=r"^[0-9]{1,78}$", description="The governor's id, decimal.")]
Kind = Literal["rule", "weights", "revocation", "guardians", "steward", "appeal"]
Support = Literal["for", "against", "abstain"]
State = Literal["pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed"]


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Settings(BaseModel):
    """How a community votes. [s, ppm]"""

    voting_delay_seconds: int
    voting_period_seconds: int
    late_quorum_seconds: int
    timelock_seconds: int
    quorum_ppm: int


class SeatItem(BaseModel):
    """A seat; `holder` is null where nobody holds it."""

    seat: int
    participant: str
    holder: str | None
    weight: int


class Mine(BaseModel):
    """Who asks: linked accounts, and the seat that one of them holds."""

    accounts: list[str]
    account: str | None
    seat: int | None
    weight: int


class GovernanceCard(BaseModel):
    """A community's governance as the chain has it. Until it is open the steward sets the rules."""

    community: str
    anchor: str
    open: bool
    chain_id: int
    governor: str | None
    timelock: str | None
    governor_domain: dict[str, Any] | None
    registry_domain: dict[str, Any]
    steward: str
    settings: Settings
    guardians: list[str]
    paused_until: str | None
    total_weight: int
    seats: list[SeatItem]
    time: str
    me: Mine


class RulePoint(BaseModel):
    """A metering point that a rule can name; `slot` is its place in the rule on chain."""

    id: str
    participant: str
    direction: Literal["consumption", "feed_in"]
    slot: int


class RuleForm(BaseModel):
    """The rule scheduled last, as the tables of a community file; and the points that it can name."""

    version: int
    effective_from: int
    rules: dict[str, Any]
    points: list[RulePoint]


class RehearsalAsked(_Taken):
    """Rules to rehearse: tables of a community file; absent ones keep today's."""

    rules: dict[str, Any]
    months: int = Field(default=12, ge=1, le=12)


class RehearsalAnswer(BaseModel):
    """A rehearsal that was asked for."""

    id: str


class RehearsalView(BaseModel):
    """A rehearsal: `public` is what all members may see, `mine` one's own line with what proves it."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: float
    rules: dict[str, Any]
    months: int
    result_hash: str | None
    problem: str | None
    public: dict[str, Any] | None
    mine: dict[str, Any] | None


class DraftAsked(_Taken):
    """What one would propose, by the fields of its kind, and why."""

    kind: Kind
    text: str = Field(min_length=1, max_length=_TEXT_MAX)
    rules: dict[str, Any] | None = Field(default=None, description="Of `rule`.")
    rehearsal: Annotated[str, Field(pattern=_RANDOM_ID)] | None = None
    weights: dict[str, int] | None = Field(default=None, description="Of `weights`, by participant.")
    participant: str | None = Field(default=None, description="Of `revocation`.")
    guardians: list[Address] | None = Field(default=None, description="Of `guardians`, three.")
    steward: Address | None = Field(default=None, description="Of `steward`.")
    case: int | None = Field(default=None, ge=0, le=_CASE_MAX, description="Of `appeal`.")
    party: Literal["consumer", "provider", "operator", "nobody"] | None = Field(
        default=None, description="Of `appeal`."
    )
    account: Address | None = Field(default=None, description="Without, one's account that holds a seat.")


class DifferenceItem(BaseModel):
    """A change; values in `unit`, null where there is none; `words` by language."""

    field: str
    place: list[str]
    before: Any
    after: Any
    unit: str
    words: dict[Literal["en", "fr"], str]


class DraftAnswer(BaseModel):
    """A draft and the document that its member signs."""

    draft: str
    kind: Kind
    member: str
    differences: list[DifferenceItem]
    effective_from: int | None
    text: str
    salt: str
    text_hash: str
    rehearsal: str | None
    rehearsal_hash: str
    typed_data: dict[str, Any]


class SignedProposal(_Taken):
    """A signed draft."""

    draft: DraftId
    account: Address
    signature: Signature


class SignedVote(_Taken):
    """A signed vote."""

    support: Support
    account: Address
    signature: Signature


class SignedWithdrawal(_Taken):
    """A proposer's signature of the withdrawal."""

    signature: Signature


class Tally(BaseModel):
    """Weight of votes that the chain has."""

    against: int
    for_: int = Field(alias="for")
    abstain: int


class MyVote(BaseModel):
    """How one voted, null where only the chain knows; `sent` once the governor has it or is being given it."""

    support: Support | None
    sent: bool


class ProposalCard(BaseModel):
    """A proposal: what would change, why, how the vote stands.

    `text_holds` says whether the words are those whose hash is on chain, null where none are kept here; `waiting` votes
    are signed and on no block yet; `due` is the step that anyone may take now.
    """

    id: str
    kind: Kind
    member: str
    seat: int
    participant: str | None
    is_mine: bool
    differences: list[DifferenceItem]
    effective_from: int | None
    text: str
    salt: str | None
    text_hash: str | None
    text_holds: bool | None
    rehearsal: str | None
    rehearsal_hash: str
    proposed: str
    state: State
    tally: Tally
    waiting: int
    quorum: int
    total: int
    opens: str
    closes: str
    eta: str | None
    due: Literal["queue", "execute"] | None
    my_vote: MyVote | None


class ProposalView(ProposalCard):
    """A proposal with the documents that a vote and a withdrawal are signed by."""

    vote_documents: dict[Support, dict[str, Any]]
    withdrawal_document: dict[str, Any]


class VoteAnswer(BaseModel):
    """A vote as it is kept."""

    support: Support
    sent: bool


class Advanced(BaseModel):
    """The state of a proposal after a step."""

    state: State
