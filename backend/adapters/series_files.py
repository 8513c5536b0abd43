"""Series CSV in, forecast CSV out.

A series CSV has ``start`` first (ISO 8601 with an offset), then its target and inputs that are known ahead; an empty
cell, or ``nan``, is unknown. Rows may be in any order and some may be absent, but none twice and none off the grid.
"""

from __future__ import annotations

import csv
import math
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.durable_files import write_durably
from backend.errors import InputError
from backend.forecasting import Series
from backend.forecasting.series import STEPS_SECONDS
from backend.ports.series_files import SeriesFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.forecasting import Forecast

__all__ = ["read_series_csv", "write_bands", "write_forecast_csv"]

_START = "start"
_ROWS_MAX = 500_000
_INTERVALS_MAX = 2_000_000
_COLUMNS_MAX = 200
_UNKNOWN = {"", "nan"}
_BANDS = (0.1, 0.5, 0.9)


def read_series_csv(path: Path, target: str) -> SeriesFile:
    """Read a series; see the module.

    Args:
        path: The file.
        target: Name of its column.

    Raises:
        InputError: If it is no such file, or a row does not fit: with its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names, starts, lines, cells = _rows(path, csv.reader(file), target)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8 ({error.reason}); save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise InputError(f"{path} is no CSV file: {error}.") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); name a CSV file that is there and that you may read."
        ) from None
    begin, step, places = _grid(path, np.array(starts, dtype=np.int64), lines)
    columns = {}
    length = int(places.max()) + 1
    for name, column in zip(names, np.array(cells).reshape(len(starts), len(names)).T, strict=True):
        columns[name] = np.full(length, np.nan)
        columns[name][places] = column
    values = columns.pop(target)
    return SeriesFile(Series(begin, step, values, columns, unit=""), len(starts), length - len(starts))


def _rows(
    path: Path, reader: Iterator[list[str]], target: str
) -> tuple[list[str], list[int], list[int], list[list[float]]]:
    """Names of columns, starts, line numbers and cells of the rows."""
    names = _header(path, next(reader, []), target)
    starts: list[int] = []
    lines: list[int] = []
    cells: list[list[float]] = []
    for row in reader:
        line = int(getattr(reader, "line_num", 0))
        if not row or not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names) + 1:
            raise InputError(f"{path}:{line}: the row has {len(row)} cells, the header {len(names) + 1}.")
        if len(starts) == _ROWS_MAX:
            raise InputError(f"{path} has more than {_ROWS_MAX:,} rows; cut it to the last years.")
        starts.append(_instant(path, line, row[0]))
        lines.append(line)
        cells.append([_number(path, line, name, cell) for name, cell in zip(names, row[1:], strict=True)])
    if len(starts) < 2:  # noqa: PLR2004 -- a step is between two
        raise InputError(f"{path} has {len(starts)} rows below its header; a step cannot be told from them.")
    return names, starts, lines, cells


def _header(path: Path, header: Sequence[str], target: str) -> list[str]:
    names = [name.strip() for name in header]
    if not names or names[0] != _START:
        raise InputError(
            f"{path}:1: the first column must be {_START!r}, it is {names[0] if names else ''!r}; then come the "
            "target and inputs that are known ahead."
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled or "" in names:
        raise InputError(f"{path}:1: a column has no name, or one that another has: {', '.join(doubled)!r}.")
    if len(names) > _COLUMNS_MAX:
        raise InputError(f"{path}:1: {len(names)} columns are more than {_COLUMNS_MAX}.")
    if target not in names[1:]:
        raise InputError(
            f"{path} has no column {target!r} to forecast; it has {', '.join(names[1:]) or 'none'}: "
            "name one of them by --target."
        )
    return names[1:]


def _instant(path: Path, line: int, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.microsecond:
        raise InputError(
            f"{path}:{line}: the start {text[:40]!r} is no instant with an offset; write it like 2014-12-01T00:00:00Z."
        )
    return int(moment.timestamp())


def _number(path: Path, line: int, name: str, text: str) -> float:
    word = text.strip()
    if word.lower() in _UNKNOWN:
        return math.nan
    try:
        number = float(word)
    except ValueError:
        number = math.inf
    if not math.isfinite(number) or "_" in word:
        raise InputError(
            f"{path}:{line}: {name} is {text[:40]!r}, which is no finite number; leave the cell empty where it is "
            "unknown, and write decimals with a point."
        )
    return number


def _grid(path: Path, starts: NDArray[np.int64], lines: Sequence[int]) -> tuple[int, int, NDArray[np.int64]]:
    """First start, step [s] and the place of each row."""
    order = np.argsort(starts, kind="stable")
    ordered = starts[order]
    apart = np.diff(ordered)
    if (apart == 0).any():
        first = int(np.argmax(apart == 0))
        one, other = sorted((lines[order[first]], lines[order[first + 1]]))
        raise InputError(
            f"{path}:{other}: the start is that of line {one} again; {int((apart == 0).sum())} rows are doubled."
        )
    steps, often = np.unique(apart, return_counts=True)
    step = int(steps[np.argmax(often)])
    if step not in STEPS_SECONDS:
        raise InputError(
            f"{path}: the rows are {step} s apart; forecasts are of 900, 1800 or 3600 s, so resample them."
        )
    off = (starts - ordered[0]) % step != 0
    if int(ordered[0]) % step or off.any():
        line = lines[int(np.argmax(off))] if off.any() else lines[int(order[0])]
        raise InputError(f"{path}:{line}: the start is off the grid of {step} s that most rows are on.")
    length = int(ordered[-1] - ordered[0]) // step + 1
    if length > _INTERVALS_MAX:
        raise InputError(
            f"{path}: from its first to its last row there are {length:,} intervals; is a year mistyped?"
        )
    return int(ordered[0]), step, (starts - ordered[0]) // step


def write_forecast_csv(forecast: Forecast, out: Path) -> None:
    """Write ``start,mean,p10,p50,p90``, whole or not at all.

    Raises:
        InputError: If it cannot be written there.
    """
    write_bands({"": forecast}, out)


def write_bands(forecasts: Mapping[str, Forecast], out: Path) -> None:
    """Write forecasts of the same intervals side by side: ``start``, then mean, p10, p50 and p90 of each.

    Args:
        forecasts: By what their columns begin with.
        out: The file.

    Raises:
        InputError: If it cannot be written there.
    """
    starts = np.datetime_as_string(
        next(iter(forecasts.values())).starts_utc.astype("datetime64[s]"), unit="s"
    )
    columns = [
        column for one in forecasts.values() for column in (one.mean, *(one.at(level) for level in _BANDS))
    ]
    names = [f"{name}{figure}" for name in forecasts for figure in ("mean", "p10", "p50", "p90")]
    rows = [",".join(["start", *names])]
    for start, *figures in zip(starts.tolist(), *columns, strict=True):
        rows.append(",".join([f"{start}Z", *(f"{figure:.10g}" for figure in figures)]))
    try:
        write_durably(out, ("\n".join(rows) + "\n").encode())
    except OSError as error:
        raise InputError(
            f"{out} cannot be written ({error.strerror}); name a file in a folder that is there and that you may write."
        ) from None
