"""What a file is, in a word and in words, without reading it; and how much one from outside may hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.adapters.meter_files.archives import DAMAGES, BombError, Bounds, open_files
from backend.adapters.meter_files.detection import detect_format
from backend.adapters.meter_files.faults import FaultCollector
from backend.errors import ReadingsError

if TYPE_CHECKING:
    from pathlib import Path

    from backend.ports import MeterFileContentsReader

__all__ = ["ALLOCATION_BOUNDS", "UPLOAD_BOUNDS", "bounded", "recognise_file"]

UPLOAD_BOUNDS = Bounds(bytes_max=2 * 1024**3, members_max=1_000)
"""Of a file that came over the network: what it holds is read while somebody waits."""

ALLOCATION_BOUNDS = replace(UPLOAD_BOUNDS, bytes_max=512 * 1024**2)
"""Of an operator's allocation, whose rows are held at once: a month of thousands of points."""


def recognise_file(path: Path, bounds: Bounds = UPLOAD_BOUNDS) -> tuple[str, str]:
    """Names and titles of the formats that a file has, joined where an archive has several; empty where it has none."""
    faults = FaultCollector(path.name)
    try:
        found = [detect_format(source, faults) for source in open_files(path, faults, bounds)]
    except (ReadingsError, BombError, *DAMAGES):
        return "", ""
    named = {one.name: one.title for one in found if one is not None}
    return ", ".join(named), ", ".join(named.values())


def bounded(reader: MeterFileContentsReader, bounds: Bounds = UPLOAD_BOUNDS) -> MeterFileContentsReader:
    """The reader, for files that came over the network."""
    from backend.adapters.meter_files.reading import MeterFiles

    return replace(reader, bounds=bounds) if isinstance(reader, MeterFiles) else reader
