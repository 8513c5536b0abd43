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
    place: NDArray[np.int32],
    starts_utc: NDArray[np.int64],
    columns: Mapping[str, NDArray[Any]],
    *,
    qualities: Sequence[str],
    resolution_minutes: int,
) -> bytes:
    """A Parquet file, row by row as given.

    Args:
        points: Ids.
        place: Shape (n,): the place in ``points`` of each row's id.
        starts_utc: Shape (n,). [s since 1970, UTC]
        columns: Name to array of shape (n,); ``quality`` holds places in ``qualities``, the others are int64.
        qualities: Names of the qualities.
        resolution_minutes: Of every interval. [min]

    Returns:
        The file, with dictionaries for ids and qualities and timestamps in UTC.
    """
    table = {
        "metering_point": pa.DictionaryArray.from_arrays(pa.array(place), pa.array(points, pa.string())),
        "start": pa.array(starts_utc, pa.int64()).cast(pa.timestamp("s", "UTC")),
        "resolution_minutes": pa.array(np.full(len(place), resolution_minutes, np.int16)),
    }
    for name, values in columns.items():
        assert values.shape == place.shape, (name, values.shape, place.shape)
        if name == "quality":
            table[name] = pa.DictionaryArray.from_arrays(
                pa.array(values.astype(np.int32)), pa.array(qualities, pa.string())
            )
        else:
            table[name] = pa.array(values, pa.int64())
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(table),
        sink,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        use_dictionary=["metering_point", "quality", "start"],
    )
    return bytes(sink.getvalue())
