"""Which days the stored readings of a community cover, said before anything is done for a day that they do not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend.errors import PeriodError
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.quantities import PeriodCalendar
    from backend.services.context import SettlementContext

__all__ = ["loads_of", "span_of"]


def span_of(context: SettlementContext, community: str) -> tuple[int, int]:
    """First start and last end of a community's readings. [s since 1970, UTC]

    Raises:
        PeriodError: If there are none.
    """
    span = context.intervals.span(community)
    if span is None:
        raise PeriodError(
            f"there are no readings of {community} yet; load them with: partage readings load FILE"
        )
    return span


def loads_of(context: SettlementContext, community: str, calendar: PeriodCalendar) -> Sequence[str]:
    """Ids of the loads that reach into a period.

    Raises:
        PeriodError: If none does; the message says which days the readings cover.
    """
    loads = context.intervals.loads_within(community, calendar.start_utc, calendar.end_utc)
    if loads:
        return loads
    start, end = span_of(context, community)
    zone = load_time_zone(calendar.time_zone)
    first, last = (datetime.fromtimestamp(instant, zone).date() for instant in (start, end - 1))
    raise PeriodError(
        f"there are no readings of {community} in {calendar.period.label}: they reach from {first} to {last}. "
        "Choose a month among these days, or load more with: partage readings load FILE"
    )
