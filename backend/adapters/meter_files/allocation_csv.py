"""The allocation CSV: a row per metering point and interval, energies in kWh with six decimals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backend.adapters.meter_files.kilowatt_hours import format_energy_column
from backend.community import Direction
from backend.quantities.cells import harmless_cell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.ports.allocation_files import AllocatedTable

__all__ = ["COLUMNS", "write_allocation_csv"]

COLUMNS = (
    "metering_point",
    "start",
    "resolution_minutes",
    "consumption_kwh",
    "allocated_kwh",
    "residual_kwh",
    "feed_in_kwh",
    "shared_kwh",
    "surplus_kwh",
)
_ROWS_AT_ONCE = 200_000


def write_allocation_csv(table: AllocatedTable, out: Path) -> None:
    """Write the file whole or not at all: under another name first, then renamed into place.

    Args:
        table: What was allocated.
        out: Replaced where it is there.
    """
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(",".join(COLUMNS).encode() + b"\n")
            for begin in range(0, len(table), _ROWS_AT_ONCE):
                rows = _rows(table, slice(begin, begin + _ROWS_AT_ONCE))
                file.write(rows)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _rows(table: AllocatedTable, part: slice) -> bytes:
    """A piece of the table as CSV lines."""
    point, energy, allocated = table.point[part], table.energy[part], table.allocated[part]
    consumes = np.array([direction is Direction.CONSUMPTION for direction in table.directions])[point]
    names = pa.array(map(harmless_cell, table.metering_points), pa.string()).take(pa.array(point))
    step = pa.array([str(table.resolution_minutes)]).take(pa.array(np.zeros(len(point), dtype=np.int32)))
    figures = _join([format_energy_column(values) for values in (energy, allocated, energy - allocated)])
    empty = ",,"
    lines = _join(
        [
            names,
            _stamps(table.start_utc[part]),
            step,
            pc.if_else(pa.array(consumes), figures, empty),
            pc.if_else(pa.array(consumes), empty, figures),
        ]
    )
    text: bytes = (
        pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_buffer().to_pybytes()
    )
    return text + b"\n"


def _join(columns: list[Any]) -> Any:
    return pc.binary_join_element_wise(*columns, ",")


def _stamps(start_utc: NDArray[np.int64]) -> Any:
    starts, code = np.unique(start_utc, return_inverse=True)
    stamps = pc.strftime(pa.array(starts.astype("datetime64[s]")), format="%Y-%m-%dT%H:%M:%SZ")
    return stamps.take(pa.array(code))
