"""The manifest of a community's interval files: the one place that says what is there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from backend.adapters.durable_files import write_durably
from backend.errors import StoreError
from backend.ports import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from backend.ports import ReadingLoad

__all__ = [
    "MANIFEST_NAME",
    "Manifest",
    "PartFile",
    "ReadingFile",
    "RegisterFile",
    "load_manifest",
    "save_manifest",
]

MANIFEST_NAME = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ReadingFile:
    """A file of readings of one month.

    Attributes:
        path: Within the community's folder: ``2017-06/...parquet``.
        sha256: Of its bytes, hexadecimal.
        rows: How many. [1]
        loads: Arrival numbers of the loads that it holds, ascending.
        start_utc: First start. [s since 1970, UTC]
        end_utc: Last end. [s since 1970, UTC]
        resolution_minutes: Of every row. [min]
    """

    path: str
    sha256: str
    rows: int
    loads: tuple[int, ...]
    start_utc: int
    end_utc: int
    resolution_minutes: int

    @property
    def month(self) -> str:
        """``2017-06``."""
        return self.path.partition("/")[0]

    @property
    def last_start_utc(self) -> int:
        """Last start. [s since 1970, UTC]"""
        return self.end_utc - 60 * self.resolution_minutes

    def overlaps(self, start_utc: int, end_utc: int) -> bool:
        """May it hold readings that start in [start, end)?"""
        return self.start_utc < end_utc and self.last_start_utc >= start_utc

    def lies_within(self, start_utc: int, end_utc: int) -> bool:
        """Do all of its readings start in [start, end)?"""
        return start_utc <= self.start_utc and self.last_start_utc < end_utc


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file of what registers showed.

    Attributes:
        path: Within the community's folder: ``registers/...parquet``.
        sha256: Of its bytes, hexadecimal.
        rows: How many. [1]
        loads: Arrival numbers of the loads that it holds, ascending.
    """

    path: str
    sha256: str
    rows: int
    loads: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartFile:
    """One file of what belongs to a run, or of a schedule.

    Attributes:
        kind: ``rows``, ``intervals``, ``links``, ``flows`` of a run; ``schedule``.
        path: Within the community's folder.
        sha256: Of its bytes, hexadecimal.
        content: Hash of what all files of the run or schedule hold, whatever their encoding.
    """

    kind: str
    period: int
    version: int
    path: str
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a community has.

    Attributes:
        loads: In order of arrival; a load's arrival number is its place here, from 0.
        readings: Files of readings.
        parts: Files of runs and schedules.
        feeders: Files of readings of feeders' meters, which count nowhere else.
        registers: Files of register reads.
    """

    loads: tuple[ReadingLoad, ...] = ()
    readings: tuple[ReadingFile, ...] = ()
    parts: tuple[PartFile, ...] = ()
    feeders: tuple[ReadingFile, ...] = ()
    registers: tuple[RegisterFile, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict, compare=False)

    def coverage(self, start_utc: int, end_utc: int) -> Coverage:
        """How much of [start, end) the files of readings reach over, and which they are."""
        files = sorted(
            (file for file in self.readings if file.overlaps(start_utc, end_utc)),
            key=lambda file: (file.start_utc, file.end_utc, file.sha256),
        )
        seconds, reached = 0, start_utc
        for file in files:
            until = min(file.end_utc, end_utc)
            seconds += max(until - max(file.start_utc, reached), 0)
            reached = max(reached, until)
        content = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
        return Coverage(seconds, f"0x{content}")

    def __post_init__(self) -> None:
        self.numbers.clear()
        self.numbers.update((load.id, number) for number, load in enumerate(self.loads))

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file that counts, by path."""
        files: tuple[ReadingFile | PartFile | RegisterFile, ...] = (
            *self.readings,
            *self.parts,
            *self.feeders,
            *self.registers,
        )
        return {file.path: file.sha256 for file in files}


def load_manifest(path: Path) -> Manifest:
    """Read a manifest; one that is absent is empty.

    Raises:
        StoreError: If it is damaged, or of a newer Partage.
    """
    from backend.ports import ReadingLoad

    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        outer = json.loads(text)
        body, kept_format, kept_hash = outer["body"], outer["format"], outer["sha256"]
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{path} is damaged; restore it from a backup with `partage restore`.") from None
    if kept_format != _FORMAT:
        raise StoreError(
            f"{path} has format {kept_format}, this Partage knows {_FORMAT}; install a newer one."
        )
    if hashlib.sha256(_canonical(body)).hexdigest() != kept_hash:
        raise StoreError(
            f"{path} is damaged: its hash differs. Restore it from a backup with `partage restore`."
        )
    return Manifest(
        loads=tuple(ReadingLoad(**{**load, "files": tuple(load["files"])}) for load in body["loads"]),
        readings=_reading_files(body["readings"]),
        parts=tuple(PartFile(**file) for file in body["parts"]),
        feeders=_reading_files(body.get("feeders", ())),
        registers=tuple(
            RegisterFile(**{**file, "loads": tuple(file["loads"])}) for file in body.get("registers", ())
        ),
    )


def _reading_files(listed: Iterable[Mapping[str, Any]]) -> tuple[ReadingFile, ...]:
    return tuple(ReadingFile(**{**file, "loads": tuple(file["loads"])}) for file in listed)


def save_manifest(path: Path, manifest: Manifest) -> None:
    """Replace a manifest as a whole; durable when it returns."""
    body = {
        "loads": [asdict(load) for load in manifest.loads],
        "readings": [asdict(file) for file in manifest.readings],
        "parts": [asdict(file) for file in manifest.parts],
        "feeders": [asdict(file) for file in manifest.feeders],
        "registers": [asdict(file) for file in manifest.registers],
    }
    canonical = _canonical(body)
    head = json.dumps({"format": _FORMAT, "sha256": hashlib.sha256(canonical).hexdigest()})
    write_durably(path, head[:-1].encode() + b', "body": ' + canonical + b"}\n", mode=0o600)


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
