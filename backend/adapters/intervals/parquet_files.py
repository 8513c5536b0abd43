"""Interval files: rows to the bytes of a Parquet file and back, and nothing about where they lie."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backend.adapters.intervals.merging import VersionedRows
from backend.ports import AllocationFrame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["decode_allocation", "decode_readings", "encode_allocation", "encode_readings", "hash_allocation"]

_ROW_GROUP = 1 << 17


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
    table = pa.table(
        {
            "metering_point": pa.DictionaryArray.from_arrays(
                pa.array(code), pa.array(ids[by_id].tolist(), pa.string())
            ),
            "start_utc": rows.start_utc,
            "energy_milliwatt_hours": rows.energy,
            "quality": rows.quality,
            "load": rows.load,
        }
    )
    # Start times repeat for each point, loads and qualities hardly vary: dictionaries take next to nothing.
    return _encode(
        table, ["metering_point", "start_utc", "quality", "load"], {"resolution_minutes": resolution_minutes}
    )


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
    file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=["metering_point"])
    groups = list(range(file.metadata.num_row_groups))
    if points is not None:
        groups = [group for group in groups if _may_hold(file.metadata.row_group(group), points)]
    table = file.read_row_groups(groups, use_threads=False)
    column = table["metering_point"].unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # what an empty one gives
        column = pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], pa.string()))
    ids = tuple(column.dictionary.to_pylist())
    point = column.indices.to_numpy().astype(np.int32, copy=False)
    if points is not None:
        place = {name: index for index, name in enumerate(points)}
        lookup = np.array([place.get(name, -1) for name in ids], np.int32)
        point = lookup[point] if len(lookup) else point
    rows = VersionedRows(
        point,
        table["start_utc"].to_numpy(),
        table["energy_milliwatt_hours"].to_numpy(),
        table["quality"].to_numpy(),
        table["load"].to_numpy(),
    )
    if points is None:
        return ids, rows
    wanted = point >= 0
    return tuple(points), rows if bool(wanted.all()) else rows.select(wanted)


def _may_hold(group: Any, points: Sequence[str]) -> bool:
    statistics = group.column(0).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    least, greatest = statistics.min, statistics.max
    return any(least <= point <= greatest for point in points)


def encode_allocation(frame: AllocationFrame) -> memoryview:
    """A file of a run's rows, slot-major; the thresholds of an interval are repeated for each slot."""
    slots, intervals = frame.energy.shape
    table = pa.table(
        {
            "slot": np.repeat(np.arange(slots, dtype=np.int32), intervals),
            "interval": np.tile(np.arange(intervals, dtype=np.int32), slots),
            "energy_milliwatt_hours": np.ascontiguousarray(frame.energy, np.int64).ravel(),
            "allocated_milliwatt_hours": np.ascontiguousarray(frame.allocated, np.int64).ravel(),
            "quality": np.ascontiguousarray(frame.quality, np.uint8).ravel(),
            "source": np.ascontiguousarray(frame.source, np.uint8).ravel(),
            "tau": np.tile(np.ascontiguousarray(frame.tau, np.int64), slots),
        }
    )
    dictionaries = ["slot", "interval", "quality", "source", "tau"]
    return _encode(table, dictionaries, {"slots": slots, "intervals": intervals})


def decode_allocation(content: bytes) -> AllocationFrame:
    """A run's rows."""
    file = pq.ParquetFile(pa.BufferReader(content))
    metadata = file.schema_arrow.metadata
    shape = (int(metadata[b"slots"]), int(metadata[b"intervals"]))
    table = file.read(columns=_FRAME_COLUMNS, use_threads=False)
    energy, allocated, quality, source, tau = (table[name].to_numpy() for name in _FRAME_COLUMNS)
    return AllocationFrame(
        energy=energy.reshape(shape),
        allocated=allocated.reshape(shape),
        quality=quality.reshape(shape),
        source=source.reshape(shape),
        tau=tau[: shape[1]].copy(),
    )


_FRAME_COLUMNS = ["energy_milliwatt_hours", "allocated_milliwatt_hours", "quality", "source", "tau"]


def hash_allocation(frame: AllocationFrame) -> str:
    """Hash of what a frame holds, whatever a file's encoding. Hexadecimal."""
    digest = hashlib.sha256(repr(frame.energy.shape).encode())
    arrays: list[tuple[NDArray[Any], Any]] = [
        (frame.energy, "<i8"),
        (frame.allocated, "<i8"),
        (frame.quality, "u1"),
        (frame.source, "u1"),
        (frame.tau, "<i8"),
    ]
    for array, kind in arrays:
        digest.update(np.ascontiguousarray(array, kind).data)
    return digest.hexdigest()
