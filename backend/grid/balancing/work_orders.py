"""What a crew does: one order per switch, and the network as it is once they are done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid.balancing.units import spur_of, turn_phases
from backend.grid.network import Segment, Switch, Transformer
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.topology import phases_reaching, trace_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.grid.balancing.plan import SwitchingPlan
    from backend.grid.balancing.problem import SwitchingProblem
    from backend.grid.network import Network

__all__ = ["SwitchOrder", "switch_orders", "turn_network", "turned_phases"]


@dataclass(frozen=True, slots=True)
class SwitchOrder:
    """One switch, in the order of doing.

    Attributes:
        connection: Id of the connection, of a spur that of the first on it.
        others: Ids of the others that move with it.
        spur: Id of the branch that is joined to another phase, empty where the connection itself is.
        bus: Where the crew works.
        from_phases: Those that it is joined to today, such as ``L1``; of several, in the order of its conductors.
        to_phases: Those that it is to be joined to, in the same order.
        cost: Of moving it. [1]
        gain_watts: By how much it is expected to lower the imbalance after those before it. [W]
        gain_alone_lost_watts: By how much the whole plan would be worse without it alone. [W]
        gain_held_out_watts: As ``gain_watts``, in intervals that the plan was not made on; None where none are. [W]
        watts_moved: Mean power that it moves from its phase to the next. [W]
    """

    connection: str
    others: tuple[str, ...]
    spur: str
    bus: str
    from_phases: str
    to_phases: str
    cost: float
    gain_watts: float
    gain_alone_lost_watts: float
    gain_held_out_watts: float | None
    watts_moved: float


def turned_phases(problem: SwitchingProblem, turns: NDArray[np.int64], network: Network) -> dict[str, Phases]:
    """Phases of each connection that turns move, by id."""
    moved = {}
    for place in np.flatnonzero(turns):
        for index in problem.units[place].connections:
            one = network.connections[index]
            moved[one.id] = turn_phases(one.phases, int(turns[place]))
    return moved


def turn_network(network: Network, turned: Mapping[str, Phases]) -> Network:
    """The network with some of its connections on other phases. Ids that it does not have are passed over.

    Where a connection moves to a phase that does not come to its bus, its spur is turned with it: branches and buses
    from where more phases are. A connection of three phases stays what it is: which of its conductors carries what is
    not the network's to tell.
    """
    topology = trace_network(network)
    reach = phases_reaching(network)
    branches: dict[int, int] = {}
    buses: dict[int, int] = {}
    for one in network.connections:
        bus = network.bus_index[one.bus]
        phases = turned.get(one.id, one.phases)
        spur = spur_of(topology, reach, bus) if phases & ~reach[bus] else None
        if spur is None or spur.root in branches:
            continue
        turn = (phases.indices[0] - one.phases.indices[0]) % PHASE_COUNT
        for at in topology.buses_behind(topology.far_bus(spur.root)):
            buses[at] = turn
            branches[topology.feeding[at]] = turn
    every = [
        _turned(item, branches[index]) if index in branches else item
        for index, item in enumerate(network.branches)
    ]
    return replace(
        network,
        buses=tuple(
            _turned(item, buses[index]) if index in buses else item
            for index, item in enumerate(network.buses)
        ),
        segments=tuple(item for item in every if isinstance(item, Segment)),
        switches=tuple(item for item in every if isinstance(item, Switch)),
        transformers=tuple(item for item in every if isinstance(item, Transformer)),
        connections=tuple(
            replace(one, phases=turned[one.id]) if one.id in turned else one for one in network.connections
        ),
    )


def switch_orders(plan: SwitchingPlan, network: Network) -> list[SwitchOrder]:
    """One order per switch of a plan, those first that bring the most."""
    problem = plan.problem
    orders = []
    for gain in plan.gains:
        unit = problem.units[gain.connection]
        one, *others = (network.connections[index] for index in unit.connections)
        rows = problem.rows[problem.first[gain.connection] : problem.first[gain.connection + 1]]
        orders.append(
            SwitchOrder(
                connection=one.id,
                others=tuple(other.id for other in others),
                spur=unit.spur,
                bus=network.buses[unit.bus].id,
                from_phases=_ordered(one.phases, 0),
                to_phases=_ordered(one.phases, gain.turn),
                cost=float(problem.costs[gain.connection]),
                gain_watts=gain.in_order,
                gain_alone_lost_watts=gain.when_missing,
                gain_held_out_watts=gain.in_order_held_out,
                watts_moved=float(rows.sum(axis=0).mean()) if rows.size else 0.0,
            )
        )
    return orders


def _turned(item: Any, turn: int) -> Any:
    """A bus or branch of a spur, turned; one whose file says nothing of phases stays with all."""
    return item if item.phases == Phases.ALL else replace(item, phases=turn_phases(item.phases, turn))


def _ordered(phases: Phases, turn: int) -> str:
    """Phases conductor by conductor: L12 turned by one is L23, and L123 is L231."""
    return "L" + "".join(str((index + turn) % PHASE_COUNT + 1) for index in phases.indices)
