"""Cases, claims and rulings: what was opened, signed and ruled never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.case_tables import CaseRow, ClaimRow, RulingRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.errors import ConflictError
from backend.ports.case_records import CaseRecord, ClaimRecord, RulingRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CaseRecords"]


class CaseRecords(RecordSet):
    """Implements ``backend.ports.case_records.CaseRecords``."""

    def put_case(self, record: CaseRecord) -> None:
        """See the port."""
        kept = self.case(record.id)
        if kept is None:
            self._writer().add(row_of(CaseRow, record))
            self._writer().flush()
            return
        row = row_of(CaseRow, record)
        changed = [name for name in CaseRecord.__slots__ if getattr(kept, name) != getattr(record, name)]
        if changed == ["number"] and kept.number == 0:
            found = self._kept(row)
            assert found is not None
            self._replace(found, row)
        elif changed:
            raise ConflictError(f"Case {record.id} is kept with another {changed[0]}; open a new one.")

    def case(self, case_id: str) -> CaseRecord | None:
        """See the port."""
        row = self._session.get(CaseRow, case_id)
        return None if row is None else record_of(CaseRecord, row)

    def cases(self, community: str) -> Sequence[CaseRecord]:
        """See the port."""
        statement = select(CaseRow).where(CaseRow.community == community)
        ordered = statement.order_by(col(CaseRow.opened_utc), col(CaseRow.id))
        return [record_of(CaseRecord, row) for row in self._session.exec(ordered)]

    def add_claim(self, record: ClaimRecord) -> None:
        """See the port."""
        self._keep_once(row_of(ClaimRow, record), f"Claim {record.number} of party {record.party}")

    def claims(self, case_id: str) -> Sequence[ClaimRecord]:
        """See the port."""
        statement = select(ClaimRow).where(ClaimRow.case == case_id)
        ordered = statement.order_by(col(ClaimRow.filed_utc), col(ClaimRow.party), col(ClaimRow.number))
        return [record_of(ClaimRecord, row) for row in self._session.exec(ordered)]

    def put_ruling(self, record: RulingRecord) -> None:
        """See the port."""
        self._keep_once(row_of(RulingRow, record), f"The ruling of case {record.case}")

    def ruling(self, case_id: str) -> RulingRecord | None:
        """See the port."""
        row = self._session.get(RulingRow, case_id)
        return None if row is None else record_of(RulingRecord, row)

    def remove_case(self, case_id: str) -> None:
        """See the port."""
        session = self._writer()
        for table, key in ((RulingRow, RulingRow.case), (ClaimRow, ClaimRow.case), (CaseRow, CaseRow.id)):
            session.execute(delete(table).where(col(key) == case_id))
        session.expire_all()
        self.erased = True
