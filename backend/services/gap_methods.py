"""How the gaps of a period are estimated by its rule, and what that takes beside readings.

Similar days take readings alone. Profiled estimates take what registers counted, of the loads that were known, and the
public holidays of the community's country; both are told in the hash of a batch's inputs, so that a batch is rebuilt
from what it was made of or not at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backend.community import GapTreatment
from backend.metering.conformity import register_spans
from backend.metering.conformity.terms import PROFILED
from backend.metering.estimation import HISTORY_DAYS
from backend.metering.profiled import Profiling
from backend.services.check_basis import holidays_within
from backend.services.treatments import inputs_hash, known_then

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community, ConformityLimits, Rule
    from backend.ports import BatchRecord, IntervalStore, PeriodRecord
    from backend.ports.holidays import HolidayDates
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.treatments import Treatments

__all__ = [
    "HISTORY_SECONDS",
    "estimation_words",
    "gap_method",
    "known_loads",
    "made_with",
    "method_of_period",
    "name_inputs",
    "rule_of_period",
]

HISTORY_SECONDS = HISTORY_DAYS * 86_400


def gap_method(
    intervals: IntervalStore,
    holidays: HolidayDates,
    members: Community,
    limits: ConformityLimits,
    calendar: PeriodCalendar,
    points: Sequence[str],
    loads: Sequence[str] | None = None,
) -> Profiling | None:
    """What profiled estimates of a period rest on; None where its rule has gaps filled otherwise, or not at all.

    Args:
        intervals: Register reads.
        holidays: Of countries.
        members: The community.
        limits: Of the rule.
        calendar: The period's intervals.
        points: Metering point ids.
        loads: Ids of the loads that are known; None for all.
    """
    if not _profiles(limits):
        return None
    start, end = _reach(calendar)
    reads = intervals.register_reads(members.id, points, start, end, loads)
    spans = {
        point: tuple(
            one for one in register_spans(reads[point]) if start <= one.start_utc <= one.end_utc <= end
        )
        for point in sorted(reads)
    }
    margin = timedelta(days=HISTORY_DAYS)
    first, until = calendar.period.first - margin, calendar.period.until + margin
    free = holidays_within(holidays, members, (start, end))
    return Profiling(
        frozenset(day for day in free if first <= day < until),
        {point: here for point, here in spans.items() if here},
    )


def _profiles(limits: ConformityLimits) -> bool:
    return limits.gaps is GapTreatment.ESTIMATE and limits.terms.estimation.method == PROFILED


def estimation_words(method: Profiling | None) -> list[str]:
    """A line for each thing that estimates rest on beside readings; none of similar days."""
    if method is None:
        return []
    return [
        *(f"holiday {day}" for day in sorted(method.holidays)),
        *(
            f"register {point} {span.start_utc} {span.end_utc} {span.energy} and {span.hidden}"
            for point in sorted(method.registers)
            for span in method.registers[point]
        ),
    ]


def rule_of_period(context: SettlementContext, view: CommunityView, record: PeriodRecord) -> Rule:
    """The rule that a period was opened with."""
    with context.store.reading() as records:
        versions = records.rule_versions(record.community)
    return view.rule_of(next(one for one in versions if one.version == record.rule_version))


def method_of_period(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    loads: Sequence[str],
) -> Profiling | None:
    """As ``gap_method``, by the rule that the period was opened with."""
    limits = rule_of_period(context, view, record).limits
    points = [term["point"] for term in record.terms]
    return gap_method(context.intervals, context.holidays, view.community, limits, calendar, points, loads)


def known_loads(
    context: SettlementContext, view: CommunityView, calendar: PeriodCalendar, record: PeriodRecord
) -> list[str]:
    """Ids of all loads that a period's readings may depend on, in order of arrival."""
    start, end = _reach(calendar)
    intervals, community = context.intervals, record.community
    known = intervals.loads_within(community, start, end)
    if not _profiles(rule_of_period(context, view, record).limits):
        return known
    points = [term["point"] for term in record.terms]
    either = {*known, *intervals.register_loads(community, points, start, end)}
    return [load.id for load in intervals.loads(community) if load.id in either]


def name_inputs(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    loads: Sequence[str],
    treatments: Treatments,
) -> str:
    """The hash of everything that a batch of these loads is a function of."""
    method = method_of_period(context, view, calendar, record, loads)
    return inputs_hash(record, loads, treatments, estimation_words(method))


def made_with(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    batch: BatchRecord,
    treatments: Treatments,
) -> Treatments | None:
    """What was decided about readings when a batch was made, by the hash of its inputs; None where it is not known."""
    method = method_of_period(context, view, calendar, record, batch.loads)
    return known_then(record, batch, treatments, estimation_words(method))


def _reach(calendar: PeriodCalendar) -> tuple[int, int]:
    """What estimates look at. [s since 1970, UTC]"""
    return calendar.start_utc - HISTORY_SECONDS, calendar.end_utc + HISTORY_SECONDS
