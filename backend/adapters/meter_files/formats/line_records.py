"""What the formats of lines and records share: lines of a stream, exact energies of any unit, blocks of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.faults import FINDINGS_MAX
from backend.adapters.meter_files.formats.measured_values import parse_energy
from backend.adapters.meter_files.text_blocks import split_blocks
from backend.metering.source_series import SourceBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import SourceFile
    from backend.metering.source_series import SeriesName

__all__ = [
    "UNIT_DECADES",
    "BlockGatherer",
    "count_of",
    "is_hopeless",
    "parse_energies",
    "read_lines",
    "shorten",
]

UNIT_DECADES = {"mwh": 9, "kwh": 6, "wh": 3}
"""Powers of ten from a unit of energy, in lower case, to milliwatt-hours; ``mwh`` is mega, as meters' files have it."""
_KILO = UNIT_DECADES["kwh"]
_SHOWN_MAX = 40


def read_lines(file: SourceFile, faults: FaultCollector) -> Iterator[tuple[int, str]]:
    """Lines of a text file with their numbers from 1, without line ends, in bounded memory.

    What makes it no text (zero bytes, a line above 64 kB, other encodings than UTF-8) is noted as a refusal, and the
    lines end there.
    """
    with file.open() as stream:
        for first, block, _ in split_blocks(stream, faults):
            lines = block.decode().split("\n")
            if not lines[-1]:
                lines.pop()
            yield from enumerate(lines, first)


def is_hopeless(faults: FaultCollector) -> bool:
    """Were so many faults found that reading on would tell nothing more?"""
    return faults.refused >= FINDINGS_MAX


def parse_energies(texts: Sequence[str], decades: int) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Read many energies at once, exactly, rounding half away from zero to a milliwatt-hour.

    Args:
        texts: n of them. [unit of ``decades``]
        decades: Power of ten from that unit to milliwatt-hours.

    Returns:
        Energies, shape (n,), 0 where there is none [mWh]; and what is wrong, by place. An empty text is not wrong.
    """
    if decades == _KILO:
        energy, bad = _parse_kilowatt_hours(texts)
    else:
        energy, bad = np.zeros(len(texts), dtype=np.int64), np.arange(len(texts)).tolist()
    known: dict[str, int | str] = {"": 0}
    wrong: dict[int, str] = {}
    for place in bad:
        word = texts[place].strip()
        found = known.get(word)
        if found is None:
            found = known[word] = parse_energy(word, decades)
        if isinstance(found, str):
            wrong[place] = found
        else:
            energy[place] = found
    return energy, wrong


def _parse_kilowatt_hours(texts: Sequence[str]) -> tuple[NDArray[np.int64], list[int]]:
    import pyarrow as pa

    from backend.adapters.meter_files.kilowatt_hours import parse_energy_column

    energy, _, bad = parse_energy_column(pa.array(texts, pa.string()))
    return energy, np.flatnonzero(bad).tolist()


def shorten(word: str) -> str:
    """A word of a file for a message, forty characters at most, without control characters."""
    shown = word if len(word) <= _SHOWN_MAX else word[: _SHOWN_MAX - 1] + "…"
    return "".join(character if character.isprintable() else "�" for character in shown)


def count_of(number: int, one: str, many: str = "") -> str:
    """``1 day``, ``3 days``."""
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"


class BlockGatherer:
    """Gathers readings of one series into a block, in the file's order.

    Attributes:
        series: Which.
        size: How many readings were gathered. [1]
    """

    def __init__(self, series: SeriesName) -> None:
        self.series = series
        self.size = 0
        self._codes: dict[str, int] = {}
        self._columns: list[tuple[NDArray[np.int64], ...]] = []

    def code(self, word: str) -> int:
        """Index of the source's word for a quality."""
        return self._codes.setdefault(word, len(self._codes))

    def add(
        self,
        start_utc: NDArray[np.int64],
        seconds: int,
        energy: NDArray[np.int64],
        quality: NDArray[np.int64],
        code: NDArray[np.int64],
        line: int,
    ) -> None:
        """Add n readings of one line. Arrays have shape (n,).

        Args:
            start_utc: Starts. [s since 1970, UTC]
            seconds: Length of each. [s]
            energy: At least zero, 0 where missing. [mWh]
            quality: ``Quality``.
            code: By ``code``.
            line: Of the file, from 1.
        """
        count = len(start_utc)
        self.size += count
        self._columns.append(
            (start_utc, np.full(count, seconds), energy, quality, code, np.full(count, line, dtype=np.int64))
        )

    def take(self) -> SourceBlock:
        """The block; what comes after begins a new one."""
        start, seconds, energy, quality, code, line = (
            np.concatenate(column) for column in zip(*self._columns, strict=True)
        )
        block = SourceBlock(
            self.series,
            start.astype(np.int64),
            seconds.astype(np.int64),
            energy.astype(np.int64),
            quality.astype(np.uint8),
            code.astype(np.int32),
            tuple(self._codes),
            line.astype(np.int64),
        )
        self.size = 0
        self._codes = {}
        self._columns = []
        return block
