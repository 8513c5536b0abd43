"""The compiled loop of the pairwise key; on its own, since numba's cache knows of no other file that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.int64]

__all__ = ["give_by_pairs"]

_FINE, _HUGE, _REFUSED = 0, 1, 2  # as in ``kernels``
_ENERGY_BOUND = 1 << 53
_PRODUCT_BOUND = 1 << 31  # of each factor, so that products stay below 2^62
_PPM = 1_000_000

_MATRIX_IN = types.Array(types.int64, 2, "C", readonly=True)


@njit(
    types.void(
        _MATRIX_IN,
        _MATRIX_IN,
        _MATRIX_IN,
        types.int64,
        types.Array(types.int64, 3, "C"),
        types.Array(types.uint8, 1, "C"),
    ),
    cache=True,
    nogil=True,
)
def give_by_pairs(
    consumption: Values, pools: Values, pairs: Values, begin: int, gifts: Values, codes: NDArray[np.uint8]
) -> None:
    """What each producer gives each consumer in the intervals from ``begin`` on.

    Args:
        consumption: Shape (T, n_c). [mWh]
        pools: Shape (T, R): feed-in of the key's producers, zero of those that are not there. [mWh]
        pairs: Shape (n_c, R). [ppm]
        begin: First interval.
        gifts: Shape (B, n_c, R), written. [mWh]
        codes: Shape (T,), written for those intervals: as in ``kernels``.
    """
    count = pairs.shape[1]
    for place in range(gifts.shape[0]):
        t = begin + place
        bits = np.int64(0)
        for r in range(count):
            bits |= pools[t, r]
        for i in range(consumption.shape[1]):
            bits |= consumption[t, i]
        codes[t] = _REFUSED if bits < 0 or bits >= _ENERGY_BOUND else _FINE
        if codes[t] == _REFUSED:
            continue
        for i in range(consumption.shape[1]):
            offered = np.int64(0)
            for r in range(count):
                whole, rest = pools[t, r] // _PPM, pools[t, r] % _PPM
                gifts[place, i, r] = whole * pairs[i, r] + rest * pairs[i, r] // _PPM
                offered += gifts[place, i, r]
            used = consumption[t, i]
            if offered <= used:
                continue
            if offered >= _PRODUCT_BOUND or used >= _PRODUCT_BOUND:
                codes[t] = _HUGE
                break
            for r in range(count):
                gifts[place, i, r] = gifts[place, i, r] * used // offered
