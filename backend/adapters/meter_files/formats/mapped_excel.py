"""Excel sheets of any columns, by a mapping."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.mapped_rows import read_rows
from backend.adapters.meter_files.formats.workbooks import is_workbook, open_sheets
from backend.adapters.meter_files.mapping import TableMapping, read_mapping
from backend.adapters.meter_files.words import name_nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT", "text_of_cell"]


def read(
    source: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a sheet by ``options.mapping``; decimals of numbers are as the workbook shows them in full."""
    mapping = read_mapping(options.mapping or {})
    names = []
    for sheet in open_sheets(source, faults):
        names.append(sheet.name)
        if mapping.sheet in {"", sheet.name}:
            rows = _rows(sheet.rows, mapping)
            yield from read_rows(rows, mapping, options, faults)
            return
    if not faults.refused:
        hint = name_nearest(mapping.sheet, names)
        faults.refuse("sheet", f'the workbook has no sheet "{mapping.sheet}"{hint}', value=mapping.sheet)


def _rows(rows: Iterator[list[object]], mapping: TableMapping) -> Iterator[tuple[int, list[str]]]:
    point = mapping.decimal
    for number, cells in enumerate(rows, 1):
        if number >= mapping.header_row:
            yield number, [text_of_cell(cell, point) for cell in cells]


def text_of_cell(cell: object, decimal: str = ".") -> str:
    """A cell as text: dates by ISO 8601, numbers by their shortest exact decimals."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, float):
        text = str(int(cell)) if cell.is_integer() else repr(cell)
        return text.replace(".", decimal)
    return "" if cell is None else str(cell)


FORMAT = MeterFormat(
    name="mapped-excel",
    title="Excel sheet of any columns, by --mapping",
    recognise=is_workbook,
    read=read,
    needs_mapping=True,
)
