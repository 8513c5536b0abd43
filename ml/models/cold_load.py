"""Cold-load pick-up learned from outages that were measured; without any, figures are assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting.cold_load import ColdLoad, Outage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["MeasuredOutage", "fit_cold_load"]

_LEARNED = ("connected", "building_hours", "lost_hours", "decay_hours")
_BOUNDS = {
    "connected": (0.01, 20.0),
    "building_hours": (0.5, 100.0),
    "lost_hours": (0.05, 5.0),
    "decay_hours": (0.05, 12.0),
}
_LEAN = 0.3  # standard deviation of a parameter's logarithm among feeders: few outages move it little
_SPREAD_MIN = 0.05
_NOISE_MIN = 0.02


@dataclass(frozen=True)
class MeasuredOutage:
    """An outage with what came after it.

    Attributes:
        outage: When.
        starts_utc: Of the intervals after it. Shape (H,). [s since 1970, UTC]
        step_seconds: [s]
        actual: What the feeder took, NaN where unknown. Shape (H,). [unit]
        expected: What it would have taken, as forecast from before the outage. Shape (H,). [unit]
        temperature: Outdoors, mean of the outage and after; NaN where unknown. [°C]
    """

    outage: Outage
    starts_utc: NDArray[np.int64]
    step_seconds: int
    actual: Values
    expected: Values
    temperature: float

    def __post_init__(self) -> None:
        if not len(self.starts_utc) == len(self.actual) == len(self.expected):
            raise InputError(
                f"an outage's course has {len(self.starts_utc)} starts, {len(self.actual)} measured and "
                f"{len(self.expected)} expected values; they must be as many."
            )
        if not np.isfinite(self.expected).all() or (self.expected <= 0).any():
            raise InputError(
                "what was expected after an outage must be known and above zero in every interval."
            )

    @property
    def ratio(self) -> Values:
        """What was taken beyond what was expected, as a part of it. Shape (H,). [1]"""
        return self.actual / self.expected - 1


def fit_cold_load(measured: Sequence[MeasuredOutage], prior: ColdLoad | None = None) -> ColdLoad:
    """Fit height, time constants and spread to outages; how duty depends on temperature stays the prior's.

    Least squares on what was taken beyond the expected, each parameter's logarithm leaning on the prior's, so that one
    outage moves them a little and many decide. Without any outage the prior comes back, with ``fitted`` 0.

    Args:
        measured: In any order.
        prior: The assumed defaults where it is None.
    """
    begin = prior or ColdLoad()
    usable = [one for one in measured if np.isfinite(one.ratio).any()]
    if not usable:
        return replace(begin, fitted=0)
    from scipy.optimize import least_squares

    start = np.log([getattr(begin, name) for name in _LEARNED])
    noise = max(_noise_of(usable), _NOISE_MIN)

    def misses(logs: Values) -> Values:
        made = _with(begin, logs)
        parts = [(logs - start) / _LEAN]
        for one in usable:
            known = np.isfinite(one.ratio)
            told = made.mean_excess(one.starts_utc, one.step_seconds, one.outage, one.temperature)
            parts.append((one.ratio - told)[known] / noise / np.sqrt(known.sum()))
        return np.concatenate(parts)

    low, high = (np.log([_BOUNDS[name][side] for name in _LEARNED]) for side in (0, 1))
    found = least_squares(misses, np.clip(start, low + 1e-6, high - 1e-6), bounds=(low, high))
    fitted = _with(begin, found.x)
    return replace(fitted, spread=_spread_of(fitted, usable, begin), fitted=len(usable))


def _with(begin: ColdLoad, logs: Values) -> ColdLoad:
    changed: dict[str, Any] = dict(zip(_LEARNED, np.exp(logs).tolist(), strict=True))
    return replace(begin, **changed)


def _noise_of(usable: Sequence[MeasuredOutage]) -> float:
    """How far the expected is off by itself: the last quarter of each course, when the pick-up is mostly over."""
    tails = [one.ratio[-max(len(one.ratio) // 4, 1) :] for one in usable]
    known = np.concatenate(tails)
    known = known[np.isfinite(known)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else _NOISE_MIN


def _spread_of(fitted: ColdLoad, usable: Sequence[MeasuredOutage], begin: ColdLoad) -> float:
    """How the energies picked up spread about what was told, leaning on the prior's spread as on one more outage."""
    logs = []
    for one in usable:
        known = np.isfinite(one.ratio)
        told = fitted.mean_excess(one.starts_utc, one.step_seconds, one.outage, one.temperature)
        taken, expected = float(one.ratio[known].sum()), float(told[known].sum())
        if taken > 0 and expected > 0:
            logs.append(np.log(taken / expected))
    squares = float(np.sum(np.square(logs))) + begin.spread**2
    return max(float(np.sqrt(squares / (len(logs) + 1))), _SPREAD_MIN)
