"""Load meter files into a community: all of them or nothing, as one new version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.commitments.keccak import keccak256
from backend.errors import ConflictError, NotFoundError, ReadingsError
from backend.metering import Finding, ReadingTable
from backend.metering.joining import empty_table, join_tables
from backend.metering.known_points import KnownPoints, pure_id
from backend.ports import ReadingLoad
from backend.services.ruled_readings import outranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.metering.source_series import RegisterRead, SeriesName
    from backend.ports import MeterFileLoader
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
    read_file: MeterFileLoader,
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
    table, registers, findings = _read(view, read_file, files, on_stage)
    on_stage("keeping the readings")
    load = ReadingLoad(
        id=load_id,
        community=view.record.id,
        received_utc=context.clock.now_utc(),
        files=tuple(file.name for file in files),
        file_hash="0x" + joined.hex(),
        salt="0x" + context.random_bytes(_SALT_BYTES).hex(),
        rows=len(table),
        registers=len(registers),
    )
    context.intervals.add_readings(load, table, registers)
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
    read_file: MeterFileLoader,
    files: Sequence[Path],
    on_stage: Callable[[str], None],
) -> tuple[ReadingTable, list[RegisterRead], list[Finding]]:
    """Readings and register reads of all files; of the same register read the later file's."""
    points = KnownPoints(view.community.metered_series, view.community.time_zone)
    resolution = view.community.resolution_minutes
    tables: list[ReadingTable] = []
    registers: dict[tuple[SeriesName, str, int], RegisterRead] = {}
    findings: list[Finding] = []
    refusals: list[ReadingsError] = []
    for file in files:
        on_stage(f"reading {file.name}")
        try:
            found = read_file.loadable(file, known_points=points, resolution_minutes=resolution)
        except ReadingsError as error:
            refusals.append(error)
            findings.extend(error.findings)
            continue
        if len(found.table):
            tables.append(found.table)
        registers |= {(read.series, read.meter, read.instant_utc): read for read in found.registers}
        findings.extend(found.findings)
    if refusals:
        others = f" ({len(refusals)} of {len(files)} files are refused)" if len(refusals) > 1 else ""
        raise ReadingsError(f"nothing was loaded into {view.record.id}: {refusals[0]}{others}", findings)
    table = join_tables(tables) if tables else empty_table(resolution)
    return table, list(registers.values()), findings


def _community_of(context: SettlementContext, read_file: MeterFileLoader, file: Path) -> CommunityView:
    """The one community that knows the file's points."""
    with context.store.reading() as records:
        known = [record.id for record in records.communities()]
    if not known:
        raise NotFoundError(
            "no community is loaded yet; load one with: partage community load COMMUNITY.toml"
        )
    if len(known) == 1:
        return context.community(known[0])
    found = read_file.loadable(file, known_points=None, resolution_minutes=None)
    names = {
        *found.table.metering_points,
        *(pure_id(read.series.external_id, read.series.direction) for read in found.registers),
    }
    views = [context.community(name) for name in known]
    fitting = [view for view in views if all(map(KnownPoints(view.community.metered_series).fits, names))]
    if len(fitting) == 1:
        return fitting[0]
    several = ", ".join(view.record.id for view in fitting) or "none"
    raise ConflictError(
        f"{file.name} has points of {several} of the communities {', '.join(known)}; say which with --community ID."
    )
