"""Check the stored readings of a community, and return those of a faulty point to the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.community.tables import name_nearest
from backend.errors import NotFoundError
from backend.ports import PointTreatment
from backend.quantities import PeriodCalendar
from backend.services.check_basis import gather_basis
from backend.services.coverage import loads_of, span_of
from backend.services.ruled_readings import ruled_findings
from backend.services.voted_checks import check_as_voted, check_period

if TYPE_CHECKING:
    from backend.metering import Finding
    from backend.quantities import SettlementPeriod
    from backend.services.context import SettlementContext

__all__ = ["check_readings", "return_point"]


def check_readings(
    context: SettlementContext, community: str, period: SettlementPeriod | None = None
) -> list[Finding]:
    """Check all stored history of a community, or report on one period of it.

    The rules always see the whole history: some know a fault by its course over weeks and seasons. A period is looked
    at by the terms that it is settled by, all history by those in force at each date.

    Returns:
        What was found, worst first.

    Raises:
        PeriodError: If there are no readings, or none in the period.
    """
    view = context.community(community)
    span = span_of(context, community)
    members, calendar = view.community, None
    if period is not None:
        calendar = PeriodCalendar(period, members.time_zone, members.resolution_minutes)
        loads_of(context, community, calendar)
    with context.store.reading() as records:
        versions = records.rule_versions(community)
    table = context.intervals.readings(community, [point.id for point in members.metering_points], *span)
    basis = gather_basis(context.intervals, context.holidays, members, span)
    if calendar is not None:
        found = check_period(view, versions, table, basis, calendar)
        return [*found, *ruled_findings(context.intervals, view, calendar.start_utc, calendar.end_utc)]
    found = check_as_voted(view, versions, table, basis, start_utc=span[0], end_utc=span[1])
    return [*found, *ruled_findings(context.intervals, view, *span)]


def return_point(
    context: SettlementContext, community: str, metering_point: str, reason: str
) -> PointTreatment:
    """Return a point's readings to the operator: from now on they count as missing, and settlements are restated.

    Raises:
        NotFoundError: If the community has no such point.
    """
    view = context.community(community)
    if view.community.metering_point(metering_point) is None:
        known = [point.id for point in view.community.metering_points]
        raise NotFoundError(
            f"community {community} has no metering point {metering_point!r}; {name_nearest(metering_point, known)}"
        )
    with context.store.transaction() as records:
        for treatment in records.treatments(community):
            if treatment.metering_point == metering_point:
                return treatment
        treatment = PointTreatment(community, metering_point, "returned", reason, context.clock.now_utc())
        records.add_treatment(treatment)
    return treatment
