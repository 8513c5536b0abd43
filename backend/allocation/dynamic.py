"""The ``dynamic`` key: in proportion to what each consumes in the interval.

``a_i = c_i`` where P >= C, else ``floor(P · c_i / C)``.

- France: the default where the members named no other key (Code de l'énergie, art. D. 315-6); *dynamique par défaut*.
- Austria: *dynamische Zuteilung* (ElWOG 2010 § 16e; from 1 October 2026 ElWG §§ 66 ff.).
- Belgium: *clé au prorata* of consumption (Wallonia; Brussels).
- Luxembourg: *prorata*, the standard model (règlement ILR/E21/32).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.pool_key import PoolKey
from backend.quantities import multiply_divide_down

if TYPE_CHECKING:
    from backend.allocation.sharing_key import Header

__all__ = ["DynamicKey", "dynamic_part"]


def dynamic_part(energy: int, pool: int, total: int) -> int:
    """Exactly ``min(c_i, floor(P · c_i / C))``. [mWh]"""
    return energy if pool >= total else multiply_divide_down(pool, energy, total)


@dataclass(frozen=True, slots=True)
class DynamicKey(PoolKey):
    """Pro rata of consumption, per interval.

    Invariants:
        - Where P >= C everyone is served in full.
        - Whoever consumes more than another is allocated at least as much.
    """

    method: ClassVar[str] = "dynamic"
    code: ClassVar[int] = 1

    def part_of(self, slot: int, energy: int, header: Header) -> int:  # noqa: ARG002 -- a consumer's slot has no weight here
        """See ``dynamic_part``. [mWh]"""
        return dynamic_part(energy, header.feed_in, header.consumption)
