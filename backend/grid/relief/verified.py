"""A plan and its effect together: planned, verified, and planned again with what the losses added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.relief.effect import ReliefEffect, verify_relief
from backend.grid.relief.planning import ReliefNeed, ReliefPlan, plan_relief
from backend.grid.topology import trace_network
from backend.grid.transformers.flow_loads import find_transformer, load_of_flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.grid.network import Network
    from backend.grid.power_flow import PowerFlow
    from backend.grid.relief.flexibility import FlexibleLoad
    from backend.grid.series import ConnectionSeries

__all__ = ["phases_behind", "relieve"]

_ROUNDS = 4
_ROOM = 5e-4  # of the rating


def phases_behind(network: Network, transformer: str) -> dict[str, tuple[int, ...]]:
    """By connection behind a transformer, its places among the transformer's phases.

    Raises:
        InputError: If the network has no such transformer.
    """
    index, found = find_transformer(network, transformer)
    place = {phase: at for at, phase in enumerate(found.phases.indices)}
    behind = trace_network(network).connections_behind(index)
    told = {}
    for row in behind:
        one = network.connections[row]
        told[one.id] = tuple(place[phase] for phase in one.phases.indices if phase in place)
    return {connection: phases for connection, phases in told.items() if phases}


def relieve(
    flow: PowerFlow,
    series: ConnectionSeries,
    transformer: str,
    loads: Sequence[FlexibleLoad],
    limit: float = 1.0,
) -> tuple[ReliefPlan, ReliefEffect]:
    """Plan, verify by power flow, and plan again a little below the limit until it holds or nobody is left to ask.

    What a connection does without spares its losses as well, and what it draws later adds some; loads that follow
    their voltage answer too. So the first plan may miss the limit by a per cent.

    Args:
        flow: The network, ready.
        series: What would be drawn, connections in the network's order.
        transformer: Id.
        loads: See ``plan_relief``.
        limit: Load factor that each phase is to keep. [1]

    Raises:
        InputError: See ``plan_relief``.
        PowerFlowError: If the network cannot be solved.
    """
    network = flow.network
    load = load_of_flow(flow.solve(series), transformer)
    phases = phases_behind(network, transformer)
    drawn = {
        one.id: np.nan_to_num(row)
        for one, row in zip(network.connections, series.watts, strict=True)
        if one.id in phases
    }
    asked = ReliefNeed(load, limit, series.time_zone)
    need, made = asked, None
    for _ in range(_ROUNDS):
        plan = replace(
            plan_relief(need, loads, phases, drawn),
            limit=limit,
            needed_watts=float(asked.excess.max(initial=0.0)),
        )
        effect = verify_relief(flow, series, plan)
        if made is None or effect.hours_over_after <= made[1].hours_over_after:
            made = plan, effect
        if effect.holds or plan.left_watts or not plan.actions:
            break
        need = ReliefNeed(load, need.limit * limit / effect.peak_after - _ROOM, series.time_zone)
    assert made is not None
    return made
