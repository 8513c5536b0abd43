"""Files of what registers showed: reads to the bytes of a Parquet file and back, and which are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.intervals.parquet_files import decode_labelled, encode_labelled
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports.intervals import SERIES_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "RegisterRows",
    "decode_registers",
    "encode_registers",
    "join_registers",
    "reads_around",
    "register_rows",
]

_LABELS = ("metering_point", "register", "meter", "source_quality")


@dataclass(frozen=True)
class RegisterRows:
    """Register reads with the load that brought them; arrays of shape (n,).

    Attributes:
        labels: Metering point, register, meter and the source's own word of each, as indices into ``words``, int32.
        words: What the labels index, by label.
        direction: uint8.
        instant_utc: int64. [s since 1970, UTC]
        value: int64. [mWh]
        load: int32, arrival number; a later load supersedes.
    """

    labels: Mapping[str, NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]
    direction: NDArray[np.uint8]
    instant_utc: NDArray[np.int64]
    value: NDArray[np.int64]
    load: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.instant_utc)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> RegisterRows:
        """Some of the rows, by mask or index."""
        return RegisterRows(
            {name: column[rows] for name, column in self.labels.items()},
            self.words,
            self.direction[rows],
            self.instant_utc[rows],
            self.value[rows],
            self.load[rows],
        )

    def of_points(self, points: Sequence[str]) -> RegisterRows:
        """Those of some metering points."""
        return self.select(self._is_of(points, self.words["metering_point"]))

    def without_points(self, points: Sequence[str]) -> RegisterRows:
        """Those of all others: neither of the points nor of any series of them, or of feeders that are called so."""
        owners = [name.partition(SERIES_MARK)[0] for name in self.words["metering_point"]]
        return self.select(~self._is_of(points, owners))

    def _is_of(self, points: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
        wanted = frozenset(points)
        named = np.array([name in wanted for name in names], dtype=np.bool_)
        return named[self.labels["metering_point"]]

    def reads(self) -> Iterator[tuple[str, RegisterRead]]:
        """Metering point and read of each row, in the rows' order."""
        columns = [[self.words[name][place] for place in self.labels[name].tolist()] for name in _LABELS]
        rest = (self.direction.tolist(), self.instant_utc.tolist(), self.value.tolist())
        for point, channel, meter, code, direction, instant, value in zip(*columns, *rest, strict=True):
            yield point, RegisterRead(SeriesName(point, direction, channel), instant, value, meter, code)


def register_rows(reads: Sequence[RegisterRead], load: int) -> RegisterRows:
    """Reads as rows of a load."""
    columns: dict[str, list[str]] = {
        "metering_point": [read.series.external_id for read in reads],
        "register": [read.series.channel for read in reads],
        "meter": [read.meter for read in reads],
        "source_quality": [read.code for read in reads],
    }
    words = {name: tuple(dict.fromkeys(values)) for name, values in columns.items()}
    labels = {}
    for name, values in columns.items():
        place = {word: index for index, word in enumerate(words[name])}
        labels[name] = np.array([place[value] for value in values], np.int32)
    return RegisterRows(
        labels,
        words,
        np.array([read.series.direction for read in reads], np.uint8),
        np.array([read.instant_utc for read in reads], np.int64),
        np.array([read.value for read in reads], np.int64),
        np.full(len(reads), load, np.int32),
    )


def join_registers(parts: Sequence[RegisterRows]) -> RegisterRows:
    """The rows of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return register_rows((), 0)
    words = {
        name: tuple(dict.fromkeys(word for part in parts for word in part.words[name])) for name in _LABELS
    }
    labels = {}
    for name in _LABELS:
        place = {word: index for index, word in enumerate(words[name])}
        columns = [
            np.array([place[word] for word in part.words[name]], np.int32)[part.labels[name]]
            for part in parts
        ]
        labels[name] = np.concatenate(columns)
    return RegisterRows(
        labels,
        words,
        np.concatenate([part.direction for part in parts]),
        np.concatenate([part.instant_utc for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.load for part in parts]),
    )


def encode_registers(rows: RegisterRows) -> memoryview:
    """A file of register reads; only words that a row has stand in it."""
    labels = {}
    for name in _LABELS:
        used, places = np.unique(rows.labels[name], return_inverse=True)
        labels[name] = (places.astype(np.int32), [rows.words[name][index] for index in used.tolist()])
    columns: dict[str, NDArray[Any]] = {
        "direction": rows.direction,
        "instant_utc": rows.instant_utc,
        "value_milliwatt_hours": rows.value,
        "load": rows.load,
    }
    return encode_labelled(labels, columns)


def decode_registers(content: bytes) -> RegisterRows:
    """The rows of a file, in its order."""
    labels, columns = decode_labelled(content, _LABELS)
    return RegisterRows(
        {name: places for name, (places, _) in labels.items()},
        {name: words for name, (_, words) in labels.items()},
        columns["direction"],
        columns["instant_utc"],
        columns["value_milliwatt_hours"],
        columns["load"],
    )


def reads_around(rows: RegisterRows, start_utc: int, end_utc: int) -> RegisterRows:
    """The reads in force in [start, end] and, of each meter, back to and on to the nearest that all its registers have.

    Args:
        rows: Of all loads that count.
        start_utc: [s since 1970, UTC]
        end_utc: [s since 1970, UTC]

    Returns:
        Sorted by metering point, direction, instant, meter and register; of the same read the latest load's.
    """
    if not len(rows):
        return rows
    by_word = {name: _ranks(rows.words[name])[rows.labels[name]] for name in _LABELS}
    point, register, meter = (by_word[name] for name in ("metering_point", "register", "meter"))
    order = np.lexsort((rows.load, register, rows.instant_utc, meter, rows.direction, point))
    columns = (point, rows.direction, meter, rows.instant_utc, register)
    is_last = np.append(_differs(columns, order), True)
    order = order[is_last]
    instants, registers = rows.instant_utc[order], register[order]
    kept = np.zeros(len(order), dtype=np.bool_)
    meters = _groups((point, rows.direction, meter), order)
    for first, until in pairwise(_groups((point, rows.direction), order).tolist()):
        own = meters[(meters >= first) & (meters <= until)]
        spans = [slice(low, high) for low, high in pairwise(own.tolist())]
        bounds = [_around(instants[span], registers[span], start_utc, end_utc) for span in spans]
        # Meters beside each other are compared where all of them were read: as far as the furthest reaches.
        both = [(low, high) for low, high, is_around in bounds if is_around] or [(start_utc, end_utc)]
        least, most = min(low for low, _ in both), max(high for _, high in both)
        for span, (low, high, _) in zip(spans, bounds, strict=True):
            kept[span] = (instants[span] >= min(low, least)) & (instants[span] <= max(high, most))
    found = order[kept]
    again = np.lexsort(
        (register[found], meter[found], rows.instant_utc[found], rows.direction[found], point[found])
    )
    return rows.select(found[again])


def _around(
    instants: NDArray[np.int64], registers: NDArray[np.int32], start_utc: int, end_utc: int
) -> tuple[int, int, bool]:
    """The nearest instants around a span at which all registers of a meter were read, its ends without; are both?"""
    at, how_many = np.unique(instants, return_counts=True)
    whole = at[how_many == len(np.unique(registers))]
    before, behind = whole[whole <= start_utc], whole[whole >= end_utc]
    low = int(before[-1]) if len(before) else start_utc
    high = int(behind[0]) if len(behind) else end_utc
    return low, high, bool(len(before) and len(behind))


def _ranks(words: Sequence[str]) -> NDArray[np.int32]:
    """Place of each word in their order."""
    ranks = np.empty(len(words), np.int32)
    ranks[np.argsort(np.array(words, dtype=object), kind="stable")] = np.arange(len(words), dtype=np.int32)
    return ranks


def _differs(
    columns: Sequence[NDArray[np.int32] | NDArray[np.uint8] | NDArray[np.int64]], order: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Where a row differs from the one before it. Shape (n - 1,)."""
    found = np.zeros(len(order) - 1, dtype=np.bool_)
    for column in columns:
        ordered = column[order]
        found |= ordered[1:] != ordered[:-1]
    return found


def _groups(
    columns: Sequence[NDArray[np.int32] | NDArray[np.uint8]], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Bounds of the runs of equal rows."""
    return np.concatenate(([0], np.flatnonzero(_differs(columns, order)) + 1, [len(order)]))
