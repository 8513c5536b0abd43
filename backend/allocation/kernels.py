"""The compiled loops: one interval after another, each row staying in cache while it is summed, shared and checked.

Exactness without 128-bit integers. For 0 <= c <= C and 0 <= P < C, ``q = floor(P·c / C)`` is guessed in floating
point and then corrected by its remainder ``P·c - q·C``, computed modulo 2^64. The guess is off by less than one unit
where c < 2^50 (four roundings of relative size 2^-53) and by less than eight below 2^53; so the true remainder lies
within ±9·C, and modulo 2^64 it is exact as long as C < 2^59. Intervals that may pass these bounds are not computed
here but marked ``HUGE``, and done in Python's integers (``backend.allocation.execution``).

This module imports numba: import it where something is allocated, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["BROKEN", "DYNAMIC", "FINE", "HUGE", "REFUSED", "STATIC", "allocate_intervals", "is_within"]

FINE = 0
HUGE = 1  # to be computed in Python's integers
REFUSED = 2  # negative, or beyond 2^53-1 mWh
BROKEN = 3  # the result does not balance

DYNAMIC = 1
STATIC = 2

_ENERGY_BOUND = 1 << 53
_NEAR_BOUND = 1 << 50  # below, the guess is off by at most one
_TOTAL_BOUND = float(1 << 59)
_PPM = 1_000_000

_MATRIX = types.Array(types.int64, 2, "C")
_VECTOR = types.Array(types.int64, 1, "C")
_CODES = types.Array(types.uint8, 1, "C")
_MATRIX_IN = types.Array(types.int64, 2, "C", readonly=True)
_VECTOR_IN = types.Array(types.int64, 1, "C", readonly=True)


@njit(cache=True, nogil=True, inline="always")
def _sum_row(row: Values) -> tuple[np.int64, np.int64]:
    """Their sum, and the bits that any of them has: negative if one is, below 2^n if all are."""
    total = np.int64(0)
    bits = np.int64(0)
    for value in row:
        total += value
        bits |= value
    return total, bits


@njit(cache=True, nogil=True, inline="always")
def _remainder(pool: np.int64, weight: np.int64, quotient: np.int64, total: np.int64) -> np.int64:
    """``pool · weight - quotient · total`` modulo 2^64, signed."""
    product = np.uint64(pool) * np.uint64(weight)
    return np.int64(product - np.uint64(quotient) * np.uint64(total))


@njit(cache=True, nogil=True)
def _divide_down(pool: np.int64, weight: np.int64, total: np.int64, ratio: np.float64) -> np.int64:
    """``floor(pool · weight / total)``, whatever the guess."""
    quotient = np.int64(np.float64(weight) * ratio)
    remainder = _remainder(pool, weight, quotient, total)
    while remainder < 0:
        quotient -= 1
        remainder += total
    while remainder >= total:
        quotient += 1
        remainder -= total
    return quotient


@njit(cache=True, nogil=True)
def _share_dynamic(row: Values, pool: np.int64, total: np.int64, bits: np.int64, out: Values) -> None:
    if pool >= total:
        for i in range(row.size):
            out[i] = row[i]
        return
    ratio = np.float64(pool) / np.float64(total)
    if bits >= _NEAR_BOUND:
        for i in range(row.size):
            out[i] = _divide_down(pool, row[i], total, ratio)
        return
    for i in range(row.size):
        quotient = np.int64(np.float64(row[i]) * ratio)
        remainder = _remainder(pool, row[i], quotient, total)
        out[i] = quotient + np.int64(remainder >= total) - np.int64(remainder < 0)


@njit(cache=True, nogil=True)
def _share_static(row: Values, pool: np.int64, weights: Values, out: Values) -> None:
    whole = pool // _PPM
    rest = pool % _PPM
    for i in range(row.size):
        out[i] = min(row[i], whole * weights[i] + rest * weights[i] // _PPM)


@njit(cache=True, nogil=True)
def _split_producers(
    row: Values,
    allocated: np.int64,
    pool: np.int64,
    slots_of: Values,
    slots: int,
    t: np.int64,
    out: Values,
) -> np.int64:
    """Write the shared part of each producer and return tau, -1 if what is left finds no taker.

    Slots ascend: walking them from where the turn begins meets the keys (slot + t) mod slots in order, without sorting.
    """
    if pool in (0, allocated):
        for p in range(row.size):
            out[p] = row[p]
        return np.int64(0)
    ratio = np.float64(allocated) / np.float64(pool)
    left = allocated
    for p in range(row.size):
        part = _divide_down(allocated, row[p], pool, ratio)
        out[p] = part
        left -= part
    if left == 0:
        return np.int64(0)
    begin = np.searchsorted(slots_of, (slots - t % slots) % slots)
    for step in range(row.size):
        place = (begin + step) % row.size
        if _remainder(allocated, row[place], out[place], pool) > 0:
            out[place] += 1
            left -= 1
            if left == 0:
                return np.int64((slots_of[place] + t) % slots + 1)
    return np.int64(-1)


@njit(cache=True, nogil=True)
def is_within(parts: Values, limits: Values, expected: np.int64) -> bool:
    """Do the parts that were written lie within their limits and sum to what is expected?"""
    total = np.int64(0)
    beyond = False
    for i in range(parts.size):
        total += parts[i]
        beyond |= (parts[i] > limits[i]) | (parts[i] < 0)
    return total == expected and not beyond


@njit(
    types.void(
        types.int64,
        _MATRIX_IN,
        _MATRIX_IN,
        _VECTOR_IN,
        _VECTOR_IN,
        types.int64,
        _VECTOR_IN,
        types.int64,
        types.int64,
        _MATRIX,
        _MATRIX,
        _MATRIX,
        _CODES,
    ),
    cache=True,
    nogil=True,
)
def allocate_intervals(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    method: int,
    consumption: Values,
    feed_in: Values,
    weights: Values,
    producer_slots: Values,
    slots: int,
    t_in_day: Values,
    begin: int,
    end: int,
    allocated: Values,
    shared: Values,
    totals: Values,
    codes: NDArray[np.uint8],
) -> None:
    """Allocate the intervals [begin, end) and check each while it is in cache.

    Args:
        method: ``DYNAMIC`` or ``STATIC``.
        consumption: Shape (T, n_c). [mWh]
        feed_in: Shape (T, n_p). [mWh]
        weights: Shape (n_c,), coefficients of ``STATIC``. [ppm]
        producer_slots: Shape (n_p,), ascending.
        slots: Highest slot plus one.
        t_in_day: Shape (T,).
        begin: First interval.
        end: The one after the last.
        allocated: Shape (T, n_c), written. [mWh]
        shared: Shape (T, n_p), written. [mWh]
        totals: Shape (T, 4), written: P, C, A [mWh], tau.
        codes: Shape (T,), written: ``FINE``, ``HUGE``, ``REFUSED`` or ``BROKEN``.
    """
    for t in range(begin, end):
        total, consumed = _sum_row(consumption[t])
        pool, fed = _sum_row(feed_in[t])
        if consumed < 0 or fed < 0 or consumed >= _ENERGY_BOUND or fed >= _ENERGY_BOUND:
            codes[t] = REFUSED
            continue
        if (
            np.float64(consumed) * consumption.shape[1] >= _TOTAL_BOUND
            or np.float64(fed) * feed_in.shape[1] >= _TOTAL_BOUND
        ):
            codes[t] = HUGE
            continue
        if method == DYNAMIC:
            _share_dynamic(consumption[t], pool, total, consumed, allocated[t])
        else:
            _share_static(consumption[t], pool, weights, allocated[t])
        given, _ = _sum_row(allocated[t])
        tau = _split_producers(feed_in[t], given, pool, producer_slots, slots, t_in_day[t], shared[t])
        totals[t, 0] = pool
        totals[t, 1] = total
        totals[t, 2] = given
        totals[t, 3] = tau
        fine = (
            tau >= 0
            and is_within(allocated[t], consumption[t], given)
            and is_within(shared[t], feed_in[t], given)
        )
        codes[t] = FINE if fine else BROKEN
