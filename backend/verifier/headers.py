"""The totals of each interval: what they must be, beside one's own rows too, and when they may be withheld."""

from __future__ import annotations

from backend.verifier.bundle import Bundle, Header
from backend.verifier.chain import PeriodFacts
from backend.verifier.shares import DYNAMIC
from backend.verifier.verdict import Findings, Place

__all__ = ["check_header", "check_withheld"]

_CONSUMPTION, _FEED_IN = 0, 1
_PARTICIPANTS_MIN = 5  # of a direction; below, the totals of an interval would tell about single members


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
    participants = [
        len(
            {
                seat
                for seat, point in zip(facts.seats, facts.points, strict=True)
                if point.direction == direction and point.from_day < point.until_day
            }
        )
        for direction in (_CONSUMPTION, _FEED_IN)
    ]
    private = any(0 < count < _PARTICIPANTS_MIN for count in participants)
    expected = f"headers shown, with {participants[0]} consumers and {participants[1]} producers"
    findings.hold("header.withheld", place, private or not withheld, expected, some)


def check_header(
    bundle: Bundle, facts: PeriodFacts, findings: Findings, place: Place, header: Header, at: tuple[int, int]
) -> None:
    """Check one interval's totals.

    Args:
        bundle: Whose own rows count among them.
        facts: What the chain holds.
        findings: Takes the outcome.
        place: Of the header.
        header: The totals [mWh].
        at: Day and interval.
    """
    least, most = _bounds(header, facts, at[0])
    allocated = header.allocated
    findings.hold("header.allocated", place, least <= allocated <= most, f"from {least} to {most}", allocated)
    most = facts.terms.slots if header.feed_in else 0
    findings.hold("header.tau", place, header.tau <= most, f"at most {most}", header.tau)
    for feeds_in, total in ((True, header.feed_in), (False, header.consumption)):
        energy, given = _own(bundle, at, feeds_in=feeds_in)
        if not findings.hold("header.own", place, energy <= total, f"at least {energy}, one's own", total):
            continue
        # What is left belongs to the neighbours: they have no less than nothing, and share no more than they have.
        rest = allocated - given
        expected = f"from {given}, one's own, to {given + total - energy}"
        findings.hold("header.rest", place, 0 <= rest <= total - energy, expected, allocated)


def _bounds(header: Header, facts: PeriodFacts, day: int) -> tuple[int, int]:
    """Least and most that consumers can have been given in all. [mWh]"""
    most = min(header.feed_in, header.consumption)
    if facts.rule.method != DYNAMIC or header.feed_in >= header.consumption:
        return (most if facts.rule.method == DYNAMIC else 0), most
    consumers = sum(
        point.direction == _CONSUMPTION and point.from_day <= day < point.until_day for point in facts.points
    )
    # Each part is floored, so each but one can lose almost a milliwatt-hour.
    return max(most - max(consumers - 1, 0), 0), most


def _own(bundle: Bundle, at: tuple[int, int], *, feeds_in: bool) -> tuple[int, int]:
    """Energy and allocation of one's own points of a direction. [mWh]"""
    day, interval = at
    points = [point for point in bundle.points if point.feeds_in is feeds_in and point.is_active(day)]
    energy = sum(point.energy[day][interval] for point in points)
    return energy, sum(point.allocated[day][interval] for point in points)
