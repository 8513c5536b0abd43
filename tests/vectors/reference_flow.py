"""The ``flow`` key in the plainest Python (protocol, section 8): a milliwatt-hour at a time, while anything is better.

Fit for a handful of points and a few dozen milliwatt-hours; it knows own use and donations, no caps or distances.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.vectors import reference as ref

Json = dict[str, Any]
BySlot = dict[int, int]
Pair = tuple[int, int]
Node = tuple[str, int]
BIAS = 2**52
GRID: Node = ("grid", 0)


def terms_text(donations: list[list[int]], steps: int) -> str:
    """Write link terms as the community keeps them; the rule holds their hash."""
    terms = {
        "caps": [],
        "costs": [],
        "donations": donations,
        "fairness_steps": steps,
        "own_first": True,
        "preferences": [],
    }
    return json.dumps(terms, separators=(",", ":"), sort_keys=True)


def terms_hash(text: str) -> bytes:
    return ref.keccak(text.encode())


@dataclass
class Network:
    """All links of a period: what each costs, and the weights of the levels.

    Attributes:
        producers: Feed-in slots of the period.
        consumers: Consumption slots of the period.
        costs: w by (producer, consumer).
        steps: K.
        fair: W_f.
        sold: W_h.
        shared: B.
    """

    producers: list[int]
    consumers: list[int]
    costs: dict[Pair, int]
    steps: int
    fair: int
    sold: int
    shared: int

    @classmethod
    def of(cls, producers: list[int], consumers: list[int], seats: list[int], terms: Json) -> Network:
        pairs = [(p, c) for p in producers for c in consumers]
        own = {pair for pair in pairs if seats[pair[0]] == seats[pair[1]]}
        donated = {(p, c) for p, c in terms["donations"]}
        steps = terms["fairness_steps"]
        sold = 1
        fair = sold + sold * steps
        given = fair + fair * steps  # no wishes: that level weighs the same, and reaches nothing
        first = given + given * reach(donated)
        shared = first + first * reach(own)
        costs = {pair: -given * (pair in donated) - first * (pair in own) for pair in pairs}
        return cls(producers, consumers, costs, steps, fair, sold, shared)


def reach(links: set[Pair]) -> int:
    return min(len({p for p, _ in links}), len({c for _, c in links}))


@dataclass
class Solution:
    """The flows and potentials of an interval."""

    flows: dict[Pair, int]
    potentials: BySlot = field(default_factory=dict)


def solve(network: Network, wanted: BySlot, feed_in: BySlot) -> Solution:
    """Share an interval; slots that are not active have nothing."""
    g = {slot: feed_in.get(slot, 0) for slot in network.producers}
    c = {slot: wanted.get(slot, 0) for slot in network.consumers}
    flows = dict.fromkeys(network.costs, 0)
    if not sum(g.values()) or not sum(c.values()):
        return Solution(flows, dict.fromkeys([*g, *c], 0))
    while True:
        arcs = list(residual_arcs(network, g, c, flows))
        cycle = find_cycle(arcs)
        if cycle is None:
            break
        for kind, at in cycle:
            if kind in ("more", "less"):
                flows[at] += 1 if kind == "more" else -1
    distance = distances(arcs)
    potentials = {node[1]: length for node, length in distance.items() if node != GRID}
    for p in network.producers:
        potentials.setdefault(p, max(potentials.get(i, 0) - network.costs[p, i] for i in network.consumers))
    for i in network.consumers:
        potentials.setdefault(i, min(potentials[p] + network.costs[p, i] for p in network.producers))
    solution = Solution(flows, potentials)
    certify(network, g, c, solution)
    return solution


def step(taken: int, energy: int, even: int, steps: int) -> int:
    """Give the step of the unit after ``taken``."""
    return (steps * (taken + 1) - 1) // energy + (taken >= even)


def prices(
    network: Network, energies: tuple[BySlot, BySlot], flows: dict[Pair, int]
) -> Iterator[tuple[str, int, int | None, int | None]]:
    """Give per point what its next unit, and what its last, costs: (side, slot, next or None, last or None)."""
    g, c = energies
    even = min(sum(g.values()), sum(c.values()))
    for slot, energy in g.items():
        s = sum(x for (p, _), x in flows.items() if p == slot)
        cut = energy * even // sum(g.values())
        rate = [
            network.sold * step(taken, energy, cut, network.steps) if energy else 0 for taken in (s, s - 1)
        ]
        yield "producer", slot, rate[0] if s < energy else None, rate[1] if s > 0 else None
    for slot, energy in c.items():
        a = sum(x for (_, i), x in flows.items() if i == slot)
        cut = energy * even // sum(c.values())
        rate = [
            network.shared - network.fair * step(taken, energy, cut, network.steps) if energy else 0
            for taken in (a, a - 1)
        ]
        yield "consumer", slot, rate[0] if a < energy else None, rate[1] if a > 0 else None


Arc = tuple[Node, Node, int, tuple[str, Any]]


def residual_arcs(network: Network, g: BySlot, c: BySlot, flows: dict[Pair, int]) -> Iterator[Arc]:
    for side, slot, following, last in prices(network, (g, c), flows):
        node: Node = (side, slot)
        if side == "producer":
            if following is not None:
                yield GRID, node, following, ("feed", slot)
            if last is not None:
                yield node, GRID, -last, ("unfeed", slot)
        else:
            if following is not None:
                yield node, GRID, -following, ("take", slot)
            if last is not None:
                yield GRID, node, last, ("untake", slot)
    for (p, i), cost in network.costs.items():
        yield ("producer", p), ("consumer", i), cost, ("more", (p, i))
        if flows[p, i]:
            yield ("consumer", i), ("producer", p), -cost, ("less", (p, i))


def find_cycle(arcs: list[Arc]) -> list[tuple[str, Any]] | None:
    """Find a cycle that makes the whole better, by Bellman and Ford."""
    nodes = {GRID} | {arc[0] for arc in arcs} | {arc[1] for arc in arcs}
    length, via = dict.fromkeys(nodes, 0), {}
    last = None
    for _ in nodes:
        last = None
        for arc in arcs:
            if length[arc[0]] + arc[2] < length[arc[1]]:
                length[arc[1]], via[arc[1]], last = length[arc[0]] + arc[2], arc, arc[1]
    if last is None:
        return None
    node = last
    for _ in nodes:
        node = via[node][0]
    start, cycle = node, []
    while True:
        cycle.append(via[node][3])
        node = via[node][0]
        if node == start:
            return cycle


def distances(arcs: list[Arc]) -> dict[Node, int]:
    """Give the shortest way from the grid to each node that can be reached."""
    found = {GRID: 0}
    changed = True
    while changed:
        changed = False
        for tail, head, cost, _ in arcs:
            if tail in found and found[tail] + cost < found.get(head, found[tail] + cost + 1):
                found[head], changed = found[tail] + cost, True
    return found


def certify(network: Network, g: BySlot, c: BySlot, solution: Solution) -> None:
    """Hold every inequality of the protocol against the solution."""
    pi, flows = solution.potentials, solution.flows
    for (p, i), x in flows.items():
        assert pi[i] <= pi[p] + network.costs[p, i], (p, i)
        assert x == 0 or pi[i] >= pi[p] + network.costs[p, i], (p, i)
    for side, slot, following, last in prices(network, (g, c), flows):
        sign = 1 if side == "producer" else -1
        assert following is None or sign * pi[slot] <= sign * following, slot
        assert last is None or sign * pi[slot] >= sign * last, slot
    assert all(abs(value) < BIAS for value in pi.values())
