"""What is wrong with a network: named, where, with which value, and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from backend.metering import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.grid.network import Network

__all__ = ["FORBIDDING", "NetworkFault", "find_faults"]

FORBIDDING = frozenset({Severity.REFUSED, Severity.FAULT})
"""Severities that keep a network from being loaded; a fault's rule can be accepted, what is refused cannot."""
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One thing that is wrong with a network, or that its reader could not carry over.

    Attributes:
        rule: Which check found it, such as ``island`` or ``unknown_bus``.
        element: Id of the bus, branch or connection, empty for the network as a whole.
        message: What is wrong, with which value, and what to do.
        severity: A fault forbids loading; anything less is told.
        where: File and line, empty where unknown.
    """

    rule: str
    element: str
    message: str
    severity: Severity
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "severity": self.severity.name.lower()}


def find_faults(network: Network) -> list[NetworkFault]:
    """All that is wrong with a network: names, values, then what feeds what.

    A network whose branches or connections stand at unknown buses is not walked: it would have to be guessed how.

    Returns:
        By rule: names first, then values by kind of element, then feeding.
    """
    from backend.grid.element_faults import find_element_faults
    from backend.grid.feeding_faults import find_feeding_faults

    names = list(_find_name_faults(network))
    values = list(find_element_faults(network))
    if any(fault.rule in {"unknown_bus", "duplicate_id"} for fault in names):
        return names + values
    return names + values + list(find_feeding_faults(network))


def _find_name_faults(network: Network) -> Iterator[NetworkFault]:
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
