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
from backend.grid import Network, Segment, Switch, Topology, Transformer, trace_network
from backend.grid.network_form import digest_network, read_network, write_network
from backend.ports.grid_records import NetworkPoint, NetworkRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.adapters.store.tables import Row

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
        topology = trace_network(network)
        self._add(GridBusRow, name, _buses(network, topology))
        self._add(GridBranchRow, name, _branches(network, topology))
        self._add(GridConnectionRow, name, _connections(network, topology))
        points = [
            {"connection": one.id, "metering_point": point}
            for one in network.connections
            for point in dict.fromkeys(one.metering_points)
        ]
        self._add(GridConnectionPointRow, name, points)

    def _add(self, table: type[Row], network: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._writer().execute(insert(table), [{"network": network, **row} for row in rows])


def _named(topology: Topology, bus: int) -> dict[str, str]:
    """What feeds a bus: the head of its feeder and the transformer above, by id."""
    feeder, above = topology.head_above[bus], topology.transformer_above[bus]
    return {
        "feeder": topology.branches[feeder].id if feeder >= 0 else "",
        "transformer": topology.branches[above].id if above >= 0 else "",
    }


def _buses(network: Network, topology: Topology) -> list[dict[str, Any]]:
    return [
        {
            "id": bus.id,
            "position": place,
            "nominal_volts": bus.nominal_volts,
            "phases": str(bus.phases),
            "x": bus.x,
            "y": bus.y,
            "substation": bus.substation,
            "is_fed": topology.is_fed[place],
            **_named(topology, place),
        }
        for place, bus in enumerate(network.buses)
    ]


def _branches(network: Network, topology: Topology) -> list[dict[str, Any]]:
    rows = []
    for place, branch in enumerate(network.branches):
        row: dict[str, Any] = {
            "id": branch.id,
            "position": place,
            "kind": type(branch).__name__.lower(),
            "from_bus": branch.from_bus,
            "to_bus": branch.to_bus,
            "phases": str(branch.phases),
            "length_metres": branch.length_metres if isinstance(branch, Segment) else None,
            "rated_amperes": None,
            "rated_volt_amperes": None,
            "is_closed": branch.is_closed if isinstance(branch, Switch) else True,
            "meter": "",
            "feeder": "",
            "transformer": "",
        }
        if isinstance(branch, Transformer):
            row |= {"rated_volt_amperes": branch.rated_volt_amperes, "meter": branch.meter}
        else:
            row["rated_amperes"] = branch.rated_amperes or None
            far = topology.far_bus(place)
            row |= _named(topology, far) if far >= 0 else {}
        rows.append(row)
    return rows


def _connections(network: Network, topology: Topology) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "position": place,
            "bus": one.bus,
            "phases": str(one.phases),
            "power_factor": one.power_factor,
            "rated_watts": one.rated_watts or None,
            "is_critical": one.is_critical,
            "can_rotate": one.can_rotate,
            "switch_cost": one.switch_cost,
            **_named(topology, network.bus_index[one.bus]),
        }
        for place, one in enumerate(network.connections)
    ]
