"""Looks for anomalies and their findings: what was believed stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.anomaly_tables import AnomalyLookRow, AnomalyRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.forecasting.anomalies import Anomaly
from backend.ports.anomaly_records import AnomalyLook, AnomalyRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AnomalyRecords"]

_IN_COLUMNS = ("kind", "element", "start_utc", "end_utc")
_IN_DOCUMENT = ("p_value", "reason", "cause", "discovered")


class AnomalyRecords(RecordSet):
    """Implements ``backend.ports.anomaly_records.AnomalyRecords``."""

    def add_anomaly_look(self, look: AnomalyLook, findings: Sequence[AnomalyRecord]) -> None:
        """See the port."""
        row = row_of(AnomalyLookRow, look)
        if self._kept(row) is not None:  # the id is of what was looked at: looked at again, it is the same
            return
        self._writer().add(row)
        self._writer().flush()
        for one in findings:
            columns: dict[str, Any] = {name: getattr(one.anomaly, name) for name in _IN_COLUMNS}
            document = {name: getattr(one.anomaly, name) for name in _IN_DOCUMENT}
            document["figures"] = dict(one.anomaly.figures)
            self._writer().add(row_of(AnomalyRow, one, **columns, document=document))
        self._writer().flush()

    def anomaly_looks(self, community: str) -> Sequence[AnomalyLook]:
        """See the port."""
        row = AnomalyLookRow
        statement = (
            select(row).where(row.community == community).order_by(col(row.made_utc).desc(), col(row.id))
        )
        return [record_of(AnomalyLook, found) for found in self._session.exec(statement)]

    def anomalies(self, community: str, look: str | None = None) -> Sequence[AnomalyRecord]:
        """See the port."""
        row = AnomalyRow
        statement = select(row).where(row.community == community)
        if look is not None:
            statement = statement.where(row.look == look)
        statement = statement.order_by(col(row.look), col(row.place))
        return [_read(found) for found in self._session.exec(statement)]

    def erase_anomalies(self, community: str, participant: str) -> None:
        """See the port."""
        session = self._writer()
        rows = select(AnomalyRow).where(AnomalyRow.community == community)
        for row in [row for row in session.exec(rows) if participant in row.owners]:
            session.execute(
                delete(AnomalyRow).where(
                    col(AnomalyRow.community) == community,
                    col(AnomalyRow.look) == row.look,
                    col(AnomalyRow.place) == row.place,
                )
            )
        self.erased = True
        session.flush()
        session.expire_all()


def _read(row: AnomalyRow) -> AnomalyRecord:
    columns: dict[str, Any] = {name: getattr(row, name) for name in _IN_COLUMNS}
    return AnomalyRecord(row.community, row.look, row.place, row.owners, Anomaly(**columns, **row.document))
