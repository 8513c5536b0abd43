"""Records that services keep, and the unit of work that keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from backend.quantities import SettlementPeriod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from backend.ports.chain import ContractCall, Receipt, SignedTransaction

__all__ = [
    "BatchRecord",
    "BillRecord",
    "CommunityRecord",
    "LoginRecord",
    "OutboxEntry",
    "OutboxState",
    "PeriodRecord",
    "PointTreatment",
    "PostingRecord",
    "RecordStore",
    "Records",
    "RuleVersionRecord",
    "RunRecord",
    "RunState",
    "SlotKey",
    "UserRecord",
]


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


class Records(Protocol):
    """What can be read and written inside one transaction."""

    # communities and rules
    def put_community(self, record: CommunityRecord) -> None:
        """Keep a community as it was loaded last."""
        ...

    def community(self, community: str) -> CommunityRecord:
        """A community.

        Raises:
            NotFoundError: If none of that id was loaded.
        """
        ...

    def communities(self) -> list[CommunityRecord]:
        """All, by id."""
        ...

    def add_rule_version(self, record: RuleVersionRecord) -> None:
        """Keep a version; one that is there never changes."""
        ...

    def rule_versions(self, community: str) -> list[RuleVersionRecord]:
        """A community's, in order."""
        ...

    def add_treatment(self, record: PointTreatment) -> None:
        """Keep what was decided about a point."""
        ...

    def treatments(self, community: str) -> list[PointTreatment]:
        """What was decided about a community's points."""
        ...

    # periods, batches, runs, bills
    def add_period(self, record: PeriodRecord, keys: Sequence[SlotKey]) -> None:
        """Keep a period as it was opened, with the keys of its slots."""
        ...

    def period(self, community: str, period: int) -> PeriodRecord | None:
        """A period, None where it was not opened."""
        ...

    def periods(self, community: str) -> list[PeriodRecord]:
        """A community's, in order."""
        ...

    def slot_keys(self, community: str, period: int) -> list[SlotKey]:
        """Keys of a period that were not erased, by slot."""
        ...

    def erase_slot_keys(self, community: str, slots: Sequence[int], before_period: int) -> int:
        """Destroy the keys of slots in periods before one; returns how many."""
        ...

    def add_batch(self, record: BatchRecord) -> None:
        """Keep a batch; one that is there never changes."""
        ...

    def batches(self, community: str, period: int) -> list[BatchRecord]:
        """Of a period, by version."""
        ...

    def put_run(self, record: RunRecord) -> None:
        """Keep a run or its progress.

        Raises:
            ConflictError: If its identity, root or totals change.
        """
        ...

    def runs(self, community: str, period: int | None = None) -> list[RunRecord]:
        """Of a community or one of its periods, by period and version."""
        ...

    def put_bill(self, record: BillRecord) -> None:
        """Keep a bill.

        Raises:
            ConflictError: If its content changes once it is numbered.
        """
        ...

    def bills(self, community: str, period: int, version: int | None = None) -> list[BillRecord]:
        """Of a period, or of one run, by version and seat."""
        ...

    def bill(self, community: str, period: int, version: int, participant: str) -> BillRecord | None:
        """One participant's bill of a run, None where there is none."""
        ...

    def next_invoice_number(self, seller: str, year: int) -> int:
        """The seller's next counter of the year, gapless: it is part of this transaction. [from 1]"""
        ...

    def add_posting(self, record: PostingRecord) -> None:
        """Keep a posting.

        Raises:
            BalanceError: If it does not sum to zero.
        """
        ...

    def postings(self, community: str, period: int | None = None) -> list[PostingRecord]:
        """In the order in which they were kept."""
        ...

    # outbox
    def announce(self, entry: OutboxEntry) -> None:
        """Announce a chain write; one that was announced stays as it is."""
        ...

    def outbox(
        self, community: str | None = None, states: Sequence[OutboxState] | None = None
    ) -> list[OutboxEntry]:
        """In the order of announcement."""
        ...

    def outbox_entry(self, entry_id: str) -> OutboxEntry | None:
        """An entry, None where it was never announced."""
        ...

    def put_outbox(self, entry: OutboxEntry) -> None:
        """Keep how far an entry has come."""
        ...

    # facts kept by name, such as the deployment, as JSON-ready data
    def fact(self, name: str) -> Any | None:
        """A JSON-ready fact, None where there is none."""
        ...

    def put_fact(self, name: str, value: Any) -> None:
        """Keep a JSON-ready fact by name."""
        ...

    # users
    def put_user(self, record: UserRecord) -> None:
        """Keep a user."""
        ...

    def user(self, user_id: str) -> UserRecord | None:
        """By id."""
        ...

    def user_by_login(self, login: str) -> UserRecord | None:
        """By login."""
        ...

    def users(self, community: str | None = None) -> list[UserRecord]:
        """All, or those of a community."""
        ...

    def put_login(self, record: LoginRecord) -> None:
        """Keep an open session."""
        ...

    def login(self, login_id: str) -> LoginRecord | None:
        """An open session, None where it was closed."""
        ...

    def login_by_token(self, token_hash: str) -> LoginRecord | None:
        """The session of a refresh token's hash."""
        ...

    def remove_login(self, login_id: str) -> None:
        """Close a session."""
        ...

    def remove_expired_logins(self, now_utc: int) -> int:
        """Close the sessions that are over; returns how many."""
        ...

    def remove_logins(self, user_id: str) -> None:
        """Close all sessions of a user."""
        ...

    def log_access(self, user: str, subject: str, what: str, at_utc: int) -> None:
        """Note who looked at whose data."""
        ...

    def accesses(self, subject: str) -> list[tuple[str, str, int]]:
        """Who looked at a subject's data: (user, what, when)."""
        ...


class RecordStore(Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Records]:
        """All or nothing, durable when it closes; one writer at a time.

        Raises:
            StoreBusyError: If another process holds the store too long.
        """
        ...

    def reading(self) -> AbstractContextManager[Records]:
        """A consistent view; writes in it are an error."""
        ...

    def close(self) -> None:
        """Let go of the database; opening it again is the only way back."""
        ...
