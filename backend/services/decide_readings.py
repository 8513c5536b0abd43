"""Decide about readings that a check found fault with: take them as they are, estimate them, return them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.community import Direction
from backend.community.tables import name_nearest
from backend.errors import InputError, NotFoundError
from backend.metering.decisions import SpanTreatment
from backend.ports.treatment_records import ReadingDecision
from backend.services.coverage import span_of

if TYPE_CHECKING:
    from backend.services.context import SettlementContext

__all__ = ["REASON_MAX", "decide_readings"]

REASON_MAX = 500  # characters
SPAN_SECONDS_MAX = 400 * 86_400
AROUND_SECONDS = 31 * 86_400  # a gap at the end of what is stored may be decided about too


def decide_readings(
    context: SettlementContext,
    community: str,
    metering_point: str,
    span: tuple[int, int],
    treatment: SpanTreatment,
    *,
    reason: str,
    rule: str = "",
    user: str = "",
) -> ReadingDecision:
    """Decide about a span of a point's readings; what they touch is restated when it is settled again.

    The same decision made again, while nothing new was loaded and nothing else decided about the point, is the one that
    is there.

    Args:
        context: Ports.
        community: Its id.
        metering_point: Whose readings.
        span: First start and last end, on the grid of the community's intervals. [s since 1970, UTC]
        treatment: What is done with them.
        reason: Why, in words.
        rule: Of the finding that is answered, empty where it answers none.
        user: Id of who decides, empty for a command.

    Raises:
        NotFoundError: If the community has no such point.
        PeriodError: If it has no readings yet.
        InputError: If the span is empty, too long, off the grid or far from all readings, the reason is empty or too
            long, or an estimate is asked for feed-in.
    """
    members = context.community(community).community
    point = members.metering_point(metering_point)
    if point is None:
        known = [one.id for one in members.metering_points]
        raise NotFoundError(
            f"Community {community} has no metering point {metering_point!r}; {name_nearest(metering_point, known)}"
        )
    if treatment is SpanTreatment.ESTIMATED and point.direction == Direction.FEED_IN:
        raise InputError(
            f"{metering_point} feeds in, and feed-in is never estimated; return its readings to the operator, or "
            "accept them."
        )
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_MAX:
        raise InputError(f"Give a reason of 1 to {REASON_MAX} characters; this one has {len(reason)}.")
    _require_span(span, 60 * members.resolution_minutes, span_of(context, community))
    loads = len(context.intervals.loads(community))
    with context.store.transaction() as records:
        decisions = records.decisions(community)
        decision = ReadingDecision(
            community=community,
            number=decisions[-1].number + 1 if decisions else 1,
            metering_point=metering_point,
            start_utc=span[0],
            end_utc=span[1],
            treatment=treatment,
            rule=rule,
            reason=reason,
            loads=loads,
            decided_by=user,
            decided_utc=context.clock.now_utc(),
        )
        of_point = [one for one in decisions if one.metering_point == metering_point]
        if of_point and _what(of_point[-1]) == _what(decision):
            return of_point[-1]
        records.add_decision(decision)
    return decision


def _what(decision: ReadingDecision) -> tuple[int, int, SpanTreatment, str, int]:
    """What a decision says, but for who made it when and in which words."""
    return (
        decision.start_utc,
        decision.end_utc,
        decision.treatment,
        decision.rule,
        decision.loads,
    )


def _require_span(span: tuple[int, int], step: int, stored: tuple[int, int]) -> None:
    start, end = span
    words = " to ".join(_instant(instant) for instant in span)
    if start % step or end % step:
        raise InputError(
            f"{words} is not on the grid of {step // 60}-minute intervals; begin and end where one begins."
        )
    if not start < end <= start + SPAN_SECONDS_MAX:
        raise InputError(
            f"{words} is no span that can be decided about; give at least one interval and at most "
            f"{SPAN_SECONDS_MAX // 86_400} days."
        )
    if end <= stored[0] - AROUND_SECONDS or stored[1] + AROUND_SECONDS <= start:
        raise InputError(
            f"No readings are stored around {words}; they reach from {_instant(stored[0])} to {_instant(stored[1])}."
        )


def _instant(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%MZ}"
