"""The bill that a participant's period totals and the voted tariff give (protocol, section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.verifier.chain import Tariff

__all__ = ["LINE_NAMES", "Amounts", "PointTotals", "compute_bill"]

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
)

_MICRO_EURO_MILLIWATT_HOURS_PER_CENT = 10**10
_PARTS_PER_MILLION = 10**6
_LIABLE = 2
_SHARED, _RESIDUAL, _NETWORK, _SURPLUS = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class PointTotals:
    """A metering point's period: per band its energy and what was allocated [mWh]."""

    feeds_in: bool
    energy: tuple[int, ...]
    allocated: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """A bill's amounts [cents]."""

    lines: tuple[int, ...]
    vat_debit: int
    vat_credit: int
    debit: int
    credit: int


def compute_bill(points: Sequence[PointTotals], tariff: Tariff, vat_class: int) -> Amounts:
    """Compute a participant's bill.

    Args:
        points: The participant's points.
        tariff: The tariff in force for the period.
        vat_class: VAT class of the participant's seat.
    """
    lines = [0] * len(LINE_NAMES)
    lines[6] = tariff.monthly_fee
    for point in points:
        shared = sum(point.allocated)
        if point.feeds_in:
            lines[7] += _cents(shared, tariff.shared_price)
            lines[8] += _cents(sum(point.energy) - shared, tariff.surplus_price)
            continue
        for band, (energy, allocated) in enumerate(zip(point.energy, point.allocated, strict=True)):
            lines[band] += _cents(energy - allocated, tariff.residual_price[band])
        lines[4] += _cents(shared, tariff.shared_price)
        lines[5] += _cents(sum(point.energy), tariff.network_price)
    billed = tariff.billed_by
    debit_net = lines[6]
    debit_net += lines[4] if billed & _SHARED else 0
    debit_net += sum(lines[:4]) if billed & _RESIDUAL else 0
    debit_net += lines[5] if billed & _NETWORK else 0
    credit_net = lines[7] if billed & _SHARED else 0
    credit_net += lines[8] if billed & _SURPLUS else 0
    vat_debit = _vat(debit_net, tariff.vat_ppm) if tariff.community_vat_class == _LIABLE else 0
    vat_credit = _vat(credit_net, tariff.vat_ppm) if vat_class == _LIABLE else 0
    return Amounts(tuple(lines), vat_debit, vat_credit, debit_net + vat_debit, credit_net + vat_credit)


def _cents(energy: int, price: int) -> int:
    """Price energy [mWh] at micro-euro per kWh, half a cent away from zero."""
    sign = -1 if energy < 0 else 1
    half = _MICRO_EURO_MILLIWATT_HOURS_PER_CENT // 2
    return sign * ((abs(energy) * price + half) // _MICRO_EURO_MILLIWATT_HOURS_PER_CENT)


def _vat(net: int, vat_ppm: int) -> int:
    return (net * vat_ppm + _PARTS_PER_MILLION // 2) // _PARTS_PER_MILLION
