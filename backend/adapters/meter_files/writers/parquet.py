"""Readings in Parquet, with the sources' own words for their qualities."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from backend.adapters.meter_files.writers import MeterFileWriter, WriteOptions

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["WRITER"]


def _write(table: ReadingTable, stream: BinaryIO, options: WriteOptions) -> None:  # noqa: ARG001 -- carries all
    import pyarrow.parquet as pq

    from backend.adapters.meter_files.arrow_tables import read_schema, to_batches

    with pq.ParquetWriter(stream, read_schema(), compression="zstd") as file:
        for batch in to_batches(table):
            file.write_batch(batch)


WRITER = MeterFileWriter(
    name="parquet",
    title="Parquet: metering_point, start, resolution_minutes, energy_milliwatt_hours, quality, source_quality",
    suffixes=(".parquet",),
    write=_write,
)
