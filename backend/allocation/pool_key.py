"""What the keys have in common that share one pool: their producers' side, their loops and their check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.execution import Plan, execute
from backend.allocation.level import is_satisfied
from backend.allocation.producer_key import keyed_part, producer_weight
from backend.allocation.producers import shared_part
from backend.allocation.sharing_key import Allocation, Header, Row, SlotRows
from backend.community import Direction
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["PoolKey", "floor_parts"]


def floor_parts(pool: NDArray[np.int64], coefficient: int) -> NDArray[np.int64]:
    """``floor(pool · k / 1,000,000)`` of each pool, exact below 2^63. [mWh]"""
    whole, rest = np.divmod(pool, PARTS_PER_MILLION)
    parts: NDArray[np.int64] = whole * coefficient + rest * coefficient // PARTS_PER_MILLION
    return parts


@dataclass(frozen=True, slots=True)
class PoolKey(ABC):
    """A key whose consumers share the pool of all feed-in, and whose producers share what that takes.

    Attributes:
        coefficients_ppm: Sharing coefficient by slot, zero beyond its end; empty for keys without. [ppm]
        producer_ppm: Producer key by slot; without one, producers share in proportion to feed-in. [ppm]
        credits_consumers: Is what a consumer was entitled to and did not use the consumer's own surplus?
    """

    coefficients_ppm: tuple[int, ...] = ()
    producer_ppm: tuple[int, ...] = field(default=(), kw_only=True)
    credits_consumers: bool = field(default=False, kw_only=True)

    method: ClassVar[str]
    code: ClassVar[int]

    @property
    def own_rounds(self) -> int:
        """Rounds of a header but that of the producer key. [1]"""
        return 0

    @property
    def header_rounds(self) -> int:
        """Rounds that a header carries. [1]"""
        return self.own_rounds + (1 if self.producer_ppm else 0)

    def coefficient_of(self, slot: int) -> int:
        """The slot's coefficient, zero for one that joined after the rule was voted. [ppm]"""
        return self.coefficients_ppm[slot] if slot < len(self.coefficients_ppm) else 0

    def at(self, interval: int) -> PoolKey:  # noqa: ARG002 -- only a schedule differs from interval to interval
        """The key as it holds in one interval."""
        return self

    @abstractmethod
    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """What a consumption slot is allocated, exactly. [mWh]

        Args:
            slot: Of the consumer.
            energy: Its consumption. [mWh]
            header: The interval's totals, of which P, C and the key's own rounds are used.
        """

    def rounds_of(
        self,
        consumption: Mapping[int, int],  # noqa: ARG002 -- a key in one pass has no rounds
        pool: int,  # noqa: ARG002 -- the same
    ) -> tuple[tuple[int, int], ...]:
        """The key's own rounds, from the consumption of all active slots and the pool. [mWh, weight]"""
        return ()

    def entitled_of(self, slot: int, header: Header) -> int:  # noqa: ARG002 -- most keys entitle nobody to more than they use
        """What a consumption slot may have of the pool, whatever it uses. [mWh]"""
        return 0

    def shared_of(self, slot: int, energy: int, header: Header) -> int:
        """The part of a feed-in slot that was shared, exactly. [mWh]"""
        if self.producer_ppm:
            return keyed_part(slot, energy, producer_weight(self.producer_ppm, slot), header)
        return shared_part(slot, energy, header)

    def credited_of(self, header: Header, row: Row) -> int:
        """What a row is credited. [mWh]"""
        if row.direction is Direction.FEED_IN or not self.credits_consumers:
            return 0
        return self.entitled_of(row.slot, header) - row.allocated

    def check_row(self, header: Header, row: Row) -> bool:
        """Is the row what the key gives for this header?"""
        if row.direction is Direction.FEED_IN:
            return row.allocated == self.shared_of(row.slot, row.energy, header)
        return row.allocated == self.part_of(row.slot, row.energy, header)

    def plan(self, consumer_slots: Sequence[int], active: NDArray[np.bool_] | None) -> Plan:
        """What the loops need to know of the key.

        Args:
            consumer_slots: Slot of each consumption column.
            active: Shape (T, n_c), or None where all are.
        """
        weights = np.array([self.coefficient_of(slot) for slot in consumer_slots], dtype=np.int64)
        counts = self._count(weights, active)
        return Plan.of_one_tier(self.code, weights, counts)

    def _count(self, weights: NDArray[np.int64], active: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """The one tier's weight per interval; only ``equal`` has one that is read."""
        del weights, active
        return np.zeros(1, dtype=np.int64)

    def allocate(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        *,
        consumer_slots: Sequence[int],
        producer_slots: Sequence[int],
        slots: int,
        t_in_day: NDArray[np.int64],
        active: NDArray[np.bool_] | None = None,
    ) -> Allocation:
        """Share every interval; see ``SharingKey.allocate``."""
        places = (consumer_slots, producer_slots)
        return execute(self, consumption, feed_in, places, slots, t_in_day, active)

    def contribute(self, rows: SlotRows) -> NDArray[np.int64]:
        """What each row gives to the rounds of the stairs; see ``SharingKey.contribute``."""
        slots, count = rows.energy.shape
        parts = np.zeros((slots, count, self.header_rounds, 2), dtype=np.int64)
        self.contribute_own(rows, parts)
        if self.producer_ppm:
            level = rows.rounds[:, -1]
            for slot in rows.slots_of(Direction.FEED_IN):
                self._contribute_producer(slot, rows.energy[slot], level, parts[slot, :, -1])
        return parts

    def contribute_own(self, rows: SlotRows, parts: NDArray[np.int64]) -> None:
        """Write what consumption rows give to the key's own rounds. Shape of ``parts``: (slots, T, r, 2)."""
        assert not self.own_rounds, "a key with rounds says what rows give to them"
        del rows, parts

    def _contribute_producer(
        self, slot: int, energy: NDArray[np.int64], level: NDArray[np.int64], out: NDArray[np.int64]
    ) -> None:
        weight = producer_weight(self.producer_ppm, slot)
        pool, others = level[:, 0], level[:, 1]
        if (
            max(int(energy.max(initial=0)) * int(others.max(initial=0)), weight * int(pool.max(initial=0)))
            >> 63
        ):
            energies, levels = energy.tolist(), level.tolist()
            covered = [is_satisfied(e, weight, (p, w)) for e, (p, w) in zip(energies, levels, strict=True)]
            satisfied = np.array(covered, dtype=np.bool_)
        else:
            satisfied = energy * others <= weight * pool
        satisfied |= others == 0
        out[:, 0] = np.where(satisfied, energy, 0)
        out[:, 1] = np.where(satisfied, 0, weight)
