"""Readings as Arrow tables, the columns of our Parquet and Arrow files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from backend.metering import Quality, ReadingTable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COLUMNS", "read_schema", "to_batches"]

_ROWS_AT_ONCE = 1 << 20
_WORD = pa.dictionary(pa.int32(), pa.string())

COLUMNS: dict[str, Any] = {
    "metering_point": _WORD,
    "start": pa.timestamp("s", "UTC"),
    "resolution_minutes": pa.int16(),
    "energy_milliwatt_hours": pa.int64(),
    "quality": _WORD,
    "source_quality": _WORD,
}
"""Columns and their types. Energy is null where the reading is missing; ``source_quality`` may lack. [min], [mWh]"""


def read_schema() -> Any:
    """The schema of the files."""
    return pa.schema([pa.field(name, kind) for name, kind in COLUMNS.items()])


def to_batches(table: ReadingTable) -> Iterator[Any]:
    """A table's rows in its order, in batches of the schema."""
    points = pa.array(list(table.metering_points), pa.string())
    qualities = pa.array([quality.name.lower() for quality in Quality], pa.string())
    words = pa.array(list(table.codes) or [""], pa.string())
    for begin in range(0, len(table), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        rows = len(table.start_utc[part])
        code = np.zeros(rows, np.int32) if table.code is None else table.code[part].astype(np.int32)
        quality = table.quality[part]
        yield pa.record_batch(
            [
                pa.DictionaryArray.from_arrays(pa.array(table.point[part].astype(np.int32)), points),
                pa.array(table.start_utc[part]).cast(COLUMNS["start"]),
                pa.array(np.full(rows, table.resolution_minutes, np.int16)),
                pa.array(table.energy[part], mask=quality == Quality.MISSING),
                pa.DictionaryArray.from_arrays(pa.array(quality.astype(np.int32)), qualities),
                pa.DictionaryArray.from_arrays(pa.array(code), words),
            ],
            schema=read_schema(),
        )
