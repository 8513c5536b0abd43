"""Who is active when, what the sharing key gives them, what it is worth and whom it came from; no hash yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tests.vectors import reference as ref
from tests.vectors import reference_keys as keys
from tests.vectors import reference_money as money
from tests.vectors.reference_flow import Network

Json = dict[str, Any]
FEED_IN, CONSUMPTION = "feed_in", "consumption"


def to_hex(data: bytes) -> str:
    return "0x" + data.hex()


def from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


class ReferenceSettlement:
    """A period's inputs, settled."""

    def __init__(self, inputs: Json) -> None:
        self.inputs = inputs
        self.points: list[Json | None] = inputs["points"]
        self.seats: list[int] = inputs["seats"]
        self.rule: Json = inputs["rule"]
        self.slots = len(self.points)
        self.intervals: list[int] = inputs["intervals"]
        self.days = len(self.intervals)
        self.blocks = ref.blocks_of(self.slots)

    # ---- who and when ----

    def moments(self) -> list[tuple[int, int, int]]:
        """Give (day, t, index of the interval in the period), in order."""
        pairs = [(day, t) for day in range(self.days) for t in range(self.intervals[day])]
        return [(day, t, index) for index, (day, t) in enumerate(pairs)]

    def point(self, slot: int) -> Json:
        point = self.points[slot]
        assert point is not None
        return point

    def is_active(self, slot: int, day: int) -> bool:
        point = self.points[slot]
        return point is not None and point["from_day"] <= day < point["until_day"]

    def direction(self, slot: int) -> str:
        point = self.points[slot]
        return point["direction"] if point else ""

    def active_slots(self, day: int, direction: str = "") -> list[int]:
        chosen = [slot for slot in range(self.slots) if self.is_active(slot, day)]
        return [slot for slot in chosen if direction in ("", self.direction(slot))]

    @cached_property
    def settled_slots(self) -> list[int]:
        return [
            slot for slot in range(self.slots) if any(self.is_active(slot, day) for day in range(self.days))
        ]

    def coefficient(self, slot: int, index: int) -> int:
        """Give a scheduled key's coefficient; what was not handed in is zero."""
        listed = self.inputs["schedule"]["coefficients"]
        return int(listed[slot][index]) if slot < len(listed) else 0

    @cached_property
    def network(self) -> Network | None:
        """The links of a flow key."""
        if self.inputs["link_terms"] is None:
            return None
        sides = [
            [s for s in self.settled_slots if self.direction(s) == way] for way in (FEED_IN, CONSUMPTION)
        ]
        return Network.of(sides[0], sides[1], self.seats, json.loads(self.inputs["link_terms"]))

    def free_links(self) -> set[tuple[int, int]]:
        """Give the links of a flow key over which energy goes for nothing: within a seat, and donations."""
        if self.network is None:
            return set()
        donated = {(p, c) for p, c in json.loads(self.inputs["link_terms"])["donations"]}
        return donated | {(p, c) for p, c in self.network.costs if self.seats[p] == self.seats[c]}

    # ---- what the sharing key gives ----

    @cached_property
    def outcomes(self) -> list[keys.Outcome]:
        return [self.share(day, t, index) for day, t, index in self.moments()]

    def share(self, day: int, t: int, index: int) -> keys.Outcome:
        energy = [row[index] for row in self.inputs["energy"]]
        feed_in = {slot: energy[slot] for slot in self.active_slots(day, FEED_IN)}
        wanted = {slot: energy[slot] for slot in self.active_slots(day, CONSUMPTION)}
        if self.rule["source"] == 1:
            told = [row[index] for row in self.inputs["operator"]["allocated"]]
            given, shared = ({slot: told[slot] for slot in chosen} for chosen in (wanted, feed_in))
            return keys.Outcome(given, shared=shared, parts={slot: [] for slot in (*wanted, *feed_in)})
        if self.network is not None:
            return keys.share_flow(self.network, wanted, feed_in)
        scheduled = None
        if self.inputs["schedule"]:
            scheduled = {slot: self.coefficient(slot, index) for slot in wanted}
        return keys.share(self.rule["key"], self.slots, t, wanted, feed_in, scheduled)

    @cached_property
    def allocated(self) -> list[list[int]]:
        """What each slot was given, or what was shared of it, per interval."""
        return self.by_slot([{**outcome.given, **outcome.shared} for outcome in self.outcomes])

    @cached_property
    def credited(self) -> list[list[int]]:
        return self.by_slot([outcome.credited for outcome in self.outcomes])

    @cached_property
    def worth(self) -> tuple[list[int], list[list[int]]]:
        """Give V per interval, and what each row is worth per slot and interval [pico-euro]."""
        values, rows = [], []
        for (_, _, index), outcome in zip(self.moments(), self.outcomes, strict=True):
            energy = {slot: self.inputs["energy"][slot][index] for slot in (*outcome.given, *outcome.shared)}
            feed_in, consumption = (sum(energy[s] for s in part) for part in (outcome.shared, outcome.given))
            total, band = sum(outcome.given.values()), self.inputs["bands"][index]
            priced = money.Priced(self.rule["tariff"], band, feed_in, consumption, total)
            if self.network is not None:
                sold = {pair: e for pair, e in (outcome.flows or {}).items() if pair not in self.free_links()}
                value, worth = money.link_rows(priced, outcome.given, outcome.shared, sold)
            else:
                value, worth = money.row_values(priced, outcome.given, outcome.shared, outcome.flows)
            values.append(value)
            rows.append(worth)
        return values, self.by_slot(rows)

    def by_slot(self, intervals: list[Mapping[int, int]] | list[dict[int, int]]) -> list[list[int]]:
        return [[figures.get(slot, 0) for figures in intervals] for slot in range(self.slots)]

    @cached_property
    def headers(self) -> list[list[int]]:
        """Give [P, C, A, V, tau, band, ...rounds] of each interval."""
        headers = []
        for (_, _, index), outcome in zip(self.moments(), self.outcomes, strict=True):
            feed_in = sum(self.inputs["energy"][slot][index] for slot in outcome.shared)
            consumption = sum(self.inputs["energy"][slot][index] for slot in outcome.given)
            totals = [feed_in, consumption, sum(outcome.given.values()), self.worth[0][index]]
            headers.append([*totals, outcome.tau, self.inputs["bands"][index], *ref.flat(outcome.rounds)])
        return headers

    def running(self, slot: int, until: int) -> list[int]:
        """Sum a slot's ten totals over the intervals before ``until``."""
        totals = [0] * ref.TOTALS
        for index in range(until):
            band = self.inputs["bands"][index]
            totals[2 * band] += self.inputs["energy"][slot][index]
            totals[2 * band + 1] += self.allocated[slot][index]
            totals[8] += self.worth[1][slot][index]
            totals[9] += self.credited[slot][index]
        return totals

    # ---- who served whom ----

    @cached_property
    def matrix(self) -> dict[tuple[int, int], int]:
        """Energy of the period by (producer's slot, consumer's slot)."""
        if any(outcome.flows is not None for outcome in self.outcomes):
            sums: dict[tuple[int, int], int] = {}
            for outcome in self.outcomes:
                for pair, energy in (outcome.flows or {}).items():
                    sums[pair] = sums.get(pair, 0) + energy
            return sums
        shared, given = (
            {slot: self.allocated[slot] for slot in self.settled_slots if self.direction(slot) == way}
            for way in (FEED_IN, CONSUMPTION)
        )
        return money.Served(shared, given).flows

    @cached_property
    def links(self) -> list[list[list[int]]]:
        """Per slot: the other's slot, energy, value, VAT class of the producer's seat."""
        links: list[list[list[int]]] = [[] for _ in self.points]
        for consumer in self.settled_slots:
            if self.direction(consumer) != CONSUMPTION:
                continue
            served = sorted((p, e) for (p, c), e in self.matrix.items() if c == consumer and e > 0)
            value = self.running(consumer, sum(self.intervals))[8]
            values = money.link_values(self.rule["tariff"], value, served)
            if self.network is not None:
                values = [self.flow_value(producer, consumer) for producer, _ in served]
            for (producer, energy), worth in zip(served, values, strict=True):
                vat_class = self.point(self.seats[producer])["vat_class"]
                links[consumer].append([producer, energy, worth, vat_class])
                links[producer].append([consumer, energy, worth, vat_class])
        return [sorted(listed) for listed in links]

    def flow_value(self, producer: int, consumer: int) -> int:
        """Add up what a link of a flow key was worth, interval by interval."""
        if (producer, consumer) in self.free_links():
            return 0
        energies = [(outcome.flows or {})[producer, consumer] for outcome in self.outcomes]
        prices = [money.link_price(self.rule["tariff"], band, producer) for band in self.inputs["bands"]]
        return sum(energy * price for energy, price in zip(energies, prices, strict=True))

    def period_totals(self, slot: int) -> list[int]:
        """Give a slot's last totals; where producers sell, their value is that of their links."""
        totals = self.running(slot, sum(self.intervals))
        if self.rule["tariff"]["seller"] == 1 and self.direction(slot) == FEED_IN:
            totals[8] = sum(value for _, _, value, _ in self.links[slot])
        return totals

    # ---- bills ----

    @cached_property
    def bills(self) -> list[Json]:
        bills = []
        for seat in sorted({self.seats[slot] for slot in self.settled_slots}):
            figures = [self.slot_figures(slot) for slot in self.settled_slots if self.seats[slot] == seat]
            vat_class = self.point(seat)["vat_class"]
            amounts = money.bill(self.rule["key"], self.rule["tariff"], seat, vat_class, figures)
            bills.append({"seat": seat, **amounts})
        return bills

    def slot_figures(self, slot: int) -> money.SlotFigures:
        *bands, value, credited = self.period_totals(slot)
        pairs = [bands[i : i + 2] for i in range(0, 8, 2)]
        links = [(self.seats[other], worth, vat) for other, _, worth, vat in self.links[slot]]
        return money.SlotFigures(self.direction(slot), pairs, value, credited, links)

    def bill_sums(self, block: int) -> list[int]:
        chosen = [bill for bill in self.bills if bill["seat"] < ref.STRIDE * (block + 1)]
        columns = [(b["debit"], b["credit"], b["lines"][6], b["vat_debit"], b["vat_credit"]) for b in chosen]
        return [sum(column[i] for column in columns) for i in range(5)]
