"""Potentials of an optimal flow, by Bellman and Ford's relaxation over the residual network, compiled.

The grid, which feeds producers and is fed by consumers, has potential 0. Arcs: grid to producer p at cost H (steps that
rise), p to consumer i at cost w up to the link's cap, i to grid at cost F - B. Every arc that could carry more, and the
reverse of every arc that carries something, bounds one potential by another; the largest potentials within the bounds
are the shortest distances from the grid.

This module imports numba: import it where something is allocated, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["find_potentials"]

_FAR = np.int64(1) << 62


@njit(cache=True, nogil=True)
def _step(taken: int, energy: int, even: int, steps: int) -> int:
    """Step of the unit after ``taken``: ``floor((K·(taken + 1) - 1) / energy) + [taken >= even]``."""
    return (steps * (taken + 1) - 1) // energy + int(taken >= even)


@njit(cache=True, nogil=True)
def _start(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    feed_in: Values,
    consumption: Values,
    even_p: Values,
    even_c: Values,
    shared: Values,
    allocated: Values,
    steps: int,
    consumer_step: int,
    producer_step: int,
    top: int,
    potentials_p: Values,
    potentials_c: Values,
) -> None:
    """Distances over one arc from the grid."""
    for p in range(feed_in.size):
        potentials_p[p] = _FAR
        if shared[p] < feed_in[p]:
            potentials_p[p] = producer_step * _step(shared[p], feed_in[p], even_p[p], steps)
    for i in range(consumption.size):
        potentials_c[i] = _FAR
        if allocated[i] > 0:
            potentials_c[i] = top - consumer_step * _step(allocated[i] - 1, consumption[i], even_c[i], steps)


@njit(cache=True, nogil=True)
def _relax(
    costs: Values,
    caps: Values,
    flows: Values,
    feed_in: Values,
    consumption: Values,
    potentials_p: Values,
    potentials_c: Values,
) -> bool:
    """Shorten every distance over the links once, to and fro, among points that have energy; did any change?"""
    changed = False
    for p in range(feed_in.size):
        if feed_in[p] == 0 or potentials_p[p] == _FAR:
            continue
        for i in range(consumption.size):
            if (
                consumption[i] > 0
                and flows[p, i] < caps[p, i]
                and potentials_p[p] + costs[p, i] < potentials_c[i]
            ):
                potentials_c[i] = potentials_p[p] + costs[p, i]
                changed = True
    for p in range(feed_in.size):
        for i in range(consumption.size):
            if flows[p, i] > 0 and potentials_c[i] - costs[p, i] < potentials_p[p]:
                potentials_p[p] = potentials_c[i] - costs[p, i]
                changed = True
    return changed


@njit(cache=True, nogil=True)
def _fill_producers(
    costs: Values, caps: Values, idle: Values, potentials_p: Values, potentials_c: Values
) -> None:
    """Give producers without feed-in the least that their links to consumers with a potential ask; 0 without links."""
    for p in idle:
        potentials_p[p] = -_FAR
        for i in range(potentials_c.size):
            if potentials_c[i] != _FAR and caps[p, i] > 0:
                potentials_p[p] = max(potentials_p[p], potentials_c[i] - costs[p, i])
        if potentials_p[p] == -_FAR:
            potentials_p[p] = 0


@njit(cache=True, nogil=True)
def _fill_consumers(
    costs: Values, caps: Values, idle: Values, potentials_p: Values, potentials_c: Values
) -> None:
    """Give consumers without consumption the most that their links allow; 0 without links."""
    for i in idle:
        for p in range(potentials_p.size):
            if caps[p, i] > 0:
                potentials_c[i] = min(potentials_c[i], potentials_p[p] + costs[p, i])
        if potentials_c[i] == _FAR:
            potentials_c[i] = 0


@njit(cache=True, nogil=True)
def find_potentials(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    costs: Values,
    caps: Values,
    flows: Values,
    feed_in: Values,
    consumption: Values,
    even_p: Values,
    even_c: Values,
    steps: int,
    consumer_step: int,
    producer_step: int,
    top: int,
) -> tuple[Values, Values, bool]:
    """Potentials of producers and consumers.

    Args:
        costs: Shape (n_p, n_c): w.
        caps: Shape (n_p, n_c). [mWh]
        flows: Shape (n_p, n_c). [mWh]
        feed_in: Shape (n_p,). [mWh]
        consumption: Shape (n_c,). [mWh]
        even_p: Shape (n_p,): ``floor(g_p · S / P)``. [mWh]
        even_c: Shape (n_c,): ``floor(c_i · S / C)``. [mWh]
        steps: K.
        consumer_step: W_f.
        producer_step: W_h.
        top: B.

    Returns:
        The two, and whether distances settled: False where a cycle of negative cost runs through the links.
    """
    potentials_p = np.empty(feed_in.size, dtype=np.int64)
    potentials_c = np.empty(consumption.size, dtype=np.int64)
    _start(
        feed_in,
        consumption,
        even_p,
        even_c,
        flows.sum(axis=1),
        flows.sum(axis=0),
        steps,
        consumer_step,
        producer_step,
        top,
        potentials_p,
        potentials_c,
    )
    settled = False
    for _ in range(feed_in.size + consumption.size + 1):
        if not _relax(costs, caps, flows, feed_in, consumption, potentials_p, potentials_c):
            settled = True
            break
    for i in range(
        consumption.size
    ):  # whom no producer with feed-in reaches: what its first unit would be worth
        if consumption[i] > 0 and potentials_c[i] == _FAR:
            potentials_c[i] = top - consumer_step * _step(0, consumption[i], even_c[i], steps)
        elif consumption[i] == 0:
            potentials_c[i] = _FAR
    _fill_producers(costs, caps, np.flatnonzero(feed_in == 0), potentials_p, potentials_c)
    _fill_consumers(costs, caps, np.flatnonzero(consumption == 0), potentials_p, potentials_c)
    return potentials_p, potentials_c, settled
