"""The generic readings CSV: ``metering_point,start,resolution_minutes,energy_kwh,quality``, read and written."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.kilowatt_hours import format_energy_column, parse_energy_column
from backend.adapters.meter_files.reading_rows import CodedColumn, ReadingRows, RowBlock
from backend.adapters.meter_files.text_blocks import TextBlock, read_blocks
from backend.adapters.meter_files.text_columns import text_column
from backend.adapters.meter_files.words import (
    COLUMNS,
    DIRECTION_COLUMN,
    QUALITY_WORDS,
    SOURCE_COLUMN,
    read_header,
)
from backend.errors import InputError
from backend.metering import Finding, Quality, ReadingTable
from backend.quantities.cells import is_formula

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COLUMNS", "read_generic_blocks", "read_generic_csv", "write_generic_csv"]

_CODED = pa.dictionary(pa.int32(), pa.string())
_FEW_BYTES_MAX = 16 * 1024
_FIELD_TYPES = dict.fromkeys((*COLUMNS, SOURCE_COLUMN, DIRECTION_COLUMN), _CODED) | {
    "energy_kwh": pa.string()
}


def read_generic_csv(
    path: Path, *, known_points: Collection[str] | None = None, resolution_minutes: int | None = None
) -> tuple[ReadingTable, list[Finding]]:
    """Read a file in the generic form: all of it or nothing.

    Args:
        path: CSV, plain or gzip-compressed.
        known_points: Metering points that may be in it; None for any.
        resolution_minutes: The step that every row must have; None for whatever the first row has. [min]

    Returns:
        The readings sorted by metering point and time, and what was put right on the way (identical duplicates).

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault: rule, line, metering point, interval and value.
    """
    faults = FaultCollector(path.name)
    return read_generic_blocks(
        read_blocks(path, faults), faults, known_points=known_points, resolution_minutes=resolution_minutes
    )


def read_generic_blocks(
    blocks: Iterable[TextBlock],
    faults: FaultCollector,
    *,
    known_points: Collection[str] | None = None,
    resolution_minutes: int | None = None,
    optional: tuple[str, ...] = (SOURCE_COLUMN,),
) -> tuple[ReadingTable, list[Finding]]:
    """Read blocks of lines in the generic form, as ``read_generic_csv`` does a file; ``optional`` columns may be there.

    Raises:
        ReadingsError: As ``read_generic_csv``.
    """
    rows = ReadingRows(faults, known_points, resolution_minutes)
    reader: _BlockReader | None = None
    for first_line, block, ended in blocks:
        line, body = first_line, block
        if reader is None:
            head, _, body = block.partition(b"\n")
            names = read_header(head.decode(), faults, optional=optional)
            if names is None:
                break
            reader = _BlockReader(names, faults)
            line += 1
        reader.read(line, body, rows, ended=ended)
    table = rows.finish()
    faults.stop_if_refused()
    return table, faults.told()


def write_generic_csv(table: ReadingTable, *, source_quality: bool = False) -> bytes:
    """Write readings in the generic form, in the table's order, instants in UTC, energies with six decimals.

    Args:
        table: What to write.
        source_quality: Write the sources' own words for the qualities as a sixth column.

    Raises:
        InputError: If a metering point's id or a source's word cannot stand in a CSV that spreadsheets open.
    """
    _require_plain("metering point", table.metering_points)
    columns = (*COLUMNS, SOURCE_COLUMN) if source_quality else COLUMNS
    points = pa.array(np.asarray(table.point)), pa.array(list(table.metering_points), pa.string())
    starts, start_code = np.unique(table.start_utc, return_inverse=True)
    stamps = pc.strftime(pa.array(starts.astype("datetime64[s]")), format="%Y-%m-%dT%H:%M:%SZ")
    words = pa.array([quality.name.lower() for quality in sorted(QUALITY_WORDS.values())])
    energy = format_energy_column(table.energy)
    missing = pa.array(table.quality == Quality.MISSING)
    lines = pc.binary_join_element_wise(
        points[1].take(points[0]),
        stamps.take(pa.array(start_code)),
        pa.array([str(table.resolution_minutes)]).take(pa.array(np.zeros(len(table), dtype=np.int64))),
        pc.if_else(missing, "", energy),
        words.take(pa.array(table.quality)),
        *([_source_words(table)] if source_quality else []),
        ",",
    )
    body = pc.binary_join(pa.LargeListArray.from_arrays(pa.array([0, len(table)], pa.int64()), lines), "\n")
    text: bytes = body[0].as_buffer().to_pybytes()
    return (",".join(columns) + "\n").encode() + text + (b"\n" if text else b"")


def _source_words(table: ReadingTable) -> Any:
    if table.code is None:
        return pa.array([""]).take(pa.array(np.zeros(len(table), dtype=np.int64)))
    _require_plain("quality code", table.codes)
    return pa.array(list(table.codes), pa.string()).take(pa.array(table.code))


def _require_plain(what: str, words: Iterable[str]) -> None:
    """Refuse what would be run by a spreadsheet, or would be read back as something else."""
    for word in words:
        if is_formula(word):
            raise InputError(
                f"{what} {ascii(word)[:80]} would be run as a formula by spreadsheets; write Parquet (--to parquet), "
                "or rename it in a mapping."
            )
        if any(mark in word for mark in ',"\n\r'):
            raise InputError(
                f"{what} {ascii(word)[:80]} has a comma, quote or line end in it, which the generic CSV cannot carry; "
                "write Parquet (--to parquet)."
            )


@dataclass(frozen=True)
class _BlockReader:
    """Turns blocks of lines into rows."""

    names: tuple[str, ...]
    faults: FaultCollector

    def read(self, first_line: int, block: bytes, rows: ReadingRows, *, ended: bool) -> None:
        """Read whole lines."""
        if b'"' in block:
            block = self._unquote(first_line, block)
        if not block:
            return
        few = _few_lines(block, self.names)
        if few is not None:
            self._take(few, np.arange(len(few)) + first_line, rows)
            return
        skipped: list[int] = []
        last = block.count(b"\n") + (0 if block.endswith(b"\n") else 1)

        def skip(row: Any) -> str:
            skipped.append(row.number - 1)
            cut = row.number == last and not ended
            self._refuse_width(first_line + row.number - 1, row.actual_columns, cut=cut)
            return "skip"

        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                column_names=list(self.names), use_threads=False, block_size=len(block) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                quote_char=False, invalid_row_handler=skip, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=_FIELD_TYPES, strings_can_be_null=False, check_utf8=False
            ),
        )
        line = np.delete(np.arange(len(table) + len(skipped)), skipped) + first_line
        self._take(table, line, rows)

    def _refuse_width(self, line: int, count: int, *, cut: bool) -> None:
        value = f"{count} fields"
        if cut:
            message = f"the file ends within this line ({value} of {len(self.names)}); it was cut off, fetch it again."
            self.faults.refuse("truncated", message, line=line, value=value)
        else:
            message = f"the line has {value}, {len(self.names)} are due: {','.join(self.names)}."
            self.faults.refuse("field-count", message, line=line, value=value)

    def _unquote(self, first_line: int, block: bytes) -> bytes:
        """The block without quotes: fields here need none, but spreadsheets write them."""
        lines = block.decode().split("\n")
        for index, line in enumerate(lines):
            if '"' not in line:
                continue
            try:
                fields = next(csv.reader([line], strict=True))
            except csv.Error as error:
                fields = [""]
                message = f"the quotes of the line do not fit ({error}); remove them."
                self.faults.refuse("quotes", message, line=first_line + index)
            if any(mark in text for text in fields for mark in ',"\n'):
                self.faults.refuse(
                    "quotes", "a quoted field has a comma or quote in it.", line=first_line + index
                )
                fields = [""]
            lines[index] = ",".join(fields) if fields != [""] else "," * (len(self.names) - 1)
        return "\n".join(lines).encode()

    def _take(self, table: Any, line: NDArray[np.int64], rows: ReadingRows) -> None:
        """Hand the columns over, lines without any text left out."""
        if not len(line):
            return
        text = _one_array(table.column("energy_kwh"))
        coded = {name: _decode(_one_array(table.column(name))) for name in self.names if name != "energy_kwh"}
        blank = np.asarray(pc.binary_length(text)) == 0
        for column in coded.values():
            blank &= np.array([not word.strip() for word in column.words], dtype=np.bool_)[column.code]
        if blank.any():
            keep = ~blank
            text, line = text.filter(pa.array(keep)), line[keep]
            coded = {name: CodedColumn(column.code[keep], column.words) for name, column in coded.items()}
        if not len(line):
            return
        energy, empty, bad = parse_energy_column(text)
        rows.add(
            RowBlock(
                line=line,
                point=coded["metering_point"],
                start=coded["start"],
                step=coded["resolution_minutes"],
                quality=coded["quality"],
                energy=energy,
                energy_empty=empty,
                energy_bad=bad,
                energy_text=text,
                source=coded.get(SOURCE_COLUMN),
                direction=coded.get(DIRECTION_COLUMN),
            )
        )


def _few_lines(block: bytes, names: Sequence[str]) -> Any | None:
    """The columns of a short block whose lines all have the right number of fields, else None.

    To set up Arrow's reader takes longer than to read the hundred lines of a message.
    """
    if len(block) > _FEW_BYTES_MAX:
        return None
    fields = [line.split(",") for line in block.decode().removesuffix("\n").split("\n")]
    if any(len(line) != len(names) for line in fields):
        return None
    columns = [text_column(column) for column in zip(*fields, strict=True)]
    return pa.table(
        {
            name: column if _FIELD_TYPES[name] == pa.string() else column.dictionary_encode()
            for name, column in zip(names, columns, strict=True)
        }
    )


def _one_array(column: Any) -> Any:
    """A chunked column in one piece."""
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def _decode(column: Any) -> CodedColumn:
    return CodedColumn(np.asarray(column.indices).astype(np.int64), column.dictionary.to_pylist())
