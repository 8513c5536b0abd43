"""What a period's leaves hold, added up block by block, and each participant's amounts from them.

A bill explains; this is what it comes to: the same leaves, lines and totals, without words, neighbours or documents.
Whoever compares rules over a year needs no more, and no array that is as long as the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from backend.billing.amounts import (
    BANDS,
    BillAmounts,
    BillTotals,
    PointBands,
    PointLink,
    bill_amounts,
    total_bills,
)
from backend.billing.saving import saving_of
from backend.billing.tariff import sum_by_band
from backend.billing.value import require_provable
from backend.community import Direction, Rule, Seller, VatStatus
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.billing.bill import Saving
    from backend.billing.bills import SharedPeriod
    from backend.billing.links import PeriodLink
    from backend.billing.terms import BilledPoint, BilledSeat
    from backend.billing.value import PeriodValues

    Values = NDArray[np.int64]

__all__ = ["PeriodSums", "SeatAmounts", "SlotSums", "bill_leaves", "form_leaves"]

_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SlotSums:
    """Each slot's sums over a period, by slot.

    Attributes:
        energy: Four sums, a tariff band each. [mWh]
        allocated: Four sums: allocated to consumption, shared of feed-in. [mWh]
        value: What its rows are worth. [pico-euro]
        credited: [mWh]
    """

    energy: Sequence[tuple[int, ...]]
    allocated: Sequence[tuple[int, ...]]
    value: Sequence[int]
    credited: Sequence[int]

    @classmethod
    def of(cls, energy: Values, shared: SharedPeriod, bands: NDArray[np.uint8]) -> Self:
        """The sums of a whole period.

        Args:
            energy: Shape (slots, T). [mWh]
            shared: As it was settled.
            bands: Shape (T,): tariff band of each interval.
        """
        return cls(
            sum_by_band(energy, bands),
            sum_by_band(shared.allocated, bands),
            shared.values.rows.sum(axis=1).tolist(),
            shared.credited.sum(axis=1).tolist(),
        )


class PeriodSums:
    """Adds up a period that comes in blocks of intervals, in whatever order.

    Args:
        slots: Highest slot plus one.
        energy_max: No energy of the period is above this. [mWh]
        intervals: Of the period.
    """

    def __init__(self, slots: int, energy_max: int, intervals: int) -> None:
        # What is credited in an interval may be all feed-in: no sum exceeds what all slots have in all intervals.
        plain = energy_max * slots * intervals <= _INT64_MAX
        kind = np.dtype(np.int64) if plain else np.dtype(object)
        self._energy, self._allocated = np.zeros((BANDS, slots), kind), np.zeros((BANDS, slots), kind)
        self._value, self._credited = np.zeros(slots, np.int64), np.zeros(slots, kind)
        self._worth = 0

    def add(
        self,
        bands: NDArray[np.uint8],
        energy: Values,
        allocated: Values,
        values: PeriodValues,
        credited: Values | None,
    ) -> None:
        """Add a block of T intervals.

        Args:
            bands: Shape (T,): tariff band of each interval.
            energy: Shape (T, slots). [mWh]
            allocated: Shape (T, slots): allocated to consumption, shared of feed-in. [mWh]
            values: What the block's rows are worth, slot-major as everywhere.
            credited: Shape (T, slots), None where nothing is. [mWh]

        Raises:
            BalanceError: If the period is worth more than a run can prove.
        """
        self._worth += sum(values.total.tolist())
        require_provable(self._worth)
        begins = np.flatnonzero(np.diff(bands, prepend=bands[0] ^ 1))
        for sums, block in ((self._energy, energy), (self._allocated, allocated)):
            runs = np.add.reduceat(block.astype(sums.dtype, copy=False), begins, axis=0)
            np.add.at(sums, bands[begins], runs)
        self._value += values.rows.sum(axis=1)
        if credited is not None:
            self._credited += credited.astype(self._credited.dtype, copy=False).sum(axis=0)

    def by_slot(self) -> SlotSums:
        """What was added so far."""
        energy, allocated = (
            [tuple(sums) for sums in zip(*table.tolist(), strict=True)]
            for table in (self._energy, self._allocated)
        )
        return SlotSums(energy, allocated, self._value.tolist(), self._credited.tolist())


def form_leaves(
    seats: Sequence[BilledSeat], sums: SlotSums, links: Sequence[PeriodLink] | None, rule: Rule
) -> dict[int, PointBands]:
    """What each billed slot's period leaf holds.

    Args:
        seats: Who is billed.
        sums: By slot.
        links: Who served whom over the period; None where no amount asks for it, and then leaves have none.
        rule: In force.

    Raises:
        BalanceError: If links do not add up to what was allocated, or to what it is worth.
    """
    ends = _ends_of(seats, links or ())
    leaves = {}
    for point in (point for seat in seats for point in seat.points):
        slot, own = point.slot, sorted(ends[point.slot])
        linked = sum(link.value for link in own)
        sells = point.direction is Direction.FEED_IN and rule.tariff.seller is Seller.PRODUCER
        leaf = PointBands(
            slot,
            point.direction,
            sums.energy[slot],
            sums.allocated[slot],
            linked if sells else sums.value[slot],
            sums.credited[slot],
            tuple(own),
        )
        if links is not None:
            _check_links(leaf, linked)
        leaves[slot] = leaf
    return leaves


def _ends_of(seats: Sequence[BilledSeat], links: Sequence[PeriodLink]) -> Mapping[int, list[PointLink]]:
    """Each link as its two ends see it, by slot."""
    points: list[tuple[BilledPoint, int]] = [(point, seat.seat) for seat in seats for point in seat.points]
    seat_of = {point.slot: seat for point, seat in points}
    ends: dict[int, list[PointLink]] = {slot: [] for slot in seat_of}
    for producer, consumer, energy, value, vat_class in links:
        status = VatStatus(vat_class)
        ends[producer].append(PointLink(consumer, seat_of[consumer], energy, value, status))
        ends[consumer].append(PointLink(producer, seat_of[producer], energy, value, status))
    return ends


def _check_links(leaf: PointBands, linked: int) -> None:
    energy, allocated = sum(link.energy for link in leaf.links), sum(leaf.allocated)
    if energy != allocated:
        raise BalanceError(
            f"slot {leaf.slot}: its links carry {energy} mWh, {allocated} mWh were allocated or shared; nothing is "
            "billed."
        )
    if leaf.direction is Direction.CONSUMPTION and linked != leaf.value:
        raise BalanceError(
            f"slot {leaf.slot}: its links are worth {linked} pico-euro, its rows {leaf.value}; nothing is billed."
        )


@dataclass(frozen=True, slots=True)
class SeatAmounts:
    """A participant's figures of a period, as its bill has them.

    Attributes:
        participant: Id.
        seat: First of its slots.
        leaves: Of its points, in slot order.
        amounts: Lines, VAT, debit and credit.
        saving: With and without sharing.
    """

    participant: str
    seat: int
    leaves: tuple[PointBands, ...]
    amounts: BillAmounts
    saving: Saving


def bill_leaves(
    seats: Sequence[BilledSeat], leaves: Mapping[int, PointBands], rule: Rule, slots: int
) -> tuple[list[SeatAmounts], BillTotals]:
    """Bill every participant.

    Args:
        seats: Who is billed.
        leaves: By slot.
        rule: In force.
        slots: Highest slot plus one.

    Raises:
        BalanceError: If the bills do not balance.
    """
    billed = []
    for seat in seats:
        own = tuple(leaves[point.slot] for point in seat.points)
        amounts = bill_amounts(own, rule, seat.vat_status)
        saving = saving_of(own, amounts.lines, rule)
        billed.append(SeatAmounts(seat.participant.id, seat.seat, own, amounts, saving))
    totals = total_bills([bill.amounts for bill in billed], rule.tariff.billed_by_community, slots)
    return billed, totals
