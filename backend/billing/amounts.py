"""The nine lines of a bill and what they add up to: docs/protocol.md section 9, in exact integers.

This is all of a bill that is anchored and contestable; everything else that a bill shows is explained from it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from backend.community import Biller, Direction, Tariff, VatStatus
from backend.errors import BalanceError
from backend.quantities import PARTS_PER_MILLION, divide_half_away, price_energy_cents

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BANDS", "BillAmounts", "BillTotals", "Line", "PointBands", "bill_amounts", "total_bills"]

BANDS = 4


class Line(IntEnum):
    """Places of the lines; residual supply takes one per band, from 0."""

    RESIDUAL = 0
    BOUGHT = 4
    NETWORK = 5
    FEE = 6
    SOLD = 7
    SURPLUS = 8


LINES = 9


@dataclass(frozen=True, slots=True)
class PointBands:
    """A slot's period leaf: sums per tariff band.

    Attributes:
        slot: Place in the registry.
        direction: Consumption or feed-in.
        energy: Four sums. [mWh]
        allocated: Four sums: allocated to it, or shared of it. [mWh]
    """

    slot: int
    direction: Direction
    energy: tuple[int, ...]
    allocated: tuple[int, ...]

    def __post_init__(self) -> None:
        assert len(self.energy) == len(self.allocated) == BANDS, self
        for energy, allocated in zip(self.energy, self.allocated, strict=True):
            if not 0 <= allocated <= energy:
                raise BalanceError(
                    f"slot {self.slot} has {allocated} mWh allocated of {energy} mWh in one band; it lies in between."
                )

    def lines(self, tariff: Tariff) -> list[int]:
        """The slot's own nine amounts, each rounded; the fee is not a slot's. [cents]"""
        lines = [0] * LINES
        energy, allocated = sum(self.energy), sum(self.allocated)
        if self.direction is Direction.FEED_IN:
            lines[Line.SOLD] = price_energy_cents(allocated, tariff.shared_price)
            lines[Line.SURPLUS] = price_energy_cents(energy - allocated, tariff.surplus_price)
            return lines
        for band, price in enumerate(tariff.residual_prices):
            lines[band] = price_energy_cents(self.energy[band] - self.allocated[band], price)
        lines[Line.BOUGHT] = price_energy_cents(allocated, tariff.shared_price)
        lines[Line.NETWORK] = price_energy_cents(energy, tariff.network_price)
        return lines


@dataclass(frozen=True, slots=True)
class BillAmounts:
    """What a participant owes and is owed, to the cent.

    Attributes:
        lines: Nine amounts, whoever bills them. [cents]
        debit_net: What the community bills, before VAT. [cents]
        vat_debit: VAT on it. [cents]
        credit_net: What the community credits, before VAT. [cents]
        vat_credit: VAT on it. [cents]
    """

    lines: tuple[int, ...]
    debit_net: int
    vat_debit: int
    credit_net: int
    vat_credit: int

    @property
    def debit(self) -> int:
        """Owed by the participant. [cents]"""
        return self.debit_net + self.vat_debit

    @property
    def credit(self) -> int:
        """Owed to the participant. [cents]"""
        return self.credit_net + self.vat_credit

    @property
    def payable(self) -> int:
        """What is to pay in the end, negative where the participant receives. [cents]"""
        return self.debit - self.credit


def bill_amounts(points: Sequence[PointBands], tariff: Tariff, vat_status: VatStatus) -> BillAmounts:
    """Bill one participant.

    Args:
        points: All its points of the period.
        tariff: In force.
        vat_status: The participant's as a seller: the class of its seat.
    """
    per_point = [point.lines(tariff) for point in points]
    lines = [sum(amounts) for amounts in zip(*per_point, strict=True)]
    lines[Line.FEE] = tariff.monthly_fee
    billed = tariff.billed_by_community
    debit_net = lines[Line.FEE]
    credit_net = 0
    if Biller.SHARED in billed:
        debit_net += lines[Line.BOUGHT]
        credit_net += lines[Line.SOLD]
    if Biller.RESIDUAL in billed:
        debit_net += sum(lines[Line.RESIDUAL : Line.RESIDUAL + BANDS])
    if Biller.NETWORK in billed:
        debit_net += lines[Line.NETWORK]
    if Biller.SURPLUS in billed:
        credit_net += lines[Line.SURPLUS]
    return BillAmounts(
        lines=tuple(lines),
        debit_net=debit_net,
        vat_debit=_vat(debit_net, tariff.vat_ppm, tariff.vat_status),
        credit_net=credit_net,
        vat_credit=_vat(credit_net, tariff.vat_ppm, vat_status),
    )


def _vat(net: int, vat_ppm: int, seller: VatStatus) -> int:
    return divide_half_away(net * vat_ppm, PARTS_PER_MILLION) if seller is VatStatus.LIABLE else 0


@dataclass(frozen=True, slots=True)
class BillTotals:
    """A run's bills added up, as the billing ledger takes them. [cents]

    Invariants:
        - debits = credits + fees + (vat_debits - vat_credits) + pass_through + rounding
    """

    debits: int
    credits: int
    fees: int
    vat_debits: int
    vat_credits: int
    pass_through: int
    rounding: int

    def __post_init__(self) -> None:
        due = (
            self.credits + self.fees + self.vat_debits - self.vat_credits + self.pass_through + self.rounding
        )
        if self.debits != due:
            raise BalanceError(
                f"The bills do not balance: debits of {self.debits} cents face {due} cents. Nothing is billed."
            )

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return asdict(self)


def total_bills(bills: Sequence[BillAmounts], billed: Biller, slots: int) -> BillTotals:
    """Add up a run's bills.

    Args:
        bills: All of them.
        billed: What the community itself bills.
        slots: Highest slot plus one: more cents than that cannot be due to rounding.

    Raises:
        BalanceError: If they do not balance, or rounding exceeds a cent per slot.
    """

    def column(place: int) -> int:
        return sum(bill.lines[place] for bill in bills)

    pass_through = rounding = 0
    if Biller.RESIDUAL in billed:
        pass_through += sum(column(band) for band in range(BANDS))
    if Biller.NETWORK in billed:
        pass_through += column(Line.NETWORK)
    if Biller.SURPLUS in billed:
        pass_through -= column(Line.SURPLUS)
    if Biller.SHARED in billed:
        rounding = column(Line.BOUGHT) - column(Line.SOLD)
    if abs(rounding) > slots:
        raise BalanceError(
            f"What consumers pay for shared energy and what producers get differ by {rounding} cents, "
            f"more than a cent for each of {slots} slots: the allocation does not conserve energy."
        )
    return BillTotals(
        debits=sum(bill.debit for bill in bills),
        credits=sum(bill.credit for bill in bills),
        fees=column(Line.FEE),
        vat_debits=sum(bill.vat_debit for bill in bills),
        vat_credits=sum(bill.vat_credit for bill in bills),
        pass_through=pass_through,
        rounding=rounding,
    )
