"""Decisions about readings, and who loaded them: what was decided never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.treatment_tables import DecisionRow, LoadAuthorRow
from backend.ports.treatment_records import LoadAuthor, ReadingDecision

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TreatmentRecords"]


class TreatmentRecords(RecordSet):
    """Implements ``backend.ports.treatment_records.TreatmentRecords``."""

    def add_decision(self, record: ReadingDecision) -> None:
        """See the port."""
        self._keep_once(row_of(DecisionRow, record), f"Decision {record.number} of {record.community}")

    def decisions(self, community: str) -> Sequence[ReadingDecision]:
        """See the port."""
        rows = self._session.exec(
            select(DecisionRow).where(DecisionRow.community == community).order_by(col(DecisionRow.number))
        )
        return [record_of(ReadingDecision, row) for row in rows]

    def erase_decisions(self, community: str, metering_points: Sequence[str]) -> None:
        """See the port."""
        self._writer().execute(
            delete(DecisionRow).where(
                col(DecisionRow.community) == community,
                col(DecisionRow.metering_point).in_(list(metering_points)),
            )
        )
        self.erased = True

    def add_load_author(self, record: LoadAuthor) -> None:
        """See the port."""
        row = row_of(LoadAuthorRow, record)
        if self._kept(row) is None:
            self._writer().add(row)
            self._writer().flush()

    def load_authors(self, community: str) -> Sequence[LoadAuthor]:
        """See the port."""
        rows = self._session.exec(
            select(LoadAuthorRow)
            .where(LoadAuthorRow.community == community)
            .order_by(col(LoadAuthorRow.loaded_utc), col(LoadAuthorRow.load))
        )
        return [record_of(LoadAuthor, row) for row in rows]

    def rename_deciders(self, user: str, alias: str) -> None:
        """See the port."""
        session = self._writer()
        session.execute(
            update(DecisionRow).where(col(DecisionRow.decided_by) == user).values(decided_by=alias)
        )
        session.execute(update(LoadAuthorRow).where(col(LoadAuthorRow.user) == user).values(user=alias))
