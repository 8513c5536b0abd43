"""What a benchmark measured, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Benchmark", "Measurement"]


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
