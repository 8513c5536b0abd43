"""Our own form of readings: ``metering_point,start,resolution_minutes,energy_kwh,quality``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, SourceFile
from backend.adapters.meter_files.words import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator
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

    with source.open() as stream:
        return read_generic_blocks(
            split_blocks(stream, faults), faults, known_points=known, resolution_minutes=resolution_minutes
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
