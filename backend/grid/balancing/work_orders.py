"""What a crew does: one order per switch, and the network as it is once they are done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.grid.balancing.plan import SwitchingPlan
    from backend.grid.network import Network

__all__ = ["SwitchOrder", "switch_orders", "turn_network", "turn_phases", "turned_phases"]


@dataclass(frozen=True, slots=True)
class SwitchOrder:
    """One switch, in the order of doing.

    Attributes:
        connection: Id of the connection.
        bus: Where it is.
        from_phases: Those that it is joined to today, such as ``L1``; of several, in the order of its conductors.
        to_phases: Those that it is to be joined to, in the same order.
        cost: Of moving it. [1]
        gain_watts: By how much it is expected to lower the imbalance after those before it. [W]
        gain_alone_lost_watts: By how much the whole plan would be worse without it alone. [W]
        gain_held_out_watts: As ``gain_watts``, in intervals that the plan was not made on; None where none are. [W]
        watts_moved: Mean power that it moves from its phase to the next. [W]
    """

    connection: str
    bus: str
    from_phases: str
    to_phases: str
    cost: float
    gain_watts: float
    gain_alone_lost_watts: float
    gain_held_out_watts: float | None
    watts_moved: float


def turn_phases(phases: Phases, turn: int) -> Phases:
    """The phases that a connection is joined to after a turn."""
    turned = Phases.NONE
    for index in phases.indices:
        turned |= Phases.of_index((index + turn) % PHASE_COUNT)
    return turned


def turned_phases(plan: SwitchingPlan, network: Network) -> dict[str, Phases]:
    """Phases of each connection that a plan moves, by id."""
    by_id = {one.id: one for one in network.connections}
    return {
        plan.problem.connections[gain.connection]: turn_phases(
            by_id[plan.problem.connections[gain.connection]].phases, gain.turn
        )
        for gain in plan.gains
    }


def turn_network(network: Network, turned: Mapping[str, Phases]) -> Network:
    """The network with some of its connections on other phases. Ids that it does not have are passed over.

    A connection of three phases stays what it is: which of its conductors carries what is not the network's to tell.
    """
    return replace(
        network,
        connections=tuple(
            replace(one, phases=turned[one.id]) if one.id in turned else one for one in network.connections
        ),
    )


def switch_orders(plan: SwitchingPlan, network: Network) -> list[SwitchOrder]:
    """One order per switch of a plan, those first that bring the most."""
    problem = plan.problem
    orders = []
    for gain in plan.gains:
        one = network.connections[int(problem.places[gain.connection])]
        rows = problem.rows[problem.first[gain.connection] : problem.first[gain.connection + 1]]
        orders.append(
            SwitchOrder(
                connection=one.id,
                bus=one.bus,
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


def _ordered(phases: Phases, turn: int) -> str:
    """Phases conductor by conductor: L12 turned by one is L23, and L123 is L231."""
    return "L" + "".join(str((index + turn) % PHASE_COUNT + 1) for index in phases.indices)
