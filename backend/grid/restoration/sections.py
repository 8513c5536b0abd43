"""Sections: what of a network no switch divides; which of them a fault takes, which are dark, which are live."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from backend.grid.network import Switch
from backend.grid.outage import ElementKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backend.grid.network import Branch, Network
    from backend.grid.outage import Element

__all__ = ["LIVE", "Isolation", "Sections", "cut_sections", "set_switches"]

#: Node of all that is live.
LIVE = 0


class Isolation(StrEnum):
    """How a faulty element is cut off."""

    SWITCHES = "switches"  # by the nearest switches around it: all that they enclose waits for the repair
    ENDS = "ends"  # by hand at its own ends: nothing waits but what hangs on it alone


@dataclass(frozen=True)
class Sections:
    """A network cut at its switches, after a fault was isolated.

    Nodes: 0 is all that is live, the others are dark and may be energised; -1 is cut off and waits for the repair.

    Attributes:
        network: As it is operated before the fault.
        node: By bus, its node.
        removed: Ids of branches that are out: all that touch what is faulty.
        opened: Ids of closed switches that are opened to cut it off.
        ties: Indices of switches that may be operated: those that join two different nodes, one of them dark.
    """

    network: Network
    node: tuple[int, ...]
    removed: frozenset[str]
    opened: tuple[str, ...]
    ties: tuple[int, ...]

    @cached_property
    def count(self) -> int:
        """Number of nodes, the live one included."""
        return max(max(self.node, default=0), 0) + 1

    @cached_property
    def buses(self) -> tuple[tuple[int, ...], ...]:
        """By node, its buses. [index]"""
        found: list[list[int]] = [[] for _ in range(self.count)]
        for bus, node in enumerate(self.node):
            if node >= 0:
                found[node].append(bus)
        return tuple(tuple(one) for one in found)

    def ends(self, switch: int) -> tuple[int, int]:
        """Nodes that a switch joins."""
        one = self.network.switches[switch]
        return self.node[self.network.bus_index[one.from_bus]], self.node[self.network.bus_index[one.to_bus]]


def set_switches(network: Network, closed: Mapping[str, bool]) -> Network:
    """The network with some switches closed (true) or opened (false)."""
    switches = tuple(
        replace(one, is_closed=closed[one.id]) if one.id in closed else one for one in network.switches
    )
    return replace(network, switches=switches)


def cut_sections(network: Network, element: Element, isolation: Isolation) -> Sections:
    """Cut a faulty element off, and tell what is dark and what is live then.

    Args:
        network: As it is operated.
        element: What is faulty.
        isolation: By switches, or at its own ends.
    """
    branches = network.branches
    faulty_buses = _buses_of(network, element)
    if isolation is Isolation.SWITCHES:
        joined = _join(network, (one for one in branches if not isinstance(one, Switch)))
        gone = {joined[bus] for bus in faulty_buses}
        faulty = frozenset(bus for bus in range(len(network.buses)) if joined[bus] in gone)
        removed = frozenset(one.id for one in branches if _touches(network, one, faulty))
    elif element.kind in {ElementKind.BUS, ElementKind.SUBSTATION}:
        faulty = frozenset(faulty_buses)
        removed = frozenset(one.id for one in branches if _touches(network, one, faulty))
    else:
        faulty, removed = frozenset(), frozenset({element.id})
    opened = tuple(
        one.id
        for one in network.switches
        if one.is_closed
        and one.id in removed
        and isolation is Isolation.SWITCHES
        and len(faulty.intersection(_ends(network, one))) == 1
    )
    return _number(network, faulty, removed, opened)


def _number(
    network: Network, faulty: frozenset[int], removed: frozenset[str], opened: tuple[str, ...]
) -> Sections:
    """Give nodes their numbers: live 0, dark ones from 1, faulty -1."""
    there = [one for one in network.branches if one.id not in removed]
    whole = _join_rings(network, there)
    energised = _join(network, (one for one in there if not isinstance(one, Switch) or one.is_closed))
    sources = {network.bus_index[source.bus] for source in network.sources} - faulty
    alive = {energised[bus] for bus in sources}
    numbers: dict[int, int] = {}
    node = []
    for bus in range(len(network.buses)):
        if bus in faulty:
            node.append(-1)
        elif energised[bus] in alive:
            node.append(LIVE)
        else:
            node.append(numbers.setdefault(whole[bus], len(numbers) + 1))
    ties = []
    for index, switch in enumerate(network.switches):
        ends = [node[bus] for bus in _ends(network, switch)]
        if switch.id not in removed and min(ends) >= 0 and ends[0] != ends[1]:
            ties.append(index)
    return Sections(network, tuple(node), removed, opened, tuple(ties))


def _join_rings(network: Network, there: list[Branch]) -> list[int]:
    """By bus, its section; a switch in a ring of closed ones divides nothing, so that those of a ring are one."""
    whole = _join(network, (one for one in there if not isinstance(one, Switch)))
    closed = [one for one in there if isinstance(one, Switch) and one.is_closed]
    pairs = [tuple(whole[bus] for bus in _ends(network, one)) for one in closed]
    while True:
        ring = next((index for index in range(len(pairs)) if _is_in_ring(pairs, index)), None)
        if ring is None:
            return whole
        low, high = sorted(pairs[ring])
        whole = [low if value == high else value for value in whole]
        pairs = [(low if a == high else a, low if b == high else b) for a, b in pairs]


def _is_in_ring(pairs: list[tuple[int, ...]], which: int) -> bool:
    """Do other pairs lead from one end of this one to the other? One whose ends are the same leads nowhere."""
    begin, end = pairs[which]
    if begin == end:
        return False
    beside: dict[int, list[int]] = {}
    for index, (a, b) in enumerate(pairs):
        if index != which:
            beside.setdefault(a, []).append(b)
            beside.setdefault(b, []).append(a)
    seen, stack = {begin}, [begin]
    while stack:
        for other in beside.get(stack.pop(), ()):
            if other == end:
                return True
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return False


def _buses_of(network: Network, element: Element) -> list[int]:
    if element.kind is ElementKind.BUS:
        return [network.bus_index[element.id]]
    if element.kind is ElementKind.SUBSTATION:
        return [index for index, bus in enumerate(network.buses) if bus.substation == element.id]
    branch = next(one for one in network.branches if one.id == element.id)
    return list(_ends(network, branch))


def _ends(network: Network, branch: Branch) -> tuple[int, int]:
    return network.bus_index[branch.from_bus], network.bus_index[branch.to_bus]


def _touches(network: Network, branch: Branch, buses: frozenset[int]) -> bool:
    return bool(buses.intersection(_ends(network, branch)))


def _join(network: Network, branches: Iterable[Branch]) -> list[int]:
    """By bus, the least bus that the branches join it to."""
    beside: list[list[int]] = [[] for _ in network.buses]
    for branch in branches:
        begin, end = _ends(network, branch)
        beside[begin].append(end)
        beside[end].append(begin)
    label = [-1] * len(network.buses)
    for start in range(len(label)):
        if label[start] >= 0:
            continue
        label[start] = start
        queue = deque([start])
        while queue:
            for other in beside[queue.popleft()]:
                if label[other] < 0:
                    label[other] = start
                    queue.append(other)
    return label
