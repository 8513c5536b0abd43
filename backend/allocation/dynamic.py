"""The ``dynamic`` key: in proportion to what each consumes in the interval.

``a_i = c_i`` where P >= C, else ``floor(P · c_i / C)``.

- France: the default where the members named no other key (Code de l'énergie, art. D. 315-6).
- Austria: *dynamische Zuteilung* (ElWOG 2010 § 16e; from 1 October 2026 ElWG §§ 66 ff.).
- Wallonia: *clé au prorata* of consumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.execution import execute
from backend.allocation.producers import shared_part
from backend.allocation.sharing_key import Allocation, Header, Row
from backend.community import Direction
from backend.quantities import multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DynamicKey"]


@dataclass(frozen=True, slots=True)
class DynamicKey:
    """Pro rata of consumption, per interval.

    Invariants:
        - Where P >= C everyone is served in full.
        - Whoever consumes more than another is allocated at least as much.
    """

    method: ClassVar[str] = "dynamic"
    code: ClassVar[int] = 1
    header_rounds: ClassVar[int] = 0
    coefficients_ppm: ClassVar[tuple[int, ...]] = ()

    def part_of(self, slot: int, energy: int, header: Header) -> int:  # noqa: ARG002 -- a consumer's slot has no weight here
        """Exactly ``min(c_i, floor(P · c_i / C))``. [mWh]"""
        if header.feed_in >= header.consumption:
            return energy
        return multiply_divide_down(header.feed_in, energy, header.consumption)

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
        return execute(self, consumption, feed_in, consumer_slots, producer_slots, slots, t_in_day)
