"""Convert meter files to the generic form: pure files, no store, no chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import ReadingsError
from backend.metering.joining import join_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.metering import Finding, ReadingTable
    from backend.ports import MeterFileReader

__all__ = ["ConvertedReadings", "convert_readings"]


@dataclass(frozen=True, slots=True)
class ConvertedReadings:
    """What came of a conversion.

    Attributes:
        rows: Readings written.
        findings: What was put right on the way, file by file.
    """

    rows: int
    findings: tuple[Finding, ...]


def convert_readings(
    files: Sequence[Path],
    out: Path,
    *,
    read_file: MeterFileReader,
    write_file: Callable[[Path, ReadingTable], None],
    resolution_minutes: int | None = None,
) -> ConvertedReadings:
    """Read meter files and write them as one in the generic form; a later file supersedes an earlier one.

    Args:
        files: At least one.
        out: Written whole, or not touched.
        read_file: Reads one of them.
        write_file: Writes the table.
        resolution_minutes: Step that the readings are brought to; None for the files' own. [min]

    Raises:
        ReadingsError: With the findings of all files, if any of them is refused or their steps differ.
    """
    tables: list[ReadingTable] = []
    findings: list[Finding] = []
    refusals: list[ReadingsError] = []
    for file in files:
        try:
            table, found = read_file(file, known_points=None, resolution_minutes=resolution_minutes)
        except ReadingsError as error:
            refusals.append(error)
            findings.extend(error.findings)
            continue
        tables.append(table)
        findings.extend(found)
    if refusals:
        others = f" ({len(refusals)} of {len(files)} files are refused)" if len(refusals) > 1 else ""
        raise ReadingsError(f"{refusals[0]}{others}", findings)
    table = join_tables(tables)
    write_file(out, table)
    return ConvertedReadings(len(table), tuple(findings))
