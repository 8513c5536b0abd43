"""What a run rests on beside its readings: a schedule, what links cost, or the grid operator's allocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.community import AllocationSource
from backend.errors import NotFoundError, PeriodError
from backend.ports import NO_BASIS
from backend.services.commit import PeriodCommitments, hex_of
from backend.services.flow_costs import FLOW, link_costs_of
from backend.services.operator_allocation import allocation_of, require_allocation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.commitments import LinkCosts
    from backend.community import Rule
    from backend.ports import PeriodRecord, ScheduleRecord
    from backend.quantities import PeriodCalendar
    from backend.services.context import SettlementContext
    from backend.services.operator_allocation import OperatorRows

__all__ = ["AHEAD", "SCHEDULED", "RunBasis", "basis_named", "basis_of", "require_basis", "schedule_of"]

SCHEDULED = "scheduled"
AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class RunBasis:
    """What a run rests on.

    Attributes:
        id: What the proposal names, 0x-hex: a schedule's id, the salted hash of the operator's files, the root over
            what links cost, or zero.
        coefficients: Of a scheduled key, shape (slots, T). [ppm]
        operator: The grid operator's allocation, where it binds.
        costs: What links cost, of ``flow``.
    """

    id: str = NO_BASIS
    coefficients: NDArray[np.int64] | None = None
    operator: OperatorRows | None = None
    costs: LinkCosts | None = None


def require_basis(context: SettlementContext, community: str, calendar: PeriodCalendar, rule: Rule) -> None:
    """Refuse, before anything is announced, to settle by what nobody handed in.

    Raises:
        PeriodError: Saying what to hand in, and how.
    """
    if rule.source is AllocationSource.OPERATOR:
        require_allocation(context, community, calendar)
    elif rule.sharing_key.method == SCHEDULED:
        with context.store.reading() as records:
            if records.schedules(community, calendar.period.id):
                return
        label = calendar.period.label
        raise PeriodError(
            f"no coefficients were handed in for {label} of {community}, and its key is {SCHEDULED!r}; hand them in "
            f"with: partage schedule load {community} FILE --period {label}"
        )


def basis_of(
    context: SettlementContext, record: PeriodRecord, calendar: PeriodCalendar, rule: Rule
) -> RunBasis:
    """What a run that is proposed now has to rest on.

    Raises:
        PeriodError: If the schedule that binds is missing, or the operator's allocation is not whole.
    """
    if rule.source is AllocationSource.OPERATOR:
        rows = allocation_of(context, record, calendar)
        return RunBasis(rows.basis, operator=rows)
    if rule.sharing_key.method == SCHEDULED:
        schedule = schedule_of(context, record, calendar, rule)
        figures = context.intervals.schedule(record.community, record.period, schedule.version)
        return RunBasis(schedule.schedule_id, figures)
    return _of_links(context, record, calendar, rule) if rule.sharing_key.method == FLOW else RunBasis()


def basis_named(
    context: SettlementContext, record: PeriodRecord, calendar: PeriodCalendar, rule: Rule, basis: str
) -> RunBasis:
    """What an earlier run rested on, as it was then; what links cost, as it is today.

    Raises:
        NotFoundError: If it is not kept.
    """
    if rule.source is AllocationSource.OPERATOR:
        return RunBasis(basis, operator=allocation_of(context, record, calendar, basis))
    if rule.sharing_key.method == FLOW:
        return _of_links(context, record, calendar, rule)
    if rule.sharing_key.method != SCHEDULED:
        return RunBasis()
    with context.store.reading() as records:
        schedules = records.schedules(record.community, record.period)
    version = next((schedule.version for schedule in schedules if schedule.schedule_id == basis), None)
    if version is None:
        raise NotFoundError(
            f"the schedule {basis[:10]}... of {calendar.period.label} is not kept here; restore it from a backup."
        )
    return RunBasis(basis, context.intervals.schedule(record.community, record.period, version))


def _of_links(
    context: SettlementContext, record: PeriodRecord, calendar: PeriodCalendar, rule: Rule
) -> RunBasis:
    view = context.community(record.community)
    costs = link_costs_of(view, record, rule)
    commitments = PeriodCommitments(view.record.anchor, record, (), calendar.intervals_per_day)
    return RunBasis(hex_of(commitments.costs(costs).root), costs=costs)


def schedule_of(
    context: SettlementContext, record: PeriodRecord, calendar: PeriodCalendar, rule: Rule
) -> ScheduleRecord:
    """The schedule that binds: the latest, or the latest that was handed in before the period began.

    Raises:
        PeriodError: If there is none.
    """
    with context.store.reading() as records:
        schedules = records.schedules(record.community, record.period)
    ahead = rule.sharing_key.schedule == AHEAD
    for schedule in reversed(schedules):
        told = context.chain.read("schedule_book", "schedule", schedule.schedule_id)
        if told["handedInAt"] and (not ahead or told["handedInAt"] < calendar.start_utc):
            return schedule
    when = " before it began" if ahead else ""
    raise PeriodError(
        f"no coefficients of {record.label} of {record.community} were handed in{when}; the rule asks for that, so "
        "the period cannot be settled by them: the members have to vote another rule."
    )
