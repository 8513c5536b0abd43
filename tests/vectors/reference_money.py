"""What shared energy is worth, who served whom, and the bills (protocol, sections 8 and 9), one figure at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Flows = Mapping[tuple[int, int], int]  # energy by (producer's slot, consumer's slot)
UNIFORM, MID_MARKET, SUPPLY_DEMAND, BY_PRODUCER = range(4)
FLOW, INCENTIVE = 9, 10
LIABLE = 2


@dataclass(frozen=True)
class Priced:
    """What makes the price of an interval: the tariff, the pool and its header's totals."""

    tariff: Json
    band: int
    feed_in: int
    consumption: int
    allocated: int


def price_of(tariff: Json, slot: int) -> int:
    listed: list[int] = tariff["producerPrice"]
    return listed[slot] if slot < len(listed) else 0


def interval_value(priced: Priced, shared: Mapping[int, int]) -> int:
    """Give V [pico-euro] of an interval by the rule's pricing."""
    tariff, total = priced.tariff, priced.allocated
    band_price, surplus = tariff["residualPrice"][priced.band], tariff["surplusPrice"]
    if total == 0:
        return 0
    if tariff["pricing"] == UNIFORM:
        return int(total * tariff["sharedPrice"])
    if tariff["pricing"] == MID_MARKET:
        return int(total * ((band_price + surplus) // 2))
    if tariff["pricing"] == SUPPLY_DEMAND:
        if priced.feed_in >= priced.consumption:
            return int(total * surplus)
        if surplus == 0:
            return 0
        weight = (band_price - surplus) * priced.feed_in + surplus * priced.consumption
        return int(total * surplus * band_price * priced.consumption // weight)
    return sum(energy * price_of(tariff, slot) for slot, energy in shared.items())


def row_values(
    priced: Priced, given: Mapping[int, int], shared: Mapping[int, int], flows: Flows | None
) -> tuple[int, dict[int, int]]:
    """Give an interval's V and what each row is worth [pico-euro]."""
    tariff, total = priced.tariff, priced.allocated
    value = interval_value(priced, shared)
    rows = {slot: value * part // total if total else 0 for slot, part in [*given.items(), *shared.items()]}
    if tariff["pricing"] == BY_PRODUCER:
        rows |= {slot: part * price_of(tariff, slot) for slot, part in shared.items()}
        if flows is not None:
            rows |= {
                slot: sum(e * price_of(tariff, p) for (p, consumer), e in flows.items() if consumer == slot)
                for slot in given
            }
    return value, rows


def link_price(tariff: Json, band: int, producer: int) -> int:
    """Give the price of a link of ``flow``, which supply and demand cannot make."""
    if tariff["pricing"] == BY_PRODUCER:
        return price_of(tariff, producer)
    if tariff["pricing"] == UNIFORM:
        return int(tariff["sharedPrice"])
    return int((tariff["residualPrice"][band] + tariff["surplusPrice"]) // 2)


def link_rows(
    priced: Priced, given: Mapping[int, int], shared: Mapping[int, int], sold: Flows
) -> tuple[int, dict[int, int]]:
    """Give V and what rows of ``flow`` are worth: sums of the links over which energy is sold."""
    worth = {pair: energy * link_price(priced.tariff, priced.band, pair[0]) for pair, energy in sold.items()}
    rows = {slot: sum(w for (_, c), w in worth.items() if c == slot) for slot in given}
    rows |= {slot: sum(w for (p, _), w in worth.items() if p == slot) for slot in shared}
    return sum(worth.values()), rows


# ---- who served whom ---------------------------------------------------------------------------------------


def fill_northwest(shared: Mapping[int, int], given: Mapping[int, int]) -> dict[tuple[int, int], int]:
    """Give some matrix with these margins, in slot order; a settlement's own comes from controlled rounding."""
    flows: dict[tuple[int, int], int] = {}
    left = dict(shared)
    for consumer, wanted in sorted(given.items()):
        missing = wanted
        for producer in sorted(left):
            part = min(missing, left[producer])
            flows[producer, consumer] = part
            left[producer] -= part
            missing -= part
        assert missing == 0
    assert not any(left.values())
    return flows


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """Divide by weights, floored, one more for the first until the parts sum to the total."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    for place in range(total - sum(parts)):
        parts[place] += 1
    return parts


def link_values(tariff: Json, value: int, links: Sequence[tuple[int, int]]) -> list[int]:
    """Divide a consumer's value over its links, (producer's slot, energy) in slot order."""
    by_price = tariff["pricing"] == BY_PRODUCER
    weights = [energy * (price_of(tariff, slot) if by_price else 1) for slot, energy in links]
    if not links:
        return []
    return divide(value, weights if any(weights) else [energy for _, energy in links])


# ---- bills -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SlotFigures:
    """A slot's period: per band (energy, allocated), value, credited; (other seat, value, vat class) per link."""

    direction: str
    bands: Sequence[Sequence[int]]
    value: int
    credited: int
    links: Sequence[tuple[int, int, int]]


def cents(energy: int, price: int) -> int:
    return (energy * price + 5 * 10**9) // 10**10


def cents_of(value: int) -> int:
    return (value + 5 * 10**9) // 10**10


def vat_on(net: int, ppm: int) -> int:
    return (net * ppm + 500_000) // 1_000_000


def bill(key: Json, tariff: Json, seat: int, vat_class: int, slots: Iterable[SlotFigures]) -> Json:
    """Bill the participant of a seat."""
    slots = list(slots)
    lines = [0] * 13
    lines[6] = tariff["monthlyFee"]
    for slot in slots:
        for line, amount in slot_lines(key, tariff, seat, slot).items():
            lines[line] += amount
    shared, residual, network, surplus = (tariff["billedBy"] >> bit & 1 for bit in range(4))
    debit_net = lines[6] + shared * (lines[4] + lines[11]) + residual * (sum(lines[:4]) + lines[10])
    debit_net += network * (lines[5] + lines[9])
    credit_net = shared * lines[7] + surplus * lines[8] + lines[12]
    ppm, community_liable = tariff["vatPpm"], tariff["communityVatClass"] == LIABLE
    if tariff["seller"] == 0:
        vat_debit = vat_on(debit_net, ppm) if community_liable else 0
        vat_credit = vat_on(credit_net - lines[12], ppm) if vat_class == LIABLE else 0
    else:
        vat_debit = vat_on(debit_net - shared * lines[4], ppm) if community_liable else 0
        vat_debit += shared * vat_by_seat(ppm, seat, slots, "consumption")
        vat_credit = 0
        if vat_class == LIABLE:
            vat_credit = vat_on(surplus * lines[8], ppm) + shared * vat_by_seat(ppm, seat, slots, "feed_in")
    return {
        "lines": lines,
        "vat_debit": vat_debit,
        "vat_credit": vat_credit,
        "debit": debit_net + vat_debit,
        "credit": credit_net + vat_credit,
    }


def slot_lines(key: Json, tariff: Json, seat: int, slot: SlotFigures) -> dict[int, int]:
    energy, allocated = sum(pair[0] for pair in slot.bands), sum(pair[1] for pair in slot.bands)
    consumes = slot.direction == "consumption"
    traded = cents_of(slot.value)
    if tariff["seller"] == 1:
        traded = sum(cents_of(value) for other, value, _ in slot.links if other != seat)
    premium = tariff["premiumConsumption" if consumes else "premiumFeedIn"]
    lines = {12: cents(slot.credited, premium) if key["method"] == INCENTIVE else 0}
    of_consumer = key["surplusOwner"] == 1
    if not consumes:
        return lines | {7: traded, 8: 0 if of_consumer else cents(energy - allocated, tariff["surplusPrice"])}
    apart = tariff["networkSharedPrice"] != tariff["networkPrice"]
    for band, pair in enumerate(slot.bands):
        lines[band] = cents(pair[0] - pair[1], tariff["residualPrice"][band])
    return lines | {
        4: traded,
        5: cents(energy - allocated if apart else energy, tariff["networkPrice"]),
        8: cents(slot.credited, tariff["surplusPrice"]) if of_consumer else 0,
        9: cents(allocated, tariff["networkSharedPrice"]) if apart else 0,
        10: cents(energy - allocated, tariff["excisePrice"]),
        11: cents(allocated, tariff["exciseSharedPrice"]),
    }


def vat_by_seat(ppm: int, seat: int, slots: Sequence[SlotFigures], direction: str) -> int:
    """Add up the VAT on what each other seat sold to this one, or bought from it; the seller must be liable."""
    by_seat: dict[int, int] = {}
    for slot in slots:
        for other, value, vat_class in slot.links:
            if slot.direction == direction and other != seat and vat_class == LIABLE:
                by_seat[other] = by_seat.get(other, 0) + cents_of(value)
    return sum(vat_on(net, ppm) for net in by_seat.values())
