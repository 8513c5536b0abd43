"""A network without the buses at which nothing happens: exact, and several times fewer equations.

Where only two lines meet and nobody is connected, the current of one is that of the other: such lines make a chain, one
impedance for power flow; the buses within get their voltages afterwards from the chain's current. Lines to a dead end
carry nothing, and have the voltage of their beginning. Lines with capacitance stay as they are.

Impedances are as referred (``reach``): Z'ab = sa · sb · Zab. [Ω]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import PowerFlowError
from backend.grid.network import Branch, Network, Segment, Switch, Transformer
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.power_flow.reach import Reach, acts_by_phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

__all__ = ["Chains", "reduce_network"]

# A conductor that is not there: nothing flows over it, and its far end is not left without a voltage to solve for.
_ABSENT_OHMS = 1e6
# A closed pole, as contacts have; also the least that a line without length has, since a zero cannot be divided by.
_CONTACT_OHMS = 1e-4
_LEAST_OHMS = 1e-6
# Least singular value of a matrix whose diagonal is 1.
_LEAST_RELATIVE = 1e-9


@dataclass(frozen=True)
class Chains:
    """Lines between the buses that stay. M chains of K members, N nodes.

    Attributes:
        nodes: The bus of each node. Shape (N,). [index]
        ends: Nodes at which a chain begins and ends. Shape (M, 2).
        impedance: Of each chain, as referred. Shape (M, 3, 3). [Ω]
        capacitance: Likewise. Shape (M, 3, 3). [F]
        start: Where the members of each begin, and the end of the last. Shape (M + 1,).
        places: Of each member its branch, the bus beyond it, and 1 where it runs with its chain, else -1. Shape (K, 3).
            [index of Network.branches, index, 1]
        members: Impedance of each member. Shape (K, 3, 3). [Ω]
        stubs: Buses of dead ends, and the bus whose voltage each has, in the order to fill them in. Shape (stubs, 2).
    """

    nodes: NDArray[np.int64]
    ends: NDArray[np.int64]
    impedance: NDArray[np.complex128]
    capacitance: NDArray[np.float64]
    start: NDArray[np.int64]
    places: NDArray[np.int64]
    members: NDArray[np.complex128]
    stubs: NDArray[np.int64]


def reduce_network(network: Network, closed: Iterable[int], reach: Reach, kept: Collection[int]) -> Chains:
    """Merge lines into chains.

    Args:
        network: What is solved.
        closed: Branches that conduct; those that nothing feeds are left out. [index of Network.branches]
        reach: How far each phase comes.
        kept: Buses that must stay: where there are sources, connections, shunts, transformers. [index]

    Raises:
        PowerFlowError: If a line has an impedance that cannot be inverted.
    """
    branches, buses = network.branches, network.bus_index
    lines = [
        index
        for index in closed
        if acts_by_phase(branches[index]) and reach.zone[buses[branches[index].from_bus]] >= 0
    ]
    ends = {index: (buses[branches[index].from_bus], buses[branches[index].to_bus]) for index in lines}
    must = set(kept)
    beside: dict[int, list[int]] = {}
    for index in lines:
        for bus in ends[index]:
            beside.setdefault(bus, []).append(index)
        if _has_capacitance(branches[index]):
            must.update(ends[index])
    stubs, cut = _prune(ends, beside, must)
    degree = {bus: sum(index not in cut for index in at) for bus, at in beside.items()}
    must.update(bus for bus, count in degree.items() if count > 2)  # noqa: PLR2004 -- a chain has two ends
    walks = _walk([index for index in lines if index not in cut], ends, beside, must, cut)
    nodes = sorted(must)
    return _compile(network, reach, nodes, walks, stubs)


def _prune(
    ends: dict[int, tuple[int, int]], beside: dict[int, list[int]], must: Collection[int]
) -> tuple[list[tuple[int, int]], set[int]]:
    """Take dead ends away, outermost first: the stubs, innermost first, and their lines."""
    left = {bus: len(at) for bus, at in beside.items()}
    queue = [bus for bus, count in left.items() if count == 1 and bus not in must]
    stubs: list[tuple[int, int]] = []
    cut: set[int] = set()
    while queue:
        bus = queue.pop()
        index = next((index for index in beside[bus] if index not in cut), None)
        if index is None:
            continue
        begin, end = ends[index]
        other = end if begin == bus else begin
        cut.add(index)
        stubs.append((bus, other))
        left[bus], left[other] = 0, left[other] - 1
        if left[other] == 1 and other not in must:
            queue.append(other)
    return stubs[::-1], cut


def _walk(
    lines: list[int],
    ends: dict[int, tuple[int, int]],
    beside: dict[int, list[int]],
    must: set[int],
    cut: set[int],
) -> list[tuple[int, list[tuple[int, int]]]]:
    """Chains, each the bus where it begins and its (line, far bus); a chain back to its beginning is broken in two."""
    chains: list[tuple[int, list[tuple[int, int]]]] = []
    gone = set(cut)
    for begin in sorted(must):
        for first in beside.get(begin, ()):
            if first in gone:
                continue
            way: list[tuple[int, int]] = []
            bus, index = begin, first
            while True:
                gone.add(index)
                bus = ends[index][1] if ends[index][0] == bus else ends[index][0]
                way.append((index, bus))
                if bus in must:
                    break
                index = next(one for one in beside[bus] if one not in gone)
            if bus == begin and len(way) > 1:
                must.add(way[0][1])
                chains.extend(((begin, way[:1]), (way[0][1], way[1:])))
            elif bus != begin:  # a line from a bus to itself carries nothing
                chains.append((begin, way))
    assert len(gone) >= len(lines)
    return chains


def _compile(
    network: Network,
    reach: Reach,
    nodes: list[int],
    walks: list[tuple[int, list[tuple[int, int]]]],
    stubs: list[tuple[int, int]],
) -> Chains:
    place = {bus: node for node, bus in enumerate(nodes)}
    branches, buses = network.branches, network.bus_index
    members: list[NDArray[np.complex128]] = []
    places: list[tuple[int, int, int]] = []
    start = [0]
    impedance = np.zeros((len(walks), PHASE_COUNT, PHASE_COUNT), dtype=np.complex128)
    capacitance = np.zeros((len(walks), PHASE_COUNT, PHASE_COUNT))
    ends = np.zeros((len(walks), 2), dtype=np.int64)
    for number, (begin, way) in enumerate(walks):
        ends[number] = place[begin], place[way[-1][1]]
        for index, bus in way:
            one = branches[index]
            members.append(_impedance(one, reach.scale[buses[one.from_bus]]))
            impedance[number] += members[-1]
            places.append((index, bus, 1 if buses[one.to_bus] == bus else -1))
            if _has_capacitance(one):
                capacitance[number] = _capacitance(one, reach.scale[buses[one.from_bus]])
        start.append(len(places))
    _check(network, impedance, walks)
    return Chains(
        nodes=np.array(nodes, dtype=np.int64),
        ends=ends,
        impedance=impedance,
        capacitance=capacitance,
        start=np.array(start, dtype=np.int64),
        places=np.array(places, dtype=np.int64).reshape(-1, 3),
        members=np.array(members, dtype=np.complex128).reshape(-1, PHASE_COUNT, PHASE_COUNT),
        stubs=np.array(stubs, dtype=np.int64).reshape(-1, 2),
    )


def _check(
    network: Network, impedance: NDArray[np.complex128], walks: list[tuple[int, list[tuple[int, int]]]]
) -> None:
    """A matrix of mutual impedances as large as its own ones lets a current flow for nothing."""
    if not impedance.size:
        return
    known = np.isfinite(impedance).all(axis=(1, 2))
    sound = np.zeros(len(walks), dtype=np.bool_)
    own = np.sqrt(np.abs(np.diagonal(impedance[known], axis1=1, axis2=2)))
    relative = impedance[known] / (own[:, :, None] * own[:, None, :])
    sound[known] = np.linalg.svd(relative, compute_uv=False)[:, -1] > _LEAST_RELATIVE
    for number in np.flatnonzero(~sound)[:1]:
        names = [network.branches[index].id for index, _ in walks[number][1]]
        raise PowerFlowError(
            f"{network.name}: the impedance of {', '.join(names[:5])} cannot be inverted; give each phase a resistance "
            "and a reactance of its own, larger than what it shares with the others."
        )


def _has_capacitance(branch: Branch) -> bool:
    return isinstance(branch, Segment) and branch.capacitance is not None and bool(np.any(branch.capacitance))


def _capacitance(branch: Branch, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    assert isinstance(branch, Segment)
    assert branch.capacitance is not None
    here = np.ix_(branch.phases.indices, branch.phases.indices)
    matrix = np.zeros((PHASE_COUNT, PHASE_COUNT))
    matrix[here] = branch.capacitance
    return matrix / np.outer(scale, scale)


def _impedance(branch: Branch, scale: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Series impedance as referred; on the diagonal ``_ABSENT_OHMS`` where the phase is not there."""
    matrix = np.diag(np.full(PHASE_COUNT, _ABSENT_OHMS, dtype=np.complex128))
    phases = branch.phases.indices
    here = np.ix_(phases, phases)
    if isinstance(branch, Segment):
        own = branch.resistance + 1j * branch.reactance
        if np.abs(np.diag(own)).min() < _LEAST_OHMS:
            own = own + np.eye(len(phases)) * _LEAST_OHMS
    elif isinstance(branch, Switch):
        own = np.eye(len(phases)) * (_CONTACT_OHMS + 0j)
    else:
        own = np.eye(len(phases)) * _leakage(branch)
    matrix[here] = own * np.outer(scale, scale)[here]
    return matrix


def _leakage(transformer: Transformer) -> complex:
    """Of one phase, referred to ``from_volts``. [Ω]"""
    resistance = transformer.copper_loss_watts / transformer.rated_volt_amperes
    reactance = max(transformer.short_circuit_pu**2 - resistance**2, 0.0) ** 0.5
    phases = len(transformer.phases.indices) if transformer.phases != Phases.ALL else PHASE_COUNT
    base = transformer.from_volts**2 / PHASE_COUNT / (transformer.rated_volt_amperes / phases)
    return complex(resistance, reactance) * base
