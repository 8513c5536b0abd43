"""The thirteen lines of a bill and what they add up to: docs/protocol.md section 9, in exact integers.

This is all of a bill that is anchored and contestable; everything else that a bill shows is explained from it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from backend.community import Biller, Direction, Rule, Seller, VatStatus
from backend.errors import BalanceError
from backend.quantities import PARTS_PER_MILLION, divide_half_away, price_energy_cents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BANDS",
    "LINES",
    "BillAmounts",
    "BillTotals",
    "Line",
    "PointBands",
    "PointLink",
    "bill_amounts",
    "total_bills",
    "value_cents",
    "vat_of",
]

BANDS = 4
LINES = 13
_PICO_EUR_PER_CENT = 10_000_000_000
_OWNERS = {Direction.FEED_IN: "producer", Direction.CONSUMPTION: "consumer"}


class Line(IntEnum):
    """Places of the lines; residual supply takes one per band, from 0."""

    RESIDUAL = 0
    BOUGHT = 4
    NETWORK = 5
    FEE = 6
    SOLD = 7
    SURPLUS = 8
    NETWORK_SHARED = 9
    EXCISE = 10
    EXCISE_SHARED = 11
    INCENTIVE = 12


def value_cents(value: int) -> int:
    """A value rounded half away from zero to a cent. [pico-euro to cents]"""
    return divide_half_away(value, _PICO_EUR_PER_CENT)


def vat_of(net: int, vat_ppm: int, seller: VatStatus) -> int:
    """VAT on what a seller is owed, rounded half away from zero: nothing unless it is liable. [cents]"""
    return divide_half_away(net * vat_ppm, PARTS_PER_MILLION) if seller is VatStatus.LIABLE else 0


class PointLink(NamedTuple):
    """A link as one of its ends sees it.

    Attributes:
        slot: The other end.
        seat: Of the other end.
        energy: [mWh]
        value: [pico-euro]
        vat_status: Of the producer's seat.
    """

    slot: int
    seat: int
    energy: int
    value: int
    vat_status: VatStatus


@dataclass(frozen=True, slots=True)
class PointBands:
    """A slot's period leaf: sums per tariff band, what its shared energy is worth, and whom it shared with.

    Attributes:
        slot: Place in the registry.
        direction: Consumption or feed-in.
        energy: Four sums. [mWh]
        allocated: Four sums: allocated to it, or shared of it. [mWh]
        value: Of the allocated energy. [pico-euro]
        credited: Unused entitlement of a consumer that owns it, or energy that earns the incentive. [mWh]
        links: By the other end's slot.
    """

    slot: int
    direction: Direction
    energy: tuple[int, ...]
    allocated: tuple[int, ...]
    value: int = 0
    credited: int = 0
    links: tuple[PointLink, ...] = ()

    def __post_init__(self) -> None:
        assert len(self.energy) == len(self.allocated) == BANDS, self
        for energy, allocated in zip(self.energy, self.allocated, strict=True):
            if not 0 <= allocated <= energy:
                raise BalanceError(
                    f"slot {self.slot} has {allocated} mWh allocated of {energy} mWh in one band; it lies in between."
                )

    def trade(self, seat: int, seller: Seller) -> int:
        """What the shared energy is billed at: links with other seats, each rounded, where producers sell. [cents]"""
        if seller is Seller.COMMUNITY:
            return value_cents(self.value)
        return sum(value_cents(link.value) for link in self.links if link.seat != seat)

    def lines(self, rule: Rule, seat: int) -> list[int]:
        """The slot's own thirteen amounts, each rounded; the fee is not a slot's. [cents]

        Args:
            rule: In force.
            seat: Of the slot's participant.
        """
        tariff, lines = rule.tariff, [0] * LINES
        energy, allocated = sum(self.energy), sum(self.allocated)
        is_incentive = rule.sharing_key.method == "incentive"
        owns_surplus = rule.sharing_key.surplus_owner == _OWNERS[self.direction]
        if self.direction is Direction.FEED_IN:
            lines[Line.SOLD] = self.trade(seat, tariff.seller)
            unused, premium = energy - allocated, tariff.premium_feed_in_price
        else:
            for band, price in enumerate(tariff.residual_prices):
                lines[band] = price_energy_cents(self.energy[band] - self.allocated[band], price)
            lines[Line.BOUGHT] = self.trade(seat, tariff.seller)
            network = energy
            if tariff.parts_network:
                assert tariff.network_shared_price is not None
                network = energy - allocated
                lines[Line.NETWORK_SHARED] = price_energy_cents(allocated, tariff.network_shared_price)
            lines[Line.NETWORK] = price_energy_cents(network, tariff.network_price)
            lines[Line.EXCISE] = price_energy_cents(energy - allocated, tariff.excise_price)
            lines[Line.EXCISE_SHARED] = price_energy_cents(allocated, tariff.excise_shared_price)
            unused, premium = self.credited, tariff.premium_consumption_price
        if owns_surplus:
            lines[Line.SURPLUS] = price_energy_cents(unused, tariff.surplus_price)
        if is_incentive:
            lines[Line.INCENTIVE] = price_energy_cents(self.credited, premium)
        return lines


@dataclass(frozen=True, slots=True)
class BillAmounts:
    """What a participant owes and is owed, to the cent.

    Attributes:
        lines: Thirteen amounts, whoever bills them. [cents]
        debit_net: What the community bills, before VAT. [cents]
        vat_debit: VAT on it. [cents]
        credit_net: What the community credits, before VAT. [cents]
        vat_credit: VAT on it. [cents]
        vat_bought: Part of ``vat_debit`` that is the VAT of neighbours who sold. [cents]
        vat_sold: Part of ``vat_credit`` on what was sold to neighbours by the participant itself. [cents]
    """

    lines: tuple[int, ...]
    debit_net: int
    vat_debit: int
    credit_net: int
    vat_credit: int
    vat_bought: int = 0
    vat_sold: int = 0

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


def bill_amounts(points: Sequence[PointBands], rule: Rule, vat_status: VatStatus) -> BillAmounts:
    """Bill one participant.

    Args:
        points: All its points of the period; the first of their slots is its seat.
        rule: In force.
        vat_status: The participant's as a seller: the class of its seat.
    """
    tariff, seat = rule.tariff, min(point.slot for point in points)
    lines = [sum(amounts) for amounts in zip(*(point.lines(rule, seat) for point in points), strict=True)]
    lines[Line.FEE] = tariff.monthly_fee
    billed = tariff.billed_by_community
    bought = lines[Line.BOUGHT] if Biller.SHARED in billed else 0
    sold = lines[Line.SOLD] if Biller.SHARED in billed else 0
    surplus = lines[Line.SURPLUS] if Biller.SURPLUS in billed else 0
    debit_net = lines[Line.FEE] + bought
    if Biller.SHARED in billed:
        debit_net += lines[Line.EXCISE_SHARED]
    if Biller.RESIDUAL in billed:
        debit_net += sum(lines[Line.RESIDUAL : Line.RESIDUAL + BANDS]) + lines[Line.EXCISE]
    if Biller.NETWORK in billed:
        debit_net += lines[Line.NETWORK] + lines[Line.NETWORK_SHARED]
    credit_net = sold + surplus + lines[Line.INCENTIVE]
    vat_bought = vat_sold = 0
    if tariff.seller is Seller.PRODUCER:
        if Biller.SHARED in billed:
            vat_bought = _trade_vat(points, Direction.CONSUMPTION, seat, tariff.vat_ppm)
            vat_sold = _trade_vat(points, Direction.FEED_IN, seat, tariff.vat_ppm)
        vat_debit = vat_of(debit_net - bought, tariff.vat_ppm, tariff.vat_status) + vat_bought
        vat_credit = vat_of(surplus, tariff.vat_ppm, vat_status) + vat_sold
    else:
        vat_debit = vat_of(debit_net, tariff.vat_ppm, tariff.vat_status)
        vat_credit = vat_of(sold + surplus, tariff.vat_ppm, vat_status)
    return BillAmounts(tuple(lines), debit_net, vat_debit, credit_net, vat_credit, vat_bought, vat_sold)


def _trade_vat(points: Iterable[PointBands], direction: Direction, seat: int, vat_ppm: int) -> int:
    """VAT on what was traded with each other seat, rounded per seat, where the seller is liable.

    Args:
        points: Of one participant.
        direction: Consumption for what was bought, feed-in for what was sold.
        seat: Of the participant.
        vat_ppm: Rate. [ppm]
    """
    nets: dict[int, int] = {}
    for point in points:
        if point.direction is direction:
            for link in point.links:
                if link.seat != seat and link.vat_status is VatStatus.LIABLE:
                    nets[link.seat] = nets.get(link.seat, 0) + value_cents(link.value)
    return sum(vat_of(net, vat_ppm, VatStatus.LIABLE) for net in nets.values())


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

    pass_through, rounding = -column(Line.INCENTIVE), 0
    if Biller.RESIDUAL in billed:
        pass_through += sum(column(band) for band in range(BANDS)) + column(Line.EXCISE)
    if Biller.NETWORK in billed:
        pass_through += column(Line.NETWORK) + column(Line.NETWORK_SHARED)
    if Biller.SURPLUS in billed:
        pass_through -= column(Line.SURPLUS)
    if Biller.SHARED in billed:
        pass_through += column(Line.EXCISE_SHARED)
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
