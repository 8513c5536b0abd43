"""The ``hybrid`` key: fixed coefficients first, then what is left in proportion to what is still needed.

``s_i = min(c_i, floor(P · k_i / 1,000,000))``, and of R = P - Σ s the still needed D = C - Σ s gets
``a_i = s_i + (c_i - s_i where R >= D, else floor(R · (c_i - s_i) / D))``.

- Brussels: *répartition hybride*, a fixed round and then a round by consumption (BRUGEL; Sibelga, methods of sharing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.dynamic import dynamic_part
from backend.allocation.pool_key import PoolKey, floor_parts
from backend.allocation.static import static_part
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import Header, SlotRows

__all__ = ["HybridKey", "contribute_hybrid", "hybrid_level", "hybrid_part"]


def hybrid_part(energy: int, coefficient: int, pool: int, level: tuple[int, int]) -> int:
    """The fixed part, and the part of what is left. [mWh]"""
    first = static_part(energy, coefficient, pool)
    return first + dynamic_part(energy - first, *level)


def hybrid_level(energies: Sequence[int], coefficients: Sequence[int], pool: int) -> tuple[int, int]:
    """(R, D): what the fixed parts leave of the pool and of the consumption. [mWh]"""
    pairs = zip(energies, coefficients, strict=True)
    used = sum(static_part(energy, coefficient, pool) for energy, coefficient in pairs)
    return pool - used, sum(energies) - used


def contribute_hybrid(
    energy: NDArray[np.int64], pool: NDArray[np.int64], coefficient: int, out: NDArray[np.int64]
) -> None:
    """Write (s_i, c_i - s_i). Shape of ``out``: (T, 2)."""
    np.minimum(energy, floor_parts(pool, coefficient), out=out[:, 0])
    np.subtract(energy, out[:, 0], out=out[:, 1])


@dataclass(frozen=True, slots=True)
class HybridKey(PoolKey):
    """Fixed parts, then pro rata.

    Invariants:
        - Either the pool is used up but for rounding, or everyone is served in full.
        - Nobody gets less than by ``static``.
    """

    method: ClassVar[str] = "hybrid"
    code: ClassVar[int] = 5

    @property
    def own_rounds(self) -> int:
        """One, what the fixed parts leave. [1]"""
        return 1

    def rounds_of(self, consumption: Mapping[int, int], pool: int) -> tuple[tuple[int, int], ...]:
        """(R, D). [mWh]"""
        coefficients = [self.coefficient_of(slot) for slot in consumption]
        return (hybrid_level(list(consumption.values()), coefficients, pool),)

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """See ``hybrid_part``. [mWh]"""
        return hybrid_part(energy, self.coefficient_of(slot), header.feed_in, header.rounds[0])

    def contribute_own(self, rows: SlotRows, parts: NDArray[np.int64]) -> None:
        """See ``contribute_hybrid``."""
        pool = rows.energy[rows.slots_of(Direction.FEED_IN)].sum(axis=0)
        for slot in rows.slots_of(Direction.CONSUMPTION):
            contribute_hybrid(rows.energy[slot], pool, self.coefficient_of(slot), parts[slot, :, 0])
