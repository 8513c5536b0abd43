"""The ``priority`` key: tiers that are served one after the other, each by a method of its own.

The first tier shares the whole pool by its method (``dynamic``, ``static``, ``equal``, ``static_cascade`` or
``hybrid``), the next what it leaves, and so on: p_0 = P, p_j+1 = p_j - Σ a of tier j. A header carries (p_j, w_j) per
tier and right after it the level of a tier that has one (docs/protocol.md section 8).

- France: those who live under the roof before the neighbourhood, by agreement within the organising entity.
- Luxembourg: the *priority* model of a sharing group (règlement ILR/E21/32; annexe 3 of the convention).
- Portugal: hierarchical sharing (Decreto-Lei 15/2022; ERSE, Regulamento do Autoconsumo, 815/2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.dynamic import DynamicKey, dynamic_part
from backend.allocation.equal import EqualKey, equal_part
from backend.allocation.execution import Plan
from backend.allocation.hybrid import HybridKey, contribute_hybrid, hybrid_level, hybrid_part
from backend.allocation.pool_key import PoolKey
from backend.allocation.static import StaticKey, static_part
from backend.allocation.static_cascade import (
    StaticCascadeKey,
    cascade_level,
    cascade_part,
    contribute_cascade,
)
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import Header, SlotRows

__all__ = ["TIER_METHODS", "PriorityKey"]

TIER_METHODS = {
    key.method: key.code for key in (DynamicKey, StaticKey, EqualKey, StaticCascadeKey, HybridKey)
}
_DYNAMIC, _STATIC, _EQUAL, _CASCADE, _HYBRID = TIER_METHODS.values()
_WITH_LEVEL = (_CASCADE, _HYBRID)


@dataclass(frozen=True, slots=True)
class PriorityKey(PoolKey):
    """Tier after tier.

    Attributes:
        tier_methods: Code of each tier's method, in order of service.
        tiers: Tier by slot; the last tier beyond its end.

    Invariants:
        - What a tier is allocated does not depend on the tiers after it.
    """

    tier_methods: tuple[int, ...] = field(kw_only=True)
    tiers: tuple[int, ...] = field(kw_only=True)

    method: ClassVar[str] = "priority"
    code: ClassVar[int] = 8

    @property
    def own_rounds(self) -> int:
        """One per tier, two of a tier with a level. [1]"""
        return self._place_of(len(self.tier_methods))

    def tier_of(self, slot: int) -> int:
        """The slot's tier."""
        return self.tiers[slot] if slot < len(self.tiers) else len(self.tier_methods) - 1

    def _place_of(self, tier: int) -> int:
        """Place of a tier's round."""
        return sum(2 if method in _WITH_LEVEL else 1 for method in self.tier_methods[:tier])

    def rounds_of(self, consumption: Mapping[int, int], pool: int) -> tuple[tuple[int, int], ...]:
        """(p_j, w_j) of each tier, and its level."""
        rounds: list[tuple[int, int]] = []
        left = pool
        for tier, method in enumerate(self.tier_methods):
            used = {slot: energy for slot, energy in consumption.items() if self.tier_of(slot) == tier}
            coefficients = [self.coefficient_of(slot) for slot in used]
            weight = (
                sum(used.values())
                if method == _DYNAMIC
                else len(used)
                if method == _EQUAL
                else sum(coefficients)
            )
            mine = [(left, weight)]
            if method in _WITH_LEVEL:
                find = cascade_level if method == _CASCADE else hybrid_level
                mine.append(find(list(used.values()), coefficients, left))
            rounds += mine
            parts = (
                _tier_part(method, energy, coefficient, mine)
                for energy, coefficient in zip(used.values(), coefficients, strict=True)
            )
            left -= sum(parts)
        return tuple(rounds)

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """By the method, the pool and the level of the slot's tier. [mWh]"""
        tier = self.tier_of(slot)
        mine = header.rounds[self._place_of(tier) : self._place_of(tier + 1)]
        return _tier_part(self.tier_methods[tier], energy, self.coefficient_of(slot), mine)

    def plan(self, consumer_slots: Sequence[int], active: NDArray[np.bool_] | None) -> Plan:
        """The columns by tier, and each tier's weight."""
        tier_of = np.array([self.tier_of(slot) for slot in consumer_slots], dtype=np.int64)
        columns = np.argsort(tier_of, kind="stable")
        tiers = np.arange(len(self.tier_methods))
        weights = np.array([self.coefficient_of(slot) for slot in consumer_slots], dtype=np.int64)
        present = np.ones((1, len(columns)), dtype=np.bool_) if active is None else active
        tier_weights = np.zeros((len(present), len(tiers)), dtype=np.int64)
        for tier, method in enumerate(self.tier_methods):
            counted = np.where(tier_of == tier, np.int64(1) if method == _EQUAL else weights, 0)
            tier_weights[:, tier] = present.astype(np.int64) @ counted
        return Plan(
            weights=weights[columns],
            columns=columns,
            tier_ends=np.searchsorted(tier_of[columns], tiers, side="right").astype(np.int64),
            tier_methods=np.array(self.tier_methods, dtype=np.int64),
            tier_weights=tier_weights,
            schedule=np.zeros((0, 0), dtype=np.int32),
        )

    def contribute_own(self, rows: SlotRows, parts: NDArray[np.int64]) -> None:
        """(a_i, weight) to the slot's tier, and what it gives to the tier's level."""
        for slot in rows.slots_of(Direction.CONSUMPTION):
            tier = self.tier_of(slot)
            place, method, k = self._place_of(tier), self.tier_methods[tier], self.coefficient_of(slot)
            energy, allocated, active = rows.energy[slot], rows.allocated[slot], rows.active[slot]
            parts[slot, :, place, 0] = allocated
            parts[slot, :, place, 1] = (
                energy if method == _DYNAMIC else active if method == _EQUAL else k * active.astype(np.int64)
            )
            if method == _CASCADE:
                contribute_cascade(energy, allocated, k, parts[slot, :, place + 1])
            elif method == _HYBRID:
                contribute_hybrid(energy, rows.rounds[:, place, 0], k, parts[slot, :, place + 1])


def _tier_part(method: int, energy: int, coefficient: int, rounds: Sequence[tuple[int, int]]) -> int:
    """What a slot of a tier is allocated by the tier's rounds. [mWh]"""
    pool, weight = rounds[0]
    if method == _DYNAMIC:
        return dynamic_part(energy, pool, weight)
    if method == _STATIC:
        return static_part(energy, coefficient, pool)
    if method == _EQUAL:
        return equal_part(energy, pool, weight)
    if method == _CASCADE:
        return cascade_part(energy, coefficient, rounds[1])
    assert method == _HYBRID, method
    return hybrid_part(energy, coefficient, pool, rounds[1])
