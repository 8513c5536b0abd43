"""A file's series as they come in: columns that grow, never an object per reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.meter_files.words import name_nearest
from backend.metering.resampling import Intervals

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import SeriesName, SourceBlock

__all__ = ["SeriesBuffer", "SourceWords", "refuse_unknown_point"]

_FIRST_ROWS = 64
_KINDS = (np.int64, np.int64, np.int64, np.uint8, np.int32, np.int64)
_WORDS_MAX = 10_000
_WORD_LENGTH_MAX = 200
_NAME_SHOWN = 80


class SourceWords:
    """All words that a file has for qualities, each once, the empty one first.

    Attributes:
        words: In order of appearance.
    """

    def __init__(self) -> None:
        self._place: dict[str, int] = {"": 0}

    @property
    def words(self) -> tuple[str, ...]:
        """In order of appearance."""
        return tuple(self._place)

    def translate(self, code: NDArray[np.int32], codes: Sequence[str]) -> NDArray[np.int32]:
        """Codes into ``codes`` as codes into ``words``."""
        lookup = np.array([self._place.setdefault(word, len(self._place)) for word in codes], np.int32)
        return lookup[code] if len(lookup) else np.zeros(len(code), np.int32)

    def why_refused(self) -> str:
        """Why these cannot be the words of a source, or nothing."""
        if len(self._place) > _WORDS_MAX:
            return f"the file has more than {_WORDS_MAX} words for the quality of readings; is a column misnamed?"
        return ""

    @staticmethod
    def is_sound(words: Sequence[str]) -> bool:
        """Is none of them longer than any source's word?"""
        return all(len(word) <= _WORD_LENGTH_MAX for word in words)


class SeriesBuffer:
    """The readings of one series.

    Attributes:
        name: Which.
    """

    def __init__(self, name: SeriesName) -> None:
        self.name = name
        self._rows = 0
        self._columns: list[NDArray[Any]] = [np.empty(_FIRST_ROWS, kind) for kind in _KINDS]

    def __len__(self) -> int:
        return self._rows

    def append(self, block: SourceBlock, code: NDArray[np.int32]) -> None:
        """Take a block, its words translated."""
        until = self._rows + len(block)
        if until > len(self._columns[0]):
            room = max(until, 2 * len(self._columns[0]))
            self._columns = [
                np.concatenate([column[: self._rows], np.empty(room - self._rows, column.dtype)])
                for column in self._columns
            ]
        given = (block.start_utc, block.seconds, block.energy, block.quality, code, block.line)
        for column, values in zip(self._columns, given, strict=True):
            column[self._rows : until] = values
        self._rows = until

    def rows(self, words: tuple[str, ...]) -> tuple[Intervals, NDArray[np.int64]]:
        """The readings sorted by start, then line; and the line of each."""
        start, seconds, energy, quality, code, line = (column[: self._rows] for column in self._columns)
        if not bool(np.all(start[1:] > start[:-1])):
            order = np.lexsort((line, start))
            start, seconds, energy, quality, code, line = (
                column[order] for column in (start, seconds, energy, quality, code, line)
            )
        return Intervals(start, seconds, energy, quality, code, words), line


def refuse_unknown_point(
    faults: FaultCollector, word: str, rows: int, line: int, known: Collection[str]
) -> None:
    """Refuse readings of a metering point that is not in the community."""
    if not word:
        message = f"the metering point is empty ({rows} rows); fill it in."
    else:
        hint = name_nearest(word, list(known))
        message = (
            f'metering point "{word[:_NAME_SHOWN]}" ({rows} rows) is not in the community{hint} Name it as the '
            "external_id of one of its points, or load the file where it belongs."
        )
    faults.refuse(
        "unknown-point", message, line=line, metering_point=word[:_NAME_SHOWN], value=f"{rows} rows"
    )
