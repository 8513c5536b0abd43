"""Forecasts' errors beside what a user would pick instead: smaller is better, and seconds stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["ScoreRow", "ScoreSheet"]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One measure of one case.

    Attributes:
        case: What is forecast, when, how far ahead.
        measure: With its unit.
        ours: Our error.
        rivals: Theirs, by name.
        target: What is aimed at, None where only rivals count.
        weather: Observed afterwards, forecast, clear sky or none: what our forecast used.
        seconds: Of training. [s]
        rival_seconds: Of theirs, those that were trained. [s]
        note: What else one must know.
    """

    case: str
    measure: str
    ours: float
    rivals: Mapping[str, float]
    target: float | None
    weather: str
    seconds: float
    rival_seconds: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the aim was met; without one, whether no rival was better."""
        if self.target is not None:
            return self.ours <= self.target
        return all(self.ours <= theirs for theirs in self.rivals.values())


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """Cases that were run, and those that could not be, with the reason."""

    name: str
    work: str
    rows: tuple[ScoreRow, ...]
    left_out: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        document = asdict(self)
        for row, told in zip(self.rows, document["rows"], strict=True):
            told["reached"] = row.reached
        return document

    def lines(self) -> list[str]:
        """For people: ours, then each rival, and what stands beside them."""
        told = [f"{self.name}: {self.work}"]
        for row in self.rows:
            aim = "" if row.target is None else f", aim {row.target:,.4g}"
            state = "reached" if row.reached else "not reached"
            told += [f"  {row.case}: {row.measure}, weather {row.weather}{aim}: {state}"]
            width = max(map(len, ["ours", *row.rivals]))
            told += [f"    {'ours':<{width}}  {row.ours:12,.4f}            {row.seconds:9.2f} s"]
            for name, theirs in row.rivals.items():
                seconds = row.rival_seconds.get(name)
                spent = "" if seconds is None else f"{seconds:9.2f} s"
                share = f"{theirs / row.ours:8.3f} x" if row.ours else ""
                told += [f"    {name:<{width}}  {theirs:12,.4f} {share:<10} {spent}".rstrip()]
            told += [f"    {row.note}"] if row.note else []
        return told + [f"  left out: {reason}" for reason in self.left_out]
