"""Meter data of a community, for its provider and its grid operator: looked at, decided about.

Every look at readings is logged before anything is handed out.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.idempotency import IdempotencyKey
from backend.api.meter_data_looks import login_names, note_look
from backend.api.provider_schemas import (
    CurveOfReadings,
    DecisionItem,
    DecisionToMake,
    FeederBesidePoints,
    FeederId,
    FirstDay,
    LastDay,
    PointId,
    QualityOverview,
    QualityStep,
    StoredFindings,
)
from backend.api.schemas import CommunityId, Page
from backend.api.spans import YEARS, epoch_of
from backend.errors import InputError
from backend.metering.decisions import SpanTreatment
from backend.quantities.periods import load_time_zone
from backend.services.data_quality import describe_quality
from backend.services.decide_readings import decide_readings
from backend.services.meter_sums import feeder_beside_points
from backend.services.stored_readings import (
    days_between,
    decision_told,
    decisions_told,
    last_days,
)

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.quantities import SettlementPeriod

__all__ = ["router"]

router = guarded_router("/provider/communities/{community}", "meter data")

_DAYS_SHOWN = 31


@router.get("/findings", response_model=StoredFindings)
def findings(
    community: CommunityId, opened: AsksAs, services: ServicesOf, first: FirstDay = None, last: LastDay = None
) -> dict[str, Any]:
    """What a check finds in the stored readings of some days, each with what was decided about it last."""
    days, span = _days(services, community, first, last), services.stored.span(community)
    with services.heavy():
        items = services.stored.findings(community, days) if days else []
    names = login_names(services)
    told = [one | {"decision": _by_name(one["decision"], names)} for one in items]
    note_look(services, opened, community, [one["metering_point"] for one in items], "findings")
    return {
        **_told_days(days),
        "stored_from_utc": span[0] if span else None,
        "stored_until_utc": span[1] if span else None,
        "items": told,
    }


@router.get("/curve", response_model=CurveOfReadings)
def curve(
    *,
    community: CommunityId,
    metering_point: PointId,
    opened: AsksAs,
    services: ServicesOf,
    first: FirstDay = None,
    last: LastDay = None,
) -> dict[str, Any]:
    """A point's intervals: energy, quality in our word and the source's, what was decided, what an estimate is.

    Beside them what its register counted from read to read, where it was read.
    """
    days = _days(services, community, first, last)
    if days is None:
        raise InputError("No readings are stored yet; there is no curve.")
    told = services.stored.curve(community, metering_point, days)
    note_look(services, opened, community, [metering_point], f"curve {days.first}")
    return told


@router.get("/feeders/{feeder}", response_model=FeederBesidePoints)
def feeder_days(
    *,
    community: CommunityId,
    feeder: FeederId,
    opened: AsksAs,
    services: ServicesOf,
    first: FirstDay = None,
    last: LastDay = None,
) -> dict[str, Any]:
    """What went down a feeder, beside what the points behind it took, day by day."""
    days = _days(services, community, first, last)
    if days is None:
        raise InputError("No readings are stored yet; there is nothing to compare.")
    with services.heavy():
        told = feeder_beside_points(services.settled, community, feeder, days)
    note_look(services, opened, community, told["metering_points"], f"feeder {days.first}")
    return told


@router.get("/decisions", response_model=Page[DecisionItem])
def decisions(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What was decided about readings, the newest first."""
    names = login_names(services)
    told = decisions_told(services.settled, community)
    note_look(services, opened, community, [one["metering_point"] for one in told], "decisions")
    return {"items": [_by_name(one, names) for one in told], "next_cursor": None}


@router.post("/decisions", response_model=DecisionItem, status_code=201)
def decide(
    community: CommunityId,
    body: DecisionToMake,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Take readings as they are, estimate or return them; settling again restates what they touch."""

    def perform() -> dict[str, Any]:
        with services.wiring.writing("decide about readings"):
            decision = decide_readings(
                services.context,
                community,
                body.metering_point,
                (epoch_of(body.start, "start"), epoch_of(body.end, "end")),
                SpanTreatment(body.treatment),
                reason=body.reason,
                rule=body.rule,
                user=opened.user.id,
            )
        return _by_name(decision_told(decision), login_names(services)) or {}

    return services.once.perform(key, opened.user.id, f"decide {community} {body.model_dump_json()}", perform)


@router.get("/quality", response_model=QualityOverview)
def quality(
    *,
    community: CommunityId,
    opened: AsksAs,
    services: ServicesOf,
    first: FirstDay = None,
    last: LastDay = None,
    step: QualityStep = "day",
) -> dict[str, Any]:
    """How complete, how late and how often estimated the readings are: by point, by grid operator, over time."""
    days = _days(services, community, first, last)
    if days is None:
        return {**_told_days(None), "by": step, "total": None, "operators": [], "trend": [], "points": []}
    members = services.settled.community(community).community
    with services.heavy():
        counted = services.reading_quality.daily(community, days, members.time_zone)
        told = describe_quality(members, counted, days, step)
    note_look(services, opened, community, [one["metering_point"] for one in told["points"]], "quality")
    return {**_told_days(days), "by": step, **told}


def _days(
    services: Services, community: str, first: date | None, last: date | None
) -> SettlementPeriod | None:
    """The days that are asked for; without, the last month that something is stored of."""
    members = services.settled.community(community).community
    zone = load_time_zone(members.time_zone)
    for day in (first, last):
        if day is not None and not YEARS[0] < day.year < YEARS[1]:
            raise InputError(f"{day} is too far away; give a day between {YEARS[0]} and {YEARS[1]}.")
    stored = last_days(services.stored.span(community), _DAYS_SHOWN, zone)
    if first is None and last is None:
        return stored
    if first is None or last is None:
        raise InputError("Give both from and to, or neither.")
    return days_between(first, last)


def _told_days(days: SettlementPeriod | None) -> dict[str, Any]:
    if days is None:
        return {"first": None, "last": None}
    return {"first": days.first, "last": date.fromordinal(days.until.toordinal() - 1)}


def _by_name(decision: dict[str, Any] | None, names: dict[str, str]) -> dict[str, Any] | None:
    return decision and decision | {"decided_by": names.get(decision["decided_by"], decision["decided_by"])}
