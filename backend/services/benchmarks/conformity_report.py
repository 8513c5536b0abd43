"""``partage bench conformity``: rules on faults put in by lot, and estimates on gaps cut in by lot, as one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from backend.metering.conformity import RULES
from backend.services.benchmarks.conformity import Score, SoundSample, score_sample
from backend.services.benchmarks.conformity_factors import FACTORS, FactorScore, measure_factors
from backend.services.benchmarks.conformity_files import FILE_KINDS, FileScore, measure_files
from backend.services.benchmarks.conformity_kinds import KINDS
from backend.services.benchmarks.estimation_errors import GAP_HOURS, MethodError, measure_errors
from backend.services.benchmarks.measurement import Benchmark, Measurement

if TYPE_CHECKING:
    from backend.ports import MeterFileLoader

__all__ = ["ConformityBenchmark", "bench_conformity"]


@dataclass(frozen=True, slots=True)
class ConformityBenchmark(Benchmark):
    """What was measured, besides seconds.

    Attributes:
        scores: By sample.
        total: Over all of them.
        factors: Of factors by size, put in from a day on.
        first_factors: Of those put in from the beginning until a day.
        files: Of faults of structure in files.
        errors: Of estimates.
    """

    scores: dict[str, Score]
    total: Score
    factors: FactorScore
    first_factors: FactorScore
    files: FileScore
    errors: tuple[MethodError, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "work": self.work,
            "total": self.total.as_dict(),
            "samples": {name: score.as_dict() for name, score in self.scores.items()},
            "factors": self.factors.as_dict(),
            "first_factors": self.first_factors.as_dict(),
            "files": self.files.as_dict(),
            "estimation": [error.as_dict() for error in self.errors],
        }

    def lines(self) -> list[str]:
        """For people: recall by kind, precision by rule, errors by length of gap."""
        lines = [f"{self.name}: {self.work}", *self._kind_lines(), *self._rule_lines()]
        lines += [*self._factor_lines(), *self._file_lines()]
        lines.append(
            "  estimates: error and bias of the energy in gaps of " + ", ".join(map(_name_hours, GAP_HOURS))
        )
        for sample, method in dict.fromkeys((one.sample, one.method) for one in self.errors):
            figures = [one for one in self.errors if (one.sample, one.method) == (sample, method)]
            cells = "".join(f"{one.error:8.1%} {one.bias:+6.1%}" for one in figures)
            lines.append(f"    {sample:28} {method:30}{cells}")
        return lines

    def _kind_lines(self) -> list[str]:
        lines = [f"    {'fault put in':28}{'put':>6}{'found':>7}{'recall':>8}   * gross"]
        lines += [
            f"    {kind.name + (' *' if kind.gross else ''):28}{self.total.put[kind.name]:6}"
            f"{self.total.found[kind.name]:7}{self.total.recall(kind.name):8.3f}"
            for kind in KINDS.values()
            if self.total.put[kind.name]
        ]
        return lines

    def _factor_lines(self) -> list[str]:
        lines = [
            f"    {'multiplier alone, factor':28}"
            + "".join(f"{factor:6}" for factor in FACTORS)
            + "  precision"
        ]
        lines += [
            f"    {f'{words}, recall':28}"
            + "".join(f"{score.recall([factor]):6.2f}" for factor in FACTORS)
            + f"{score.precision:11.3f}   of {sum(score.put.values()):,}"
            for words, score in (("from a day on", self.factors), ("until a day", self.first_factors))
        ]
        return lines

    def _file_lines(self) -> list[str]:
        lines = [f"    {'fault put into a file':28}{'put':>6}{'told':>7}{'beside':>8}   by"]
        lines += [
            f"    {kind:28}{self.files.put[kind]:6}{self.files.told[kind]:7}{self.files.wrong_in(kind):8}   "
            f"{', '.join(self.files.rules_of(kind)) or '-'}"
            for kind in FILE_KINDS
            if self.files.put[kind]
        ]
        return lines

    def _rule_lines(self) -> list[str]:
        years = self.total.meter_years
        lines = [
            (
                f"    {'rule':20}{'right':>7}{'wrong':>7}{'precision':>11}{'false alarms':>14}"
                f"{'a meter-year':>14}"
            )
        ]
        for rule in RULES:
            told = self.total.right[rule] + self.total.wrong[rule]
            precision = f"{self.total.precision(rule):11.3f}" if told else f"{'-':>11}"
            lines.append(
                f"    {rule:20}{self.total.right[rule]:7}{self.total.wrong[rule]:7}{precision}"
                f"{self.total.alarms[rule]:14}{self.total.alarms[rule] / max(years, 1):14.3f}"
            )
        return lines


def _name_hours(hours: int) -> str:
    return f"{hours} h" if hours < 24 else f"{hours // 24} d"  # noqa: PLR2004 -- hours of a day


def bench_conformity(
    samples: Sequence[tuple[SoundSample, Collection[date]]],
    worlds: int,
    gaps: int,
    seed: int,
    read_file: MeterFileLoader,
) -> ConformityBenchmark:
    """Check untouched samples and worlds made of them, and estimate gaps.

    Args:
        samples: Sound readings with the holidays of where they are from.
        worlds: Of each sample.
        gaps: Of each length and sample.
        seed: Of every lot.
        read_file: Reads a meter file.
    """
    scores = {sample.name: score_sample(sample, worlds, seed) for sample, _ in samples}
    total = Score.empty()
    for score in scores.values():
        for name in ("put", "found", "right", "wrong", "alarms", "known"):
            counts: Counter[str] = getattr(total, name)
            counts.update(getattr(score, name))
        total.meter_years += score.meter_years
        total.seconds += score.seconds
    factors, first_factors, files = FactorScore(), FactorScore(), FileScore()
    for sample, _ in samples:
        measure_factors(sample, worlds, seed, factors)
        measure_factors(sample, max(worlds // 4, 1), seed, first_factors, from_first=True)
        measure_files(sample, worlds, seed, read_file, files)
    errors = [error for sample, held in samples for error in measure_errors(sample, gaps, seed, held)]
    seconds = total.seconds / max(total.meter_years, 1)
    work = (
        f"{sum(total.put.values()):,} faults put by lot into real readings of {total.meter_years:.0f} meter-years "
        f"({', '.join(scores)}); {seconds * 1000:.0f} ms to check a meter-year"
    )
    measurement = Measurement("check a meter-year", seconds, 1, 1.0, "every rule")
    return ConformityBenchmark(
        "conformity", work, (measurement,), scores, total, factors, first_factors, files, tuple(errors)
    )
