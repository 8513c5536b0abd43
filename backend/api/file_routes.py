"""Meter files of a community, for its provider and its grid operator: handed in, looked at, loaded.

A file says readings, what the grid operator allocated, or both; each is loaded by a request of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.adapters.meter_files.operator_files import (
    SHARING_FORMATS,
    is_own_allocation,
    read_operator_file,
)
from backend.adapters.meter_files.recognised import ALLOCATION_BOUNDS, bounded, recognise_file
from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.file_schemas import (
    UPLOAD_BODY,
    FileFormats,
    FileName,
    HowToRead,
    Loaded,
    LoadItem,
    UploadCard,
    UploadId,
    UploadsToLoad,
    asked_reading,
)
from backend.api.idempotency import IdempotencyKey
from backend.api.meter_data_looks import login_names, note_look
from backend.api.schemas import CommunityId, Page
from backend.bootstrap.meter_files import how_read, list_formats, meter_files
from backend.ports.treatment_records import LoadAuthor
from backend.services.load_readings import load_readings
from backend.services.look_at_files import FINDINGS_SHOWN, look_at_allocation, look_at_file, options_asked
from backend.services.operator_allocation import load_allocations
from backend.services.stored_readings import load_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from backend.adapters.meter_files.reading import MeterFiles
    from backend.adapters.uploads import IncomingUpload
    from backend.api.dependencies import Services
    from backend.ports import MeterFileContents, MeterFileLoader, ReadingLoad
    from backend.ports.uploads import Upload
    from backend.services.load_readings import LoadedReadings
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("/provider/communities/{community}", "meter data")

_FLUSH_BYTES = 1 << 20
_ALLOCATION_ONLY = "The file says what the grid operator allocated, no readings; load it as that."


@router.get("/formats", response_model=FileFormats)
def formats(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """Formats that are read, each by its content; one may be named where a file is not recognised."""
    read, _ = list_formats()
    members = services.settled.community(community).community
    return {"items": [{"name": name, "title": title} for name, title in read], "time_zone": members.time_zone}


@router.post("/files", response_model=UploadCard, status_code=201, openapi_extra=UPLOAD_BODY)
async def hand_in_file(
    *,
    request: Request,
    community: CommunityId,
    name: FileName,
    how: Annotated[HowToRead, Depends(asked_reading)],
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Hand in a meter file as its plain bytes and look at it: what it is, what it would change. Nothing is loaded."""
    services.rate.admit(address_of(request))
    told = how.told()
    await run_in_threadpool(
        _reader_of, told
    )  # what is wrong with the options is said before the file is sent
    incoming = await run_in_threadpool(services.uploads.receive, community, name, opened.user.id, told)
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


def _reader_of(options: Mapping[str, Any]) -> MeterFiles:
    """What reads a file as its options say.

    Raises:
        InputError: If one of them cannot be.
    """
    return meter_files(
        options.get("format", "auto"),
        time_zone=options.get("time_zone", ""),
        resolution_minutes=options.get("resolution"),
        metering_point=options.get("metering_point", ""),
        direction=options.get("direction", ""),
        mapping=options.get("mapping") or None,
    )


def _looked_at(services: Services, opened: OpenSession, upload: Upload) -> dict[str, Any]:
    """The upload with what a look at it gives, as things are now."""
    _, path = services.uploads.find(upload.community, upload.id)
    with services.heavy():
        look = _look(services, upload, path)
    note_look(services, opened, upload.community, _points_in(look), "file")
    return _card(services, services.uploads.keep_look(upload, look))


def _points_in(look: Mapping[str, Any]) -> list[str]:
    """Whose data a file has, of whatever kind."""
    allocated = (look.get("allocation") or {}).get("points", ())
    return [
        *(one["metering_point"] for one in look.get("points", ())),
        *look.get("register_points", ()),
        *allocated,
    ]


def _look(services: Services, upload: Upload, path: Path) -> dict[str, Any]:
    form, title = recognise_file(path)
    named = upload.options.get("format", form)
    reader = _reader_of(upload.options)
    context, allocation = services.context, None
    is_own = is_own_allocation(path, ALLOCATION_BOUNDS)
    if is_own or SHARING_FORMATS.intersection(named.split(", ")):
        allocation = look_at_allocation(context, upload.community, path, _allocation_reader(reader))
    if is_own:
        look: dict[str, Any] = {"accepted": False, "reason": _ALLOCATION_ONLY, "findings": []}
        form, title = "allocation", "Allocation of the grid operator, in our form"
    else:
        look = look_at_file(context, upload.community, path, bounded(reader))
    return look | {
        "format": form,
        "format_title": title,
        "asks": options_asked(look),
        "allocation": allocation,
    }


def _allocation_reader(reader: MeterFiles) -> Any:
    return partial(read_operator_file, reader=replace(reader, bounds=ALLOCATION_BOUNDS))


def _card(services: Services, upload: Upload) -> dict[str, Any]:
    look = upload.look or {"accepted": False, "reason": "Nobody looked at this file yet; open it."}
    return {
        "upload": upload.id,
        "name": upload.name,
        "bytes": upload.bytes,
        "sha256": upload.sha256,
        "by": login_names(services).get(upload.user, ""),
        "received_utc": upload.received_utc,
        "options": dict(upload.options),
        "look": look,
    }


@router.get("/files", response_model=Page[UploadCard])
def files(community: CommunityId, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Files that wait to be loaded or thrown away, the oldest first."""
    waiting = services.uploads.all(community)
    points = [_points_in(upload.look) for upload in waiting]
    note_look(services, opened, community, chain.from_iterable(points), "files")
    return {"items": [_card(services, upload) for upload in waiting], "next_cursor": None}


@router.get("/files/{upload}", response_model=UploadCard)
def one_file(
    community: CommunityId, upload: UploadId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Look at a file again, as things are now."""
    return _looked_at(services, opened, services.uploads.find(community, upload)[0])


@router.put("/files/{upload}/options", response_model=UploadCard)
def read_otherwise(
    community: CommunityId, upload: UploadId, body: HowToRead, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Say what a file does not say of itself, and look at it again."""
    known, _ = services.uploads.find(community, upload)
    told = body.told()
    _reader_of(told)
    return _looked_at(services, opened, services.uploads.keep_options(known, told))


@router.delete("/files/{upload}", status_code=204)
def throw_away(community: CommunityId, upload: UploadId, services: ServicesOf) -> Response:
    """Throw a file away that waits; one that is not there is thrown away already."""
    services.uploads.remove(community, upload)
    return Response(status_code=204)


@router.get("/loads", response_model=Page[LoadItem])
def loads(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """All loads, the newest first."""
    names = login_names(services)
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

    def perform() -> dict[str, Any]:
        waiting = _waiting(services, community, body)
        read_file, how = _each_its_own(waiting)
        paths = [path for _, path in waiting]

        def keep() -> Iterator[LoadedReadings]:
            yield load_readings(services.context, read_file, paths, community=community, how=how)

        return _kept(services, opened, community, "load readings", keep)[0]

    return _once(services, opened, community, body, ("load", key, perform))


@router.get("/allocations", response_model=Page[LoadItem])
def allocations(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """Loads of the grid operator's allocation, the newest first."""
    services.settled.community(community)
    kept = services.context.operator_allocations.loads(community)
    return {"items": _told(services, community, reversed(kept)), "next_cursor": None}


@router.post("/allocations", response_model=Page[Loaded])
def load_operator_allocations(
    community: CommunityId,
    body: UploadsToLoad,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Load what files say that the grid operator allocated, to be held against ours; it binds where the rule says so.

    Each file is a load of its own, whole or not at all; where one is refused, those before it stay loaded.
    """

    def perform() -> dict[str, Any]:
        waiting = _waiting(services, community, body)

        def keep() -> Iterator[LoadedReadings]:
            for upload, path in waiting:
                reader = _reader_of(upload.options)
                read = _allocation_reader(reader)
                yield load_allocations(services.context, read, community, path, how_read(reader))

        items = _kept(services, opened, community, "load allocations", keep)
        return {"items": items, "next_cursor": None}

    return _once(services, opened, community, body, ("allocations", key, perform))


def _once(
    services: Services,
    opened: OpenSession,
    community: str,
    body: UploadsToLoad,
    asked: tuple[str, str | None, Callable[[], dict[str, Any]]],
) -> dict[str, Any]:
    """Do what is asked once by its key; files that are not to be kept wait no longer."""
    what, key, perform = asked

    def done() -> dict[str, Any]:
        told = perform()
        for upload in () if body.keep else body.uploads:
            services.uploads.remove(community, upload)
        return told

    request = f"{what} {community} {body.model_dump_json()}"
    return services.once.perform(key, opened.user.id, request, done)


def _waiting(services: Services, community: str, body: UploadsToLoad) -> list[tuple[Upload, Path]]:
    return [services.uploads.find(community, upload) for upload in dict.fromkeys(body.uploads)]


class _EachItsOwn:
    """Reads each file as its own options say."""

    def __init__(self, readers: Mapping[Path, MeterFileLoader]) -> None:
        self._readers = readers

    def loadable(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> MeterFileContents:
        return self._readers[path].loadable(
            path, known_points=known_points, resolution_minutes=resolution_minutes
        )


def _each_its_own(waiting: Sequence[tuple[Upload, Path]]) -> tuple[_EachItsOwn, bytes]:
    """What reads files as each of them is to be read, and what tells that from reading them with no options."""
    readers = {path: _reader_of(upload.options) for upload, path in waiting}
    told = [how_read(reader) for reader in readers.values()]
    how = told[0] if len(set(told)) == 1 else hashlib.sha256(b"\0".join(told)).digest()
    return _EachItsOwn({path: bounded(reader) for path, reader in readers.items()}), how


def _kept(
    services: Services,
    opened: OpenSession,
    community: str,
    what: str,
    keep: Callable[[], Iterator[LoadedReadings]],
) -> list[dict[str, Any]]:
    """Load, and keep who did."""
    done = []
    with services.heavy(), services.wiring.writing(what):
        for one in keep():
            done.append(one)
            if one.is_new:
                author = LoadAuthor(community, one.load.id, opened.user.id, one.load.received_utc)
                with services.store.transaction() as records:
                    records.add_load_author(author)
    return [_loaded(services, one) for one in done]


def _told(services: Services, community: str, loads: Iterable[ReadingLoad]) -> list[dict[str, Any]]:
    """Loads, with who loaded them as far as somebody logged in did."""
    with services.store.reading() as records:
        authors = {known.load: known.user for known in records.load_authors(community)}
    names = login_names(services)
    users = [(one, authors.get(one.id, "")) for one in loads]
    return [load_told(one, names.get(user, user)) for one, user in users]


def _loaded(services: Services, done: LoadedReadings) -> dict[str, Any]:
    return {
        "load": _told(services, done.community, [done.load])[0],
        "is_new": done.is_new,
        "findings": [finding.as_dict() for finding in done.findings[:FINDINGS_SHOWN]],
        "findings_count": len(done.findings),
    }
