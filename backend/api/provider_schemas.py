"""What goes in and out about meter data. Energies [mWh], shares [ppm], lateness [h], instants [s since 1970, UTC]."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.adapters.uploads import UPLOAD_BYTES_MAX
from backend.api.schemas import FindingItem
from backend.services.decide_readings import REASON_MAX

__all__ = [
    "CurveOfReadings",
    "DecisionItem",
    "DecisionToMake",
    "FileName",
    "FirstDay",
    "LastDay",
    "LoadItem",
    "Loaded",
    "PointId",
    "QualityOverview",
    "QualityStep",
    "StoredFinding",
    "StoredFindings",
    "UploadCard",
    "UploadId",
    "UploadsToLoad",
]

_POINT = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_UPLOAD = r"^[0-9a-f]{32}$"
_RULE = r"^[a-z0-9-]{0,63}$"
_AT_ONCE_MAX = 20

UploadId = Annotated[str, Path(pattern=_UPLOAD, description="Id of a file that waits.")]
PointId = Annotated[str, Query(pattern=_POINT, description="Id of a metering point.")]
FileName = Annotated[str, Query(min_length=1, max_length=200, description="What the file is called.")]
FirstDay = Annotated[
    date | None, Query(alias="from", description="First civil day; without, the last month stored.")
]
LastDay = Annotated[date | None, Query(alias="to", description="Last civil day, included.")]
QualityStep = Annotated[Literal["day", "week", "month"], Query(alias="by", description="Length of a step.")]
Treatment = Literal["accepted", "estimated", "returned"]

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "maxLength": UPLOAD_BYTES_MAX}
            }
        },
    }
}


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PointOfFile(BaseModel):
    """A metering point's readings in a file, and what becomes of those that are stored."""

    metering_point: str
    readings: int
    start_utc: int
    end_utc: int
    energy_milliwatt_hours: int
    measured: int
    estimated: int
    edited: int
    missing: int
    new: int
    same: int
    changed: int


class LookAtFile(BaseModel):
    """What loading a file would do. `findings` are of reading it, `checked` what a check would find afterwards."""

    accepted: bool
    reason: str
    format: str = ""
    format_title: str = ""
    readings: int = 0
    start_utc: int | None = None
    end_utc: int | None = None
    resolution_minutes: int = 0
    measured: int = 0
    estimated: int = 0
    edited: int = 0
    missing: int = 0
    new: int = 0
    same: int = 0
    changed: int = 0
    points: list[PointOfFile] = []
    findings: list[FindingItem] = []
    findings_count: int = 0
    checked: list[FindingItem] = []
    checked_count: int = 0


class UploadCard(BaseModel):
    """A file that waits to be loaded, or to be thrown away."""

    upload: str
    name: str
    bytes: int
    sha256: str
    by: str
    received_utc: int
    look: LookAtFile


class UploadsToLoad(_Taken):
    """Files to load together, in order: a later one supersedes an earlier one."""

    uploads: list[Annotated[str, Field(pattern=_UPLOAD)]] = Field(min_length=1, max_length=_AT_ONCE_MAX)


class LoadItem(BaseModel):
    """A load. `binding` where a ruling set the readings; `by` empty for a command."""

    load: str
    received_utc: int
    files: list[str]
    readings: int
    by: str
    binding: bool


class Loaded(BaseModel):
    """What a load did; `is_new` is false where the same files were loaded before."""

    load: LoadItem
    is_new: bool
    findings: list[FindingItem]
    findings_count: int


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


class CurveOfReadings(BaseModel):
    """A point's intervals, lists of one length; see the fields of an interval in their names."""

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


class _Shares(BaseModel):
    expected: int
    measured_ppm: int
    estimated_ppm: int
    edited_ppm: int
    missing_ppm: int
    lateness_median_hours: int | None
    lateness_p95_hours: int | None


class QualityOfOperator(_Shares):
    """Of all points whose number begins alike; empty where the number does not say."""

    operator: str
    metering_points: int


class QualityOfStep(_Shares):
    """Of a day, a week or a month."""

    start: date


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
