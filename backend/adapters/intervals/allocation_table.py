"""Allocations as a Parquet table for notebooks and other tools: one row per metering point and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["encode_allocation_table"]

_ROW_GROUP = 1 << 17


def encode_allocation_table(
    points: Sequence[str],
    starts_utc: NDArray[np.int64],
    columns: Mapping[str, NDArray[Any]],
    *,
    qualities: Sequence[str],
    resolution_minutes: int,
) -> bytes:
    """A Parquet file, point by point and interval by interval.

    Args:
        points: Ids, one per row of the arrays.
        starts_utc: Shape (T,). [s since 1970, UTC]
        columns: Name to array of shape (points, T); ``quality`` holds places in ``qualities``, the others are int64.
        qualities: Names of the qualities.
        resolution_minutes: Of every interval. [min]

    Returns:
        The file, with dictionaries for ids and qualities and timestamps in UTC.
    """
    count, width = len(points), len(starts_utc)
    names = pa.array(points, pa.string())
    table = {
        "metering_point": pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(np.arange(count, dtype=np.int32), width)), names
        ),
        "start": pa.array(np.tile(starts_utc, count), pa.int64()).cast(pa.timestamp("s", "UTC")),
        "resolution_minutes": pa.array(np.full(count * width, resolution_minutes, np.int16)),
    }
    for name, values in columns.items():
        assert values.shape == (count, width), (name, values.shape, count, width)
        flat = np.ascontiguousarray(values).ravel()
        if name == "quality":
            table[name] = pa.DictionaryArray.from_arrays(
                pa.array(flat.astype(np.int32)), pa.array(qualities, pa.string())
            )
        else:
            table[name] = pa.array(flat, pa.int64())
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(table),
        sink,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        use_dictionary=["metering_point", "quality", "start"],
    )
    return bytes(sink.getvalue())
