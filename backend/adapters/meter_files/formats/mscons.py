"""MSCONS: metered values of the German market as EDIFACT (BDEW, MSCONS Nachrichtenbeschreibung 2.4, UN D.04B).

Load profiles (OBIS 1-b:1.29.0 consumption, 2.29.0 feed-in) come out as intervals, meter readings (1.8.e, 2.8.e) as
register reads. The quantity's qualifier and the statuses (STS) below it are kept word for word. Stamps carry their
offset (format 303 or 304); without one (203, 102) the message's own DTM+735 or the user's time zone is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.edifact_segments import Segment, read_messages
from backend.adapters.meter_files.formats.line_records import count_of, shorten
from backend.adapters.meter_files.formats.measured_values import (
    BLOCK_ROWS,
    SeriesRows,
    parse_energy,
    parse_mean_power,
)
from backend.metering import Quality
from backend.metering.local_time import resolve_local
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT", "QUALITIES"]

QUALITIES = {  # MSCONS MIG 2.4 and 2.5, QTY 6063
    "220": Quality.MEASURED,  # true value
    "79": Quality.MEASURED,  # energy, summed
    "67": Quality.EDITED,  # substitute value
    "201": Quality.ESTIMATED,  # proposed value
    "187": Quality.ESTIMATED,  # forecast
    "Z18": Quality.ESTIMATED,  # provisional value
    "20": Quality.MISSING,  # value that cannot be used
    "Z30": Quality.MISSING,  # missing value
}
_NO_READINGS = {"Z31": "values for a delivery note", "Z47": "values that a demand is found from"}
_OBIS = re.compile(r"([0-9]{1,2})-([0-9]{1,3}):([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?:[*.][0-9]{1,3})?")
_ELECTRICITY, _GAS = "1", "7"
_DIRECTIONS = {"1": CONSUMPTION, "2": FEED_IN}
_INTERVALS, _REGISTER = {"29", "9"}, "8"
_UNITS = {"": 6, "KWH": 6, "WHR": 3, "MWH": 9}
_POWERS = {"KWT": 3, "WTT": 0, "MAW": 6}
_GAS_AGENCY = "332"  # DVGW
_CANCELLATION = "1"
_LENGTHS = {"303": 12, "304": 14, "203": 12, "204": 14, "102": 8}
_ZONED = {"303", "304"}
_DAY_SECONDS = 86_400
_OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-4])(?:[0-5][0-9])?")
_HOUR_SECONDS = 3600
_YEARS = range(1970, 2200)


_Row = tuple[int, int, bool, int, Quality, str, int]
"""Start [s], length [s], is the start of a wall clock?, energy [mWh], quality, the source's words, line."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """An instant, or what a clock on the wall showed. [s since 1970, the latter as if UTC]"""

    seconds: int
    is_local: bool


@dataclass(slots=True)
class _Value:
    """A quantity (QTY) and what stands below it."""

    line: int
    qualifier: str
    text: str
    unit: str
    statuses: list[str] = field(default_factory=list)
    stamps: dict[str, _Stamp] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return " ".join((self.qualifier, *self.statuses))


@dataclass(slots=True)
class _Place:
    """Where in a message we are."""

    point: str = ""
    obis: str = ""
    series: SeriesName | None = None
    is_register: bool = False
    is_refused: bool = False  # the series; its values are no further faults
    meter: str = ""
    offset: int | None = None  # DTM+735: of all stamps without one [s]
    is_left_aside: bool = False  # the whole message
    value: _Value | None = None


class _Reader:
    """Reads the messages of one file in turn."""

    def __init__(self, options: ReadOptions, faults: FaultCollector) -> None:
        self._faults = faults
        self._zone = ZoneInfo(options.time_zone) if options.time_zone else None
        self._place = _Place()
        self._rows: list[_Row] = []
        self._aside: dict[str, tuple[int, int]] = {}  # how many values, line of the first
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "BGM": self._take_kind,
            "DTM": self._take_stamp,
            "LIN": self._begin_item,
            "LOC": self._take_location,
            "NAD": self._take_party,
            "PIA": self._open_series,
            "QTY": self._open_value,
            "RFF": self._take_reference,
            "STS": self._take_status,
        }

    def take(self, segment: Segment) -> Iterator[SourceBlock | RegisterRead]:
        """Read a segment; what it completes is yielded."""
        tag, place = segment.tag, self._place
        if tag == "UNH":
            self._place = _Place()
            return
        if place.is_left_aside:
            return
        if tag in {"QTY", "LIN", "NAD", "LOC", "UNT"}:
            yield from self._close_value()
        if tag in {"LIN", "NAD", "LOC", "UNT"} or len(self._rows) >= BLOCK_ROWS:
            yield from self._flush()
        handler = self._handlers.get(tag)
        if handler is not None:
            handler(segment)

    def finish(self) -> None:
        """Tell what was left aside."""
        for what, (count, line) in self._aside.items():
            self._faults.note("left-aside", f"{count_of(count, 'value')} of {what}: left aside.", line=line)

    def _take_kind(self, segment: Segment) -> None:
        if segment.word(2) == _CANCELLATION:
            self._place.is_left_aside = True
            self._faults.warn(
                "cancellation",
                f"message {shorten(segment.word(1))} cancels values that were sent before and brings none; it was left "
                "aside.",
                line=segment.line,
            )

    def _begin_item(self, _: Segment) -> None:
        place = self._place
        place.obis, place.series, place.meter, place.is_refused = "", None, "", False

    def _take_location(self, segment: Segment) -> None:
        self._place.point = segment.word(1) if segment.word(0) == "172" else ""

    def _take_reference(self, segment: Segment) -> None:
        if segment.word(0) == "MG":  # the device's number
            self._place.meter = segment.word(0, 1)

    def _take_status(self, segment: Segment) -> None:
        if self._place.value is not None:
            words = [word for element in segment.elements for word in element if word]
            self._place.value.statuses.append(":".join(words))

    def _take_party(self, segment: Segment) -> None:
        if segment.word(0) == "DP":
            self._place.point = ""
        elif segment.word(1, 2) == _GAS_AGENCY:
            self._refuse_gas(segment.line, "its party is registered with DVGW")

    def _refuse_gas(self, line: int, why: str) -> None:
        self._place.is_left_aside = True
        self._faults.refuse(
            "gas", f"this message is of gas ({why}); only electricity is read here.", line=line
        )

    def _open_series(self, segment: Segment) -> None:
        """PIA+5: which register the values are of."""
        place, obis = self._place, segment.word(1)
        found = _OBIS.fullmatch(obis)
        place.obis, place.series = obis, None
        if found is None:
            if segment.word(1, 1) == "SRW":
                place.is_refused = True
                self._refuse("obis", f'"{shorten(obis)}" is no OBIS number like 1-1:1.29.0.', segment.line)
            return
        medium, _, quantity, kind, _ = found.groups()
        if medium == _GAS:
            self._refuse_gas(segment.line, f"OBIS {obis}")
            return
        direction = _DIRECTIONS.get(quantity)
        if medium != _ELECTRICITY or direction is None or kind not in _INTERVALS | {_REGISTER}:
            return
        if not place.point:
            place.is_refused = True
            self._refuse(
                "metering-point",
                f"the values of {obis} are of no market or metering location (LOC+172).",
                segment.line,
            )
            return
        place.series = SeriesName(place.point, direction, obis)
        place.is_register = kind == _REGISTER

    def _open_value(self, segment: Segment) -> None:
        place = self._place
        qualifier, text, unit = (segment.word(0, at) for at in range(3))
        if place.is_refused:
            return
        if place.series is None:
            known = place.obis or "no OBIS number"
            self._leave_aside(f"{shorten(known)}, which is no energy of consumption or feed-in", segment.line)
            return
        if qualifier in _NO_READINGS:
            self._leave_aside(f"{place.obis}, {_NO_READINGS[qualifier]} ({qualifier})", segment.line)
        elif qualifier not in QUALITIES:
            known = ", ".join(QUALITIES)
            self._refuse(
                "quality", f'quantity qualifier "{shorten(qualifier)}" is not one of {known}.', segment.line
            )
        elif unit not in _UNITS and unit not in _POWERS:
            self._refuse("unit", f'unit "{shorten(unit)}" is no energy or power; KWH is due.', segment.line)
        else:
            place.value = _Value(segment.line, qualifier, text.strip().replace(",", "."), unit)

    def _take_stamp(self, segment: Segment) -> None:
        place = self._place
        name, text, form = (segment.word(0, at) for at in range(3))
        if name == "735":
            place.offset = _parse_offset(text)
            return
        if place.value is None or name not in {"163", "164", "7", "9"}:
            return
        stamp = _parse_stamp(text, form)
        if isinstance(stamp, str):
            self._refuse("instant", stamp, segment.line)
        elif stamp.is_local and place.offset is not None:
            place.value.stamps[name] = _Stamp(stamp.seconds - place.offset, is_local=False)
        elif stamp.is_local and self._zone is None:
            self._refuse(
                "time-zone",
                f"stamp {shorten(text)} has no offset from UTC; say with --time-zone which clock it is of.",
                segment.line,
            )
        else:
            place.value.stamps[name] = stamp

    def _close_value(self) -> Iterator[RegisterRead]:
        """The value is complete: into the rows of its series, or out as a register read."""
        place = self._place
        value, place.value = place.value, None
        series = place.series
        if value is None or series is None:
            return
        if place.is_register:
            yield from self._close_register(value, series)
            return
        start, end = value.stamps.get("163"), value.stamps.get("164")
        if start is None or end is None or start.is_local != end.is_local:
            self._refuse("interval", "the value has no start and end (DTM+163, DTM+164).", value.line)
            return
        seconds = end.seconds - start.seconds
        if start.is_local:  # a clock that is set within the interval shows an hour more or less
            seconds += _HOUR_SECONDS if -_HOUR_SECONDS < seconds <= 0 else 0
            seconds -= _HOUR_SECONDS if _HOUR_SECONDS < seconds <= 2 * _HOUR_SECONDS else 0
        if seconds <= 0:
            self._refuse("interval", "the value's end is not after its start.", value.line)
        elif seconds > _HOUR_SECONDS:
            self._leave_aside(f"{place.obis} over more than an hour, which is no load profile", value.line)
        else:
            quality = QUALITIES[value.qualifier]
            energy = 0 if quality is Quality.MISSING else _parse_quantity(value, seconds)
            if isinstance(energy, int):
                row = (start.seconds, seconds, start.is_local, energy, quality, value.code, value.line)
                self._rows.append(row)
            else:
                self._refuse("energy", f"{energy}.", value.line, start)

    def _close_register(self, value: _Value, series: SeriesName) -> Iterator[RegisterRead]:
        stamp = value.stamps.get("7") or value.stamps.get("9") or value.stamps.get("164")
        missing = QUALITIES[value.qualifier] is Quality.MISSING
        energy = 0 if missing else parse_energy(value.text, _UNITS.get(value.unit, 0))
        if stamp is None or value.unit in _POWERS:
            self._refuse(
                "interval", "the meter reading has no date (DTM+7 or DTM+9) or no unit of energy.", value.line
            )
        elif isinstance(energy, str):
            self._refuse("energy", f"{energy}.", value.line, stamp)
        elif not missing:
            yield RegisterRead(
                series, self._instant(stamp), energy, self._place.meter, value.code, value.line
            )

    def _instant(self, stamp: _Stamp) -> int:
        if not stamp.is_local or self._zone is None:
            return stamp.seconds
        return int(resolve_local(np.array([stamp.seconds]), self._zone).start_utc[0])

    def _flush(self) -> Iterator[SourceBlock]:
        """The rows of the series as a block, wall times resolved in their order."""
        rows, self._rows = self._rows, []
        series = self._place.series
        if not rows or series is None:
            return
        start = np.array([row[0] for row in rows], dtype=np.int64)
        local = np.array([row[2] for row in rows], dtype=np.bool_)
        if self._zone is not None and local.any():
            resolved = resolve_local(start[local], self._zone)
            for at in np.flatnonzero(local)[resolved.absent].tolist():
                self._refuse(
                    "absent-hour", "the start lies in the hour that spring leaves out.", rows[at][-1]
                )
            start[local] = resolved.start_utc
        gathered = SeriesRows(series)
        for row, begin in zip(rows, start.tolist(), strict=True):
            gathered.add(begin, row[1], *row[3:])
        yield gathered.take()

    def _leave_aside(self, what: str, line: int) -> None:
        count, first = self._aside.get(what, (0, line))
        self._aside[what] = (count + 1, first)

    def _refuse(self, rule: str, message: str, line: int, start: _Stamp | None = None) -> None:
        at = start.seconds if start is not None and not start.is_local else None
        self._faults.refuse(rule, message, line=line, metering_point=self._place.point, start_utc=at)


def _parse_quantity(value: _Value, seconds: int) -> int | str:
    """The energy of an interval [mWh], or what is wrong with the quantity."""
    if value.unit in _POWERS:
        return parse_mean_power(value.text, _POWERS[value.unit], seconds)
    return parse_energy(value.text, _UNITS[value.unit])


def _parse_offset(text: str) -> int | None:
    """``+0100`` or ``+01`` in seconds."""
    if not _OFFSET.fullmatch(text):
        return None
    hours, minutes = int(text[1:3]), int(text[3:5] or 0)
    return (hours * 60 + minutes) * (-60 if text[0] == "-" else 60)


@lru_cache(maxsize=8192)
def _parse_stamp(text: str, form: str) -> _Stamp | str:
    """A DTM's value by its format qualifier (UN/EDIFACT 2379), or what is wrong with it."""
    length = _LENGTHS.get(form)
    if length is None:
        return f'stamp format "{shorten(form)}" is unknown; 303, 304, 203 or 102 is due.'
    is_local = form not in _ZONED
    seconds = _parse_digits(text if is_local else text[:length], length)
    offset = 0 if is_local else _parse_offset(text[length:])
    if seconds is None or offset is None:
        return f'"{shorten(text)}" is no stamp of format {form}.'
    return _Stamp(seconds - offset, is_local)


def _parse_digits(digits: str, length: int) -> int | None:
    """``YYYYMMDD[hhmm[ss]]`` as if it were UTC; 24:00 ends a day. [s since 1970]"""
    if len(digits) != length or not (digits.isascii() and digits.isdigit()):
        return None
    day = _midnight(digits[:8])
    hour, minute, second = (int(digits[at : at + 2] or 0) for at in (8, 10, 12))
    if day is None or minute > 59 or second > 59 or hour * 3600 + minute * 60 + second > _DAY_SECONDS:  # noqa: PLR2004
        return None
    return day + hour * 3600 + minute * 60 + second


@lru_cache(maxsize=1024)
def _midnight(digits: str) -> int | None:
    try:
        moment = datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.year in _YEARS else None


def _recognise(head: bytes) -> bool:
    text = head[:4096].decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip()
    separator = text[3] if text.startswith("UNA") and len(text) > 3 else ":"  # noqa: PLR2004 -- after UNA
    return text.startswith(("UNA", "UNB")) and f"MSCONS{separator}" in text


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    """Read an interchange of MSCONS messages."""
    reader = _Reader(options, faults)
    with file.open() as stream:
        for segment in read_messages(stream, "MSCONS", faults):
            yield from reader.take(segment)
    reader.finish()


FORMAT = MeterFormat("mscons", "MSCONS metered values (EDIFACT, BDEW, Germany)", _recognise, _read)
