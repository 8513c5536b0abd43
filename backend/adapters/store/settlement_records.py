"""Periods, batches, runs, bills and postings: what is settled is never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func
from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import (
    BatchRow,
    BillRow,
    InvoiceCounterRow,
    PeriodRow,
    PostingRow,
    RunRow,
    ScheduleRow,
    SlotKeyRow,
)
from backend.errors import BalanceError, ConflictError
from backend.ports import (
    BatchRecord,
    BillRecord,
    PeriodRecord,
    PostingRecord,
    RunRecord,
    RunState,
    ScheduleRecord,
    SlotKey,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SettlementRecords"]

_RUN_IDENTITY = frozenset({"run_id", "batch_version", "rule_version", "basis"})
_RUN_RESULT = frozenset({"root", "feed_in", "consumption", "allocated", "shared"})
_RUN_BILLS = frozenset({"bill_root", "bill_totals"})
# Where a run's way ends.
_ENDS = frozenset({RunState.SUPERSEDED, RunState.VOIDED})


class SettlementRecords(RecordSet):
    """A period's way from freezing to payment."""

    # periods and keys

    def add_period(self, record: PeriodRecord, keys: Sequence[SlotKey]) -> None:
        """Keep a frozen period and its slots' keys; the same again changes nothing, and brings no erased key back.

        Raises:
            ConflictError: If the period is kept with other terms, or a slot with another key.
        """
        what = f"Period {record.label} of {record.community}"
        is_new = self._keep_once(row_of(PeriodRow, record), what)
        for key in keys:
            if (key.community, key.period) != (record.community, record.period):
                raise ConflictError(
                    f"{what} (id {record.period}) was given the key of slot {key.slot} "
                    f"of period {key.period} of {key.community}."
                )
        if is_new:
            self._writer().add_all([row_of(SlotKeyRow, key) for key in keys])
            self._writer().flush()
            return
        kept = {key.slot: key for key in self.slot_keys(record.community, record.period)}
        differing = [key.slot for key in keys if kept.get(key.slot, key) != key]
        if differing:
            raise ConflictError(f"{what} has other keys for slots {differing}; a key is drawn once and kept.")

    def period(self, community: str, period: int) -> PeriodRecord | None:
        """A period, None where it was never frozen."""
        row = self._session.get(PeriodRow, (community, period))
        return None if row is None else record_of(PeriodRecord, row)

    def periods(self, community: str) -> list[PeriodRecord]:
        """All, by date."""
        rows = self._session.exec(
            select(PeriodRow).where(PeriodRow.community == community).order_by(col(PeriodRow.period))
        )
        return [record_of(PeriodRecord, row) for row in rows]

    def slot_keys(self, community: str, period: int) -> list[SlotKey]:
        """Keys of a period that are not erased, by slot."""
        rows = self._session.exec(
            select(SlotKeyRow)
            .where(SlotKeyRow.community == community, SlotKeyRow.period == period)
            .order_by(col(SlotKeyRow.slot))
        )
        return [record_of(SlotKey, row) for row in rows]

    def erase_slot_keys(self, community: str, slots: Sequence[int], before_period: int) -> int:
        """Destroy keys of slots in the periods before one; what they opened on chain then opens to nobody.

        Returns:
            How many were destroyed. [1]
        """
        session = self._writer()
        statement = delete(SlotKeyRow).where(
            col(SlotKeyRow.community) == community,
            col(SlotKeyRow.period) < before_period,
            col(SlotKeyRow.slot).in_([int(slot) for slot in slots]),
        )
        erased = int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
        session.expire_all()
        self.erased = self.erased or erased > 0
        return erased

    # batches and runs

    def add_batch(self, record: BatchRecord) -> None:
        """Keep a batch; the same again changes nothing.

        Raises:
            ConflictError: If that version is kept with another content.
        """
        what = f"Batch {record.version} of period {record.period} of {record.community}"
        self._keep_once(row_of(BatchRow, record), what)

    def batches(self, community: str, period: int) -> list[BatchRecord]:
        """All of a period, by version."""
        rows = self._session.exec(
            select(BatchRow)
            .where(BatchRow.community == community, BatchRow.period == period)
            .order_by(col(BatchRow.version))
        )
        return [record_of(BatchRecord, row) for row in rows]

    def add_schedule(self, record: ScheduleRecord) -> None:
        """Keep a schedule; the same again changes nothing.

        Raises:
            ConflictError: If that version is kept with another content.
        """
        what = f"Schedule {record.version} of period {record.period} of {record.community}"
        self._keep_once(row_of(ScheduleRow, record), what)

    def schedules(self, community: str, period: int) -> list[ScheduleRecord]:
        """All of a period, by version."""
        rows = self._session.exec(
            select(ScheduleRow)
            .where(ScheduleRow.community == community, ScheduleRow.period == period)
            .order_by(col(ScheduleRow.version))
        )
        return [record_of(ScheduleRecord, row) for row in rows]

    def put_run(self, record: RunRecord) -> None:
        """Keep a run, or how far it has come. The time of its creation stays the first.

        Raises:
            ConflictError: If it changes what the run is, a result once it has a root, its bills' totals once they
                have one, or leaves a final state for an earlier one.
        """
        what = f"Run {record.version} of period {record.period} of {record.community}"
        row = row_of(RunRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
            return
        row.created_utc = kept.created_utc
        self._require_same(kept, row, what, only=_RUN_IDENTITY)
        if kept.root:
            self._require_same(kept, row, what, only=_RUN_RESULT)
        if kept.bill_root:
            self._require_same(kept, row, f"{what}: its bills", only=_RUN_BILLS)
        _require_way(kept.state, record.state, what)
        _require_way(kept.bill_state, record.bill_state, f"{what}: its bills")
        self._replace(kept, row)

    def runs(self, community: str, period: int | None = None) -> list[RunRecord]:
        """Runs of a period, or of all, by period and version."""
        statement = select(RunRow).where(RunRow.community == community)
        if period is not None:
            statement = statement.where(RunRow.period == period)
        rows = self._session.exec(statement.order_by(col(RunRow.period), col(RunRow.version)))
        return [record_of(RunRecord, row) for row in rows]

    # bills and postings

    def put_bill(self, record: BillRecord) -> None:
        """Keep a bill, or its number.

        Raises:
            ConflictError: If the bill has a number and anything of it changes.
        """
        row = row_of(BillRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
            return
        if kept.number:
            self._require_same(kept, row, f"Bill {kept.number} of {record.participant}")
        self._replace(kept, row)

    def bills(self, community: str, period: int, version: int | None = None) -> list[BillRecord]:
        """Bills of a run, or of all runs of a period, by version and seat."""
        statement = select(BillRow).where(BillRow.community == community, BillRow.period == period)
        if version is not None:
            statement = statement.where(BillRow.version == version)
        rows = self._session.exec(statement.order_by(col(BillRow.version), col(BillRow.seat)))
        return [record_of(BillRecord, row) for row in rows]

    def bill(self, community: str, period: int, version: int, participant: str) -> BillRecord | None:
        """A participant's bill of a run, None where there is none."""
        row = self._session.get(BillRow, (community, period, version, participant))
        return None if row is None else record_of(BillRecord, row)

    def next_invoice_number(self, seller: str, year: int) -> int:
        """The next number of a seller in a year, from 1 without a gap: it is given only if this transaction is kept."""
        session = self._writer()
        counter = session.get(InvoiceCounterRow, (seller, year))
        if counter is None:
            counter = InvoiceCounterRow(seller=seller, year=year, last=0)
            session.add(counter)
        counter.last += 1
        session.flush()
        return counter.last

    def add_posting(self, record: PostingRecord) -> None:
        """Keep a posting; the same again changes nothing.

        Raises:
            BalanceError: If its entries do not sum to zero.
            ConflictError: If another posting has its id.
        """
        total = sum(amount for _, amount in record.entries)
        if total:
            raise BalanceError(
                f"Posting {record.id}: its entries sum to {total} cents, not to zero; nothing was posted."
            )
        entries = tuple((account, int(amount)) for account, amount in record.entries)
        kept = self._writer().get(PostingRow, record.id)
        sequence = kept.sequence if kept else self._next_posting_sequence()
        self._keep_once(
            row_of(PostingRow, record, entries=entries, sequence=sequence), f"Posting {record.id}"
        )

    def _next_posting_sequence(self) -> int:
        return (self._session.exec(select(func.max(PostingRow.sequence))).one() or 0) + 1

    def postings(self, community: str, period: int | None = None) -> list[PostingRecord]:
        """Postings of a period, or of all, in the order they were posted."""
        statement = select(PostingRow).where(PostingRow.community == community)
        if period is not None:
            statement = statement.where(PostingRow.period == period)
        rows = self._session.exec(statement.order_by(col(PostingRow.sequence)))
        return [record_of(PostingRecord, row) for row in rows]


def _require_way(before: RunState, after: RunState, what: str) -> None:
    """A final state becomes superseded or voided at most, and those stay."""
    stays = before is after
    ends = before is RunState.FINAL and after in _ENDS
    if not (stays or ends) and (before is RunState.FINAL or before in _ENDS):
        raise ConflictError(f"{what}: {before.value} cannot become {after.value} again.")
