"""The words of the generic form: column names, instants, steps, qualities. A text that does not fit says why."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from backend.adapters.meter_files.faults import FaultCollector
from backend.metering import Quality

__all__ = [
    "COLUMNS",
    "DIRECTION_COLUMN",
    "QUALITY_WORDS",
    "SOURCE_COLUMN",
    "name_nearest",
    "parse_quality",
    "parse_resolution",
    "parse_start",
    "read_header",
]

COLUMNS = ("metering_point", "start", "resolution_minutes", "energy_kwh", "quality")
SOURCE_COLUMN = "source_quality"
"""A sixth column that may be there: the source's own word for the quality."""
DIRECTION_COLUMN = "direction"
"""A column that messages may have: which of the two points of an operator's number is meant."""

QUALITY_WORDS = {quality.name.lower(): quality for quality in Quality}
_WHOLE = re.compile(r"[0-9]{1,4}")
_YEARS = range(1970, 2200)
_SHOWN = 60
_USUAL_LENGTH = 32
_STARTS_KEPT = 1 << 16  # the quarter-hours of nearly two years


def name_nearest(word: str, known: Collection[str]) -> str:
    """``; did you mean "start"?`` where something known is near, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else "."


def read_header(
    line: str, faults: FaultCollector, columns: tuple[str, ...] = COLUMNS, optional: tuple[str, ...] = ()
) -> tuple[str, ...] | None:
    """Column names in the file's order, None after noting what is wrong with them.

    Args:
        line: The first of the file.
        faults: Takes what is found.
        columns: Of the form that is read, all of them needed.
        optional: Columns that may be there beside.
    """
    names = tuple(name.strip().strip('"').strip() for name in line.strip().split(","))
    before = faults.refused
    if len(names) == 1 and any(mark in line for mark in ";\t|"):
        faults.refuse(
            "columns", "the columns are not separated by commas; export the file with commas.", line=1
        )
        return None
    for name in sorted(set(names), key=names.index):
        shown = name[:_SHOWN]
        if name not in columns and name not in optional:
            hint = name_nearest(name, [column for column in (*columns, *optional) if column not in names])
            faults.refuse("columns", f'there is no column "{shown}" in this form{hint}', line=1, value=shown)
        elif names.count(name) > 1:
            faults.refuse(
                "columns",
                f'column "{shown}" is there {names.count(name)} times; keep one.',
                line=1,
                value=shown,
            )
    for column in columns:
        if column not in names:
            faults.refuse(
                "columns", f'column "{column}" is missing; the header is {",".join(columns)}.', line=1
            )
    return names if faults.refused == before else None


def parse_start(word: str) -> tuple[int, int] | str:
    """An instant as (seconds since 1970 in UTC, offset of its wall clock [s]), or what is wrong with it."""
    # Points are read at the same instants: one file's, one message's words are mostly the ones of the last.
    return _parse_start_again(word) if len(word) <= _USUAL_LENGTH else _parse_start(word)


def _parse_start(word: str) -> tuple[int, int] | str:
    try:
        instant = datetime.fromisoformat(word.strip())
    except ValueError:
        return f'start "{word[:_SHOWN]}" is no ISO 8601 instant; write it like 2017-06-01T00:00:00+02:00.'
    offset = instant.utcoffset()
    if offset is None:
        return f'start "{word}" has no offset from UTC; write it like 2017-06-01T00:00:00+02:00 or ...Z.'
    if instant.year not in _YEARS:
        return f'start "{word}" is outside the years {_YEARS.start} to {_YEARS.stop - 1}.'
    if instant.microsecond or offset.microseconds:
        return f'start "{word}" has a fraction of a second; intervals start on whole minutes.'
    return int(instant.timestamp()), int(offset.total_seconds())


_parse_start_again = lru_cache(maxsize=_STARTS_KEPT)(_parse_start)


def parse_resolution(word: str) -> int | str:
    """Minutes of an interval, or what is wrong with them."""
    text = word.strip()
    minutes = int(text) if _WHOLE.fullmatch(text) else 0
    if not 1 <= minutes <= 60 or 60 % minutes:  # noqa: PLR2004 -- minutes of an hour
        return f'resolution_minutes "{word[:_SHOWN]}" does not divide the hour; use 5, 15, 30 or 60.'
    return minutes


def parse_quality(word: str) -> Quality | str:
    """A quality, or what is wrong with the word."""
    quality = QUALITY_WORDS.get(word.strip())
    if quality is None:
        hint = name_nearest(word, QUALITY_WORDS)
        known = ", ".join(QUALITY_WORDS)
        return f'quality "{word[:_SHOWN]}" is not one of {known}{hint}'
    return quality
