"""Elements that share a name, have none that can be read, or name what the network does not have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backend.grid.faults.fault import NetworkFault
from backend.metering import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.grid.network import Network

__all__ = ["find_name_faults"]

_LONGEST_ID = 200


def find_name_faults(network: Network) -> Iterator[NetworkFault]:
    """A network without a source, twins, ids that cannot be read, unknown buses, points at two connections."""
    if not network.sources:
        yield NetworkFault(
            "no_source",
            "",
            f"{network.name} has no source: nothing feeds it. Add what stands above it.",
            Severity.FAULT,
        )
    kinds = {
        "bus": [bus.id for bus in network.buses],
        "branch": [branch.id for branch in network.branches],
        "connection": [connection.id for connection in network.connections],
        "source": [source.id for source in network.sources],
        "shunt": [shunt.id for shunt in network.shunts],
    }
    for kind, ids in kinds.items():
        yield from _find_twins(kind, ids)
    yield from _find_unknown_buses(network, set(kinds["bus"]))
    points = Counter(point for connection in network.connections for point in connection.metering_points)
    for point, count in points.items():
        if count > 1:
            holders = [one.id for one in network.connections if point in one.metering_points]
            yield NetworkFault(
                "shared_point",
                holders[0],
                f"metering point {point} is joined to {len(holders)} connections ({', '.join(holders[:4])}); its "
                "energy would count more than once. Join it to one.",
                Severity.FAULT,
            )


def _find_twins(kind: str, ids: list[str]) -> Iterator[NetworkFault]:
    for one, count in Counter(ids).items():
        if count > 1:
            yield NetworkFault(
                "duplicate_id",
                one,
                f'{count} {kind} elements have the id "{one}"; give each its own.',
                Severity.FAULT,
            )
        if not one.strip():
            yield NetworkFault("no_id", one, f"a {kind} has no id; give it one.", Severity.FAULT)
        elif len(one) > _LONGEST_ID or not one.isprintable():
            yield NetworkFault(
                "unprintable_id",
                one[:_LONGEST_ID],
                f"the id {one[:40]!r} of a {kind} has {len(one)} characters, or some that do not show; write at most "
                f"{_LONGEST_ID} that do.",
                Severity.REFUSED,
            )
    folded: dict[str, list[str]] = {}
    for one in dict.fromkeys(ids):
        folded.setdefault(one.casefold(), []).append(one)
    for alike in folded.values():
        if len(alike) > 1:
            yield NetworkFault(
                "case_twins",
                alike[0],
                f"{kind} ids {', '.join(alike[:4])} differ in case alone; some programs take them as one. Rename one.",
                Severity.WARNING,
            )


def _find_unknown_buses(network: Network, known: set[str]) -> Iterator[NetworkFault]:
    ends = [(branch.id, end) for branch in network.branches for end in (branch.from_bus, branch.to_bus)]
    ends += [(source.id, source.bus) for source in network.sources]
    ends += [(connection.id, connection.bus) for connection in network.connections]
    ends += [(shunt.id, shunt.bus) for shunt in network.shunts]
    for element, bus in ends:
        if bus not in known:
            yield NetworkFault(
                "unknown_bus",
                element,
                f'{element} is joined to bus "{bus}", which the network does not have; correct it or add the bus.',
                Severity.FAULT,
            )
