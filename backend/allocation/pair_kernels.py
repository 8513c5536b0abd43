"""The compiled loops of the pairwise key; on their own, since numba's cache knows of no other file that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["Pairs", "give_by_pairs", "list_links"]

_FINE, _HUGE, _REFUSED = 0, 1, 2  # as in ``kernels``
_ENERGY_BOUND = 1 << 53
_FACTOR_BOUND = 1 << 31  # of each factor, so that products stay below 2^62
_PPM = np.uint64(1_000_000)


class Pairs(NamedTuple):
    """What goes in.

    Attributes:
        consumption: Shape (T, n_c). [mWh]
        pools: Shape (T, R): feed-in of the key's producers, zero of those that are not there. [mWh]
        parts: Shape (n_c, R). [ppm]
        producers: Shape (R,), slots.
        consumers: Shape (n_c,), slots.
    """

    consumption: Values
    pools: Values
    parts: Values
    producers: Values
    consumers: Values


_MATRIX = types.Array(types.int64, 2, "C")
_VECTOR = types.Array(types.int64, 1, "C")
_CODES = types.Array(types.uint8, 1, "C")
_MATRIX_IN = types.Array(types.int64, 2, "C", readonly=True)
_VECTOR_IN = types.Array(types.int64, 1, "C", readonly=True)
_PAIRS = types.NamedTuple(  # type: ignore[no-untyped-call]
    [_MATRIX_IN, _MATRIX_IN, _MATRIX_IN, _VECTOR_IN, _VECTOR_IN], Pairs
)


@njit(cache=True, nogil=True)
def _give(data: Pairs, t: int, i: int, gifts: Values) -> bool:
    """Write what each producer gives one consumer; false where products may overflow."""
    offered = np.int64(0)
    used = data.consumption[t, i]
    for r in range(gifts.size):
        # Unsigned: a division by a constant is then a multiplication.
        pool, part = np.uint64(data.pools[t, r]), np.uint64(data.parts[i, r])
        gifts[r] = np.int64(pool // _PPM * part + pool % _PPM * part // _PPM)
        offered += gifts[r]
    if offered <= used:
        return True
    if offered >= _FACTOR_BOUND or used >= _FACTOR_BOUND:
        return False
    for r in range(gifts.size):
        gifts[r] = gifts[r] * used // offered
    return True


@njit(types.void(_PAIRS, types.int64, types.int64, _MATRIX, _MATRIX, _VECTOR, _CODES), cache=True, nogil=True)
def give_by_pairs(
    data: Pairs,
    begin: int,
    end: int,
    allocated: Values,
    given: Values,
    counts: Values,
    codes: NDArray[np.uint8],
) -> None:
    """Allocate the intervals [begin, end).

    Args:
        data: What goes in.
        begin: First interval.
        end: The one after the last.
        allocated: Shape (T, n_c), written. [mWh]
        given: Shape (T, R), zeros, added to. [mWh]
        counts: Shape (T,), zeros, added to: links that carry something.
        codes: Shape (T,), written: as in ``kernels``; of others than ``FINE`` nothing else counts.
    """
    gifts = np.zeros(data.parts.shape[1], dtype=np.int64)
    for t in range(begin, end):
        bits = np.int64(0)
        for r in range(gifts.size):
            bits |= data.pools[t, r]
        for i in range(data.consumers.size):
            bits |= data.consumption[t, i]
        codes[t] = _REFUSED if bits < 0 or bits >= _ENERGY_BOUND else _FINE
        if codes[t] == _REFUSED:
            continue
        for i in range(data.consumers.size):
            if not _give(data, t, i, gifts):
                codes[t] = _HUGE
                break
            got = np.int64(0)
            for r in range(gifts.size):
                got += gifts[r]
                given[t, r] += gifts[r]
                counts[t] += np.int64(gifts[r] > 0)
            allocated[t, i] = got


@njit(types.void(_PAIRS, types.int64, types.int64, _CODES, _VECTOR_IN, _MATRIX), cache=True, nogil=True)
def list_links(
    data: Pairs, begin: int, end: int, codes: NDArray[np.uint8], offsets: Values, links: Values
) -> None:
    """Write the links of the ``FINE`` intervals [begin, end).

    Args:
        data: As before.
        begin: First interval.
        end: The one after the last.
        codes: Shape (T,).
        offsets: Shape (T,): place of an interval's first link.
        links: Shape (4, n), written: interval, producer's slot, consumer's slot, energy [mWh].
    """
    gifts = np.zeros(data.parts.shape[1], dtype=np.int64)
    for t in range(begin, end):
        if codes[t] != _FINE:
            continue
        place = offsets[t]
        for i in range(data.consumers.size):
            _give(data, t, i, gifts)
            for r in range(gifts.size):
                if gifts[r] > 0:
                    links[0, place] = t
                    links[1, place] = data.producers[r]
                    links[2, place] = data.consumers[i]
                    links[3, place] = gifts[r]
                    place += 1
