"""Rows of ``flow``: sums of links that headers agree with, the best by what links cost (protocol, section 8)."""

from __future__ import annotations

from collections.abc import Iterator

from backend.verifier.bundle import Detail, Point
from backend.verifier.chain_records import Rule
from backend.verifier.costs import check_best
from backend.verifier.period import Period
from backend.verifier.rows import RowSums
from backend.verifier.shares import Due
from backend.verifier.value import link_price
from backend.verifier.verdict import Place

__all__ = ["check_flow"]

_BIAS = 1 << 52  # a round holds potential + 2^52


def check_flow(
    period: Period, i: int, point: Point, whole: tuple[tuple[bool, ...], ...], sums: RowSums
) -> None:
    """Check the details of a point of ``flow``, and the links of the period that they add up to.

    Args:
        period: What is checked.
        i: The point's place in the bundle.
        point: The point.
        whole: By day and interval, whether its header is there and has the rounds of the key.
        sums: Takes what the rows add up to.
    """
    if point.details is None:
        return
    paid = _check_links(period, i, point)
    for d, t, place in _rows(period, i, point):
        detail, findings = point.details[d][t], period.findings
        slots = [slot for slot, _ in detail.links]
        others = period.day_points[d].consumers if point.feeds_in else period.day_points[d].producers
        known = slots == sorted(set(slots)) and set(slots) <= set(others)
        expected = "active slots of the other direction, each once, ascending"
        findings.hold("detail.links", place, known, expected, slots)
        for other in period.bundle.points:
            if other.feeds_in is not point.feeds_in and other.details is not None and other.is_active(d):
                there = dict(other.details[d][t].links).get(point.slot, 0)
                findings.compare("detail.ends", place, there, dict(detail.links).get(other.slot, 0))
        positive = all(energy > 0 for _, energy in detail.links)
        findings.hold("detail.energy", place, positive, "links that carry energy", detail.links)
        given = sum(energy for _, energy in detail.links)
        findings.compare("row.allocation", place, given, point.allocated[d][t])
        worth = sum(
            energy * _price(period.facts.rule, period.band(d, t), point, slot)
            for slot, energy in detail.links
            if slot in paid
        )
        findings.compare("row.value", place, worth, point.value[d][t])
        if whole[d][t]:
            _check_rounds(period, point, (d, t), place)
            sums.add((d, t), _contribute(point, detail, period.day_points[d].all_producers))
    check_best(period, i, point, whole)


def _contribute(point: Point, detail: Detail, producers: tuple[int, ...]) -> Due:
    """Say what a row gives to the round of each producer."""
    given = {} if point.feeds_in else dict(detail.links)
    return Due(0, 0, tuple((given.get(producer, 0), 0) for producer in producers))


def _rows(period: Period, i: int, point: Point) -> Iterator[tuple[int, int, Place]]:
    for d, energies in enumerate(point.energy):
        for t in range(len(energies)):
            start = period.start(d, t)
            yield d, t, Place("detail", f"points[{i}].details[{d}][{t}]", point.slot, start)


def _price(rule: Rule, band: int, point: Point, other: int) -> int:
    return link_price(rule.tariff, band, point.slot if point.feeds_in else other)


def _check_links(period: Period, i: int, point: Point) -> set[int]:
    """Check that the period's links are those of its intervals, each worth all of its energy or nothing.

    Returns:
        The other ends that pay: not those of one's own seat, and not those that give or are given energy.
    """
    assert point.details is not None
    energies: dict[int, int] = {}
    values: dict[int, int] = {}
    for d, t, _ in _rows(period, i, point):
        for slot, energy in point.details[d][t].links:
            price = _price(period.facts.rule, period.band(d, t), point, slot)
            energies[slot] = energies.get(slot, 0) + energy
            values[slot] = values.get(slot, 0) + energy * price
    place = Place("links", f"points[{i}].links", point.slot)
    found = [(link.slot, link.energy) for link in point.links]
    period.findings.compare("link.details", place, sorted(energies.items()), found)
    paid, seats = set(), period.facts.seats
    for j, link in enumerate(point.links):
        own = link.slot < len(seats) and seats[link.slot] == seats[point.slot]
        most = 0 if own else values.get(link.slot, 0)
        place = Place("link", f"points[{i}].links[{j}]", point.slot)
        expected = f"{most}, or 0 where it is given"
        period.findings.hold("link.value", place, link.value in {0, most}, expected, link.value)
        if link.value:
            paid.add(link.slot)
    return paid


def _check_rounds(period: Period, point: Point, at: tuple[int, int], place: Place) -> None:
    """Check a row against its header's rounds: no producer gives more than it shares, and one's own are one's own."""
    assert point.details is not None
    d, t = at
    headers, findings = period.bundle.days[d].headers, period.findings
    assert headers is not None
    header, producers = headers[t], period.day_points[d].all_producers
    detail = point.details[d][t]
    if header.feed_in == 0 or header.consumption == 0:
        findings.compare("detail.potential", place, 0, detail.potential)
    bounded = abs(detail.potential) < _BIAS
    findings.hold("detail.potential", place, bounded, "within 2^52 of zero", detail.potential)
    rounds = dict(zip(producers, header.rounds, strict=True))
    if point.feeds_in:
        own = (detail.potential + _BIAS, point.allocated[d][t])
        findings.compare("detail.round", place, rounds.get(point.slot), own)
        return
    for slot, energy in detail.links:
        most = rounds.get(slot, (0, 0))[1]
        findings.hold("detail.round", place, energy <= most, f"at most {most} of slot {slot}", energy)
