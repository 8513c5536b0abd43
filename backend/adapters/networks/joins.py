"""An operator's list of who is connected where: CSV, a row per connection and metering point."""

from __future__ import annotations

import csv
import io
from math import isfinite
from typing import TYPE_CHECKING, TypeVar

from backend.adapters.networks.texts import read_network_text
from backend.errors import NetworkError, NotFoundError
from backend.grid.faults import NetworkFault
from backend.metering import Severity
from backend.ports.network_files import NetworkJoin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["read_joins"]

_T = TypeVar("_T")
_REQUIRED = ("connection", "metering_point")
_MARKS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LIMIT_BYTES = 64 * 1024 * 1024


def read_joins(path: Path) -> list[NetworkJoin]:
    """Read a list with the columns ``connection,metering_point``.

    Where wanted it has ``is_critical``, ``can_rotate`` (true or false), ``switch_cost`` and ``rated_watts`` too; an
    empty cell leaves what the network's file says.

    Raises:
        NotFoundError: If it is not there.
        NetworkError: With a fault per row that makes no sense.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}; name the list of connections and metering points.")
    if path.stat().st_size > _LIMIT_BYTES:
        raise NetworkError(f"{path.name} has more than {_LIMIT_BYTES // 2**20} MiB; no such list is as long.")
    text = read_network_text(path)
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [(name or "").strip() for name in rows.fieldnames or ()]
    lacking = [name for name in _REQUIRED if name not in names]
    if lacking:
        raise NetworkError(
            f"{path.name} has no column {lacking[0]}; its first line says {head.strip()[:120]!r}. Write: "
            "connection,metering_point."
        )
    rows.fieldnames = names
    joins, faults = [], []
    for row in rows:
        where = f"{path.name}:{rows.line_num}"
        if not any(isinstance(value, str) and value.strip() for value in row.values()):
            continue
        try:
            joins.append(_read_row(row, where))
        except ValueError as error:
            faults.append(
                NetworkFault(
                    "join_row", row["connection"] or "", f"{where}: {error}", Severity.REFUSED, where
                )
            )
    if faults:
        raise NetworkError(
            f"{path.name} has {len(faults)} rows that make no sense; {faults[0].message}", faults
        )
    return joins


def _read_row(row: dict[str, str], where: str) -> NetworkJoin:
    def tell(name: str) -> str:
        return (row.get(name) or "").strip()

    connection, point = tell("connection"), tell("metering_point")
    if not connection:
        raise ValueError("the row names no connection.")
    if None in row:
        raise ValueError("the row has more cells than the first line has columns.")
    join = NetworkJoin(
        connection,
        point,
        _optional(tell("is_critical"), "is_critical", _mark),
        _optional(tell("can_rotate"), "can_rotate", _mark),
        _optional(tell("switch_cost"), "switch_cost", _amount),
        _optional(tell("rated_watts"), "rated_watts", _amount),
        where,
    )
    said = (join.is_critical, join.can_rotate, join.switch_cost, join.rated_watts)
    if not point and all(value is None for value in said):
        raise ValueError(f"the row says nothing of {connection}; name its metering point.")
    return join


def _optional(text: str, name: str, read: Callable[[str], _T]) -> _T | None:
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, KeyError):
        raise ValueError(
            f'{name} is "{text[:40]}"; write true or false for a mark, else a number from 0.'
        ) from None


def _mark(text: str) -> bool:
    return _MARKS[text.lower()]


def _amount(text: str) -> float:
    value = float(text)
    if not isfinite(value) or value < 0:
        raise ValueError(text)
    return value
