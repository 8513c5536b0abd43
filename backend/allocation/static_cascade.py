"""The ``static_cascade`` key: fixed coefficients, and what some do not use shared again among the others.

In the limit of all rounds everyone gets ``a_i = min(c_i, k_i · L / W)``: the level L / W is what the satisfied leave of
the pool per coefficient of the others (``backend.allocation.level``). ``a_i = c_i`` where k_i > 0 and c_i·W <= k_i·L,
else ``floor(L · k_i / W)``; rounding happens once, at the end, not once per round.

- Brussels: *répartition fixe* in several rounds (BRUGEL; Sibelga, methods of sharing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.level import find_level, is_satisfied
from backend.allocation.pool_key import PoolKey
from backend.community import Direction
from backend.quantities import multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import Header, SlotRows

__all__ = ["StaticCascadeKey", "cascade_level", "cascade_part", "contribute_cascade"]


def cascade_part(energy: int, coefficient: int, level: tuple[int, int]) -> int:
    """All of it where the level covers it, else exactly ``floor(L · k_i / W)``. [mWh]"""
    if is_satisfied(energy, coefficient, level):
        return energy
    pool, others = level
    return multiply_divide_down(pool, coefficient, others) if others else 0


def cascade_level(energies: Sequence[int], coefficients: Sequence[int], pool: int) -> tuple[int, int]:
    """(L [mWh], W [ppm])."""
    return find_level(energies, coefficients, pool)


def contribute_cascade(
    energy: NDArray[np.int64], allocated: NDArray[np.int64], coefficient: int, out: NDArray[np.int64]
) -> None:
    """Write (c_i, 0) where satisfied, else (0, k_i). Shape of ``out``: (T, 2).

    Who is not satisfied gets the floor of less than they use, so that the satisfied are those who got all.
    """
    satisfied = allocated == energy if coefficient else np.zeros(energy.shape, dtype=np.bool_)
    out[:, 0] = np.where(satisfied, energy, 0)
    out[:, 1] = np.where(satisfied, 0, coefficient)


@dataclass(frozen=True, slots=True)
class StaticCascadeKey(PoolKey):
    """Fixed parts, and parts of what is left.

    Invariants:
        - Either the pool is used up but for rounding, or whoever has a coefficient is served in full.
        - Nobody with a coefficient gets less than by ``static``.
    """

    method: ClassVar[str] = "static_cascade"
    code: ClassVar[int] = 4

    @property
    def own_rounds(self) -> int:
        """One, the level. [1]"""
        return 1

    def rounds_of(self, consumption: Mapping[int, int], pool: int) -> tuple[tuple[int, int], ...]:
        """The level."""
        coefficients = [self.coefficient_of(slot) for slot in consumption]
        return (cascade_level(list(consumption.values()), coefficients, pool),)

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """See ``cascade_part``. [mWh]"""
        return cascade_part(energy, self.coefficient_of(slot), header.rounds[0])

    def contribute_own(self, rows: SlotRows, parts: NDArray[np.int64]) -> None:
        """See ``contribute_cascade``."""
        for slot in rows.slots_of(Direction.CONSUMPTION):
            k = self.coefficient_of(slot)
            contribute_cascade(rows.energy[slot], rows.allocated[slot], k, parts[slot, :, 0])
