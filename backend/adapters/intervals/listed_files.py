"""Files that a manifest lists: written under a name by their content, read against it, merged, and swept."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.durable_files import PARTIAL_SUFFIX, make_folder, write_durably
from backend.adapters.intervals.manifest import (
    MANIFEST_NAME,
    PartFile,
    ReadingFile,
    RegisterFile,
    load_manifest,
)
from backend.adapters.intervals.merging import VersionedRows, by_month, join_rows
from backend.adapters.intervals.parquet_files import decode_readings, encode_readings
from backend.adapters.intervals.register_files import decode_registers, encode_registers, join_registers
from backend.community import is_feeder_series
from backend.errors import ConflictError, StoreError
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.adapters.intervals.manifest import Manifest
    from backend.adapters.intervals.register_files import RegisterRows
    from backend.metering import ReadingTable

__all__ = [
    "add_listed_readings",
    "compact_registers",
    "read_listed",
    "read_rows",
    "sweep",
    "write_readings",
    "write_registers",
]

_REGISTERS = "registers"


def read_listed(folder: Path, file: ReadingFile | PartFile | RegisterFile) -> bytes:
    """A file's bytes, all of them checked against the manifest.

    Raises:
        FileNotFoundError: If it is gone: a writer may have merged it.
        StoreError: If it is damaged, or cannot be read; names it.
    """
    path = folder / file.path
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise StoreError(
            f"{path} is damaged: its hash is not the one in the manifest. "
            "Restore it from a backup with `partage restore`."
        )
    return content


def read_rows(
    folder: Path, file: ReadingFile, points: Sequence[str] | None = None
) -> tuple[tuple[str, ...], VersionedRows]:
    """Ids, and a file's rows that index them; of some points, or of all of the file's."""
    return decode_readings(read_listed(folder, file), points)


def write_readings(
    folder: Path, rows: VersionedRows, points: Sequence[str], resolution_minutes: int
) -> ReadingFile:
    """Write readings of one month; durable once its folder is flushed."""
    data = encode_readings(rows, points, resolution_minutes)
    digest = hashlib.sha256(data).hexdigest()
    loads = tuple(np.unique(rows.load).tolist())
    month = datetime.fromtimestamp(int(rows.start_utc.min()), UTC).strftime("%Y-%m")
    path = f"{month}/{loads[0]:06d}-{digest[:16]}.parquet"
    make_folder(folder / month, 0o700)
    write_durably(folder / path, data, mode=0o600, flush=False)
    reach("intervals.file_written")
    return ReadingFile(
        path=path,
        sha256=digest,
        rows=len(rows),
        loads=loads,
        start_utc=int(rows.start_utc.min()),
        end_utc=int(rows.start_utc.max()) + 60 * resolution_minutes,
        resolution_minutes=resolution_minutes,
    )


def write_registers(folder: Path, rows: RegisterRows) -> RegisterFile:
    """Write register reads; durable once its folder is flushed."""
    data = encode_registers(rows)
    digest = hashlib.sha256(data).hexdigest()
    loads = tuple(np.unique(rows.load).tolist())
    path = f"{_REGISTERS}/{loads[0]:06d}-{digest[:16]}.parquet"
    make_folder(folder / _REGISTERS, 0o700)
    write_durably(folder / path, data, mode=0o600, flush=False)
    reach("intervals.registers_written")
    return RegisterFile(path, digest, len(rows), loads)


def add_listed_readings(
    folder: Path, manifest: Manifest, table: ReadingTable, rows: VersionedRows, limits: tuple[int, int]
) -> Manifest:
    """Write a load's readings, those of feeders beside those of points, and merge where many files are small.

    Args:
        folder: Of the community.
        manifest: Its last load is the one that the readings are of.
        table: As the load gave it.
        rows: Of the table, sorted by point and start; what load they are of is said here.
        limits: Rows below which a file is small, and how many small ones of a month become one.

    Returns:
        The manifest with the new files, not yet saved.

    Raises:
        ConflictError: If there are readings of another resolution for the same time.
    """
    points, load = table.metering_points, manifest.loads[-1]
    of_feeder = np.array([is_feeder_series(name) for name in points], dtype=np.bool_)
    rows = replace(rows, load=np.broadcast_to(np.int32(len(manifest.loads) - 1), len(rows)))

    def added(files: tuple[ReadingFile, ...], chosen: NDArray[np.bool_]) -> tuple[ReadingFile, ...]:
        if not chosen.any():
            return files
        own = rows if chosen.all() else rows.select(chosen[rows.point])
        _require_resolution(files, load.community, table, own)
        written = [
            write_readings(folder, own.select(part), points, table.resolution_minutes)
            for part in by_month(own)
        ]
        return _compact_readings(folder, (*files, *written), limits)

    return replace(
        manifest,
        readings=added(manifest.readings, ~of_feeder),
        feeders=added(manifest.feeders, of_feeder),
    )


def _compact_readings(
    folder: Path, files: tuple[ReadingFile, ...], limits: tuple[int, int]
) -> tuple[ReadingFile, ...]:
    """The files; where a month has many small ones, one in their place that holds every version of them."""
    small_rows, files_max = limits
    small: dict[tuple[str, int], list[ReadingFile]] = {}
    for file in files:
        if file.rows < small_rows:
            small.setdefault((file.month, file.resolution_minutes), []).append(file)
    kept = list(files)
    for (_, resolution_minutes), group in small.items():
        if len(group) < files_max:
            continue
        points = sorted({name for file in group for name in read_rows(folder, file)[0]})
        parts = [read_rows(folder, file, points)[1] for file in group]
        merged = write_readings(folder, join_rows(parts), points, resolution_minutes)
        kept = [file for file in kept if file not in group] + [merged]
    return tuple(kept)


def compact_registers(
    folder: Path, files: tuple[RegisterFile, ...], limits: tuple[int, int]
) -> tuple[RegisterFile, ...]:
    """The files; where many are small, one in their place that holds every version of them."""
    small_rows, files_max = limits
    small = [file for file in files if file.rows < small_rows]
    if len(small) < files_max:
        return files
    merged = write_registers(
        folder, join_registers([decode_registers(read_listed(folder, file)) for file in small])
    )
    return (*(file for file in files if file not in small), merged)


def sweep(folder: Path) -> None:
    """Remove what no manifest lists: the remains of a load that did not end, or files that were merged."""
    listed = load_manifest(folder / MANIFEST_NAME).hashes
    for path in folder.rglob("*"):
        stray = path.suffix == ".parquet" and path.relative_to(folder).as_posix() not in listed
        if stray or path.suffix == PARTIAL_SUFFIX:
            path.unlink(missing_ok=True)


def _require_resolution(
    files: Sequence[ReadingFile], community: str, table: ReadingTable, rows: VersionedRows
) -> None:
    """Refuse readings of another resolution than what is there for the same time.

    Raises:
        ConflictError: Naming the community, both resolutions and the month.
    """
    if not len(rows):
        return
    first, end = int(rows.start_utc.min()), int(rows.start_utc.max()) + 60 * table.resolution_minutes
    for file in files:
        meets = (
            file.start_utc < end and file.end_utc > first
        )  # a long interval may meet short ones that start in it
        if meets and file.resolution_minutes != table.resolution_minutes:
            raise ConflictError(
                f"{community} has {file.resolution_minutes}-minute readings in {file.month}, this load has "
                f"{table.resolution_minutes}-minute ones; bring them to one resolution. Nothing was kept."
            )
