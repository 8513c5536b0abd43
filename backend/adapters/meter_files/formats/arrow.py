"""Our own Arrow files of readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    import pyarrow as pa

    from backend.adapters.meter_files.formats.own_columns import blocks_of, fits_schema

    try:
        with source.open() as stream, pa.ipc.open_file(stream) as file:
            if fits_schema(file.schema, faults):
                yield from blocks_of(_batches(file), faults)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        faults.refuse("arrow", f"the Arrow file cannot be read ({reason}); write it again.")


def _batches(file: Any) -> Iterator[Any]:
    for number in range(file.num_record_batches):
        batch = file.get_batch(number)
        batch.validate(full=True)
        yield batch


FORMAT = MeterFormat(
    name="arrow",
    title="Readings in an Arrow file, as --to arrow writes them",
    recognise=recognise,
    read=read,
)
