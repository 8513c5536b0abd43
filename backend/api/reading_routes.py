"""Readings that devices and log-ins hand in: acknowledged once they are checked and durable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.access import guarded_router
from backend.api.dependencies import ServicesOf
from backend.api.idempotency import IdempotencyKey
from backend.api.schemas import FindingItem
from backend.errors import InputError, NotFoundError
from backend.services.receive_readings import SentBatch

if TYPE_CHECKING:
    from backend.services.receive_readings import ReceivedReadings

__all__ = ["router"]

router = guarded_router("", "readings")

_ROW = {
    "type": "object",
    "required": ["metering_point", "start", "energy_kwh"],
    "additionalProperties": False,
    "properties": {
        "metering_point": {"type": "string", "description": "Its id, or the operator's number."},
        "direction": {
            "enum": ["", "consumption", "feed-in"],
            "description": "Of a number that has points of both.",
        },
        "start": {"type": "string", "format": "date-time"},
        "resolution_minutes": {"type": "integer"},
        "energy_kwh": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}, {"type": "null"}]},
        "source_quality": {"type": "string"},
        "quality": {"enum": ["measured", "estimated", "edited", "missing"], "default": "measured"},
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "array", "minItems": 1, "items": _ROW}},
        "application/x-ndjson": {"schema": {"type": "string"}},
        "text/csv": {"schema": {"type": "string"}},
        "application/vnd.apache.arrow.stream": {"schema": {"type": "string", "format": "binary"}},
    },
}


class Received(BaseModel):
    """What became of a batch."""

    community: str
    batch: str
    readings: int
    is_new: bool
    findings: list[FindingItem]


@router.post(
    "/readings",
    status_code=202,
    response_model=Received,
    responses={200: {"model": Received, "description": "The batch was taken before; nothing changed."}},
    openapi_extra={"requestBody": _BODY},
)
async def receive(
    request: Request,
    services: ServicesOf,
    key: IdempotencyKey = None,
    community: Annotated[str, Query(max_length=63, description="Of a log-in that is in none.")] = "",
) -> JSONResponse:
    """Hand in readings: all of a batch or nothing, durable once answered with 202.

    With a device's token (`Authorization: Bearer`), or logged in as operator or provider. The same batch again, by
    its `Idempotency-Key` or its content, changes nothing and is answered with 200.
    """
    sender = request.state.sender
    if sender.community and community not in {"", sender.community}:
        raise NotFoundError(f"There is no community {community!r} here.")
    place = sender.community or community
    if not place:
        raise InputError("This log-in is in no community; say which with ?community=ID.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    received = await services.readings.take(SentBatch(place, sender.name, body, media_type, key))
    return JSONResponse(_told(received), status_code=202 if received.is_new else 200)


def _told(received: ReceivedReadings) -> dict[str, Any]:
    return {
        "community": received.community,
        "batch": received.batch,
        "readings": received.rows,
        "is_new": received.is_new,
        "findings": [finding.as_dict() for finding in received.findings],
    }
