"""Rows of a readings file on their way to a table: each checked by itself, then all against each other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.held_rows import HeldRows, RowColumns
from backend.adapters.meter_files.kilowatt_hours import explain_energy
from backend.adapters.meter_files.repeated_rows import RepeatedRows, tell_repeated
from backend.adapters.meter_files.row_points import RowPoints, parse_direction
from backend.adapters.meter_files.words import parse_quality, parse_resolution, parse_start
from backend.metering import Quality, ReadingTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CodedColumn", "ReadingRows", "RowBlock"]


@dataclass(frozen=True)
class CodedColumn:
    """Texts of a column: which word stands in each row. ``code`` has shape (n,)."""

    code: NDArray[np.int64]
    words: list[str]


@dataclass(frozen=True)
class RowBlock:
    """Some consecutive rows. Arrays have shape (n,).

    Attributes:
        line: Line of the file, from 1.
        energy: 0 where empty or bad. [mWh]
        energy_empty: Is the text empty?
        energy_bad: Is it no energy?
        energy_text: The texts, a pyarrow array.
        source: The source's own words for the qualities; None where the file has no such column.
        direction: ``consumption`` or ``feed-in`` of the point, or empty; None where the file has no such column.
    """

    line: NDArray[np.int64]
    point: CodedColumn
    start: CodedColumn
    step: CodedColumn
    quality: CodedColumn
    energy: NDArray[np.int64]
    energy_empty: NDArray[np.bool_]
    energy_bad: NDArray[np.bool_]
    energy_text: Any
    source: CodedColumn | None = None
    direction: CodedColumn | None = None


class ReadingRows:
    """Gathers the rows of one file.

    Attributes:
        resolution_minutes: The step of the file: what the caller demands, else that of the first row. [min]
    """

    def __init__(
        self, faults: FaultCollector, known_points: Collection[str] | None, resolution_minutes: int | None
    ) -> None:
        self.resolution_minutes = resolution_minutes
        self._demanded = resolution_minutes is not None
        self._faults = faults
        self._points = RowPoints(known_points)
        self._sources: dict[str, int] = {"": 0}
        self._rows = HeldRows()

    def add(self, block: RowBlock) -> None:
        """Check rows one by one and keep the sound ones."""
        instants = [parse_start(word) for word in block.start.words]
        start = np.array([0 if isinstance(value, str) else value[0] for value in instants], dtype=np.int64)
        offset = np.array([0 if isinstance(value, str) else value[1] for value in instants], dtype=np.int64)
        steps = [parse_resolution(word) for word in block.step.words]
        minutes = np.array([0 if isinstance(value, str) else value for value in steps], dtype=np.int64)[
            block.step.code
        ]
        qualities = [parse_quality(word) for word in block.quality.words]
        quality = np.array(
            [Quality.MISSING if isinstance(value, str) else value for value in qualities], dtype=np.uint8
        )
        quality = quality[block.quality.code]
        bad_quality = _is_text(qualities)[block.quality.code]
        bad_start = _is_text(instants)[block.start.code]

        sound = self._tell_words("instant", block, block.start, instants)
        sound &= self._tell_words("resolution", block, block.step, steps)
        sound &= self._tell_words("quality", block, block.quality, qualities)
        start_utc = start[block.start.code]
        wall = start_utc + offset[block.start.code]
        sound &= self._tell_steps(block, minutes, wall, bad_start)
        sound &= self._tell_energies(block, quality, bad_quality)
        if block.direction is not None:
            directions = [parse_direction(word) for word in block.direction.words]
            sound &= self._tell_words("direction", block, block.direction, directions)
        point = self._points.place(block, start_utc)
        sound &= point != self._points.UNKNOWN
        code = None if block.source is None else self._source_codes(block.source)
        rows = RowColumns(block.line, point, start_utc, block.energy, quality, code)
        self._rows.add(rows if sound.all() else rows.take(sound))

    def _tell(
        self, rule: str, block: RowBlock, bad: NDArray[np.bool_], say: Callable[[int], str]
    ) -> NDArray[np.bool_]:
        """Note a finding per bad row, counting those beyond the bound. Returns the good rows."""
        rows = np.flatnonzero(bad)
        told = rows[: self._faults.room]
        for row in told.tolist():
            instant = parse_start(block.start.words[block.start.code[row]])
            begin = None if isinstance(instant, str) else instant[0]
            end = (
                begin + self.resolution_minutes * 60
                if begin is not None and self.resolution_minutes
                else None
            )
            self._faults.refuse(
                rule,
                say(row),
                line=int(block.line[row]),
                metering_point=block.point.words[block.point.code[row]].strip()[:80],
                start_utc=begin,
                end_utc=end,
            )
        self._faults.count(refused=len(rows) - len(told))
        return ~bad

    def _tell_words(
        self, rule: str, block: RowBlock, column: CodedColumn, values: list[Any]
    ) -> NDArray[np.bool_]:
        """Note the rows whose word says what is wrong with it."""
        bad = _is_text(values)[column.code]
        return self._tell(rule, block, bad, lambda row: values[column.code[row]])

    def _tell_steps(
        self,
        block: RowBlock,
        minutes: NDArray[np.int64],
        wall: NDArray[np.int64],
        bad_start: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Note rows of another step than the file's, and starts that are off its grid."""
        valid = minutes > 0
        if self.resolution_minutes is None and valid.any():
            self.resolution_minutes = int(minutes[valid][0])
        step = self.resolution_minutes
        if step is None:
            return valid
        whose = "the community settles" if self._demanded else "the file begins with"
        sound = self._tell(
            "mixed-steps",
            block,
            valid & (minutes != step),
            lambda row: f"the row is of {minutes[row]} minutes, {whose} {step}; one file has one step.",
        )
        off = valid & (minutes == step) & ~bad_start & (wall % (step * 60) != 0)
        return sound & self._tell(
            "off-grid",
            block,
            off,
            lambda row: (
                f"start {block.start.words[block.start.code[row]]} is not on the grid of {step} minutes; "
                "an interval starts on a multiple of its step."
            ),
        )

    def _tell_energies(
        self, block: RowBlock, quality: NDArray[np.uint8], bad_quality: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        missing = (quality == Quality.MISSING) & ~bad_quality
        sound = self._tell(
            "energy", block, block.energy_bad, lambda row: explain_energy(block.energy_text[row].as_py())
        )
        sound &= self._tell(
            "energy-where-missing",
            block,
            missing & ~block.energy_empty & ~block.energy_bad,
            lambda row: (
                f"energy {block.energy_text[row].as_py()} is given, but the quality is missing; leave it empty."
            ),
        )
        return sound & self._tell(
            "energy-absent",
            block,
            ~missing & ~bad_quality & block.energy_empty,
            lambda _row: 'the energy is empty; fill it in, or write quality "missing".',
        )

    def sound_rows(self) -> tuple[RowColumns, list[str]] | None:
        """The rows as they came and the points that they index, None where anything was wrong with any of them."""
        if self._faults.refused or self._points.any_unknown or self._rows.is_empty:
            return None
        return self._rows.as_added(), self._points.names

    def finish(self) -> ReadingTable:
        """Check the rows against each other; what is refused is noted.

        Returns:
            The table, sorted by point id and time, identical duplicates dropped.
        """
        self._points.tell_unknown(self._faults)
        names = sorted(self._points.names)
        if self._rows.is_empty and not self._faults.refused:
            self._faults.refuse("no-readings", "there is a header, but no reading below it.", line=1)
        place = {name: index for index, name in enumerate(names)}
        rank = np.array([place[name] for name in self._points.names], dtype=np.int32)
        rows = self._rows.finish(rank, lambda rows: self._choose(rows, names))
        return ReadingTable(
            metering_points=tuple(names),
            point=rows.point,
            start_utc=rows.start_utc,
            energy=rows.energy,
            quality=rows.quality,
            resolution_minutes=self.resolution_minutes or 0,
            code=rows.code,
            codes=() if rows.code is None else tuple(self._sources),
        )

    def _source_codes(self, column: CodedColumn) -> NDArray[np.int32]:
        lookup = np.array(
            [self._sources.setdefault(word, len(self._sources)) for word in column.words], np.int32
        )
        return lookup[column.code]

    def _choose(self, rows: RowColumns, names: list[str]) -> NDArray[np.bool_] | None:
        """Rows that say the same again are dropped, with a warning; those that contradict refused."""
        return tell_repeated(
            RepeatedRows(rows.line, rows.point, rows.start_utc, rows.energy, rows.quality),
            names,
            (self.resolution_minutes or 0) * 60,
            self._faults,
        )


def _is_text(values: list[Any]) -> NDArray[np.bool_]:
    return np.array([isinstance(value, str) for value in values], dtype=np.bool_)
