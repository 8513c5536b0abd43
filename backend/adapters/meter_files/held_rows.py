"""The rows of a file while it is read: in memory, and beyond a bound in passing files by month.

A file of any size needs the memory of the bound and of its largest month. What is given back then lies in mapped files
that have no name any more: the kernel keeps of them what there is room for, and they are gone with the arrays.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ROWS_HELD_MAX", "HeldRows", "RowColumns"]

ROWS_HELD_MAX = 1 << 24
"""So many rows are held in memory before they are put aside. [1]"""

_KINDS = {"line": "<i8", "point": "<i4", "start_utc": "<i8", "energy": "<i8", "quality": "u1", "code": "<i4"}
_CODED = "-coded"

#: Which of some rows, sorted by point, start and line, are kept; None for all.
ChooseRows = Callable[["RowColumns"], "NDArray[np.bool_] | None"]


@dataclass(frozen=True)
class RowColumns:
    """Rows as numbers. Arrays have shape (n,).

    Attributes:
        line: Of the file, from 1.
        point: Number of the metering point.
        start_utc: [s since 1970, UTC]
        energy: [mWh]
        quality: ``Quality``.
        code: Of the source's own word for the quality; None where the file has none, for all rows or for no row.
    """

    line: NDArray[np.int64]
    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    code: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: NDArray[Any]) -> RowColumns:
        """Some of the rows, by mask or index."""
        return RowColumns(**{name: column[rows] for name, column in self.columns().items()})

    def columns(self) -> dict[str, NDArray[Any]]:
        """Those that are there, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: column for name, column in named.items() if column is not None}


class HeldRows:
    """Gathers rows.

    Args:
        rows_held_max: Beyond so many, rows are put aside. [1]
    """

    def __init__(self, rows_held_max: int | None = None) -> None:
        self._rows_held_max = ROWS_HELD_MAX if rows_held_max is None else rows_held_max
        self._blocks: list[RowColumns] = []
        self._held = 0
        self._folder: Path | None = None
        self._forget: Callable[[], object] = _nothing

    @property
    def is_empty(self) -> bool:
        """Was nothing ever added?"""
        return not self._blocks and self._folder is None

    def add(self, rows: RowColumns) -> None:
        """Keep rows."""
        self._blocks.append(rows)
        self._held += len(rows)
        if self._held > self._rows_held_max:
            self._put_aside()

    def as_added(self) -> RowColumns:
        """All rows in the order in which they came, while none is put aside."""
        assert self._folder is None, "rows that are put aside have no order"
        return _join(self._blocks)

    def finish(self, rank: NDArray[np.int32], choose: ChooseRows) -> RowColumns:
        """All rows, sorted by point and time.

        Args:
            rank: Shape (points,): the number that each point shall have.
            choose: Says which of some sorted rows to keep; all readings of one interval come to it together.
        """
        if self._folder is None:
            rows = _join(self._blocks)
            return _chosen(_sort(_ranked(rows, rank)), choose)
        self._put_aside()
        try:
            return _merge(self._folder, rank, choose)
        finally:
            self._forget()

    def _put_aside(self) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="partage-rows-"))
            self._forget = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        rows = _join(self._blocks)
        self._blocks, self._held = [], 0
        if not len(rows):
            return
        months = rows.start_utc.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        records = _records(rows)
        for month in np.unique(months).tolist():
            with (self._folder / f"{month:06d}{_CODED if rows.code is not None else ''}").open("ab") as file:
                records[months == month].tofile(file)


def _nothing() -> None:
    """Nothing was put aside."""


def _merge(folder: Path, rank: NDArray[np.int32], choose: ChooseRows) -> RowColumns:
    """The rows of all months, point by point, in files that are mapped."""
    counts: dict[Path, NDArray[np.int64]] = {}
    names: tuple[str, ...] = ()
    for path in sorted(folder.iterdir()):
        rows = _chosen(_sort(_ranked(_read(path), rank)), choose)
        names = tuple(rows.columns())
        _records(rows).tofile(path)
        counts[path] = np.bincount(rows.point, minlength=len(rank)).astype(np.int64)
    if not counts:
        return _join([])
    by_point = np.sum(list(counts.values()), axis=0)
    place = np.cumsum(by_point) - by_point  # where the next row of each point goes
    total = int(by_point.sum())
    out = {name: _mapped(folder / f"all-{name}", _KINDS[name], total) for name in names if name != "line"}
    for path, count in counts.items():
        rows = _read(path)
        first = np.cumsum(count) - count
        target = np.arange(len(rows)) + (place - first)[rows.point]
        for name, column in rows.columns().items():
            if name != "line":
                out[name][target] = column
        place += count
    return RowColumns(line=np.broadcast_to(np.int64(0), total), **out)


def _mapped(path: Path, kind: str, count: int) -> NDArray[Any]:
    return np.asarray(np.memmap(path, dtype=kind, mode="w+", shape=(count,)))


def _records(rows: RowColumns) -> NDArray[Any]:
    columns = rows.columns()
    records = np.empty(len(rows), dtype=[(name, _KINDS[name]) for name in columns])
    for name, column in columns.items():
        records[name] = column
    return records


def _read(path: Path) -> RowColumns:
    """Rows that were put aside; whether they have codes, the file's name says."""
    names = [name for name in _KINDS if name != "code" or path.name.endswith(_CODED)]
    records = np.fromfile(path, dtype=[(name, _KINDS[name]) for name in names])
    return RowColumns(**{name: np.ascontiguousarray(records[name]) for name in names})


def _ranked(rows: RowColumns, rank: NDArray[np.int32]) -> RowColumns:
    return RowColumns(**rows.columns() | {"point": rank[rows.point]})


def _chosen(rows: RowColumns, choose: ChooseRows) -> RowColumns:
    kept = choose(rows)
    return rows if kept is None else rows.take(kept)


def _join(blocks: list[RowColumns]) -> RowColumns:
    if not blocks:
        whole = np.zeros(0, dtype=np.int64)
        return RowColumns(whole, whole.astype(np.int32), whole, whole, whole.astype(np.uint8))
    names = blocks[0].columns()
    return RowColumns(**{name: np.concatenate([block.columns()[name] for block in blocks]) for name in names})


def _sort(rows: RowColumns) -> RowColumns:
    """By point, time, then line; most files are sorted already, which costs one look."""
    later_point = rows.point[1:] > rows.point[:-1]
    later_start = (rows.point[1:] == rows.point[:-1]) & (rows.start_utc[1:] > rows.start_utc[:-1])
    if np.all(later_point | later_start):
        return rows
    return rows.take(np.lexsort((rows.line, rows.start_utc, rows.point)))
