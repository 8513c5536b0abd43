"""Who served whom over the period: each link's other end, its energy, its worth and its seller's VAT class."""

from __future__ import annotations

from collections.abc import Sequence

from backend.verifier.bundle import Link, Point
from backend.verifier.chain_records import Tariff
from backend.verifier.link_bounds import LinkBounds
from backend.verifier.methods import FLOW, PAIRWISE, binds_operator
from backend.verifier.period import Period
from backend.verifier.rows import RowSums
from backend.verifier.verdict import Findings, Place

__all__ = ["check_links", "divide_value"]

_PRODUCER_PRICES = 3
_WORST_VAT_CLASS = 2


def check_links(period: Period, sums: RowSums, *, shown: bool) -> None:
    """Check the links of all points.

    Args:
        period: What is checked.
        sums: What the participant's rows add up to.
        shown: Whether all headers are there, so that the flows of ``pairwise`` are known.
    """
    bundle = period.bundle
    classes = [point.vat_class for point in bundle.points if point.slot == bundle.seat]
    own_class = classes[0] if classes else bundle.points[0].vat_class
    by_seat: dict[int, int] = {bundle.seat: own_class}
    rule = period.facts.rule
    computed = not binds_operator(rule)
    bounds = LinkBounds(period, shown=shown)
    for i, point in enumerate(bundle.points):
        _check_point(period, i, point, by_seat)
        _check_ends(period, i, point)
        if not computed or rule.key.method != FLOW:
            bounds.check(i, point)
        for j, link in enumerate(point.links):
            if shown and computed and rule.key.method == PAIRWISE and not point.feeds_in:
                place = Place("link", f"points[{i}].links[{j}]", point.slot)
                expected = sums.flows.get((link.slot, point.slot), 0)
                period.findings.compare("link.energy", place, expected, link.energy)


def _check_ends(period: Period, i: int, point: Point) -> None:
    """Check that links between one's own points stand at both ends, and say the same there."""
    for other in period.bundle.points:
        if other.feeds_in is point.feeds_in:
            continue
        here, there = (
            [link for link in ends.links if link.slot == to.slot]
            for ends, to in ((point, other), (other, point))
        )
        expected, found = (
            f"{sum(link.energy for link in ends)} mWh worth {sum(link.value for link in ends)}"
            for ends in (there, here)
        )
        place = Place("links", f"points[{i}].links", point.slot)
        period.findings.compare("link.ends", place, expected, found)


def _check_point(period: Period, i: int, point: Point, by_seat: dict[int, int]) -> None:
    findings, facts = period.findings, period.facts
    place = Place("links", f"points[{i}].links", point.slot)
    slots = [link.slot for link in point.links]
    ascending = slots == sorted(set(slots))
    findings.hold("link.order", place, ascending, "each slot once, ascending", slots)
    allocated = sum(map(sum, point.allocated))
    findings.compare("link.energies", place, allocated, sum(link.energy for link in point.links))
    if not point.feeds_in:
        _check_values(
            facts.rule.tariff,
            point,
            findings,
            place,
            exact=facts.rule.key.method != FLOW or binds_operator(facts.rule),
        )
    for j, link in enumerate(point.links):
        place = Place("link", f"points[{i}].links[{j}]", point.slot)
        if not _check_other(period, point, link, place):
            continue
        seller = facts.seats[point.slot if point.feeds_in else link.slot]
        known = by_seat.setdefault(seller, link.vat_class)
        ok = link.vat_class == known <= _WORST_VAT_CLASS
        expected = f"{known}, the class of seat {seller}"
        findings.hold("link.vat_class", place, ok, expected, link.vat_class)


def _check_other(period: Period, point: Point, link: Link, place: Place) -> bool:
    """Check that a link has energy and leads to a point of the other direction that was active on one of the days."""
    findings, facts = period.findings, period.facts
    findings.hold("link.energy", place, link.energy > 0, "more than nothing", link.energy)
    record = facts.points[link.slot] if link.slot < len(facts.points) else None
    ok = record is not None and record.direction != point.direction
    ok = (
        ok
        and record is not None
        and max(record.from_day, point.from_day) < min(record.until_day, point.until_day)
    )
    expected = "an active slot of the other direction"
    return findings.hold("link.slot", place, ok, expected, f"slot {link.slot}")


def _check_values(tariff: Tariff, point: Point, findings: Findings, place: Place, *, exact: bool) -> None:
    value = sum(map(sum, point.value))
    given = [link.value for link in point.links]
    if not exact:
        findings.compare("link.values", place, value, sum(given))
        return
    findings.compare("link.values", place, divide_value(tariff, value, point.links), given)


def divide_value(tariff: Tariff, value: int, links: Sequence[Link]) -> list[int]:
    """Divide a consumer's value over its links: floors, then one more for the first of them until they sum.

    Args:
        tariff: Energy counts by its producer's price where each producer names one.
        value: The consumer's. [pico-euro]
        links: In slot order.
    """
    weights = [link.energy for link in links]
    if tariff.pricing == _PRODUCER_PRICES:
        priced = [link.energy * tariff.price_of(link.slot) for link in links]
        weights = priced if any(priced) else weights
    whole = sum(weights)
    parts = [value * weight // whole if whole else 0 for weight in weights]
    missing = value - sum(parts)
    return [part + (place < missing) for place, part in enumerate(parts)]
