"""Load a network: what its file says, held against itself, joined to metering points, in the former one's place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.community import Community, read_definition
from backend.errors import ConflictError, InputError, NetworkError
from backend.grid.faults import FORBIDDING, NetworkFault, find_faults
from backend.metering import Severity
from backend.services.grid.keep_network import keep_network

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from backend.grid import Connection, Network
    from backend.ports import Clock
    from backend.ports.network_files import NetworkFileReader, NetworkJoin, NetworkReading
    from backend.services.grid.network_series import GridSources

__all__ = [
    "LoadedNetwork",
    "NetworkOrder",
    "check_network",
    "join_points",
    "load_network",
    "require_network_name",
]

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class LoadedNetwork:
    """What a load did.

    Attributes:
        network: As kept.
        faults: What is wrong with it and was accepted, or is only told.
        changed: Is it another than before?
        joined: Metering points that it names. [1]
        profiled: Connections with a profile of the file. [1]
        source_format: Of the file.
    """

    network: Network
    faults: tuple[NetworkFault, ...]
    changed: bool
    joined: int
    profiled: int
    source_format: str


@dataclass(frozen=True, slots=True)
class NetworkOrder:
    """What to load, and as what.

    Attributes:
        path: The file.
        name: What to call the network.
        community: Whose metering points its connections name; empty where only commands see it.
        file_format: Of the file; ``auto``: by content.
        joins: Which metering points its connections have, beside those that the file names.
        accepted: Rules of faults that shall not keep it from being loaded.
    """

    path: Path
    name: str
    community: str = ""
    file_format: str = "auto"
    joins: tuple[NetworkJoin, ...] = ()
    accepted: frozenset[str] = frozenset()


def load_network(
    sources: GridSources,
    clock: Clock,
    read_file: NetworkFileReader,
    order: NetworkOrder,
    on_stage: Callable[[str], None] = lambda _: None,
) -> LoadedNetwork:
    """Read, check and keep a network; one of the name is replaced as a whole, or stays as it was.

    Args:
        sources: Where networks and communities lie.
        clock: Tells when it was loaded.
        read_file: Reads network files.
        order: What to load.
        on_stage: Told what is going on.

    Raises:
        InputError: If the name is none, or points are named without a community.
        NotFoundError: If the file or the community is not there.
        NetworkError: If the file cannot be read or has faults that were not accepted; nothing is kept.
        ConflictError: If the name is another community's network.
    """
    require_network_name(order.name)
    members = _members(sources, order.community)
    with sources.store.reading() as records:
        others = [
            one for one in records.networks() if one.name == order.name and one.community != order.community
        ]
    if others:
        owner = f"community {others[0].community}" if others[0].community else "no community"
        raise ConflictError(
            f"network {order.name} is loaded for {owner}, and a network has one; load this under another name, or "
            "name the same community."
        )
    on_stage(f"reading {order.path.name}")
    reading = read_file(order.path, order.file_format)
    network = join_points(replace(reading.network, name=order.name), members, order.joins)
    on_stage("checking")
    faults = check_network(replace(reading, network=network), order.accepted)
    on_stage("keeping")
    changed = keep_network(
        sources,
        clock,
        network,
        reading.profiles,
        community=order.community,
        source_format=reading.source_format,
    )
    return LoadedNetwork(
        network,
        faults,
        changed,
        sum(len(connection.metering_points) for connection in network.connections),
        sum(map(bool, reading.profiles.origins)) if reading.profiles else 0,
        reading.source_format,
    )


def require_network_name(name: str) -> None:
    """Refuse what cannot stand in addresses and file names.

    Raises:
        InputError: Saying what a name is.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f'"{name[:80]}" is no name of a network; write 1 to 63 of a-z, 0-9 and dash.')


def check_network(reading: NetworkReading, accepted: Collection[str] = ()) -> tuple[NetworkFault, ...]:
    """All that is wrong with what was read: by its reader, and in the network itself.

    Raises:
        NetworkError: If it has a fault of a rule that is not accepted, or what no rule can excuse; with all faults.
    """
    faults = list(dict.fromkeys([*reading.faults, *find_faults(reading.network)]))
    forbidding = [
        fault
        for fault in faults
        if fault.severity in FORBIDDING and (fault.rule not in accepted or fault.severity is Severity.REFUSED)
    ]
    if forbidding:
        rules = ", ".join(dict.fromkeys(fault.rule for fault in forbidding))
        raise NetworkError(
            f"{reading.network.name} is not loaded for {len(forbidding)} fault{'s' * (len(forbidding) > 1)} ({rules}): "
            f"{forbidding[0].message}",
            [*forbidding, *(fault for fault in faults if fault not in forbidding)],
        )
    return tuple(faults)


def join_points(network: Network, members: Community | None, joins: Sequence[NetworkJoin]) -> Network:
    """A network with its connections joined to metering points of a community.

    A row names a connection and a point by its id or by the operator's number, which means both directions of the
    meter; or a transformer and the feeder whose meter measures it. What a row says of switching replaces what the file
    says.

    Raises:
        NetworkError: Naming each row that fits nothing.
        InputError: If points are named and there is no community.
    """
    named = [point for connection in network.connections for point in connection.metering_points]
    meters = [transformer.meter for transformer in network.transformers if transformer.meter]
    if members is None:
        if named or any(join.metering_point for join in joins) or meters:
            raise InputError(
                "metering points are joined, but no community is named; say whose they are with --community."
            )
        return _apply(network, joins, {}, {})
    points, feeders = _known_points(members), _known_feeders(members)
    faults = [
        _unknown_point(one.id, point, members.id)
        for one in network.connections
        for point in one.metering_points
        if point not in points
    ]
    faults += [
        _unknown_feeder(one.id, one.meter, members.id)
        for one in network.transformers
        if one.meter and one.meter not in feeders
    ]
    faults += list(_wrong_rows(network, members, joins, points, feeders))
    if faults:
        raise NetworkError(
            f"{len(faults)} of the network's joins with metering points cannot be made; the first: {faults[0].message}",
            faults,
        )
    return _apply(network, joins, points, feeders)


def _members(sources: GridSources, community: str) -> Community | None:
    if not community:
        return None
    with sources.store.reading() as records:
        record = records.community(community)
    return read_definition(record.definition, f"{community}.toml")


def _known_points(members: Community) -> dict[str, tuple[str, ...]]:
    """Ids of points by id, and by the operator's number."""
    found: dict[str, tuple[str, ...]] = {}
    for point in members.metering_points:
        found[point.number] = (*found.get(point.number, ()), point.id)
    return found | {point.id: (point.id,) for point in members.metering_points}


def _known_feeders(members: Community) -> dict[str, str]:
    return {name: feeder.id for feeder in members.feeders for name in (feeder.number, feeder.id)}


def _wrong_rows(
    network: Network,
    members: Community,
    joins: Iterable[NetworkJoin],
    points: Collection[str],
    feeders: Collection[str],
) -> Iterable[NetworkFault]:
    connections = {connection.id for connection in network.connections}
    transformers = {transformer.id for transformer in network.transformers}
    for join in joins:
        if join.connection not in connections | transformers:
            yield _fault(
                "unknown_connection",
                join.connection,
                f'there is no connection or transformer "{join.connection}" in the network; correct the row.',
                join.where,
            )
        elif join.metering_point:
            is_transformer = join.connection not in connections
            known = feeders if is_transformer else points
            if join.metering_point not in known:
                tell = _unknown_feeder if is_transformer else _unknown_point
                yield tell(join.connection, join.metering_point, members.id, join.where)


def _unknown_point(connection: str, point: str, community: str, where: str = "") -> NetworkFault:
    return _fault(
        "unknown_point",
        connection,
        f'connection {connection} is joined to metering point "{point}", which community {community} does not have; '
        "write its id or the operator's number.",
        where,
    )


def _unknown_feeder(transformer: str, feeder: str, community: str, where: str = "") -> NetworkFault:
    return _fault(
        "unknown_feeder",
        transformer,
        f'transformer {transformer} is measured by "{feeder}", but community {community} has no such feeder; add it to '
        "its [[feeders]], or write its id or number.",
        where,
    )


def _fault(rule: str, element: str, message: str, where: str) -> NetworkFault:
    return NetworkFault(rule, element, message, Severity.FAULT, where)


def _apply(
    network: Network,
    joins: Sequence[NetworkJoin],
    points: dict[str, tuple[str, ...]],
    feeders: dict[str, str],
) -> Network:
    rows: dict[str, list[NetworkJoin]] = {}
    for join in joins:
        rows.setdefault(join.connection, []).append(join)
    connections = tuple(_joined(one, rows.get(one.id, []), points) for one in network.connections)
    transformers = tuple(
        replace(one, meter=feeders[row.metering_point])
        if (row := next((row for row in rows.get(one.id, []) if row.metering_point), None))
        else one
        for one in network.transformers
    )
    return replace(network, connections=connections, transformers=transformers)


def _joined(one: Connection, rows: Sequence[NetworkJoin], points: dict[str, tuple[str, ...]]) -> Connection:
    named = [*one.metering_points, *(row.metering_point for row in rows if row.metering_point)]
    ids = tuple(dict.fromkeys(point for name in named for point in points[name]))
    changed = replace(one, metering_points=ids)
    for row in rows:
        told = {
            name: getattr(row, name) for name in ("is_critical", "can_rotate", "switch_cost", "rated_watts")
        }
        changed = replace(changed, **{name: value for name, value in told.items() if value is not None})
    return changed
