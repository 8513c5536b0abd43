"""Our own form of readings: ``metering_point,start,resolution_minutes,energy_kwh,quality``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.formats import MeterFormat, SourceFile
from backend.adapters.meter_files.words import COLUMNS
from backend.metering.known_points import KnownPoints

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering import Finding, ReadingTable
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT"]

_SURE = 3  # so many of our columns' names make it ours, misspelt ones among them are told


def recognise(head: bytes) -> bool:
    """Has the first line most of our columns? Then what is wrong with the others is told by the reader."""
    line = head.lstrip(b"\xef\xbb\xbf").partition(b"\n")[0]
    if b"\0" in line:
        return False
    words = {word.strip().strip('"').strip() for word in line.decode(errors="replace").split(",")}
    if len(words) == 1:
        words = {
            word.strip().strip('"') for word in line.decode(errors="replace").replace("\t", ";").split(";")
        }
    return len(words.intersection(COLUMNS)) >= _SURE


def read_table(
    source: SourceFile, faults: FaultCollector, known: AbstractSet[str] | None, resolution_minutes: int | None
) -> tuple[ReadingTable, list[Finding]]:
    """Read a file at once, by columns.

    Raises:
        ReadingsError: With a finding per fault.
    """
    from backend.adapters.meter_files.generic_csv import read_generic_blocks
    from backend.adapters.meter_files.text_blocks import split_blocks

    names = _Names(known) if isinstance(known, KnownPoints) else known
    with source.open() as stream:
        table, findings = read_generic_blocks(
            split_blocks(stream, faults), faults, known_points=names, resolution_minutes=resolution_minutes
        )
    return (_rename(table, names, faults) if isinstance(names, _Names) else table), findings


class _Names(Collection[str]):
    """What a generic file may call the points of a community: their ids, or their operator's numbers."""

    def __init__(self, known: KnownPoints) -> None:
        self.known = known

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.known.own_id(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.known.all_names())

    def __len__(self) -> int:
        return len(self.known.all_names())


def _rename(table: ReadingTable, names: _Names, faults: FaultCollector) -> ReadingTable:
    """The table by ids; a point that is there by both its names is refused."""
    ids = [names.known.own_id(name) or name for name in table.metering_points]
    if ids == list(table.metering_points):
        return table
    for name, point in zip(table.metering_points, ids, strict=True):
        if name != point and ids.count(point) > 1:
            faults.refuse(
                "contradiction", f"{point} is there by its id and as {name}; keep one.", metering_point=point
            )
    faults.stop_if_refused()
    order = sorted(range(len(ids)), key=lambda index: ids[index])
    place = np.empty(len(ids), np.int32)
    place[order] = np.arange(len(ids), dtype=np.int32)
    points = place[table.point]
    rows = np.argsort(points, kind="stable")
    return replace(
        table,
        metering_points=tuple(ids[index] for index in order),
        point=points[rows],
        start_utc=table.start_utc[rows],
        energy=table.energy[rows],
        quality=table.quality[rows],
        code=None if table.code is None else table.code[rows],
    )


def _read(*_: object) -> Iterator[SourceBlock | RegisterRead]:
    raise AssertionError("the generic form is read as a table")


FORMAT = MeterFormat(
    name="csv",
    title="Generic readings CSV (metering_point,start,resolution_minutes,energy_kwh,quality)",
    recognise=recognise,
    read=_read,
    read_table=read_table,
)
