"""Spain: hourly energy of Datadis, as its API gives it (JSON) and as its page exports it (CSV).

An hour is named by its end, 01:00 to 24:00 of a civil day. The day on which clocks are set back has a 25th hour (or
hour 3 twice), the one on which they are set forward has 23. Both habits of the latter are read: hours that go on
counting to 23, and hours that leave 03:00 out (the wall clock). Energy that was fed in (surplus) is a series of its
own. What a member produced and used behind the meter is told and not read: it never crossed the grid.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.column_words import CsvTable, read_csv_header, split_fields
from backend.adapters.meter_files.formats.json_members import MemberCheck, shape
from backend.adapters.meter_files.formats.json_streams import (
    head_has_keys,
    looks_like_json,
    stream_values,
)
from backend.adapters.meter_files.formats.line_records import UNIT_DECADES, is_hopeless, read_lines
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    Stamp,
    read_energy,
    shorten,
    translate_quality,
    zone_of,
)
from backend.metering import Quality
from backend.metering.local_time import utc_offset
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["COLUMNS", "FORMAT", "QUALITIES"]

QUALITIES: Mapping[str, Quality] = {
    "Real": Quality.MEASURED,
    "R": Quality.MEASURED,
    "Estimada": Quality.ESTIMATED,
    "E": Quality.ESTIMATED,
    "": Quality.MEASURED,  # the API leaves it empty
}
COLUMNS: Mapping[str, str] = {
    "cups": "cups",
    "fecha": "date",
    "date": "date",
    "hora": "time",
    "time": "time",
    "consumo": "consumption",
    "consumo_kwh": "consumption",
    "consumptionkwh": "consumption",
    "ae_kwh": "consumption",
    "metodoobtencion": "method",
    "metodo_obtencion": "method",
    "obtainmethod": "method",
    "real/estimado": "method",
    "energiavertida_kwh": "surplus",
    "surplusenergykwh": "surplus",
    "as_kwh": "surplus",
    "energiagenerada_kwh": "generated",
    "generationenergykwh": "generated",
    "energiaautoconsumida_kwh": "self_consumed",
    "selfconsumptionenergykwh": "self_consumed",
    "ae_autocons_kwh": "self_consumed",
}
"""Names of columns of the API, the page and the distributors' form (CCH), in lower case, and what they hold."""

_NEEDED = ("cups", "date", "time", "consumption")
_ROW = shape(
    "row",
    ("cups", "date", "time", "consumptionKWh"),
    ("obtainMethod",),
    ("surplusEnergyKWh", "generationEnergyKWh", "selfConsumptionEnergyKWh"),
)
_ROW_NAMES = {name.lower(): name for name in _ROW.known}
_JSON_ROWS = ("$[*]", "$.timeCurve[*]", "$.response[*]")
_DATE = re.compile(r"(?:(\d{4})[/-](\d\d)[/-](\d\d)|(\d\d)/(\d\d)/(\d{4}))", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?::00(?::00)?)?", re.ASCII)
_HOUR = 3600
_KILO = UNIT_DECADES["kwh"]
_ZONE = "Europe/Madrid"
_DAY_HOURS = 24
_YEARS = range(1970, 2200)


def _recognise(head: bytes) -> bool:
    if looks_like_json(head):
        return head_has_keys(head, "cups", "time", "consumptionKWh")
    table = read_csv_header(head)
    found = {COLUMNS.get(name) for name in table.names} if table else set()
    return {*_NEEDED} <= found


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    zone = zone_of(options.time_zone or _ZONE, faults)
    if zone is None:
        return
    if options.time_zone is None:
        faults.note(
            "time-zone", f"hours are read as {_ZONE}; say the time zone Atlantic/Canary for the islands."
        )
    gatherer = _Gatherer(zone, faults)
    rows = _json_rows(file, faults) if looks_like_json(file.head) else _csv_rows(file, faults)
    for line, place, row in rows:
        gatherer.add(line, place, row)
        if is_hopeless(faults):
            break
    yield from gatherer.blocks()


def _json_rows(file: SourceFile, faults: FaultCollector) -> Iterator[tuple[int, str, dict[str, Any]]]:
    members = MemberCheck(faults)
    for node in stream_values(file, faults, _JSON_ROWS):
        if not isinstance(node.value, dict):
            faults.refuse("structure", f"{node.path} is no row.")
            continue
        row = {str(_ROW_NAMES.get(key.lower(), key)): value for key, value in node.value.items()}
        if members.check(node.path, row, _ROW):
            held = {COLUMNS[name.lower()]: value for name, value in row.items() if name in _ROW.known}
            yield 0, f"{node.path}: ", held


def _csv_rows(file: SourceFile, faults: FaultCollector) -> Iterator[tuple[int, str, dict[str, Any]]]:
    table: CsvTable | None = None
    names: list[str | None] = []
    for line, text in read_lines(file, faults):
        if not text.strip():
            continue
        if table is None:
            table = read_csv_header(text.encode())
            if table is None or not table.check(COLUMNS, _NEEDED, faults, line, usual=("method",)):
                return
            names = [COLUMNS.get(name) for name in table.names]
            continue
        cells = split_fields(text, table.delimiter)
        if len(cells) != len(names):
            faults.refuse(
                "columns", f"the line has {len(cells)} fields where the header has {len(names)}.", line=line
            )
            continue
        yield line, "", {name: cell for name, cell in zip(names, cells, strict=True) if name}


@dataclass
class _Series:
    """Hours of one metering point and direction, those of days that have not 24 still unplaced."""

    rows: PortalRows
    odd: dict[date, list[tuple[int, int]]] = field(default_factory=dict)  # row and number of the hour


class _Gatherer:
    """Gathers the hours of every metering point of a file."""

    def __init__(self, zone: ZoneInfo, faults: FaultCollector) -> None:
        self._zone = zone
        self._faults = faults
        self._series: dict[tuple[str, int], _Series] = {}
        self._notes: Counter[str] = Counter()
        self._midnights: dict[date, int] = {}

    def add(self, line: int, place: str, row: Mapping[str, Any]) -> None:
        """Add a row, or note what is wrong with it."""
        cups = str(row["cups"] or "").strip()
        if not cups:
            self._faults.refuse(
                "metering-point", f"{place}the row names no metering point (CUPS).", line=line
            )
            return
        hour = self._read_hour(row["date"], row["time"])
        if isinstance(hour, str):
            self._faults.refuse("instant", place + hour, line=line, metering_point=cups)
            return
        word = str(row.get("method") or "").strip()
        quality = translate_quality(word, QUALITIES, self._faults, line, place or "method")
        if quality is None:
            return
        if not word:
            self._notes["the method is empty; read as measured"] += 1
        for name in ("generated", "self_consumed"):
            if not _is_empty(row.get(name)):
                self._notes[f"energy {name.replace('_', ' ')} behind the meter is not read"] += 1
        for name, direction in (("consumption", CONSUMPTION), ("surplus", FEED_IN)):
            figure = row.get(name)
            energy = None if _is_empty(figure) else read_energy(figure, _KILO, decimal_comma=True)
            if isinstance(energy, str):
                self._faults.refuse("energy", f"{place}{energy}.", line=line, metering_point=cups)
            elif energy is not None or direction == CONSUMPTION or (cups, direction) in self._series:
                self._keep((cups, direction), hour, energy, quality, word, line)

    def _keep(
        self,
        key: tuple[str, int],
        hour: tuple[date, int],
        energy: int | None,
        quality: Quality,
        word: str,
        line: int,
    ) -> None:
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(PortalRows(SeriesName(*key)))
        day, number = hour
        if self._count_hours(day) != _DAY_HOURS:
            series.odd.setdefault(day, []).append((len(series.rows), number))
        start = self._midnight(day) + (number - 1) * _HOUR
        series.rows.add(Stamp(start, naive=False), _HOUR, energy, quality, word, line)

    def _read_hour(self, day: Any, time: Any) -> tuple[date, int] | str:
        """The civil day and the number of the hour in it, or what is wrong."""
        match = _DATE.fullmatch(str(day).strip())
        hour = _TIME.fullmatch(str(time).strip())
        if match is None or hour is None:
            return f'"{shorten(day)} {shorten(time)}" is no date and hour like 2023/12/01 01:00.'
        parts = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
        year, month, of_month = (int(part) for part in parts)
        try:
            civil = date(year, month, of_month)
        except ValueError:
            return f'"{shorten(day)}" is no day of the calendar.'
        if year not in _YEARS:
            return f'"{shorten(day)}" is outside the years {_YEARS.start} to {_YEARS.stop - 1}.'
        number, most = int(hour[1]), max(self._count_hours(civil), _DAY_HOURS)
        if not 1 <= number <= most:
            return f"hour {number} is none of {civil}: hours are named by their ends, 1 to {most}."
        return civil, number

    def _count_hours(self, civil: date) -> int:
        return (self._midnight(civil + timedelta(days=1)) - self._midnight(civil)) // _HOUR

    def _midnight(self, civil: date) -> int:
        """Where a civil day begins. [s since 1970, UTC]"""
        if civil not in self._midnights:
            local = datetime(civil.year, civil.month, civil.day, tzinfo=self._zone)
            self._midnights[civil] = int(local.timestamp())
        return self._midnights[civil]

    def blocks(self) -> Iterator[SourceBlock]:
        """What was gathered, a block per series, with what was noted on the way."""
        for note, count in self._notes.items():
            self._faults.note("portal-note", f"{count} times: {note}.")
        for series in self._series.values():
            start = series.rows.stamps
            keep = np.ones(len(start), np.bool_)
            for day, hours in series.odd.items():
                self._place_odd_day(series.rows, day, hours, start, keep)
            yield series.rows.block(start, keep)

    def _place_odd_day(
        self,
        rows: PortalRows,
        day: date,
        hours: list[tuple[int, int]],
        start: NDArray[np.int64],
        keep: NDArray[np.bool_],
    ) -> None:
        """Place the hours of a day of 23 or 25 by the habit that their numbers show."""
        numbers = Counter(number for _, number in hours)
        midnight, count = self._midnight(day), self._count_hours(day)
        change = self._hours_before_change(day)
        note = ""
        if count > _DAY_HOURS:
            note = _place_long_day(numbers, change, midnight, hours, start)
        elif numbers[change + 1] and numbers[_DAY_HOURS]:
            empty = rows.energies == 0
            for row, number in hours:
                start[row] = midnight + (number - 1 - (number > change)) * _HOUR
                if number != change + 1:
                    continue
                keep[row] = False
                if not empty[row]:
                    self._faults.refuse(
                        "absent-hour",
                        f"{day} has {count} hours, its hour {number} never was, yet energy is given for it.",
                        line=int(rows.lines[row]),
                        metering_point=rows.series.external_id,
                    )
        elif not numbers[change + 1]:
            for row, number in hours:
                start[row] = midnight + (number - 1 - (number > change)) * _HOUR
        if note:
            self._faults.warn("doubled-hour", f"{day}: {note}", metering_point=rows.series.external_id)

    def _hours_before_change(self, day: date) -> int:
        """How many hours of a day are over when its clocks are set."""
        midnight = self._midnight(day)
        offset = utc_offset(self._zone, midnight)
        return next(
            hour for hour in range(1, 25) if utc_offset(self._zone, midnight + hour * _HOUR) != offset
        )


def _place_long_day(
    numbers: Counter[int], change: int, midnight: int, hours: list[tuple[int, int]], start: NDArray[np.int64]
) -> str:
    """Place the hours of a day of 25; returns what is uncertain about it.

    Hours that count to 25 are placed already. Else one wall hour is there twice: the one that ends when the clocks
    are set back, or, where the clock was read at the end, the one before.
    """
    if numbers[_DAY_HOURS + 1]:
        return ""
    doubled = change - 1 if numbers[change - 1] > 1 and numbers[change] <= 1 else change
    seen = 0
    for row, number in hours:
        seen += number == doubled
        later = number > doubled or (number == doubled and seen > 1)
        start[row] = midnight + (number - 1 + later) * _HOUR
    if numbers[doubled] > 1:
        return ""
    return (
        f"the day has 25 hours and the file has hour {doubled} once; it is read as the first, in summer time."
    )


def _is_empty(figure: Any) -> bool:
    return figure is None or (isinstance(figure, str) and figure.strip().lower() in ("", "null"))


FORMAT = MeterFormat(
    name="datadis", title="Hourly energy of Datadis (Spain)", recognise=_recognise, read=_read
)
