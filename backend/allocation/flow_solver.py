"""One interval's flow of least cost, by OR-Tools. Imported where something is allocated: OR-Tools takes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import min_cost_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.allocation.flow_network import FlowNetwork

__all__ = ["cut_steps", "find_flow"]


def find_flow(
    network: FlowNetwork,
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    even_c: NDArray[np.int64],
    even_p: NDArray[np.int64],
) -> NDArray[np.int64] | None:
    """A flow of the most energy and, of these, of least cost.

    Args:
        network: The links.
        consumption: Shape (n_c,), int64. [mWh]
        feed_in: Shape (n_p,), int64. [mWh]
        even_c: Shape (n_c,): where each demand has one more cut. [mWh]
        even_p: Shape (n_p,): the same of the feed-ins. [mWh]

    Returns:
        Shape (n_p, n_c), int64, or None where the solver gives up. [mWh]
    """
    weights, steps = network.weights, network.steps
    rows, columns = np.flatnonzero(feed_in), np.flatnonzero(consumption)
    given, taken = feed_in[rows], consumption[columns]
    producers, consumers = np.arange(rows.size), rows.size + np.arange(columns.size)
    source, sink = rows.size + columns.size, rows.size + columns.size + 1
    caps = np.minimum(network.caps[np.ix_(rows, columns)], np.minimum(given[:, None], taken[None, :]))
    ladder = np.arange(steps + 1)
    arcs_of = (
        (source, producers[:, None], cut_steps(given, even_p[rows], steps), ladder * weights.producer_step),
        (producers[:, None], consumers, caps, weights.costs[np.ix_(rows, columns)]),
        (consumers[:, None], sink, cut_steps(taken, even_c[columns], steps), ladder * weights.consumer_step),
    )
    tail, head, width, price = (
        np.concatenate([np.broadcast_to(block[column], block[2].shape).ravel() for block in arcs_of])
        for column in range(4)
    )
    kept = width > 0
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail[kept], head[kept], width[kept], price[kept])
    shareable = min(int(given.sum()), int(taken.sum()))
    solver.set_nodes_supplies(np.array([source, sink]), np.array([shareable, -shareable]))
    if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
        return None
    carried = np.zeros(tail.size, dtype=np.int64)
    carried[kept] = solver.flows(arcs)
    begin = arcs_of[0][2].size
    flows = np.zeros(network.caps.shape, dtype=np.int64)
    flows[np.ix_(rows, columns)] = carried[begin : begin + caps.size].reshape(caps.shape)
    return flows


def cut_steps(energy: NDArray[np.int64], even: NDArray[np.int64], steps: int) -> NDArray[np.int64]:
    """How many units of each point are in each step, of those that ``flow_certificate.step_of`` numbers.

    Units below ``floor(e·j / K)`` are in steps before j, and those from the even part on one step later.

    Returns:
        Shape (n, steps + 1), int64. [mWh]
    """
    step = np.arange(steps + 1)
    begins = energy[:, None] * step // steps
    ends = np.minimum(energy[:, None] * (step + 1) // steps, energy[:, None])
    upto = np.maximum(np.minimum(even[:, None], ends), begins)
    widths: NDArray[np.int64] = np.diff(upto, axis=1, prepend=0)
    return widths
