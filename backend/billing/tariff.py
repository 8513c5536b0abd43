"""Tariff bands by interval, band sums by slot, and who bills which line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.billing.amounts import BANDS, Line
from backend.community import Biller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import Tariff
    from backend.quantities import PeriodCalendar

__all__ = ["KINDS", "bands_of", "biller_of", "sum_by_band"]

#: Message key of each line.
KINDS = (
    *("residual", "residual", "residual", "residual", "bought", "network", "fee", "sold", "surplus"),
    *("network_shared", "excise", "excise_shared", "incentive"),
)
_ELSEWHERE = {
    "residual": "supplier",
    "network": "supplier",
    "network_shared": "supplier",
    "excise": "supplier",
    "surplus": "offtaker",
    "bought": "producer",
    "excise_shared": "producer",
    "sold": "consumer",
}
_BITS = {
    "residual": Biller.RESIDUAL,
    "excise": Biller.RESIDUAL,
    "network": Biller.NETWORK,
    "network_shared": Biller.NETWORK,
    "surplus": Biller.SURPLUS,
    "bought": Biller.SHARED,
    "excise_shared": Biller.SHARED,
    "sold": Biller.SHARED,
}
_INT64_MAX = 2**63 - 1


def bands_of(calendar: PeriodCalendar, tariff: Tariff) -> NDArray[np.uint8]:
    """Tariff band of each interval, by the local wall clock at its start.

    In the hour that a clock change repeats the band repeats too, and what it skips is skipped.

    Returns:
        Shape (T,), 0 to 3.
    """
    by_minute = np.zeros(24 * 60, dtype=np.uint8)
    for window in tariff.windows:
        by_minute[window.start_minute : window.end_minute] = window.band
    return by_minute[np.array(calendar.local_minutes(), dtype=np.int64)]


def sum_by_band(values: NDArray[np.int64], bands: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """Add up each slot's intervals per band.

    Args:
        values: Shape (slots, T). [mWh]
        bands: Shape (T,).

    Returns:
        Four sums per slot, exact whatever their size. [mWh]
    """
    largest = int(values.max(initial=0))
    exact = values if largest * max(values.shape[1], 1) <= _INT64_MAX else values.astype(object)
    columns = [exact[:, bands == band].sum(axis=1).tolist() for band in range(BANDS)]
    return [tuple(int(value) for value in sums) for sums in zip(*columns, strict=True)]


def biller_of(line: int, billed: Biller) -> str:
    """Who bills a line: ``community``, or ``supplier``, ``offtaker``, ``producer``, ``consumer``."""
    kind = KINDS[line]
    if line in {Line.FEE, Line.INCENTIVE} or _BITS[kind] in billed:
        return "community"
    return _ELSEWHERE[kind]
