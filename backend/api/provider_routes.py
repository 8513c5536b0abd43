"""Meter data of a community, for its provider and its grid operator: handed in, looked at, loaded, decided about.

Every look at readings is logged before anything is handed out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from backend.adapters.meter_files.recognised import bounded, recognise_file
from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.idempotency import IdempotencyKey
from backend.api.provider_schemas import (
    UPLOAD_BODY,
    CurveOfReadings,
    DecisionItem,
    DecisionToMake,
    FileName,
    FirstDay,
    LastDay,
    Loaded,
    LoadItem,
    PointId,
    QualityOverview,
    QualityStep,
    StoredFindings,
    UploadCard,
    UploadId,
    UploadsToLoad,
)
from backend.api.schemas import CommunityId, Page
from backend.errors import InputError
from backend.metering.decisions import SpanTreatment
from backend.ports.treatment_records import LoadAuthor
from backend.quantities.periods import load_time_zone
from backend.services.data_quality import describe_quality
from backend.services.decide_readings import decide_readings
from backend.services.load_readings import load_readings
from backend.services.look_at_files import FINDINGS_SHOWN, look_at_file
from backend.services.stored_readings import (
    days_between,
    decision_told,
    decisions_told,
    last_days,
    load_told,
)

if TYPE_CHECKING:
    from backend.adapters.uploads import IncomingUpload
    from backend.api.dependencies import Services
    from backend.ports.uploads import Upload
    from backend.quantities import SettlementPeriod
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("/provider/communities/{community}", "meter data")

_FLUSH_BYTES = 1 << 20
_DAYS_SHOWN = 31
_YEARS = (1970, 2200)


@router.post("/files", response_model=UploadCard, status_code=201, openapi_extra=UPLOAD_BODY)
async def hand_in_file(
    request: Request, community: CommunityId, name: FileName, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Hand in a meter file as its plain bytes and look at it: what it is, what it would change. Nothing is loaded."""
    services.rate.admit(address_of(request))
    incoming = await run_in_threadpool(services.uploads.receive, community, name, opened.user.id)
    with incoming:
        upload = await _take(request, incoming)
    return await run_in_threadpool(_looked_at, services, opened, upload)


async def _take(request: Request, incoming: IncomingUpload) -> Upload:
    """The body, a megabyte in memory at a time."""
    chunks: list[bytes] = []
    held = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        held += len(chunk)
        if held >= _FLUSH_BYTES:
            await run_in_threadpool(incoming.write, b"".join(chunks))
            chunks, held = [], 0
    if chunks:
        await run_in_threadpool(incoming.write, b"".join(chunks))
    return await run_in_threadpool(incoming.finish)


def _looked_at(services: Services, opened: OpenSession, upload: Upload) -> dict[str, Any]:
    """The upload with what a look at it gives, as things are now."""
    _, path = services.uploads.find(upload.community, upload.id)
    with services.heavy():
        form, title = recognise_file(path)
        look = look_at_file(services.context, upload.community, path, bounded(services.wiring.reader_for()))
    look |= {"format": form, "format_title": title}
    _note(
        services, opened, upload.community, [one["metering_point"] for one in look.get("points", [])], "file"
    )
    return _card(services, services.uploads.keep_look(upload, look))


def _card(services: Services, upload: Upload) -> dict[str, Any]:
    look = upload.look or {"accepted": False, "reason": "Nobody looked at this file yet; open it."}
    return {
        "upload": upload.id,
        "name": upload.name,
        "bytes": upload.bytes,
        "sha256": upload.sha256,
        "by": _names(services).get(upload.user, ""),
        "received_utc": upload.received_utc,
        "look": look,
    }


def _names(services: Services) -> dict[str, str]:
    """Log-ins by user id."""
    with services.store.reading() as records:
        return {user.id: user.login for user in records.users()}


@router.get("/files", response_model=Page[UploadCard])
def files(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Files that wait to be loaded or thrown away, the oldest first."""
    waiting = services.uploads.all(community)
    points = {one["metering_point"] for upload in waiting for one in upload.look.get("points", [])}
    _note(services, opened, community, sorted(points), "files")
    return {"items": [_card(services, upload) for upload in waiting], "next_cursor": None}


@router.get("/files/{upload}", response_model=UploadCard)
def one_file(
    community: CommunityId, upload: UploadId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Look at a file again, as things are now."""
    return _looked_at(services, opened, services.uploads.find(community, upload)[0])


@router.delete("/files/{upload}", status_code=204)
def throw_away(community: CommunityId, upload: UploadId, services: ServicesOf) -> Response:
    """Throw a file away that waits; one that is not there is thrown away already."""
    services.uploads.remove(community, upload)
    return Response(status_code=204)


@router.get("/loads", response_model=Page[LoadItem])
def loads(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """All loads, the newest first."""
    names = _names(services)
    items = [one | {"by": names.get(one["by"], one["by"])} for one in services.stored.loads(community)]
    return {"items": items, "next_cursor": None}


@router.post("/loads", response_model=Loaded)
def load(
    community: CommunityId,
    body: UploadsToLoad,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Load files that were handed in: all of them or none, as one new version. The same files again change nothing."""
    request = f"load {community} {body.model_dump_json()}"
    return services.once.perform(
        key, opened.user.id, request, lambda: _load(services, opened, community, body)
    )


def _load(services: Services, opened: OpenSession, community: str, body: UploadsToLoad) -> dict[str, Any]:
    paths = [services.uploads.find(community, upload)[1] for upload in dict.fromkeys(body.uploads)]
    context = services.context
    with services.heavy(), services.wiring.writing("load readings"):
        done = load_readings(context, bounded(services.wiring.reader_for()), paths, community=community)
        with services.store.transaction() as records:
            if done.is_new:
                author = LoadAuthor(community, done.load.id, opened.user.id, done.load.received_utc)
                records.add_load_author(author)
            authors = {known.load: known.user for known in records.load_authors(community)}
    for upload in body.uploads:
        services.uploads.remove(community, upload)
    user = authors.get(done.load.id, "")
    return {
        "load": load_told(done.load, _names(services).get(user, user)),
        "is_new": done.is_new,
        "findings": [finding.as_dict() for finding in done.findings[:FINDINGS_SHOWN]],
        "findings_count": len(done.findings),
    }


@router.get("/findings", response_model=StoredFindings)
def findings(
    community: CommunityId, opened: AsksAs, services: ServicesOf, first: FirstDay = None, last: LastDay = None
) -> dict[str, Any]:
    """What a check finds in the stored readings of some days, each with what was decided about it last."""
    days, span = _days(services, community, first, last), services.stored.span(community)
    with services.heavy():
        items = services.stored.findings(community, days) if days else []
    names = _names(services)
    told = [one | {"decision": _by_name(one["decision"], names)} for one in items]
    _note(services, opened, community, [one["metering_point"] for one in items], "findings")
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
    """A point's intervals: energy, quality in our word and the source's, what was decided, what an estimate is."""
    days = _days(services, community, first, last)
    if days is None:
        raise InputError("No readings are stored yet; there is no curve.")
    told = services.stored.curve(community, metering_point, days)
    _note(services, opened, community, [metering_point], f"curve {days.first}")
    return told


@router.get("/decisions", response_model=Page[DecisionItem])
def decisions(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What was decided about readings, the newest first."""
    names = _names(services)
    told = decisions_told(services.settled, community)
    _note(services, opened, community, [one["metering_point"] for one in told], "decisions")
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
                (_epoch(body.start), _epoch(body.end)),
                SpanTreatment(body.treatment),
                reason=body.reason,
                rule=body.rule,
                user=opened.user.id,
            )
        return _by_name(decision_told(decision), _names(services)) or {}

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
    _note(services, opened, community, [one["metering_point"] for one in told["points"]], "quality")
    return {**_told_days(days), "by": step, **told}


def _days(
    services: Services, community: str, first: date | None, last: date | None
) -> SettlementPeriod | None:
    """The days that are asked for; without, the last month that something is stored of."""
    members = services.settled.community(community).community
    zone = load_time_zone(members.time_zone)
    for day in (first, last):
        if day is not None and not _YEARS[0] < day.year < _YEARS[1]:
            raise InputError(f"{day} is too far away; give a day between {_YEARS[0]} and {_YEARS[1]}.")
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


def _epoch(moment: datetime) -> int:
    if not _YEARS[0] < moment.year < _YEARS[1]:
        raise InputError(f"{moment} is too far away; give an instant between {_YEARS[0]} and {_YEARS[1]}.")
    return int(moment.astimezone(UTC).timestamp())


def _note(services: Services, opened: OpenSession, community: str, points: list[str], what: str) -> None:
    """Log whose readings are looked at."""
    named = set(points)
    members = services.settled.community(community).community
    owners = {point.participant for point in members.metering_points if point.id in named}
    services.note_access(opened, community, sorted(owners), f"meter data: {what}")
