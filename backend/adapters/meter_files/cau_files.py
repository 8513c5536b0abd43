"""CAU text files: whose part of a Spanish collective installation's energy is how large, for a year.

Real Decreto 244/2019, annex I, as Orden TED/1247/2021 has it: plain text, a line per consumer ``CUPS;coefficient`` for
constant coefficients, or per consumer and hour ``CUPS;hour;coefficient`` with the hours of the year from 1 on (8,760,
or 8,784 in a leap year). Coefficients have a decimal comma and six decimals, and those of an hour sum to one exactly.
Hours are counted as they pass, so that the days of 23 and 25 hours need no special case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.faults import FINDINGS_MAX, FaultCollector
from backend.adapters.meter_files.formats.line_records import shorten
from backend.adapters.meter_files.text_blocks import read_blocks
from backend.adapters.meter_files.words import name_nearest
from backend.community import Direction
from backend.ports.point_files import PointRows, YearCoefficients
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import MeteringPoint

__all__ = ["is_cau", "read_cau_coefficients", "write_cau_coefficients"]

_CUPS = re.compile(r"ES[0-9]{16}[A-Z]{2}(?:[0-9][FPRCXYZ])?")
_SUPPLY_CHARACTERS = 20  # of a CUPS, without the two of its border point
_COEFFICIENT = re.compile(r"([01])(?:[.,]([0-9]{1,12}))?")
_HOUR = re.compile(r"0*([1-9][0-9]{0,3})")
_NAMED_YEAR = re.compile(r"_([0-9]{4})\.txt", re.IGNORECASE)
_DECIMALS = 6
_FIELDS_OF_YEAR, _FIELDS_OF_HOUR = 2, 3
_HOUR_SECONDS = 3600
_NONE = -1


def is_cau(head: bytes) -> bool:
    """Does a file that begins so hold coefficients by CUPS?"""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].decode("utf-8", errors="replace")
    fields = first.strip().removesuffix(";").split(";")
    coefficient = fields[-1].strip()
    return (
        len(fields) in (_FIELDS_OF_YEAR, _FIELDS_OF_HOUR)
        and _CUPS.fullmatch(fields[0].strip()) is not None
        and _COEFFICIENT.fullmatch(coefficient) is not None
    )


def read_cau_coefficients(
    path: Path, *, points: Sequence[MeteringPoint], calendar: PeriodCalendar
) -> PointRows:
    """Read a year's file and take from it what falls into a period: all of it or nothing.

    Args:
        path: Text, plain or gzip-compressed.
        points: Of the community; consumers are found by their external id, with or without its border point.
        calendar: Intervals of the period; an hour's coefficient holds in each of its intervals.

    Returns:
        ``coefficient_ppm`` by consumption point and interval, on the days on which the point is a member.

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault.
    """
    faults = FaultCollector(path.name)
    year = calendar.period.first.year
    named = _NAMED_YEAR.search(path.name)
    if named and int(named.group(1)) != year:
        faults.refuse(
            "year",
            f"the file is named for {named.group(1)}, but the period is {calendar.period.label}; hand in the file of "
            f"{year}.",
        )
    whole = _year_calendar(year, calendar.time_zone)
    table = _Table(faults, points, whole.interval_count)
    for line, text in _lines(path, faults):
        table.take(line, text)
        if faults.refused >= FINDINGS_MAX:
            break
    table.check()
    faults.stop_if_refused()
    return _spread(table, points, calendar, whole.start_utc)


def write_cau_coefficients(coefficients: YearCoefficients) -> bytes:
    """The lines of a CAU file: a consumer's hours one after the other, or one line where they are all alike."""
    lines = []
    for external_id, row in zip(coefficients.external_ids, coefficients.parts_ppm.tolist(), strict=True):
        if len(row) == 1:
            lines.append(f"{external_id};{_format(row[0])}\n")
        else:
            lines += [f"{external_id};{hour};{_format(part)}\n" for hour, part in enumerate(row, 1)]
    return "".join(lines).encode()


def _format(parts: int) -> str:
    whole, rest = divmod(parts, PARTS_PER_MILLION)
    return f"{whole},{rest:0{_DECIMALS}d}"


def _year_calendar(year: int, time_zone: str) -> PeriodCalendar:
    return PeriodCalendar(SettlementPeriod(date(year, 1, 1), date(year + 1, 1, 1)), time_zone, 60)


def _lines(path: Path, faults: FaultCollector) -> Iterator[tuple[int, str]]:
    for first, block, _ in read_blocks(path, faults):
        yield from enumerate(block.decode().removesuffix("\n").split("\n"), first)


class _Table:
    """The coefficients of a file by consumer and hour.

    Attributes:
        rows: By CUPS as the file has it, shape (hours,) or (1,), -1 where there is none yet. [ppm]
        line: Line of the first coefficient of each CUPS.
    """

    def __init__(self, faults: FaultCollector, points: Sequence[MeteringPoint], hours: int) -> None:
        self.rows: dict[str, NDArray[np.int64]] = {}
        self.line: dict[str, int] = {}
        self._faults = faults
        self._hours = hours
        self._fields = 0
        self._known = _by_supply(points)
        self._strangers: set[str] = set()

    def take(self, line: int, text: str) -> None:
        """Read a line."""
        words = [word.strip() for word in text.strip().removesuffix(";").split(";")]
        if words == [""]:
            return
        self._fields = self._fields or len(words)
        if len(words) != self._fields or len(words) not in (_FIELDS_OF_YEAR, _FIELDS_OF_HOUR):
            self._faults.refuse(
                "field-count",
                f"the line has {len(words)} fields; CUPS;coefficient or CUPS;hour;coefficient is due, the same in all "
                "lines.",
                line=line,
            )
            return
        external_id = words[0]
        part = _parse_part(words[-1])
        hour = _parse_hour(words[1], self._hours) if len(words) == _FIELDS_OF_HOUR else 0
        if not self._is_known(external_id, line):
            return
        if isinstance(part, str) or isinstance(hour, str):
            what = part if isinstance(part, str) else str(hour)
            self._faults.refuse("coefficient", what, line=line, metering_point=external_id)
            return
        size = self._hours if self._fields == _FIELDS_OF_HOUR else 1
        row = self.rows.setdefault(external_id, np.full(size, _NONE, dtype=np.int64))
        self.line.setdefault(external_id, line)
        if row[hour] != _NONE:
            where = f"hour {hour + 1}" if size > 1 else "the year"
            self._faults.refuse(
                "duplicate",
                f"{external_id} has a coefficient of {where} already; keep one.",
                line=line,
                metering_point=external_id,
            )
        row[hour] = part

    def check(self) -> None:
        """Refuse hours that are missing, and sums that are not one."""
        if self._faults.refused:
            return
        if not self.rows:
            self._faults.refuse("empty-file", "the file has no coefficient.")
            return
        for external_id, row in self.rows.items():
            missing = np.flatnonzero(row == _NONE)
            if len(missing):
                self._faults.refuse(
                    "hours",
                    f"{external_id} has {len(row) - len(missing):,} hours, {len(row):,} are due; hour {missing[0] + 1} "
                    "is the first that is missing.",
                    line=self.line[external_id],
                    metering_point=external_id,
                )
        sums = np.sum(list(self.rows.values()), axis=0)
        unlike = np.flatnonzero(sums != PARTS_PER_MILLION)
        if len(unlike) and not self._faults.refused:
            at = int(unlike[0])
            where = f"of hour {at + 1} ({len(unlike):,} hours are so)" if len(sums) > 1 else "of the year"
            self._faults.refuse(
                "sum",
                f"the coefficients {where} sum to {_format(int(sums[at]))}; they sum to 1,000000 exactly.",
                value=_format(int(sums[at])),
            )

    def _is_known(self, external_id: str, line: int) -> bool:
        if external_id[:_SUPPLY_CHARACTERS] in self._known:
            return True
        if external_id not in self._strangers and len(self._strangers) < FINDINGS_MAX:
            self._strangers.add(external_id)
            hint = name_nearest(external_id, list(self._known))
            self._faults.refuse(
                "metering-point",
                f'no consumption point of the community has the external id "{shorten(external_id)}"{hint}',
                line=line,
            )
        return False


def _by_supply(points: Sequence[MeteringPoint]) -> dict[str, list[MeteringPoint]]:
    """Consumption points by the first twenty characters of their CUPS; members may follow one another at one."""
    found: dict[str, list[MeteringPoint]] = {}
    for point in points:
        if point.external_id and point.direction == Direction.CONSUMPTION:
            found.setdefault(point.external_id[:_SUPPLY_CHARACTERS], []).append(point)
    return found


def _parse_part(word: str) -> int | str:
    found = _COEFFICIENT.fullmatch(word)
    decimals = (found.group(2) or "") if found else ""
    if found is None or decimals[_DECIMALS:].strip("0"):
        return f'"{shorten(word)}" is no coefficient with six decimals like 0,125000.'
    part = int(found.group(1) + decimals[:_DECIMALS].ljust(_DECIMALS, "0"))
    return part if part <= PARTS_PER_MILLION else f"coefficient {word} is above one."


def _parse_hour(word: str, hours: int) -> int | str:
    """Place of an hour of the year, from 0."""
    found = _HOUR.fullmatch(word)
    if found is None or int(found.group(1)) > hours:
        return f'"{shorten(word)}" is no hour of the year from 1 to {hours}.'
    return int(found.group(1)) - 1


def _spread(
    table: _Table, points: Sequence[MeteringPoint], calendar: PeriodCalendar, year_start: int
) -> PointRows:
    """The coefficients of the period's intervals, by member."""
    starts = np.array(calendar.starts_utc(), dtype=np.int64)
    day = np.repeat(np.arange(calendar.period.days), calendar.intervals_per_day)
    supplies = _by_supply(points)
    ids: list[str] = []
    columns: list[tuple[NDArray[np.int64], ...]] = []
    for external_id, row in table.rows.items():
        hours = row[(starts - year_start) // _HOUR_SECONDS] if len(row) > 1 else np.full(len(starts), row[0])
        for point in supplies[external_id[:_SUPPLY_CHARACTERS]]:
            first, until = _member_days(point, calendar.period)
            chosen = (day >= first) & (day < until)
            count = int(chosen.sum())
            line = np.full(count, table.line[external_id], dtype=np.int64)
            columns.append((line, np.full(count, len(ids)), starts[chosen], hours[chosen]))
            ids.append(point.id)
    line, point_index, start, part = (np.concatenate(column) for column in zip(*columns, strict=True))
    return PointRows(tuple(ids), line, point_index.astype(np.int32), start, {"coefficient_ppm": part})


def _member_days(point: MeteringPoint, period: SettlementPeriod) -> tuple[int, int]:
    first = max(point.valid_from or period.first, period.first)
    until = min(point.valid_to + timedelta(days=1) if point.valid_to else period.until, period.until)
    return (first - period.first).days, (until - period.first).days
