"""CSV of Enedis: curves of the customer's page and of SGE, and tables of collective self-consumption.

Three layouts are told apart by their header lines: a table that names the metering point in each row (SGE, flow R63);
a block of two lines about the curve, then ``Horodate;Valeur`` (the customer's page, which may repeat it); a table with
a column per share (consumption, autoproduced, alloproduced; production, self-consumed, surplus).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.meter_files.formats.column_words import (
    CsvTable,
    fold_word,
    read_csv_header,
    split_fields,
)
from backend.adapters.meter_files.formats.enedis_steps import infer_steps
from backend.adapters.meter_files.formats.enedis_words import (
    ACTIVE,
    COLUMNS,
    DIRECTIONS,
    ENERGY_DECADES,
    NATURES,
    POWER_DECADES,
    SHARES,
    STAGES,
    ZONE,
)
from backend.adapters.meter_files.formats.line_records import is_hopeless, read_lines
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    read_duration,
    read_energy,
    read_mean_power,
    read_stamp,
    shorten,
    translate_quality,
)
from backend.metering import Quality
from backend.metering.local_time import resolve_local
from backend.metering.points import CONSUMPTION
from backend.metering.source_series import SeriesName, SeriesRole, SourceBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile

__all__ = ["is_enedis_csv", "read_csv"]

_CURVE = ("horodate", "valeur")
_UNIT = re.compile(r"(.*?)\s*[\[(]\s*(?:en )?(w|kw|wh|kwh|mwh)\s*[\])]")
_DAY_MONTH = re.compile(r"(\d\d)/(\d\d)/(\d{4})(.*)", re.ASCII)
_HOUR = 3600
_MINUTES = re.compile(r"[0-9]{1,2}")
_SHOWN_MAX = 20
_SERIES_MAX = 10_000


def is_enedis_csv(head: bytes) -> bool:
    """Does a file that begins so have a layout of Enedis?"""
    table = read_csv_header(head)
    if table is None or table.delimiter != ";":
        return False
    fields = {COLUMNS.get(name) for name in table.names}
    if table.names[:2] == _CURVE or {"prm", "stamp", "value"} <= fields or {"prm", "kind", "unit"} <= fields:
        return True
    return {"prm", "stamp"} <= fields and any(_split_unit(name)[0] in SHARES for name in table.names)


def read_csv(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    """The curves of a file, a block each."""
    reader = _Reader(options, faults)
    for line, text in read_lines(file, faults):
        if text.strip(" ;"):
            reader.take(line, split_fields(text, ";"))
        if is_hopeless(faults):
            return
    yield from reader.blocks()


@dataclass
class _Curve:
    """One series while it is read.

    Attributes:
        rows: Its readings; lengths are 0 where the file does not say them.
        stages: What etapes métier it has; more than one is none that could be added.
        begun: Is a stamp the very beginning of the period? Then stamps name starts.
        figures: Text and unit of readings whose energy needs the step to be known.
    """

    rows: PortalRows
    stages: set[str] = field(default_factory=set)
    begun: bool = False
    figures: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a table's columns hold: fields by place, and shares by place with their units."""

    fields: tuple[str | None, ...]
    shares: dict[int, tuple[int, SeriesRole, str]]


class _Reader:
    """Follows the lines of a file: header, block, curve."""

    def __init__(self, options: ReadOptions, faults: FaultCollector) -> None:
        self._step = (options.resolution_minutes or 0) * 60
        self._faults = faults
        self._columns: _Columns | None = None
        self._heads: tuple[str | None, ...] | None = None  # of a block whose line of values comes next
        self._about: dict[str, str] = {}  # what the block says of its curve
        self._curves: dict[SeriesName, _Curve] = {}
        self._skipped: Counter[str] = Counter()
        self._lost = False

    def take(self, line: int, cells: list[str]) -> None:
        """One line that is not blank."""
        names = tuple(fold_word(cell.removeprefix("\ufeff")) for cell in cells)
        if self._heads is not None:
            self._about = {name: cell for name, cell in zip(self._heads, cells, strict=False) if name}
            self._heads = None
        elif names[:2] == _CURVE:
            self._columns = _Columns(("stamp", "value", *[None] * len(names[2:])), {})
            CsvTable(";", tuple(filter(None, names))).check(COLUMNS, ("stamp", "value"), self._faults, line)
            if not self._about:
                self._faults.refuse(
                    "structure",
                    "the lines above the curve are missing, which name the metering point and the unit; "
                    "export the file again and leave them.",
                    line=line,
                )
                self._lost = True
        elif "prm" in {COLUMNS.get(name) for name in names}:
            self._begin(line, names)
        elif self._columns is not None and not self._lost:
            self._take_row(line, cells)
        elif not self._lost:
            found = ", ".join(f'"{shorten(name)}"' for name in names[:_SHOWN_MAX])
            self._faults.refuse(
                "structure",
                f'{found} is no header line of an Enedis export, which has a column "Identifiant PRM", or "Horodate" '
                'and "Valeur" below the lines about the curve.',
                line=line,
            )
            self._lost = True

    def _begin(self, line: int, names: tuple[str, ...]) -> None:
        """A header line: of a table, or of a block about one curve."""
        self._lost = False
        fields = tuple(COLUMNS.get(name) for name in names)
        shares = self._find_shares(line, names)
        known = {**COLUMNS, **{names[place]: f"share {place}" for place in shares}}
        if shares:
            needed: tuple[str, ...] = ("prm", "stamp")
            self._columns, self._about = _Columns(fields, shares), {}
        elif "stamp" not in fields:
            needed = ("prm", "direction", "unit")
            self._heads, self._columns = fields, None
        else:
            needed = ("prm", "stamp", "value", "direction", "unit")
            self._columns, self._about = _Columns(fields, {}), {}
        trimmed = names
        while trimmed and not trimmed[-1]:
            trimmed = trimmed[:-1]
        plain = {name: held for name, held in known.items() if held != "ignored"}
        ignored = frozenset(name for name, held in known.items() if held == "ignored")
        table = CsvTable(";", tuple(name for name in trimmed if name not in ignored))
        usual = [] if self._columns is None or "step_minutes" in fields else ["step"]
        usual += [] if self._columns is None or shares else ["nature"]
        if not table.check(plain, needed, self._faults, line, usual=usual):
            self._lost = True

    def _find_shares(self, line: int, names: tuple[str, ...]) -> dict[int, tuple[int, SeriesRole, str]]:
        found = {place: (*SHARES[base], unit) for place, (base, unit) in self._share_columns(names)}
        directions = {direction for direction, _, _ in found.values() if direction is not None}
        shares: dict[int, tuple[int, SeriesRole, str]] = {}
        for place, (direction, role, unit) in found.items():
            if direction is None and len(directions) != 1:
                self._faults.refuse(
                    "columns",
                    f'column "{shorten(names[place])}" may be of consumption or of production here; '
                    'name it "consommation autoconsommee" or "production autoconsommee".',
                    line=line,
                )
                continue
            side = direction if direction is not None else min(directions)
            covered = SeriesRole.ALLOCATED if side == CONSUMPTION else SeriesRole.SHARED
            shares[place] = (side, role if direction is not None else covered, unit)
        return shares

    @staticmethod
    def _share_columns(names: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, str]]]:
        for place, name in enumerate(names):
            base, unit = _split_unit(name)
            if base in SHARES and name not in COLUMNS:
                yield place, (base, unit)

    def _take_row(self, line: int, cells: list[str]) -> None:
        assert self._columns is not None
        fields = self._columns.fields
        if len(cells) <= max((place for place, name in enumerate(fields) if name), default=0) or any(
            place >= len(cells) for place in self._columns.shares
        ):
            self._faults.refuse(
                "columns", f"the line has {len(cells)} fields where the header has {len(fields)}.", line=line
            )
            return
        row = {**self._about, **{name: cell for name, cell in zip(fields, cells, strict=False) if name}}
        if not row.get("prm"):
            self._faults.refuse("metering-point", "the row names no metering point (PRM).", line=line)
        elif self._columns.shares:
            for place, (side, role, unit) in self._columns.shares.items():
                self._add(line, row, cells[place], SeriesName(row["prm"], side, "", role), unit)
        elif self._is_curve(row):
            direction = DIRECTIONS.get(fold_word(row.get("direction", "")))
            if direction is None:
                self._faults.refuse(
                    "direction",
                    f'"{shorten(row.get("direction"))}" is neither consumption nor production.',
                    line=line,
                    metering_point=row["prm"],
                )
                return
            self._add(line, row, row.get("value", ""), SeriesName(row["prm"], direction), "")

    def _is_curve(self, row: dict[str, str]) -> bool:
        """Is it active energy of a load curve? What else is there is counted."""
        kind = fold_word(row.get("kind", ""))
        quantity = fold_word(row.get("quantity", ""))
        if kind and not kind.startswith("courbe de charge"):
            self._skipped[f'"{shorten(kind)}" is no load curve'] += 1
            return False
        if quantity and quantity not in ACTIVE:
            self._skipped[f'"{shorten(quantity)}" is no active energy'] += 1
            return False
        return True

    def _add(self, line: int, row: dict[str, str], figure: str, series: SeriesName, unit: str) -> None:
        unit = unit or row.get("unit", "").lower()
        if unit not in POWER_DECADES and unit not in ENERGY_DECADES:
            self._faults.refuse(
                "unit",
                f'the unit "{shorten(unit)}" is no active energy.',
                line=line,
                metering_point=series.external_id,
            )
            return
        stamp = read_stamp(_write_day_first(row["stamp"]))
        seconds = self._length_of(row)
        if isinstance(stamp, str) or seconds is None:
            problem = (
                stamp if isinstance(stamp, str) else f'the step "{shorten(row.get("step"))}" is no interval.'
            )
            self._faults.refuse("instant", problem, line=line, metering_point=series.external_id)
            return
        nature, stage = row.get("nature", ""), row.get("stage", "")
        word = nature or stage  # verbatim, as it is kept
        if nature:
            quality = translate_quality(nature, NATURES, self._faults, line, "nature")
        else:
            quality = translate_quality(fold_word(stage).upper(), STAGES, self._faults, line, "etape metier")
        if quality is None:
            return
        curve = self._curve(series)
        if curve is None:
            return
        curve.stages.add(stage)
        if not self._about and row.get("first"):
            curve.begun |= _minute_of(row["stamp"]) == _minute_of(row["first"])
        if not figure:
            curve.rows.add(stamp, seconds, None, Quality.MISSING, word, line)
            return
        if unit in POWER_DECADES and not seconds:
            curve.figures[len(curve.rows)] = (figure, unit)
        energy = _energy_of(figure, unit, seconds or _HOUR)
        if isinstance(energy, str):
            self._faults.refuse("energy", f"{energy}.", line=line, metering_point=series.external_id)
        else:
            curve.rows.add(stamp, seconds, energy, quality, word, line)

    def _length_of(self, row: dict[str, str]) -> int | None:
        """Seconds of the row's interval, 0 where the file does not say it, None where it says nonsense. [s]"""
        step, minutes = row.get("step", ""), row.get("step_minutes", "")
        if not step and not minutes:
            return self._step
        seconds = read_duration(step) or 0
        if not step and _MINUTES.fullmatch(minutes):
            seconds = int(minutes) * 60
        return seconds if 0 < seconds <= _HOUR and _HOUR % seconds == 0 else None

    def _curve(self, series: SeriesName) -> _Curve | None:
        curve = self._curves.get(series)
        if curve is None:
            if len(self._curves) >= _SERIES_MAX:
                self._faults.refuse(
                    "series", f"the file has more than {_SERIES_MAX} series; split the export."
                )
                self._lost = True
                return None
            curve = self._curves[series] = _Curve(PortalRows(series))
        return curve

    def blocks(self) -> Iterator[SourceBlock]:
        """What was read, a block per series, with what was left."""
        for what, count in self._skipped.items():
            self._faults.note("not-read", f"{count} rows: {what}; not read.")
        if not self._curves and not self._faults.refused:
            self._faults.refuse(
                "no-readings",
                "the file has no load curve of active energy; daily sums and indexes do not do.",
            )
        for curve in self._curves.values():
            if len(curve.stages) > 1:
                self._faults.refuse(
                    "stages",
                    f"the curve is there in {len(curve.stages)} stages ({', '.join(sorted(curve.stages))}); "
                    "export one of them.",
                    metering_point=curve.rows.series.external_id,
                )
                continue
            seconds = self._settle_steps(curve)
            if seconds is not None:
                yield from curve.rows.place(
                    self._faults, ZoneInfo(ZONE), ends=not curve.begun, seconds=seconds
                )

    def _settle_steps(self, curve: _Curve) -> NDArray[np.int64] | None:
        """Lengths of all intervals, found out where the file does not say them; None where they stay in doubt."""
        rows = curve.rows
        seconds = rows.lengths
        unsaid = seconds == 0
        if not unsaid.any():
            return seconds
        stamps, naive = rows.stamps, rows.naive
        if naive.any():
            stamps = stamps.copy()
            stamps[naive] = resolve_local(stamps[naive], ZoneInfo(ZONE)).start_utc
        steps, doubtful = infer_steps(stamps)
        seconds = np.where(unsaid, steps, seconds)
        doubt = np.flatnonzero(unsaid & doubtful)
        for place in doubt[: self._faults.room].tolist():
            self._faults.refuse(
                "resolution",
                "the stamps around leave open how long this interval is; say the resolution of the file.",
                line=int(rows.lines[place]),
                metering_point=rows.series.external_id,
            )
        if len(doubt):
            return None
        for place, (figure, unit) in curve.figures.items():
            energy = _energy_of(figure, unit, int(seconds[place]))
            assert isinstance(energy, int), figure
            rows.set_energy(place, energy)
        return seconds


def _energy_of(figure: str, unit: str, seconds: int) -> int | str:
    if unit in POWER_DECADES:
        return read_mean_power(figure, POWER_DECADES[unit], seconds, decimal_comma=True)
    return read_energy(figure, ENERGY_DECADES[unit], decimal_comma=True)


def _split_unit(name: str) -> tuple[str, str]:
    """A folded column name and the unit that stands behind it in brackets, or nothing."""
    match = _UNIT.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def _write_day_first(stamp: str) -> str:
    """A stamp with the day written first, as ISO 8601 has it; any other as it is."""
    match = _DAY_MONTH.fullmatch(stamp)
    return f"{match[3]}-{match[2]}-{match[1]}{match[4]}" if match else stamp


def _minute_of(stamp: str) -> str:
    """Day and wall minute of a stamp, to be compared; midnight where it is a day alone."""
    text = _write_day_first(stamp).replace("T", " ")
    return text[:16] if len(text) > 10 else f"{text} 00:00"  # noqa: PLR2004 -- length of a day
