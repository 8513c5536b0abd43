"""Who served a metering point in an interval, and why not more: to its owner, and to the grid operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.schemas import CommunityId, Explanation, Label, instant
from backend.errors import NotFoundError
from backend.services.bundles import shows_headers
from backend.services.explanations import explain_point
from backend.services.served_views import participants_shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from backend.api.dependencies import Services
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("", "explanations")

Point = Annotated[str, Query(max_length=63)]


@router.get("/me/explanations/{label}", response_model=Explanation, response_model_exclude_none=True)
def my_explanation(
    label: Label, opened: AsksAs, services: ServicesOf, metering_point: Point, start: AwareDatetime
) -> dict[str, Any]:
    """Who served one of one's own points, where the totals of an interval may be shown to members.

    Named are one's own points and those of participants who consented; the others are told as one, without a name.
    """
    user = opened.user
    period = services.settled.find(user.community, label)
    own = {term["point"] for term in period.terms_of(user.participant)}
    if metering_point not in own:
        raise NotFoundError(f"There is no metering point {metering_point!r} of yours in {label}.")
    if not shows_headers(period.view, period.record):
        raise NotFoundError(
            f"The intervals of {label} are not shown: a direction has few participants, and not all of them consented."
        )
    shown = participants_shown(period, user.participant)
    told = _tell(services, user.community, label, metering_point, start, shown)
    _note(services, opened, user.community, metering_point, told, label)
    return told


@router.get(
    "/operator/communities/{community}/explanations/{label}",
    response_model=Explanation,
    response_model_exclude_none=True,
)
def explanation(
    *,
    community: CommunityId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
    metering_point: Point,
    start: AwareDatetime,
) -> dict[str, Any]:
    """Who served a metering point of one's grid."""
    told = _tell(services, community, label, metering_point, start, None)
    _note(services, opened, community, metering_point, told, label)
    return told


def _tell(
    services: Services, community: str, label: str, point: str, start: datetime, shown: frozenset[str] | None
) -> dict[str, Any]:
    with services.heavy():
        told = explain_point(services.settled, community, label, point, int(start.timestamp()), shown=shown)
    return {**told, "start": instant(told["start_utc"])}


def _note(
    services: Services, opened: OpenSession, community: str, point: str, told: Mapping[str, Any], label: str
) -> None:
    """Keep in mind whose points were named."""
    named = {point, *(link["metering_point"] for link in told["links"])}
    points = services.settled.community(community).community.metering_points
    owners = {found.participant for found in points if found.id in named}
    services.note_access(opened, community, sorted(owners), f"explanation {label}")
