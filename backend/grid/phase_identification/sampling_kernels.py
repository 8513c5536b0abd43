"""Assignments of meters to phases, drawn from their posterior by Gibbs' sampler, compiled.

A meter that is joined to the set of phases k adds weight[k, p] of its power to phase p. The head's phase powers less
what the meters explain is noise whose variance nobody knows; with the reference prior p(variance) ~ 1/variance it
integrates out (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.2), and an assignment has the log likelihood
``-count/2 · Σ_p log S_p``, with S_p the sum of squares that it leaves on phase p. S_p needs the meters' products alone:
moving one meter costs O(1), keeping the fields of the others O(n).

This module imports numba: import it where phases are identified, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    States = NDArray[np.int64]

__all__ = ["sample_assignments"]


@njit(cache=True, nogil=True)
def _left_over(
    gram: Values, cross: Values, square: Values, weight: Values, state: States, field: Values, left: Values
) -> None:
    """Fill the fields Σ_{j≠i} gram[i, j] · weight[state[j]] (n, 3), and the sums of squares left (3,)."""
    count = state.size
    for p in range(3):
        left[p] = square[p]
    for i in range(count):
        for p in range(3):
            total = 0.0
            for j in range(count):
                if j != i:
                    total += gram[i, j] * weight[state[j], p]
            field[i, p] = total
            share = weight[state[i], p]
            left[p] += share * (total + share * gram[i, i] - 2.0 * cross[i, p])


@njit(cache=True, nogil=True)
def _move(gram: Values, weight: Values, state: States, field: Values, i: int, to: int) -> None:
    """Move a meter, and bring the fields of the others up to date."""
    for p in range(3):
        change = weight[to, p] - weight[state[i], p]
        if change != 0.0:
            for j in range(state.size):
                if j != i:
                    field[j, p] += gram[i, j] * change
    state[i] = to


@njit(cache=True, nogil=True)
def _weigh(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    gram: Values,
    cross: Values,
    weight: Values,
    prior: Values,
    state: States,
    field: Values,
    left: Values,
    floor: Values,
    half_count: float,
    warmth: float,
    i: int,
    chance: Values,
) -> None:
    """Probability of each set of phases for one meter, all others held."""
    now = state[i]
    greatest = -np.inf
    for k in range(weight.shape[0]):
        if prior[i, k] == -np.inf:
            chance[k] = -np.inf
            continue
        total = 0.0
        for p in range(3):
            had, has = weight[now, p], weight[k, p]
            rest = left[p]
            if had != has:
                rest += 2.0 * (has - had) * (field[i, p] - cross[i, p]) + (has * has - had * had) * gram[i, i]
            total -= half_count * np.log(max(rest, 0.0) + floor[p])
        chance[k] = warmth * total + prior[i, k]
        greatest = max(greatest, chance[k])
    total = 0.0
    for k in range(weight.shape[0]):
        chance[k] = np.exp(chance[k] - greatest)
        total += chance[k]
    for k in range(weight.shape[0]):
        chance[k] /= total


@njit(cache=True, nogil=True)
def _swap(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    gram: Values,
    cross: Values,
    weight: Values,
    prior: Values,
    state: States,
    field: Values,
    left: Values,
    floor: Values,
    half_count: float,
    warmth: float,
) -> None:
    """Offer two meters each other's phases (Metropolis): what single moves do not reach where they are alike."""
    i = np.random.randint(state.size)  # noqa: NPY002 -- compiled code has the legacy generator alone
    j = np.random.randint(state.size)  # noqa: NPY002 -- the same
    to_i, to_j = state[j], state[i]
    if to_i == to_j or prior[i, to_i] == -np.inf or prior[j, to_j] == -np.inf:
        return
    gain = prior[i, to_i] + prior[j, to_j] - prior[i, to_j] - prior[j, to_i]
    rest = np.empty(3)
    for p in range(3):
        change = weight[to_i, p] - weight[to_j, p]  # of meter i; that of j is its opposite
        # Both fields hold the other meter where it is now.
        own = field[i, p] - gram[i, j] * weight[to_i, p]
        other = field[j, p] - gram[i, j] * weight[to_j, p]
        rest[p] = left[p] + 2.0 * change * ((own - cross[i, p]) - (other - cross[j, p]))
        rest[p] += (weight[to_i, p] ** 2 - weight[to_j, p] ** 2) * (gram[i, i] - gram[j, j])
        gain -= (
            warmth
            * half_count
            * (np.log(max(rest[p], 0.0) + floor[p]) - np.log(max(left[p], 0.0) + floor[p]))
        )
    if gain >= 0.0 or np.random.random() < np.exp(gain):  # noqa: NPY002 -- the same
        _move(gram, weight, state, field, i, to_i)
        _move(gram, weight, state, field, j, to_j)
        for p in range(3):
            left[p] = rest[p]


@njit(cache=True, nogil=True)
def sample_assignments(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    gram: Values,
    cross: Values,
    square: Values,
    weight: Values,
    prior: Values,
    state: States,
    floor: Values,
    half_count: float,
    warming: int,
    sweeps: int,
    seed: int,
    chances: Values,
) -> None:
    """Draw assignments, and add up the probability of each set of phases for each meter.

    Args:
        gram: Products of the meters' courses, summed over time. Shape (n, n). [W²]
        cross: Products of the meters' courses with the head's. Shape (n, 3). [W²]
        square: The head's squares, summed over time. Shape (3,). [W²]
        weight: Of a meter's power on each phase, by set of phases. Shape (k, 3). [1]
        prior: Log probability of each set for each meter before anything was measured; -inf where it cannot be. Shape
            (n, k).
        state: Where each begins; where the last draw left them. Shape (n,), in place.
        floor: Least sum of squares that the meters' own steps leave. Shape (3,). [W²]
        half_count: Half the number of independent intervals. [1]
        warming: Sweeps before drawing begins, from nearly flat to the true likelihood.
        sweeps: Sweeps that count.
        seed: Of the draws.
        chances: Mean conditional probabilities over the sweeps that count. Shape (n, k), filled.
    """
    np.random.seed(seed)  # noqa: NPY002 -- the same
    count, sets = state.size, weight.shape[0]
    field, left, chance = np.empty((count, 3)), np.empty(3), np.empty(sets)
    chances[:] = 0.0
    for sweep in range(warming + sweeps):
        warmth = 1.0
        if sweep < warming:
            warmth = 10.0 ** (-3.0 * (1.0 - sweep / warming))
        _left_over(gram, cross, square, weight, state, field, left)  # anew, so that nothing adds up
        for i in range(count):
            _weigh(gram, cross, weight, prior, state, field, left, floor, half_count, warmth, i, chance)
            if sweep >= warming:
                for k in range(sets):
                    chances[i, k] += chance[k] / sweeps
            drawn, to = np.random.random(), 0  # noqa: NPY002 -- the same
            while to < sets - 1 and drawn >= chance[to]:
                drawn -= chance[to]
                to += 1
            if chance[to] == 0.0:
                to = int(np.argmax(chance))
            if to != state[i]:
                for p in range(3):
                    had, has = weight[state[i], p], weight[to, p]
                    left[p] += 2.0 * (has - had) * (field[i, p] - cross[i, p])
                    left[p] += (has * has - had * had) * gram[i, i]
                _move(gram, weight, state, field, i, to)
        for _ in range(count):
            _swap(gram, cross, weight, prior, state, field, left, floor, half_count, warmth)
