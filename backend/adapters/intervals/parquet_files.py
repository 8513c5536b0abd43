"""Interval files: readings to the bytes of a Parquet file and back, and nothing about where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backend.adapters.intervals.merging import VersionedRows, join_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "decode_labelled",
    "decode_readings",
    "decode_table",
    "encode_labelled",
    "encode_readings",
    "encode_table",
]

_ROW_GROUP = 1 << 17
_SOURCE = "source_quality"  # of files whose sources said a word for qualities


_KINDS = {"int64": pa.int64(), "int32": pa.int32(), "uint8": pa.uint8()}


def _column(values: NDArray[Any]) -> Any:
    """A column on the array's own memory. ``pa.array`` would do, but it imports pandas to see if it was given some."""
    values = np.ascontiguousarray(values).ravel()
    return pa.Array.from_buffers(_KINDS[values.dtype.name], len(values), [None, pa.py_buffer(values)])


def _values(column: Any) -> NDArray[Any]:
    """The array of a column; ``to_numpy`` imports pandas as well."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    arrays = []
    for chunk in chunks:
        assert chunk.null_count == 0, "no interval column has nulls"
        kind = np.dtype(str(chunk.type))
        values = np.frombuffer(chunk.buffers()[1], kind, count=chunk.offset + len(chunk))
        arrays.append(values[chunk.offset :])
    return np.concatenate(arrays)  # a copy, which whoever gets it may write to


def _texts(values: Sequence[str]) -> Any:
    """A column of texts, for the same reason."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    )


def _table(columns: Mapping[str, Any]) -> Any:
    return pa.Table.from_arrays(
        [_column(values) if isinstance(values, np.ndarray) else values for values in columns.values()],
        names=list(columns),
    )


def _encode(table: Any, dictionaries: list[str], metadata: Mapping[str, object]) -> memoryview:
    sink = pa.BufferOutputStream()
    table = table.replace_schema_metadata({name: str(value) for name, value in metadata.items()})
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=dictionaries,
        row_group_size=_ROW_GROUP,
    )
    return memoryview(sink.getvalue())


def encode_table(
    columns: Mapping[str, NDArray[Any]], metadata: Mapping[str, object], dictionaries: Sequence[str] = ()
) -> memoryview:
    """A file of columns of one length.

    Args:
        columns: Arrays by name; a two-dimensional one is written row after row.
        metadata: What a reader needs to know beside.
        dictionaries: Columns of few distinct values.
    """
    return _encode(_table(columns), list(dictionaries), metadata)


def decode_table(content: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
    """The columns of a file, and its whole numbers beside."""
    file = pq.ParquetFile(pa.BufferReader(content))
    table = file.read(use_threads=False)
    columns = {name: _values(table[name]) for name in table.column_names}
    kept = file.schema_arrow.metadata or {}
    return columns, {name.decode(): int(value) for name, value in kept.items()}


def encode_labelled(
    labels: Mapping[str, tuple[NDArray[np.int32], Sequence[str]]], columns: Mapping[str, NDArray[Any]]
) -> memoryview:
    """A file of columns of one length, some of them texts.

    Args:
        labels: Of texts: an index per row, and what they index.
        columns: Of numbers.
    """
    whole: dict[str, Any] = {
        name: pa.DictionaryArray.from_arrays(_column(places), _texts(words))
        for name, (places, words) in labels.items()
    }
    return _encode(_table(whole | dict(columns)), [*labels, *columns], {})


def decode_labelled(
    content: bytes, labels: Sequence[str]
) -> tuple[dict[str, tuple[NDArray[np.int32], tuple[str, ...]]], dict[str, NDArray[Any]]]:
    """The columns of a file of ``encode_labelled``: those of texts, and those of numbers."""
    table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=list(labels)).read(use_threads=False)
    numbers = [name for name in table.column_names if name not in labels]
    return {name: _indexed(table[name]) for name in labels}, {name: _values(table[name]) for name in numbers}


def _indexed(column: Any) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Indices of a column of texts, and what they index."""
    column = column.unify_dictionaries().combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return _values(column.indices).astype(np.int32, copy=False), tuple(column.dictionary.to_pylist())


def encode_readings(rows: VersionedRows, points: Sequence[str], resolution_minutes: int) -> memoryview:
    """A file of readings, sorted by metering point id and time, the versions of a reading in order of arrival.

    Args:
        rows: Their points index ``points``.
        points: Ids.
        resolution_minutes: Of every row. [min]
    """
    ids = np.asarray(points, dtype=object)
    rank = np.empty(len(points), np.int32)
    by_id = np.argsort(ids)
    rank[by_id] = np.arange(len(points), dtype=np.int32)
    code = rank[rows.point]
    order = np.lexsort((rows.load, rows.start_utc, code))
    if not bool(np.all(order[1:] > order[:-1])):
        rows, code = rows.select(order), code[order]
    columns: dict[str, Any] = {
        "metering_point": pa.DictionaryArray.from_arrays(_column(code), _texts(ids[by_id].tolist())),
        "start_utc": rows.start_utc,
        "energy_milliwatt_hours": rows.energy,
        "quality": rows.quality,
        "load": rows.load,
    }
    if rows.code is not None:
        columns[_SOURCE] = pa.DictionaryArray.from_arrays(_column(rows.code), _texts(rows.codes))
    # Start times repeat for each point, loads and qualities hardly vary: dictionaries take next to nothing.
    dictionaries = [name for name in columns if name != "energy_milliwatt_hours"]
    return _encode(_table(columns), dictionaries, {"resolution_minutes": resolution_minutes})


def decode_readings(
    content: bytes, points: Sequence[str] | None = None
) -> tuple[tuple[str, ...], VersionedRows]:
    """The rows of a file.

    Args:
        content: Its bytes.
        points: Ids of interest, which the rows index then; None for all of the file's.

    Returns:
        Ids, and rows that index them, in the file's order.
    """
    metadata = pq.read_metadata(pa.BufferReader(content))
    dictionaries = [name for name in ("metering_point", _SOURCE) if name in metadata.schema.names]
    file = pq.ParquetFile(pa.BufferReader(content), metadata=metadata, read_dictionary=dictionaries)
    groups = list(range(file.metadata.num_row_groups))
    if points is not None:
        groups = [group for group in groups if _may_hold(file.metadata.row_group(group), points)]
    table = file.read_row_groups(groups, use_threads=False)
    if not len(table):
        return tuple(points or ()), join_rows([])
    column = table["metering_point"].unify_dictionaries().combine_chunks()
    ids = tuple(column.dictionary.to_pylist())
    point = _values(column.indices).astype(np.int32, copy=False)
    if points is not None:
        place = {name: index for index, name in enumerate(points)}
        lookup = np.array([place.get(name, -1) for name in ids], np.int32)
        point = lookup[point]
    rows = VersionedRows(
        point,
        _values(table["start_utc"]),
        _values(table["energy_milliwatt_hours"]),
        _values(table["quality"]),
        _values(table["load"]),
        *_source_words(table),
    )
    if points is None:
        return ids, rows
    wanted = point >= 0
    return tuple(points), rows if bool(wanted.all()) else rows.select(wanted)


def _source_words(table: Any) -> tuple[NDArray[np.int32] | None, tuple[str, ...]]:
    """Codes and words of the sources, none where the file has none."""
    if _SOURCE not in table.column_names:
        return None, ()
    return _indexed(table[_SOURCE])


def _may_hold(group: Any, points: Sequence[str]) -> bool:
    statistics = group.column(0).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    least, greatest = statistics.min, statistics.max
    return any(least <= point <= greatest for point in points)
