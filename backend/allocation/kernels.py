"""The compiled loops: one interval after another, each row staying in cache while it is summed, shared and checked.

Exactness without 128-bit integers. For 0 <= c <= C and 0 <= P < C, ``q = floor(P·c / C)`` is guessed in floating
point and then corrected by its remainder ``P·c - q·C``, computed modulo 2^64. The guess is off by less than one unit
where c < 2^50 (four roundings of relative size 2^-53) and by less than eight below 2^53; so the true remainder lies
within ±9·C, and modulo 2^64 it is exact as long as C < 2^59. A level (``backend.allocation.level``) is compared by
products, which are exact below 2^63. Intervals that may pass these bounds are not computed here but marked ``HUGE``,
and done in Python's integers (``backend.allocation.exact``).

Everything that these loops call stands in this one file, since numba's cache knows of no other that changed.
This module imports numba: import it where something is allocated, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

from backend.allocation.kernel_arrays import Given, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["BROKEN", "FINE", "HUGE", "REFUSED", "allocate_intervals", "is_within"]

FINE = 0
HUGE = 1  # to be computed in Python's integers
REFUSED = 2  # negative, or beyond 2^53-1 mWh
BROKEN = 3  # the result does not balance

DYNAMIC, STATIC, EQUAL, CASCADE, HYBRID, SCHEDULED, PRIORITY, INCENTIVE = 1, 2, 3, 4, 5, 6, 8, 10

_ENERGY_BOUND = 1 << 53
_NEAR_BOUND = 1 << 50  # below, the guess is off by at most one
_TOTAL_BOUND = float(1 << 59)
_PRODUCT_BOUND = float(1 << 62)
_TOO_LARGE = -2
_PPM = 1_000_000
MILLIONTH = 1 / _PPM

_MATRIX = types.Array(types.int64, 2, "C")
_CUBE = types.Array(types.int64, 3, "C")
_CODES = types.Array(types.uint8, 1, "C")
_MATRIX_IN = types.Array(types.int64, 2, "C", readonly=True)
_VECTOR_IN = types.Array(types.int64, 1, "C", readonly=True)
_ACTIVE_IN = types.Array(types.boolean, 2, "C", readonly=True)
_SCHEDULE_IN = types.Array(types.int32, 2, "C", readonly=True)


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


@njit(cache=True, nogil=True, inline="always")
def _part_of(pool: np.int64, coefficient: np.int64) -> np.int64:
    """``floor(pool · k / 1,000,000)``; a product below 2^40 is cut off exactly (a test tries them all)."""
    product = pool % _PPM * coefficient
    return pool // _PPM * coefficient + np.int64(np.float64(product) * MILLIONTH)


@njit(cache=True, nogil=True)
def _share_static(row: Values, pool: np.int64, weights: Values, out: Values) -> None:
    for i in range(row.size):
        out[i] = min(row[i], _part_of(pool, np.int64(weights[i])))


@njit(cache=True, nogil=True)
def _share_hybrid(
    row: Values, pool: np.int64, weights: Values, bits: np.int64, out: Values
) -> tuple[np.int64, np.int64]:
    """Static, then dynamic on what that leaves, which is returned: pool and consumption."""
    _share_static(row, pool, weights, out)
    left, wanted = pool, np.int64(0)
    for i in range(row.size):
        left -= out[i]
        wanted += row[i] - out[i]
    if left >= wanted:
        for i in range(row.size):
            out[i] = row[i]
        return left, wanted
    ratio = np.float64(left) / np.float64(wanted)
    if bits >= _NEAR_BOUND:
        for i in range(row.size):
            out[i] += _divide_down(left, row[i] - out[i], wanted, ratio)
        return left, wanted
    for i in range(row.size):
        still = row[i] - out[i]
        quotient = np.int64(np.float64(still) * ratio)
        remainder = _remainder(left, still, quotient, wanted)
        out[i] += quotient + np.int64(remainder >= wanted) - np.int64(remainder < 0)
    return left, wanted


@njit(cache=True, nogil=True)
def _find_level(limits: Values, weights: Values, pool: np.int64, bits: np.int64) -> tuple[np.int64, np.int64]:
    """The level to which the pool fills the limits (``level.py``); weight -1 where products may overflow."""
    others = np.int64(0)
    for weight in weights:
        others += weight
    if np.float64(max(bits, pool)) * np.float64(others) >= _PRODUCT_BOUND:
        return pool, np.int64(-1)
    level = pool
    while True:
        left, open_weight = pool, np.int64(0)
        for i in range(limits.size):
            satisfied = np.int64(limits[i] * others <= weights[i] * level) & np.int64(weights[i] > 0)
            left -= satisfied * limits[i]
            open_weight += (1 - satisfied) * weights[i]
        if open_weight == others:
            return level, others
        level, others = left, open_weight


@njit(cache=True, nogil=True)
def _share_cascade(
    row: Values, pool: np.int64, weights: Values, bits: np.int64, out: Values
) -> tuple[np.int64, np.int64]:
    """Up to the level, which is returned."""
    level, others = _find_level(row, weights, pool, bits)
    if others <= 0:
        for i in range(row.size):
            out[i] = row[i] if weights[i] > 0 else 0
        return level, others
    ratio = np.float64(level) / np.float64(others)
    for i in range(row.size):
        product = weights[i] * level
        quotient = np.int64(np.float64(weights[i]) * ratio)
        remainder = product - quotient * others
        part = quotient + np.int64(remainder >= others) - np.int64(remainder < 0)
        out[i] = min(row[i], part)
    return level, others


@njit(cache=True, nogil=True)
def _share_tier(
    method: int,
    row: Values,
    pool: np.int64,
    weights: Values,
    tier_weight: np.int64,
    out: Values,
    rounds: Values,
    place: int,
) -> tuple[np.int64, int]:
    """Share by one of the methods 1 to 5, its level written at the place; its weight, and the next place or -1."""
    total, bits = _sum_row(row)
    if method == DYNAMIC:
        _share_dynamic(row, pool, total, bits, out)
        return total, place
    if method == STATIC:
        _share_static(row, pool, weights, out)
        return tier_weight, place
    if method == EQUAL:
        part = pool // max(tier_weight, np.int64(1))
        for i in range(row.size):
            out[i] = min(row[i], part)
        return tier_weight, place
    if method == HYBRID:
        level, others = _share_hybrid(row, pool, weights, bits, out)
    else:
        level, others = _share_cascade(row, pool, weights, bits, out)
    rounds[place, 0] = level
    rounds[place, 1] = others
    return tier_weight, place + 1 if others >= 0 else -1


@njit(cache=True, nogil=True)
def _share_tiers(
    data: Interval, t: int, pool: np.int64, out: Values, rounds: Values, scratch: Values
) -> bool:
    """Tier after tier, each from what the one before left; false where an interval is too large."""
    left = pool
    place, begin = 0, 0
    row, got, energies, columns = scratch[0], scratch[1], data.consumption[t], data.columns
    for tier in range(data.tier_ends.size):
        end = data.tier_ends[tier]
        for j in range(begin, end):
            row[j] = energies[columns[j]]
        weight = data.tier_weights[t if data.tier_weights.shape[0] > 1 else 0, tier]
        rounds[place, 0] = left
        weight, after = _share_tier(
            data.tier_methods[tier],
            row[begin:end],
            left,
            data.weights[begin:end],
            weight,
            got[begin:end],
            rounds,
            place + 1,
        )
        if after < 0:
            return False
        rounds[place, 1] = weight
        for j in range(begin, end):
            out[columns[j]] = got[j]
            left -= got[j]
        place, begin = after, end
    return True


@njit(cache=True, nogil=True)
def _share_interval(data: Interval, t: int, pool: np.int64, given: Given, scratch: Values) -> bool:
    """The consumers' parts and the key's own rounds; false where the interval is too large."""
    row, out, rounds = data.consumption[t], given.allocated[t], given.rounds[t]
    if data.method == PRIORITY:
        return _share_tiers(data, t, pool, out, rounds, scratch)
    if data.method == SCHEDULED:
        _share_static(row, pool, data.schedule[t], out)
        return True
    weight = data.tier_weights[t if data.tier_weights.shape[0] > 1 else 0, 0]
    _, after = _share_tier(data.method, row, pool, data.weights, weight, out, rounds, 0)
    if data.method == EQUAL:
        rounds[0, 0] = pool
        rounds[0, 1] = weight
    return after >= 0


@njit(cache=True, nogil=True)
def _credit(data: Interval, t: int, pool: np.int64, out: Values, credited: Values) -> np.int64:
    """What each consumer was entitled to and did not use; its sum."""
    tier = t if data.tier_weights.shape[0] > 1 else 0
    part = pool // max(data.tier_weights[tier, 0], np.int64(1))
    total = np.int64(0)
    for i in range(out.size):
        if data.method == STATIC:
            part = _part_of(pool, data.weights[i])
        elif data.method == SCHEDULED:
            part = _part_of(pool, np.int64(data.schedule[t, i]))
        is_away = data.active.size > 0 and not data.active[t, i]
        credited[i] = 0 if is_away else part - out[i]
        total += credited[i]
    return total


@njit(cache=True, nogil=True)
def _hand_out(left: np.int64, turns: Values, data: Interval, t: np.int64, out: Values) -> np.int64:
    """One unit more to those whose turn comes first; tau, or -1 if what is left finds no taker.

    Slots ascend: walking them from where the turn begins meets the keys (slot + t) mod slots in order, without sorting.
    """
    if left == 0:
        return np.int64(0)
    slots_of, slots = data.producer_slots, data.slots
    begin = np.searchsorted(slots_of, (slots - t % slots) % slots)
    for step in range(out.size):
        place = (begin + step) % out.size
        if turns[place] > 0:
            out[place] += 1
            left -= 1
            if left == 0:
                return np.int64((slots_of[place] + t) % slots + 1)
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _split_producers(
    data: Interval, t: int, allocated: np.int64, pool: np.int64, out: Values, turns: Values
) -> np.int64:
    """Write the shared part of each producer, in proportion, and return tau."""
    row = data.feed_in[t]
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
        turns[p] = _remainder(allocated, row[p], part, pool)
    return _hand_out(left, turns, data, data.t_in_day[t], out)


@njit(cache=True, nogil=True)
def _split_by_key(
    data: Interval, t: int, allocated: np.int64, pool: np.int64, bits: np.int64, given: Given, turns: Values
) -> np.int64:
    """Write the shared part of each producer by the producer key, and its level; tau, or ``_TOO_LARGE``."""
    row, out, last = data.feed_in[t], given.shared[t], given.rounds[t, given.rounds.shape[1] - 1]
    if pool == allocated:
        for p in range(row.size):
            out[p] = row[p]
        last[0] = last[1] = 0
        return np.int64(0)
    level, others = _find_level(row, data.producer_weights, allocated, bits)
    if others < 0:
        return np.int64(_TOO_LARGE)
    last[0], last[1] = level, others
    left = allocated
    for p in range(row.size):
        product = data.producer_weights[p] * level
        if row[p] * others <= product:
            out[p] = row[p]
            turns[p] = 0
        else:
            out[p] = product // others
            turns[p] = product % others
        left -= out[p]
    return _hand_out(left, turns, data, data.t_in_day[t], out)


@njit(cache=True, nogil=True)
def is_within(parts: Values, limits: Values, expected: np.int64) -> bool:
    """Do the parts that were written lie within their limits and sum to what is expected?"""
    total = np.int64(0)
    beyond = False
    for i in range(parts.size):
        total += parts[i]
        beyond |= (parts[i] > limits[i]) | (parts[i] < 0)
    return total == expected and not beyond


@njit(cache=True, nogil=True)
def _credit_incentive(data: Interval, t: int, pool: np.int64, total: np.int64, given: Given) -> np.uint8:
    """What counts as shared, to both sides, is written instead of what is allocated."""
    both = min(pool, total)
    _share_dynamic(data.consumption[t], both, total, _sum_row(data.consumption[t])[1], given.allocated[t])
    _share_dynamic(data.feed_in[t], both, pool, _sum_row(data.feed_in[t])[1], given.shared[t])
    used, fed = _sum_row(given.allocated[t])[0], _sum_row(given.shared[t])[0]
    fine = (
        max(used, fed) <= both
        and is_within(given.allocated[t], data.consumption[t], used)
        and is_within(given.shared[t], data.feed_in[t], fed)
    )
    return np.uint8(FINE if fine else BROKEN)


@njit(cache=True, nogil=True)
def _allocate_interval(data: Interval, given: Given, t: int, scratch: Values) -> np.uint8:
    total, consumed = _sum_row(data.consumption[t])
    pool, fed = _sum_row(data.feed_in[t])
    if consumed < 0 or fed < 0 or consumed >= _ENERGY_BOUND or fed >= _ENERGY_BOUND:
        return np.uint8(REFUSED)
    bound_c = np.float64(consumed) * data.consumption.shape[1]
    if bound_c >= _TOTAL_BOUND or np.float64(fed) * data.feed_in.shape[1] >= _TOTAL_BOUND:
        return np.uint8(HUGE)
    totals = given.totals[t]
    totals[0], totals[1] = pool, total
    if data.method == INCENTIVE:
        return _credit_incentive(data, t, pool, total, given)
    if not _share_interval(data, t, pool, given, scratch):
        return np.uint8(HUGE)
    got, _ = _sum_row(given.allocated[t])
    if data.producer_weights.size:
        tau = _split_by_key(data, t, got, pool, fed, given, scratch[2])
        if tau == _TOO_LARGE:
            return np.uint8(HUGE)
    else:
        tau = _split_producers(data, t, got, pool, given.shared[t], scratch[2])
    totals[2], totals[3] = got, tau
    owed = np.int64(0)
    if given.credited.shape[0]:
        owed = _credit(data, t, pool, given.allocated[t], given.credited[t])
    fine = (
        tau >= 0
        and got + owed <= pool
        and is_within(given.allocated[t], data.consumption[t], got)
        and is_within(given.shared[t], data.feed_in[t], got)
    )
    return np.uint8(FINE if fine else BROKEN)


_INTERVAL = types.NamedTuple(  # type: ignore[no-untyped-call]
    [
        types.int64,
        types.int64,
        _MATRIX_IN,
        _MATRIX_IN,
        _VECTOR_IN,
        _VECTOR_IN,
        _SCHEDULE_IN,
        _VECTOR_IN,
        _VECTOR_IN,
        _VECTOR_IN,
        _MATRIX_IN,
        _ACTIVE_IN,
        _VECTOR_IN,
        _VECTOR_IN,
    ],
    Interval,
)
_GIVEN = types.NamedTuple(  # type: ignore[no-untyped-call]
    [_MATRIX, _MATRIX, _MATRIX, _CUBE, _MATRIX, _CODES], Given
)


@njit(types.void(_INTERVAL, _GIVEN, types.int64, types.int64), cache=True, nogil=True)
def allocate_intervals(data: Interval, given: Given, begin: int, end: int) -> None:
    """Allocate the intervals [begin, end) and check each while it is in cache."""
    scratch = np.empty((3, max(data.consumption.shape[1], data.feed_in.shape[1])), dtype=np.int64)
    for t in range(begin, end):
        given.codes[t] = _allocate_interval(data, given, t, scratch)
