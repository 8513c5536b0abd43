"""Bodies in their usual form as columns of Python's own texts: nothing is done row by row that C can do for all.

What is not quite usual is left to the readers that tell what is wrong and where; the columns of both come to the same
readings.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from backend.adapters.meter_files.words import COLUMNS, DIRECTION_COLUMN, SOURCE_COLUMN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.reading_rows import CodedColumn, ReadingRows

__all__ = ["BodyColumns", "JsonRow", "add_columns", "columns_of_csv", "columns_of_json"]

_HEAD_BYTES_MAX = 200
_LINE_BYTES_MAX = 4096
_NUMBER_MARKS = b"0123456789.eE+-"
_BESIDE_MARKS = bytes(set(range(256)) - set(b",\n"))


class JsonRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A reading of JSON."""

    metering_point: str
    start: str
    energy_kwh: msgspec.Raw = msgspec.Raw(b"null")
    quality: str = "measured"
    resolution_minutes: int | None = None
    source_quality: str = ""
    direction: str = ""


_FIELDS = [attrgetter(name) for name in JsonRow.__struct_fields__]


@dataclass(frozen=True, slots=True)
class BodyColumns:
    """Readings as they were sent, a text per row.

    Attributes:
        point: Id or number.
        start: Instant.
        step: Text, or what JSON has; None where the sender left it out. [min]
        quality: Our word.
        energy: Texts, one behind the other. [kWh]
        energy_length: Shape (n,), int64. [B]
        source: The source's own words for qualities; None where nobody said any.
        direction: None where nobody said any.
    """

    point: Sequence[str]
    start: Sequence[str]
    step: Sequence[str | int | None]
    quality: Sequence[str]
    energy: bytes
    energy_length: NDArray[np.int64]
    source: Sequence[str] | None = None
    direction: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.point)

    @classmethod
    def joined(cls, parts: Sequence[BodyColumns]) -> BodyColumns:
        """The rows of all, without the sources' own words."""
        told = any(part.direction is not None for part in parts)
        directions = (part.direction or [""] * len(part) for part in parts)
        return cls(
            point=list(chain.from_iterable(part.point for part in parts)),
            start=list(chain.from_iterable(part.start for part in parts)),
            step=list(chain.from_iterable(part.step for part in parts)),
            quality=list(chain.from_iterable(part.quality for part in parts)),
            energy=b"".join(part.energy for part in parts),
            energy_length=np.concatenate([part.energy_length for part in parts]),
            direction=list(chain.from_iterable(directions)) if told else None,
        )


def columns_of_json(rows: Sequence[JsonRow]) -> BodyColumns:
    """The columns of decoded rows."""
    point, start, raws, quality, step, source, direction = (list(map(field, rows)) for field in _FIELDS)
    energy = b"".join(raws)
    length = np.fromiter(map(len, map(bytes, raws)), np.int64, len(raws))
    if energy.translate(None, _NUMBER_MARKS):
        energy, length = _unquoted(energy, length) or _decoded(raws)
    return BodyColumns(
        point,
        start,
        step,
        quality,
        energy,
        length,
        source if any(source) else None,
        direction if any(direction) else None,
    )


def _unquoted(energy: bytes, length: NDArray[np.int64]) -> tuple[bytes, NDArray[np.int64]] | None:
    """Numbers that all stand in quotes, without them; None where anything else is there."""
    plain = energy.replace(b'"', b"")
    if len(energy) - len(plain) != 2 * len(length) or plain.translate(None, _NUMBER_MARKS):
        return None
    marks = np.frombuffer(energy, np.uint8) == ord('"')
    ends = np.cumsum(length)
    quoted = length.min(initial=2) >= 2 and marks[ends - 1].all() and marks[ends - length].all()  # noqa: PLR2004 -- both quotes
    return (plain, length - 2) if quoted else None


def _decoded(raws: Sequence[msgspec.Raw]) -> tuple[bytes, NDArray[np.int64]]:
    texts = [_energy_text(raw).encode("utf-8", "surrogatepass") for raw in raws]
    return b"".join(texts), np.fromiter(map(len, texts), np.int64, len(texts))


def _energy_text(raw: msgspec.Raw) -> str:
    """The digits as they stand; empty for null."""
    text = bytes(raw).decode(errors="replace")
    if text[:1] == '"':
        try:
            return str(msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return text
    return "" if text == "null" else text


def columns_of_csv(body: bytes) -> BodyColumns | None:
    """The columns of lines that all have as many fields as their header, and neither quotes nor carriage returns.

    Returns:
        None for any other body: the reader of files tells what is wrong with it, or puts it right.
    """
    head, newline, rest = body.partition(b"\n")
    names = head.decode("ascii", "replace").split(",") if len(head) <= _HEAD_BYTES_MAX else []
    known = {*COLUMNS, SOURCE_COLUMN, DIRECTION_COLUMN}
    if not newline or len(set(names)) != len(names) or not set(COLUMNS) <= set(names) <= known:
        return None
    if not rest or any(mark in rest for mark in (b'"', b"\r", b"\0")):
        return None
    rest = rest if rest.endswith(b"\n") else rest + b"\n"
    marks, rows = rest.translate(None, _BESIDE_MARKS), rest.count(b"\n")
    if marks != (b"," * (len(names) - 1) + b"\n") * rows or _longest_line(rest) > _LINE_BYTES_MAX:
        return None
    try:
        fields = rest.decode().replace("\n", ",").split(",")
    except UnicodeDecodeError:
        return None
    column = {name: fields[place : len(fields) - 1 : len(names)] for place, name in enumerate(names)}
    energy = "".join(column["energy_kwh"]).encode()
    length = np.fromiter(map(len, column["energy_kwh"]), np.int64, rows)
    if len(energy) != int(length.sum()):
        return None  # an energy that is not even ASCII
    return BodyColumns(
        column["metering_point"],
        column["start"],
        column["resolution_minutes"],
        column["quality"],
        energy,
        length,
        column.get(SOURCE_COLUMN),
        column.get(DIRECTION_COLUMN),
    )


def _longest_line(lines: bytes) -> int:
    if len(lines) <= _LINE_BYTES_MAX:
        return len(lines)
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n"))
    return int(np.diff(ends, prepend=-1).max())


def add_columns(rows: ReadingRows, columns: BodyColumns, step: int, *, with_source: bool = True) -> None:
    """Columns, into the checks.

    Args:
        rows: Takes them.
        columns: At least one row.
        step: Of rows that do not say theirs. [min]
        with_source: Take the sources' own words too?
    """
    from backend.adapters.meter_files.kilowatt_hours import parse_energy_column
    from backend.adapters.meter_files.reading_rows import CodedColumn, RowBlock

    texts = _arrow_texts(columns.energy, columns.energy_length)
    energy, empty, bad = parse_energy_column(texts)
    minutes, words = _coded(columns.step)
    rows.add(
        RowBlock(
            line=np.arange(1, len(columns) + 1, dtype=np.int64),
            point=CodedColumn(*_coded(columns.point)),
            start=CodedColumn(*_coded(columns.start)),
            step=CodedColumn(minutes, [str(step if word is None else word) for word in words]),
            quality=CodedColumn(*_coded(columns.quality)),
            energy=energy,
            energy_empty=empty,
            energy_bad=bad,
            energy_text=texts,
            source=_optional(columns.source if with_source else None),
            direction=_optional(columns.direction),
        )
    )


def _optional(words: Sequence[str] | None) -> CodedColumn | None:
    from backend.adapters.meter_files.reading_rows import CodedColumn

    return None if words is None else CodedColumn(*_coded(words))


def _coded(words: Sequence[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Which word stands in each row, and the words in the order in which they come."""
    index: dict[Hashable, int] = {word: place for place, word in enumerate(dict.fromkeys(words))}
    if len(index) == 1:
        return np.zeros(len(words), np.int64), list(index)
    if len(index) == len(words):
        return np.arange(len(words), dtype=np.int64), list(index)
    return np.fromiter(map(index.__getitem__, words), np.int64, len(words)), list(index)


def _arrow_texts(texts: bytes, length: NDArray[np.int64]) -> Any:
    import pyarrow as pa

    ends = np.zeros(len(length) + 1, np.int32)
    np.cumsum(length, out=ends[1:])
    return pa.Array.from_buffers(pa.string(), len(length), [None, pa.py_buffer(ends), pa.py_buffer(texts)])
