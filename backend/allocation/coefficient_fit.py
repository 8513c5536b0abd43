"""Which fixed coefficients an allocation was made with: found from its rows alone, in whole numbers.

A row that is not capped by its consumption says ``a = pool · k / 1,000,000`` within the rounding of its figures, and so
confines k to an interval of parts per million. The coefficient that lies in most of a point's intervals is taken: the
rows that were made otherwise, by another fault, lie apart and are outvoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["CoefficientFit", "SharingRows", "fit_coefficients", "fit_proportions"]

_ROWS_LEAST = 6
_POOLS_LEAST = 4
_INT64_MAX = 2**63 - 1
_STEPS = (100_000, 50_000, 10_000, 5_000, 1_000, 500, 100, 50, 10, 5)  # [ppm]


@dataclass(frozen=True, slots=True)
class CoefficientFit:
    """A coefficient that an allocation fits.

    Attributes:
        coefficient_ppm: The roundest of those that fit equally well. [ppm]
        low_ppm: Least that fits equally well. [ppm]
        high_ppm: Most that fits equally well. [ppm]
        rows: Rows that agree with it. [1]
        seen: Rows that could have told otherwise. [1]
        pools: How many different pools those that agree have: the same pool again says nothing new. [1]
    """

    coefficient_ppm: int
    low_ppm: int
    high_ppm: int
    rows: int
    seen: int
    pools: int

    @property
    def is_sure(self) -> bool:
        """Do enough rows say it, and most of those that could?"""
        return self.rows >= _ROWS_LEAST and 2 * self.rows >= self.seen

    @property
    def is_varied(self) -> bool:
        """Do rows of so many pools say it that a part of another pool would have shown?"""
        return self.pools >= _POOLS_LEAST


@dataclass(frozen=True, slots=True)
class SharingRows:
    """Consumers' rows of the intervals that a fit looks at. Arrays have shape (slots, n).

    Attributes:
        consumption: [mWh]
        allocated: [mWh]
        offered: The part of the pool that was the point's, used or not; -1 where nobody says. [mWh]
        bound: Within what a figure is its exact value. [mWh]
        told: Is there a row?
        pool: Shape (n,): all feed-in. [mWh]
    """

    consumption: NDArray[np.int64]
    allocated: NDArray[np.int64]
    offered: NDArray[np.int64]
    bound: NDArray[np.int64]
    told: NDArray[np.bool_]
    pool: NDArray[np.int64]


def fit_coefficients(rows: SharingRows, slots: Mapping[int, object]) -> dict[int, CoefficientFit]:
    """The coefficients of ``static`` that rows were made with, by slot; slots that no row speaks for are left out."""
    fits = {}
    for slot in slots:
        given, bound = rows.allocated[slot], rows.bound[slot]
        speaks = rows.told[slot] & (rows.pool > 0) & (given + bound < rows.consumption[slot])
        entitled = rows.offered[slot] >= 0
        part = np.where(entitled, rows.offered[slot], given)
        speaks = (speaks | (entitled & (rows.pool > 0))) & (rows.pool > bound)
        fit = _fit(part[speaks], bound[speaks], rows.pool[speaks], PARTS_PER_MILLION)
        if fit is not None:
            fits[slot] = fit
    return fits


def fit_proportions(rows: SharingRows, in_force: Mapping[int, int]) -> dict[int, CoefficientFit]:
    """The coefficients of ``static_cascade`` that rows were made with: only their proportions can be known.

    Args:
        rows: Of consumers.
        in_force: Coefficients in force by slot; the one that speaks most often keeps its own. [ppm]
    """
    speaks = rows.told & (rows.allocated > 2 * rows.bound) & (rows.allocated + rows.bound < rows.consumption)
    known = [slot for slot, coefficient in in_force.items() if coefficient > 0]
    if not known:
        return {}
    first = max(known, key=lambda slot: (int(speaks[slot].sum()), -slot))
    fits = {}
    for slot in in_force:
        both = speaks[slot] & speaks[first]
        if slot == first or not both.any():
            continue
        # The level that the first stands on is uncertain by its own bound, which widens the other's in proportion.
        other = rows.allocated[first, both]
        widened = rows.bound[slot, both] + (
            rows.allocated[slot, both] * rows.bound[first, both] // np.maximum(other, 1) + 1
        )
        fit = _fit(rows.allocated[slot, both], widened, other, in_force[first])
        if fit is not None:
            fits[slot] = fit
    return fits


def _fit(
    part: NDArray[np.int64], bound: NDArray[np.int64], pool: NDArray[np.int64], whole: int
) -> CoefficientFit | None:
    """The k that most rows allow, with ``part = pool · k / whole`` within the bound; None without rows."""
    if not len(part):
        return None
    if (int(part.max()) + int(bound.max())) * whole > _INT64_MAX:
        part, bound, pool = (values.astype(object) for values in (part, bound, pool))
    low = np.maximum(-((bound - part) * whole // pool), 0).astype(np.int64)
    high = np.minimum((part + bound) * whole // pool, PARTS_PER_MILLION).astype(np.int64)
    sound = low <= high
    if not sound.any():
        return None
    low, high, pool = low[sound], high[sound], pool[sound]
    begins, ends = low, high
    low, high = np.sort(low), np.sort(high)
    covered = np.searchsorted(low, low, side="right") - np.searchsorted(high, low, side="left")
    best = int(np.argmax(covered))
    least = int(low[best])
    most = int(high[np.searchsorted(high, least, side="left")])
    agree = (begins <= least) & (ends >= least)
    pools = len(np.unique(pool[agree].astype(np.int64)))
    return CoefficientFit(_roundest(least, most), least, most, int(covered[best]), len(part), pools)


def _roundest(least: int, most: int) -> int:
    """The number in [least, most] that a person would have written. [ppm]"""
    for step in _STEPS:
        number = -(-least // step) * step
        if number <= most:
            return number
    return least
