"""The ``incentive`` key: nothing is netted; what is fed in and used in the same hour earns a premium.

``a_i = 0``. With m = min(P, C), a consumer is credited ``floor(m · c_i / C)`` and a producer ``floor(m · g_p / P)``.

- Italy: configurations of diffuse self-consumption, *comunità energetiche rinnovabili* (decreto legislativo 199/2021,
  art. 8; decreto MASE 7 December 2023, n. 414; ARERA, TIAD, delibera 727/2022/R/eel): the energy shared is, hour by
  hour and per primary substation, the lesser of what is fed in and what is drawn. The resolution is therefore the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.dynamic import dynamic_part
from backend.allocation.pool_key import PoolKey
from backend.community import Direction

if TYPE_CHECKING:
    from backend.allocation.sharing_key import Header, Row

__all__ = ["IncentiveKey"]


@dataclass(frozen=True, slots=True)
class IncentiveKey(PoolKey):
    """Residual supply is all consumption, surplus all feed-in; what counts as shared is credited.

    Invariants:
        - Neither side is credited more than min(P, C) in sum.
    """

    method: ClassVar[str] = "incentive"
    code: ClassVar[int] = 10

    def part_of(self, slot: int, energy: int, header: Header) -> int:  # noqa: ARG002 -- nothing is netted
        """Zero. [mWh]"""
        return 0

    def shared_of(self, slot: int, energy: int, header: Header) -> int:  # noqa: ARG002 -- nothing is netted
        """Zero. [mWh]"""
        return 0

    def credited_of(self, header: Header, row: Row) -> int:
        """The row's part of min(P, C). [mWh]"""
        both = min(header.feed_in, header.consumption)
        whole = header.feed_in if row.direction is Direction.FEED_IN else header.consumption
        return dynamic_part(row.energy, both, whole)
