"""Our own Arrow files of readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT"]


def recognise(head: bytes) -> bool:
    """By its magic number."""
    return head.startswith(b"ARROW1")


def read(
    source: SourceFile,
    options: ReadOptions,  # noqa: ARG001 -- the file says all
    faults: FaultCollector,
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a file batch by batch; a line of a finding is a row, from 1."""
    import struct

    import pyarrow as pa

    from backend.adapters.meter_files.arrow_messages import check_file, read_batches
    from backend.adapters.meter_files.formats.own_columns import blocks_of, fits_schema

    try:
        with source.open() as stream:
            with pa.ipc.open_file(pa.PythonFile(stream, mode="r")) as file:
                schema = file.schema
            if fits_schema(schema, faults):
                check_file(stream)
                yield from blocks_of(read_batches(stream), faults)
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        faults.refuse("arrow", f"the Arrow file cannot be read ({reason}); write it again.")


FORMAT = MeterFormat(
    name="arrow",
    title="Readings in an Arrow file, as --to arrow writes them",
    recognise=recognise,
    read=read,
)
