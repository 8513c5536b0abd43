"""The ``static`` key: fixed coefficients of the pool, each capped by what the consumer uses.

``a_i = min(c_i, floor(P · k_i / 1,000,000))``. What a consumer does not use is surplus of the producers; it is not
offered to the others.

- France: *clé de répartition statique* (Code de l'énergie, art. D. 315-6).
- Austria: *statische Zuteilung* (ElWOG 2010 § 16e; from 1 October 2026 ElWG §§ 66 ff.).
- Spain: constant β (Real Decreto 244/2019, anexo I); there the unused part is the consumer's: ``surplus_owner``.
- Portugal: fixed coefficients (Decreto-Lei 15/2022, art. 87).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.execution import execute
from backend.allocation.producers import shared_part
from backend.allocation.sharing_key import Allocation, Header, Row
from backend.community import Direction
from backend.quantities import PARTS_PER_MILLION, multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["StaticKey"]


@dataclass(frozen=True, slots=True)
class StaticKey:
    """Fixed parts of the pool.

    Attributes:
        coefficients_ppm: By slot, summing to at most 1,000,000; zero for slots without. [ppm]
    """

    coefficients_ppm: tuple[int, ...]

    method: ClassVar[str] = "static"
    code: ClassVar[int] = 2
    header_rounds: ClassVar[int] = 0

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """Exactly ``min(c_i, floor(P · k_i / 1,000,000))``. [mWh]"""
        return min(energy, multiply_divide_down(header.feed_in, self.coefficient_of(slot), PARTS_PER_MILLION))

    def coefficient_of(self, slot: int) -> int:
        """The slot's coefficient, zero for one that joined after the rule was voted. [ppm]"""
        return self.coefficients_ppm[slot] if slot < len(self.coefficients_ppm) else 0

    def check_row(self, header: Header, row: Row) -> bool:
        """Is the row what the key gives for this header?"""
        if row.direction is Direction.FEED_IN:
            return row.allocated == shared_part(row.slot, row.energy, header)
        return row.allocated == self.part_of(row.slot, row.energy, header)

    def allocate(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        *,
        consumer_slots: Sequence[int],
        producer_slots: Sequence[int],
        slots: int,
        t_in_day: NDArray[np.int64],
    ) -> Allocation:
        """Share every interval; see ``SharingKey.allocate``."""
        weights = [self.coefficient_of(slot) for slot in consumer_slots]
        return execute(self, consumption, feed_in, consumer_slots, producer_slots, slots, t_in_day, weights)
