"""Readings in the Arrow file format, with the sources' own words for their qualities."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from backend.adapters.meter_files.writers import MeterFileWriter, WriteOptions

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["WRITER"]


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:  # noqa: ARG001 -- carries all
    import pyarrow as pa

    from backend.adapters.meter_files.arrow_tables import read_schema, to_batches

    with pa.ipc.new_file(stream, read_schema()) as file:
        for batch in to_batches(table):
            file.write_batch(batch)


WRITER = MeterFileWriter(
    name="arrow",
    title="Arrow file of the same columns as Parquet",
    suffixes=(".arrow", ".feather", ".ipc"),
    write=_write,
)
