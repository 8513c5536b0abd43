"""The outbox: chain writes in the order they were announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func
from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import OutboxRow
from backend.errors import NotFoundError
from backend.ports import OutboxEntry, OutboxState

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OutboxRecords"]

_SENT = frozenset({OutboxState.SIGNED, OutboxState.MINED, OutboxState.FINAL})
_ANNOUNCED = frozenset({"community", "period", "sequence"})


class OutboxRecords(RecordSet):
    """What is to be written to the chain, and how far it has come."""

    def announce(self, entry: OutboxEntry) -> None:
        """Put an entry at the end; one that is there already stays as it is, however far it has come.

        Raises:
            ConflictError: If the id stands for another call.
        """
        row = row_of(OutboxRow, entry, sequence=self._next_outbox_sequence())
        kept = self._kept(row)
        if kept is not None:
            self._require_same(kept, row, f"Outbox entry {entry.id}", only={"community", "period", "call"})
            return
        self._writer().add(row)
        self._writer().flush()

    def _next_outbox_sequence(self) -> int:
        # Right because writers take turns for the whole of their transactions.
        return (self._session.exec(select(func.max(OutboxRow.sequence))).one() or 0) + 1

    def outbox(
        self, community: str | None = None, states: Sequence[OutboxState] | None = None
    ) -> list[OutboxEntry]:
        """Entries of a community, or of all, in some states, or in any, in the order of announcement."""
        statement = select(OutboxRow)
        if community is not None:
            statement = statement.where(OutboxRow.community == community)
        if states is not None:
            statement = statement.where(col(OutboxRow.state).in_(states))
        return [
            record_of(OutboxEntry, row)
            for row in self._session.exec(statement.order_by(col(OutboxRow.sequence)))
        ]

    def outbox_entry(self, entry_id: str) -> OutboxEntry | None:
        """An entry, None where it was never announced."""
        row = self._session.get(OutboxRow, entry_id)
        return None if row is None else record_of(OutboxEntry, row)

    def put_outbox(self, entry: OutboxEntry) -> None:
        """Keep how far an entry has come. Its place in the order stays.

        Raises:
            NotFoundError: If it was never announced.
            ConflictError: If it is final and changes, or its call changes after it was signed.
        """
        kept = self._writer().get(OutboxRow, entry.id)
        if kept is None:
            raise NotFoundError(
                f"Outbox entry {entry.id} was never announced; announce it with what it announces."
            )
        row = row_of(OutboxRow, entry, sequence=entry.sequence or kept.sequence)
        what = f"Outbox entry {entry.id}"
        self._require_same(kept, row, what, only=_ANNOUNCED)
        if kept.state in _SENT:
            self._require_same(kept, row, what, only={"call"})
        if kept.state is OutboxState.FINAL:
            self._require_same(kept, row, f"{what} is final and")
        self._replace(kept, row)
