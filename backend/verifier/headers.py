"""The totals of each interval: what they must be, beside one's own rows too, and when they may be withheld."""

from __future__ import annotations

from backend.verifier.bounds import DayPoints, bound_totals, entitle_others
from backend.verifier.bundle import Bundle, Header
from backend.verifier.chain import PeriodFacts
from backend.verifier.methods import FLOW, INCENTIVE, PAIRWISE, PRIORITY, binds_operator, count_rounds
from backend.verifier.shares import tier_of
from backend.verifier.value import price_interval
from backend.verifier.verdict import Findings, Place

__all__ = ["check_header", "check_withheld", "list_day_points", "sum_own"]

_CONSUMPTION, _FEED_IN = 0, 1
_PARTICIPANTS_MIN = 5  # behind a figure; below, it would tell about single members


def list_day_points(facts: PeriodFacts) -> tuple[DayPoints, ...]:
    """Give per day the slots that are active, as the chain has them."""
    producers = tuple(
        slot
        for slot, point in enumerate(facts.points)
        if point.direction == _FEED_IN and point.from_day < point.until_day
    )
    return tuple(
        DayPoints(
            facts.rule.key,
            facts.active_slots(day, feeds_in=False),
            facts.active_slots(day, feeds_in=True),
            producers,
        )
        for day in range(facts.terms.day_count)
    )


def check_withheld(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    """Refuse totals that are withheld on some days only, or where no rule of privacy asks for it.

    Without the totals nobody can hold a row against the sharing key, so who sends the bundle must not choose the days.
    """
    withheld = sum(day.headers is None for day in bundle.days)
    place = Place("headers", "days")
    some = f"{withheld} of {len(bundle.days)} days withheld"
    if not findings.hold(
        "header.withheld", place, withheld in {0, len(bundle.days)}, "all days or none withheld", some
    ):
        return
    groups = [len({facts.seats[slot] for slot in slots}) for slots in _groups(facts)]
    private = any(0 < count < _PARTICIPANTS_MIN for count in groups)
    expected = f"headers shown, with {groups} participants behind their figures"
    findings.hold("header.withheld", place, private or not withheld, expected, some)


def _groups(facts: PeriodFacts) -> list[list[int]]:
    """Whose energy the figures of headers sum up: of each direction, of a tier, or of a single producer."""
    key = facts.rule.key
    active = [slot for slot, point in enumerate(facts.points) if point.from_day < point.until_day]
    consumers, producers = (
        [slot for slot in active if facts.points[slot].direction == direction]
        for direction in (_CONSUMPTION, _FEED_IN)
    )
    groups = [consumers, producers]
    if binds_operator(facts.rule):
        return groups
    if key.method == PRIORITY:
        tiers = range(len(key.tier_methods))
        return groups + [[slot for slot in consumers if tier_of(key, slot) == tier] for tier in tiers]
    named = producers if key.method == FLOW else [slot for slot in producers if slot in key.producers]
    return groups + [[slot] for slot in named]


def check_header(
    bundle: Bundle,
    facts: PeriodFacts,
    findings: Findings,
    place: Place,
    points: DayPoints,
    at: tuple[int, int, int],
) -> bool:
    """Check one interval's totals.

    Args:
        bundle: Whose own rows count among them.
        facts: What the chain holds.
        findings: Takes the outcome.
        place: Of the header.
        points: The day's.
        at: Day, interval, and the interval's band.

    Returns:
        Whether the header has the rounds of the key, so that rows can be held against it.
    """
    day, interval, band = at
    headers = bundle.days[day].headers
    assert headers is not None
    header, rule = headers[interval], facts.rule
    findings.compare("header.band", place, band, header.band)
    rounds = count_rounds(rule, len(points.all_producers))
    complete = findings.compare("header.rounds", place, f"{rounds} rounds", f"{len(header.rounds)} rounds")
    if complete:
        for check, ok, expected, found in bound_totals(rule, points, header):
            findings.hold(check, place, ok, expected, found)
        own = {point.slot: point.allocated[day][interval] for point in bundle.points if point.is_active(day)}
        linked = rule.key.method == FLOW and not binds_operator(rule)
        producers = points.all_producers if linked else points.producers
        worth = price_interval(rule, header, band, producers, own)
        findings.hold("header.value", place, header.value in worth, worth, header.value)
        entitled = entitle_others(rule, points, header, own)
        rest = header.allocated - sum_own(bundle, (day, interval), feeds_in=False)[1]
        if entitled is not None:
            findings.hold("header.rest", place, rest <= entitled, f"at most {entitled} of others", rest)
    most = _most_tau(header, facts)
    findings.hold("header.tau", place, header.tau <= most, f"at most {most}", header.tau)
    _check_own(bundle, header, findings, place, (day, interval))
    return complete


def _most_tau(header: Header, facts: PeriodFacts) -> int:
    """Give the most that tau can be: 0 where no producer's part leaves a remainder."""
    rule = facts.rule
    exact = header.allocated in {0, header.feed_in} or binds_operator(rule)
    return 0 if exact or rule.key.method in {PAIRWISE, FLOW, INCENTIVE} else facts.terms.slots


def _check_own(bundle: Bundle, header: Header, findings: Findings, place: Place, at: tuple[int, int]) -> None:
    for feeds_in, total in ((True, header.feed_in), (False, header.consumption)):
        energy, given = sum_own(bundle, at, feeds_in=feeds_in)
        if not findings.hold("header.own", place, energy <= total, f"at least {energy}, one's own", total):
            continue
        # What is left belongs to the neighbours: they have no less than nothing, and share no more than they have.
        rest = header.allocated - given
        expected = f"from {given}, one's own, to {given + total - energy}"
        findings.hold("header.rest", place, 0 <= rest <= total - energy, expected, header.allocated)


def sum_own(bundle: Bundle, at: tuple[int, int], *, feeds_in: bool) -> tuple[int, int]:
    """Energy and allocation of one's own points of a direction. [mWh]"""
    day, interval = at
    points = [point for point in bundle.points if point.feeds_in is feeds_in and point.is_active(day)]
    energy = sum(point.energy[day][interval] for point in points)
    return energy, sum(point.allocated[day][interval] for point in points)
