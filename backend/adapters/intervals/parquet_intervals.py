"""The interval store: loads, readings in force, runs' rows, schedules."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from backend.adapters.durable_files import flush_folder, make_folder, write_durably
from backend.adapters.file_lock import FileLock
from backend.adapters.intervals.listed_files import (
    add_listed_readings,
    compact_registers,
    read_listed,
    read_rows,
    sweep,
    write_registers,
)
from backend.adapters.intervals.manifest import (
    MANIFEST_NAME,
    Manifest,
    PartFile,
    ReadingFile,
    load_manifest,
    save_manifest,
)
from backend.adapters.intervals.merging import VersionedRows, checked_rows, join_rows, keep_latest
from backend.adapters.intervals.register_files import (
    RegisterRows,
    decode_registers,
    join_registers,
    reads_around,
    register_rows,
)
from backend.adapters.intervals.run_files import (
    RUN_KINDS,
    SCHEDULE,
    PartSet,
    decode_run,
    decode_schedule,
    encode_run,
    encode_schedule,
    hash_arrays,
    hash_run,
)
from backend.community import is_feeder_series
from backend.errors import ConflictError, NotFoundError, StoreError
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.metering import ReadingTable
    from backend.metering.source_series import RegisterRead
    from backend.ports import AllocationFrame, Coverage, ReadingLoad

__all__ = ["ParquetIntervals"]

WAIT_SECONDS = 30.0
# A month's small files become one when there are this many: reading stays fast where loads come by the quarter-hour.
FILES_PER_MONTH_MAX = 32
SMALL_FILE_ROWS = 1 << 18
_LOCK_NAME = "lock"
_ALLOCATIONS = "allocations"
_READ_ATTEMPTS = 5
_RESOLUTION_UNKNOWN = 15

_COMMUNITY = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_T = TypeVar("_T")


class ParquetIntervals:
    """Implements ``backend.ports.IntervalStore`` in a folder.

    Args:
        folder: Holds one folder per community.
        wait_seconds: How long a writer waits for another. [s]
        files_per_month_max: When a month has so many small files, they become one. [1]
        small_file_rows: Below this a file is small. [1]
        prefix: Before the name of each community's folder, so that two stores may share a folder.
    """

    def __init__(
        self,
        folder: Path,
        wait_seconds: float = WAIT_SECONDS,
        files_per_month_max: int = FILES_PER_MONTH_MAX,
        small_file_rows: int = SMALL_FILE_ROWS,
        prefix: str = "",
    ) -> None:
        self._folder = folder
        self._prefix = prefix
        self._wait_seconds = wait_seconds
        self._files_per_month_max = files_per_month_max
        self._small_file_rows = small_file_rows
        self._manifests: dict[str, tuple[tuple[int, int, int], Manifest]] = {}

    # readings

    def add_readings(
        self, load: ReadingLoad, table: ReadingTable, registers: Sequence[RegisterRead] = ()
    ) -> None:
        """Keep a load as a new version; a load id that is there already changes nothing.

        Raises:
            ConflictError: If it has a reading twice, or another resolution than what is there for the same time.
            StoreBusyError: If another process writes too long.
        """
        assert load.registers == len(registers), "a load says how many register reads it has"
        rows, limits = checked_rows(table, load.id), (self._small_file_rows, self._files_per_month_max)
        folder = self._place(load.community)
        with self._writing(load.community, f"load {load.id[:18]}") as manifest_path:
            manifest = load_manifest(manifest_path)
            if load.id in manifest.numbers:
                return
            changed = replace(manifest, loads=(*manifest.loads, load))
            changed = add_listed_readings(folder, changed, table, rows, limits)
            if registers:
                written = write_registers(folder, register_rows(registers, len(manifest.loads)))
                files = compact_registers(folder, (*manifest.registers, written), limits)
                changed = replace(changed, registers=files)
            for parent in {
                path.rpartition("/")[0] for path in changed.hashes.keys() - manifest.hashes.keys()
            }:
                flush_folder(folder / parent)
            reach("intervals.files_written")
            save_manifest(manifest_path, changed)
            reach("intervals.manifest_written")

    def loads(self, community: str) -> list[ReadingLoad]:
        """Loads in order of arrival."""
        return list(self._manifest(community).loads)

    def readings(
        self,
        community: str,
        metering_points: Sequence[str],
        start_utc: int,
        end_utc: int,
        loads: Sequence[str] | None = None,
    ) -> ReadingTable:
        """The readings in force in [start, end): of each (point, interval) the one of the latest load that has it.

        Raises:
            NotFoundError: If one of ``loads`` is not there.
            ConflictError: If the readings are of several resolutions.
            StoreError: If a file is damaged; names it.
        """
        return self._retried(lambda: self._readings(community, metering_points, start_utc, end_utc, loads))

    def loads_within(self, community: str, start_utc: int, end_utc: int) -> list[str]:
        """Ids of the loads that have readings in [start, end), in order of arrival."""
        return self._retried(lambda: self._loads_within(community, start_utc, end_utc))

    def span(self, community: str) -> tuple[int, int] | None:
        """First start and last end of any reading, None where there is none. [s since 1970, UTC]"""
        files = self._manifest(community).readings
        if not files:
            return None
        return min(file.start_utc for file in files), max(file.end_utc for file in files)

    def coverage(self, community: str, start_utc: int, end_utc: int) -> Coverage:
        """How much of [start, end) readings may cover, and what they are, by the manifest alone."""
        return self._manifest(community).coverage(start_utc, end_utc)

    def register_reads(
        self,
        community: str,
        metering_points: Sequence[str],
        start_utc: int,
        end_utc: int,
        loads: Sequence[str] | None = None,
    ) -> dict[str, list[RegisterRead]]:
        """What registers showed in [start, end], and the nearest reads around it.

        Raises:
            NotFoundError: If one of ``loads`` is not there.
            StoreError: If a file is damaged; names it.
        """
        rows = self._retried(lambda: self._registers(community, metering_points, start_utc, end_utc, loads))
        found: dict[str, list[RegisterRead]] = {}
        for point, read in rows.reads():
            found.setdefault(point, []).append(read)
        return found

    def register_loads(
        self, community: str, metering_points: Sequence[str], start_utc: int, end_utc: int
    ) -> list[str]:
        """Ids of the loads that those reads came with, in order of arrival."""
        rows = self._retried(lambda: self._registers(community, metering_points, start_utc, end_utc, None))
        loads = self._manifest(community).loads
        return [loads[number].id for number in np.unique(rows.load).tolist()]

    # allocations

    def add_allocation(
        self,
        community: str,
        period: int,
        version: int,
        frame: AllocationFrame,
        *,
        replace_unannounced: bool = False,
    ) -> None:
        """Keep a run's rows; the same again changes nothing.

        Raises:
            ConflictError: If the run is kept with other rows.
            StoreBusyError: If another process writes too long.
        """
        what = f"Run {version} of period {period} of {community}"
        parts = PartSet(RUN_KINDS, hash_run(frame), what, lambda: encode_run(frame))
        self._add_parts(community, (period, version), parts, replace_unannounced=replace_unannounced)

    def allocation(self, community: str, period: int, version: int) -> AllocationFrame:
        """A run's rows.

        Raises:
            NotFoundError: If that run was never kept.
            StoreError: If one of its files is damaged; names it.
        """
        files = _parts(self._manifest(community), (period, version), RUN_KINDS)
        if not files:
            raise NotFoundError(f"The rows of run {version} of period {period} of {community} are not here.")
        place = self._place(community)
        return decode_run(self._retried(lambda: {file.kind: read_listed(place, file) for file in files}))

    def add_schedule(
        self,
        community: str,
        period: int,
        version: int,
        coefficients: NDArray[np.int64],
        *,
        replace_unannounced: bool = False,
    ) -> None:
        """Keep the coefficients that were handed in; the same again changes nothing.

        Raises:
            ConflictError: If the version is kept with others.
            StoreBusyError: If another process writes too long.
        """
        what = f"Schedule {version} of period {period} of {community}"
        content = hash_arrays(coefficients=coefficients)
        parts = PartSet((SCHEDULE,), content, what, lambda: {SCHEDULE: encode_schedule(coefficients)})
        self._add_parts(community, (period, version), parts, replace_unannounced=replace_unannounced)

    def schedule(self, community: str, period: int, version: int) -> NDArray[np.int64]:
        """The coefficients of a version. Shape (slots, T). [ppm]

        Raises:
            NotFoundError: If that version was never kept.
            StoreError: If its file is damaged; names it.
        """
        files = _parts(self._manifest(community), (period, version), (SCHEDULE,))
        if not files:
            raise NotFoundError(f"Schedule {version} of period {period} of {community} is not here.")
        return decode_schedule(self._retried(lambda: read_listed(self._place(community), files[0])))

    def _add_parts(
        self, community: str, place: tuple[int, int], parts: PartSet, *, replace_unannounced: bool
    ) -> None:
        """Write the files of a run or schedule of (period, version) once, all of them or none."""
        period, version = place
        folder = self._place(community)
        with self._writing(community, parts.name.lower()) as manifest_path:
            manifest = load_manifest(manifest_path)
            kept = _parts(manifest, place, parts.kinds)
            if kept and kept[0].content == parts.content:
                return
            if kept and not replace_unannounced:
                raise ConflictError(
                    f"{parts.name} is kept with other rows; "
                    "what is settled is never overwritten, a correction is a new one."
                )
            make_folder(folder / _ALLOCATIONS, 0o700)
            written = []
            for kind, data in parts.encode().items():
                digest = hashlib.sha256(data).hexdigest()
                path = f"{_ALLOCATIONS}/{period}-{version}-{kind}-{digest[:16]}.parquet"
                write_durably(folder / path, data, mode=0o600)
                written.append(PartFile(kind, period, version, path, digest, parts.content))
            reach("intervals.allocation_written")
            others = tuple(file for file in manifest.parts if file not in kept)
            save_manifest(manifest_path, replace(manifest, parts=(*others, *written)))
            reach("intervals.allocation_listed")

    # reading

    def _readings(
        self, community: str, points: Sequence[str], start_utc: int, end_utc: int, loads: Sequence[str] | None
    ) -> ReadingTable:
        manifest = self._manifest(community)
        numbers = None if loads is None else _numbers(manifest, community, loads)
        listed = manifest.readings
        if any(map(is_feeder_series, points)):
            listed = (*listed, *manifest.feeders)
        files = [
            file
            for file in listed
            if file.overlaps(start_utc, end_utc) and (numbers is None or not numbers.isdisjoint(file.loads))
        ]
        parts, resolutions = [], set()
        for file in files:
            rows = read_rows(self._place(community), file, points)[1]
            rows = _within(rows, file, start_utc, end_utc, numbers)
            if len(rows):
                parts.append(rows)
                resolutions.add(file.resolution_minutes)
        if len(resolutions) > 1:
            texts = " and ".join(f"{minutes}" for minutes in sorted(resolutions))
            raise ConflictError(
                f"{community} has readings of {texts} minutes there; ask for one resolution at a time."
            )
        binding = [number for number, load in enumerate(manifest.loads) if load.binding]
        rows = keep_latest(join_rows(parts), binding)
        known = (
            resolutions
            or {file.resolution_minutes for file in manifest.readings[-1:]}
            or {_RESOLUTION_UNKNOWN}
        )
        return rows.as_table(points, known.pop())

    def _loads_within(self, community: str, start_utc: int, end_utc: int) -> list[str]:
        manifest = self._manifest(community)
        found: set[int] = set()
        for file in manifest.readings:
            if not file.overlaps(start_utc, end_utc) or found.issuperset(file.loads):
                continue
            if file.lies_within(start_utc, end_utc):
                found.update(file.loads)
                continue
            rows = read_rows(self._place(community), file)[1]
            found.update(np.unique(_within(rows, file, start_utc, end_utc, None).load).tolist())
        return [manifest.loads[number].id for number in sorted(found)]

    def _registers(
        self, community: str, points: Sequence[str], start_utc: int, end_utc: int, loads: Sequence[str] | None
    ) -> RegisterRows:
        manifest = self._manifest(community)
        numbers = None if loads is None else _numbers(manifest, community, loads)
        parts = []
        for file in manifest.registers:
            if numbers is not None and numbers.isdisjoint(file.loads):
                continue
            rows = decode_registers(read_listed(self._place(community), file)).of_points(points)
            if numbers is not None:
                rows = rows.select(np.isin(rows.load, list(numbers)))
            parts.append(rows)
        return reads_around(join_registers(parts), start_utc, end_utc)

    def _retried(self, read: Callable[[], _T]) -> _T:
        """Read again where a writer merged files after the manifest was read."""
        for _ in range(_READ_ATTEMPTS - 1):
            try:
                return read()
            except FileNotFoundError:
                continue
        try:
            return read()
        except FileNotFoundError as error:
            raise StoreError(
                f"{error.filename} is missing, though the manifest lists it. Restore it with `partage restore`."
            ) from None

    def _manifest(self, community: str) -> Manifest:
        path = self._place(community) / MANIFEST_NAME
        try:
            status = path.stat()
        except FileNotFoundError:
            return Manifest()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        cached = self._manifests.get(community)
        if cached is None or cached[0] != stamp:
            cached = (stamp, load_manifest(path))
            self._manifests[community] = cached
        return cached[1]

    def _place(self, community: str) -> Path:
        if not _COMMUNITY.fullmatch(community):
            raise StoreError(f"{community!r} is no community's id; use a-z, 0-9, dot, dash and underscore.")
        return self._folder / f"{self._prefix}{community}"

    # writing

    @contextmanager
    def _writing(self, community: str, purpose: str) -> Iterator[Path]:
        """The writer's place in a community; what an earlier crash left behind is swept first."""
        folder = self._place(community)
        make_folder(folder, 0o700)
        lock = FileLock(folder / _LOCK_NAME, f"the interval store of {community}")
        with lock.hold(purpose, self._wait_seconds):
            sweep(folder)
            yield folder / MANIFEST_NAME


def _within(
    rows: VersionedRows, file: ReadingFile, start_utc: int, end_utc: int, numbers: set[int] | None
) -> VersionedRows:
    """The rows that start in [start, end), of some loads or of all."""
    if not file.lies_within(start_utc, end_utc):
        rows = rows.select((rows.start_utc >= start_utc) & (rows.start_utc < end_utc))
    if numbers is not None and not numbers.issuperset(file.loads):
        rows = rows.select(np.isin(rows.load, list(numbers)))
    return rows


def _numbers(manifest: Manifest, community: str, loads: Sequence[str]) -> set[int]:
    unknown = [load for load in loads if load not in manifest.numbers]
    if unknown:
        raise NotFoundError(
            f"{community} has no load {unknown[0]}; what was known then cannot be replayed without it."
        )
    return {manifest.numbers[load] for load in loads}


def _parts(manifest: Manifest, place: tuple[int, int], kinds: Sequence[str]) -> list[PartFile]:
    return [file for file in manifest.parts if (file.period, file.version) == place and file.kind in kinds]
