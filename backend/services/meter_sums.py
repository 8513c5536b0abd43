"""What meters of sums counted beside the intervals: registers span by span, meters of feeders day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from backend.community.tables import name_nearest
from backend.errors import InputError, NotFoundError
from backend.metering.conformity.registers import add_feeder_days, compare_register
from backend.metering.inspection import inspect
from backend.quantities import PeriodCalendar
from backend.services.check_basis import feeder_meters
from backend.services.voted_checks import terms_of_period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community, Feeder, MeteringPoint
    from backend.metering.conformity.terms import FeederTerms, RegisterTerms
    from backend.metering.inspection import FeederMeter
    from backend.ports import IntervalStore, RuleVersionRecord
    from backend.quantities import SettlementPeriod
    from backend.services.context import CommunityView
    from backend.services.settled_periods import SettledPeriods

__all__ = ["FEEDER_DAYS_MAX", "feeder_beside_points", "registers_beside_intervals"]

FEEDER_DAYS_MAX = 92
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class _Some:
    """Some points of a community, as an inspection takes them."""

    time_zone: str
    resolution_minutes: int
    metering_points: tuple[MeteringPoint, ...]


def registers_beside_intervals(
    intervals: IntervalStore,
    members: Community,
    point: MeteringPoint,
    calendar: PeriodCalendar,
    terms: RegisterTerms,
) -> list[dict[str, Any]]:
    """What a point's register counted beside what its intervals add up to, in spans between reads that touch some days.

    Args:
        intervals: Register reads, and readings as they were delivered.
        members: The community.
        point: The metering point.
        calendar: Of the days.
        terms: What they may differ by.

    Returns:
        In order of time. ``apart_milliwatt_hours`` is what tolerance does not cover, zero where they agree;
        ``missing`` how many intervals have no reading. Empty without register reads.
    """
    reads = intervals.register_reads(members.id, [point.id], calendar.start_utc, calendar.end_utc)
    instants = {read.instant_utc for read in reads.get(point.id, ())}
    whole = (min(instants, default=0), max(instants, default=0))
    if whole[0] == whole[1]:
        return []
    table = intervals.readings(members.id, [point.id], *whole)
    alone = _Some(members.time_zone, members.resolution_minutes, (point,))
    inspection = inspect(table, alone, *whole, registers=reads)
    return [
        {
            "start_utc": one.span.start_utc,
            "end_utc": one.span.end_utc,
            "register_milliwatt_hours": one.span.energy,
            "intervals_milliwatt_hours": one.counted,
            "apart_milliwatt_hours": one.excess,
            "limit_milliwatt_hours": one.limit,
            "missing": one.missing,
        }
        for one in compare_register(inspection, inspection.series[0], terms)
    ]


def feeder_beside_points(
    settled: SettledPeriods, community: str, feeder: str, days: SettlementPeriod
) -> dict[str, Any]:
    """What a feeder's meter counted beside the points behind it, by civil day, by the terms in force each day.

    Args:
        settled: Where to look.
        community: Its id.
        feeder: Its id.
        days: At most ``FEEDER_DAYS_MAX``.

    Returns:
        ``metering_points`` are those behind it; a day's energies are None where a reading of the feeder or of a point
        is missing. ``apart_milliwatt_hours`` is what losses do not explain.

    Raises:
        NotFoundError: If there is no such feeder.
        InputError: If the days are too many.
    """
    if days.days > FEEDER_DAYS_MAX:
        raise InputError(
            f"A feeder is shown for at most {FEEDER_DAYS_MAX} days, not {days.days}; ask for fewer."
        )
    view = settled.community(community)
    members = view.community
    named = next((one for one in members.feeders if one.id == feeder), None)
    if named is None:
        known = [one.id for one in members.feeders]
        raise NotFoundError(f"Community {community} has no feeder {feeder!r}; {name_nearest(feeder, known)}")
    with settled.store.reading() as records:
        versions = records.rule_versions(community)
    behind = [
        one.id
        for one in members.metering_points
        if not named.metering_points or one.id in named.metering_points
    ]
    calendar = PeriodCalendar(days, members.time_zone, members.resolution_minutes)
    meter = _meter_of(settled.intervals, members, named)
    return {
        "feeder": named.id,
        "number": named.number,
        "metering_points": behind,
        "days": _days_told(settled.intervals, view, versions, calendar, meter, behind),
    }


def _meter_of(intervals: IntervalStore, members: Community, feeder: Feeder) -> FeederMeter | None:
    """Its readings of all that is stored: what was delivered never says what counts as nothing flown."""
    span = intervals.span(members.id)
    meters = feeder_meters(intervals, members, span) if span else ()
    return next((one for one in meters if one.id == feeder.id), None)


def _days_told(
    intervals: IntervalStore,
    view: CommunityView,
    versions: Sequence[RuleVersionRecord],
    calendar: PeriodCalendar,
    meter: FeederMeter | None,
    behind: Sequence[str],
) -> list[dict[str, Any]]:
    members, first = view.community, calendar.period.first
    dates = [first + timedelta(days=place) for place in range(calendar.period.days)]
    names = (
        *("drawn_milliwatt_hours", "given_milliwatt_hours", "consumption_milliwatt_hours"),
        *("feed_in_milliwatt_hours", "losses_milliwatt_hours", "tolerance_milliwatt_hours"),
        "apart_milliwatt_hours",
    )
    nothing = dict.fromkeys(names)
    if meter is None:
        return [{"day": day, **nothing} for day in dates]
    points = tuple(one for one in members.metering_points if one.id in behind)
    table = intervals.readings(members.id, behind, calendar.start_utc, calendar.end_utc)
    some = _Some(members.time_zone, members.resolution_minutes, points)
    counted = add_feeder_days(inspect(table, some, calendar.start_utc, calendar.end_utc), meter)
    assert counted is not None, "all points behind a feeder are the community's"
    told = []
    for place, day in enumerate(dates):
        terms = _terms_on(view, versions, day)
        arrays = (
            *(counted.drawn, counted.given, counted.consumption, counted.feed_in),
            *(counted.losses(terms), counted.tolerance(terms), counted.apart(terms)),
        )
        energies = {name: int(values[place]) for name, values in zip(names, arrays, strict=True)}
        told.append({"day": day, **(energies if counted.whole[place] else nothing)})
    return told


def _terms_on(view: CommunityView, versions: Sequence[RuleVersionRecord], day: date) -> FeederTerms:
    return terms_of_period(view, versions, day.toordinal() - _EPOCH_DAY).feeder
