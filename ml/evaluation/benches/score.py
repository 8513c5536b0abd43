"""A row of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.forecasting import WeatherSource

__all__ = ["Score"]


@dataclass(frozen=True)
class Score:
    """One measure of one case, ours beside rivals'; smaller is better.

    Attributes:
        case: What is forecast, when and how far ahead: ``Victoria 2014, day ahead``.
        measure: With its unit: ``MAPE [%]``.
        ours: Our model's.
        rivals: By name; published figures say so in their name.
        target: What is aimed at, None where only rivals count.
        weather: What weather our forecast used.
        seconds: Of training, ours. [s]
        rival_seconds: Of training, by the same names, those that were run. [s]
        note: What else a reader must know: the split, a test of significance, what is not reached and why.
    """

    case: str
    measure: str
    ours: float
    rivals: Mapping[str, float]
    target: float | None
    weather: WeatherSource
    seconds: float
    rival_seconds: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
