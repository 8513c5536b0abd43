"""What each row says by itself: that it is what the sharing key gives, at the rule's price."""

from __future__ import annotations

from collections.abc import Callable

from backend.verifier.bounds import bound_others, sum_contributions
from backend.verifier.bundle import Header, Point
from backend.verifier.headers import sum_own
from backend.verifier.methods import FLOW, INCENTIVE, PAIRWISE, binds_operator, credits_any, is_scheduled
from backend.verifier.period import Period
from backend.verifier.shares import Due, Pair, allocate_consumer, share_producer
from backend.verifier.value import bound_row, price_row
from backend.verifier.verdict import Place

__all__ = ["RowSums", "check_rows"]

_MISSING = 3
_ESTIMATED = 1
_NO_SOURCE = 4
_PROFILED = 5
_SOURCES = {
    0: (0,),
    _ESTIMATED: (1, 2, 3),
    2: (0, 1),
    _MISSING: (_NO_SOURCE,),
}  # by quality: an estimate is no measurement


class RowSums:
    """What a participant's rows add up to, for checks that take more than one row.

    Attributes:
        flows: Of ``pairwise`` with all headers shown: energy by (producer's slot, consumer's slot). [mWh]
    """

    def __init__(self) -> None:
        self.flows: dict[Pair, int] = {}
        self._parts: dict[Pair, list[list[int]]] = {}

    def add(self, at: Pair, due: Due) -> None:
        """Add what one's own row gives to the rounds of an interval."""
        sums = self._parts.setdefault(at, [[0, 0] for _ in due.parts])
        for both, part in zip(sums, due.parts, strict=True):
            both[0] += part[0]
            both[1] += part[1]

    def add_flows(self, producers: tuple[int, ...], slot: int, due: Due) -> None:
        """Add what each producer of a pairwise key gave to a consumer."""
        for producer, flow in zip(producers, due.flows, strict=bool(due.flows)):
            self.flows[producer, slot] = self.flows.get((producer, slot), 0) + flow

    def check(self, period: Period) -> None:
        """Check that one's own rows contribute no more to a round than all do, and others no more than they have."""
        rule, slots = period.facts.rule, {point.slot for point in period.bundle.points}
        for (day, interval), sums in self._parts.items():
            headers = period.bundle.days[day].headers
            assert headers is not None
            header = headers[interval]
            fed, consumed = (
                total - sum_own(period.bundle, (day, interval), feeds_in=feeds_in)[0]
                for feeds_in, total in ((True, header.feed_in), (False, header.consumption))
            )
            whole = sum_contributions(rule, header)
            others = bound_others(rule, period.day_points[day], header, slots, (fed, consumed))
            place = Place("header", f"days[{day}].headers[{interval}]", start=period.start(day, interval))
            for own, most, rest in zip(sums, whole, others, strict=True):
                for side in (0, 1):
                    fits = own[side] <= most[side] <= own[side] + rest[side]
                    expected = f"from {own[side]}, one's own, to {own[side] + rest[side]} in a round"
                    period.findings.hold("header.round", place, fits, expected, most[side])


def check_rows(
    period: Period, i: int, point: Point, whole: tuple[tuple[bool, ...], ...], sums: RowSums
) -> None:
    """Check the values of a point's rows and readings.

    Args:
        period: What is checked.
        i: The point's place in the bundle.
        point: The point.
        whole: By day and interval, whether its header is there and has the rounds of the key.
        sums: Takes what the rows add up to.
    """
    due_of = _due_by(period, point)
    sources = dict(_SOURCES)
    if period.facts.rule.may_profile and not point.feeds_in:
        sources[_ESTIMATED] = (*_SOURCES[_ESTIMATED], _PROFILED)
    for d, energies in enumerate(point.energy):
        for t, energy in enumerate(energies):
            at = f"[{d}][{t}]"

            def place(what: str, field: str, d: int = d, t: int = t, at: str = at) -> Place:
                return Place(what, f"points[{i}].{field}{at}", point.slot, period.start(d, t))

            _check_row(period, point, (d, t), place, due_of if whole[d][t] else None, sums)
            findings = period.findings
            quality, source = point.quality[d][t], point.source[d][t]
            findings.hold(
                "reading.quality", place("reading", "quality"), quality <= _MISSING, "0 to 3", quality
            )
            findings.hold("reading.source", place("reading", "source"), source <= _PROFILED, "0 to 5", source)
            if quality == _MISSING:
                findings.compare("reading.missing", place("reading", "energy"), 0, energy)
            known = quality > _MISSING or source in sources[quality]
            expected = f"one of {sources.get(quality)}, as its quality and the rule ask"
            findings.hold("reading.method", place("reading", "source"), known, expected, source)


def _check_row(
    period: Period,
    point: Point,
    at: Pair,
    place: Callable[[str, str], Place],
    due_of: Callable[[Header, Pair], Due] | None,
    sums: RowSums,
) -> None:
    (d, t), rule, findings = at, period.facts.rule, period.findings
    energy, allocated, worth = point.energy[d][t], point.allocated[d][t], point.value[d][t]
    credited = point.credited[d][t] if point.credited is not None else 0
    row = place("row", "allocated")
    findings.hold("row.bound", row, allocated <= energy, f"at most {energy}", allocated)
    producers = period.day_points[d].producers
    bound = bound_row(rule, period.band(d, t), point.slot if point.feeds_in else -1, allocated, producers)
    findings.hold("row.price", place("row", "value"), worth in bound, bound, worth)
    if credits_any(rule):
        _check_credit(period, point, at, place("row", "credited"), credited)
    headers = period.bundle.days[d].headers
    if due_of is None or headers is None:
        return
    due = due_of(headers[t], at)
    if not binds_operator(rule) and rule.key.method != FLOW:
        findings.compare("row.allocation", row, due.allocated, allocated)
        if point.credited is not None:
            findings.compare("row.credited", place("row", "credited"), due.credited, credited)
        if rule.key.method == PAIRWISE and point.slot in rule.key.producers:
            pool = headers[t].rounds[rule.key.producers.index(point.slot)][0]
            findings.compare("row.round", place("row", "energy"), energy, pool)
        sums.add(at, due)
        sums.add_flows(rule.key.producers, point.slot, due)
    if rule.key.method != FLOW or binds_operator(rule):
        exact = price_row(rule, headers[t], point.slot, due, feeds_in=point.feeds_in)
        findings.hold("row.value", place("row", "value"), worth in exact, exact, worth)


def _check_credit(period: Period, point: Point, at: Pair, place: Place, credited: int) -> None:
    """Check a credit where totals may be withheld: only who had enough is credited, and a producer by premium alone."""
    (d, t), findings = at, period.findings
    energy, allocated = point.energy[d][t], point.allocated[d][t]
    if period.facts.rule.key.method == INCENTIVE:
        findings.hold("row.credit", place, credited <= energy, f"at most {energy}", credited)
    else:
        full = allocated == energy and not point.feeds_in
        findings.hold("row.credit", place, full or credited == 0, "0, unless all was covered", credited)


def _due_by(period: Period, point: Point) -> Callable[[Header, Pair], Due]:
    """Give the function that says what a point's row is due by a header."""
    rule, slot = period.facts.rule, point.slot
    key, slots = rule.key, period.facts.terms.slots
    if binds_operator(rule) or key.method == FLOW:
        return lambda _, at: Due(point.allocated[at[0]][at[1]])
    if point.feeds_in:
        return lambda header, at: share_producer(
            key, header, point.energy[at[0]][at[1]], slot, (at[1], slots)
        )
    fixed = key.coefficients_ppm[slot] if slot < len(key.coefficients_ppm) else 0
    scheduled = point.coefficients if is_scheduled(rule) else None

    def due(header: Header, at: Pair) -> Due:
        d, t = at
        coefficient = scheduled[d][t] if scheduled is not None else fixed
        return allocate_consumer(key, header, slot, point.energy[d][t], coefficient)

    return due
