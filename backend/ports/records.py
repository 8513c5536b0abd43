"""Records that services keep: plain, frozen, with no store behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from backend.quantities import SettlementPeriod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.ports.chain import ContractCall, Receipt, SignedTransaction

__all__ = [
    "NO_BASIS",
    "BatchRecord",
    "BillRecord",
    "CommunityRecord",
    "LoginRecord",
    "OutboxEntry",
    "OutboxState",
    "PeriodRecord",
    "PointTreatment",
    "PostingRecord",
    "RuleVersionRecord",
    "RunRecord",
    "RunState",
    "ScheduleRecord",
    "SlotKey",
    "UserRecord",
]


NO_BASIS = "0x" + "00" * 32


@dataclass(frozen=True, slots=True)
class CommunityRecord:
    """A community as it was loaded last.

    Attributes:
        id: Short id.
        anchor: Its 32 random bytes on chain, 0x-hex.
        definition: The community file's text, as loaded.
        slots: Slot by metering point id: given once, never reused.
        created_utc: [s since 1970, UTC]
        carbon_source: Name of the grid's carbon intensity series, or empty.
    """

    id: str
    anchor: str
    definition: str
    slots: Mapping[str, int]
    created_utc: int
    carbon_source: str = ""


@dataclass(frozen=True, slots=True)
class RuleVersionRecord:
    """A rule version as scheduled on chain.

    Attributes:
        definition: The rule tables as JSON-ready data (the call's Rule struct).
        effective_from: Period id (days since 1970-01-01).
    """

    community: str
    version: int
    effective_from: int
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """A period as frozen by ``openPeriod``.

    Attributes:
        period: Days since 1970-01-01.
        label: Such as ``2017-06``.
        days: Civil days.
        rule_version: In force.
        slots: Highest slot plus one.
        terms: What was frozen per slot, JSON-ready: a list of objects ``{slot, point, seat, direction, factor_ppm,
            from_day,
            until_day, vat_class, network_class}``.
        auditors_key: 0x-hex.
        classes_root: 0x-hex.
    """

    community: str
    period: int
    label: str
    days: int
    rule_version: int
    slots: int
    terms: Sequence[Mapping[str, Any]]
    auditors_key: str
    classes_root: str

    @property
    def span(self) -> SettlementPeriod:
        """The civil dates."""
        first = date(1970, 1, 1) + timedelta(days=self.period)
        return SettlementPeriod(first, first + timedelta(days=self.days))


@dataclass(frozen=True, slots=True)
class SlotKey:
    """K and tag nonce of a slot in a period; destroyed on erasure, apart from what is anchored."""

    community: str
    period: int
    slot: int
    key: str
    nonce: str


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch of readings as anchored."""

    community: str
    period: int
    version: int
    batch_id: str
    root: str
    measured: int
    estimated: int
    missing: int
    label: int
    source: str
    signer: str
    inputs_hash: str  # of loads, treatments and rule: the same inputs make no new version
    loads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """Coefficients of a scheduled key for a period, as they were handed in.

    Attributes:
        version: From 1; the latest one before the proposal counts.
        schedule_id: 0x-hex.
        root: 0x-hex.
        slots: Of the period as it was then.
        day_count: Civil days.
        intervals_max: Intervals of the longest day.
        file_hash: keccak of the file, 0x-hex: the same file is handed in once.
    """

    community: str
    period: int
    version: int
    schedule_id: str
    root: str
    slots: int
    day_count: int
    intervals_max: int
    file_hash: str


class RunState(Enum):
    """States of a run or of its bills; ``PREPARED`` is before the chain knows it."""

    PREPARED = "prepared"
    CONTESTABLE = "contestable"
    FINAL = "final"
    SUPERSEDED = "superseded"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A settlement run and its bills.

    Attributes:
        feed_in, consumption, allocated, shared: Totals. [mWh]
        basis: What else the run rests on, 0x-hex: the schedule id of a scheduled key, the salted hash of the grid
            operator's files where its allocation binds, else zero.
        bill_totals: debits, credits, fees, vat_debits, vat_credits, pass_through, rounding. [cents]
        seconds: Per stage, when it was computed. [s]
    """

    community: str
    period: int
    version: int
    run_id: str
    batch_version: int
    rule_version: int
    root: str
    feed_in: int
    consumption: int
    allocated: int
    shared: int
    state: RunState
    basis: str = NO_BASIS
    bill_root: str = ""
    bill_state: RunState = RunState.PREPARED
    bill_totals: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    created_utc: int = 0


@dataclass(frozen=True, slots=True)
class BillRecord:
    """A participant's bill of a run.

    Attributes:
        number: Gapless per seller and year; empty until the bills are final.
        content: The bill as JSON-ready data (``backend.billing``): lines, amounts [cents], energies [mWh], saving,
            carbon.
        issued_utc: When it was numbered, 0 before. [s since 1970, UTC]
    """

    community: str
    period: int
    version: int
    participant: str
    seat: int
    content: Mapping[str, Any]
    number: str = ""
    issued_utc: int = 0


@dataclass(frozen=True, slots=True)
class PostingRecord:
    """One immutable posting: its entries sum to zero.

    Attributes:
        id: Made by the caller.
        entries: (account, amount in cents; debit positive) pairs.
        reason: Why, in words without personal data.
    """

    id: str
    community: str
    period: int
    version: int
    reason: str
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PointTreatment:
    """What the community decided about a faulty point: its readings are returned to the operator."""

    community: str
    metering_point: str
    treatment: str  # "returned"
    reason: str
    decided_utc: int


class OutboxState(Enum):
    """The way of an announced chain write."""

    PENDING = "pending"  # announced, not signed
    SIGNED = "signed"  # signed and kept; may or may not have been sent
    MINED = "mined"  # a receipt was seen
    FINAL = "final"  # confirmed as often as the chain needs
    REFUSED = "refused"  # the contract said no


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A chain write, kept in the same transaction as what it announces.

    Attributes:
        id: Made by the caller, says what it is for: ``roof/17318/run/1``. Adding it again changes nothing.
        sequence: Order of announcement.
    """

    id: str
    community: str
    period: int
    call: ContractCall
    state: OutboxState = OutboxState.PENDING
    sequence: int = 0
    transaction: SignedTransaction | None = None
    receipt: Receipt | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Who may log in.

    Attributes:
        roles: Of ``member``, ``provider``, ``operator``, ``governance``, ``auditor``, ``admin``.
        community: The community the roles are for, empty for an administrator of all.
        participant: Id of the participant that the user is, or empty.
    """

    id: str
    login: str
    password_hash: str
    roles: tuple[str, ...]
    community: str = ""
    participant: str = ""
    disabled: bool = False
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """An open session; ``token_hash`` is of the refresh token, which is kept nowhere."""

    id: str
    user: str
    token_hash: str
    expires_utc: int
