"""NEM13: accumulation reads of Australian meters (AEMO, Meter Data File Format Specification NEM12 & NEM13, v2.6).

A 250 record has what a register showed at two reads, and the energy between them. There are no intervals in it: the
reads come out as register reads, which intervals of the same metering point can be held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.line_records import (
    UNIT_DECADES,
    count_of,
    is_hopeless,
    read_lines,
    shorten,
)
from backend.adapters.meter_files.formats.measured_values import parse_energy
from backend.adapters.meter_files.formats.nem_records import (
    check_header,
    first_fields,
    market_offset,
    parse_moment,
    read_quality,
    split_fields,
)
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT"]

_DIRECTIONS = {
    "E": CONSUMPTION,
    "I": FEED_IN,
}  # the market's export, and its import, whose quantities carry a minus
_REACTIVE = {"varh", "kvarh", "mvarh"}
_FIELDS_250 = 20
_PREVIOUS, _CURRENT, _QUANTITY, _UNIT = 8, 13, 18, 19
_DIGITS_MIN, _DIGITS_MAX = 4, 9  # of a register before its point
_RECORDS_OF_NO_READS = {"550", ""}  # of a market transaction; an empty line


class _Reader:
    """Reads the records of one file in turn."""

    def __init__(self, faults: FaultCollector, offset: int) -> None:
        self._faults = faults
        self._offset = offset
        self._is_ended = False
        self._aside: list[int] = []
        self._unlike: list[tuple[int, str]] = []
        self._rolled: list[int] = []
        self._reads = 0

    def take(self, line: int, text: str) -> Iterator[RegisterRead]:
        """Read a record."""
        fields = split_fields(text)
        kind = fields[0]
        if kind == "250":
            yield from self._read_pair(line, fields)
        elif kind == "100":
            self._is_ended = False
            check_header(fields, "NEM13", line, self._faults)
        elif kind == "900":
            self._is_ended = True
        elif kind not in _RECORDS_OF_NO_READS:
            self._faults.refuse(
                "record-kind",
                f'"{shorten(kind)}" is no record of NEM13; records begin with 100, 250, 550 or 900.',
                line=line,
                value=shorten(kind),
            )

    def finish(self, line: int) -> None:
        """Tell what concerns the file as a whole."""
        if not self._is_ended and not self._faults.refused:
            self._faults.refuse(
                "truncated",
                "the end record 900 is missing: the file was cut off; fetch it again.",
                line=line,
            )
        if self._reads:
            self._faults.note(
                "no-intervals",
                f"NEM13 has no intervals: {count_of(self._reads, 'register read')} were taken to check intervals "
                "against; ask for NEM12 to get the intervals.",
            )
        if self._aside:
            self._faults.note(
                "left-aside",
                f"{count_of(len(self._aside), 'record')} of reactive energy were left aside.",
                line=self._aside[0],
            )
        if self._rolled:
            self._faults.note(
                "register-rolled-over",
                f"in {count_of(len(self._rolled), 'record')} the register went over its last digit and began again at "
                "zero; the quantity says so. Its reads were taken as it showed them.",
                line=self._rolled[0],
            )
        if self._unlike:
            first, words = self._unlike[0]
            self._faults.warn(
                "register-quantity",
                f"in {count_of(len(self._unlike), 'record')} the quantity is not the difference of its reads "
                f"(multiplier or another register), first {words}; those reads were left aside.",
                line=first,
            )

    def _read_pair(self, line: int, fields: list[str]) -> Iterator[RegisterRead]:
        if len(fields) < _FIELDS_250:
            self._refuse(
                "record-length",
                f"the 250 record has {len(fields)} fields, {_FIELDS_250} are due: it was cut off.",
                line,
            )
            return
        point, unit, mark = fields[1], fields[_UNIT].lower(), fields[7].upper()
        direction, decades = _DIRECTIONS.get(mark), UNIT_DECADES.get(unit)
        if unit in _REACTIVE:
            self._aside.append(line)
        elif not point:
            self._refuse("metering-point", "the 250 record names no NMI.", line)
        elif direction is None:
            self._refuse("direction", f'direction "{shorten(mark)}" is neither E nor I.', line, point)
        elif decades is None:
            self._refuse(
                "unit",
                f'unit "{shorten(fields[_UNIT])}" is unknown; energy is in Wh, kWh or MWh.',
                line,
                point,
            )
        else:
            series = SeriesName(point, direction, fields[4])
            pair = [self._read(line, fields, at, series, decades) for at in (_PREVIOUS, _CURRENT)]
            stated = fields[_QUANTITY].removeprefix("-") if direction == FEED_IN else fields[_QUANTITY]
            quantity = self._energy(line, "quantity", stated, decades, point)
            turn = _turn_of(fields[_PREVIOUS], fields[_CURRENT], decades)
            yield from self._agreeing(line, pair, quantity, turn)

    def _agreeing(
        self, line: int, pair: list[RegisterRead | None], quantity: int | None, turn: int
    ) -> Iterator[RegisterRead]:
        """Both reads, where their difference (with a turn, where it is below zero) is the energy that is stated."""
        previous, current = pair
        if previous is None or current is None or quantity is None:
            return
        fell = current.value < previous.value
        rolled = turn > 0 and fell and current.value - previous.value + turn == quantity
        if current.instant_utc < previous.instant_utc:
            self._refuse(
                "instant",
                "the current read is before the previous one.",
                line,
                current.series.external_id,
            )
        elif current.value - previous.value != quantity and not rolled:
            shown = [format_kilowatt_hours(energy) for energy in (previous.value, current.value, quantity)]
            words = "from {} to {} kWh with a quantity of {} kWh".format(*shown)
            self._unlike.append((line, words))
        else:
            self._reads += 2
            self._rolled += [line] if rolled else []
            yield previous
            yield current

    def _read(
        self, line: int, fields: list[str], at: int, series: SeriesName, decades: int
    ) -> RegisterRead | None:
        """The read that stands in the fields from ``at`` on: value, moment, quality."""
        name = "previous" if at == _PREVIOUS else "current"
        value = self._energy(line, f"{name} read", fields[at], decades, series.external_id)
        moment = parse_moment(fields[at + 1])
        quality = read_quality(fields, at + 2)
        if moment is None:
            self._refuse(
                "instant",
                f'the {name} read\'s moment "{shorten(fields[at + 1])}" is no date YYYYMMDDhhmmss.',
                line,
                series.external_id,
            )
        if quality is None:
            self._refuse(
                "quality",
                f'the {name} read\'s quality "{shorten(fields[at + 2])}" is not A, E, F, N or S.',
                line,
                series.external_id,
            )
        if value is None or moment is None or quality is None:
            return None
        return RegisterRead(series, moment - self._offset, value, fields[6], quality[1], line)

    def _energy(self, line: int, name: str, text: str, decades: int, point: str) -> int | None:
        energy = parse_energy(text, decades)
        if isinstance(energy, str):
            self._refuse("energy", f"the {name}: {energy}.", line, point)
            return None
        return energy

    def _refuse(self, rule: str, message: str, line: int, point: str = "") -> None:
        self._faults.refuse(rule, message, line=line, metering_point=point)


def _turn_of(previous: str, current: str, decades: int) -> int:
    """What a register counts from zero to zero [mWh]; 0 where its reads do not tell.

    Reads have the register's digits with its leading zeros (specification 3.3.7), so that both have as many.
    """
    digits = [len(read.partition(".")[0]) for read in (previous, current)]
    if digits[0] != digits[1] or not _DIGITS_MIN <= digits[0] <= _DIGITS_MAX:
        return 0
    turn: int = 10 ** (digits[0] + decades)
    return turn


def _recognise(head: bytes) -> bool:
    fields = first_fields(head)
    return fields[0] == "100" and len(fields) > 1 and fields[1].upper() == "NEM13"


def _read(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[RegisterRead]:
    """Read a NEM13 file; moments are in market time, as in NEM12."""
    reader = _Reader(faults, market_offset(options.time_zone))
    line = 0
    for line, text in read_lines(file, faults):
        yield from reader.take(line, text)
        if is_hopeless(faults):
            return
    if line:
        reader.finish(line)


FORMAT = MeterFormat("nem13", "NEM13 register reads (AEMO, Australia)", _recognise, _read)
