"""A participant's lines as its bill shows them, from the same sums as the anchored thirteen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.amounts import BANDS, Line, PointBands, value_cents
from backend.billing.bill import BillLine
from backend.billing.tariff import KINDS, biller_of
from backend.community import Direction, Rule, Seller
from backend.quantities import divide_half_away

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.billing.terms import BilledPoint
    from backend.community import Participant, Tariff

__all__ = ["lines_of"]


def lines_of(
    points: Sequence[BilledPoint],
    bands: Mapping[int, PointBands],
    rule: Rule,
    seat: int,
    people: Mapping[int, Participant],
) -> tuple[BillLine, ...]:
    """All lines of a bill, point by point, and the fee last.

    Args:
        points: Of the participant.
        bands: Period leaf by slot.
        rule: In force.
        seat: Of the participant.
        people: Participants by seat.
    """
    lines = []
    for point in points:
        sums = bands[point.slot]
        lines += _plain_lines(point, sums, rule, seat)
        lines += _trade_lines(point, sums, rule, seat, people)
    lines.sort(key=lambda line: (_place(points, line.slot), _ORDER.index(line.line)))
    if rule.tariff.monthly_fee:
        fee = rule.tariff.monthly_fee
        lines.append(BillLine(Line.FEE.value, "fee", -1, "", -1, (), 1, fee, fee, fee, "community", ""))
    return tuple(lines)


#: Lines in the order of a bill.
_ORDER = (
    *range(BANDS),
    *(Line.EXCISE, Line.BOUGHT, Line.EXCISE_SHARED, Line.NETWORK, Line.NETWORK_SHARED),
    *(Line.SOLD, Line.SURPLUS, Line.INCENTIVE, Line.FEE),
)


def _place(points: Sequence[BilledPoint], slot: int) -> int:
    return next(place for place, point in enumerate(points) if point.slot == slot)


def _plain_lines(point: BilledPoint, sums: PointBands, rule: Rule, seat: int) -> list[BillLine]:
    """What is a quantity at a price, all but the energy that neighbours trade."""
    tariff, amounts = rule.tariff, sums.lines(rule, seat)
    lines = []
    for line, quantity, price in _quantities(point.direction, sums, rule):
        lines.append(
            BillLine(
                line=line,
                kind=KINDS[line],
                slot=point.slot,
                point=point.point,
                band=line if line < BANDS else -1,
                windows=_windows(tariff, line) if line < BANDS else (),
                quantity=quantity,
                unit_price=price,
                value=quantity * price,
                amount=amounts[line],
                biller=biller_of(line, tariff.billed_by_community),
                counterpart="",
            )
        )
    return lines


def _quantities(direction: Direction, sums: PointBands, rule: Rule) -> list[tuple[int, int, int]]:
    """(line, quantity [mWh], unit price [µEUR/kWh]) of each plain line that the rule has."""
    tariff, key = rule.tariff, rule.sharing_key
    energy, allocated = sum(sums.energy), sum(sums.allocated)
    found: list[tuple[int, int, int]] = []
    if direction is Direction.FEED_IN:
        if key.surplus_owner == "producer":
            found.append((Line.SURPLUS.value, energy - allocated, tariff.surplus_price))
        premium = tariff.premium_feed_in_price
    else:
        found += [
            (band, sums.energy[band] - sums.allocated[band], price)
            for band, price in enumerate(tariff.residual_prices)
        ]
        network = energy - allocated if tariff.parts_network else energy
        found.append((Line.NETWORK.value, network, tariff.network_price))
        if tariff.parts_network:
            found.append((Line.NETWORK_SHARED.value, allocated, tariff.network_shared_price or 0))
        if tariff.excise_price:
            found.append((Line.EXCISE.value, energy - allocated, tariff.excise_price))
        if tariff.excise_shared_price:
            found.append((Line.EXCISE_SHARED.value, allocated, tariff.excise_shared_price))
        if key.surplus_owner == "consumer":
            found.append((Line.SURPLUS.value, sums.credited, tariff.surplus_price))
        premium = tariff.premium_consumption_price
    if key.method == "incentive":
        found.append((Line.INCENTIVE.value, sums.credited, premium))
    return found


def _trade_lines(
    point: BilledPoint, sums: PointBands, rule: Rule, seat: int, people: Mapping[int, Participant]
) -> list[BillLine]:
    """Shared energy bought or sold: one line, or one per link with another seat where producers sell."""
    if rule.sharing_key.method == "incentive":
        return []
    if rule.tariff.seller is Seller.COMMUNITY:
        return [_trade_line(point, _traded(sums, rule), sums.value, rule, "")]
    return [
        _trade_line(point, link.energy, link.value, rule, people[link.seat].id)
        for link in sums.links
        if link.seat != seat
    ]


def _traded(sums: PointBands, rule: Rule) -> int:
    """Energy that the value stands for; with ``flow`` one's own and what was given is free and not of it. [mWh]"""
    if rule.sharing_key.method == "flow":
        return sum(link.energy for link in sums.links if link.value)
    return sum(sums.allocated)


def _trade_line(point: BilledPoint, quantity: int, value: int, rule: Rule, counterpart: str) -> BillLine:
    line = Line.SOLD if point.direction is Direction.FEED_IN else Line.BOUGHT
    return BillLine(
        line=line.value,
        kind=KINDS[line],
        slot=point.slot,
        point=point.point,
        band=-1,
        windows=(),
        quantity=quantity,
        unit_price=divide_half_away(value, quantity) if quantity else rule.tariff.shared_price,
        value=value,
        amount=value_cents(value),
        biller=biller_of(line, rule.tariff.billed_by_community),
        counterpart=counterpart,
    )


def _windows(tariff: Tariff, band: int) -> tuple[str, ...]:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return tuple(
        f"{clock(window.start_minute)}-{clock(window.end_minute)}"
        for window in tariff.windows
        if window.band == band
    )
