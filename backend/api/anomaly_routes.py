"""What is not as it should be: of a community for its operator and provider, of one's own meters for a member."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.forecast_schemas import ReasonTold
from backend.api.meter_data_looks import note_look
from backend.api.schemas import CommunityId, instant
from backend.api.spans import span_of
from backend.forecasting.anomalies import BUDGET_DEFAULT, BUDGET_MAX, AnomalyKind
from backend.services.forecasts.anomalies import METERS_AT_ONCE, tell_look

if TYPE_CHECKING:
    from backend.api.dependencies import Services

__all__ = ["router"]

router = guarded_router("", "forecasts")

Begin = Annotated[
    datetime | None,
    Query(alias="from", description="First instant; without, four weeks back from the last reading."),
]
End = Annotated[datetime | None, Query(alias="to", description="Instant before which to end.")]
Kind = Annotated[AnomalyKind | None, Query(description="Of this kind alone.")]
Budget = Annotated[
    float,
    Query(gt=0, le=BUDGET_MAX, description="False alarms accepted per meter and year.", allow_inf_nan=False),
]


class AnomalyItem(BaseModel):
    """Something to look at; a suspicion, never a proof."""

    kind: AnomalyKind
    element: str
    start: str
    end: str
    p_value: float
    cause: str
    reason: str
    figures: dict[str, float]
    discovered: bool


class LookedAt(BaseModel):
    """How much was judged, when, and what could not be."""

    meters: int
    feeders: int
    made: str
    unjudged: list[str]
    reasons: list[ReasonTold] = Field(description="What could not be judged, by code and figures.")


class Anomalies(BaseModel):
    """A look and what it found, earliest first."""

    community: str
    time_zone: str
    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    budget: float
    looked_at: LookedAt
    items: list[AnomalyItem]
    next_cursor: None = None


@router.get("/operator/communities/{community}/anomalies", response_model=Anomalies)
def community_anomalies(
    community: CommunityId,
    opened: AsksAs,
    services: ServicesOf,
    begin: Begin = None,
    end: End = None,
    kind: Kind = None,
    budget: Budget = BUDGET_DEFAULT,
) -> dict[str, Any]:
    """Unusual days, failing meters and energy that goes round one, in some days; the look is logged as one at readings.

    Days that were not looked at before take some seconds; of more than 250 metering points a command looks ahead.
    """
    points = [point.id for point in services.settled.community(community).community.metering_points]
    note_look(services, opened, community, points, "anomalies")
    return _tell(services, community, begin, end, kind, budget)


@router.get("/me/anomalies", response_model=Anomalies)
def my_anomalies(
    opened: AsksAs,
    services: ServicesOf,
    begin: Begin = None,
    end: End = None,
    kind: Kind = None,
    budget: Budget = BUDGET_DEFAULT,
) -> dict[str, Any]:
    """The same of one's own meters alone, judged among the community's."""
    user = opened.user
    return _tell(services, user.community, begin, end, kind, budget, user.participant)


def _tell(
    services: Services,
    community: str,
    begin: datetime | None,
    end: datetime | None,
    kind: AnomalyKind | None,
    budget: float,
    participant: str | None = None,
) -> dict[str, Any]:
    desk = services.wiring.anomalies
    with services.heavy():
        found = desk.look(community, *span_of(begin, end), budget, METERS_AT_ONCE)
    told = tell_look(found, services.settled.community(community).community.time_zone, participant)
    looked = told.pop("looked_at")
    items = [one for one in told.pop("items") if kind is None or one["kind"] == kind.value]
    return {
        **told,
        "from": instant(told["start_utc"]),
        "to": instant(told["end_utc"]),
        "looked_at": {**looked, "made": instant(looked["made_utc"])},
        "items": [
            {**one, "start": instant(one["start_utc"]), "end": instant(one["end_utc"])} for one in items
        ],
    }
