"""Forecasts: members see their own and the community's, operators all of the community; every other answer is 404."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.forecast_schemas import (
    Accuracy,
    Advice,
    AskedCommunity,
    AskedPoints,
    AskedSubject,
    AskedTarget,
    ForecastAnswer,
    Hours,
    KnownAt,
    LimitAt,
    ModelAnswer,
    ModelId,
    ModelItem,
    OriginAt,
    SubjectItem,
)
from backend.api.meter_data_looks import note_look
from backend.api.schemas import Page
from backend.api.spans import epoch_of
from backend.errors import NotFoundError
from backend.services.forecasts.advice import tell_advice
from backend.services.forecasts.on_demand import tell_points
from backend.services.forecasts.subjects import Subject, SubjectKind, parse_subject
from backend.services.forecasts.train import TOGETHER
from backend.services.forecasts.viewers import Viewer
from backend.services.forecasts.views import (
    tell_accuracy,
    tell_forecast,
    tell_model,
    tell_models,
    tell_subjects,
)

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.community import Community
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("/forecasts", "forecasts")


@router.get("/subjects", response_model=Page[SubjectItem])
def subjects(
    *,
    opened: AsksAs,
    services: ServicesOf,
    community: AskedCommunity = None,
    point: AskedPoints = None,
) -> dict[str, Any]:
    """What forecasts are kept of, that the caller may see; and what can be forecast of named metering points."""
    members, points = _members(services, opened, community), point or ()
    viewer = _viewer(opened, members)
    for name in points:
        viewer.require(members, Subject(SubjectKind.POINT, name))
    kept = tell_subjects(services.forecasts, members, viewer)
    known = {(one["subject"], one["target"]) for one in kept}
    made = [one for one in tell_points(members, points) if (one["subject"], one["target"]) not in known]
    return {"items": [*kept, *made], "next_cursor": None}


@router.get("", response_model=ForecastAnswer)
def forecast(
    *,
    opened: AsksAs,
    services: ServicesOf,
    community: AskedCommunity = None,
    subject: AskedSubject = None,
    target: AskedTarget = "load",
    origin: OriginAt = None,
    known: KnownAt = None,
    hours: Hours = None,
    limit: LimitAt = None,
) -> dict[str, Any]:
    """A forecast with quantiles, beside what came: the newest, that of an origin, or what was known at a time."""
    members = _members(services, opened, community)
    chosen = _subject(opened, members, subject)
    # Of a metering point it may have to be made.
    with services.heavy() if chosen.kind is SubjectKind.POINT else nullcontext():
        told = tell_forecast(
            services.forecasts,
            members,
            chosen,
            target,
            origin_utc=None if origin is None else epoch_of(origin, "origin"),
            known_utc=None if known is None else epoch_of(known, "known"),
            hours=hours,
            limit=limit,
        )
    _note(services, opened, members, chosen, f"forecast of {target}")
    return told


@router.get("/accuracy", response_model=Accuracy)
def accuracy(
    *,
    opened: AsksAs,
    services: ServicesOf,
    community: AskedCommunity = None,
    subject: AskedSubject = None,
    target: AskedTarget = "load",
) -> dict[str, Any]:
    """How good forecasts were, by lead and by group, how calibrated, and beside the seasonal naive."""
    members = _members(services, opened, community)
    chosen = _subject(opened, members, subject)
    told = tell_accuracy(services.forecasts, members, chosen, target)
    _note(services, opened, members, chosen, f"accuracy of {target}")
    return told


@router.get("/advice", response_model=Advice)
def advice(opened: AsksAs, services: ServicesOf, community: AskedCommunity = None) -> dict[str, Any]:
    """When to use energy tomorrow, and what that saves: of one's own home."""
    members = _members(services, opened, community)
    own = opened.user.participant
    if not own or opened.user.community != members.id:
        raise NotFoundError("Advice is for the homes of a community; this log-in is none's.")
    with services.heavy():
        return tell_advice(services.forecasts, members, own)


@router.get("/models", response_model=Page[ModelItem])
def models(
    *,
    opened: AsksAs,
    services: ServicesOf,
    community: AskedCommunity = None,
    subject: AskedSubject = None,
    target: AskedTarget | None = None,
) -> dict[str, Any]:
    """Models that were trained, what was trained last first."""
    members = _members(services, opened, community)
    items = tell_models(services.forecasts, members, _viewer(opened, members), subject or "", target or "")
    return {"items": items, "next_cursor": None}


@router.get("/models/{model}", response_model=ModelAnswer)
def model_card(
    model: ModelId, opened: AsksAs, services: ServicesOf, community: AskedCommunity = None
) -> dict[str, Any]:
    """A model's card: what it learned from, how good it was, and where its hash is anchored."""
    members = _members(services, opened, community)
    told = tell_model(services.forecasts, members, _viewer(opened, members), model)
    if told["subject"] != TOGETHER:
        _note(services, opened, members, parse_subject(told["subject"]), f"model of {told['target']}")
    return told


def _members(services: Services, opened: OpenSession, community: str | None) -> Community:
    """The community that is asked about, if it is the caller's.

    Raises:
        NotFoundError: If it is not, or none is named by a log-in that is in none.
    """
    named = community or opened.user.community
    if not named or opened.user.community not in {"", named}:
        raise NotFoundError(f"There is no community {named!r} here.")
    return services.forecasts.members(named)


def _viewer(opened: OpenSession, members: Community) -> Viewer:
    own = opened.user.participant if opened.user.community == members.id else ""
    return Viewer(own, everything="operator" in opened.user.roles)


def _subject(opened: OpenSession, members: Community, asked: str | None) -> Subject:
    """What is asked about, if the caller may see it.

    Raises:
        InputError: If it is malformed.
        NotFoundError: If the caller may not, or there is none.
    """
    viewer = _viewer(opened, members)
    if asked is None:
        own = Subject(SubjectKind.HOME, viewer.participant)
        return own if viewer.participant and not viewer.everything else Subject(SubjectKind.COMMUNITY)
    subject = parse_subject(asked)
    viewer.require(members, subject)
    return subject


def _note(services: Services, opened: OpenSession, members: Community, subject: Subject, what: str) -> None:
    """Log whose data are looked at; the community's sums are nobody's."""
    if subject.kind is not SubjectKind.COMMUNITY:
        points = services.forecasts.histories.points_behind(members, subject)
        note_look(services, opened, members.id, points, what)
