"""What connections draw as a file beside their network: CSV or Parquet, a row per connection and interval.

Columns ``connection``, ``start`` (of the interval, with an offset), ``watts`` (drawn, negative where given), ``vars``
(positive where inductive). What is left out is not known; without ``vars`` the connection's power factor tells them.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.grid import ConnectionSeries, Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.grid import Network

__all__ = ["read_profiles", "write_profiles"]

_NEEDED = ("connection", "start", "watts")
_FILE_BYTES_MAX = 512 << 20
_CELLS_MAX = 60_000_000
_POWER_MAX = 1e12
_LONE_STEP_SECONDS = 3600  # of a file with one instant alone


def write_profiles(path: Path, network: Network, profiles: ConnectionSeries) -> int:
    """Write profiles by the suffix of a file, whole or not at all.

    Returns:
        How many rows it has.

    Raises:
        InputError: If the suffix is neither .csv nor .parquet, or the file cannot be written.
    """
    import pyarrow as pa

    from backend.adapters.durable_files import write_durably

    write = _writer(path)
    row, interval = np.nonzero(np.isfinite(profiles.watts))
    starts = profiles.start_utc + interval * profiles.step_seconds
    ids = pa.array([connection.id for connection in network.connections], pa.string())
    table = pa.table(
        {
            "connection": pa.DictionaryArray.from_arrays(pa.array(row, pa.int32()), ids),
            "start": pa.array(starts, pa.int64()).cast(pa.timestamp("s", tz="UTC")),
            "watts": profiles.watts[row, interval],
            "vars": profiles.vars[row, interval],
        }
    )
    out = io.BytesIO()
    write(table, out)
    try:
        write_durably(path, out.getbuffer())
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); name a folder that is there."
        ) from None
    return int(table.num_rows)


def _writer(path: Path) -> Callable[[Any, io.BytesIO], None]:
    def as_csv(table: Any, out: io.BytesIO) -> None:
        from pyarrow import compute, csv

        column = table.schema.get_field_index("start")
        told = compute.strftime(table["start"], format="%Y-%m-%dT%H:%M:%SZ")
        csv.write_csv(table.set_column(column, "start", told), out, csv.WriteOptions(quoting_style="needed"))

    def as_parquet(table: Any, out: io.BytesIO) -> None:
        from pyarrow import parquet

        parquet.write_table(table, out, compression="zstd")

    writers = {".csv": as_csv, ".parquet": as_parquet}
    if path.suffix.lower() not in writers:
        raise InputError(f"{path.name} says no form; end the name of profiles in .csv or .parquet.")
    return writers[path.suffix.lower()]


def read_profiles(path: Path, network: Network) -> ConnectionSeries:
    """Read the profiles of a network's connections.

    Raises:
        InputError: Naming what does not fit: a column, a connection, a row, a value; nothing is taken then.
        NotFoundError: If it is not there.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}; name the CSV or Parquet file of profiles.")
    if path.stat().st_size > _FILE_BYTES_MAX:
        raise InputError(f"{path.name} has more than {_FILE_BYTES_MAX >> 20} MiB; give fewer days.")
    table = _read_table(path)
    row = _connections(table, network, path.name)
    start, step, interval = _intervals(table, path.name)
    length = int(interval.max()) + 1
    count = len(network.connections)
    if count * length > _CELLS_MAX:
        raise InputError(
            f"{path.name} spans {count} connections by {length:,} intervals of {step} s; at most {_CELLS_MAX:,} values "
            "fit: give fewer days."
        )
    _refuse_twice(row * length + interval, network, row, path.name)
    watts = np.full((count, length), np.nan)
    vars_ = np.full((count, length), np.nan)
    watts[row, interval] = _powers(table, "watts", path.name)
    if "vars" in table.column_names:
        vars_[row, interval] = _powers(table, "vars", path.name)
    lacks = np.isfinite(watts) & ~np.isfinite(vars_)
    vars_[lacks] = _by_power_factor(watts, network)[lacks]
    vars_[~np.isfinite(watts)] = np.nan
    origins = tuple(Origin.PROFILE if known else Origin.NONE for known in np.isfinite(watts).any(axis=1))
    return ConnectionSeries(start, step, watts, vars_, origins)


def _read_table(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import csv, parquet

    text = pa.string()
    options = csv.ConvertOptions(
        column_types={"connection": text, "start": text, "watts": pa.float64(), "vars": pa.float64()},
        strings_can_be_null=False,
    )
    try:
        table = (
            parquet.read_table(path)
            if path.suffix.lower() == ".parquet"
            else csv.read_csv(path, convert_options=options)
        )
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path.name} is no table of profiles ({str(error)[:160]}); its columns are connection,start,watts,vars."
        ) from None
    lacking = [name for name in _NEEDED if name not in table.column_names]
    if lacking:
        raise InputError(
            f"{path.name} has no column {', '.join(lacking)}; its columns are connection,start,watts,vars."
        )
    if not table.num_rows:
        raise InputError(f"{path.name} has no row.")
    return table


def _connections(table: Any, network: Network, name: str) -> NDArray[np.int64]:
    """Row of each value's connection in the network's order."""
    import pyarrow as pa

    column = table["connection"].combine_chunks()
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    places = {connection.id: place for place, connection in enumerate(network.connections)}
    told = [str(one) for one in coded.dictionary.to_pylist()]
    strange = sorted({one for one in told if one not in places})
    if strange or coded.null_count:
        which = ", ".join(f'"{one[:40]}"' for one in strange[:5]) or "an empty cell"
        raise InputError(
            f"{name} names {max(len(strange), 1)} connections that the network does not have ({which}); write ids as "
            "in `partage grid export`."
        )
    rows: NDArray[np.int64] = np.array([places[one] for one in told], dtype=np.int64)[
        coded.indices.to_numpy(zero_copy_only=False)
    ]
    return rows


def _intervals(table: Any, name: str) -> tuple[int, int, NDArray[np.int64]]:
    """First start, step, and which interval each row is of."""
    seconds = _seconds(table["start"], name)
    known = np.unique(seconds)
    gaps = np.diff(known)
    step = int(np.gcd.reduce(gaps)) if gaps.size else _LONE_STEP_SECONDS
    interval: NDArray[np.int64] = (seconds - known[0]) // step
    return int(known[0]), step, interval


def _seconds(column: Any, name: str) -> NDArray[np.int64]:
    """Instants. [s since 1970, UTC]"""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None and not column.null_count:
        told: NDArray[np.int64] = (
            column.cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.int64()).to_numpy()
        )
        return told
    if not pa.types.is_string(kind) and not pa.types.is_large_string(kind):
        raise InputError(f"{name} has starts of type {kind}; write instants with an offset.")
    coded = column.combine_chunks().dictionary_encode()
    known = np.array([_instant(one, name) for one in coded.dictionary.to_pylist()], dtype=np.int64)
    instants: NDArray[np.int64] = known[coded.indices.to_numpy(zero_copy_only=False)]
    return instants


def _instant(text: str | None, name: str) -> int:
    from datetime import datetime

    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InputError(
            f'{name} has the start "{(text or "")[:40]}"; write an instant with an offset, such as '
            "2026-03-01T10:15:00+01:00."
        )
    return int(instant.timestamp())


def _refuse_twice(cell: NDArray[np.int64], network: Network, row: NDArray[np.int64], name: str) -> None:
    order = np.argsort(cell, kind="stable")
    again = np.flatnonzero(np.diff(cell[order]) == 0)
    if again.size:
        place = int(order[again[0] + 1])
        raise InputError(
            f"{name} tells connection {network.connections[int(row[place])].id} twice of one interval, in row "
            f"{place + 1}; give each once."
        )


def _powers(table: Any, column: str, name: str) -> NDArray[np.float64]:
    import pyarrow as pa

    try:
        told: NDArray[np.float64] = (
            table[column].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{name} has {column} that are no numbers ({str(error)[:80]}).") from None
    strange = np.isinf(told) | (np.abs(np.nan_to_num(told)) > _POWER_MAX)
    if strange.any():
        place = int(np.argmax(strange))
        raise InputError(
            f"{name} has {told[place]:g} {column} in row {place + 1}, which no connection draws."
        )
    return told


def _by_power_factor(watts: NDArray[np.float64], network: Network) -> NDArray[np.float64]:
    """Reactive power of what is drawn; what is given has none. [var]"""
    factors = np.array([connection.power_factor for connection in network.connections])
    least = np.maximum(np.abs(factors), 1e-6)
    ratio = np.sign(factors) * np.sqrt(np.maximum(1 - least**2, 0.0)) / least
    reactive: NDArray[np.float64] = np.maximum(watts, 0.0) * ratio[:, np.newaxis]
    return reactive
