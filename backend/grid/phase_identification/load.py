"""Phases from load alone: which assignment of meters to phases explains what the head measures on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.phase_identification.sets import PHASE_SETS, SET_WEIGHTS
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INTERVALS_MIN", "chances_by_load"]

#: Fewer intervals than these say nothing.
INTERVALS_MIN = 48
#: Neighbouring steps share a reading, and the noise is not Gaussian: so many independent ones a step is worth. [1]
_WORTH, _LEAST_WORTH = 0.7, 0.05
_CHAINS = 4
_WARMING = 60
_SWEEPS = 100


def chances_by_load(
    watts: NDArray[np.float64],
    head_watts: NDArray[np.float64],
    prior: NDArray[np.float64],
    resolution_watts: float = 0.0,
    seed: int = 1,
) -> NDArray[np.float64]:
    """Probability of each set of phases for each meter.

    Steps from interval to interval are compared, not levels: what no meter counts (losses, street light, a meter that
    is missing) is nearly constant from one to the next. Where a reading is missing, the two steps at it are left out
    for all.

    Args:
        watts: What each connection draws, shape (n, T); NaN where it was not read. [W]
        head_watts: What the head passes on each phase, shape (3, T); NaN likewise. [W]
        prior: Probability of each set before, shape (n, 7), see ``record_prior``. [1]
        resolution_watts: Least step of the meters: 40 for registers of 10 Wh read each quarter of an hour. [W]
        seed: Of the draws.

    Returns:
        Shape (n, 7); rows sum to one. [1]

    Raises:
        InputError: If shapes do not fit, or fewer than 48 steps are complete.
    """
    if head_watts.shape != (PHASE_COUNT, watts.shape[1]) or prior.shape != (len(watts), len(PHASE_SETS)):
        raise InputError(
            f"meters of shape {watts.shape}, a head of {head_watts.shape} and a prior of {prior.shape} do not fit; "
            "give (n, T), (3, T) and (n, 7)."
        )
    steps, head = np.diff(watts, axis=1), np.diff(head_watts, axis=1)
    complete = np.isfinite(steps).all(axis=0) & np.isfinite(head).all(axis=0)
    if (count := int(complete.sum())) < INTERVALS_MIN:
        raise InputError(
            f"only {count} steps have a reading of every meter and of the head's three phases; at least "
            f"{INTERVALS_MIN} are needed: give more days, or leave out meters that were not read."
        )
    from backend.grid.phase_identification.sampling_kernels import sample_assignments

    steps, head = steps[:, complete], head[:, complete]
    # A step is of two roundings, each uniform over the resolution: variance 2 · r²/12; a third of it on each phase.
    rounding = len(watts) * count * resolution_watts**2 / 6 / PHASE_COUNT
    square = np.einsum("pt,pt->p", head, head)
    floor = np.full(PHASE_COUNT, rounding) + 1e-9 * square + 1e-9
    with np.errstate(divide="ignore"):
        log_prior = np.log(prior)
    draw = np.random.default_rng(seed)
    gram, cross = steps @ steps.T, np.ascontiguousarray(steps @ head.T)
    total, chances = np.zeros_like(prior), np.empty_like(prior)
    worth = _WORTH
    for chain in range(1 + _CHAINS):
        state = _begin(prior, draw, from_record=chain % 2 == 0)
        sample_assignments(
            gram,
            cross,
            square,
            SET_WEIGHTS,
            log_prior,
            state,
            floor,
            count * worth / 2,
            _WARMING,
            _SWEEPS,
            int(draw.integers(2**31)),
            chances,
        )
        if chain:
            total += chances / _CHAINS
        else:  # the first one tells what is left
            left = head - SET_WEIGHTS[state].T @ steps
            worth *= max(_evenness(left) ** 0.5, _LEAST_WORTH)
    return total


def _evenness(left: NDArray[np.float64]) -> float:
    """Which part of its intervals noise of one size would need to vary as much: 1 if Gaussian, less where in bursts.

    Kettles and showers of those who are not read come in a few large steps, each of which fits somebody by chance.
    """
    squares = np.square(left)
    fourth = np.square(squares).mean(axis=1)
    return float(np.min(np.minimum(3.0 * squares.mean(axis=1) ** 2 / np.maximum(fourth, 1e-12), 1.0)))


def _begin(prior: NDArray[np.float64], draw: np.random.Generator, *, from_record: bool) -> NDArray[np.int64]:
    """Where a chain begins: what is likeliest beforehand, or anywhere that is possible."""
    weight = prior if from_record else (prior > 0) * draw.random(prior.shape)
    return np.asarray(weight.argmax(axis=1), np.int64)
