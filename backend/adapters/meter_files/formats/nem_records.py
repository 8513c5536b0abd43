"""What NEM12 and NEM13 share: market time, quality flags, headers (AEMO, Meter Data File Format Specification v2.6)."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats.line_records import shorten
from backend.metering import Quality

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = [
    "QUALITIES",
    "QUALITY_FLAG",
    "check_header",
    "first_fields",
    "market_offset",
    "parse_count",
    "parse_day",
    "parse_moment",
    "read_quality",
    "split_fields",
]

QUALITY_FLAG = re.compile(r"[AEFNSV](?:[0-9]{2})?")
"""Quality flag with, for estimates and substitutes, the method (specification 3.3.1, appendix B)."""

QUALITIES = {
    "A": Quality.MEASURED,  # actual
    "E": Quality.ESTIMATED,  # forward estimate
    "F": Quality.EDITED,  # final substitute
    "S": Quality.EDITED,  # substitute
    "N": Quality.MISSING,  # null data
}
_MARKET_OFFSET = timedelta(hours=10)
_WESTERN_OFFSET = timedelta(hours=8)
_WESTERN_ZONES = {"Australia/Perth", "Australia/West"}
_YEARS = range(1970, 2200)
_MOMENT_FORMS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


def split_fields(text: str) -> list[str]:
    """Fields of a record, without spaces around them."""
    fields = next(csv.reader([text]), []) if '"' in text else text.split(",")
    return [field.strip() for field in fields]


def first_fields(head: bytes) -> list[str]:
    """Fields of the first line that says anything, of a file that begins with ``head``."""
    text = head.decode("utf-8-sig", errors="replace").lstrip("\r\n, ")
    line = text.split("\n", 1)[0]
    return split_fields(line.replace("\0", "").replace("\r", " "))


def market_offset(time_zone: str | None) -> int:
    """Of market time from UTC. [s]

    NEM files are in Eastern Standard Time, +10:00 all the year (specification 3.3.2). Only Western Australia, which is
    outside that market and uses its form, writes its own time, +08:00; no file says so, so it takes a word.

    Args:
        time_zone: As the user gave it; only a Western Australian one changes anything.
    """
    offset = _WESTERN_OFFSET if time_zone in _WESTERN_ZONES else _MARKET_OFFSET
    return offset // timedelta(seconds=1)


def parse_count(text: str) -> int:
    """A whole number of up to four digits, 0 where it is none."""
    return int(text) if len(text) <= 4 and text.isascii() and text.isdigit() else 0  # noqa: PLR2004 -- digits


def parse_day(text: str) -> int | None:
    """Midnight of a Date8 as if it were UTC, None where it is no date. [s since 1970]"""
    return parse_moment(text) if len(text) == 8 else None  # noqa: PLR2004 -- YYYYMMDD


def parse_moment(text: str) -> int | None:
    """A Date8, DateTime12 or DateTime14 as if it were UTC, None where it is none. [s since 1970]"""
    form = _MOMENT_FORMS.get(len(text))
    if form is None or not (text.isascii() and text.isdigit()):
        return None
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.year in _YEARS else None


def read_quality(fields: list[str], at: int) -> tuple[str, str] | None:
    """Flag and verbatim words of a quality that stands in ``fields`` from a place on: flag, reason code, reason.

    Returns:
        The flag's letter and all words with spaces between them, or None where no flag stands there.
    """
    flag = fields[at].upper() if at < len(fields) else ""
    if not QUALITY_FLAG.fullmatch(flag):
        return None
    return flag[0], " ".join(word for word in (fields[at], *fields[at + 1 : at + 3]) if word)


def check_header(fields: list[str], version: str, line: int, faults: FaultCollector) -> None:
    """Refuse a 100 record of another version."""
    found = fields[1].upper() if len(fields) > 1 else ""
    if found != version:
        faults.refuse(
            "header",
            f'the header says "{shorten(found)}", {version} was read so far; keep files of different versions apart.',
            line=line,
            value=shorten(found),
        )
