"""Devices that hand in readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from backend.adapters.store.device_tables import DeviceRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.ports.device_records import DeviceRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DeviceRecords"]


class DeviceRecords(RecordSet):
    """Implements ``backend.ports.device_records.DeviceRecords``."""

    def put_device(self, record: DeviceRecord) -> None:
        """See the port."""
        self._put(row_of(DeviceRow, record))

    def device(self, community: str, name: str) -> DeviceRecord | None:
        """See the port."""
        row = self._session.get(DeviceRow, (community, name))
        return None if row is None else record_of(DeviceRecord, row)

    def devices(self, community: str | None = None) -> Sequence[DeviceRecord]:
        """See the port."""
        statement = select(DeviceRow)
        if community is not None:
            statement = statement.where(DeviceRow.community == community)
        ordered = statement.order_by(col(DeviceRow.community), col(DeviceRow.name))
        return [record_of(DeviceRecord, row) for row in self._session.exec(ordered)]
