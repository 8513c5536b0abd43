"""Whose readings the rows of a file or message are: points by their ids, or by the numbers that operators give them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.words import name_nearest
from backend.metering.known_points import DIRECTION_UNSTATED, KnownPoints, Tenure
from backend.metering.points import CONSUMPTION, FEED_IN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.reading_rows import RowBlock

__all__ = ["RowPoints", "parse_direction"]

_DIRECTIONS = {"": DIRECTION_UNSTATED, "consumption": CONSUMPTION, "feed-in": FEED_IN, "feed_in": FEED_IN}
_WORD_SHOWN = 80
_HINTS_MAX = 20  # what is near is looked for among all points: a stranger's thousands are not worth it


class RowPoints:
    """Numbers the points of rows as they come.

    Args:
        known: Points that may be in them, None for any. As ``KnownPoints`` they are known by the operator's numbers
            too; where a number has points of both directions, the row says which.
    """

    UNKNOWN = -1

    def __init__(self, known: Collection[str] | None) -> None:
        self._known = known
        self._ids = known.ids if isinstance(known, KnownPoints) else known
        self._numbers: dict[str, int] = {}
        self._unknown: dict[tuple[str, str], list[int]] = {}  # first line, rows

    @property
    def names(self) -> list[str]:
        """Of the points that were numbered, in order."""
        return list(self._numbers)

    @property
    def any_unknown(self) -> bool:
        """Was there a point that is none?"""
        return bool(self._unknown)

    def place(self, block: RowBlock, start_utc: NDArray[np.int64]) -> NDArray[np.int32]:
        """Number of each row's point, ``UNKNOWN`` for those that are to be told. Shape (n,)."""
        column, direction = block.point, block.direction
        if direction is None and self._ids is not None and all(map(self._ids.__contains__, column.words)):
            return self._number_all(column.words)[column.code]
        if direction is None:
            codes, words = column.code, [(word, "") for word in column.words]
        else:
            pairs = column.code * len(direction.words) + direction.code
            found, codes = np.unique(pairs, return_inverse=True)
            words = [
                (column.words[pair // len(direction.words)], direction.words[pair % len(direction.words)])
                for pair in found.tolist()
            ]
        numbers = np.full(len(words), self.UNKNOWN, dtype=np.int32)
        several: dict[int, tuple[Tenure, ...]] = {}
        unknown: dict[int, tuple[str, str]] = {}
        for place, (raw, way) in enumerate(words):
            name = raw.strip(), way.strip()
            tenures = self._tenures(*name)
            if tenures is None:
                continue
            if not tenures:
                unknown[place] = name
            elif len(tenures) == 1:
                numbers[place] = self._number(tenures[0].point)
            else:
                several[place] = tenures
        self._note_unknown(unknown, codes, block.line)
        placed = numbers[codes]
        for place, tenures in several.items():
            here = codes == place
            placed[here] = self._of_tenures(tenures, start_utc[here])
        return placed

    def _number_all(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Numbers of points that are called by their ids."""
        numbers = self._numbers
        if not numbers:
            numbers.update(zip(words, range(len(words)), strict=True))
            return np.arange(len(words), dtype=np.int32)
        return np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int32)

    def _number(self, point: str) -> int:
        return self._numbers.setdefault(point, len(self._numbers))

    def _of_tenures(self, tenures: Sequence[Tenure], start_utc: NDArray[np.int64]) -> NDArray[np.int32]:
        """A meter's members follow each other: readings are of whom they were measured for."""
        begins = np.array([tenure.from_utc or 0 for tenure in tenures[1:]], dtype=np.int64)
        numbers = np.array([self._number(tenure.point) for tenure in tenures], dtype=np.int32)
        found: NDArray[np.int32] = numbers[np.searchsorted(begins, start_utc, side="right")]
        return found

    def _tenures(self, word: str, way: str) -> tuple[Tenure, ...] | None:
        """Whose readings are called so; None where the direction is no word of ours, which is told elsewhere."""
        direction = _DIRECTIONS.get(way)
        if direction is None:
            return None
        if isinstance(self._known, KnownPoints):
            return self._known.named(word, direction)
        return (Tenure(word),) if word and (self._known is None or word in self._known) else ()

    def _note_unknown(
        self, unknown: Mapping[int, tuple[str, str]], codes: NDArray[np.int64], line: NDArray[np.int64]
    ) -> None:
        if not unknown:
            return
        found, first, count = np.unique(codes, return_index=True, return_counts=True)
        for place, row, rows in zip(found.tolist(), first.tolist(), count.tolist(), strict=True):
            if place in unknown:
                entry = self._unknown.setdefault(unknown[place], [int(line[row]), 0])
                entry[1] += rows

    def tell_unknown(self, faults: FaultCollector) -> None:
        """Refuse what named no point."""
        hints = _HINTS_MAX
        for (word, way), (line, count) in self._unknown.items():
            rule, message = self._why(word, way, f"({count} rows)", with_hint=hints > 0)
            hints -= rule == "unknown-point"
            faults.refuse(rule, message, line=line, metering_point=word[:_WORD_SHOWN], value=f"{count} rows")

    def _why(self, word: str, way: str, rows: str, *, with_hint: bool) -> tuple[str, str]:
        shown = f'metering point "{word[:_WORD_SHOWN]}" {rows}'
        if not word:
            return "unknown-point", f"the metering point is empty {rows}; fill it in."
        if isinstance(self._known, KnownPoints):
            if word in self._known and not self._known.named(word):
                return "ambiguous-point", (
                    f"{shown} is the id of one point and the operator's number of another; call each by its other name."
                )
            if not way and self._known.names(word):
                return "direction", (
                    f'{shown} is an operator\'s number with points of both directions; say which in "direction": '
                    '"consumption" or "feed-in", or call the point by its id.'
                )
            if way and self._known.named(word):
                return "direction", f"{shown} is no point of {way} in the community; correct one of the two."
        hint = name_nearest(word, list(self._known or ())) if with_hint else "."
        return "unknown-point", f"{shown} is not in the community{hint}"


def parse_direction(word: str) -> int | str:
    """A direction, ``DIRECTION_UNSTATED`` of an empty word, or what is wrong with it."""
    direction = _DIRECTIONS.get(word.strip())
    if direction is None:
        return f'direction "{word[:_WORD_SHOWN]}" is neither "consumption" nor "feed-in".'
    return direction
