"""Load profiles of networks as Parquet files in the home: one per network, there whole or not at all.

A file has a row per connection, in the network's order: ``origin``, and ``watts`` and ``vars`` as lists over the
intervals; when they begin, how long an interval is and the time zone stand in its metadata.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.durable_files import flush_folder, make_folder, write_durably
from backend.errors import InputError, StoreError
from backend.grid import ConnectionSeries, Origin

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["ParquetProfiles", "read_series", "write_series"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FORM = b"partage-series-1"


class ParquetProfiles:
    """Implements ``backend.ports.profile_store.ProfileStore``.

    Args:
        folder: Holds a file per network; made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, network: str, profiles: ConnectionSeries | None) -> None:
        """See the port.

        Raises:
            InputError: If the network's name is none.
            StoreError: If the folder cannot be written.
        """
        file = self._file(network)
        try:
            if profiles is None:
                if file.exists():
                    file.unlink()
                    flush_folder(file.parent)
                return
            make_folder(self._folder, 0o700)
            write_durably(file, write_series(profiles), mode=0o600)
        except OSError as error:
            raise StoreError(f"{file} cannot be written: {error.strerror}.") from None

    def profiles(self, network: str) -> ConnectionSeries | None:
        """See the port.

        Raises:
            StoreError: If the file is damaged.
        """
        file = self._file(network)
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return read_series(content)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{file} is damaged ({error}); load the network from its file again, or restore a backup."
            ) from error

    def forget(self, network: str, rows: Collection[int]) -> None:
        """Destroy the profiles of some connections. [rows in the network's order]"""
        kept = self.profiles(network)
        if kept is None or not rows:
            return
        watts, vars_, origins = kept.watts.copy(), kept.vars.copy(), list(kept.origins)
        for row in rows:
            if row < len(origins):
                watts[row], vars_[row], origins[row] = np.nan, np.nan, Origin.NONE
        self.put(
            network,
            ConnectionSeries(kept.start_utc, kept.step_seconds, watts, vars_, tuple(origins), kept.time_zone),
        )

    def _file(self, network: str) -> Path:
        if not _NAME.fullmatch(network):
            raise InputError(
                f'"{network[:80]}" is no name of a network; use a-z, 0-9 and dash, at most 63 of them.'
            )
        return self._folder / f"{network}.parquet"


def write_series(series: ConnectionSeries) -> bytes:
    """A series as the bytes of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table(
        {
            "origin": pa.array([int(origin) for origin in series.origins], pa.int8()),
            "watts": _lists(series.watts),
            "vars": _lists(series.vars),
        }
    ).replace_schema_metadata(
        {
            b"form": _FORM,
            b"start_utc": str(series.start_utc).encode(),
            b"step_seconds": str(series.step_seconds).encode(),
            b"intervals": str(series.length).encode(),
            b"time_zone": series.time_zone.encode(),
        }
    )
    written = io.BytesIO()
    parquet.write_table(table, written, compression="zstd", write_statistics=False)
    return written.getvalue()


def _lists(values: NDArray[np.float64]) -> Any:
    import pyarrow as pa

    rows, length = values.shape
    offsets = pa.array(np.arange(rows + 1, dtype=np.int64) * length)
    return pa.LargeListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(values).ravel()))


def read_series(content: bytes) -> ConnectionSeries:
    """What ``write_series`` wrote.

    Raises:
        ValueError: If it is something else.
    """
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    told = table.schema.metadata or {}
    if told.get(b"form") != _FORM:
        raise ValueError(f"its form is {told.get(b'form')!r}, not {_FORM!r}")
    shape = table.num_rows, int(told[b"intervals"])
    watts, vars_ = (
        table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(shape)
        for name in ("watts", "vars")
    )
    return ConnectionSeries(
        start_utc=int(told[b"start_utc"]),
        step_seconds=int(told[b"step_seconds"]),
        watts=watts,
        vars=vars_,
        origins=tuple(Origin(origin) for origin in table["origin"].to_pylist()),
        time_zone=told[b"time_zone"].decode(),
    )
