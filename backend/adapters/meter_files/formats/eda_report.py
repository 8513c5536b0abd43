"""Austria: the energy report of the EDA portal for energy communities, and of the programs that write it, in Excel.

Sheet *Energiedaten*: column A names header rows (MeteringPointId, Energydirection, MeterCode, Data Period start and so
on), each further column is a metering point's meter code in words, since 2023 followed by a column of metering methods
(L1 to L3) headed MM, or QoV; below stand quarter-hours, stamped by their starts in Austrian legal time. The portal
publishes no description; the words are those of its exports from 2021 to 2026 as public programs for Austrian
communities read them (eegFaktura's energystore, eda-invoices, EDAvis, EEG Sumsum), and of "MeterCodes CR_MSG" of
ebUtilities. Unknown words are told, and their columns not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.column_words import fold_word
from backend.adapters.meter_files.formats.eda import METERING_METHODS
from backend.adapters.meter_files.formats.line_records import UNIT_DECADES, is_hopeless
from backend.adapters.meter_files.formats.measured_values import parse_energy
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    Stamp,
    read_stamp,
    shorten,
    translate_quality,
)
from backend.adapters.meter_files.formats.workbooks import is_workbook, open_sheets
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SeriesRole, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT", "METER_CODES"]

_POINTS, _DIRECTION, _CODES = "meteringpointid", "energydirection", "metercode"
_LABELS = frozenset({
    _POINTS, _DIRECTION, _CODES, "name", "periodstart", "periodend", "dataperiodstart", "dataperiodend",
    "reportfilterstart", "reportfilterend", "meteringinterval", "meteringreason", "numberofmeteringintervals",
    "spaltensumme", "datacompleteness", "tariftyp", "participationfactor", "ecid", "ecshare",
})  # fmt: skip
METER_CODES: Mapping[str, tuple[int, SeriesRole] | str] = {
    "gesamtverbrauch lt. messung (bei teilnahme gem. erzeugung)": (CONSUMPTION, SeriesRole.MEASURED),
    "gesamtverbrauch lt. messung": (CONSUMPTION, SeriesRole.MEASURED),
    "verbrauch lt. messung entsprechend dem teilnahmefaktor je zp und ec-id": "times the participation factor",
    "anteil gemeinschaftliche erzeugung": (CONSUMPTION, SeriesRole.OFFERED),
    "eigendeckung gemeinschaftliche erzeugung": (CONSUMPTION, SeriesRole.ALLOCATED),
    "eigendeckung aus erneuerbarer energie": "the renewable part of the self-coverage",
    "gesamte gemeinschaftliche erzeugung": (FEED_IN, SeriesRole.MEASURED),
    "erzeugung lt. messung entsprechend dem teilnahmefaktor und ec-id": "times the participation factor",
    "erzeugung lt. messung entsprechend dem teilnahmefaktor je zp und ec-id": "times the participation factor",
    "gesamt/uberschusserzeugung, gemeinschaftsuberschuss": (FEED_IN, SeriesRole.SURPLUS),
    "restuberschuss bei eg und je zp": (FEED_IN, SeriesRole.SURPLUS),
}
"""Meter codes in words, folded, without unit: direction and role, or why it is not read."""

_OF_COMMUNITY = "restuberschuss bei eg und je zp"  # what of the surplus concerns this community
_DIRECTIONS = {"consumption": CONSUMPTION, "generation": FEED_IN}
_METHODS = frozenset({"mm", "qov"})
_SHEET = "energiedaten"
_HEADER_ROWS_MAX = 60
_CODE = re.compile(r"(.*?)\s*\[([a-z]{2,3})\]")
_GERMAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d(?::\d\d)?)", re.ASCII)
_STEPS = (900, 3600)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- a wall clock's
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is read.

    Attributes:
        place: Of its figures.
        method: Of the metering methods, None without.
        decades: Power of ten from its unit to milliwatt-hours.
        rows: Its readings.
    """

    place: int
    method: int | None
    decades: int
    rows: PortalRows


def _read(
    file: SourceFile, _options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    names: list[str] = []
    for sheet in open_sheets(file, faults):
        names.append(sheet.name)
        header = _read_header(sheet.rows) if fold_word(sheet.name) == _SHEET else None
        if header is None:
            continue
        yield from _read_sheet(header, sheet.rows, faults)
        return
    if not faults.refused:
        listed = ", ".join(shorten(name) for name in names[:10])
        faults.refuse(
            "structure",
            f"no sheet of this workbook ({listed}) is an Austrian energy report (Energiedaten with MeteringPointId, "
            "Energydirection and MeterCode); a table of other columns is read with a mapping.",
        )


@dataclass(frozen=True, slots=True)
class _Header:
    """Rows above the readings by their labels, the first row of readings, and its number."""

    labels: dict[str, list[Any]]
    unknown: list[str]
    first: list[Any]
    line: int


def _read_header(rows: Iterator[list[Any]]) -> _Header | None:
    """What stands above the readings; None where it is no report."""
    labels: dict[str, list[Any]] = {}
    unknown: list[str] = []
    for line, row in enumerate(rows, 1):
        if line > _HEADER_ROWS_MAX:
            return None
        if not row or row[0] in ("", None):
            continue
        if _read_wall(row[0]) is not None:
            known = {_POINTS, _DIRECTION, _CODES} <= labels.keys()
            return _Header(labels, unknown, row, line) if known else None
        label = re.sub(r"[\s_-]", "", fold_word(str(row[0])))
        labels[label] = row
        if label not in _LABELS:
            unknown.append(str(row[0]))
    return None


def _read_sheet(header: _Header, rows: Iterator[list[Any]], faults: FaultCollector) -> Iterator[SourceBlock]:
    for label in header.unknown:
        faults.warn("unknown-row", f'the header row "{shorten(label)}" is not known and not read.')
    columns = _find_columns(header, faults)
    if faults.refused:
        return
    if not columns:
        faults.refuse("no-readings", "the report has no column of a metering point that is read.")
        return
    walls: list[tuple[int, int]] = []
    for line, row in enumerate(chain((header.first,), rows), header.line):
        if not row or row[0] in ("", None):
            continue
        wall = _read_wall(row[0])
        if wall is None:
            faults.refuse("instant", f'"{shorten(row[0])}" is no date and time.', line=line)
        else:
            walls.append((wall, line))
            for column in columns:
                _add(column, row, wall, line, faults)
        if is_hopeless(faults):
            return
    seconds = _find_step([wall for wall, _ in walls], header, faults)
    if seconds is None:
        return
    for column in columns:
        yield from column.rows.place(
            faults, ZoneInfo("Europe/Vienna"), ends=False, seconds=column.rows.lengths + seconds
        )


def _find_columns(header: _Header, faults: FaultCollector) -> list[_Column]:
    points, directions, codes = (header.labels[label] for label in (_POINTS, _DIRECTION, _CODES))
    skipped: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    chosen: dict[SeriesName, tuple[str, _Column]] = {}
    for place in range(1, len(codes)):
        point = str(points[place] if place < len(points) else "").strip()
        word = fold_word(str(codes[place] or ""))
        if not word or fold_word(point) in _METHODS or word in _METHODS or point.upper() == "TOTAL":
            continue
        match = _CODE.fullmatch(word)
        name, unit = (match[1], match[2]) if match else (word, "")
        meaning = METER_CODES.get(name)
        if meaning is None or isinstance(meaning, str):
            (skipped if meaning else unknown)[f'"{shorten(name)}"{f", {meaning}" if meaning else ""}'] += 1
            continue
        direction, role = meaning
        said = _DIRECTIONS.get(fold_word(str(directions[place] if place < len(directions) else "")))
        problem = ""
        if not point:
            problem = "names no metering point"
        elif said != direction:
            problem = f'is headed "{shorten(codes[place])}", but of the other energy direction'
        elif unit not in UNIT_DECADES:
            problem = f'has the unit "{shorten(unit)}", which is no energy'
        if problem:
            faults.refuse("columns", f"column {place + 1} {problem}.", line=0, metering_point=point[:64])
            continue
        series = SeriesName(point, direction, "", role)
        beside = fold_word(str(points[place + 1])) if place + 1 < len(points) else ""
        column = _Column(
            place, place + 1 if beside in _METHODS else None, UNIT_DECADES[unit], PortalRows(series)
        )
        _choose(chosen, series, name, column, faults)
    for what, count in skipped.items():
        faults.note("not-read", f"{count} columns are {what}; not read.")
    for what, count in unknown.items():
        faults.warn("unknown-column", f"{count} columns are headed {what}, which is not known; not read.")
    return [column for _, column in chosen.values()]


def _choose(
    chosen: dict[SeriesName, tuple[str, _Column]],
    series: SeriesName,
    name: str,
    column: _Column,
    faults: FaultCollector,
) -> None:
    """Keep one column per series: of two surpluses, what of it concerns this community."""
    before = chosen.get(series)
    if before is not None and before[0] == name:
        faults.refuse(
            "columns",
            f'columns {before[1].place + 1} and {column.place + 1} hold the same, "{shorten(name)}".',
            metering_point=series.external_id,
        )
    elif before is None or name == _OF_COMMUNITY:
        chosen[series] = (name, column)


def _add(column: _Column, row: list[Any], wall: int, line: int, faults: FaultCollector) -> None:
    cell = row[column.place] if column.place < len(row) else ""
    word = "" if column.method is None or column.method >= len(row) else str(row[column.method]).strip()
    stamp = Stamp(wall, naive=True)
    if cell is None or cell == "":
        column.rows.add(stamp, 0, None, Quality.MISSING, word, line)
        return
    quality = translate_quality(word, METERING_METHODS, faults, line, f"column {column.place + 1}")
    if quality is None:
        return
    # A number of a workbook is read by its shortest decimal text, which is the one that was written.
    text = cell.strip() if isinstance(cell, str) else repr(cell)
    energy = parse_energy(text, column.decades)
    if isinstance(energy, str):
        faults.refuse(
            "energy",
            f"column {column.place + 1}: {energy}.",
            line=line,
            metering_point=column.rows.series.external_id,
        )
    else:
        column.rows.add(stamp, 0, energy, quality, word, line)


def _find_step(walls: list[int], header: _Header, faults: FaultCollector) -> int | None:
    """The length of the intervals, which is their least distance; None after refusing it. [s]"""
    distances = [later - earlier for earlier, later in pairwise(walls) if later > earlier]
    step = min(distances, default=0)
    if step not in _STEPS:
        faults.refuse("resolution", f"the rows are {step} s apart, neither quarter-hours nor hours.")
        return None
    begins = [
        _read_wall(cell)
        for label in ("reportfilterstart", "periodstart")
        for cell in header.labels.get(label, [])[1:]
    ]
    known = [begin for begin in begins if begin is not None]
    if known and walls[0] == min(known) + step:
        faults.refuse(
            "instant",
            "the first row is one interval after the period's start, so stamps seem to name ends; the report's name "
            "starts.",
            line=header.line,
        )
        return None
    return step


def _read_wall(cell: Any) -> int | None:
    """What the clock showed, of a cell of column A. [s since 1970 as if UTC]"""
    if isinstance(cell, datetime):
        since = cell.replace(tzinfo=None) - _EPOCH
        # Excel keeps days as binary fractions: the nearest second is the one that was meant.
        return since.days * _DAY + since.seconds + (since.microseconds >= 500_000)  # noqa: PLR2004 -- half of one
    if isinstance(cell, date):
        return (cell - _EPOCH.date()).days * _DAY
    if not isinstance(cell, str):
        return None
    match = _GERMAN.fullmatch(cell.strip())
    text = f"{match[3]}-{match[2]}-{match[1]} {match[4]}" if match else cell.strip()
    stamp = read_stamp(text)
    return stamp.seconds if isinstance(stamp, Stamp) and stamp.naive else None


FORMAT = MeterFormat(
    name="eda-report",
    title="Energy report of the EDA portal for energy communities (Austria, Excel)",
    recognise=is_workbook,
    read=_read,
)
