"""The compiled loops of ``backend.allocation.served``; its docstring says what they do and in which order.

This module imports numba: import it where something is allocated, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]
    Flags = NDArray[np.uint8]
    Doubles = NDArray[np.float64]

__all__ = ["fractions", "join_halves", "place_rest", "place_units"]

OPEN = 1
TAKEN = 2
_LACKING_CAP = 1023
_NONE = -1


@njit(cache=True, nogil=True)
def fractions(shared: Values, totals: Values) -> Doubles:
    """``floor(2^32 · shared / total)`` in two halves, one below the other: n_p rows at most 2^16, n_p below 2^16.

    The quotient is guessed in floating point, off by at most one, and corrected by its remainder modulo 2^64, which is
    exact as totals lie below 2^47.

    Args:
        shared: Shape (n_p, T). [mWh]
        totals: Shape (T,), above zero and at least Σ shared. [mWh]

    Returns:
        Shape (2 n_p, T).
    """
    count = shared.shape[0]
    halves = np.empty((2 * count, totals.size))
    ratios = np.empty(totals.size)
    for t in range(totals.size):
        ratios[t] = np.float64(1 << 32) / np.float64(totals[t])
    for p in range(count):
        for t in range(totals.size):
            total = totals[t]
            quotient = np.int64(np.float64(shared[p, t]) * ratios[t])
            remainder = np.int64(
                (np.uint64(shared[p, t]) << np.uint64(32)) - np.uint64(quotient) * np.uint64(total)
            )
            quotient += np.int64(remainder >= total) - np.int64(remainder < 0)
            halves[p, t] = np.float64(quotient >> 16)
            halves[count + p, t] = np.float64(quotient & 0xFFFF)
    return halves


@njit(cache=True, nogil=True)
def join_halves(upper: Values, lower: Values) -> tuple[Values, Flags]:
    """Of ``w = upper · 2^16 + lower``: ``floor(w / 2^32)``, written over ``upper``, and where there is something.

    Returns:
        The floors, and per cell 0 where w = 0, 2 where w is no multiple of 2^32, else 1.
    """
    marks = np.empty(upper.shape, dtype=np.uint8)
    for p in range(upper.shape[0]):
        for i in range(upper.shape[1]):
            joined = upper[p, i] + (lower[p, i] >> 16)
            whole = (joined & 0xFFFF) == 0 and (lower[p, i] & 0xFFFF) == 0
            marks[p, i] = np.uint8(0 if whole and joined == 0 else 1 if whole else 2)
            upper[p, i] = joined >> 16
    return upper, marks


@njit(cache=True, nogil=True)
def _take_greedily(cells: Flags, matrix: Values, rows: Values, columns: Values, p: int) -> int:
    """Step 3a for one producer, by a counting sort of the columns: how many units it placed."""
    counts = np.zeros(_LACKING_CAP + 2, dtype=np.int64)
    candidates = 0
    for i in range(columns.size):
        if cells[p, i] == OPEN and columns[i] > 0:
            counts[_LACKING_CAP - min(columns[i], _LACKING_CAP) + 1] += 1
            candidates += 1
    for key in range(1, counts.size):
        counts[key] += counts[key - 1]
    order = np.empty(candidates, dtype=np.int64)
    for i in range(columns.size):
        if cells[p, i] == OPEN and columns[i] > 0:
            key = _LACKING_CAP - min(columns[i], _LACKING_CAP)
            order[counts[key]] = i
            counts[key] += 1
    units = min(candidates, int(rows[p]))
    for place in range(units):
        i = order[place]
        cells[p, i] = TAKEN
        matrix[p, i] += 1
        columns[i] -= 1
    rows[p] -= units
    return units


@njit(cache=True, nogil=True)
def _find_path(
    cells: Flags, columns: Values, start: int, row_from: Values, column_from: Values, queue: Values
) -> int:
    """Step 3b's search: the column that lacks something where the path ends, or ``_NONE``."""
    row_from[:] = _NONE
    column_from[:] = _NONE
    row_from[start] = columns.size  # the start came from nowhere, and is seen
    queue[0] = start
    begin, end = 0, 1
    while begin < end:
        p = queue[begin]
        begin += 1
        for i in range(columns.size):
            if cells[p, i] != OPEN or column_from[i] != _NONE:
                continue
            column_from[i] = p
            if columns[i] > 0:
                return i
            for other in range(cells.shape[0]):
                if cells[other, i] == TAKEN and row_from[other] == _NONE:
                    row_from[other] = i
                    queue[end] = other
                    end += 1
    return _NONE


@njit(cache=True, nogil=True)
def place_units(cells: Flags, matrix: Values, rows: Values, columns: Values) -> int:
    """One round: add at most one unit to each open cell so that the margins lack as little as possible.

    Args:
        cells: Shape (n_p, n_c): ``OPEN`` or 0; written.
        matrix: Shape (n_p, n_c), added to. [mWh]
        rows: Shape (n_p,): what each producer lacks; written. [mWh]
        columns: Shape (n_c,): what each consumer lacks; written. [mWh]

    Returns:
        Units placed. [mWh]
    """
    placed = 0
    for p in range(rows.size):
        if rows[p] > 0:
            placed += _take_greedily(cells, matrix, rows, columns, p)
    row_from, column_from = np.empty(rows.size, dtype=np.int64), np.empty(columns.size, dtype=np.int64)
    queue = np.empty(rows.size, dtype=np.int64)
    for start in range(rows.size):
        while rows[start] > 0:
            last = _find_path(cells, columns, start, row_from, column_from, queue)
            if last == _NONE:
                break
            columns[last] -= 1
            rows[start] -= 1
            placed += 1
            i = last
            while True:
                p = column_from[i]
                cells[p, i] = TAKEN
                matrix[p, i] += 1
                if p == start:
                    break
                i = row_from[p]
                cells[p, i] = OPEN
                matrix[p, i] -= 1
    return placed


@njit(cache=True, nogil=True)
def place_rest(matrix: Values, rows: Values, columns: Values) -> None:
    """Give what is still lacking to the first producers and consumers that lack it."""
    i = 0
    for p in range(rows.size):
        while rows[p] > 0:
            while columns[i] == 0:
                i += 1
            units = min(rows[p], columns[i])
            matrix[p, i] += units
            rows[p] -= units
            columns[i] -= units
