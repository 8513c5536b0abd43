"""The ``pairwise`` key: every producer has its own coefficients for every consumer.

Of producer r a consumer is offered e_r = floor(g_r · k_r,i / 1,000,000), e = Σ e_r in all, and given ``x_r = e_r``
where e <= c_i, else ``floor(e_r · c_i / e)``; a_i = Σ x_r. What a producer does not give away is its own surplus.

- France: *full dynamique*, coefficients per pair of producer and consumer (Code de l'énergie, art. D. 315-6; Enedis).
- Belgium, Netherlands: sharing from peer to peer, a producer with the consumers it chose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from backend.allocation.execution import as_input, check_shapes, require_plain, spread
from backend.allocation.links import LinkFlows
from backend.allocation.sharing_key import Allocation, Header, Row, SlotRows
from backend.community import Direction
from backend.errors import BalanceError
from backend.quantities import PARTS_PER_MILLION, multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PRODUCERS_MAX", "PairwiseKey", "contribute_links"]

PRODUCERS_MAX = 16
_TOTAL_MAX = 2**63 - 1


def contribute_links(links: LinkFlows, producers: Sequence[int], parts: NDArray[np.int64]) -> None:
    """Write what each consumption slot had from each producer into the rounds.

    Args:
        links: Of the period.
        producers: Slot per round, ascending.
        parts: Shape (slots, T, r, 2), the given written.
    """
    order = np.argsort(links.consumer_slot, kind="stable")  # memory is written from its beginning to its end
    places = np.searchsorted(np.array(producers, dtype=np.int64), links.producer_slot[order])
    parts[links.consumer_slot[order], links.interval[order], places, 0] = links.energy[order]


@dataclass(frozen=True, slots=True)
class PairwiseKey:
    """Each producer's feed-in by coefficients of its own.

    Attributes:
        producers: Slots, ascending, at most sixteen.
        coefficients_ppm: By slot and producer, row-major: ``[slot · len(producers) + place]``; of each producer they
            sum to at most 1,000,000. [ppm]

    Invariants:
        - What one producer feeds in changes nothing of what another offers.
        - Feed-in of producers that the key does not name is surplus.
    """

    producers: tuple[int, ...]
    coefficients_ppm: tuple[int, ...] = field(repr=False)

    method: ClassVar[str] = "pairwise"
    code: ClassVar[int] = 7

    @property
    def header_rounds(self) -> int:
        """One per producer. [1]"""
        return len(self.producers)

    def pair_of(self, slot: int) -> tuple[int, ...]:
        """The slot's coefficient with each producer. [ppm]"""
        count = len(self.producers)
        row = self.coefficients_ppm[slot * count : (slot + 1) * count]
        return row or (0,) * count

    def gifts_of(self, slot: int, energy: int, pools: Sequence[int]) -> list[int]:
        """What the slot is given by each producer, exactly. [mWh]

        Args:
            slot: Of the consumer.
            energy: Its consumption. [mWh]
            pools: Feed-in of each producer. [mWh]
        """
        offers = [
            multiply_divide_down(pool, coefficient, PARTS_PER_MILLION)
            for pool, coefficient in zip(pools, self.pair_of(slot), strict=True)
        ]
        offered = sum(offers)
        if offered <= energy:
            return offers
        return [multiply_divide_down(offer, energy, offered) for offer in offers]

    def part_of(self, slot: int, energy: int, header: Header) -> int:
        """The sum of what producers give, the header's pools being their feed-in. [mWh]"""
        return sum(self.gifts_of(slot, energy, [pool for pool, _ in header.rounds]))

    def shared_of(self, slot: int, header: Header) -> int:
        """What a feed-in slot gave: the weight of its round, 0 where it has none. [mWh]"""
        return header.rounds[self.producers.index(slot)][1] if slot in self.producers else 0

    def credited_of(self, header: Header, row: Row) -> int:  # noqa: ARG002 -- what is not given is the producer's
        """Zero. [mWh]"""
        return 0

    def check_row(self, header: Header, row: Row) -> bool:
        """Is the row what the key gives for this header?"""
        if row.direction is Direction.FEED_IN:
            return row.allocated == self.shared_of(row.slot, header)
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
        active: NDArray[np.bool_] | None = None,  # noqa: ARG002 -- who is not a member uses nothing
    ) -> Allocation:
        """Share every interval; see ``SharingKey.allocate``."""
        count = len(t_in_day)
        check_shapes(consumption, feed_in, (consumer_slots, producer_slots), slots, count)
        _require_plain_totals(consumption, feed_in)
        pools = np.zeros((count, len(self.producers)), dtype=np.int64)
        columns = {slot: column for column, slot in enumerate(producer_slots)}
        for place, slot in enumerate(self.producers):
            if slot in columns:
                pools[:, place] = feed_in[:, columns[slot]]
        links, given, allocated = self._give(consumption, pools, consumer_slots)
        shared = np.zeros(feed_in.shape, dtype=np.int64)
        for place, slot in enumerate(self.producers):
            if slot in columns:
                shared[:, columns[slot]] = given[:, place]
        total = given.sum(axis=1)
        if not (
            np.array_equal(allocated.sum(axis=1), total)
            and (allocated <= consumption).all()
            and (shared <= feed_in).all()
            and np.array_equal(shared.sum(axis=1), total)
        ):
            raise BalanceError(
                "an allocation by pairs does not balance. This is a fault of Partage: nothing is settled."
            )
        return Allocation(
            allocated=allocated,
            shared=shared,
            tau=np.zeros(count, dtype=np.int64),
            feed_in=feed_in.sum(axis=1),
            consumption=consumption.sum(axis=1),
            total=total,
            rounds=np.stack((pools, given), axis=2),
            links=links,
        )

    def _give(
        self, consumption: NDArray[np.int64], pools: NDArray[np.int64], consumer_slots: Sequence[int]
    ) -> tuple[LinkFlows, NDArray[np.int64], NDArray[np.int64]]:
        """The links, what each producer gave (T, R) and what each consumer got (T, n_c)."""
        from backend.allocation.pair_kernels import Pairs, give_by_pairs, list_links

        count, n_c = consumption.shape
        parts = [self.pair_of(slot) for slot in consumer_slots]
        data = Pairs(
            consumption=as_input(consumption),
            pools=as_input(pools),
            parts=as_input(np.array(parts, dtype=np.int64).reshape(n_c, len(self.producers))),
            producers=as_input(np.array(self.producers, dtype=np.int64)),
            consumers=as_input(np.array(consumer_slots, dtype=np.int64)),
        )
        given, allocated = np.zeros(pools.shape, dtype=np.int64), np.zeros(consumption.shape, dtype=np.int64)
        counts, codes = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.uint8)
        work = n_c * len(self.producers) * count
        spread(
            lambda begin, end: give_by_pairs(data, begin, end, allocated, given, counts, codes), count, work
        )
        huge: dict[int, NDArray[np.int64]] = {}
        for index in np.flatnonzero(codes).tolist():
            require_plain(int(codes[index]), index)
            used = zip(consumer_slots, consumption[index].tolist(), strict=True)
            row = [self.gifts_of(slot, energy, pools[index].tolist()) for slot, energy in used]
            huge[index] = np.array(row, dtype=np.int64).reshape(n_c, len(self.producers))
            allocated[index], given[index] = huge[index].sum(axis=1), huge[index].sum(axis=0)
            counts[index] = np.count_nonzero(huge[index])
        offsets = as_input(np.cumsum(counts) - counts)
        links = np.empty((4, int(counts.sum())), dtype=np.int64)
        spread(lambda begin, end: list_links(data, begin, end, codes, offsets, links), count, work)
        for index, gifts in huge.items():
            column, place = np.nonzero(gifts)
            mine = slice(int(offsets[index]), int(offsets[index] + counts[index]))
            links[0, mine], links[3, mine] = index, gifts[column, place]
            links[1, mine], links[2, mine] = data.producers[place], data.consumers[column]
        return LinkFlows(*links), given, allocated

    def contribute(self, rows: SlotRows) -> NDArray[np.int64]:
        """What each consumer had from each producer; see ``SharingKey.contribute``."""
        assert rows.links is not None
        parts = np.zeros((*rows.energy.shape, self.header_rounds, 2), dtype=np.int64)
        contribute_links(rows.links, self.producers, parts)
        return parts


def _require_plain_totals(consumption: NDArray[np.int64], feed_in: NDArray[np.int64]) -> None:
    """Refuse what no header can hold."""
    for energies in (consumption, feed_in):
        most = int(energies.max(initial=0)) * energies.shape[1]
        if most > _TOTAL_MAX and max(sum(row) for row in energies.tolist()) > _TOTAL_MAX:
            raise BalanceError("an interval's total is beyond 2^63-1 mWh; check the unit of the readings.")
