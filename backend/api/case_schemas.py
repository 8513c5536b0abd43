"""What goes in and out about cases on a measure, as the API describes it. Energies [mWh], instants ISO 8601 in UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Body, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.services.arbitration import EVIDENCE_BYTES_MAX

__all__ = [
    "CaseCard",
    "CaseDraft",
    "CaseFigures",
    "CaseId",
    "CaseToDraft",
    "ClaimDraft",
    "ClaimToDraft",
    "FileName",
    "KeptEvidence",
    "KeptReadings",
    "PartyName",
    "RawBytes",
    "RulingToMake",
    "SignedPaper",
]

_CASE = r"^[0-9a-f]{24}$"
_POINT = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
_DRAFT = r"^[A-Za-z0-9_=-]{1,40000}$"
_MWH_MAX = 2**53 - 1
_INTERVALS_MAX = 4_000

CaseId = Annotated[str, Path(pattern=_CASE, description="Id of a case.")]
PartyName = Literal["consumer", "provider", "operator"]
State = Literal["claims", "hearing", "ruled", "appealed", "final", "dismissed", "fulfilled"]
Step = Literal["claim", "rule", "close", "appeal", "fulfil"]
FileName = Annotated[str, Query(min_length=1, max_length=200, description="What the file is called.")]
RawBytes = Annotated[
    bytes,
    Body(
        media_type="application/octet-stream",
        min_length=1,
        max_length=EVIDENCE_BYTES_MAX,
        description="The file itself.",
    ),
]


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CaseToDraft(_Taken):
    """What a case will be about: the intervals of a metering point in [start, end)."""

    metering_point: str = Field(pattern=_POINT)
    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    text: str = Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")


class CaseDraft(BaseModel):
    """An opening, or a claim, ready to be signed by ``signer``; where ``signed_here``, the service signs for a role.

    With ``salt`` whoever signs forms the hash of the words, or of the evidence, themselves.
    """

    draft: str
    salt: str
    signer: str
    signed_here: bool
    typed_data: dict[str, Any]


class SignedPaper(_Taken):
    """A draft that comes back; ``signature`` is null only where the service signs for a role."""

    draft: str = Field(pattern=_DRAFT)
    signature: str | None = Field(default=None, pattern=_SIGNATURE)


class ClaimCard(BaseModel):
    """A party's claim."""

    party: PartyName
    signer: str
    filed_at: str
    readings_root: str
    evidence_hash: str
    evidence_name: str
    energy: int


class RulingCard(BaseModel):
    """A ruling: by an arbiter with reasons, by precedence, or by the members' vote."""

    prevailing: Literal["consumer", "provider", "operator", "nobody"]
    by: Literal["arbiter", "precedence", "vote"]
    at: str
    reasons: str | None


class CaseCard(BaseModel):
    """A case as who asks sees it; ``you`` is null for the arbiter, and ``may`` names what they can do now."""

    id: str
    number: int
    community: str
    label: str
    metering_point: str
    slot: int
    participant: str
    start: str
    end: str
    intervals: int
    text: str
    opened_at: str
    opened_by: PartyName
    state: State
    you: PartyName | None
    may: list[Step]
    claims_until: str
    ruling_until: str
    appeal_until: str | None
    claims: list[ClaimCard]
    ruling: RulingCard | None
    proposal: str | None
    batch: str | None


class CaseFigures(BaseModel):
    """Interval by interval, what was settled (null where nothing is in force) and what each claim says."""

    start: str
    resolution_minutes: int
    settled: list[int] | None
    claims: list[dict[str, Any]]


class KeptEvidence(BaseModel):
    """A file that was kept; name it in a claim's draft."""

    evidence: str
    name: str
    bytes: int


class KeptReadings(BaseModel):
    """A meter file that was read; name it in a claim's draft. One energy per interval in question."""

    readings: str
    energy: list[int]


class ClaimToDraft(_Taken):
    """What a party will claim: readings from a file that was sent, or as figures, and the evidence that was sent."""

    evidence: str = Field(pattern=_DRAFT)
    readings: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_=-]{1,60000}$")
    energy: list[Annotated[int, Field(ge=0, le=_MWH_MAX)]] | None = Field(
        default=None, min_length=1, max_length=_INTERVALS_MAX
    )


class ClaimDraft(CaseDraft):
    """A claim, ready to be signed; with ``claim_key`` whoever signs forms the root of the readings themselves."""

    energy: list[int]
    claim_key: str


class RulingToMake(_Taken):
    """What the arbiter rules, and why."""

    party: Literal["consumer", "provider", "operator", "nobody"]
    reasons: str = Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")
