"""Faults of structure, put into files: whether reading a file, or checking what was read, names each where it is.

A case is one point's readings of some weeks, real ones without gaps, written as a CSV of our form with a fault and read
back as any file is. What a file is refused for and what the rules find in readings that were taken count alike.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import ReadingsError
from backend.metering.conformity import RULES, ConformityTerms, check_readings
from backend.metering.inspection import ABSENT
from backend.metering.known_points import KnownPoints
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from backend.metering import Finding
    from backend.ports import MeterFileLoader
    from backend.services.benchmarks.conformity import SoundSample

__all__ = ["FILE_KINDS", "FileKind", "FileScore", "measure_files"]

_DAYS = 28
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file; ``start_utc`` [s since 1970, UTC], ``step_seconds`` [s], ``energy`` in kilowatt-hours."""

    start_utc: int
    step_seconds: int
    energy: str


@dataclass(frozen=True, slots=True)
class FileKind:
    """A fault of structure.

    Attributes:
        name: In reports.
        rules: Those of files and of readings that ought to name it, any of them; none where nothing is wrong.
        witnesses: Further rules that are right to name it.
        put: Gives the rows with the fault, and the first and the last instant that it touches.
    """

    name: str
    rules: frozenset[str]
    witnesses: frozenset[str]
    put: Callable[[list[_Row], np.random.Generator], tuple[list[_Row], int, int]]


@dataclass
class FileScore:
    """Counts over cases.

    Attributes:
        put: Files by kind.
        told: Those of them in which a rule made for the kind names the point and an overlapping span.
        by: Findings of those rules, by kind and rule.
        wrong: Other findings, by kind and rule; of sound files all.
    """

    put: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    by: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)

    def rules_of(self, kind: str) -> list[str]:
        """Which rules named it."""
        return sorted(rule for named, rule in self.by if named == kind)

    def wrong_in(self, kind: str) -> int:
        """Findings beside it."""
        return sum(count for (named, _), count in self.wrong.items() if named == kind)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            kind: {
                "put": self.put[kind],
                "told": self.told[kind],
                "rules": self.rules_of(kind),
                "wrong": self.wrong_in(kind),
            }
            for kind in FILE_KINDS
            if self.put[kind]
        }


def _some(rows: list[_Row], draw: np.random.Generator, most: int) -> slice:
    """One to ``most`` consecutive rows."""
    count = int(draw.integers(1, most + 1))
    first = int(draw.integers(0, len(rows) - count))
    return slice(first, first + count)


def _touched(rows: list[_Row]) -> tuple[int, int]:
    return rows[0].start_utc, rows[-1].start_utc + rows[-1].step_seconds


def _leave(rows: list[_Row], _: np.random.Generator) -> tuple[list[_Row], int, int]:
    """As they are."""
    return rows, *_touched(rows)


def _repeat(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 rows again at the end, with another energy."""
    part = rows[_some(rows, draw, 48)]
    again = [_Row(row.start_utc, row.step_seconds, f"1{row.energy}") for row in part]
    return rows + again, *_touched(part)


def _copy(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 rows again at the end, as they were."""
    part = rows[_some(rows, draw, 48)]
    return rows + part, *_touched(part)


def _move(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 rows half a step late."""
    part = _some(rows, draw, 48)
    late = [_Row(row.start_utc + row.step_seconds // 2, row.step_seconds, row.energy) for row in rows[part]]
    return rows[: part.start] + late + rows[part.stop :], *_touched(rows[part])


def _lengthen(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 rows that claim twice the step, over those that follow them."""
    part = _some(rows, draw, 48)
    long = [_Row(row.start_utc, 2 * row.step_seconds, row.energy) for row in rows[part]]
    return rows[: part.start] + long + rows[part.stop :], *_touched(rows[part])


def _thin(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Every second row of 5 to 15 days left out."""
    per_day = 86_400 // rows[0].step_seconds
    days = int(draw.integers(5, 16))
    first = int(draw.integers(0, _DAYS - days)) * per_day
    until = first + days * per_day
    kept = [row for place, row in enumerate(rows) if not first <= place < until or place % 2 == 0]
    return kept, *_touched(rows[first:until])


def _lose(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """1 to 5 days left out, not the first or the last."""
    per_day = 86_400 // rows[0].step_seconds
    first = int(draw.integers(1, _DAYS - 6)) * per_day
    until = first + int(draw.integers(1, 6)) * per_day
    return rows[:first] + rows[until:], *_touched(rows[first:until])


def _shorten(rows: list[_Row], _: np.random.Generator) -> tuple[list[_Row], int, int]:
    """The second of the doubled hours of autumn left out: the middle of the rows is its begin."""
    hour = _HOUR // rows[0].step_seconds
    middle = len(rows) // 2
    return rows[:middle] + rows[middle + hour :], *_touched(rows[middle : middle + hour])


def _negate(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 energies below zero."""
    part = _some(rows, draw, 48)
    below = [_Row(row.start_utc, row.step_seconds, "-0.25") for row in rows[part]]
    return rows[: part.start] + below + rows[part.stop :], *_touched(rows[part])


def _garble(rows: list[_Row], draw: np.random.Generator) -> tuple[list[_Row], int, int]:
    """Up to 48 energies that are no number."""
    part = _some(rows, draw, 48)
    words = ("nan", "inf", "0x1", "1e400", "--")
    bad = [_Row(row.start_utc, row.step_seconds, words[int(draw.integers(len(words)))]) for row in rows[part]]
    return rows[: part.start] + bad + rows[part.stop :], *_touched(rows[part])


_LONG_DAY = "long day as a short one"


def _kind(name: str, rules: str, put: Any, witnesses: str = "") -> FileKind:
    return FileKind(name, frozenset(rules.split()), frozenset(witnesses.split()), put)


FILE_KINDS: Mapping[str, FileKind] = {
    kind.name: kind
    for kind in (
        _kind("nothing", "", _leave),
        _kind("rows twice, the same", "duplicate", _copy),
        _kind("rows twice, otherwise", "contradiction", _repeat),
        _kind("half a step late", "off-grid overlap", _move),
        _kind("rows of twice the step", "mixed-steps resolution overlap", _lengthen),
        _kind("every second reading", "interval-count", _thin, "gap"),
        _kind("missing days", "gap", _lose),
        _kind(_LONG_DAY, "clock-change", _shorten, "gap"),
        _kind("negative", "negative energy", _negate),
        _kind("no number", "energy", _garble),
    )
}
_STRUCTURE = frozenset(
    {"gap", "interval-count", "negative", "duplicate", "overlap", "off-grid", "clock-change"}
)
_STRUCTURE_ALONE = ConformityTerms(left_out=frozenset(RULES) - _STRUCTURE)


def measure_files(
    sample: SoundSample, files: int, seed: int, read_file: MeterFileLoader, score: FileScore
) -> None:
    """Write files of every kind from a sample, read them back, and count into ``score``."""
    draw = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        for kind in FILE_KINDS.values():
            for _ in range(files):
                taken = _take_rows(sample, draw, kind.name)
                if taken is None:
                    continue
                point, whole = taken
                rows, start, end = kind.put(whole, draw)
                path.write_text(_write(point, rows), encoding="utf-8")
                span = whole[0].start_utc, whole[-1].start_utc + whole[-1].step_seconds
                _count(kind, _findings(sample, path, read_file, span), (point, start, end), score)


def _count(kind: FileKind, findings: list[Finding], where: tuple[str, int, int], score: FileScore) -> None:
    point, start, end = where
    score.put[kind.name] += 1
    is_told = False
    for one in findings:
        if one.metering_point not in {point, ""}:
            continue  # a point that is not in the file
        lies = (
            one.start_utc is not None and one.start_utc < end and (one.end_utc or one.start_utc + 1) > start
        )
        if one.rule in kind.rules and lies and one.metering_point == point:
            is_told = True
            score.by[kind.name, one.rule] += 1
        elif one.rule not in kind.witnesses or not lies:
            score.wrong[kind.name, one.rule] += 1
    score.told[kind.name] += is_told


def _take_rows(sample: SoundSample, draw: np.random.Generator, kind: str) -> tuple[str, list[_Row]] | None:
    """Some weeks of a point without gaps, by lot; None where a few lots found none."""
    calendar, points = sample.calendar, sample.community.metering_points
    per_day = 86_400 // calendar.step_seconds
    longest = int(np.argmax(calendar.intervals_per_day))
    for _ in range(20):
        place = int(draw.integers(len(points)))
        first = calendar.day_offsets[int(draw.integers(0, calendar.period.days - _DAYS - 1))]
        if kind == _LONG_DAY:
            if calendar.intervals_per_day[longest] <= per_day:
                return None
            doubled = calendar.day_offsets[longest] + 2 * _HOUR // calendar.step_seconds
            first = doubled - _DAYS * per_day // 2
        energy = sample.energy[place, first : first + _DAYS * per_day]
        if len(energy) == _DAYS * per_day and (energy != ABSENT).all():
            start, step = calendar.start_utc + first * calendar.step_seconds, calendar.step_seconds
            rows = [
                _Row(start + at * step, step, format_kilowatt_hours(value, 6))
                for at, value in enumerate(energy.tolist())
            ]
            return points[place].id, rows
    return None


def _write(point: str, rows: list[_Row]) -> str:
    starts = (datetime.fromtimestamp(row.start_utc, UTC) for row in rows)
    lines = [
        f"{point},{start:%Y-%m-%dT%H:%M:%SZ},{row.step_seconds // 60},{row.energy},"
        for start, row in zip(starts, rows, strict=True)
    ]
    return "metering_point,start,resolution_minutes,energy_kwh,quality\n" + "measured\n".join([*lines, ""])


def _findings(
    sample: SoundSample, path: Path, read_file: MeterFileLoader, span: tuple[int, int]
) -> list[Finding]:
    """What the file is refused for, or what is said of it and of what was read."""
    points = KnownPoints(sample.community.metered_series, sample.community.time_zone)
    step = sample.calendar.resolution_minutes
    try:
        read = read_file.loadable(path, known_points=points, resolution_minutes=step)
    except ReadingsError as refusal:
        return list(refusal.findings)
    checked = check_readings(
        read.table, sample.community, start_utc=span[0], end_utc=span[1], terms=_STRUCTURE_ALONE
    )
    return [*read.findings, *checked]
