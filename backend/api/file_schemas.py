"""What goes in and out about files that are handed in. Energies [mWh], instants [s since 1970, UTC]."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from backend.adapters.uploads import UPLOAD_BYTES_MAX
from backend.api.schemas import FindingItem

__all__ = [
    "UPLOAD_BODY",
    "FileFormats",
    "FileName",
    "HowToRead",
    "LoadItem",
    "Loaded",
    "UploadCard",
    "UploadId",
    "UploadsToLoad",
    "asked_reading",
]

_UPLOAD = r"^[0-9a-f]{32}$"
_AT_ONCE_MAX = 20
_QUERY_MAPPING_MAX = 8_000
_MAPPING_MAX = 64_000
_WORD_MAX = 80

UploadId = Annotated[str, Path(pattern=_UPLOAD, description="Id of a file that waits.")]
FileName = Annotated[str, Query(min_length=1, max_length=200, description="What the file is called.")]
_Direction = Literal["", "consumption", "feed-in"]

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


class HowToRead(_Taken):
    """What a file does not say of itself; empty words and null where nobody has to say it."""

    format: str = Field(
        "auto", max_length=_WORD_MAX, description="`auto`: by content, or a name of `/formats`."
    )
    time_zone: str = Field(
        "", max_length=_WORD_MAX, description="Of stamps without offset; else the community's."
    )
    resolution: int | None = Field(
        None, ge=1, le=60, description="Of readings whose file does not say it. [min]"
    )
    metering_point: str = Field(
        "", max_length=_WORD_MAX, description="Whose readings a file is that names nobody."
    )
    direction: _Direction = Field("", description="Of a file that does not say it.")
    mapping: str = Field(
        "", max_length=_MAPPING_MAX, description="How a table's columns map to ours: TOML or JSON."
    )

    def told(self) -> dict[str, str | int]:
        """What differs from saying nothing."""
        return {
            name: value for name, value in self.model_dump(exclude_defaults=True).items() if value is not None
        }


def asked_reading(
    file_format: Annotated[str, Query(alias="format", max_length=_WORD_MAX)] = "auto",
    time_zone: Annotated[str, Query(max_length=_WORD_MAX)] = "",
    resolution: Annotated[int | None, Query(ge=1, le=60)] = None,
    metering_point: Annotated[str, Query(max_length=_WORD_MAX)] = "",
    direction: Annotated[_Direction, Query()] = "",
    mapping: Annotated[str, Query(max_length=_QUERY_MAPPING_MAX, description="TOML or JSON.")] = "",
) -> HowToRead:
    """How a file is to be read, of a request's query."""
    return HowToRead(
        format=file_format,
        time_zone=time_zone,
        resolution=resolution,
        metering_point=metering_point,
        direction=direction,
        mapping=mapping,
    )


class FormatItem(BaseModel):
    """A format that is read."""

    name: str
    title: str


class FileFormats(BaseModel):
    """All of them, and the time zone of stamps without offset where nobody says another."""

    items: list[FormatItem]
    time_zone: str


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


class AllocationInFile(BaseModel):
    """What a file says that the grid operator allocated: of our members to their points, or why it cannot be taken."""

    accepted: bool
    reason: str
    rows: int = 0
    points: list[str] = []
    start_utc: int | None = None
    end_utc: int | None = None
    allocated_milliwatt_hours: int = 0
    shared_milliwatt_hours: int = 0
    findings: list[FindingItem] = []
    findings_count: int = 0


class LookAtFile(BaseModel):
    """What loading a file would do. `findings` are of reading it, `checked` what a check would find afterwards.

    `asks` names what of `HowToRead` may have a refused file read; `allocation` is null where the file has none.
    """

    accepted: bool
    reason: str
    format: str = ""
    format_title: str = ""
    readings: int = 0
    registers: int = 0
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
    asks: list[str] = []
    allocation: AllocationInFile | None = None


class UploadCard(BaseModel):
    """A file that waits to be loaded, or to be thrown away."""

    upload: str
    name: str
    bytes: int
    sha256: str
    by: str
    received_utc: int
    options: HowToRead
    look: LookAtFile


class UploadsToLoad(_Taken):
    """Files to load, in order: a later one supersedes an earlier one. `keep` leaves them waiting afterwards."""

    uploads: list[Annotated[str, Field(pattern=_UPLOAD)]] = Field(min_length=1, max_length=_AT_ONCE_MAX)
    keep: bool = False


class LoadItem(BaseModel):
    """A load. `registers`: register reads; `binding` where a ruling set the readings; `by` empty for a command."""

    load: str
    received_utc: int
    files: list[str]
    readings: int
    registers: int
    by: str
    binding: bool


class Loaded(BaseModel):
    """What a load did; `is_new` is false where the same files were loaded before."""

    load: LoadItem
    is_new: bool
    findings: list[FindingItem]
    findings_count: int
