"""Load meter files into a community: all of them or nothing, as one new version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.commitments.keccak import keccak256
from backend.errors import ConflictError, NotFoundError, ReadingsError
from backend.metering import Finding, ReadingTable
from backend.metering.joining import join_tables
from backend.metering.known_points import KnownPoints
from backend.ports import ReadingLoad
from backend.services.ruled_readings import outranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.ports import MeterFileReader
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["LoadedReadings", "hash_file", "load_readings"]

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class LoadedReadings:
    """What a load did.

    Attributes:
        community: Its id.
        load: As kept.
        is_new: False where the same files were loaded before: nothing changed.
        findings: Warnings and notes; a fault would have refused the files.
    """

    community: str
    load: ReadingLoad
    is_new: bool
    findings: tuple[Finding, ...]


def load_readings(
    context: SettlementContext,
    read_file: MeterFileReader,
    files: Sequence[Path],
    *,
    community: str = "",
    how: bytes = b"",
    on_stage: Callable[[str], None] = lambda _: None,
) -> LoadedReadings:
    """Load files; rows of later files supersede those of earlier ones and of earlier loads.

    Args:
        context: Ports.
        read_file: Reads one file.
        files: In order.
        community: Its id; may be empty where the points are in one community only.
        how: What else the readings depend on, such as a mapping: the same files read otherwise are another load.
        on_stage: Told what begins: a file's fingerprint, its reading, the keeping of all.

    Raises:
        ReadingsError: With a finding per fault; nothing is kept.
        NotFoundError: If a file or the community is not there.
    """
    for file in files:
        if not file.is_file():
            raise NotFoundError(f"{file} is not a file; give the path of a meter file.")
    hashes = []
    for file in files:
        on_stage(f"looking at {file.name}")
        hashes.append(hash_file(file))
    joined = hashes[0] if len(hashes) == 1 else keccak256(b"".join(hashes))
    view = context.community(community) if community else _community_of(context, read_file, files[0])
    load_id = keccak256(view.record.id.encode() + b"\x00" + joined + how).hex()
    for load in context.intervals.loads(view.record.id):
        if load.id == load_id:
            return LoadedReadings(view.record.id, load, is_new=False, findings=())
    table, findings = _read(view, read_file, files, on_stage)
    on_stage("keeping the readings")
    load = ReadingLoad(
        id=load_id,
        community=view.record.id,
        received_utc=context.clock.now_utc(),
        files=tuple(file.name for file in files),
        file_hash="0x" + joined.hex(),
        salt="0x" + context.random_bytes(_SALT_BYTES).hex(),
        rows=len(table),
    )
    context.intervals.add_readings(load, table)
    findings += outranked(context.intervals, view.record.id, table, ", ".join(load.files))
    return LoadedReadings(view.record.id, load, is_new=True, findings=tuple(findings))


def hash_file(file: Path) -> bytes:
    """Keccak over the file's SHA-256: streamed, so that a large file is never held whole."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return keccak256(digest.digest())


def _read(
    view: CommunityView,
    read_file: MeterFileReader,
    files: Sequence[Path],
    on_stage: Callable[[str], None],
) -> tuple[ReadingTable, list[Finding]]:
    points = KnownPoints(view.community.metering_points, view.community.time_zone)
    tables: list[ReadingTable] = []
    findings: list[Finding] = []
    refusals: list[ReadingsError] = []
    for file in files:
        on_stage(f"reading {file.name}")
        try:
            table, found = read_file(
                file, known_points=points, resolution_minutes=view.community.resolution_minutes
            )
        except ReadingsError as error:
            refusals.append(error)
            findings.extend(error.findings)
            continue
        tables.append(table)
        findings.extend(found)
    if refusals:
        others = f" ({len(refusals)} of {len(files)} files are refused)" if len(refusals) > 1 else ""
        raise ReadingsError(f"nothing was loaded into {view.record.id}: {refusals[0]}{others}", findings)
    return join_tables(tables), findings


def _community_of(context: SettlementContext, read_file: MeterFileReader, file: Path) -> CommunityView:
    """The one community that knows the file's points."""
    with context.store.reading() as records:
        known = [record.id for record in records.communities()]
    if not known:
        raise NotFoundError(
            "no community is loaded yet; load one with: partage community load COMMUNITY.toml"
        )
    if len(known) == 1:
        return context.community(known[0])
    table, _ = read_file(file, known_points=None, resolution_minutes=None)
    views = [context.community(name) for name in known]
    fitting = [
        view
        for view in views
        if all(KnownPoints(view.community.metering_points).fits(name) for name in table.metering_points)
    ]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(view.record.id for view in fitting) or "none"
    raise ConflictError(
        f"{file.name} has points of {names} of the communities {', '.join(known)}; say which with --community ID."
    )
