"""Records of cases on a measure: what was opened, claimed and ruled. What state a case is in, the chain says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CaseRecord", "CaseRecords", "CaseState", "ClaimRecord", "Party", "RulingRecord"]


class Party(IntEnum):
    """Who may say what was measured. The value is the one on chain."""

    CONSUMER = 0
    PROVIDER = 1
    GRID_OPERATOR = 2
    NONE = 3


class CaseState(IntEnum):
    """Where a case stands. The value is the one on chain."""

    NONE = 0
    CLAIMS = 1
    HEARING = 2
    RULED = 3
    APPEALED = 4
    FINAL = 5
    DISMISSED = 6
    FULFILLED = 7


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it was opened; it never changes but for its number.

    Attributes:
        id: Random.
        community: Its id.
        period: Days since 1970-01-01.
        metering_point: Its id.
        slot: Of the metering point.
        first: First interval in question. [interval of the period]
        until: Interval after the last one. [interval of the period]
        party: Who opened it.
        opener: Account.
        text: What it is about, in the opener's words.
        salt: Of their hash, 0x-hex.
        paper: The hash, 0x-hex.
        claim_key: Of the claims' salts, told to the parties, 0x-hex.
        opened_utc: [s since 1970, UTC]
        number: As the chain counts it; 0 while it is under way.
    """

    id: str
    community: str
    period: int
    metering_point: str
    slot: int
    first: int
    until: int
    party: int
    opener: str
    text: str
    salt: str
    paper: str
    claim_key: str
    opened_utc: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim as it was filed; a later one of the same party takes its place.

    Attributes:
        case: Id of the case.
        party: Who.
        number: From 1, in the party's order.
        signer: Account.
        signature: 0x-hex.
        readings_root: 0x-hex.
        readings_file: Name of the kept readings.
        evidence: Salted hash of the evidence, 0x-hex.
        evidence_salt: 0x-hex.
        evidence_file: Name of the kept evidence.
        evidence_name: As the party called it.
        filed_utc: [s since 1970, UTC]
    """

    case: str
    party: int
    number: int
    signer: str
    signature: str
    readings_root: str
    readings_file: str
    evidence: str
    evidence_salt: str
    evidence_file: str
    evidence_name: str
    filed_utc: int


@dataclass(frozen=True, slots=True)
class RulingRecord:
    """An arbiter's ruling.

    Attributes:
        case: Id of the case.
        party: Whose claim prevails.
        text: The reasons.
        salt: Of their hash, 0x-hex.
        reasons: The hash, 0x-hex.
        ruled_utc: [s since 1970, UTC]
    """

    case: str
    party: int
    text: str
    salt: str
    reasons: str
    ruled_utc: int


class CaseRecords(Protocol):
    """Cases, claims and rulings, in a transaction or a view."""

    def put_case(self, record: CaseRecord) -> None:
        """Keep a case, or its number.

        Raises:
            ConflictError: If anything else of it changes.
        """
        ...

    def case(self, case_id: str) -> CaseRecord | None:
        """A case, None where there is none."""
        ...

    def cases(self, community: str) -> Sequence[CaseRecord]:
        """Of a community, in order of opening."""
        ...

    def add_claim(self, record: ClaimRecord) -> None:
        """Keep a claim; the same again changes nothing."""
        ...

    def claims(self, case_id: str) -> Sequence[ClaimRecord]:
        """Of a case, in order of filing."""
        ...

    def put_ruling(self, record: RulingRecord) -> None:
        """Keep a ruling; the same again changes nothing."""
        ...

    def ruling(self, case_id: str) -> RulingRecord | None:
        """Of a case, None where there is none."""
        ...

    def remove_case(self, case_id: str) -> None:
        """Forget a case with its claims and ruling: what erasing a person takes."""
        ...
