"""DSMR: logs of P1 telegrams of Dutch, Belgian, Luxembourgish and Swedish smart meters.

A telegram says what the registers showed at an instant. Where telegrams lie on the grid of a step, the differences of
neighbours are the energy of intervals; what the registers showed at the ends of each unbroken run, and all that lies
on no grid, comes out as register reads. Tariffs are added: their sum is what the meter counted.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.line_records import count_of, read_lines, shorten
from backend.adapters.meter_files.formats.p1_telegrams import Telegram, read_telegrams
from backend.metering import Quality
from backend.metering.local_time import resolve_local, utc_offset
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SourceBlock
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT"]

_STAMP = re.compile(r"([0-9]{12})([SW]?)")
_ZONE = "Europe/Amsterdam"  # of marked stamps: DSMR and eMUCS know this time only
_HEADER = re.compile(rb"(?m)^/[A-Za-z]{3}[0-9]")
_REGISTER = re.compile(rb"(?m)^1-[0-9]:[12]\.8\.[0-9](?:\*[0-9]+)?\(")
_STEPS = tuple(seconds for seconds in range(60, 3601, 60) if 3600 % seconds == 0)
_STEP_OF_SECONDS = 900  # where telegrams come more than once a minute
_NONE = -1  # no energy is negative


@dataclass(slots=True)
class _Meter:
    """What the telegrams of one meter said, in the file's order: instants, registers, lines."""

    registers: frozenset[str]
    seconds: array[int] = field(default_factory=lambda: array("q"))
    consumption: array[int] = field(default_factory=lambda: array("q"))
    feed_in: array[int] = field(default_factory=lambda: array("q"))
    line: array[int] = field(default_factory=lambda: array("q"))
    minute: int = _NONE

    def add(self, seconds: int, telegram: Telegram) -> None:
        """Keep a telegram that is the first of its minute or stands at its very beginning; the others say no more."""
        minute = seconds // 60
        if minute == self.minute and seconds % 60:
            return
        self.minute = minute
        self.seconds.append(seconds)
        self.consumption.append(_NONE if telegram.consumption is None else telegram.consumption)
        self.feed_in.append(_NONE if telegram.feed_in is None else telegram.feed_in)
        self.line.append(telegram.line)


@dataclass(frozen=True)
class _Register:
    """One direction's register over time, ascending. Arrays have shape (n,)."""

    series: SeriesName
    meter: str
    instant: NDArray[np.int64]
    value: NDArray[np.int64]
    line: NDArray[np.int64]

    def reads(self, places: NDArray[np.int64]) -> Iterator[RegisterRead]:
        """What it showed at some places."""
        for at in places.tolist():
            yield RegisterRead(
                self.series, int(self.instant[at]), int(self.value[at]), self.meter, "", int(self.line[at])
            )


class _Reader:
    """Gathers the telegrams of one file by meter."""

    def __init__(self, options: ReadOptions, faults: FaultCollector) -> None:
        self._options = options
        self._faults = faults
        self._meters: dict[tuple[str, bool], _Meter] = {}
        self._without_sum: list[int] = []
        self._other_media = 0

    def take(self, telegram: Telegram) -> None:
        """Keep what a telegram says."""
        if not telegram.has_checksum:
            self._without_sum.append(telegram.line)
        if telegram.has_other_media and not self._other_media:
            self._other_media = telegram.line
        point = telegram.equipment or self._options.metering_point
        if not point:
            self._refuse(
                "metering-point",
                "the telegram names no meter; say with --metering-point whose it is.",
                telegram,
            )
            return
        found = _STAMP.fullmatch(telegram.stamp)
        seconds = _parse_wall(found.group(1)) if found else None
        if found is None or seconds is None:
            what = (
                f'"{shorten(telegram.stamp)}" is no stamp YYMMDDhhmmss'
                if telegram.stamp
                else "the telegram has no stamp (DSMR 2 and 3 have none), so nobody knows when it was"
            )
            self._refuse("instant", f"{what}; log telegrams of DSMR 4 or later.", telegram)
            return
        mark = found.group(2)
        if not mark and self._options.time_zone is None:
            self._refuse(
                "time-zone",
                f"stamp {telegram.stamp} says neither S (summer) nor W (winter time); say with --time-zone which clock "
                "it is of.",
                telegram,
            )
            return
        if mark:
            zone = self._options.time_zone or _ZONE
            seconds -= _marked_offset(zone, int(found.group(1)[:2]), is_summer=mark == "S")
        meter = self._meters.setdefault((point, not mark), _Meter(telegram.registers))
        if telegram.registers != meter.registers:
            unlike = ", ".join(sorted(telegram.registers ^ meter.registers))
            self._faults.warn(
                "registers",
                f"the telegram does not show the registers of the first one ({unlike} in one of them only), so their "
                "sums cannot be compared; it was left out.",
                line=telegram.line,
                metering_point=telegram.equipment,
            )
            return
        meter.add(seconds, telegram)

    def finish(self) -> Iterator[SourceBlock | RegisterRead]:
        """All series, meter by meter."""
        if self._without_sum:
            self._faults.warn(
                "no-checksum",
                f"there is no checksum (CRC16) in {count_of(len(self._without_sum), 'telegram')}, so damage on the way "
                "would not show.",
                line=self._without_sum[0],
            )
        if self._other_media:
            self._faults.note(
                "left-aside", "readings of gas, water or heat were left aside.", line=self._other_media
            )
        for (point, is_local), meter in self._meters.items():
            instant = np.array(meter.seconds, dtype=np.int64)
            if is_local and self._options.time_zone is not None:
                instant = resolve_local(instant, ZoneInfo(self._options.time_zone)).start_utc
            line = np.array(meter.line, dtype=np.int64)
            for direction, values in ((CONSUMPTION, meter.consumption), (FEED_IN, meter.feed_in)):
                value = np.array(values, dtype=np.int64)
                if direction == FEED_IN and not (value > 0).any():
                    continue  # it never fed in: there is nothing to share
                register = self._order(SeriesName(point, direction), instant, value, line)
                if register is not None:
                    yield from self._read_register(register)

    def _order(
        self,
        series: SeriesName,
        instant: NDArray[np.int64],
        value: NDArray[np.int64],
        line: NDArray[np.int64],
    ) -> _Register | None:
        """Ascending, each instant once; None where there is nothing or an instant has two values."""
        known = np.flatnonzero(value != _NONE)
        order = known[np.argsort(instant[known], kind="stable")]
        if not len(order):
            return None
        again = np.flatnonzero(np.diff(instant[order]) == 0) + 1
        unlike = again[value[order[again]] != value[order[again - 1]]]
        if len(unlike):
            at = int(order[unlike[0]])
            self._faults.refuse(
                "contradiction",
                f"two telegrams of one instant show different registers ({count_of(len(unlike), 'time')}); keep one.",
                line=int(line[at]),
                metering_point=series.external_id,
                start_utc=int(instant[at]),
            )
            return None
        kept = np.delete(order, again)
        return _Register(series, _name_device(series.external_id), instant[kept], value[kept], line[kept])

    def _read_register(self, register: _Register) -> Iterator[SourceBlock | RegisterRead]:
        """Differences of neighbours on the grid as a block, and the reads at the ends of each run."""
        step = self._find_step(register.instant)
        on = np.flatnonzero(register.instant % step == 0)
        if len(on) < 2:  # noqa: PLR2004 -- an interval has two ends
            yield from register.reads(_first_in_each(register.instant, step))
            self._faults.warn(
                "no-intervals",
                f"the telegrams of {register.series.external_id} lie on no grid of {step // 60} minutes; register "
                "reads were taken, no intervals.",
                line=int(register.line[0]),
                metering_point=register.series.external_id,
            )
            return
        instant, value, line = register.instant[on], register.value[on], register.line[on]
        energy = np.diff(value)
        back = energy < 0
        whole = (np.diff(instant) == step) & ~back
        for at in np.flatnonzero(back).tolist():
            shown = [format_kilowatt_hours(int(value[place]), 3) for place in (at, at + 1)]
            self._faults.warn(
                "register-back",
                f"the register went back from {shown[0]} to {shown[1]} kWh: it was reset, or the meter exchanged; the "
                "interval was left out.",
                line=int(line[at + 1]),
                metering_point=register.series.external_id,
                start_utc=int(instant[at]),
            )
        edges = np.union1d(np.flatnonzero(~whole), np.flatnonzero(~whole) + 1)
        yield from register.reads(on[np.union1d(edges, [0, len(on) - 1])])
        count = int(whole.sum())
        if count:
            yield SourceBlock(
                register.series,
                instant[:-1][whole],
                np.full(count, step, dtype=np.int64),
                energy[whole],
                np.full(count, Quality.MEASURED, dtype=np.uint8),
                np.zeros(count, dtype=np.int32),
                ("",),
                line[1:][whole],
            )

    def _find_step(self, instant: NDArray[np.int64]) -> int:
        """The step that was asked for, or the usual distance of telegrams where that is one. [s]"""
        if self._options.resolution_minutes is not None:
            return self._options.resolution_minutes * 60
        distances, counts = np.unique(np.diff(instant), return_counts=True)
        usual = int(distances[np.argmax(counts)]) if len(distances) else _STEP_OF_SECONDS
        on_grid = np.count_nonzero(instant % usual == 0) if usual in _STEPS else 0
        if usual > _STEPS[0] and 2 * on_grid > len(instant):
            return usual
        return _STEP_OF_SECONDS

    def _refuse(self, rule: str, message: str, telegram: Telegram) -> None:
        self._faults.refuse(rule, message, line=telegram.line, metering_point=telegram.equipment)


def _first_in_each(instant: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Place of the first read in each step, and of the last of all."""
    _, first = np.unique(instant // step, return_index=True)
    return np.union1d(first, [len(instant) - 1])


def _name_device(equipment: str) -> str:
    """The number printed on the meter, of its hexadecimal form."""
    try:
        name = bytes.fromhex(equipment).decode("ascii")
    except ValueError:
        return equipment
    return name if name.isprintable() else equipment


@lru_cache(maxsize=1024)
def _parse_day(digits: str) -> int | None:
    """``YYMMDD`` of this century. [s since 1970, as if UTC]"""
    try:
        return int(datetime.strptime(f"20{digits}", "%Y%m%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _parse_wall(digits: str) -> int | None:
    """``YYMMDDhhmmss`` as if it were UTC. [s since 1970]"""
    day, hour, minute, second = _parse_day(digits[:6]), int(digits[6:8]), int(digits[8:10]), int(digits[10:])
    if day is None or hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 -- hours, minutes, seconds
        return None
    return day + hour * 3600 + minute * 60 + second


@lru_cache(maxsize=256)
def _marked_offset(zone: str, year: int, *, is_summer: bool) -> int:
    """Of a zone's summer or winter time from UTC in a year of this century. [s]"""
    offsets = [
        utc_offset(ZoneInfo(zone), int(datetime(2000 + year, month, 1, tzinfo=UTC).timestamp()))
        for month in (1, 7)
    ]
    return max(offsets) if is_summer else min(offsets)


def _recognise(head: bytes) -> bool:
    text = head.replace(b"\r\n", b"\n")
    return _HEADER.search(text) is not None and _REGISTER.search(text) is not None


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a log of telegrams; ``options.resolution_minutes`` is the step, else it is found."""
    reader = _Reader(options, faults)
    for telegram in read_telegrams(read_lines(file, faults), faults):
        reader.take(telegram)
    yield from reader.finish()


FORMAT = MeterFormat("dsmr", "DSMR P1 telegrams (NL, BE, LU, SE)", _recognise, _read)
