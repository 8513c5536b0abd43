"""Which phases reach which bus, and by which ratio one-phase transformers stand between it and their network.

A transformer whose phases do not act on one another (one-phase ones, regulators, YNyn0) is a series impedance on each
phase once its far side is referred to its near side: with the ratio s of each phase, V' = s·V and I' = I / s keep
powers as they are. Delta windings join phases; behind one, s begins anew at 1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import PowerFlowError
from backend.grid.network import Branch, Bus, Network, Switch, Transformer
from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

__all__ = ["Reach", "acts_by_phase", "closed_branches", "phases_of", "trace_phases"]

_SAME = 1e-9


@dataclass(frozen=True)
class Reach:
    """How far each phase comes.

    Attributes:
        reached: Does the phase come to the bus? Shape (B, 3).
        scale: Voltage there, as referred, by voltage there; 1 where it does not come. Shape (B, 3). [1]
        zone: Buses joined otherwise than by transformers that join phases have the same; -1 where unfed. Shape (B,).
    """

    reached: NDArray[np.bool_]
    scale: NDArray[np.float64]
    zone: NDArray[np.int64]


def acts_by_phase(branch: Branch) -> bool:
    """Does each phase of a branch act for itself, so far as its ratio goes?"""
    if not isinstance(branch, Transformer) or branch.phases != Phases.ALL:
        return True
    return (branch.from_winding.upper(), branch.to_winding.lower(), branch.clock % 12) == ("YN", "yn", 0)


def phases_of(items: Sequence[Branch] | Sequence[Bus]) -> NDArray[np.bool_]:
    """Which phases each has. Shape (items, 3)."""
    masks = np.array([int(item.phases) for item in items], dtype=np.int64)
    phases: NDArray[np.bool_] = (masks[:, None] >> np.arange(PHASE_COUNT)) % 2 == 1
    return phases


def closed_branches(network: Network, without: Collection[str] = ()) -> list[int]:
    """Branches that conduct. [index of Network.branches]"""
    return [
        index
        for index, branch in enumerate(network.branches)
        if branch.id not in without and not (isinstance(branch, Switch) and not branch.is_closed)
    ]


def trace_phases(network: Network, closed: Collection[int]) -> Reach:
    """Follow every phase from the sources.

    Args:
        network: What to walk.
        closed: See ``closed_branches``.

    Raises:
        PowerFlowError: If a bus is reached by two ratios, or a delta winding by unlike ones.
    """
    buses, branches = network.bus_index, network.branches
    reached = np.zeros((len(buses), PHASE_COUNT), dtype=np.bool_)
    scale = np.ones((len(buses), PHASE_COUNT))
    zone = np.full(len(buses), -1, dtype=np.int64)
    beside: list[list[tuple[int, int, bool]]] = [[] for _ in buses]
    for index in closed:
        begin, end = buses[branches[index].from_bus], buses[branches[index].to_bus]
        beside[begin].append((end, index, True))
        beside[end].append((begin, index, False))
    queue: deque[int] = deque()
    for number, source in enumerate(network.sources):
        bus = buses[source.bus]
        reached[bus] = True
        zone[bus] = number if zone[bus] < 0 else zone[bus]
        queue.append(bus)
    zones = len(network.sources)
    while queue:
        bus = queue.popleft()
        for other, index, forward in beside[bus]:
            branch = branches[index]
            if acts_by_phase(branch):
                changed = _pass_on(network, branch, (bus, other), reached, scale, forward=forward)
                if zone[other] < 0:
                    zone[other] = zone[bus]
            else:
                changed = _begin_anew(network, branch, (bus, other), reached, scale)
                if zone[other] < 0 and changed:
                    zone[other], zones = zones, zones + 1
            if changed:
                queue.append(other)
    return Reach(reached, scale, _one_name(network, closed, zone))


def _pass_on(
    network: Network,
    branch: Branch,
    ends: tuple[int, int],
    reached: NDArray[np.bool_],
    scale: NDArray[np.float64],
    *,
    forward: bool,
) -> bool:
    bus, other = ends
    ratio = 1.0
    if isinstance(branch, Transformer):
        ratio = branch.from_volts / branch.to_volts if forward else branch.to_volts / branch.from_volts
    changed = False
    for phase in branch.phases.indices:
        if not reached[bus, phase]:
            continue
        found = scale[bus, phase] * ratio
        if not reached[other, phase]:
            reached[other, phase], scale[other, phase] = True, found
            changed = True
        elif abs(found / scale[other, phase] - 1) > _SAME:
            raise PowerFlowError(
                f"{network.name}: bus {network.buses[other].id} is reached over {branch.id} by a ratio of {found:.6g} "
                f"on L{phase + 1} and otherwise by {scale[other, phase]:.6g}; transformers in parallel need the same "
                "ratio."
            )
    return changed


def _begin_anew(
    network: Network,
    branch: Branch,
    ends: tuple[int, int],
    reached: NDArray[np.bool_],
    scale: NDArray[np.float64],
) -> bool:
    bus, other = ends
    if not reached[bus].all():
        return False
    if np.ptp(scale[bus]) > _SAME * scale[bus, 0]:
        raise PowerFlowError(
            f"{network.name}: transformer {branch.id} joins its phases, and they come to it by the ratios "
            f"{', '.join(f'{one:.6g}' for one in scale[bus])}; this is modelled for like ratios only. Give the "
            "transformers or regulators above it one ratio."
        )
    if reached[other].all():
        return False
    reached[other] = True
    return True


def _one_name(network: Network, closed: Collection[int], zone: NDArray[np.int64]) -> NDArray[np.int64]:
    """Zones that a branch joins after all, by two sources, are one."""
    buses, branches = network.bus_index, network.branches
    name = list(range(int(zone.max(initial=-1)) + 1))

    def of(one: int) -> int:
        while name[one] != one:
            one = name[one]
        return one

    for index in closed:
        ends = zone[buses[branches[index].from_bus]], zone[buses[branches[index].to_bus]]
        if min(ends) >= 0 and acts_by_phase(branches[index]):
            name[of(int(ends[0]))] = of(int(ends[1]))
    return np.array([of(int(one)) if one >= 0 else -1 for one in zone], dtype=np.int64)
