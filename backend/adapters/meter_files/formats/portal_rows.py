"""Rows of a portal's series on their way to a block: stamps read, placed in UTC, qualities translated."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from backend.adapters.meter_files.formats.line_records import shorten as _shorten
from backend.adapters.meter_files.formats.measured_values import parse_energy, parse_mean_power
from backend.metering import Quality
from backend.metering.local_time import LocalInstants, resolve_local, resolve_local_ends
from backend.metering.points import CONSUMPTION
from backend.metering.source_series import SeriesName, SourceBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import ReadOptions

__all__ = [
    "PortalRows",
    "Stamp",
    "read_duration",
    "read_energy",
    "read_mean_power",
    "read_stamp",
    "shorten",
    "state_direction",
    "translate_quality",
    "zone_of",
]

_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.0{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_DURATION = re.compile(r"P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?", re.ASCII)
_YEARS = range(1970, 2200)
_SHOWN = 60
_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant as a file has it.

    Attributes:
        seconds: Since 1970, UTC; of a naive stamp as if its wall clock were UTC. [s]
        naive: Has it no offset?
    """

    seconds: int
    naive: bool


def shorten(value: Any) -> str:
    """A foreign text for a message: bounded, on one line."""
    return _shorten(" ".join(str(value)[:_SHOWN].split()))


def read_energy(value: Any, decades: int, *, decimal_comma: bool = False) -> int | str:
    """An energy, half away from zero.

    Args:
        value: As JSON has it (``int``, ``Decimal``) or as text.
        decades: Power of ten from its unit to milliwatt-hours.
        decimal_comma: May a text have a comma before its decimals?

    Returns:
        The energy [mWh], or what is wrong with the figure, in words.
    """
    text = _figure_text(value, decimal_comma=decimal_comma)
    return "it is no figure" if text is None else parse_energy(text, decades)


def read_mean_power(value: Any, decades: int, seconds: int, *, decimal_comma: bool = False) -> int | str:
    """The energy of a mean power over an interval, half away from zero.

    Args:
        value: As for ``read_energy``.
        decades: Power of ten from its unit to watts.
        seconds: Length of the interval. [s]
        decimal_comma: As for ``read_energy``.

    Returns:
        The energy [mWh], or what is wrong with the figure, in words.
    """
    text = _figure_text(value, decimal_comma=decimal_comma)
    return "it is no figure" if text is None else parse_mean_power(text, decades, seconds)


def _figure_text(value: Any, *, decimal_comma: bool) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    text = str(value).strip()
    return text.replace(",", ".") if decimal_comma and text.count(",") == 1 and "." not in text else text


def read_stamp(value: Any) -> Stamp | str:
    """An ISO 8601 date and time with or without offset, or what is wrong with it."""
    match = _STAMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return f'"{shorten(value)}" is no date and time; write it like 2024-02-26T00:30:00+01:00.'
    day, minute, second, offset = match.groups()
    zone = "+00:00" if offset in (None, "Z") else offset
    try:
        instant = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone}")
    except ValueError:
        return f'"{shorten(value)}" is no date and time of the calendar.'
    if instant.year not in _YEARS:
        return f'"{shorten(value)}" is outside the years {_YEARS.start} to {_YEARS.stop - 1}.'
    return Stamp((instant - _EPOCH).days * _DAY + (instant - _EPOCH).seconds, naive=offset is None)


def read_duration(value: Any) -> int | None:
    """Seconds of an ISO 8601 duration of days, hours, minutes and seconds; None where it is none, or zero. [s]"""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (days * _DAY + hours * 3600 + minutes * 60 + seconds) or None


def zone_of(name: str, faults: FaultCollector) -> ZoneInfo | None:
    """A time zone by its IANA name; None after noting that there is none such."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.refuse("time-zone", f'there is no time zone "{shorten(name)}"; write it like Europe/Vienna.')
        return None


def state_direction(options: ReadOptions, faults: FaultCollector) -> int:
    """The direction of a file that does not say it: what the options state, else consumption, which is told."""
    if options.direction is not None:
        return options.direction
    faults.warn(
        "direction-unsaid",
        "the file does not say whether this was consumed or fed in; it is read as consumption. "
        "Where it was fed in, say so with --direction feed-in.",
    )
    return CONSUMPTION


def translate_quality(
    word: str, known: Mapping[str, Quality], faults: FaultCollector, line: int, place: str
) -> Quality | None:
    """Our quality for a source's own word; None after refusing one that is not known."""
    quality = known.get(word)
    if quality is None:
        listed = ", ".join(f'"{name}"' for name in known)
        faults.refuse(
            "quality",
            f'{place}: quality "{shorten(word)}" is not one of {listed}; it is not known what it means.',
            line=line,
            value=shorten(word),
        )
    return quality


class PortalRows:
    """Gathers the rows of one series.

    Attributes:
        series: Which.
    """

    def __init__(self, series: SeriesName) -> None:
        self.series = series
        self._stamp = array("q")
        self._seconds = array("q")
        self._energy = array("q")
        self._quality = array("B")
        self._code = array("i")
        self._line = array("q")
        self._naive = array("B")
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._stamp)

    def add(
        self, stamp: Stamp, seconds: int, energy: int | None, quality: Quality, code: str, line: int = 0
    ) -> None:
        """Add a reading; None is none, whose quality is missing whatever the source says. [s, mWh]"""
        self._stamp.append(stamp.seconds)
        self._naive.append(stamp.naive)
        self._seconds.append(seconds)
        missing = energy is None or quality is Quality.MISSING
        self._energy.append(0 if missing or energy is None else energy)
        self._quality.append(Quality.MISSING if missing else quality)
        self._code.append(self._codes.setdefault(code, len(self._codes)))
        self._line.append(line)

    @property
    def stamps(self) -> NDArray[np.int64]:
        """Of the rows, in their order. [s]"""
        return np.array(self._stamp, np.int64)

    @property
    def naive(self) -> NDArray[np.bool_]:
        """Which stamps have no offset."""
        return np.array(self._naive, np.bool_)

    @property
    def lines(self) -> NDArray[np.int64]:
        """Of the rows."""
        return np.array(self._line, np.int64)

    @property
    def energies(self) -> NDArray[np.int64]:
        """Of the rows, 0 where missing. [mWh]"""
        return np.array(self._energy, np.int64)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Of the rows' intervals. [s]"""
        return np.array(self._seconds, np.int64)

    def set_energy(self, row: int, energy: int) -> None:
        """Give a reading the energy that was found out after it was read. [mWh]"""
        self._energy[row] = energy

    def block(self, start_utc: NDArray[np.int64], keep: NDArray[np.bool_] | None = None) -> SourceBlock:
        """The rows as a block, at these starts; where ``keep`` is given, only those."""
        rows: Any = slice(None) if keep is None else keep
        return SourceBlock(
            series=self.series,
            start_utc=start_utc[rows],
            seconds=self.lengths[rows],
            energy=self.energies[rows],
            quality=np.array(self._quality, np.uint8)[rows],
            code=np.array(self._code, np.int32)[rows],
            codes=tuple(self._codes),
            line=self.lines[rows],
        )

    def place(
        self,
        faults: FaultCollector,
        zone: ZoneInfo | None,
        *,
        ends: bool,
        seconds: NDArray[np.int64] | None = None,
    ) -> Iterator[SourceBlock]:
        """The rows as one block, in UTC.

        Args:
            faults: Takes stamps that name no instant, or perhaps another.
            zone: Of stamps without offset.
            ends: Do stamps name the ends of intervals?
            seconds: Lengths of the intervals where they were found out after the rows were read. Shape (n,). [s]
        """
        if not len(self):
            return
        if seconds is not None:
            self._seconds = array("q", seconds.tolist())
        lengths = self.lengths
        start = self.stamps - lengths if ends else self.stamps
        naive = self.naive
        keep = np.ones(len(self), np.bool_)
        if naive.any():
            if zone is None:
                faults.refuse(
                    "time-zone",
                    "the stamps have no offset from UTC, and nobody said of which time zone they are.",
                    metering_point=self.series.external_id,
                    line=int(self.lines[naive][0]),
                )
                return
            start = start.copy()
            resolved = self._resolve(zone, naive, lengths, ends=ends)
            start[naive] = resolved.start_utc
            keep[naive] = ~resolved.absent
            self._tell(resolved, np.flatnonzero(naive), zone, faults)
        yield self.block(start, keep)

    def _resolve(
        self, zone: ZoneInfo, naive: NDArray[np.bool_], lengths: NDArray[np.int64], *, ends: bool
    ) -> LocalInstants:
        walls = self.stamps[naive]
        return resolve_local_ends(walls, lengths[naive], zone) if ends else resolve_local(walls, zone)

    def _tell(
        self, resolved: LocalInstants, rows: NDArray[np.int64], zone: ZoneInfo, faults: FaultCollector
    ) -> None:
        lines, stamps = self.lines, self.stamps
        for row in rows[resolved.absent][: faults.room].tolist():
            faults.refuse(
                "absent-hour",
                f"{_show_wall(int(stamps[row]))} never was in {zone.key}: the clocks were set forward over it.",
                line=int(lines[row]),
                metering_point=self.series.external_id,
            )
        unsure = rows[resolved.uncertain]
        if len(unsure):
            faults.warn(
                "doubled-hour",
                f"{_show_wall(int(stamps[unsure[0]]))} came twice in {zone.key} and the file has it once; "
                "it is read as the first, in summer time.",
                line=int(lines[unsure[0]]),
                metering_point=self.series.external_id,
            )


def _show_wall(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
