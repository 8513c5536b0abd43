"""Our own Parquet files of readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT"]

_ROWS_AT_ONCE = 1 << 17


def recognise(head: bytes) -> bool:
    """By its magic number; what its columns are stands at its end."""
    return head.startswith(b"PAR1")


def read(
    source: SourceFile,
    options: ReadOptions,  # noqa: ARG001 -- the file says all
    faults: FaultCollector,
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a file in batches; a line of a finding is a row, from 1."""
    import pyarrow as pa

    from backend.adapters.meter_files.formats.own_columns import blocks_of, fits_schema
    from backend.adapters.meter_files.parquet_files import open_parquet

    try:
        with source.open() as stream:
            file = open_parquet(stream)
            if fits_schema(file.schema_arrow, faults):
                yield from blocks_of(file.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False), faults)
    except (pa.ArrowException, OSError, ValueError) as error:
        faults.refuse("parquet", f"the Parquet file cannot be read ({_first_line(error)}); write it again.")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


FORMAT = MeterFormat(
    name="parquet",
    title="Readings in Parquet, as --to parquet writes them",
    recognise=recognise,
    read=read,
)
