"""CSV files with a row per metering point and interval that are no readings: coefficients and allocations."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from backend.adapters.meter_files.allocation_csv import COLUMNS as ALLOCATION_COLUMNS
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.kilowatt_hours import explain_energy, parse_energy_column
from backend.adapters.meter_files.text_blocks import TextBlock, read_blocks
from backend.adapters.meter_files.words import name_nearest, parse_resolution, parse_start, read_header
from backend.errors import ReadingsError
from backend.ports.point_files import PointRows
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COEFFICIENT_COLUMNS", "read_allocation_blocks", "read_coefficients_csv"]

COEFFICIENT_COLUMNS = ("metering_point", "start", "coefficient_ppm")
_CODED = pa.dictionary(pa.int32(), pa.string())
_WHOLE = re.compile(r"[0-9]{1,7}")
_SHOWN = 40

ParseWord = Callable[[str], int | str]
EMPTY = -1  # of an energy column; no energy is negative


def read_coefficients_csv(path: Path, *, known_points: Collection[str]) -> PointRows:
    """Read ``metering_point,start,coefficient_ppm``: all of it or nothing.

    Args:
        path: CSV, plain or gzip-compressed.
        known_points: Metering points that may be in it.

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault.
    """
    parsed: dict[str, ParseWord] = {"coefficient_ppm": _parse_coefficient}
    faults = FaultCollector(path.name)
    reader = _Reader(faults, parsed, (), known_points)
    return _read_pointwise(read_blocks(path, faults), faults, COEFFICIENT_COLUMNS, reader)


def read_allocation_blocks(
    blocks: Iterable[TextBlock], faults: FaultCollector, *, known_points: Collection[str]
) -> PointRows:
    """Read an allocation CSV, the form that ``allocation_csv`` writes: all of it or nothing.

    Args:
        blocks: Of its lines.
        faults: Takes what is found.
        known_points: Metering points that may be in it.

    Returns:
        Rows with ``resolution_minutes`` [min] and the energy columns [mWh], -1 where empty.

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault.
    """
    energies = tuple(column for column in ALLOCATION_COLUMNS if column.endswith("_kwh"))
    parsed: dict[str, ParseWord] = {"resolution_minutes": parse_resolution}
    reader = _Reader(faults, parsed, energies, known_points)
    return _read_pointwise(blocks, faults, ALLOCATION_COLUMNS, reader)


def _parse_coefficient(word: str) -> int | str:
    text = word.strip()
    if not _WHOLE.fullmatch(text) or int(text) > PARTS_PER_MILLION:
        return f'coefficient_ppm "{text[:_SHOWN]}" is no whole number from 0 to {PARTS_PER_MILLION}.'
    return int(text)


def _read_pointwise(
    blocks: Iterable[TextBlock], faults: FaultCollector, columns: tuple[str, ...], reader: _Reader
) -> PointRows:
    """Read a file whole or not at all.

    Args:
        blocks: Of its lines.
        faults: Takes what is found.
        columns: Of the form; ``metering_point`` and ``start`` among them.
        reader: Takes the rows.

    Raises:
        ReadingsError: With a finding per fault.
    """
    names: tuple[str, ...] | None = None
    for first_line, block, ended in blocks:
        line, body = first_line, block
        if names is None:
            head, _, body = block.partition(b"\n")
            names = read_header(head.decode(), faults, columns)
            if names is None:
                break
            line += 1
        if body:
            reader.take(names, line, body, ended=ended)
    if names is not None and not reader.rows and not faults.refused:
        faults.refuse("empty-file", "there is no row behind the header.")
    faults.stop_if_refused()
    return reader.finish()


class _Reader:
    """Gathers the rows of one file.

    Args:
        faults: Takes what is found.
        parsed: How a word of a column becomes a number, or what is wrong with it.
        energies: Columns of kilowatt-hours.
        known_points: Metering points that may be in it.
    """

    def __init__(
        self,
        faults: FaultCollector,
        parsed: dict[str, ParseWord],
        energies: Sequence[str],
        known_points: Collection[str],
    ) -> None:
        self.rows = 0
        self._faults = faults
        self._parsed: dict[str, ParseWord] = {
            "metering_point": self._place,
            "start": _parse_instant,
            **parsed,
        }
        self._energies = energies
        self._known = known_points
        self._points: dict[str, int] = {}
        self._words: dict[tuple[str, str], int | str] = {}
        self._blocks: list[dict[str, NDArray[np.int64]]] = []

    def take(self, names: Sequence[str], first_line: int, body: bytes, *, ended: bool) -> None:
        """Read whole lines."""
        skipped: list[int] = []
        last = body.count(b"\n") + (0 if body.endswith(b"\n") else 1)

        def skip(row: Any) -> str:
            skipped.append(row.number - 1)
            what = "the file ends within this line; it was cut off, fetch it again"
            if row.number < last or ended:
                what = f"the line has {row.actual_columns} fields, {len(names)} are due: {','.join(names)}"
            self._faults.refuse("field-count", f"{what}.", line=first_line + row.number - 1)
            return "skip"

        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(body),
                read_options=arrow_csv.ReadOptions(
                    column_names=list(names), use_threads=False, block_size=len(body) + 1
                ),
                parse_options=arrow_csv.ParseOptions(invalid_row_handler=skip, ignore_empty_lines=False),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, _CODED) | dict.fromkeys(self._energies, pa.string()),
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise ReadingsError(f"{self._faults.file} cannot be read as CSV: {error}") from None
        line = np.delete(np.arange(len(table) + len(skipped)), skipped) + first_line
        self.rows += len(line)
        if len(line):
            self._blocks.append({"line": line, **self._numbers(table, line)})

    def _numbers(self, table: Any, line: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """Each column as numbers, faults noted."""
        columns = {}
        for name, parse in self._parsed.items():
            column = _one_array(table.column(name))
            code = np.asarray(column.indices).astype(np.int64)
            numbers = [self._number(name, parse, word) for word in column.dictionary.to_pylist()]
            bad = np.array([isinstance(number, str) for number in numbers], dtype=np.bool_)
            self._tell(name, np.flatnonzero(bad[code]), line, [str(numbers[at]) for at in code[bad[code]]])
            values = [0 if isinstance(number, str) else number for number in numbers]
            columns[name] = np.array(values, dtype=np.int64)[code]
        for name in self._energies:
            text = _one_array(table.column(name))
            energy, empty, wrong = parse_energy_column(text)
            rows = np.flatnonzero(wrong)
            told = [
                f"{name}: {explain_energy(text[row].as_py())}" for row in rows[: self._faults.room].tolist()
            ]
            self._tell(name, rows, line, told)
            columns[name] = np.where(empty, EMPTY, energy)
        return columns

    def _tell(self, name: str, rows: NDArray[np.int64], line: NDArray[np.int64], what: Sequence[str]) -> None:
        room = self._faults.room
        for row, message in zip(rows[:room].tolist(), what[:room], strict=True):
            self._faults.refuse(name.replace("_", "-"), message, line=int(line[row]))
        self._faults.count(refused=max(len(rows) - room, 0))

    def _number(self, name: str, parse: ParseWord, word: str) -> int | str:
        number = self._words.get((name, word))
        if number is None:
            number = self._words[name, word] = parse(word)
        return number

    def _place(self, word: str) -> int | str:
        point = word.strip()
        if point not in self._known:
            hint = name_nearest(point, list(self._known))
            return f'metering point "{point[:_SHOWN]}" is not in the community{hint}'
        return self._points.setdefault(point, len(self._points))

    def finish(self) -> PointRows:
        """All rows."""
        joined = {name: np.concatenate([block[name] for block in self._blocks]) for name in self._blocks[0]}
        line, point, start = (joined.pop(name) for name in ("line", "metering_point", "start"))
        return PointRows(tuple(self._points), line, point.astype(np.int32), start, joined)


def _one_array(column: Any) -> Any:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def _parse_instant(word: str) -> int | str:
    parsed = parse_start(word)
    return parsed if isinstance(parsed, str) else parsed[0]
