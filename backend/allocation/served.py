"""Who served whom, where the sharing key speaks of a pool: a matrix of whole milliwatt-hours, exact on both margins.

In interval t consumer i has from producer p the fraction ``shared_p · a_i / A`` of what was shared. Over T intervals
the matrix M has exactly the sums of ``shared_p`` as margins of its rows, of ``a_i`` as margins of its columns.
Settlements depend on it, so this is how it is formed, bit by bit:

1. ``q[p, t] = floor(2^32 · shared[p, t] / A[t])``, 0 where A[t] = 0; ``w[p, i] = Σ_t q[p, t] · a[i, t]``, exactly.
2. ``M = floor(w / 2^32)``. The margins still lack ``rows[p] >= 0`` and ``columns[i] >= 0``, which have the same sum.
3. A *round* adds one unit to some cells of a set of *open* cells, each at most once:

   a. Producers in slot order: p takes the first ``rows[p]`` of its open cells whose column still lacks something, in
      the order of what the column lacks (most first, all above 1,023 alike), then of slot.
   b. Producers in slot order, while p lacks something: the shortest alternating path from p to a column that lacks
      something (open and untaken cell, taken cell, open and untaken cell, ...), found breadth first, rows and columns
      in slot order; what lies untaken on it is taken and the reverse. If there is none, p goes without.

4. The first round is open at cells whose w is no multiple of 2^32; up to fifteen more, as long as something is lacking
   and the last one placed something, wherever w > 0. What is still lacking then goes to the first producer and the
   first consumer that lack something, in slot order, as much as both lack, until nothing is lacking.

A cell is thus 0 where w is, and within one unit of ``w / 2^32`` wherever the first round suffices, which is whenever
such a matrix exists. ``w / 2^32`` itself is below the real value by less than Σ_t a_i / 2^32: under one unit for a
consumer that is allocated less than 4,294 kWh, and a 2^32nd of its energy for any.

Step 1 is a matrix product. It is done in floating point by the processor's fastest routine, on whole numbers that are
cut so small that every partial sum stays at or below 2^53 and is exact, in whatever order it is formed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import BalanceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["served_interval", "served_matrix"]

FRACTION_BITS = 32
_HALF_BITS = 16
_EXACT_BITS = 53  # whole numbers up to 2^53 are exact in a double
_ROUNDS_MAX = 16
PLAIN_TOTAL = 1 << 46  # a period's energy; above, Python's integers take over


def served_matrix(shared: NDArray[np.int64], allocated: NDArray[np.int64]) -> NDArray[np.int64]:
    """Who served whom over all intervals together.

    Args:
        shared: Shape (n_p, T), int64: what was shared of each feed-in. [mWh]
        allocated: Shape (n_c, T), int64: what each consumer was given. [mWh]

    Returns:
        Shape (n_p, n_c), int64. [mWh]

    Raises:
        BalanceError: If more or less was shared than allocated in an interval, or energy is negative.

    Invariants:
        - Row p sums to Σ_t shared[p, t], column i to Σ_t allocated[i, t].
    """
    assert shared.ndim == allocated.ndim == 2, (shared.shape, allocated.shape)  # noqa: PLR2004 -- slots by intervals
    assert shared.shape[1] == allocated.shape[1], (shared.shape, allocated.shape)
    bits = [int(np.bitwise_or.reduce(energy, axis=None, initial=0)) for energy in (shared, allocated)]
    if min(bits) < 0:
        raise BalanceError(
            "what was shared or allocated is negative in some interval; nothing is settled from it."
        )
    if max(bits) * max(shared.size, allocated.size) >= 1 << 63:
        shared, allocated = shared.astype(object), allocated.astype(object)
    totals = shared.sum(axis=0)
    wrong = np.flatnonzero(totals != allocated.sum(axis=0))
    if wrong.size:
        index = int(wrong[0])
        raise BalanceError(
            f"interval {index}: {int(totals[index])} mWh were shared but "
            f"{int(allocated[:, index].sum())} mWh allocated; nothing is settled from it."
        )
    lit = np.flatnonzero(totals)
    if lit.size == 0:
        return np.zeros((len(shared), len(allocated)), dtype=np.int64)
    if lit.size < totals.size:
        shared, allocated, totals = shared[:, lit], allocated[:, lit], totals[lit]
    if shared.dtype == object or int(totals.sum()) > PLAIN_TOTAL:
        floors, fractional = weigh_huge(shared, allocated, totals)
    else:
        floors, fractional = weigh(shared, allocated, totals)
    return _fill(floors, fractional, shared.sum(axis=1), allocated.sum(axis=1))


def served_interval(shared: NDArray[np.int64], allocated: NDArray[np.int64]) -> NDArray[np.int64]:
    """Who served whom in one interval, by the same steps: shape (n_p, n_c). [mWh]

    The matrices of a period's intervals need not add up to the period's: each is rounded for itself.

    Args:
        shared: Shape (n_p,), int64. [mWh]
        allocated: Shape (n_c,), int64. [mWh]

    Raises:
        BalanceError: As ``served_matrix``.
    """
    return served_matrix(shared.reshape(-1, 1), allocated.reshape(-1, 1))


def weigh(
    shared: NDArray[np.int64], allocated: NDArray[np.int64], totals: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Step 1 and the floors of step 2 (``fractional``: 0 where w = 0, 2 where w is no multiple of 2^32, else 1)."""
    from backend.allocation import served_kernels

    weights = multiply_halves(shared, allocated, totals)
    return served_kernels.join_halves(weights[: len(shared)], weights[len(shared) :])


def multiply_halves(
    shared: NDArray[np.int64], allocated: NDArray[np.int64], totals: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The weights w in two halves, ``w = 2^16 · upper + lower``: n_p rows of upper ones, then n_p of lower ones."""
    from backend.allocation import served_kernels

    halves = served_kernels.fractions(np.ascontiguousarray(shared), totals)
    bits = _EXACT_BITS - _HALF_BITS - (totals.size - 1).bit_length()
    weights = np.zeros((len(halves), len(allocated)), dtype=np.int64)
    largest, place = int(allocated.max()), 0
    while largest >> place:
        part = allocated if largest < 1 << bits else (allocated >> place) & ((1 << bits) - 1)
        weights += (halves @ part.astype(np.float64).T).astype(np.int64) << place
        place += bits
    return weights


def weigh_huge(
    shared: NDArray[np.int64], allocated: NDArray[np.int64], totals: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The same in Python's integers."""
    weights = ((shared.astype(object) << FRACTION_BITS) // totals.astype(object)) @ allocated.astype(object).T
    fractional = (weights > 0).astype(np.uint8) + (weights % (1 << FRACTION_BITS) > 0).astype(np.uint8)
    return (weights >> FRACTION_BITS).astype(np.int64), fractional


def _fill(
    matrix: NDArray[np.int64],
    fractional: NDArray[np.uint8],
    row_sums: NDArray[np.int64],
    column_sums: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Steps 3 and 4, in place."""
    from backend.allocation import served_kernels

    rows = (row_sums - matrix.sum(axis=1)).astype(np.int64)
    columns = (column_sums - matrix.sum(axis=0)).astype(np.int64)
    assert rows.min() >= 0, rows.min()
    assert columns.min() >= 0, columns.min()
    for least in (2, *(1,) * (_ROUNDS_MAX - 1)):
        cells = (fractional >= least).astype(np.uint8)
        if not rows.any() or served_kernels.place_units(cells, matrix, rows, columns) == 0:
            break
    served_kernels.place_rest(matrix, rows, columns)
    return matrix
