"""Parquet and Arrow files of any columns, by a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.mapped_rows import read_rows
from backend.adapters.meter_files.formats.own_columns import coded_words
from backend.adapters.meter_files.mapping import TableMapping, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT"]

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
_ROWS_AT_ONCE = 1 << 16


def recognise(head: bytes) -> bool:
    """By the magic numbers of Parquet and of Arrow files."""
    return head.startswith((_PARQUET, _ARROW))


def read(
    source: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a file by ``options.mapping``; a line of a finding is a row, from 1 for the columns' names."""
    import struct

    import pyarrow as pa

    mapping = read_mapping(options.mapping or {})
    try:
        with source.open() as stream:
            yield from read_rows(_rows(stream, source.head, mapping), mapping, options, faults)
    except (pa.ArrowException, OSError, ValueError, OverflowError, struct.error) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        faults.refuse("columns", f"the file cannot be read ({reason}); write it again.")


def _rows(stream: Any, head: bytes, mapping: TableMapping) -> Iterator[tuple[int, list[str]]]:
    names, batches = _open(stream, head, mapping)
    yield 1, names
    line = 2
    for batch in batches:
        kept = [name for name in names if name in batch.schema.names and name in mapping.known]
        columns = {name: _texts(batch.column(name), mapping.decimal) for name in kept}
        for row in range(batch.num_rows):
            yield line + row, [columns[name][row] if name in columns else "" for name in names]
        line += batch.num_rows


def _open(stream: Any, head: bytes, mapping: TableMapping) -> tuple[list[str], Iterator[Any]]:
    import pyarrow as pa

    from backend.adapters.meter_files.arrow_messages import check_file, read_batches
    from backend.adapters.meter_files.parquet_files import open_parquet

    if head.startswith(_PARQUET):
        file = open_parquet(stream)
        names = file.schema_arrow.names
        known = [name for name in names if name in mapping.known]
        return names, file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=known, use_threads=False)
    with pa.ipc.open_file(pa.PythonFile(stream, mode="r")) as opened:
        names = opened.schema.names
    check_file(stream)
    return names, read_batches(stream)


def _texts(column: Any, decimal: str) -> list[str]:
    """A column's values as texts: instants by ISO 8601, numbers by their shortest exact decimals."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        code, words = coded_words(column)
        return [words[place] for place in code.tolist()]
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            return [value.isoformat() if value is not None else "" for value in _utc(column).to_pylist()]
        return [value.isoformat() if value is not None else "" for value in column.to_pylist()]
    if pa.types.is_floating(kind):
        return ["" if value is None else repr(value).replace(".", decimal) for value in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _utc(column: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.timestamp("us", "UTC"))


FORMAT = MeterFormat(
    name="mapped-parquet",
    title="Parquet or Arrow file of any columns, by --mapping",
    recognise=recognise,
    read=read,
    needs_mapping=True,
)
