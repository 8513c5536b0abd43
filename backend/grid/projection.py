"""A network as flat rows, as databases take them: what feeds something stands beside it, ready to be grouped by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.grid.network import Network, Segment, Switch, Transformer
from backend.grid.topology import Topology, trace_network

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NetworkRows", "project_network"]


@dataclass(frozen=True, slots=True)
class NetworkRows:
    """Rows by table, in the network's order, a value by column name; ``position`` is the place in it.

    Attributes:
        buses: ``id, position, nominal_volts, phases, x, y, substation, is_fed, feeder, transformer``.
        branches: ``id, position, kind, from_bus, to_bus, phases, length_metres, rated_amperes, rated_volt_amperes,
            is_closed, meter, feeder, transformer``.
        connections: ``id, position, bus, phases, power_factor, rated_watts, is_critical, can_rotate, switch_cost,
            feeder, transformer``.
        points: ``connection, metering_point``.
    """

    buses: Sequence[dict[str, Any]]
    branches: Sequence[dict[str, Any]]
    connections: Sequence[dict[str, Any]]
    points: Sequence[dict[str, Any]]


def project_network(network: Network) -> NetworkRows:
    """Lay a network out flat.

    ``feeder`` is the branch that heads the feeder that something is on, ``transformer`` the one above it, both empty
    where there is none; ratings that are not known are None.
    """
    topology = trace_network(network)
    return NetworkRows(
        _buses(network, topology),
        _branches(network, topology),
        _connections(network, topology),
        [
            {"connection": one.id, "metering_point": point}
            for one in network.connections
            for point in dict.fromkeys(one.metering_points)
        ],
    )


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
