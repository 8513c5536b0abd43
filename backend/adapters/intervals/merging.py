"""Versions of readings: what is kept of a table, and which rows are in force. Pure arrays, no files."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import ConflictError
from backend.metering import ReadingTable
from backend.metering.joining import join_codes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["VersionedRows", "by_month", "checked_rows", "join_rows", "keep_latest"]

_LOOKED_AT = 1 << 20


@dataclass(frozen=True)
class VersionedRows:
    """Readings with the load that brought them; all of shape (n,).

    Attributes:
        point: int32, index of the metering point.
        start_utc: int64. [s since 1970, UTC]
        energy: int64. [mWh]
        quality: uint8.
        load: int32, arrival number; a later load supersedes.
        code: int32 into ``codes``: the source's own word for the quality; None where no source said any.
        codes: Those words, verbatim.
    """

    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    load: NDArray[np.int32]
    code: NDArray[np.int32] | None = None
    codes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.start_utc)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> VersionedRows:
        """Some of the rows, by mask or index."""
        return VersionedRows(
            self.point[rows],
            self.start_utc[rows],
            self.energy[rows],
            self.quality[rows],
            self.load[rows],
            None if self.code is None else self.code[rows],
            self.codes,
        )

    def as_table(self, points: Sequence[str], resolution_minutes: int) -> ReadingTable:
        """The rows without what load they are of; they index ``points``."""
        return ReadingTable(
            tuple(points),
            self.point,
            self.start_utc,
            self.energy,
            self.quality,
            resolution_minutes,
            self.code,
            self.codes,
        )


def join_rows(parts: Sequence[VersionedRows]) -> VersionedRows:
    """The rows of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        whole, byte, short = np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0, np.int32)
        return VersionedRows(short, whole, whole, byte, short)
    code, codes = join_codes([(part.code, part.codes, len(part)) for part in parts])
    return VersionedRows(
        np.concatenate([part.point for part in parts]),
        np.concatenate([part.start_utc for part in parts]),
        np.concatenate([part.energy for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.load for part in parts]),
        code,
        codes,
    )


def keep_latest(rows: VersionedRows, binding: Collection[int] = ()) -> VersionedRows:
    """Of each (point, start) the row of the latest load, sorted by point and start.

    Args:
        rows: Of all loads.
        binding: Arrival numbers of loads that outrank all others.
    """
    if not len(rows):
        return rows
    first = int(rows.start_utc.min())
    span = int(rows.start_utc.max()) - first + 1
    # One whole number per (point, start): a century of seconds times a million points stays far below 2^63.
    key = rows.point.astype(np.int64) * span + (rows.start_utc - first)
    if bool(np.all(key[1:] > key[:-1])):
        return rows
    outranks = np.isin(rows.load, list(binding)) if binding else np.zeros(len(rows), dtype=np.bool_)
    order = np.lexsort((rows.load, outranks, key))
    key = key[order]
    is_last = np.append(key[1:] != key[:-1], True)
    return rows.select(order[is_last])


def checked_rows(table: ReadingTable, load: str) -> VersionedRows:
    """A table's rows as they are kept, sorted by point and start; which load they are of is still to be said.

    Args:
        table: As a file gave it.
        load: Id of its load, for messages.

    Raises:
        ConflictError: If it has a reading twice.
    """
    rows = VersionedRows(
        np.asarray(table.point, np.int32),
        np.asarray(table.start_utc, np.int64),
        np.asarray(table.energy, np.int64),
        np.asarray(table.quality, np.uint8),
        np.broadcast_to(np.int32(0), len(table)),
        None if table.code is None else np.asarray(table.code, np.int32),
        table.codes,
    )
    assert len(rows.point) == len(rows.energy) == len(rows.quality) == len(rows), "columns of one length"
    assert not len(rows) or (rows.point.min() >= 0 and rows.point.max() < len(table.metering_points)), (
        "points by index"
    )
    assert not len(rows) or rows.energy.min() >= 0, "energy is never negative"
    if _is_sorted(rows):
        return rows
    order = np.lexsort((rows.start_utc, rows.point))
    rows = rows.select(order)
    twice = np.flatnonzero((rows.point[1:] == rows.point[:-1]) & (rows.start_utc[1:] == rows.start_utc[:-1]))
    if len(twice):
        point = table.metering_points[rows.point[twice[0]]]
        start = datetime.fromtimestamp(int(rows.start_utc[twice[0]]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise ConflictError(
            f"Load {load[:18]} has {len(twice)} readings twice, the first of {point} at {start}; nothing was kept."
        )
    return rows


def by_month(rows: VersionedRows) -> Iterator[NDArray[np.int64]]:
    """The rows of each UTC month that has any, in order, as indices.

    Args:
        rows: Sorted by point and start.
    """
    if not len(rows):
        return
    points = np.searchsorted(rows.point, np.arange(int(rows.point[-1]) + 2))
    ends = np.array([rows.start_utc.min(), rows.start_utc.max()]).astype("datetime64[s]")
    first, last = ends.astype("datetime64[M]").astype(np.int64).tolist()
    edges = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    # A place per (point, month): a month's rows are found without looking at all rows for each month.
    places = np.stack(
        [
            begin + np.searchsorted(rows.start_utc[begin:end], edges)
            for begin, end in itertools.pairwise(points.tolist())
        ]
    )
    for month in range(len(edges) - 1):
        spans = [np.arange(begin, end) for begin, end in places[:, month : month + 2].tolist() if begin < end]
        if spans:
            yield np.concatenate(spans)


def _is_sorted(rows: VersionedRows) -> bool:
    """Does every row have a later point, or a later start of the same point, than the one before?

    Looked at in parts: the columns may be larger than memory.
    """
    for begin in range(0, len(rows) - 1, _LOOKED_AT):
        part = slice(begin, begin + _LOOKED_AT + 1)
        point, start = rows.point[part], rows.start_utc[part]
        later = (point[1:] > point[:-1]) | ((point[1:] == point[:-1]) & (start[1:] > start[:-1]))
        if not bool(later.all()):
            return False
    return True
