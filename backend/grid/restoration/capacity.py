"""What ways can carry: loads of dark sections, ratings on the way from them up to the sources."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.network import Switch, Transformer
from backend.grid.phases import PHASE_COUNT
from backend.grid.restoration.search import FlowRow
from backend.grid.restoration.sections import LIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Branch, Network
    from backend.grid.restoration.check import Observed
    from backend.grid.restoration.sections import Sections
    from backend.grid.series import ConnectionSeries
    from backend.grid.topology import Topology

__all__ = ["BackupWay", "backup_way", "flow_rows", "node_loads", "rated_volt_amperes"]

_SQRT3 = 3**0.5


@dataclass(frozen=True)
class BackupWay:
    """A way from a tie's live side up to the source.

    Attributes:
        live_bus: Id.
        dark_bus: Id.
        branches: Ids, the nearest first.
        spare: What all phases together may carry more, at the worst time; None where no rating is known. [VA]
    """

    live_bus: str
    dark_bus: str
    branches: tuple[str, ...]
    spare: float | None


def rated_volt_amperes(network: Network, branch: Branch) -> float:
    """What one phase of a branch carries for long, 0 where unknown. [VA]"""
    if isinstance(branch, Transformer):
        return branch.rated_volt_amperes / len(branch.phases.indices)
    volts = network.buses[network.bus_index[branch.to_bus]].nominal_volts
    return branch.rated_amperes * volts / _SQRT3


def node_loads(
    sections: Sections, series: ConnectionSeries
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Apparent power by node, and by bus, of what is dark; negative where more is given than drawn.

    Where a transformer of a delta winding is inside a node, its phases are mixed: all of the node's power is spread
    evenly then.

    Args:
        sections: After the fault.
        series: Snapshots.

    Returns:
        Shapes (nodes, 3, S) and (buses, 3, S). [VA]
    """
    network = sections.network
    by_bus = np.zeros((len(network.buses), PHASE_COUNT, series.length))
    watts, reactive = np.nan_to_num(series.watts), np.nan_to_num(series.vars)
    power = np.hypot(watts, reactive) * np.where(watts < 0, -1.0, 1.0)
    mixed = _mixed_nodes(sections)
    for row, connection in enumerate(network.connections):
        bus = network.bus_index[connection.bus]
        if sections.node[bus] <= LIVE:
            continue
        phases = list(range(PHASE_COUNT)) if sections.node[bus] in mixed else list(connection.phases.indices)
        by_bus[bus, phases] += power[row] / len(phases)
    by_node = np.zeros((sections.count, PHASE_COUNT, series.length))
    for node in range(1, sections.count):
        by_node[node] = by_bus[list(sections.buses[node])].sum(axis=0)
    return by_node, by_bus


def flow_rows(
    sections: Sections,
    live: Topology,
    by_bus: NDArray[np.float64],
    flows: NDArray[np.float64],
    loading: float,
) -> list[FlowRow]:
    """Ratings that ties use up, on the live side and inside dark nodes.

    Args:
        sections: After the fault.
        live: Walked without what is removed.
        by_bus: Loads of dark buses, see ``node_loads``. [VA]
        flows: What branches carry once the fault is cut off, see ``Observed``. Shape (E, 3, S). [VA]
        loading: Part of a rating that may be used. [1]
    """
    rows = _live_rows(sections, live, flows, loading)
    switches = len(sections.network.segments)  # of the branches, switches begin after them
    for place, tie in enumerate(sections.ties):
        limit = loading * rated_volt_amperes(sections.network, sections.network.switches[tie])
        if limit:
            rows.append(FlowRow((place,), (1,), LIVE, np.zeros(by_bus.shape[1:]), limit, switches + tie))
    for node in range(1, sections.count):
        rows += _dark_rows(sections, node, by_bus, loading)
    return rows


def backup_way(
    sections: Sections, live: Topology, tie: int, isolated: Observed | None, loading: float
) -> BackupWay:
    """The way from a tie's live side up to its source."""
    network = sections.network
    switch = network.switches[tie]
    ends = (switch.from_bus, switch.to_bus)
    live_bus, dark_bus = ends if sections.ends(tie)[0] == LIVE else ends[::-1]
    way = live.way_up(network.bus_index[live_bus])
    spare: list[float] = []
    own = loading * rated_volt_amperes(network, switch)
    if own:
        spare.append(own * len(switch.phases.indices))
    for index in way if isolated is not None else ():
        branch = live.branches[index]
        limit = loading * rated_volt_amperes(network, branch)
        if limit and isolated is not None:
            used = _downstream(network, live, index) * isolated.flows[index]
            phases = list(branch.phases.indices)
            spare.append(max(float(limit - used[phases].max()), 0.0) * len(phases))
    names = tuple(live.branches[index].id for index in way)
    return BackupWay(live_bus, dark_bus, names, min(spare) if spare else None)


def _mixed_nodes(sections: Sections) -> frozenset[int]:
    network = sections.network
    return frozenset(
        sections.node[network.bus_index[one.to_bus]]
        for one in network.transformers
        if one.id not in sections.removed and _mixes(one)
    )


def _mixes(branch: Branch) -> bool:
    """Does a transformer take a load on one phase to several?"""
    return isinstance(branch, Transformer) and (
        branch.from_winding.lower().startswith("d") or branch.to_winding.lower().startswith(("d", "z"))
    )


def _downstream(network: Network, live: Topology, branch: int) -> float:
    """1 where what a branch feeds is at its ``to_bus``, else -1."""
    return 1.0 if live.far_bus(branch) == network.bus_index[live.branches[branch].to_bus] else -1.0


def _live_rows(
    sections: Sections, live: Topology, flows: NDArray[np.float64], loading: float
) -> list[FlowRow]:
    network = sections.network
    using: dict[int, list[tuple[int, int]]] = {}
    summed: set[int] = set()
    for place, tie in enumerate(sections.ties):
        ends = sections.ends(tie)
        if LIVE not in ends:
            continue
        switch = network.switches[tie]
        bus = network.bus_index[switch.from_bus if ends[0] == LIVE else switch.to_bus]
        is_mixed = False
        for index in live.way_up(bus):
            using.setdefault(index, []).append((place, 1 if ends[0] == LIVE else -1))
            if is_mixed:
                summed.add(index)
            is_mixed |= _mixes(live.branches[index])
    rows = []
    for index, ties in using.items():
        limit = loading * rated_volt_amperes(network, live.branches[index])
        if limit:
            base = _downstream(network, live, index) * flows[index]
            places, signs = zip(*ties, strict=True)
            rows.append(FlowRow(places, signs, LIVE, base, limit, index, index in summed))
    return rows


def _dark_rows(sections: Sections, node: int, by_bus: NDArray[np.float64], loading: float) -> list[FlowRow]:
    """Ratings inside a node, between the places where ties meet it; a node in a ring is left to power flow."""
    network = sections.network
    at: dict[int, list[tuple[int, int]]] = {}
    for place, tie in enumerate(sections.ties):
        switch = network.switches[tie]
        for name, sign in ((switch.from_bus, 1), (switch.to_bus, -1)):
            if sections.node[network.bus_index[name]] == node:
                at.setdefault(network.bus_index[name], []).append((place, sign))
    if not at:
        return []
    members = set(sections.buses[node])
    beside: dict[int, list[tuple[int, int]]] = {bus: [] for bus in members}
    branches = network.branches
    for index, branch in enumerate(branches):
        ends = network.bus_index[branch.from_bus], network.bus_index[branch.to_bus]
        is_open = isinstance(branch, Switch) and not branch.is_closed
        if branch.id in sections.removed or is_open or not members.issuperset(ends):
            continue
        beside[ends[0]].append((ends[1], index))
        beside[ends[1]].append((ends[0], index))
    order, above = _walk(beside, next(iter(at)))
    if sum(len(one) for one in beside.values()) != 2 * (len(order) - 1):
        return []
    load = {bus: by_bus[bus].copy() for bus in order}
    ties = {bus: list(at.get(bus, ())) for bus in order}
    is_mixed = node in _mixed_nodes(sections)
    rows: list[FlowRow] = []
    for bus in reversed(order):
        if bus not in above:
            continue
        parent, index = above[bus]
        limit = loading * rated_volt_amperes(network, branches[index])
        if limit and ties[bus]:
            places, signs = zip(*ties[bus], strict=True)
            rows.append(FlowRow(places, signs, node, load[bus].copy(), limit, index, is_mixed))
        load[parent] += load[bus]
        ties[parent] += ties[bus]
    return rows


def _walk(
    beside: dict[int, list[tuple[int, int]]], start: int
) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Buses breadth first, and the bus and branch that each is reached by."""
    order: list[int] = []
    above: dict[int, tuple[int, int]] = {}
    queue, seen = deque([start]), {start}
    while queue:
        bus = queue.popleft()
        order.append(bus)
        for other, index in beside[bus]:
            if other not in seen:
                seen.add(other)
                above[other] = (bus, index)
                queue.append(other)
    return order, above
