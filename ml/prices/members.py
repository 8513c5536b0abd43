"""Experts of day-ahead prices: each learns from whole days and tells the 24 prices of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["DAYS_LEAST", "FittedMember", "Member", "too_few"]

DAYS_LEAST = 28
"""Days that an expert learns from at least. [days]"""


class FittedMember(Protocol):
    """An expert that has learned."""

    def predict(self, days: PriceDays, row: int) -> Values:
        """Prices of one day, from prices of rows before it and inputs up to it. Shape (24,)."""
        ...

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        ...


class Member(Protocol):
    """A way to learn."""

    @property
    def name(self) -> str:
        """Stands in states and weights."""
        ...

    def fit(self, days: PriceDays, until: int, seed: int) -> FittedMember | None:
        """Learn from the rows before one; None where they are too few."""
        ...


def too_few(rows: Places) -> bool:
    """Whether there are fewer days than an expert learns from."""
    return len(rows) < DAYS_LEAST
