"""What a link can hold of energy and of value, without the rows of who is not in the bundle (protocol, section 11).

The period's matrix of who served whom takes everybody's rows. But each of its cells is within a few milliwatt-hours of
``w / 2^32`` (section 8), of which much is known: all of it where both ends are one's own, nothing but zero on days on
which the other end is not there, all that is left where there is nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from backend.verifier.bundle import Point
from backend.verifier.methods import FLOW, PAIRWISE, binds_operator
from backend.verifier.period import Period
from backend.verifier.value import Range, price_range
from backend.verifier.verdict import Place

__all__ = ["LinkBounds"]

_FRACTION_BITS = 32
_UNIFORM, _PRODUCER = 0, 3


class LinkBounds:
    """Bounds of the links of one period.

    Args:
        period: What is checked.
        shown: Whether all headers are there.
    """

    def __init__(self, period: Period, *, shown: bool) -> None:
        self._period = period
        self._shown = shown
        rule = period.facts.rule
        self._computed = not binds_operator(rule)
        self._points: Mapping[int, Point] = {point.slot: point for point in period.bundle.points}
        self._sums: dict[int, tuple[int, ...]] = {}
        self._producers = period.day_points[0].all_producers if period.day_points else ()

    @property
    def pooled(self) -> bool:
        """Whether links come from the matrix of the period: the key speaks of a pool, not of pairs or links."""
        return not self._computed or self._period.facts.rule.key.method not in {PAIRWISE, FLOW}

    def check(self, i: int, point: Point) -> None:
        """Check the links of a point of any method but ``flow``, which says its links interval by interval."""
        held = {link.slot: link for link in point.links}
        for other in sorted(held.keys() | self._others(point)):
            if other >= len(self._period.facts.points):
                continue  # refused already
            place = Place("links", f"points[{i}].links", point.slot)
            energy = held[other].energy if other in held else 0
            if self.pooled:
                bounds = self._energy(point, other)
                words = f"{bounds} mWh to or from slot {other}"
                self._period.findings.hold("link.served", place, energy in bounds, words, energy)
            elif energy:
                paired = self._pair_ppm(point, other) > 0
                self._period.findings.hold(
                    "link.served", place, paired, "a pair of the rule", f"slot {other}"
                )
            if other in held:
                value, bounds = held[other].value, self._value(point, other, energy)
                self._period.findings.hold("link.price", place, value in bounds, bounds, value)

    def _others(self, point: Point) -> set[int]:
        """Slots of the other direction: those that may be lacking among the links count too."""
        if not self.pooled:
            return set()
        days = self._period.day_points
        return {slot for day in days for slot in (day.consumers if point.feeds_in else day.producers)}

    def _energy(self, point: Point, other: int) -> Range:
        """Bound the energy of a link of the period's matrix. [mWh]

        A cell is never below ``floor(w / 2^32)``, and above it by no more than its column lacks after the floors: a
        milliwatt-hour per producer, and what the fractions of 2^32 lose.
        """
        twin = self._points.get(other)
        consumer = twin if point.feeds_in else point
        column = self._period.facts.run.allocated if consumer is None else sum(self._by_day(consumer))
        slack = len(self._producers) * (2 + (column >> _FRACTION_BITS))
        if twin is not None and consumer is not None:
            producer = point if point.feeds_in else twin
            weight = self._weight(producer, consumer)
            return Range(weight if self._shown else 0, weight + slack)
        least = most = 0
        for (consumers, producers), given in zip(self._there, self._by_day(point), strict=True):
            there = consumers if point.feeds_in else producers
            most += given if other in there else 0
            least += given if there == {other} else 0
        return Range(max(0, least - slack), most + slack)

    @cached_property
    def _there(self) -> list[tuple[frozenset[int], frozenset[int]]]:
        """By day, the consumers and the producers."""
        return [(frozenset(day.consumers), frozenset(day.producers)) for day in self._period.day_points]

    def _by_day(self, point: Point) -> tuple[int, ...]:
        """What a point was allocated, or shared, by day. [mWh]"""
        if point.slot not in self._sums:
            self._sums[point.slot] = tuple(map(sum, point.allocated))
        return self._sums[point.slot]

    def _weight(self, producer: Point, consumer: Point) -> int:
        """Give ``floor(w / 2^32)`` of two own points; where the totals are withheld, the most that it can be."""
        weight = 0
        for d, (shared, given) in enumerate(zip(producer.allocated, consumer.allocated, strict=True)):
            headers = self._period.bundle.days[d].headers
            for t, (part, taken) in enumerate(zip(shared, given, strict=False)):
                if headers is None:
                    weight += min(part, taken) << _FRACTION_BITS
                elif headers[t].allocated:
                    weight += (part << _FRACTION_BITS) // headers[t].allocated * taken
        return weight >> _FRACTION_BITS

    def _pair_ppm(self, point: Point, other: int) -> int:
        producer, consumer = (point.slot, other) if point.feeds_in else (other, point.slot)
        key = self._period.facts.rule.key
        if producer not in key.producers:
            return 0
        place = consumer * len(key.producers) + key.producers.index(producer)
        return self._period.day_points[0].coefficient(place)

    def _value(self, point: Point, other: int, energy: int) -> Range:
        """Bound what a link is worth. [pico-euro]

        Where each producer names its price, a consumer's value is divided by what links cost, so that each is worth its
        energy at its price but for what rounding moved between producers.
        """
        rule = self._period.facts.rule
        if rule.tariff.pricing == _PRODUCER:
            exact = energy * rule.tariff.price_of(point.slot if point.feeds_in else other)
            slack = self._price_slack if self.pooled else 0
            return Range(max(0, exact - slack), exact + slack)
        consumer = other if point.feeds_in else point.slot
        prices = [price_range(rule, band) for band in self._bands(consumer)] or [Range(0, 0)]
        least, most = min(price.least for price in prices), max(price.most for price in prices)
        odd = 0 if rule.tariff.pricing == _UNIFORM else 1
        return Range(energy * least, energy * most + odd)

    @cached_property
    def _price_slack(self) -> int:
        facts = self._period.facts
        count, intervals = len(self._producers), sum(facts.intervals)
        dearest = max((facts.rule.tariff.price_of(slot) for slot in self._producers), default=0)
        moved = 2 * count * (2 + (facts.run.allocated >> _FRACTION_BITS))
        return moved * dearest + intervals + count + 1

    def _bands(self, slot: int) -> set[int]:
        """Bands of the days on which a slot is active."""
        days = range(len(self._band_sets))
        record = self._period.facts.points[slot]
        return set().union(*(self._band_sets[d] for d in days if record.from_day <= d < record.until_day))

    @cached_property
    def _band_sets(self) -> list[set[int]]:
        return [
            {self._period.band(d, t) for t in range(count)}
            for d, count in enumerate(self._period.facts.intervals)
        ]
