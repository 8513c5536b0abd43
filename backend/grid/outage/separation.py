"""What a network loses with one of its elements: every bus and phase that no source reaches without it.

Buses and branches are the vertices of a graph, once for each phase. A vertex is lost with another where every way from
the sources leads through that one: the separation vertices of an undirected graph, found for all elements at once by
one walk in depth (Hopcroft and Tarjan, Algorithm 447, CACM 16, 1973). So a mesh loses what hangs on the element alone,
a line on one phase takes that phase alone, and a network of thousands of elements is ranked in a moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.network import Switch
from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from backend.grid.network import Network

__all__ = ["LostPart", "Separation"]


@dataclass(frozen=True)
class LostPart:
    """What is no longer fed.

    Attributes:
        rows: Connections that lose at least one of their phases, ascending. [index]
        shares: Which part of each one's phases is lost, (0, 1]. Shape of ``rows``. [1]
        buses: Buses that lose at least one of their phases, ascending. [index]
    """

    rows: NDArray[np.int64]
    shares: NDArray[np.float64]
    buses: NDArray[np.int64]


@dataclass(frozen=True)
class _Walk:
    """A walk in depth over one phase. Vertices: buses, then branches, then what feeds the sources.

    Attributes:
        order: Vertices in the order they were met; the root is first.
        place: Place of each vertex in ``order``, -1 where no source reaches it.
        end: One after the last place of what was met below the vertex.
        cut: By vertex, places of the children below which nothing leads past it.
    """

    order: NDArray[np.int64]
    place: NDArray[np.int64]
    end: NDArray[np.int64]
    cut: list[list[int]]


class Separation:
    """Which part of a network each element separates from the sources, over what is closed now.

    Args:
        network: What to walk.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._branch_index = {branch.id: index for index, branch in enumerate(network.branches)}

    @cached_property
    def _walks(self) -> tuple[_Walk, ...]:
        return tuple(
            _walk(_neighbours(self.network, phase), self._roots(phase)) for phase in range(PHASE_COUNT)
        )

    def _roots(self, phase: int) -> list[int]:
        buses = (self.network.bus_index[source.bus] for source in self.network.sources)
        return [
            bus for bus in dict.fromkeys(buses) if self.network.buses[bus].phases & Phases.of_index(phase)
        ]

    @cached_property
    def _connection_places(self) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
        """By phase: places of the buses of the connections that are fed on it, ascending, and their rows."""
        found = []
        for phase, walk in enumerate(self._walks):
            rows = [
                row
                for row, connection in enumerate(self.network.connections)
                if connection.phases & Phases.of_index(phase)
            ]
            buses = [self.network.bus_index[self.network.connections[row].bus] for row in rows]
            places = walk.place[np.array(buses, np.int64)]
            chosen = np.flatnonzero(places >= 0)
            ordered = chosen[np.argsort(places[chosen], kind="stable")]
            found.append((places[ordered], np.array(rows, np.int64)[ordered]))
        return tuple(found)

    @cached_property
    def _phase_counts(self) -> NDArray[np.int64]:
        return np.array([len(one.phases.indices) for one in self.network.connections], np.int64)

    def without_branch(self, branch: str) -> LostPart:
        """What is lost with a segment, switch or transformer.

        Raises:
            KeyError: If there is no such branch.
        """
        return self._lost(len(self.network.buses) + self._branch_index[branch])

    def without_bus(self, bus: str) -> LostPart:
        """What is lost with a bus, itself included.

        Raises:
            KeyError: If there is no such bus.
        """
        return self._lost(self.network.bus_index[bus])

    def without_buses(self, buses: Iterable[str]) -> LostPart:
        """What is lost with several buses at once, themselves included; walked anew."""
        gone = {self.network.bus_index[bus] for bus in buses}
        spans: list[list[tuple[int, int]]] = []
        for phase, walk in enumerate(self._walks):
            beside = _neighbours(self.network, phase)
            seen, stack = set(), [bus for bus in self._roots(phase) if bus not in gone]
            seen.update(stack)
            while stack:
                for other in beside[stack.pop()]:
                    if other not in seen and other not in gone:
                        seen.add(other)
                        stack.append(other)
            lost = [place for place, one in enumerate(walk.order.tolist()) if place and one not in seen]
            spans.append([(place, place + 1) for place in lost])
        return self._part(spans)

    def _lost(self, vertex: int) -> LostPart:
        spans: list[list[tuple[int, int]]] = []
        for walk in self._walks:
            place = int(walk.place[vertex])
            own = [] if place < 0 else [(place, place + 1)]
            spans.append([*own, *((one, int(walk.end[one])) for one in walk.cut[vertex])])
        return self._part(spans)

    def _part(self, spans: list[list[tuple[int, int]]]) -> LostPart:
        rows: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        buses: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        for walk, (places, ordered), phase_spans in zip(
            self._walks, self._connection_places, spans, strict=True
        ):
            for begin, end in phase_spans:
                low, high = np.searchsorted(places, (begin, end))
                rows.append(ordered[low:high])
                met = walk.order[begin:end]
                buses.append(met[met < len(self.network.buses)])
        counted = np.bincount(np.concatenate(rows), minlength=len(self.network.connections))
        lost = np.flatnonzero(counted)
        return LostPart(lost, counted[lost] / self._phase_counts[lost], np.unique(np.concatenate(buses)))


def _neighbours(network: Network, phase: int) -> list[list[int]]:
    """Of buses, the branches that carry the phase; of branches, their ends."""
    one, count = Phases.of_index(phase), len(network.buses)
    beside: list[list[int]] = [[] for _ in range(count)]
    for index, branch in enumerate(network.branches):
        ends: list[int] = []
        is_open = isinstance(branch, Switch) and not branch.is_closed
        if branch.phases & one and not is_open and branch.from_bus != branch.to_bus:
            ends = [network.bus_index[branch.from_bus], network.bus_index[branch.to_bus]]
        for end in ends:
            beside[end].append(count + index)
        beside.append(ends)
    return beside


def _walk(beside: list[list[int]], roots: list[int]) -> _Walk:
    root = len(beside)
    graph = [*beside, roots]
    place = [-1] * len(graph)
    low, end = [0] * len(graph), [0] * len(graph)
    cut: list[list[int]] = [[] for _ in graph]
    order = [root]
    place[root] = 0
    is_root = frozenset(roots)
    stack = [(root, -1, iter(roots))]
    while stack:
        vertex, above, left = stack[-1]
        for other in left:
            if place[other] < 0:
                place[other] = low[other] = len(order)
                order.append(other)
                if other in is_root:
                    low[other] = 0  # it is fed from above the network as well
                stack.append((other, vertex, iter(graph[other])))
                break
            if other != above:
                low[vertex] = min(low[vertex], place[other])
        else:
            stack.pop()
            end[place[vertex]] = len(order)
            if above >= 0:
                low[above] = min(low[above], low[vertex])
                if above != root and low[vertex] >= place[above]:
                    cut[above].append(place[vertex])
    ends = np.array(end[: len(order)], np.int64)
    return _Walk(np.array(order, np.int64), np.array(place, np.int64), ends, cut)
