"""What a member's home used and what its roof made, from net readings: of one's own home alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.forecast_schemas import Instant
from backend.api.meter_data_looks import note_look
from backend.api.spans import span_of
from backend.services.forecasts.split import subject_behind, tell_split

__all__ = ["router"]

router = guarded_router("", "forecasts")

Begin = Annotated[
    datetime | None,
    Query(alias="from", description="First instant; without, four weeks back from the last reading."),
]
End = Annotated[datetime | None, Query(alias="to", description="Instant before which to end.")]


class SplitTold(BaseModel):
    """Net load in its parts, estimated: ``use`` minus ``sun`` is ``net``."""

    community: str
    subject: str
    time_zone: str
    unit: Literal["W"]
    step_seconds: int
    begin: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    learned_days: int
    peak_watts: float = Field(description="Estimated greatest power of the roof.")
    confidence: float = Field(description="Share of the low net loads' spread that the sun explains, 0 to 1.")
    light: Literal["irradiance", "roofs", "clear-sky", "feed-in"] = Field(
        description="What told how light it was."
    )
    roofs: int = Field(description="Of how many others the sum told it.")
    one_way: bool = Field(description="Nothing was ever fed in: sun beyond the use was not seen.")
    start: list[Instant]
    net: list[float | None]
    use: list[float | None]
    sun: list[float | None]


@router.get("/me/split", response_model=SplitTold)
def my_split(opened: AsksAs, services: ServicesOf, begin: Begin = None, end: End = None) -> dict[str, Any]:
    """Use and sun behind one's own meters, with the estimated power of the roof and how sure that is."""
    user = opened.user
    desk = services.forecasts
    members = desk.members(user.community)
    subject = subject_behind(members, user.participant)
    with services.heavy():
        told = tell_split(desk, members, subject, *span_of(begin, end))
    note_look(services, opened, members.id, desk.histories.points_behind(members, subject), "split")
    return told
