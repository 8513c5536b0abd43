"""The database as services see it: what can be read and written inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from backend.ports.anomaly_records import AnomalyRecords
from backend.ports.case_records import CaseRecords
from backend.ports.contest_records import ContestRecords
from backend.ports.device_records import DeviceRecords
from backend.ports.forecast_records import ForecastRecords
from backend.ports.governance_records import GovernanceRecords
from backend.ports.grid_event_records import GridEventRecords
from backend.ports.grid_plan_records import GridPlanRecords
from backend.ports.grid_records import GridRecords
from backend.ports.identity_records import IdentityRecords
from backend.ports.treatment_records import TreatmentRecords

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from backend.ports.invoice_records import InvoiceRecord, PartyRecord
    from backend.ports.records import (
        BatchRecord,
        BillRecord,
        CommunityRecord,
        LoginRecord,
        OutboxEntry,
        OutboxState,
        PeriodRecord,
        PointTreatment,
        PostingRecord,
        RuleVersionRecord,
        RunRecord,
        ScheduleRecord,
        SlotKey,
        UserRecord,
    )

__all__ = ["RecordStore", "Records"]


class Records(
    IdentityRecords,
    GovernanceRecords,
    CaseRecords,
    ContestRecords,
    DeviceRecords,
    TreatmentRecords,
    GridRecords,
    GridEventRecords,
    GridPlanRecords,
    ForecastRecords,
    AnomalyRecords,
    Protocol,
):
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

    def add_schedule(self, record: ScheduleRecord) -> None:
        """Keep a schedule; one that is there never changes."""
        ...

    def schedules(self, community: str, period: int) -> list[ScheduleRecord]:
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

    # parties and invoices
    def put_party(self, record: PartyRecord) -> None:
        """Keep a party's details in place of those that were there."""
        ...

    def parties(self, community: str) -> list[PartyRecord]:
        """A community's, by participant; its own, without one, first."""
        ...

    def erase_party(self, community: str, participant: str) -> bool:
        """Destroy a party's details; returns whether there were any."""
        ...

    def add_invoice(self, record: InvoiceRecord) -> None:
        """Keep an invoice; one that is there never changes.

        Raises:
            ConflictError: If the number is kept with another content.
        """
        ...

    def invoices(self, community: str, period: int | None = None) -> list[InvoiceRecord]:
        """Of a community or one of its periods, by period, run and number."""
        ...

    # postings
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
