"""The bill that a participant's period totals and the voted tariff give (protocol, section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.verifier.chain_records import Rule, Tariff
from backend.verifier.methods import INCENTIVE

__all__ = ["LINE_NAMES", "Amounts", "PointTotals", "TradedLink", "compute_bill"]

LINE_NAMES = (
    "residual supply, band 0",
    "residual supply, band 1",
    "residual supply, band 2",
    "residual supply, band 3",
    "bought from neighbours",
    "network",
    "fee",
    "sold to neighbours",
    "surplus sold",
    "network, shared energy",
    "excise on residual supply",
    "excise on shared energy",
    "incentive",
)
_RESIDUAL, _BOUGHT, _NETWORK, _FEE, _SOLD, _SURPLUS = range(3, 9)
_NETWORK_SHARED, _EXCISE, _EXCISE_SHARED, _INCENTIVE = range(9, 13)

_PICO_EURO_PER_CENT = 10**10
_PARTS_PER_MILLION = 10**6
_LIABLE = 2
_BILLS_SHARED, _BILLS_RESIDUAL, _BILLS_NETWORK, _BILLS_SURPLUS = 1, 2, 4, 8
_PRODUCERS_SELL = 1
_CONSUMER = 1


@dataclass(frozen=True, slots=True)
class TradedLink:
    """What went over a link: the other end's seat, the value [pico-euro], the producer's VAT class."""

    seat: int
    value: int
    vat_class: int


@dataclass(frozen=True, slots=True)
class PointTotals:
    """A metering point's period: per band its energy and what was allocated [mWh], value [pico-euro], credit [mWh]."""

    feeds_in: bool
    energy: tuple[int, ...]
    allocated: tuple[int, ...]
    value: int
    credited: int
    links: tuple[TradedLink, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """A bill's amounts [cents]."""

    lines: tuple[int, ...]
    vat_debit: int
    vat_credit: int
    debit: int
    credit: int


def compute_bill(points: Sequence[PointTotals], rule: Rule, seat: int, vat_class: int) -> Amounts:
    """Compute a participant's bill.

    Args:
        points: The participant's points.
        rule: The rule in force for the period.
        seat: The participant's.
        vat_class: VAT class of the seat.
    """
    tariff = rule.tariff
    lines = [0] * len(LINE_NAMES)
    lines[_FEE] = tariff.monthly_fee
    for point in points:
        for line, amount in _point_lines(point, rule, seat):
            lines[line] += amount
    billed = tariff.billed_by
    debit_net = lines[_FEE]
    debit_net += lines[_BOUGHT] + lines[_EXCISE_SHARED] if billed & _BILLS_SHARED else 0
    debit_net += sum(lines[: _RESIDUAL + 1]) + lines[_EXCISE] if billed & _BILLS_RESIDUAL else 0
    debit_net += lines[_NETWORK] + lines[_NETWORK_SHARED] if billed & _BILLS_NETWORK else 0
    sold = lines[_SOLD] if billed & _BILLS_SHARED else 0
    surplus = lines[_SURPLUS] if billed & _BILLS_SURPLUS else 0
    vat_debit, vat_credit = _vat_sums(
        points, tariff, seat, vat_class, (debit_net, lines[_BOUGHT], sold, surplus)
    )
    credit_net = sold + surplus + lines[_INCENTIVE]
    return Amounts(tuple(lines), vat_debit, vat_credit, debit_net + vat_debit, credit_net + vat_credit)


def _point_lines(point: PointTotals, rule: Rule, seat: int) -> list[tuple[int, int]]:
    """Give what a point adds to each line [cents]."""
    tariff, key = rule.tariff, rule.key
    shared, energy = sum(point.allocated), sum(point.energy)
    traded = _round(point.value)
    if tariff.seller == _PRODUCERS_SELL:
        traded = sum(_round(link.value) for link in point.links if link.seat != seat)
    premium = tariff.premium_feed_in if point.feeds_in else tariff.premium_consumption
    lines = [(_INCENTIVE, _round(point.credited * premium) if key.method == INCENTIVE else 0)]
    consumers_own = key.surplus_owner == _CONSUMER
    if point.feeds_in:
        surplus = 0 if consumers_own else _round((energy - shared) * tariff.surplus_price)
        return [*lines, (_SOLD, traded), (_SURPLUS, surplus)]
    apart = tariff.network_shared_price != tariff.network_price
    bands = zip(point.energy, point.allocated, tariff.residual_price, strict=True)
    return [
        *lines,
        *((band, _round((drawn - given) * price)) for band, (drawn, given, price) in enumerate(bands)),
        (_BOUGHT, traded),
        (_NETWORK, _round((energy - shared if apart else energy) * tariff.network_price)),
        (_SURPLUS, _round(point.credited * tariff.surplus_price) if consumers_own else 0),
        (_NETWORK_SHARED, _round(shared * tariff.network_shared_price) if apart else 0),
        (_EXCISE, _round((energy - shared) * tariff.excise_price)),
        (_EXCISE_SHARED, _round(shared * tariff.excise_shared_price)),
    ]


def _vat_sums(
    points: Sequence[PointTotals], tariff: Tariff, seat: int, vat_class: int, nets: tuple[int, int, int, int]
) -> tuple[int, int]:
    """Give VAT debit and credit: each seller owes it on what it sold.

    Args:
        points: The participant's points.
        tariff: The tariff.
        seat: The participant's.
        vat_class: Of the seat.
        nets: Debit net, bought from neighbours, sold and surplus as far as the community bills them.
    """
    debit_net, bought, sold, surplus = nets
    ppm, liable = tariff.vat_ppm, vat_class == _LIABLE
    community_liable = tariff.community_vat_class == _LIABLE
    if tariff.seller != _PRODUCERS_SELL:
        return (_vat(debit_net, ppm) if community_liable else 0), (_vat(sold + surplus, ppm) if liable else 0)
    billed = bool(tariff.billed_by & _BILLS_SHARED)
    own = debit_net - (bought if billed else 0)
    vat_debit = _vat(own, ppm) if community_liable else 0
    vat_debit += _vat_by_seat(points, ppm, seat, feeds_in=False) if billed else 0
    vat_credit = _vat(surplus, ppm) if liable else 0
    vat_credit += _vat_by_seat(points, ppm, seat, feeds_in=True) if billed and liable else 0
    return vat_debit, vat_credit


def _vat_by_seat(points: Sequence[PointTotals], ppm: int, seat: int, *, feeds_in: bool) -> int:
    """Add up the VAT that each trade with another seat carries: an invoice each, rounded by itself."""
    nets: dict[int, int] = {}
    for point in points:
        for link in point.links:
            if point.feeds_in is feeds_in and link.seat != seat and link.vat_class == _LIABLE:
                nets[link.seat] = nets.get(link.seat, 0) + _round(link.value)
    return sum(_vat(net, ppm) for net in nets.values())


def _round(value: int) -> int:
    """Round a value [pico-euro] to cents, half a cent away from zero."""
    sign = -1 if value < 0 else 1
    return sign * ((abs(value) + _PICO_EURO_PER_CENT // 2) // _PICO_EURO_PER_CENT)


def _vat(net: int, vat_ppm: int) -> int:
    return (net * vat_ppm + _PARTS_PER_MILLION // 2) // _PARTS_PER_MILLION
