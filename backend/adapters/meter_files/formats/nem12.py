"""NEM12: interval data of Australian meters (AEMO, Meter Data File Format Specification NEM12 & NEM13, v2.6).

A 200 record opens a channel, each 300 record is a day of it in market time (+10:00, no daylight saving), 400 records
give parts of the day their own quality. Export channels E hold consumption, import channels B feed-in (the market's
view); reactive, check and net channels are left aside and told. A day that comes again supersedes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.line_records import (
    UNIT_DECADES,
    BlockGatherer,
    count_of,
    is_hopeless,
    parse_energies,
    read_lines,
    shorten,
)
from backend.adapters.meter_files.formats.nem_records import (
    QUALITIES,
    QUALITY_FLAG,
    check_header,
    first_fields,
    market_offset,
    parse_count,
    parse_day,
    read_quality,
    split_fields,
)
from backend.adapters.meter_files.text_blocks import split_blocks
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesName, SourceBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["FORMAT"]

_DAY_MINUTES = 24 * 60
_DAYS_TOGETHER = 64  # so many are parsed and yielded at once
_DAYS_MAX = 2_000_000  # days of channels in a file
_DIRECTIONS = {"E": CONSUMPTION, "B": FEED_IN}
_ASIDE = {
    "A": "average import",
    "C": "check import",
    "D": "average export",
    "F": "check export",
    "J": "average reactive",
    "K": "reactive import",
    "L": "check reactive",
    "N": "net",
    "P": "average reactive",
    "Q": "reactive export",
    "R": "check reactive",
    "S": "apparent",
    "T": "apparent",
    "U": "apparent",
    "V": "voltage",
}
_NO_ENERGY = frozenset(
    f"{scale}{unit}" for scale in ("", "k", "m") for unit in ("varh", "var", "w", "vah", "va", "v", "a")
) | {"pf"}
_FIELDS_200 = 9
_INDEX_READ = 4  # of a 500 record
_RECORD = re.compile(rb"(?m)^(?:300,([^,\n]{0,20})|200,[^\n]*)")


@dataclass(slots=True)
class _Day:
    """A 300 record and the 400 records below it."""

    line: int
    start: int  # midnight in market time, as if UTC [s]
    texts: list[str]
    flag: str
    words: str
    events: list[tuple[int, int, str, str]] = field(default_factory=list)  # from, until, flag, words


@dataclass(slots=True)
class _Channel:
    """What a 200 record says of the days below it."""

    series: SeriesName
    minutes: int
    decades: int
    gatherer: BlockGatherer
    days: list[_Day] = field(default_factory=list)


class _Reader:
    """Reads the records of one file in turn."""

    def __init__(self, faults: FaultCollector, offset: int, last: dict[tuple[str, str, str], int]) -> None:
        self._faults = faults
        self._offset = offset
        self._last = last
        self._channel: _Channel | None = None
        self._is_aside = False
        self._day: _Day | None = None
        self._is_day_open = False  # may a 400 or 500 record stand here?
        self._is_ended = False
        self._headers = 0
        self._aside: dict[tuple[str, str], int] = {}
        self._again: dict[SeriesName, list[int]] = {}
        self._empty: dict[SeriesName, list[int]] = {}
        self._indexes: list[int] = []

    def take(self, line: int, text: str) -> Iterator[SourceBlock]:
        """Read a record; what it completes is yielded."""
        fields = split_fields(text)
        if not any(fields):
            return
        kind = fields[0]
        if not self._headers and kind != "100":
            self._headers = 1
            self._faults.warn("header", "the header record 100 is missing; NEM12 is assumed.", line=line)
        if kind == "300":
            yield from self._open_day(line, fields)
        elif kind == "400":
            self._take_event(line, fields)
        elif kind == "200":
            yield from self._close_channel()
            self._open_channel(line, fields)
        elif kind == "100":
            yield from self._close_channel()
            self._headers += 1
            self._is_ended = False
            check_header(fields, "NEM12", line, self._faults)
        elif kind == "900":
            yield from self._close_channel()
            self._is_ended = True
        elif kind == "500":  # of a market transaction
            self._indexes += [line] if len(fields) > _INDEX_READ and fields[_INDEX_READ] else []
        else:
            self._faults.refuse(
                "record-kind",
                f'"{shorten(kind)}" is no record of NEM12; records begin with 100, 200, 300, 400, 500 or 900.',
                line=line,
                value=shorten(kind),
            )

    def finish(self, line: int) -> Iterator[SourceBlock]:
        """What is still open at the end of the file, and what is told of it as a whole."""
        yield from self._close_channel()
        if not self._is_ended and not self._faults.refused:
            self._faults.refuse(
                "truncated",
                "the end record 900 is missing: the file was cut off; fetch it again.",
                line=line,
            )
        if self._indexes:
            self._faults.note(
                "left-aside",
                f"{count_of(len(self._indexes), 'register read')} of transactions (500 records) have neither unit nor "
                "multiplier in this form; they were left aside.",
                line=self._indexes[0],
            )
        for (suffix, unit), first in self._aside.items():
            kind = _ASIDE.get(suffix[:1])
            what = f"{kind}, " if kind else "" if suffix[:1] in _DIRECTIONS else "unknown, "
            tell = self._faults.note if kind else self._faults.warn
            tell(
                "left-aside",
                f'channel "{shorten(suffix)}" ({what}unit "{shorten(unit)}") is no energy of consumption or feed-in; '
                "it was left aside.",
                line=first,
            )
        for series, lines in self._again.items():
            self._faults.warn(
                "superseded",
                f"{count_of(len(lines), 'day')} of {series.external_id} {series.channel} came again further down; the "
                "later record holds.",
                line=lines[0],
                metering_point=series.external_id,
            )
        for series, lines in self._empty.items():
            self._faults.warn(
                "empty-value",
                f"{count_of(len(lines), 'day')} of {series.external_id} {series.channel} lack values that are not "
                "flagged null (N); they count as missing.",
                line=lines[0],
                metering_point=series.external_id,
            )

    def _open_channel(self, line: int, fields: list[str]) -> None:
        self._channel, self._is_aside = None, False
        if len(fields) < _FIELDS_200:
            self._refuse(
                "record-length", f"the 200 record has {len(fields)} fields, {_FIELDS_200} are due.", line
            )
            self._is_aside = True
            return
        point, suffix, unit, length = fields[1], fields[4].upper(), fields[7], fields[8]
        direction = _DIRECTIONS.get(suffix[:1])
        if direction is None or not _is_energy(suffix, unit):
            self._aside.setdefault((suffix, unit), line)
            self._is_aside = True
            return
        minutes = parse_count(length)
        if not point:
            self._refuse("metering-point", "the 200 record names no NMI.", line)
        elif not 1 <= minutes <= 60 or 60 % minutes:  # noqa: PLR2004 -- minutes of an hour
            self._refuse(
                "resolution",
                f'interval length "{shorten(length)}" does not divide the hour; 5, 15 or 30 are due.',
                line,
                point,
            )
        elif unit.lower() not in UNIT_DECADES:
            self._refuse(
                "unit", f'unit "{shorten(unit)}" is unknown; energy is in Wh, kWh or MWh.', line, point
            )
        else:
            series = SeriesName(point, direction, suffix)
            self._channel = _Channel(series, minutes, UNIT_DECADES[unit.lower()], BlockGatherer(series))
        self._is_aside = self._channel is None  # a fault is told once, not for each day below it

    def _open_day(self, line: int, fields: list[str]) -> Iterator[SourceBlock]:
        self._close_day()
        self._is_day_open = True
        channel = self._channel
        if channel is None:
            if not self._is_aside:
                self._refuse("record-order", "a 300 record stands before any 200 record.", line)
            return
        if len(channel.days) >= _DAYS_TOGETHER:
            yield from self._flush(channel)
        point = channel.series.external_id
        start = parse_day(fields[1]) if len(fields) > 1 else None
        if start is None:
            word = fields[1] if len(fields) > 1 else ""
            self._refuse("date", f'interval date "{shorten(word)}" is no date YYYYMMDD.', line, point)
            return
        if self._last.get((point, channel.series.channel, fields[1]), line) != line:
            self._again.setdefault(channel.series, []).append(line)
            return
        due = _DAY_MINUTES // channel.minutes
        quality = read_quality(fields, 2 + due)
        if quality is None:
            self._refuse("record-length", _explain_length(fields, due, channel.minutes), line, point)
            return
        self._day = _Day(line, start, fields[2 : 2 + due], *quality)

    def _take_event(self, line: int, fields: list[str]) -> None:
        channel, day = self._channel, self._day
        if not self._is_day_open:
            self._refuse("record-order", "a 400 record stands below no 300 record.", line)
        if channel is None or day is None:
            return
        point, due = channel.series.external_id, len(day.texts)
        bounds = [parse_count(word) for word in fields[1:3]]
        quality = read_quality(fields, 3)
        if len(bounds) < 2 or not 1 <= bounds[0] <= bounds[1] <= due:  # noqa: PLR2004 -- from and until
            shown = shorten(" to ".join(fields[1:3]))
            self._refuse(
                "event-range", f"the range {shown} is not within the day's intervals 1 to {due}.", line, point
            )
        elif quality is None or quality[0] == "V":
            word = fields[3] if len(fields) > 3 else ""  # noqa: PLR2004
            self._refuse(
                "quality", f'quality "{shorten(word)}" of the range is not A, E, F, N or S.', line, point
            )
        else:
            day.events.append((bounds[0] - 1, bounds[1], *quality))

    def _close_day(self) -> None:
        """Give the day's intervals their qualities; hand it to its channel."""
        channel, day = self._channel, self._day
        self._day, self._is_day_open = None, False
        if channel is None or day is None:
            return
        due, point = len(day.texts), channel.series.external_id
        owner = np.full(due, -1, dtype=np.int64)
        for number, (start, until, _, words) in enumerate(day.events):
            before = {day.events[at][3] for at in np.unique(owner[start:until]).tolist() if at >= 0}
            if before - {words}:
                self._refuse(
                    "event-overlap",
                    f"the range {start + 1} to {until} ({words}) overlaps one of quality {min(before)}.",
                    day.line,
                    point,
                )
                return
            owner[start:until] = number
        holes = np.flatnonzero(owner < 0)
        if day.flag == "V" and len(holes):
            self._refuse(
                "event-hole",
                f"the quality is variable (V), but no 400 record covers interval {holes[0] + 1} "
                f"({len(holes)} of {due} are left out).",
                day.line,
                point,
            )
            return
        channel.days.append(day)

    def _close_channel(self) -> Iterator[SourceBlock]:
        self._close_day()
        if self._channel is not None:
            yield from self._flush(self._channel)
        self._channel, self._is_aside = None, False

    def _flush(self, channel: _Channel) -> Iterator[SourceBlock]:
        """Parse the days that were gathered, all at once."""
        days, channel.days = channel.days, []
        if not days:
            return
        due = _DAY_MINUTES // channel.minutes
        texts = [text for day in days for text in day.texts]
        quality, code = _spread_qualities(days, due, channel.gatherer)
        for place in np.flatnonzero(quality == Quality.MISSING).tolist():
            texts[place] = ""
        energy, wrong = parse_energies(texts, channel.decades)
        point = channel.series.external_id
        for place, reason in wrong.items():
            day, number = days[place // due], place % due
            start = day.start - self._offset + number * channel.minutes * 60
            self._faults.refuse(
                "energy",
                f"value {number + 1} of the day: {reason}.",
                line=day.line,
                metering_point=point,
                start_utc=start,
                value=shorten(texts[place]),
            )
        empty = np.array([not text for text in texts], dtype=np.bool_) & (quality != Quality.MISSING)
        for at in np.unique(np.flatnonzero(empty) // due).tolist():
            self._empty.setdefault(channel.series, []).append(days[at].line)
        quality[empty] = Quality.MISSING
        steps = np.arange(due, dtype=np.int64) * (channel.minutes * 60) - self._offset
        for at, day in enumerate(days):
            part = slice(at * due, (at + 1) * due)
            channel.gatherer.add(
                day.start + steps, channel.minutes * 60, energy[part], quality[part], code[part], day.line
            )
        yield channel.gatherer.take()

    def _refuse(self, rule: str, message: str, line: int, point: str = "") -> None:
        self._faults.refuse(rule, message, line=line, metering_point=point)


def _spread_qualities(
    days: list[_Day], due: int, gatherer: BlockGatherer
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Normalised quality and source's word of each interval. Shapes (days * due,)."""
    quality = np.zeros((len(days), due), dtype=np.int64)
    code = np.zeros((len(days), due), dtype=np.int64)
    for row, day in enumerate(days):
        if day.flag != "V":
            quality[row] = QUALITIES[day.flag]
            code[row] = gatherer.code(day.words)
        for start, until, flag, words in day.events:
            quality[row, start:until] = QUALITIES[flag]
            code[row, start:until] = gatherer.code(words)
    return quality.reshape(-1), code.reshape(-1)


def _explain_length(fields: list[str], due: int, minutes: int) -> str:
    places = [at for at, word in enumerate(fields) if at > 1 and QUALITY_FLAG.fullmatch(word.upper())]
    if not places:
        return f"the 300 record ends after {len(fields) - 2} of {due} values, without a quality flag; it was cut off."
    count = places[0] - 2
    if count == due:
        return f'quality "{shorten(fields[2 + due])}" is not A, E, F, N, S or V.'
    return f"the 300 record has {count_of(count, 'value')}, {due} are due by the interval length of {minutes} minutes."


def _find_last_days(file: SourceFile, faults: FaultCollector) -> dict[tuple[str, str, str], int] | None:
    """The line that holds for each (NMI, suffix, date), None where they are too many."""
    last: dict[tuple[str, str, str], int] = {}
    point, suffix, is_aside = "", "", False
    with file.open() as stream:
        for first, block, _ in split_blocks(stream, FaultCollector(faults.file)):
            line, counted = first, 0
            for record in _RECORD.finditer(block):
                line += block.count(b"\n", counted, record.start())
                counted = record.start()
                if record.group(1) is None:
                    fields = split_fields(record.group().decode()) + [""] * _FIELDS_200
                    point, suffix = fields[1], fields[4].upper()
                    is_aside = not _is_energy(suffix, fields[7])
                elif not is_aside:
                    last[point, suffix, record.group(1).decode().strip(' "')] = line
            if len(last) > _DAYS_MAX:
                faults.refuse(
                    "too-large",
                    f"the file has more than {_DAYS_MAX:,} days of channels; split it.",
                    line=line,
                )
                return None
    return last


def _is_energy(suffix: str, unit: str) -> bool:
    """Does a channel hold energy of consumption or feed-in? An unknown unit is taken for one, and refused later."""
    return suffix[:1] in _DIRECTIONS and unit.lower() not in _NO_ENERGY


def _recognise(head: bytes) -> bool:
    fields = first_fields(head)
    if fields[0] == "100":
        return len(fields) > 1 and fields[1].upper() == "NEM12"
    return fields[0] == "200" and len(fields) >= _FIELDS_200 and fields[8].isdigit() and b"\n300," in head


def _read(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    """Read a NEM12 file.

    Days are in market time, +10:00 all the year; with ``options.time_zone`` in Western Australia in +08:00.
    """
    last = _find_last_days(file, faults)
    if last is None:
        return
    reader = _Reader(faults, market_offset(options.time_zone), last)
    before, line = faults.refused, 0
    for line, text in read_lines(file, faults):
        yield from reader.take(line, text)
        if is_hopeless(faults):
            return
    if line or faults.refused == before:
        yield from reader.finish(line)


FORMAT = MeterFormat("nem12", "NEM12 interval data (AEMO, Australia)", _recognise, _read)
