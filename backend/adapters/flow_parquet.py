"""What flows in a network as Parquet: a row per element and interval.

Columns: ``start`` (UTC), ``kind`` (``bus``, ``segment``, ``switch``, ``transformer``), ``element``; of buses
``voltage_l1_pu`` to ``l3``, ``nema_percent``, ``vuf_percent``; of branches, at their ``to_bus``, ``current_l1_a`` to
``l3``, ``power_l1_kw`` to ``l3``, ``neutral_a``, ``deviation_kw``, ``loading_percent``, ``losses_w``. Empty where there
is none.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from backend.adapters.durable_files import PARTIAL_SUFFIX, flush_folder
from backend.errors import InputError
from backend.grid.imbalance import Measure, measure_flow
from backend.grid.power_flow import FlowResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

__all__ = ["FlowParquet"]

_SQRT3 = 3**0.5
_FLOATS = (
    *(f"voltage_l{phase}_pu" for phase in (1, 2, 3)),
    "nema_percent",
    "vuf_percent",
    *(f"current_l{phase}_a" for phase in (1, 2, 3)),
    *(f"power_l{phase}_kw" for phase in (1, 2, 3)),
    "neutral_a",
    "deviation_kw",
    "loading_percent",
    "losses_w",
)
_TEXT = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("start", pa.timestamp("s", tz="UTC")),
        ("kind", _TEXT),
        ("element", _TEXT),
        *((name, pa.float32()) for name in _FLOATS),
    ]
)
_ROWS_MAX = 1 << 20  # of a row group


class FlowParquet:
    """Implements ``backend.ports.flow_files.FlowWriter``.

    Args:
        path: The file's place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
        self._writer: Any = None

    def __enter__(self) -> Self:
        """See the port.

        Raises:
            InputError: If it cannot be written there.
        """
        if self._path.is_dir():
            raise InputError(f"{self._path} is a folder; name a file in it.")
        try:
            self._writer = parquet.ParquetWriter(self._partial, _SCHEMA, compression="zstd")
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See the port."""
        try:
            self._writer.close()
            if kind is None:
                descriptor = os.open(self._partial, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                self._partial.replace(self._path)
                flush_folder(self._path.parent)
        except OSError as fault:
            if kind is None:
                raise self._unwritable(fault) from None
        finally:
            self._partial.unlink(missing_ok=True)

    def add(self, result: FlowResult) -> None:
        """See the port; the result has voltages, currents and losses of branches."""
        network, length = result.network, result.length
        rows = len(network.buses) + len(network.branches)
        at_once = max(_ROWS_MAX // rows, 1)
        tables = (_of_buses(result), _of_branches(result))
        starts = result.start_utc + result.step_seconds * np.arange(length, dtype=np.int64)
        try:
            for begin in range(0, length, at_once):
                for kinds, elements, columns in tables:
                    self._write(starts[begin : begin + at_once], kinds, elements, columns, begin)
        except OSError as error:
            raise self._unwritable(error) from None

    def _write(
        self,
        starts: np.ndarray[Any, np.dtype[np.int64]],
        kinds: list[str],
        elements: list[str],
        columns: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]],
        begin: int,
    ) -> None:
        count, length = len(elements), starts.size
        if not count:
            return
        arrays = [
            pa.array(np.repeat(starts, count), pa.int64()).cast(_SCHEMA.field("start").type),
            _repeated(kinds, length),
            _repeated(elements, length),
        ]
        for name in _FLOATS:
            values = columns.get(name)
            if values is None:
                arrays.append(pa.nulls(count * length, pa.float32()))
                continue
            here = np.ascontiguousarray(values[:, begin : begin + length].T, dtype=np.float32).reshape(-1)
            arrays.append(pa.array(here, mask=np.isnan(here)))
        self._writer.write_table(pa.table(arrays, schema=_SCHEMA), row_group_size=_ROWS_MAX)

    def _unwritable(self, error: OSError) -> InputError:
        return InputError(
            f"{self._path} cannot be written ({error.strerror or error}); name a file in a folder that is there, "
            "that you may write and that has room."
        )


def _repeated(names: list[str], times: int) -> pa.DictionaryArray:
    values, places = np.unique(np.array(names), return_inverse=True)
    indices = np.tile(places.reshape(-1).astype(np.int32), times)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(values.tolist(), pa.string()))


def _of_buses(result: FlowResult) -> tuple[list[str], list[str], dict[str, Any]]:
    level = np.abs(result.voltages)
    columns = {f"voltage_l{phase + 1}_pu": level[:, phase] for phase in range(3)}
    columns["nema_percent"] = measure_flow(result, Measure.NEMA)
    columns["vuf_percent"] = measure_flow(result, Measure.VUF)
    names = [bus.id for bus in result.network.buses]
    return ["bus"] * len(names), names, columns


def _of_branches(result: FlowResult) -> tuple[list[str], list[str], dict[str, Any]]:
    network = result.network
    ends = np.array([network.bus_index[one.to_bus] for one in network.branches], dtype=np.int64)
    volts = np.array([bus.nominal_volts for bus in network.buses]) / _SQRT3
    amperes = np.abs(result.currents)
    columns = {f"current_l{phase + 1}_a": amperes[:, phase] for phase in range(3)}
    for phase in range(3):
        power = np.nan_to_num(result.voltages[ends, phase]) * np.conj(result.currents[:, phase])
        columns[f"power_l{phase + 1}_kw"] = power.real * volts[ends][:, None] / 1000
    columns["neutral_a"] = measure_flow(result, Measure.NEUTRAL)
    columns["deviation_kw"] = measure_flow(result, Measure.DEVIATION)
    columns["loading_percent"] = measure_flow(result, Measure.LOADING)
    columns["losses_w"] = result.branch_losses
    kinds = [type(one).__name__.lower() for one in network.branches]
    return kinds, [one.id for one in network.branches], columns
