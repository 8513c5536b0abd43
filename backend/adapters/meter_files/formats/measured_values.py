"""Decimal text of meters to whole milliwatt-hours, exactly and half away from zero; and rows to blocks of series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from backend.metering import Quality
from backend.metering.source_series import SeriesName, SourceBlock
from backend.quantities.energy import MILLIWATT_HOURS_MAX

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = [
    "BLOCK_ROWS",
    "PendingRows",
    "SeriesRows",
    "UnknownWords",
    "parse_energy",
    "parse_instant",
    "parse_mean_power",
]

BLOCK_ROWS = 65_536

_NUMBER = re.compile(r"([+-]?)([0-9]{0,30})(?:\.([0-9]{0,30}))?(?:[eE]([+-]?[0-9]{1,2}))?")
_MIDNIGHT = "T24:00"
_YEARS = range(1970, 2200)
_SECONDS_PER_HOUR = 3600
_POWER_MAX = 18
_SHOWN = 40
_WORDS_MAX = 20
_CODE_MAX = 200


def parse_energy(text: str, power: int) -> int | str:
    """An energy in whole milliwatt-hours.

    Args:
        text: A decimal number.
        power: Of ten, by which it is multiplied to be milliwatt-hours: 6 for kWh, 3 for Wh.

    Returns:
        The energy [mWh], or what is wrong with the text, in words.
    """
    return _scale(text, power, 1, 1)


def parse_mean_power(text: str, power: int, seconds: int) -> int | str:
    """The energy of a mean power over an interval: watts · seconds · 1000 / 3600.

    Args:
        text: A decimal number.
        power: Of ten, by which it is multiplied to be watts.
        seconds: Length of the interval. [s]

    Returns:
        The energy [mWh], or what is wrong with the text, in words.
    """
    return _scale(text, power + 3, seconds, _SECONDS_PER_HOUR)


def parse_instant(text: str) -> int | str:
    """An ISO 8601 instant with its offset.

    Returns:
        The instant [s since 1970, UTC], or what is wrong with the text, in words.
    """
    later = timedelta(0)
    if _MIDNIGHT in text:
        text, later = text.replace(_MIDNIGHT, "T00:00"), timedelta(days=1)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return f'"{text[:_SHOWN]}" is no ISO 8601 instant, like 2024-04-01T00:00:00+02:00'
    if instant.tzinfo is None:
        return (
            f'"{text[:_SHOWN]}" has no offset from UTC; it is written like 2024-04-01T00:00:00+02:00 or ...Z'
        )
    if instant.year not in _YEARS or instant.microsecond:
        return f'"{text[:_SHOWN]}" is no whole second of the years {_YEARS.start} to {_YEARS.stop - 1}'
    return int((instant + later).timestamp())


class SeriesRows:
    """Rows of one series, gathered until they are a block.

    Attributes:
        series: Which.
    """

    def __init__(self, series: SeriesName) -> None:
        self.series = series
        self._numbers: list[tuple[int, int, int, int, int, int]] = []
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, start: int, seconds: int, energy: int, quality: Quality, code: str, line: int) -> None:
        """Add a row: start [s since 1970, UTC], length [s], energy [mWh], qualities, line of the file."""
        index = self._codes.setdefault(code[:_CODE_MAX], len(self._codes))
        self._numbers.append((start, seconds, energy, quality, index, line))

    def take(self) -> SourceBlock:
        """The rows so far as a block; the next rows begin anew."""
        columns = np.array(self._numbers, dtype=np.int64).reshape(-1, 6).T
        start, seconds, energy, quality, code, line = columns.copy()
        codes = tuple(self._codes)
        self._numbers, self._codes = [], {}
        return SourceBlock(
            self.series,
            start,
            seconds,
            energy,
            quality.astype(np.uint8),
            code.astype(np.int32),
            codes or ("",),
            line,
        )


class PendingRows:
    """Rows of many series, gathered so that one which comes piecewise still fills blocks."""

    def __init__(self) -> None:
        self._rows: dict[SeriesName, SeriesRows] = {}
        self._count = 0

    def of(self, series: SeriesName) -> SeriesRows:
        """The rows of a series."""
        return self._rows.setdefault(series, SeriesRows(series))

    def take_full(self, added: int) -> Iterator[SourceBlock]:
        """All rows as blocks, once enough have been added; else nothing."""
        self._count += added
        if self._count >= BLOCK_ROWS:
            yield from self.take()

    def take(self) -> Iterator[SourceBlock]:
        """All rows as blocks, a block per series."""
        gathered, self._rows, self._count = self._rows, {}, 0
        for rows in gathered.values():
            if len(rows):
                yield rows.take()


class UnknownWords:
    """Quality words that a format does not know, counted; so many kinds, and the rest together."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, word: str) -> None:
        """Count one."""
        shown = word[:_SHOWN]
        if shown not in self._counts and len(self._counts) >= _WORDS_MAX:
            shown = "..."
        self._counts[shown] = self._counts.get(shown, 0) + 1

    def tell(self, faults: FaultCollector, known: str) -> None:
        """Note them, with what is known instead."""
        for word, count in self._counts.items():
            message = f'quality "{word}" (at {count} readings) is not one of {known}; taken as estimated.'
            faults.warn("quality-code", message)


def _scale(text: str, power: int, times: int, over: int) -> int | str:
    """A decimal number · 10^power · times / over, as a whole number, half away from zero."""
    found = _NUMBER.fullmatch(text)
    whole, fraction = (found.group(2), found.group(3) or "") if found else ("", "")
    if found is None or not (whole or fraction):
        return _explain(text)
    if found.group(1) == "-" and (whole + fraction).strip("0"):
        return f"{text[:_SHOWN]} is negative; a direction of its own is needed for each sign"
    shift = power + int(found.group(4) or 0) - len(fraction)
    number = int(whole + fraction) * times
    if number == 0:
        return 0
    if shift > _POWER_MAX or shift < -_POWER_MAX - len(fraction) - 100:
        return f"{text[:_SHOWN]} is beyond any meter; check the unit and the multiplier"
    up, down = (10**shift, over) if shift >= 0 else (1, over * 10**-shift)
    whole_part, rest = divmod(number * up, down)
    scaled = whole_part + (2 * rest >= down and rest > 0)
    if scaled > MILLIWATT_HOURS_MAX:
        return f"{text[:_SHOWN]} is beyond any meter (9 TWh); check the unit and the multiplier"
    return scaled


def _explain(text: str) -> str:
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return f"{text[:_SHOWN]} is not finite; a reading that is missing has no number"
    comma = "; decimals are written with a point" if "," in text else ""
    return f'"{text[:_SHOWN]}" is not a number{comma}'
