"""Flanders: the consumption history that Mijn Fluvius exports as CSV, in Dutch and in English.

A row is a quarter-hour (of gas an hour) of one register, from and until by the clock of Brussels. Day and night
registers never count at once: at one instant the register that counts has the reading, and the other, where it has a
row at all, says *Geen verbruik* (*No consumption*). Both are one series. Header, registers and words are those of the
exports that public programs read (github.com/patrickvorgers/Home-Assistant-Import-Energy-Data, with samples of both
languages); any other is told and not read.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats.column_words import (
    CsvTable,
    fold_word,
    read_csv_header,
    split_fields,
)
from backend.adapters.meter_files.formats.line_records import UNIT_DECADES, is_hopeless, read_lines
from backend.adapters.meter_files.formats.portal_rows import (
    PortalRows,
    Stamp,
    read_energy,
    read_stamp,
    shorten,
    translate_quality,
    zone_of,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesName, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions, SourceFile

__all__ = ["COLUMNS", "STATUSES", "is_fluvius_csv", "read_csv"]

COLUMNS: Mapping[str, str] = {
    "van (datum)": "from_day",
    "from (date)": "from_day",
    "van (tijdstip)": "from_time",
    "from (time)": "from_time",
    "tot (datum)": "until_day",
    "until (date)": "until_day",
    "tot (tijdstip)": "until_time",
    "until (time)": "until_time",
    "ean-code": "ean",
    "ean code": "ean",
    "meter": "meter",
    "metertype": "meter_type",
    "meter type": "meter_type",
    "register": "register",
    "volume": "volume",
    "eenheid": "unit",
    "unit": "unit",
    "validatiestatus": "status",
    "validation status": "status",
    "caloric upper value": "caloric_value",
    "omschrijving": "description",
    "description": "description",
}
"""Columns, folded, and what they hold."""

STATUSES: Mapping[str, Quality] = {
    "uitgelezen": Quality.MEASURED,
    "read": Quality.MEASURED,
    "gevalideerd": Quality.MEASURED,
    "validated": Quality.MEASURED,
    "geschat": Quality.ESTIMATED,
    "estimated": Quality.ESTIMATED,
    "geen verbruik": Quality.MISSING,
    "no consumption": Quality.MISSING,
}
"""Validation status, folded."""

_NEEDED = ("from_day", "from_time", "until_day", "until_time", "ean", "register", "volume", "unit", "status")
_SIGN = frozenset({"ean", "register", "volume"})
_DIRECTIONS = {"afname": CONSUMPTION, "offtake": CONSUMPTION, "injectie": FEED_IN, "injection": FEED_IN}
_ACTIVE = frozenset({"", "dag", "day", "nacht", "night", "actief", "active"})
_GAS = frozenset({"m3", "m³"})
_DAY = re.compile(r"(\d\d)[-/](\d\d)[-/](\d{4})", re.ASCII)
_EAN = re.compile(r'=?"?([0-9]{1,20})"?')
_ZONE = "Europe/Brussels"
_STEPS = (900, 3600)
_HOUR = 3600
_ROWS_MAX = 4_000_000
_LABELS_MAX = 60
_WORSE = (Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.MISSING)


def is_fluvius_csv(head: bytes) -> bool:
    """Does a file that begins so have a header of Mijn Fluvius?"""
    table = read_csv_header(head)
    found = {COLUMNS.get(name) for name in table.names} if table else set()
    return found >= _SIGN and bool(found & {"from_day", "until_day"})


def read_csv(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    """The series of a file, a block each."""
    zone = zone_of(options.time_zone or _ZONE, faults)
    if zone is None:
        return
    history = _History(faults)
    table: CsvTable | None = None
    for line, text in read_lines(file, faults):
        if not text.strip():
            continue
        if table is None:
            table = read_csv_header(text.encode())
            if table is None or not table.check(COLUMNS, _NEEDED, faults, line):
                return
            continue
        cells = split_fields(text, table.delimiter)
        if len(cells) != len(table.names):
            message = f"the line has {len(cells)} fields where the header has {len(table.names)}."
            faults.refuse("columns", message, line=line)
        else:
            names = map(COLUMNS.get, table.names)
            history.add(line, {name: cell for name, cell in zip(names, cells, strict=True) if name})
        if is_hopeless(faults) or history.is_over:
            return
    for rows in history.close():
        yield from rows.place(faults, zone, ends=False)


@dataclass(slots=True)
class _Series:
    """Readings of one direction of a metering point, by the start that the clock shows, in the file's order."""

    name: SeriesName
    start: array[int] = field(default_factory=lambda: array("q"))
    seconds: array[int] = field(default_factory=lambda: array("q"))
    energy: array[int] = field(default_factory=lambda: array("q"))
    quality: array[int] = field(default_factory=lambda: array("B"))
    word: array[int] = field(default_factory=lambda: array("i"))
    line: array[int] = field(default_factory=lambda: array("q"))
    labels: array[int] = field(default_factory=lambda: array("q"))  # bits of the registers in a reading
    last: dict[int, int] = field(default_factory=dict)  # of a start, its latest reading
    bits: dict[tuple[str, str], int] = field(default_factory=dict)  # of a meter's register
    words: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reading:
    start: Stamp
    seconds: int
    energy: int | None
    quality: Quality
    word: str
    label: tuple[str, str]
    line: int


class _History:
    """Gathers the rows of a file.

    Attributes:
        is_over: Would reading on tell nothing more: the file is of gas, or holds more than is held?
    """

    def __init__(self, faults: FaultCollector) -> None:
        self._faults = faults
        self._series: dict[SeriesName, _Series] = {}
        self._unread: Counter[str] = Counter()
        self._rows = 0
        self.is_over = False

    def add(self, line: int, row: Mapping[str, str]) -> None:
        """Add a row, or note what is wrong with it."""
        found = _EAN.fullmatch(row["ean"])
        if found is None:
            self._faults.refuse("metering-point", "the row names no metering point (EAN).", line=line)
            return
        ean = found[1]
        side, _, kind = fold_word(row["register"]).partition(" ")
        direction = _DIRECTIONS.get(side)
        if row["unit"].lower() in _GAS:
            message = "volumes in m³ are gas; only electricity is shared."
            self._faults.refuse("commodity", message, line=line, metering_point=ean)
            self.is_over = True
        elif direction is None or kind not in _ACTIVE:
            self._unread[f'register "{shorten(row["register"])}", which is no active energy'] += 1
        elif row["unit"].lower() not in UNIT_DECADES:
            message = f'the unit "{shorten(row["unit"])}" is no energy.'
            self._faults.refuse("unit", message, line=line, metering_point=ean)
        else:
            reading = self._read(line, ean, row, kind)
            if reading is not None:
                self._keep(SeriesName(ean, direction), reading)

    def _read(self, line: int, ean: str, row: Mapping[str, str], kind: str) -> _Reading | None:
        start = _read_clock(row["from_day"], row["from_time"])
        until = _read_clock(row["until_day"], row["until_time"])
        if isinstance(start, str) or isinstance(until, str):
            message = start if isinstance(start, str) else str(until)
            self._faults.refuse("instant", message, line=line, metering_point=ean)
            return None
        seconds = until.seconds - start.seconds
        if not 0 < seconds <= _HOUR:  # the clocks are set within the interval
            seconds += _HOUR if seconds <= 0 else -_HOUR
        if seconds not in _STEPS:
            message = (
                "the row is neither a quarter-hour nor an hour; export the quarter-hours (kwartiertotalen)."
            )
            self._faults.refuse("resolution", message, line=line, metering_point=ean)
            return None
        quality = translate_quality(
            fold_word(row["status"]), STATUSES, self._faults, line, "validation status"
        )
        if quality is None:
            return None
        energy = read_energy(row["volume"], UNIT_DECADES[row["unit"].lower()], decimal_comma=True)
        if not row["volume"] or quality is Quality.MISSING:
            energy, quality = 0, Quality.MISSING
        if isinstance(energy, str):
            self._faults.refuse("energy", f"{energy}.", line=line, metering_point=ean)
            return None
        label = (row.get("meter", ""), kind)
        return _Reading(start, seconds, energy, quality, row["status"], label, line)

    def _keep(self, name: SeriesName, reading: _Reading) -> None:
        """Keep a reading, or add it to that of the same time of another register."""
        series = self._series.setdefault(name, _Series(name))
        bit = series.bits.setdefault(reading.label, len(series.bits))
        self._rows += 1
        if self._rows > _ROWS_MAX or bit >= _LABELS_MAX:
            message = (
                f"the file has more than {_ROWS_MAX:,} rows, or {_LABELS_MAX} registers; export by year."
            )
            self._faults.refuse("too-large", message, line=reading.line)
            self.is_over = True
            return
        word = series.words.setdefault(reading.word, len(series.words))
        place = series.last.get(reading.start.seconds)
        if place is None or series.labels[place] >> bit & 1:  # the clock shows an hour of autumn once more
            series.last[reading.start.seconds] = len(series.start)
            series.start.append(reading.start.seconds)
            series.seconds.append(reading.seconds)
            series.energy.append(reading.energy or 0)
            series.quality.append(reading.quality)
            series.word.append(word)
            series.line.append(reading.line)
            series.labels.append(1 << bit)
        else:
            self._join(series, place, reading)
            series.labels[place] |= 1 << bit

    def _join(self, series: _Series, place: int, reading: _Reading) -> None:
        """Add a register to the reading of another: the worse quality counts, both words are kept.

        A register of the same meter that says that it did not count takes nothing away from the one that did.
        """
        before = Quality(series.quality[place])
        meters = {meter for (meter, _), bit in series.bits.items() if series.labels[place] >> bit & 1}
        alone = meters == {reading.label[0]}
        words = [word for word, number in series.words.items() if number == series.word[place]]
        if alone and reading.quality is Quality.MISSING:
            return
        if alone and before is Quality.MISSING:
            quality, words = reading.quality, [reading.word]
        else:
            quality = max(before, reading.quality, key=_WORSE.index)
            words = words if reading.word in words[0].split(" + ") else [*words, reading.word]
        series.quality[place] = quality
        series.energy[place] = (
            0 if quality is Quality.MISSING else series.energy[place] + (reading.energy or 0)
        )
        joined = " + ".join(words)
        series.word[place] = series.words.setdefault(joined, len(series.words))

    def close(self) -> Iterator[PortalRows]:
        """What was read, by series, with what was left."""
        for what, count in self._unread.items():
            self._faults.note("not-read", f"{count} times {what}; not read.")
        if not self._series and not self._faults.refused:
            self._faults.refuse("no-readings", "the file has no volume of active energy.")
        for series in self._series.values():
            words = list(series.words)
            rows = PortalRows(series.name)
            for place, start in enumerate(series.start):
                quality = Quality(series.quality[place])
                energy = None if quality is Quality.MISSING else series.energy[place]
                word, line = words[series.word[place]], series.line[place]
                rows.add(Stamp(start, naive=True), series.seconds[place], energy, quality, word, line)
            yield rows


def _read_clock(day: str, time: str) -> Stamp | str:
    """What the clock showed, of a day written first, or what is wrong with it."""
    found = _DAY.fullmatch(day)
    text = f"{found[3]}-{found[2]}-{found[1]} {time}" if found else f"{day} {time}"
    stamp = read_stamp(text)
    return stamp if isinstance(stamp, str) or stamp.naive else f'"{shorten(text)}" has an offset from UTC.'
