"""What goes in and out about meter data. Energies [mWh], shares [ppm], lateness [h], instants [s since 1970, UTC]."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.api.schemas import FindingItem
from backend.services.decide_readings import REASON_MAX

__all__ = [
    "CurveOfReadings",
    "DecisionItem",
    "DecisionToMake",
    "FeederBesidePoints",
    "FeederId",
    "FirstDay",
    "LastDay",
    "PointId",
    "QualityOverview",
    "QualityStep",
    "StoredFinding",
    "StoredFindings",
]

_POINT = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_RULE = r"^[a-z0-9-]{0,63}$"

PointId = Annotated[str, Query(pattern=_POINT, description="Id of a metering point.")]
FeederId = Annotated[str, Path(pattern=_POINT, description="Id of a feeder.")]
FirstDay = Annotated[
    date | None, Query(alias="from", description="First civil day; without, the last month stored.")
]
LastDay = Annotated[date | None, Query(alias="to", description="Last civil day, included.")]
QualityStep = Annotated[Literal["day", "week", "month"], Query(alias="by", description="Length of a step.")]
Treatment = Literal["accepted", "estimated", "returned"]


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DecisionItem(BaseModel):
    """What somebody decided about a span of readings."""

    number: int
    metering_point: str
    start_utc: int
    end_utc: int
    treatment: Treatment
    rule: str
    reason: str
    decided_by: str
    decided_utc: int


class DecisionToMake(_Taken):
    """A decision; `rule` names the finding that it answers."""

    metering_point: str = Field(pattern=_POINT)
    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    treatment: Treatment
    reason: str = Field(min_length=1, max_length=REASON_MAX)
    rule: str = Field(default="", pattern=_RULE)


class StoredFinding(FindingItem):
    """A finding of what is stored, and what was decided about it last."""

    limit: str = ""
    treatment: str = ""
    decision: DecisionItem | None


class StoredFindings(BaseModel):
    """What a check finds in some civil days, worst first."""

    first: date | None
    last: date | None
    stored_from_utc: int | None
    stored_until_utc: int | None
    items: list[StoredFinding]


class RegisterBesideIntervals(BaseModel):
    """What a register counted between two reads; `apart` beyond the `limit`, `missing` intervals without a reading."""

    start_utc: int
    end_utc: int
    register_milliwatt_hours: int
    intervals_milliwatt_hours: int
    apart_milliwatt_hours: int
    limit_milliwatt_hours: int
    missing: int


class CurveOfReadings(BaseModel):
    """A point's intervals, lists of one length, and register spans; see the fields of an interval in their names."""

    metering_point: str
    number: str
    direction: Literal["consumption", "feed_in"]
    start_utc: int
    resolution_minutes: int
    energy_milliwatt_hours: list[int | None]
    estimate_milliwatt_hours: list[int | None]
    quality: list[str]
    source_quality: list[str]
    treatment: list[str]
    registers: list[RegisterBesideIntervals]


class FeederOfDay(BaseModel):
    """A civil day; null where a reading is missing. `apart` is what `losses` leave over, found beyond `tolerance`."""

    day: date
    drawn_milliwatt_hours: int | None
    given_milliwatt_hours: int | None
    consumption_milliwatt_hours: int | None
    feed_in_milliwatt_hours: int | None
    losses_milliwatt_hours: int | None
    tolerance_milliwatt_hours: int | None
    apart_milliwatt_hours: int | None


class FeederBesidePoints(BaseModel):
    """What a feeder's meter counted (drawn, given) beside the points behind it (consumption, feed-in), day by day."""

    feeder: str
    number: str
    metering_points: list[str]
    days: list[FeederOfDay]


class _Shares(BaseModel):
    expected: int
    measured_ppm: int
    estimated_ppm: int
    edited_ppm: int
    missing_ppm: int
    lateness_median_hours: int | None
    lateness_p95_hours: int | None


class QualityOfStep(_Shares):
    """Of a day, a week or a month."""

    start: date


class QualityOfOperator(_Shares):
    """Of all points whose number begins alike; empty where the number does not say."""

    operator: str
    metering_points: int
    trend: list[QualityOfStep]


class QualityOfPoint(_Shares):
    """Of a metering point; `cells` has measured, estimated and missing [ppm] of each step, null where none is due."""

    metering_point: str
    number: str
    operator: str
    direction: Literal["consumption", "feed_in"]
    cells: list[list[int] | None]


class QualityOverview(BaseModel):
    """How complete, how late, how often estimated."""

    first: date | None
    last: date | None
    by: Literal["day", "week", "month"]
    total: _Shares | None
    operators: list[QualityOfOperator]
    trend: list[QualityOfStep]
    points: list[QualityOfPoint]
