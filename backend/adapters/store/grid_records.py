"""Networks: the document that is true, and its projection in tables, which is written with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert
from sqlmodel import col, select

from backend.adapters.store.grid_tables import (
    GridBranchRow,
    GridBusRow,
    GridConnectionPointRow,
    GridConnectionRow,
    NetworkRow,
)
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.errors import NotFoundError
from backend.grid.network_form import digest_network, read_network, write_network
from backend.grid.projection import project_network
from backend.ports.grid_records import NetworkPoint, NetworkRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.adapters.store.tables import Row
    from backend.grid import Network

__all__ = ["GridRecords"]

_PROJECTION = (GridConnectionPointRow, GridConnectionRow, GridBranchRow, GridBusRow)


class GridRecords(RecordSet):
    """Implements ``backend.ports.grid_records.GridRecords``."""

    def put_network(self, record: NetworkRecord) -> None:
        """See the port."""
        network = read_network(record.document)
        self._put(row_of(NetworkRow, record))
        self._project(record.name, network)

    def network(self, name: str) -> NetworkRecord:
        """See the port."""
        row = self._session.get(NetworkRow, name)
        if row is None:
            known = self._session.exec(select(NetworkRow.name).order_by(col(NetworkRow.name))).all()
            here = f"those that are here: {', '.join(known)}" if known else "none was loaded yet"
            raise NotFoundError(f"There is no network {name!r}; {here}.")
        return record_of(NetworkRecord, row)

    def networks(self, community: str | None = None) -> Sequence[NetworkRecord]:
        """See the port."""
        statement = select(NetworkRow).order_by(col(NetworkRow.name))
        if community is not None:
            statement = statement.where(NetworkRow.community == community)
        return [record_of(NetworkRecord, row) for row in self._session.exec(statement)]

    def network_points(self, community: str, metering_points: Sequence[str]) -> Sequence[NetworkPoint]:
        """See the port."""
        point, place = GridConnectionPointRow, GridConnectionRow
        statement = (
            select(point, place)
            .join(NetworkRow, col(NetworkRow.name) == col(point.network))
            .join(
                place, (col(place.network) == col(point.network)) & (col(place.id) == col(point.connection))
            )
            .where(NetworkRow.community == community, col(point.metering_point).in_(list(metering_points)))
            .order_by(col(point.network), col(point.connection), col(point.metering_point))
        )
        return [
            NetworkPoint(
                *(joined.network, joined.connection, joined.metering_point),
                bus=where.bus,
                phases=where.phases,
                feeder=where.feeder,
                transformer=where.transformer,
            )
            for joined, where in self._session.exec(statement)
        ]

    def erase_network_points(self, community: str, metering_points: Sequence[str]) -> None:
        """See the port."""
        gone = frozenset(metering_points)
        for record in self.networks(community):
            network = read_network(record.document)
            if not any(gone & set(one.metering_points) for one in network.connections):
                continue
            left = tuple(
                replace(one, metering_points=tuple(p for p in one.metering_points if p not in gone))
                for one in network.connections
            )
            network = replace(network, connections=left)
            self.put_network(replace(record, document=write_network(network), digest=digest_network(network)))
        self.erased = True

    def _project(self, name: str, network: Network) -> None:
        session = self._writer()
        session.flush()
        for table in _PROJECTION:
            session.execute(delete(table).where(col(table.network) == name))
        projected = project_network(network)
        self._add(GridBusRow, name, projected.buses)
        self._add(GridBranchRow, name, projected.branches)
        self._add(GridConnectionRow, name, projected.connections)
        self._add(GridConnectionPointRow, name, projected.points)

    def _add(self, table: type[Row], network: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._writer().execute(insert(table), [{"network": network, **row} for row in rows])
