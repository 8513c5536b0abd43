"""The tables of a pandapower JSON file, without pandapower or pandas.

pandapower writes a network as an object of data frames, each a JSON text of its own with ``columns``, ``index`` and
``data``. Versions 2 and 3 differ in where coordinates stand. Nothing in the file is run: classes that it names are not
looked up.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from backend.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PandapowerTables", "Row", "read_tables"]

_MOST_ROWS = 2_000_000
_UNREAD = frozenset({"std_types", "profiles", "controller", "measurement", "poly_cost", "pwl_cost", "group"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        table: Its name.
        index: Its index there.
        cells: By column; None where empty.
    """

    table: str
    index: int
    cells: Mapping[str, Any]

    def number(self, name: str, default: float | None = None) -> float:
        """A number.

        Raises:
            NetworkError: If there is none and no default, or what is there is none.
        """
        value = self.cells.get(name)
        if value is None:
            if default is None:
                raise NetworkError(f"{self.table} {self.index} has no {name}; pandapower needs it too.")
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise NetworkError(f"{self.table} {self.index} has {name} {value!r}, which is no number.")
        return float(value)

    def optional(self, name: str) -> float | None:
        """A number, None where it is not said."""
        return None if self.cells.get(name) is None else self.number(name)

    def place(self, name: str) -> int:
        """An index of another table.

        Raises:
            NetworkError: If it is none.
        """
        value = self.number(name)
        if value != int(value):
            raise NetworkError(f"{self.table} {self.index} has {name} {value!r}, which is no index.")
        return int(value)

    def text(self, name: str) -> str:
        """A text, empty where it is not said."""
        value = self.cells.get(name)
        return "" if value is None else str(value)

    def mark(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self.cells.get(name)
        return default if value is None else bool(value)


@dataclass(slots=True)
class PandapowerTables:
    """A network's tables.

    Attributes:
        name: Of the network.
        frequency: [Hz]
        version: Of pandapower that wrote it, empty where not said.
        tables: Rows by table.
        names: By table and index, a name that is its own: the element's where no other has it, else table and index.
    """

    name: str
    frequency: float
    version: str
    tables: dict[str, list[Row]]
    names: dict[tuple[str, int], str] = field(default_factory=dict)

    def rows(self, table: str, *, in_service: bool = True) -> Iterator[Row]:
        """Rows of a table, those in service."""
        for row in self.tables.get(table, []):
            if not in_service or row.mark("in_service", default=True):
                yield row

    def name_of(self, row: Row) -> str:
        """What to call an element."""
        return self.names[row.table, row.index]


def read_tables(told: Any, file: str) -> PandapowerTables:
    """Read the tables of a network's JSON.

    Args:
        told: What the file says.
        file: Its name.

    Raises:
        NetworkError: If it is no network of pandapower, or a table is damaged.
    """
    inner = told.get("_object", told) if isinstance(told, dict) else None
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            inner = None
    if not isinstance(inner, dict) or "bus" not in inner:
        raise NetworkError(f"{file} is no network of pandapower: it has no table of buses.")
    tables = {}
    for name, frame in inner.items():
        if isinstance(frame, dict) and frame.get("_class") == "DataFrame":
            tables[name] = _rows(name, frame, file)
    if "bus" not in tables:
        raise NetworkError(f"{file}: the table of buses is no data frame; write it with pandapower.to_json.")
    frequency = inner.get("f_hz", 50.0)
    if not isinstance(frequency, int | float) or isinstance(frequency, bool) or not 0 < frequency < 1000:  # noqa: PLR2004 -- Hz
        raise NetworkError(f"{file} has the frequency {frequency!r}; write 50 or 60.")
    read = PandapowerTables(
        str(inner.get("name") or ""), float(frequency), str(inner.get("version") or ""), tables
    )
    for name, rows in tables.items():
        count = Counter(row.text("name").strip() for row in rows)
        for row in rows:
            own = row.text("name").strip()
            read.names[name, row.index] = own if own and count[own] == 1 else f"{name}-{row.index}"
    return read


def _rows(name: str, frame: dict[str, Any], file: str) -> list[Row]:
    content = frame.get("_object")
    try:
        split: Any = (
            json.loads(content, parse_constant=lambda _: None) if isinstance(content, str) else content
        )
        columns, index, data = split["columns"], split["index"], split["data"]
        if len(index) > _MOST_ROWS or len(set(map(str, index))) != len(index):
            raise NetworkError(f"{file}: table {name} has an index twice, or more than {_MOST_ROWS:,} rows.")
        return [
            Row(name, int(place), dict(zip(columns, cells, strict=True)))
            for place, cells in zip(index, data, strict=True)
        ]
    except (TypeError, KeyError, ValueError, OverflowError, RecursionError) as error:
        if name in _UNREAD or name.startswith(("res_", "_")):
            return []
        raise NetworkError(
            f"{file}: table {name} is damaged ({str(error)[:120]}); write the file again."
        ) from None
