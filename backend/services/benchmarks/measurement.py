"""What a benchmark measured, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

__all__ = ["Benchmark", "Measurement", "time_best"]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way to do the work.

    Attributes:
        what: Its name.
        seconds: Best of its runs. [s]
        runs: How many.
        ratio: Its seconds by ours.
        note: Exact, or how far off.
    """

    what: str
    seconds: float
    runs: int
    ratio: float
    note: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A piece of work and the ways to do it, ours first."""

    name: str
    work: str
    measurements: tuple[Measurement, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people: a table."""
        width = max(len(measurement.what) for measurement in self.measurements)
        rows = [
            f"  {m.what:<{width}}  {m.seconds:9.4f} s  {m.ratio:7.1f} x   {m.note}" for m in self.measurements
        ]
        return [f"{self.name}: {self.work}", *rows]


def time_best(work: Callable[[], _Result], runs: int) -> tuple[float, _Result]:
    """Best of a few runs [s], and what the last gave."""
    assert runs >= 1
    best = float("inf")
    result: list[_Result] = []
    for _ in range(runs):
        result.clear()  # so that one run does not find the memory of the one before taken
        begin = time.perf_counter()
        result.append(work())
        best = min(best, time.perf_counter() - begin)
    return best, result[0]
