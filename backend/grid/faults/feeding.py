"""Who is not fed: islands, customers on phases that do not reach them, and loops."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.grid.faults.fault import NetworkFault
from backend.grid.network import Switch
from backend.grid.phases import PHASE_COUNT
from backend.grid.topology import phases_reaching, trace_network
from backend.metering import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.grid.network import Branch, Network
    from backend.grid.phases import Phases
    from backend.grid.topology import Topology

__all__ = ["find_feeding_faults"]

_SHOWN = 5


def find_feeding_faults(network: Network) -> Iterator[NetworkFault]:
    """Islands and their customers, customers on a phase that does not reach them, conductors without, loops."""
    topology = trace_network(network)
    yield from _find_islands(network, topology)
    reaching = phases_reaching(network)
    for connection in network.connections:
        bus = network.bus_index[connection.bus]
        lacking = connection.phases & ~reaching[bus]
        if topology.is_fed[bus] and lacking:
            branch = _lacking_branch(topology, bus, lacking)
            place = (
                f"{branch.id} has {branch.phases}" if branch else f"bus {connection.bus} has {reaching[bus]}"
            )
            yield NetworkFault(
                "missing_phase",
                connection.id,
                f"connection {connection.id} is on {connection.phases}, but {lacking} does not reach bus "
                f"{connection.bus}: {place}. Correct the customer's phase or the segment's.",
                Severity.FAULT,
            )
    for branch in network.branches:
        ends = [network.bus_index[end] for end in (branch.from_bus, branch.to_bus)]
        dead = branch.phases & ~(reaching[ends[0]] | reaching[ends[1]])
        is_open = isinstance(branch, Switch) and not branch.is_closed
        if dead and all(topology.is_fed[end] for end in ends) and not is_open:
            yield NetworkFault(
                "dead_conductor",
                branch.id,
                f"{branch.id} has {branch.phases}, but {dead} reaches neither of its ends.",
                Severity.WARNING,
            )
    loops = _find_loops(network)
    if loops:
        yield NetworkFault(
            "loop",
            loops[0],
            f"{len(loops)} branches close a loop ({_some(loops)}); what is behind an element is told along the "
            "shortest way.",
            Severity.NOTE,
        )


def _find_islands(network: Network, topology: Topology) -> Iterator[NetworkFault]:
    if not network.sources or not topology.islands:
        return
    all_closed = replace(
        network, switches=tuple(replace(switch, is_closed=True) for switch in network.switches)
    )
    could_be = trace_network(all_closed).is_fed
    for island in topology.islands:
        customers = [network.connections[one].id for bus in island for one in topology.connections_at[bus]]
        name = network.buses[island[0]].id
        size = f"{len(island)} bus{'es' * (len(island) > 1)} ({_some([network.buses[bus].id for bus in island])})"
        joined = f"{len(customers)} connection{'s' * (len(customers) != 1)}"
        behind = "an open switch keeps them from it" if could_be[island[0]] else "no branch leads to them"
        yield NetworkFault(
            "island",
            name,
            f"nothing feeds {size} with {joined}: {behind}. Close or add what joins them.",
            _island_severity(customers, is_switchable=could_be[island[0]]),
        )
        for customer in customers:
            yield NetworkFault(
                "unfed_connection",
                customer,
                f"connection {customer} stands in the island of bus {name}, which nothing feeds.",
                Severity.WARNING,
            )


def _find_loops(network: Network) -> list[str]:
    """Closed branches that join what was joined before, in one of their phases; a bank of one-phase units is none."""
    joined = {(bus.id, phase): (bus.id, phase) for bus in network.buses for phase in range(PHASE_COUNT)}

    def find(node: tuple[str, int]) -> tuple[str, int]:
        while joined[node] != node:
            joined[node] = joined[joined[node]]
            node = joined[node]
        return node

    loops = []
    for branch in network.branches:
        if isinstance(branch, Switch) and not branch.is_closed:
            continue
        closes = False
        for phase in branch.phases.indices:
            ends = find((branch.from_bus, phase)), find((branch.to_bus, phase))
            closes |= ends[0] == ends[1]
            joined[ends[0]] = ends[1]
        if closes:
            loops.append(branch.id)
    return loops


def _island_severity(customers: Sequence[str], *, is_switchable: bool) -> Severity:
    if not customers:
        return Severity.NOTE if is_switchable else Severity.WARNING
    return Severity.WARNING if is_switchable else Severity.FAULT


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")


def _lacking_branch(topology: Topology, bus: int, lacking: Phases) -> Branch | None:
    """The branch nearest to a source, on the way to a bus, that does not carry phases."""
    for index in reversed(topology.way_up(bus)):
        branch = topology.branches[index]
        if lacking & ~branch.phases:
            return branch
    return None
