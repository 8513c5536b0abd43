"""Rows of a table by a mapping: texts to instants, energies and qualities, gathered by series."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.meter_files.formats.line_records import is_hopeless, parse_energies
from backend.adapters.meter_files.mapping import DECADES, POWER_UNITS, TableMapping
from backend.adapters.meter_files.words import name_nearest
from backend.metering import Quality
from backend.metering.local_time import resolve_local, resolve_local_ends
from backend.metering.source_series import SeriesName, SourceBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions

__all__ = ["MappedRows", "read_rows"]

_SHOWN = 40
_CACHED = 200_000
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_EXCEL_DAY = re.compile(r"[0-9]{4,6}(\.[0-9]{1,17})?")
_YEARS = range(1970, 2200)
_MICRO = 3  # so many more decimals of a power, so that it is not rounded twice
_JOULES = 3_600_000  # microwatt-seconds of a milliwatt-hour

# The instant of a stamp [s since 1970, UTC, or of the wall clock as if UTC], and whether it has an offset.
_Stamp = tuple[int, bool]


@dataclass
class _Gathered:
    """One series so far, chunk by chunk."""

    stamp: list[NDArray[np.int64]]
    energy: list[NDArray[np.int64]]
    quality: list[NDArray[np.uint8]]
    code: list[NDArray[np.int32]]
    line: list[NDArray[np.int64]]


@dataclass(frozen=True)
class _Chunk:
    """Some rows, stamps and words read."""

    line: NDArray[np.int64]
    stamp: NDArray[np.int64]
    quality: NDArray[np.uint8]
    code: NDArray[np.int32]


def read_rows(
    rows: Iterable[tuple[int, Sequence[str]]],
    mapping: TableMapping,
    options: ReadOptions,
    faults: FaultCollector,
    chunk_rows: int = 20_000,
) -> Iterator[SourceBlock]:
    """Read a table.

    Args:
        rows: Line and fields, from the row of names on; fields that a row lacks at its end are empty.
        mapping: What the columns are.
        options: Zone, step and metering point, where the mapping does not say them.
        faults: Takes what is found.
        chunk_rows: Rows that are looked at at once.
    """
    left = iter(rows)
    head = next(left, None)
    if head is None:
        if not faults.refused:
            faults.refuse("empty-file", f"there is no row {mapping.header_row} with the columns' names.")
        return
    reader = MappedRows(mapping, options, faults)
    if not reader.take_names(head[0], head[1]):
        return
    chunk: list[tuple[int, Sequence[str]]] = []
    for row in left:
        if any(row[1]):
            chunk.append(row)
        if len(chunk) >= chunk_rows:
            reader.take(chunk)
            chunk = []
            if is_hopeless(faults):
                return
    if chunk:
        reader.take(chunk)
    yield from reader.blocks()


class MappedRows:
    """Gathers the rows of a table.

    Args:
        mapping: What the columns are.
        options: What neither mapping nor table says.
        faults: Takes what is found.
    """

    def __init__(self, mapping: TableMapping, options: ReadOptions, faults: FaultCollector) -> None:
        self._mapping = mapping
        self._faults = faults
        self._minutes = mapping.resolution_minutes or options.resolution_minutes or 0
        self._zone = mapping.time_zone or options.time_zone or ""
        self._point = options.metering_point
        self._place: dict[str, int] = {}
        self._stamps: dict[str, _Stamp | str] = {}
        self._has_offset: bool | None = None
        self._codes: dict[str, int] = {"": 0}
        self._series: dict[SeriesName, _Gathered] = {}

    def take_names(self, line: int, names: Sequence[str]) -> bool:
        """Look at the columns' names; False after noting what is wrong with them."""
        mapping, before = self._mapping, self._faults.refused
        stripped = [name.strip() for name in names]
        new = [name for name in dict.fromkeys(stripped) if name and name not in mapping.known]
        for name in mapping.needed:
            count = stripped.count(name)
            if count > 1:
                self._faults.refuse(
                    "columns", f'column "{name}" is there {count} times.', line=line, value=name
                )
            elif not count:
                hint = name_nearest(name, new)
                self._faults.refuse(
                    "columns",
                    f'the mapping needs a column "{name}", which is not there{hint}',
                    line=line,
                    value=name,
                )
        for name in new:
            self._faults.warn(
                "new-column",
                f'column "{name[:_SHOWN]}" is not in the mapping and was left aside; map it, or name it in ignore.',
                line=line,
            )
        if not self._minutes:
            self._faults.refuse("resolution", "nobody says the step; write resolution_minutes into [form].")
        if not mapping.metering_point and not mapping.wide and not self._point:
            self._faults.refuse(
                "unnamed-point", "the table names no metering point; give --metering-point or map its column."
            )
        self._place = {name: place for place, name in enumerate(stripped) if name in mapping.known}
        return self._faults.refused == before

    def take(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Take some rows."""
        mapping = self._mapping
        line = np.array([row[0] for row in rows], np.int64)
        start = self._column(rows, mapping.start)
        if mapping.time:
            start = [
                f"{day} {time}" for day, time in zip(start, self._column(rows, mapping.time), strict=True)
            ]
        found = [self._stamp(word) for word in start]
        wrong = {row: stamp for row, stamp in enumerate(found) if isinstance(stamp, str)}
        self._tell("instant", line, wrong)
        stamp = np.array([0 if isinstance(one, str) else one[0] for one in found], np.int64)
        sound = np.array([not isinstance(one, str) for one in found], np.bool_)
        quality, code = self._qualities(rows, line, sound)
        chunk = _Chunk(line, stamp, quality, code)
        if mapping.wide:
            for column, wide in mapping.wide.items():
                name = SeriesName(wide.metering_point, wide.direction)
                self._keep(name, self._column(rows, column), chunk, sound)
            return
        groups: dict[SeriesName, list[int]] = {}
        for row, name in enumerate(self._names(rows, line, sound)):
            if sound[row]:
                groups.setdefault(name, []).append(row)
        energy = self._column(rows, mapping.energy)
        for name, places in groups.items():
            place = np.array(places)
            part = _Chunk(line[place], stamp[place], quality[place], code[place])
            self._keep(name, [energy[row] for row in places], part, np.ones(len(places), np.bool_))

    def blocks(self) -> Iterator[SourceBlock]:
        """The series; naive stamps are resolved now, as their order over the whole series tells the doubled hour."""
        if self._faults.refused:
            return
        if self._has_offset is False and not self._zone:
            self._faults.refuse(
                "time-zone",
                "stamps have no offset from UTC; say whose clock it is: --time-zone Europe/Paris.",
            )
            return
        codes = tuple(self._codes)
        for name, kept in self._series.items():
            stamp, line = np.concatenate(kept.stamp), np.concatenate(kept.line)
            yield SourceBlock(
                name,
                self._starts(name, stamp, line),
                np.full(len(stamp), self._minutes * 60, np.int64),
                np.concatenate(kept.energy),
                np.concatenate(kept.quality),
                np.concatenate(kept.code),
                codes,
                line,
            )

    def _column(self, rows: Sequence[tuple[int, Sequence[str]]], name: str) -> list[str]:
        place = self._place[name]
        return [fields[place].strip() if place < len(fields) else "" for _, fields in rows]

    def _names(
        self, rows: Sequence[tuple[int, Sequence[str]]], line: NDArray[np.int64], sound: NDArray[np.bool_]
    ) -> list[SeriesName]:
        """Which series each row is of; rows whose words are wrong are noted and no longer sound."""
        mapping = self._mapping
        points = (
            self._column(rows, mapping.metering_point)
            if mapping.metering_point
            else [self._point] * len(rows)
        )
        points = [mapping.points.get(point, point) for point in points]
        wrong = {
            row: "the metering point is empty; fill it in." for row, point in enumerate(points) if not point
        }
        self._tell("unknown-point", line, wrong)
        directions = [mapping.default_direction] * len(rows)
        if mapping.direction:
            for row, word in enumerate(self._column(rows, mapping.direction)):
                if word in mapping.directions:
                    directions[row] = mapping.directions[word]
                else:
                    wrong[row] = _unknown("direction", word, mapping.directions)
            self._tell("direction", line, {row: text for row, text in wrong.items() if points[row]})
        sound[list(wrong)] = False
        return [SeriesName(point, way) for point, way in zip(points, directions, strict=True)]

    def _qualities(
        self, rows: Sequence[tuple[int, Sequence[str]]], line: NDArray[np.int64], sound: NDArray[np.bool_]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        mapping = self._mapping
        if not mapping.quality:
            return np.full(len(rows), Quality.MEASURED, np.uint8), np.zeros(len(rows), np.int32)
        words = self._column(rows, mapping.quality)
        known = mapping.qualities
        wrong = {row: _unknown("quality", word, known) for row, word in enumerate(words) if word not in known}
        self._tell("quality", line, wrong)
        sound[list(wrong)] = False
        quality = np.array([known.get(word, Quality.MISSING) for word in words], np.uint8)
        code = [
            0 if row in wrong else self._codes.setdefault(word, len(self._codes))
            for row, word in enumerate(words)
        ]
        return quality, np.array(code, np.int32)

    def _keep(self, name: SeriesName, texts: list[str], chunk: _Chunk, sound: NDArray[np.bool_]) -> None:
        energy, wrong = self._energies(texts)
        self._tell("energy", chunk.line, {row: f"{text}." for row, text in wrong.items()}, name.external_id)
        quality = chunk.quality.copy()
        empty = np.array([not text for text in texts], np.bool_)
        quality[empty] = Quality.MISSING
        stated = (quality == Quality.MISSING) & ~empty
        energy[stated] = 0
        good = sound.copy()
        good[list(wrong)] = False
        kept = self._series.setdefault(name, _Gathered([], [], [], [], []))
        kept.stamp.append(chunk.stamp[good])
        kept.energy.append(energy[good])
        kept.quality.append(quality[good])
        kept.code.append(chunk.code[good])
        kept.line.append(chunk.line[good])

    def _energies(self, texts: list[str]) -> tuple[NDArray[np.int64], dict[int, str]]:
        mapping = self._mapping
        if mapping.decimal == ",":
            wrong = {row: f'"{text[:_SHOWN]}" has a point' for row, text in enumerate(texts) if "." in text}
            texts = ["" if row in wrong else text.replace(",", ".") for row, text in enumerate(texts)]
            if wrong:
                hint = ', but decimals have a comma here; write decimal = "." into [form] if they are points'
                wrong = {row: text + hint for row, text in wrong.items()}
        else:
            wrong = {}
        if mapping.unit in DECADES:
            energy, bad = parse_energies(texts, DECADES[mapping.unit])
            return energy, wrong | bad
        power, bad = parse_energies(texts, POWER_UNITS[mapping.unit] + _MICRO)
        seconds = self._minutes * 60
        whole, rest = power // _JOULES, power % _JOULES
        return whole * seconds + (2 * rest * seconds + _JOULES) // (2 * _JOULES), wrong | bad

    def _starts(
        self, name: SeriesName, stamp: NDArray[np.int64], line: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        seconds = self._minutes * 60
        ends = self._mapping.stamps_are_ends
        if self._has_offset:
            return stamp - seconds if ends else stamp
        zone = ZoneInfo(self._zone)
        found = resolve_local_ends(stamp, seconds, zone) if ends else resolve_local(stamp, zone)
        for row in np.flatnonzero(found.absent)[: self._faults.room].tolist():
            wall = datetime.fromtimestamp(int(stamp[row]), UTC)
            self._faults.refuse(
                "absent-hour",
                f"{wall:%Y-%m-%d %H:%M} never was in {self._zone}: clocks were set forward over it; check the "
                "time zone.",
                line=int(line[row]),
                metering_point=name.external_id,
            )
        if found.uncertain.any():
            row = int(np.argmax(found.uncertain))
            self._faults.warn(
                "doubled-hour",
                f"{np.count_nonzero(found.uncertain)} stamps of the hour that came twice are there once, and nothing "
                "tells which; they were taken as summer time.",
                line=int(line[row]),
                metering_point=name.external_id,
            )
        return found.start_utc

    def _stamp(self, word: str) -> _Stamp | str:
        found = self._stamps.get(word)
        if found is None:
            if len(self._stamps) >= _CACHED:
                self._stamps.clear()
            found = self._stamps[word] = self._parse_stamp(word)
        return found

    def _parse_stamp(self, word: str) -> _Stamp | str:
        form = self._mapping.time_format
        try:
            if form:
                moment = datetime.strptime(word, form)  # noqa: DTZ007 -- an offset is looked for below
            elif _EXCEL_DAY.fullmatch(word):
                moment = (_EXCEL_EPOCH + _days(word)).replace(tzinfo=None)
            else:
                moment = datetime.fromisoformat(word)
        except (ValueError, OverflowError):
            due = f"has not the form {form}" if form else "is no ISO 8601 time; write time_format into [form]"
            return f'stamp "{word[:_SHOWN]}" {due}.'
        if moment.year not in _YEARS or moment.microsecond:
            return f'stamp "{word[:_SHOWN]}" is outside the years 1970 to 2199 or has a fraction of a second.'
        offset = moment.utcoffset() is not None
        if self._has_offset is None:
            self._has_offset = offset
        elif self._has_offset != offset:
            return f'stamp "{word[:_SHOWN]}" {"has an" if offset else "lacks the"} offset from UTC, unlike others.'
        return int((moment if offset else moment.replace(tzinfo=UTC)).timestamp()), offset

    def _tell(self, rule: str, line: NDArray[np.int64], wrong: dict[int, str], point: str = "") -> None:
        for number, (row, text) in enumerate(wrong.items()):
            if not self._faults.room:
                self._faults.count(refused=len(wrong) - number)
                return
            self._faults.refuse(rule, text, line=int(line[row]), metering_point=point[:80])


def _days(word: str) -> timedelta:
    """A spreadsheet's number of days, to the second that it means."""
    whole, _, fraction = word.partition(".")
    digits = fraction.ljust(17, "0")[:17]
    seconds = (2 * int(digits or 0) * 86_400 + 10**17) // (2 * 10**17)
    return timedelta(days=int(whole), seconds=seconds)


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    return f'{what} "{word[:_SHOWN]}" is not in the mapping{name_nearest(word, list(known))}'
