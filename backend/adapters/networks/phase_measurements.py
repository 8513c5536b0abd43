"""What meters and a feeder's head measured by phase: CSV, a row per instant and terminal.

Columns ``start,place,terminal,volts,watts`` in any order; one of the last two may be left out, a cell may be empty.
``start`` is the beginning of an interval with an offset, ``place`` a connection, a metering point or ``head``,
``terminal`` 1, 2 or 3 (of the head: L1, L2, L3).
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.ports.phase_measurements import PhaseMeasurements

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MEASUREMENTS_BYTES_MAX", "read_phase_measurements"]

#: Of a file; more than a month of quarter-hours of a thousand meters.
MEASUREMENTS_BYTES_MAX = 256 << 20

_NEEDED = ("start", "place", "terminal")
_VALUES = ("volts", "watts")
_TERMINALS = {"1": 0, "2": 1, "3": 2}
_CELLS_MAX = 60_000_000
_CELLS_ALWAYS, _CELLS_BY_ROW = (
    1_000_000,
    50,
)  # a short file must not ask for gigabytes by two instants far apart
_VOLTS_MAX, _WATTS_MAX = 1e6, 1e12
_INSTANTS_MIN = 2


def read_phase_measurements(content: bytes, name: str) -> PhaseMeasurements:
    """Read such a file.

    Args:
        content: All of it, UTF-8.
        name: Of the file, for messages.

    Raises:
        InputError: Naming the line, the column and the value; nothing is taken of a file that has one.
    """
    if len(content) > MEASUREMENTS_BYTES_MAX:
        raise InputError(
            f"{name} has more than {MEASUREMENTS_BYTES_MAX >> 20} MiB; give fewer days or feeders."
        )
    table = _read_table(content, name)
    starts = _instants(*_coded(table["start"]), name)
    places, row_place = _coded(table["place"])
    if "" in places:
        raise InputError(f"{name}:{2 + int(np.argmax(row_place == places.index('')))}: the place is empty.")
    terminal_texts, row_terminal = _coded(table["terminal"])
    terminals = np.array([_TERMINALS.get(text, -1) for text in terminal_texts])[row_terminal]
    if (bad := terminals < 0).any():
        line = int(np.argmax(bad))
        raise InputError(
            f'{name}:{line + 2}: terminal "{terminal_texts[row_terminal[line]][:40]}" is none; write 1, 2 or 3.'
        )
    start, step, interval = _grid(starts, name)
    rows, row = np.unique(row_place * 3 + terminals, return_inverse=True)
    length = int(interval.max()) + 1
    if len(rows) * length > _CELLS_MAX:
        raise InputError(
            f"{name} spans {len(rows)} terminals by {length} intervals; at most {_CELLS_MAX:,} values fit: give fewer "
            "days."
        )
    if len(rows) * length > max(_CELLS_ALWAYS, _CELLS_BY_ROW * len(interval)):
        raise InputError(
            f"{name} spans {len(rows)} terminals by {length:,} intervals of {step} s and has {len(interval):,} rows: "
            "most of it is empty. Look for a start that is far from the others."
        )
    cell = row * length + interval
    _refuse_twice(cell, name)
    values = {}
    for column, most in (("volts", _VOLTS_MAX), ("watts", _WATTS_MAX)):
        values[column] = np.full(len(rows) * length, np.nan)
        if column in table:
            values[column][cell] = _numbers(table[column], column, most, name)
    return PhaseMeasurements(
        start_utc=start,
        step_seconds=step,
        places=tuple(places[one // 3] for one in rows.tolist()),
        terminals=rows % 3,
        volts=values["volts"].reshape(len(rows), length),
        watts=values["watts"].reshape(len(rows), length),
    )


def _read_table(content: bytes, name: str) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import csv

    head = content[:4096].partition(b"\n")[0].decode("utf-8", "replace").lstrip("\ufeff").strip()
    names = [
        one.strip().strip('"').lower()
        for one in head.split(";" if head.count(";") > head.count(",") else ",")
    ]
    lacking = [one for one in _NEEDED if one not in names]
    if lacking or not any(one in names for one in _VALUES):
        raise InputError(
            f"{name} has no column {lacking[0] if lacking else 'volts or watts'}; its first line says {head[:120]!r}. "
            "Write: start,place,terminal,volts,watts."
        )
    if len(set(names)) < len(names):
        raise InputError(f"{name} has a column twice; its first line says {head[:120]!r}.")
    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            parse_options=csv.ParseOptions(delimiter=";" if head.count(";") > head.count(",") else ","),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{name} is no CSV with {len(names)} columns throughout: {error}.") from None
    if not table.num_rows:
        raise InputError(f"{name} has no row below its first line.")
    return {one: table[one] for one in names if one in {*_NEEDED, *_VALUES}}


def _coded(column: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Texts that occur, without blanks around them, and of each row which."""
    coded = column.dictionary_encode().combine_chunks()
    texts = [text.strip() for text in coded.dictionary.to_pylist()]
    unique = list(dict.fromkeys(texts))
    places = {text: place for place, text in enumerate(unique)}
    codes = np.array([places[text] for text in texts], np.int64)
    return unique, codes[coded.indices.to_numpy(zero_copy_only=False)]


def _instants(texts: list[str], row: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    seconds = np.empty(len(texts), np.int64)
    for place, text in enumerate(texts):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            line = int(np.argmax(row == place)) + 2
            raise InputError(
                f'{name}:{line}: start "{text[:40]}" is no instant with an offset; write it like 2024-03-20T10:00:00Z.'
            )
        seconds[place] = int(moment.timestamp())
    return seconds[row]


def _grid(starts: NDArray[np.int64], name: str) -> tuple[int, int, NDArray[np.int64]]:
    """First instant, step, and the interval of each row."""
    unique = np.unique(starts)
    if len(unique) < _INSTANTS_MIN:
        raise InputError(f"{name} has one instant alone; phases are told by how values change: give days.")
    step = int(np.diff(unique).min())
    if (off := (starts - unique[0]) % step != 0).any():
        raise InputError(
            f"{name}:{int(np.argmax(off)) + 2}: the start is not on the grid of {step} s that the others are on."
        )
    return int(unique[0]), step, (starts - unique[0]) // step


def _refuse_twice(cell: NDArray[np.int64], name: str) -> None:
    order = np.argsort(cell, kind="stable")
    again = np.flatnonzero(np.diff(cell[order]) == 0)
    if len(again):
        line = int(order[again + 1].min()) + 2
        raise InputError(f"{name}:{line}: this place and terminal was told of at this start before.")


def _numbers(column: Any, what: str, most: float, name: str) -> NDArray[np.float64]:
    texts, row = _coded(column)
    values = np.empty(len(texts))
    for place, text in enumerate(texts):
        try:
            values[place] = float(text.replace(",", ".")) if text else np.nan
        except ValueError:
            values[place] = np.inf
        if text and not abs(values[place]) <= most:
            line = int(np.argmax(row == place)) + 2
            raise InputError(
                f'{name}:{line}: {what} is "{text[:40]}"; write a number, or leave the cell empty.'
            )
    return values[row]
