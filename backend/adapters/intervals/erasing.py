"""Erasing points from the interval store: files are written anew without them, listed at once, and the old ones go.

A crash leaves either the old manifest, with new files that nobody lists and the next writer sweeps, or the new one,
with old files that the next writer sweeps; whoever erases again finishes what was left.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.durable_files import flush_folder, write_durably
from backend.adapters.intervals.listed_files import read_listed, read_rows, write_readings, write_registers
from backend.adapters.intervals.manifest import PartFile, load_manifest, save_manifest
from backend.adapters.intervals.parquet_intervals import ParquetIntervals
from backend.adapters.intervals.register_files import decode_registers
from backend.adapters.intervals.run_files import (
    RUN_KINDS,
    SCHEDULE,
    decode_run,
    decode_schedule,
    encode_run,
    encode_schedule,
    hash_arrays,
    hash_run,
)
from backend.ports.failpoints import reach
from backend.ports.intervals import SERIES_MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.adapters.intervals.manifest import Manifest, ReadingFile, RegisterFile
    from backend.ports import AllocationFrame

__all__ = ["ErasingIntervals", "without_slots"]


def without_slots(frame: AllocationFrame, slots: Collection[int]) -> AllocationFrame:
    """A run's rows without those of slots, and without what sums up an interval over all slots."""
    chosen = sorted(slots)

    def blank(rows: NDArray[Any] | None) -> NDArray[Any] | None:
        if rows is None:
            return None
        kept = rows.copy()
        kept[chosen] = 0
        return kept

    def apart(links: NDArray[np.int64], sides: tuple[int, int]) -> NDArray[np.int64]:
        return links[~np.isin(links[:, sides], chosen).any(axis=1)]

    by_slot = (
        "energy",
        "allocated",
        "quality",
        "source",
        "row_value",
        "credited",
        "parts",
        "potentials",
        "computed",
    )
    blanked: dict[str, Any] = {name: blank(getattr(frame, name)) for name in by_slot}
    emptied: dict[str, Any] = {
        name: np.zeros_like(getattr(frame, name)) for name in ("tau", "value", "rounds")
    }
    return replace(
        frame,
        **blanked,
        **emptied,
        links=apart(frame.links, (0, 1)),
        link_flows=None if frame.link_flows is None else apart(frame.link_flows, (1, 2)),
        link_costs=None if frame.link_costs is None else apart(frame.link_costs, (0, 1)),
    )


class ErasingIntervals(ParquetIntervals):
    """Implements ``backend.ports.erasing.IntervalEraser`` over the same folder."""

    def erase_points(
        self, community: str, points: Sequence[str], slots: Mapping[int, Collection[int]]
    ) -> None:
        """See ``IntervalEraser.erase_points``."""
        folder = self._place(community)
        if not folder.is_dir():
            return
        with self._writing(community, "an erasure") as manifest_path:
            manifest = load_manifest(manifest_path)
            readings, feeders = (
                [kept for file in files for kept in _readings_without(folder, file, frozenset(points))]
                for files in (manifest.readings, manifest.feeders)
            )
            parts = _parts_without(folder, manifest, slots)
            registers = [
                kept for file in manifest.registers for kept in _registers_without(folder, file, points)
            ]
            changed = replace(
                manifest,
                readings=tuple(readings),
                parts=tuple(parts),
                feeders=tuple(feeders),
                registers=tuple(registers),
            )
            if changed == manifest:
                return
            new = [folder / path for path in changed.hashes.keys() - manifest.hashes.keys()]
            for place in {path.parent for path in new}:
                flush_folder(place)
            reach("intervals.erasure_written")
            save_manifest(manifest_path, changed)
            reach("intervals.erasure_listed")
            gone = [folder / path for path in manifest.hashes.keys() - changed.hashes.keys()]
            for path in gone:
                path.unlink(missing_ok=True)
            for parent in {path.parent for path in gone}:
                flush_folder(parent)


def _readings_without(folder: Path, file: ReadingFile, points: frozenset[str]) -> list[ReadingFile]:
    """The file, or one in its place without any series of the points; none where nothing is left."""
    names, rows = read_rows(folder, file)
    erased = np.array([name.partition(SERIES_MARK)[0] in points for name in names], dtype=np.bool_)
    if not erased.any():
        return [file]
    left = rows.select(~erased[rows.point])
    if not len(left):
        return []
    # Only ids that are left may stand in the new file's dictionary.
    place = np.cumsum(~erased, dtype=np.int32) - 1
    left = replace(left, point=place[left.point].astype(np.int32))
    kept_names = [name for name, gone in zip(names, erased, strict=True) if not gone]
    return [write_readings(folder, left, kept_names, file.resolution_minutes)]


def _registers_without(folder: Path, file: RegisterFile, points: Sequence[str]) -> list[RegisterFile]:
    """The file, or one in its place without the reads of the points; none where nothing is left."""
    rows = decode_registers(read_listed(folder, file))
    left = rows.without_points(points)
    if len(left) == len(rows):
        return [file]
    return [write_registers(folder, left)] if len(left) else []


def _parts_without(folder: Path, manifest: Manifest, slots: Mapping[int, Collection[int]]) -> list[PartFile]:
    found: list[PartFile] = []
    groups: dict[tuple[int, int, bool], list[PartFile]] = {}
    for file in manifest.parts:
        groups.setdefault((file.period, file.version, file.kind == SCHEDULE), []).append(file)
    for (period, _, is_schedule), files in groups.items():
        chosen = slots.get(period, ())
        if not chosen:
            found += files
            continue
        contents = {file.kind: read_listed(folder, file) for file in files}
        if is_schedule:
            figures = decode_schedule(contents[SCHEDULE])
            figures[[slot for slot in chosen if slot < len(figures)]] = 0
            written = {SCHEDULE: encode_schedule(figures)}
            content = hash_arrays(coefficients=figures)
        else:
            assert contents.keys() <= set(RUN_KINDS), contents.keys()
            frame = without_slots(decode_run(contents), chosen)
            written, content = encode_run(frame), hash_run(frame)
        found += [_write_part(folder, file, written[file.kind], content) for file in files]
    return found


def _write_part(folder: Path, file: PartFile, data: memoryview, content: str) -> PartFile:
    digest = hashlib.sha256(data).hexdigest()
    parent = file.path.rpartition("/")[0]
    path = f"{parent}/{file.period}-{file.version}-{file.kind}-{digest[:16]}.parquet"
    if path != file.path:
        write_durably(folder / path, data, mode=0o600)
    return replace(file, path=path, sha256=digest, content=content)
