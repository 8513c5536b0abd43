"""A network as a DuckDB file: tables of structure and series, and views over them.

The file is written beside its place and renamed into it when it is whole. Its views have the names and columns of those
in the store where both have them, so that a query moves from one to the other.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from backend.adapters.durable_files import PARTIAL_SUFFIX, flush_folder
from backend.errors import InputError
from backend.ports.grid_views import GRID_VIEW_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

__all__ = ["GRID_VIEWS", "DuckDbViews"]

#: Views by name.
GRID_VIEWS: dict[str, str] = {
    "grid_structure": """
        SELECT b.network, n.community, b.kind, b.id AS branch, b.from_bus, b.to_bus, b.phases, b.length_metres,
               b.rated_amperes, b.rated_volt_amperes, b.is_closed, b.meter, b.feeder, b.transformer,
               f.x AS from_x, f.y AS from_y, t.x AS to_x, t.y AS to_y
        FROM grid_branch b
        JOIN grid_network n ON n.name = b.network
        JOIN grid_bus f ON f.network = b.network AND f.id = b.from_bus
        JOIN grid_bus t ON t.network = b.network AND t.id = b.to_bus""",
    "grid_connections": """
        SELECT c.network, n.community, c.id AS connection, c.bus, c.phases, c.power_factor, c.rated_watts,
               c.is_critical, c.can_rotate, c.switch_cost, c.feeder, c.transformer, b.x, b.y,
               (SELECT COUNT(*) FROM grid_connection_point p
                WHERE p.network = c.network AND p.connection = c.id) AS metering_points
        FROM grid_connection c
        JOIN grid_network n ON n.name = c.network
        JOIN grid_bus b ON b.network = c.network AND b.id = c.bus""",
    "grid_connections_by_feeder": """
        SELECT c.network, c.transformer, c.feeder, c.phases, COUNT(*) AS connections,
               SUM(CASE WHEN c.is_critical THEN 1 ELSE 0 END) AS critical_connections,
               SUM(CASE WHEN EXISTS (SELECT 1 FROM grid_connection_point p
                                     WHERE p.network = c.network AND p.connection = c.id)
                        THEN 1 ELSE 0 END) AS metered_connections
        FROM grid_connection c
        GROUP BY c.network, c.transformer, c.feeder, c.phases""",
    "grid_metering_points": """
        SELECT p.network, n.community, p.metering_point, p.connection, c.bus, c.phases, c.feeder, c.transformer
        FROM grid_connection_point p
        JOIN grid_network n ON n.name = p.network
        JOIN grid_connection c ON c.network = p.network AND c.id = p.connection""",
    "grid_connection_power": """
        SELECT w.network, w.connection, c.feeder, c.transformer, c.phases, w.start_at, w.start_local,
               w.step_seconds, w.watts, w.vars, w.origin
        FROM grid_power w
        JOIN grid_connection c ON c.network = w.network AND c.id = w.connection""",
    # A connection's power is spread evenly over its phases, and losses are left out: what meters say, not what flows.
    "grid_feeder_phase_power": """
        SELECT network, transformer, feeder, start_at, start_local,
               SUM(CASE WHEN contains(phases, '1') THEN watts / (length(phases) - 1) ELSE 0 END) / 1000 AS l1_kw,
               SUM(CASE WHEN contains(phases, '2') THEN watts / (length(phases) - 1) ELSE 0 END) / 1000 AS l2_kw,
               SUM(CASE WHEN contains(phases, '3') THEN watts / (length(phases) - 1) ELSE 0 END) / 1000 AS l3_kw,
               COUNT(*) AS known_connections
        FROM grid_connection_power
        GROUP BY network, transformer, feeder, start_at, start_local""",
    "grid_feeder_imbalance": """
        SELECT network, transformer, feeder, start_at, start_local, l1_kw, l2_kw, l3_kw, known_connections,
               greatest(l1_kw, l2_kw, l3_kw) - (l1_kw + l2_kw + l3_kw) / 3 AS above_mean_kw,
               (l1_kw + l2_kw + l3_kw) / 3 - least(l1_kw, l2_kw, l3_kw) AS below_mean_kw,
               greatest(above_mean_kw, below_mean_kw) AS deviation_kw
        FROM grid_feeder_phase_power""",
}
_SECONDS = 1_000_000


class DuckDbViews:
    """Implements ``backend.ports.grid_views.GridViewsFile``; used in a ``with`` block, which removes what is not whole.

    Args:
        path: Where the file shall stand; what stands there is replaced when all is written.
    """

    def __init__(self, path: Path) -> None:
        import duckdb

        if path.exists() and (path.is_dir() or path.stat().st_size) and not _is_duckdb(path):
            raise InputError(
                f"{path} is another kind of file and is not replaced; name a new file, ending in .duckdb."
            )
        if not path.parent.is_dir():
            raise InputError(f"There is no folder {path.parent}; name a file in one that is there.")
        self._path = path
        self._partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
        try:
            self._connection = duckdb.connect(str(self._partial))
        except duckdb.Error as error:
            raise InputError(f"{path} cannot be written: {_first_line(error)}.") from None
        self._partial.chmod(0o600)
        for table, columns in GRID_VIEW_TABLES.items():
            told = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self._connection.execute(f"CREATE TABLE {table} ({told})")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what was not finished is removed."""
        self._connection.close()
        self._partial.unlink(missing_ok=True)
        self._partial.with_name(f"{self._partial.name}.wal").unlink(missing_ok=True)

    def add(self, table: str, columns: Mapping[str, NDArray[np.generic] | Sequence[Any]]) -> None:
        """See the port."""
        import pyarrow as pa

        kinds = GRID_VIEW_TABLES[table]
        arrays = {name: _array(values, kinds[name]) for name, values in columns.items()}
        if not arrays or not len(next(iter(arrays.values()))):
            return
        self._connection.register("adding", pa.table(arrays))
        insert = f"INSERT INTO {table} BY NAME SELECT * FROM adding"  # noqa: S608 -- a key of the tables above
        self._connection.execute(insert)
        self._connection.unregister("adding")

    def finish(self) -> int:
        """See the port."""
        for name, query in GRID_VIEWS.items():
            self._connection.execute(f"CREATE VIEW {name} AS {query}")
        self._connection.execute("CHECKPOINT")
        self._connection.close()
        self._partial.replace(self._path)
        flush_folder(self._path.parent)
        return self._path.stat().st_size


def _array(values: NDArray[np.generic] | Sequence[Any], kind: str) -> Any:
    import pyarrow as pa

    if kind == "TIMESTAMP":
        return pa.array(np.asarray(values, np.int64) * _SECONDS, pa.timestamp("us"))
    if kind == "VARCHAR":
        if isinstance(values, np.ndarray):
            values = values.tolist()
        return pa.array(values, pa.string())
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pa.array(values, from_pandas=True)  # NaN is null
    return pa.array(
        values if isinstance(values, np.ndarray) else list(values), _KINDS.get(kind, pa.float64)()
    )


def _boolean() -> Any:
    import pyarrow as pa

    return pa.bool_()


def _whole() -> Any:
    import pyarrow as pa

    return pa.int64()


_KINDS = {"BOOLEAN": _boolean, "BIGINT": _whole}


def _is_duckdb(path: Path) -> bool:
    """DuckDB's magic bytes stand behind the checksum of the first block."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
