"""The ``equal`` key: every member the same part of the pool, capped by what they use.

``a_i = min(c_i, floor(P / n))``, n the consumption slots that are active on the day. What someone does not use is
surplus of the producers, or, where the rule says so, credited to the consumer as ``floor(P / n) - a_i``.

- Germany: what holds where a building's users agreed on nothing else (EnWG § 42b (5), gemeinschaftliche
  Gebäudeversorgung; from June 2026 § 42c for sharing over the network).
- Wallonia, Brussels: *clé fixe égalitaire* in one round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.pool_key import PoolKey
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import Header, SlotRows

__all__ = ["EqualKey", "equal_part"]


def equal_part(energy: int, pool: int, count: int) -> int:
    """Exactly ``min(c_i, floor(P / n))``, nothing of nobody's pool. [mWh]"""
    return min(energy, pool // count) if count else 0


@dataclass(frozen=True, slots=True)
class EqualKey(PoolKey):
    """One part each.

    Invariants:
        - Nobody is allocated more than the n-th part of the pool.
    """

    method: ClassVar[str] = "equal"
    code: ClassVar[int] = 3

    @property
    def own_rounds(self) -> int:
        """One, (P, n). [1]"""
        return 1

    def rounds_of(self, consumption: Mapping[int, int], pool: int) -> tuple[tuple[int, int], ...]:
        """The pool [mWh] and how many share it."""
        return ((pool, len(consumption)),)

    def part_of(self, slot: int, energy: int, header: Header) -> int:  # noqa: ARG002 -- all slots are equal
        """See ``equal_part``. [mWh]"""
        return equal_part(energy, *header.rounds[0])

    def entitled_of(self, slot: int, header: Header) -> int:  # noqa: ARG002 -- all slots are equal
        """Exactly ``floor(P / n)``. [mWh]"""
        pool, count = header.rounds[0]
        return pool // count if count else 0

    def _count(self, weights: NDArray[np.int64], active: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        if active is None:
            return np.array([len(weights)], dtype=np.int64)
        counts: NDArray[np.int64] = np.count_nonzero(active, axis=1)
        return counts

    def contribute_own(self, rows: SlotRows, parts: NDArray[np.int64]) -> None:
        """One each, where active."""
        for slot in rows.slots_of(Direction.CONSUMPTION):
            parts[slot, :, 0, 1] = rows.active[slot]
