"""Walking a network from its sources: what feeds what, what is behind an element, what nothing feeds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backend.grid.network import Branch, Network, Switch, Transformer
from backend.grid.phases import Phases

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Topology", "phases_reaching", "trace_network"]


@dataclass(frozen=True)
class Topology:
    """How a network is fed, walked breadth first over what is closed.

    Attributes:
        network: What was walked.
        order: Buses that are fed, sources first, each after the one that feeds it. [index]
        feeding: By bus, the branch that feeds it, -1 at a source and where nothing does. [index of Network.branches]
        parent: By bus, the bus that feeds it, -1 likewise. [index]
        loops: Closed branches between buses that are fed otherwise too: where there is one, the network is meshed, and
            what is behind an element is told along the shortest ways alone. [index of Network.branches]
    """

    network: Network
    order: tuple[int, ...]
    feeding: tuple[int, ...]
    parent: tuple[int, ...]
    loops: tuple[int, ...]

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The network's, once."""
        return self.network.branches

    @cached_property
    def is_fed(self) -> tuple[bool, ...]:
        """Is each bus joined to a source?"""
        fed = [False] * len(self.network.buses)
        for bus in self.order:
            fed[bus] = True
        return tuple(fed)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """By bus, the buses that it feeds. [index]"""
        children: list[list[int]] = [[] for _ in self.network.buses]
        for bus in self.order:
            if self.parent[bus] >= 0:
                children[self.parent[bus]].append(bus)
        return tuple(tuple(one) for one in children)

    @cached_property
    def connections_at(self) -> tuple[tuple[int, ...], ...]:
        """By bus, its connections. [index]"""
        found: list[list[int]] = [[] for _ in self.network.buses]
        for index, connection in enumerate(self.network.connections):
            found[self.network.bus_index[connection.bus]].append(index)
        return tuple(tuple(one) for one in found)

    @cached_property
    def islands(self) -> tuple[tuple[int, ...], ...]:
        """Groups of buses that no source feeds, joined among themselves. [index]"""
        beside = _neighbours(self.network, frozenset())
        left = {bus for bus, fed in enumerate(self.is_fed) if not fed}
        groups = []
        while left:
            group, queue = [], deque([left.pop()])
            while queue:
                bus = queue.popleft()
                group.append(bus)
                for other, _ in beside[bus]:
                    if other in left:
                        left.remove(other)
                        queue.append(other)
            groups.append(tuple(sorted(group)))
        return tuple(sorted(groups))

    def buses_behind(self, bus: int) -> tuple[int, ...]:
        """The bus and all that is fed through it, breadth first. [index]"""
        found, queue = [], deque([bus])
        while queue:
            one = queue.popleft()
            found.append(one)
            queue.extend(self.children[one])
        return tuple(found)

    def far_bus(self, branch: int) -> int:
        """The bus that a branch feeds, -1 where it feeds none: it is open, in a loop, or unfed. [index]"""
        for end in (self.branches[branch].to_bus, self.branches[branch].from_bus):
            bus = self.network.bus_index[end]
            if self.feeding[bus] == branch:
                return bus
        return -1

    def connections_behind(self, branch: int) -> tuple[int, ...]:
        """Connections that are fed through a branch. [index]"""
        bus = self.far_bus(branch)
        if bus < 0:
            return ()
        return tuple(one for at in self.buses_behind(bus) for one in self.connections_at[at])

    def way_up(self, bus: int) -> tuple[int, ...]:
        """Branches from a bus up to its source, nearest first. [index of Network.branches]"""
        way = []
        while self.feeding[bus] >= 0:
            way.append(self.feeding[bus])
            bus = self.parent[bus]
        return tuple(way)

    @cached_property
    def transformer_above(self) -> tuple[int, ...]:
        """By bus, the nearest transformer that feeds it, -1 where there is none. [index of Network.branches]"""
        above = [-1] * len(self.network.buses)
        for bus in self.order:
            branch = self.feeding[bus]
            if branch >= 0:
                is_one = isinstance(self.branches[branch], Transformer)
                above[bus] = branch if is_one else above[self.parent[bus]]
        return tuple(above)

    @cached_property
    def head_above(self) -> tuple[int, ...]:
        """By bus, the head of its feeder: the first branch after the transformer or source above it, -1 at those.

        It is what the feeder is called by. [index of Network.branches]
        """
        head = [-1] * len(self.network.buses)
        for bus in self.order:
            branch = self.feeding[bus]
            if branch >= 0 and not isinstance(self.branches[branch], Transformer):
                above = head[self.parent[bus]]
                head[bus] = branch if above < 0 else above
        return tuple(head)


def trace_network(network: Network, without: Collection[str] = ()) -> Topology:
    """Walk a network from its sources.

    Args:
        network: What to walk.
        without: Ids of branches that are taken out: a fault, or a switch that is opened.
    """
    beside = _neighbours(network, frozenset(without))
    feeding, parent = [-1] * len(network.buses), [-1] * len(network.buses)
    seen: set[int] = set()
    order: list[int] = []
    loops: set[int] = set()
    queue = deque(dict.fromkeys(network.bus_index[source.bus] for source in network.sources))
    seen.update(queue)
    while queue:
        bus = queue.popleft()
        order.append(bus)
        for other, branch in beside[bus]:
            if other not in seen:
                seen.add(other)
                feeding[other], parent[other] = branch, bus
                queue.append(other)
            elif branch not in (feeding[bus], feeding[other]):
                loops.add(branch)
    return Topology(network, tuple(order), tuple(feeding), tuple(parent), tuple(sorted(loops)))


def _neighbours(network: Network, without: frozenset[str]) -> list[list[tuple[int, int]]]:
    beside: list[list[tuple[int, int]]] = [[] for _ in network.buses]
    for index, branch in enumerate(network.branches):
        if branch.id in without or (isinstance(branch, Switch) and not branch.is_closed):
            continue
        ends = network.bus_index[branch.from_bus], network.bus_index[branch.to_bus]
        beside[ends[0]].append((ends[1], index))
        beside[ends[1]].append((ends[0], index))
    return beside


def phases_reaching(network: Network) -> list[Phases]:
    """By bus, the phases that come to it from a source over what is closed.

    A transformer of three phases gives all of them where all reach it, and none where one is missing: it would run on
    two.
    """
    index = network.bus_index
    beside: list[list[tuple[int, Branch]]] = [[] for _ in network.buses]
    for branch in network.branches:
        if isinstance(branch, Switch) and not branch.is_closed:
            continue
        ends = index[branch.from_bus], index[branch.to_bus]
        beside[ends[0]].append((ends[1], branch))
        beside[ends[1]].append((ends[0], branch))
    reaching = [Phases.NONE] * len(network.buses)
    queue = deque(index[source.bus] for source in network.sources)
    for bus in queue:
        reaching[bus] = Phases.ALL
    while queue:
        bus = queue.popleft()
        for other, branch in beside[bus]:
            passed = reaching[bus] & branch.phases
            if isinstance(branch, Transformer) and passed != branch.phases:
                passed = Phases.NONE
            if passed & ~reaching[other]:
                reaching[other] |= passed
                queue.append(other)
    return reaching
