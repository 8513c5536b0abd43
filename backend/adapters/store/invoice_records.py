"""Parties and invoices: who is who can be changed and erased, what was issued cannot be changed."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import InvoiceRow, PartyRow
from backend.ports import InvoiceRecord, PartyRecord

__all__ = ["InvoiceRecords"]


class InvoiceRecords(RecordSet):
    """Who is invoiced, and what was."""

    def put_party(self, record: PartyRecord) -> None:
        """Keep a party's details; they replace those that were there, which stay nowhere."""
        row = row_of(PartyRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
            return
        self._replace(kept, row)
        self.erased = True

    def parties(self, community: str) -> list[PartyRecord]:
        """A community's, by participant; its own first."""
        rows = self._session.exec(
            select(PartyRow).where(PartyRow.community == community).order_by(col(PartyRow.participant))
        )
        return [record_of(PartyRecord, row) for row in rows]

    def erase_party(self, community: str, participant: str) -> bool:
        """Destroy a party's details; returns whether there were any."""
        session = self._writer()
        statement = delete(PartyRow).where(
            col(PartyRow.community) == community, col(PartyRow.participant) == participant
        )
        erased = int(session.execute(statement).rowcount) > 0  # type: ignore[attr-defined]
        session.expire_all()
        self.erased = self.erased or erased
        return erased

    def add_invoice(self, record: InvoiceRecord) -> None:
        """Keep an invoice; the same again changes nothing.

        Raises:
            ConflictError: If that number is kept with another content.
        """
        self._keep_once(row_of(InvoiceRow, record), f"Invoice {record.number} of {record.community}")

    def invoices(self, community: str, period: int | None = None) -> list[InvoiceRecord]:
        """All, or those of a period: by period, run and number."""
        statement = select(InvoiceRow).where(InvoiceRow.community == community)
        if period is not None:
            statement = statement.where(InvoiceRow.period == period)
        rows = self._session.exec(
            statement.order_by(col(InvoiceRow.period), col(InvoiceRow.version), col(InvoiceRow.number))
        )
        return [record_of(InvoiceRecord, row) for row in rows]
