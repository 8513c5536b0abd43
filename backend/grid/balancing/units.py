"""What is turned as one: a connection alone, or all that hang on a spur of one phase, where it leaves the phases.

Many networks give each house a service line of one phase. Its own end has no other phase, but where the line leaves the
bus with more of them, a crew joins it to another one: the line, and all connections on it, turn together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.topology import phases_reaching

if TYPE_CHECKING:
    from backend.grid.network import Connection
    from backend.grid.topology import Topology

__all__ = ["Spur", "Unit", "find_units", "spur_of", "turn_phases"]


@dataclass(frozen=True, slots=True)
class Spur:
    """A way of one phase.

    Attributes:
        root: The branch by which it leaves the bus with more phases. [index of Network.branches]
        junction: That bus. [index]
        phases: That come there.
    """

    root: int
    junction: int
    phases: Phases


@dataclass(frozen=True, slots=True)
class Unit:
    """Connections that are turned together.

    Attributes:
        connections: Their places in ``Network.connections``, ascending.
        turns: Which turns end on phases that are there; the first is none.
        bus: Where the crew works. [index]
        spur: Its root's id, empty where a connection is turned by itself.
    """

    connections: tuple[int, ...]
    turns: tuple[bool, bool, bool]
    bus: int
    spur: str = ""


def turn_phases(phases: Phases, turn: int) -> Phases:
    """The phases that are met after a turn."""
    turned = Phases.NONE
    for index in phases.indices:
        turned |= Phases.of_index((index + turn) % PHASE_COUNT)
    return turned


def spur_of(topology: Topology, reach: Sequence[Phases], bus: int) -> Spur | None:
    """The spur that a bus is on; None where more phases than one come, or none do anywhere on the way.

    Args:
        topology: How the network is fed.
        reach: Phases that come to each bus.
        bus: Its index.
    """
    at = bus
    while len(reach[at].indices) == 1 and topology.feeding[at] >= 0:
        above = topology.parent[at]
        if len(reach[above].indices) > 1:
            return Spur(topology.feeding[at], above, reach[above])
        at = above
    return None


def find_units(
    topology: Topology,
    members: Collection[int],
    critical: Collection[str],
    still: Mapping[int, str],
    measured: Collection[int],
) -> tuple[list[Unit], dict[str, int]]:
    """What can be turned.

    Args:
        topology: How the network is fed.
        members: Connections behind the element that is balanced. [index]
        critical: Ids of connections that must not move, beside those that the network calls so.
        still: Connections that cannot move for another reason, and why. [index]
        measured: Connections whose phases are measured one by one. [index]

    Returns:
        Units in the order of their first connections, and how many connections stay by reason.
    """
    network = topology.network
    reach = phases_reaching(network)
    units: list[Unit] = []
    notes: dict[str, int] = {}
    seen: set[int] = set()
    for index in sorted(members):
        if index in seen:
            continue
        one = network.connections[index]
        bus = network.bus_index[one.bus]
        spur = spur_of(topology, reach, bus)
        group = topology.connections_behind(spur.root) if spur else (index,)
        if spur is None or not set(group) <= set(members):
            spur, group = None, (index,)
        seen.update(group)
        there = spur.phases if spur else reach[bus]
        turns = _turns(one, there)
        reasons = [
            _why_still(network.connections[member], critical, is_even=member not in measured)
            or still.get(member, "")
            for member in group
        ]
        why = next((reason for reason in reasons if reason), "" if any(turns[1:]) else "no other phase there")
        if why:
            notes[why] = notes.get(why, 0) + len(group)
            continue
        place = spur.junction if spur else bus
        units.append(
            Unit(tuple(sorted(group)), turns, place, topology.branches[spur.root].id if spur else "")
        )
    return units, notes


def _turns(connection: Connection, there: Phases) -> tuple[bool, bool, bool]:
    """Which turns end on phases that are there; the first is none."""
    first, second = (
        turn_phases(connection.phases, turn) & there == turn_phases(connection.phases, turn)
        for turn in (1, 2)
    )
    return True, first, second


def _why_still(connection: Connection, critical: Collection[str], *, is_even: bool) -> str:
    """Why a connection stays where it is, empty if it may move."""
    if connection.is_critical or connection.id in critical:
        return "critical"
    if connection.phases == Phases.ALL and is_even:
        return "three phases alike"
    if len(connection.phases.indices) > 1 and not connection.can_rotate:
        return "phases not to be turned"
    return ""
