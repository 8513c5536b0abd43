"""Looks at what could be contested: a step that was taken never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.contest_tables import LookRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.ports.contest_records import LookRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ContestRecords"]

#: What each step adds; once its time is set, none of it changes.
_STEPS = {
    "asked_utc": ("question",),
    "answered_utc": ("advice", "answer", "answered_by"),
    "consented_utc": ("consented_by",),
    "sent_utc": (),
}
_ADDED = {name for time, names in _STEPS.items() for name in (time, *names)}


class ContestRecords(RecordSet):
    """Implements ``backend.ports.contest_records.ContestRecords``."""

    def put_look(self, record: LookRecord) -> None:
        """See the port."""
        row = row_of(LookRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
            return
        settled = set(LookRecord.__slots__) - _ADDED
        for time, names in _STEPS.items():
            if getattr(kept, time):
                settled |= {time, *names}
        self._require_same(kept, row, f"Look {record.id}", settled)
        self._replace(kept, row)

    def look(self, look_id: str) -> LookRecord | None:
        """See the port."""
        row = self._session.get(LookRow, look_id)
        return None if row is None else record_of(LookRecord, row)

    def looks(self, community: str, participant: str | None = None) -> Sequence[LookRecord]:
        """See the port."""
        statement = select(LookRow).where(LookRow.community == community)
        if participant is not None:
            statement = statement.where(LookRow.participant == participant)
        ordered = statement.order_by(col(LookRow.looked_utc), col(LookRow.id))
        return [record_of(LookRecord, row) for row in self._session.exec(ordered)]

    def remove_looks(self, community: str, participant: str) -> None:
        """See the port."""
        session = self._writer()
        named = (col(LookRow.community) == community, col(LookRow.participant) == participant)
        session.execute(delete(LookRow).where(*named))
        session.expire_all()
        self.erased = True
