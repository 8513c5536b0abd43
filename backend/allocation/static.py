"""The ``static`` key: fixed coefficients of the pool, each capped by what the consumer uses.

``a_i = min(c_i, floor(P · k_i / 1,000,000))``. What a consumer does not use is not offered to the others: it is surplus
of the producers, or, where the rule says so, of the consumer, who is credited ``floor(P · k_i / 1,000,000) - a_i``.

- France: *clé de répartition statique* (Code de l'énergie, art. D. 315-6).
- Austria: *statische Zuteilung* (ElWOG 2010 § 16e; from 1 October 2026 ElWG §§ 66 ff.).
- Brussels: *répartition fixe* in one round (BRUGEL, Sibelga).
- Spain: constant β (Real Decreto 244/2019, anexo I); there the unused part is the consumer's.
- Portugal: fixed coefficients (Decreto-Lei 15/2022; ERSE, Regulamento do Autoconsumo, 815/2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.pool_key import PoolKey
from backend.quantities import PARTS_PER_MILLION, multiply_divide_down

if TYPE_CHECKING:
    from backend.allocation.sharing_key import Header

__all__ = ["StaticKey", "static_part"]


def static_part(energy: int, coefficient: int, pool: int) -> int:
    """Exactly ``min(c_i, floor(P · k_i / 1,000,000))``. [mWh]"""
    return min(energy, multiply_divide_down(pool, coefficient, PARTS_PER_MILLION))


@dataclass(frozen=True, slots=True)
class StaticKey(PoolKey):
    """Fixed parts of the pool. The coefficients sum to at most 1,000,000.

    Invariants:
        - What one consumer uses changes nothing for another.
    """

    method: ClassVar[str] = "static"
    code: ClassVar[int] = 2

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """See ``static_part``. [mWh]"""
        return static_part(energy, self.coefficient_of(slot), header.feed_in)

    def entitled_of(self, slot: int, header: Header) -> int:
        """Exactly ``floor(P · k_i / 1,000,000)``. [mWh]"""
        return multiply_divide_down(header.feed_in, self.coefficient_of(slot), PARTS_PER_MILLION)
