"""Summing a measure up over time, compiled.

This module imports numba: import it where flows are summed up, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["gather"]


@njit(cache=True, nogil=True)
def gather(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    values: Values,
    starts: Places,
    groups: Places,
    least: float,
    bins_by_decade: float,
    total: Values,
    count: Places,
    worst: Values,
    worst_start: Places,
    bins: NDArray[np.uint32],
) -> None:
    """Add every value to the groups that its interval belongs to.

    Args:
        values: NaN where not known. Shape (n, T).
        starts: Of the intervals. Shape (T,). [s since 1970, UTC]
        groups: Those of each interval. Shape (kinds, T).
        least: Lower bound of the second bin; what is less goes to the first.
        bins_by_decade: Bins between a value and ten times it.
        total: Added to. Shape (n, groups).
        count: Likewise.
        worst: The largest so far. Shape (n, groups).
        worst_start: When that was. Shape (n, groups).
        bins: Added to; of the first groups, the others have none. Shape (n, groups with bins, bins).
    """
    binned = bins.shape[1]
    top = bins.shape[2] - 1
    for element in range(values.shape[0]):
        for t in range(values.shape[1]):
            value = values[element, t]
            if np.isnan(value):
                continue
            place = 0
            if value >= least:
                place = min(1 + int(np.log10(value / least) * bins_by_decade), top)
            for kind in range(groups.shape[0]):
                group = groups[kind, t]
                total[element, group] += value
                count[element, group] += 1
                if value > worst[element, group]:
                    worst[element, group] = value
                    worst_start[element, group] = starts[t]
                if group < binned:
                    bins[element, group, place] += 1
