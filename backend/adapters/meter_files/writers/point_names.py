"""Ids of a table to the numbers and directions that operators' files have, and codes to those of a format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.metering import Quality
from backend.metering.known_points import split_pure_id

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from backend.metering import ReadingTable

__all__ = ["PointRows", "civil_days", "name_points", "word_of_quality"]

_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ID_MAX = 64
_DAY = 86_400


@dataclass(frozen=True)
class PointRows:
    """The rows of a metering point within a table.

    Attributes:
        external_id: The operator's number.
        direction: ``CONSUMPTION`` or ``FEED_IN``.
        rows: Indexes into the table, by time. Shape (n,), int64.
    """

    external_id: str
    direction: int
    rows: NDArray[np.int64]


def name_points(
    table: ReadingTable, name: Callable[[str], tuple[str, int]] = split_pure_id
) -> dict[str, list[PointRows]]:
    """The points of a table by the operator's number.

    Args:
        table: Sorted by point and time.
        name: Operator's number and direction of an id.

    Raises:
        InputError: If a number is empty, too long or has characters that XML cannot hold, or two points are one.
    """
    found: dict[str, list[PointRows]] = {}
    order = np.argsort(table.point, kind="stable")
    bounds = np.searchsorted(table.point[order], np.arange(len(table.metering_points) + 1))
    for index, point in enumerate(table.metering_points):
        external_id, direction = name(point)
        if not external_id or len(external_id) > _ID_MAX or _NO_XML.search(external_id):
            raise InputError(
                f"{external_id[:_ID_MAX]!r} is no number of a metering point; use 1 to 64 characters."
            )
        parts = found.setdefault(external_id, [])
        if any(part.direction == direction for part in parts):
            raise InputError(f"two metering points have the number {external_id} in one direction; keep one.")
        parts.append(PointRows(external_id, direction, order[bounds[index] : bounds[index + 1]]))
    return found


def word_of_quality(
    table: ReadingTable, row: int, known: Mapping[str, Quality], words: Mapping[Quality, str]
) -> str:
    """The source's own word where the format knows it as the same quality, else the format's word for ours."""
    quality = Quality(int(table.quality[row]))
    if table.code is not None:
        word = table.codes[int(table.code[row])]
        if word and known.get(word) is quality:
            return word
    return words[quality]


def civil_days(start_utc: NDArray[np.int64], zone: ZoneInfo) -> Iterator[slice]:
    """Runs of ascending starts that lie on one civil day.

    Args:
        start_utc: Shape (n,). [s since 1970, UTC]
        zone: Of the days.
    """
    from datetime import UTC, datetime

    begin = 0
    while begin < len(start_utc):
        first = int(start_utc[begin])
        day = datetime.fromtimestamp(first, UTC).astimezone(zone).date()
        end = int(np.searchsorted(start_utc, first + _DAY + _DAY // 8, side="right"))
        while datetime.fromtimestamp(int(start_utc[end - 1]), UTC).astimezone(zone).date() != day:
            end -= 1
        yield slice(begin, end)
        begin = end
