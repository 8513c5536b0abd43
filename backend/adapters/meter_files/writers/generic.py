"""The generic CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from backend.adapters.meter_files.writers import MeterFileWriter, WriteOptions

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["WRITER"]


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:
    from backend.adapters.meter_files.generic_csv import write_generic_csv

    stream.write(write_generic_csv(table, source_quality=options.source_quality))


WRITER = MeterFileWriter(
    name="csv",
    title="Generic readings CSV; with --source-quality a sixth column of the sources' own words",
    suffixes=(".csv",),
    write=_write,
)
