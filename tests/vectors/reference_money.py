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


class Served:
    """The period's matrix of who served whom, step by step as ``backend.allocation.served`` documents it.

    Args:
        shared: What was shared of each producer, per interval.
        given: What each consumer was given, per interval.
    """

    def __init__(self, shared: Mapping[int, Sequence[int]], given: Mapping[int, Sequence[int]]) -> None:
        totals = [sum(interval) for interval in zip(*shared.values(), strict=True)]
        self.weights = {
            (p, i): sum(
                (s << 32) // total * a for s, a, total in zip(gave, took, totals, strict=False) if total
            )
            for p, gave in sorted(shared.items())
            for i, took in sorted(given.items())
        }
        self.flows = {pair: weight >> 32 for pair, weight in self.weights.items()}
        self.rows = {p: sum(gave) - self.placed(0, p) for p, gave in sorted(shared.items())}
        self.columns = {i: sum(took) - self.placed(1, i) for i, took in sorted(given.items())}
        open_cells = {pair for pair, weight in self.weights.items() if weight % (1 << 32)}
        for _ in range(16):
            if not any(self.rows.values()) or not self.place(open_cells):
                break
            open_cells = {pair for pair, weight in self.weights.items() if weight}
        self.place_rest()

    def placed(self, side: int, slot: int) -> int:
        return sum(energy for pair, energy in self.flows.items() if pair[side] == slot)

    def place(self, open_cells: set[tuple[int, int]]) -> int:
        """Add one unit at most to each open cell; give how many were added."""
        taken: set[tuple[int, int]] = set()
        before = sum(self.rows.values())
        for p in self.rows:
            lacking = [i for i in self.columns if (p, i) in open_cells and self.columns[i] > 0]
            for i in sorted(lacking, key=lambda i: (-min(self.columns[i], 1023), i))[: self.rows[p]]:
                taken.add((p, i))
                self.add(p, i, 1)
        for p in self.rows:
            while self.rows[p] > 0 and (path := self.find_path(p, open_cells, taken)):
                for i, giver in path:
                    taken ^= {(giver, i)}
                    self.flows[giver, i] += 1 if (giver, i) in taken else -1
                self.rows[p] -= 1
                self.columns[path[0][0]] -= 1
        return before - sum(self.rows.values())

    def find_path(
        self, start: int, open_cells: set[tuple[int, int]], taken: set[tuple[int, int]]
    ) -> list[tuple[int, int]]:
        """Give the cells of the shortest alternating path, from its end, as (column, row)."""
        row_from: dict[int, int | None] = {start: None}
        column_from: dict[int, int] = {}
        queue = [start]
        for p in queue:
            for i in self.columns:
                if (p, i) not in open_cells - taken or i in column_from:
                    continue
                column_from[i] = p
                if self.columns[i] > 0:
                    return self.trace(i, row_from, column_from)
                for other in self.rows:
                    if (other, i) in taken and other not in row_from:
                        row_from[other] = i
                        queue.append(other)
        return []

    def trace(
        self, end: int, row_from: Mapping[int, int | None], column_from: Mapping[int, int]
    ) -> list[tuple[int, int]]:
        cells, column = [], end
        while True:
            giver = column_from[column]
            cells.append((column, giver))
            before = row_from[giver]
            if before is None:
                return cells
            cells.append((before, giver))
            column = before

    def add(self, p: int, i: int, energy: int) -> None:
        self.flows[p, i] += energy
        self.rows[p] -= energy
        self.columns[i] -= energy

    def place_rest(self) -> None:
        while any(self.rows.values()):
            p = next(slot for slot, lacking in self.rows.items() if lacking)
            i = next(slot for slot, lacking in self.columns.items() if lacking)
            self.add(p, i, min(self.rows[p], self.columns[i]))


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
