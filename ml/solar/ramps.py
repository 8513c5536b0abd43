"""Ramps: by how much power rises or falls within a while, when it did, and how probable it is ahead."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]

__all__ = ["Ramp", "RampProbability", "find_ramps", "ramp_probability"]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A rise or fall.

    Attributes:
        start_utc: Start of the first interval that belongs to it. [s since 1970, UTC]
        end_utc: End of the last. [s since 1970, UTC]
        change: From the first interval to the last; negative falls. [the series' unit]
    """

    start_utc: int
    end_utc: int
    change: float


@dataclass(frozen=True)
class RampProbability:
    """By the interval in which the while begins. Shapes (H - W,) for a while of W steps. [1]"""

    up: Values
    down: Values


def _steps(window_seconds: int, step_seconds: int, length: int) -> int:
    steps = window_seconds // step_seconds
    if steps < 1 or window_seconds % step_seconds or steps >= length:
        raise InputError(
            f"a ramp's while of {window_seconds} s must be whole steps of {step_seconds} s and shorter than what is "
            f"looked at ({length} steps)."
        )
    return steps


def find_ramps(series: Series, window_seconds: int, size: float) -> list[Ramp]:
    """Find the ramps of a course: changes within a while that are at least of some size.

    Whiles that overlap and go the same way are one ramp, told from where it was lowest to where it was highest.

    Args:
        series: Power; unknown values begin and end no ramp.
        window_seconds: Whole steps. [s]
        size: Least change, above zero. [the series' unit]

    Raises:
        InputError: If the while does not fit the series.
    """
    steps = _steps(window_seconds, series.step_seconds, len(series))
    change = series.values[steps:] - series.values[:-steps]
    with np.errstate(invalid="ignore"):
        way = np.where(change >= size, 1, np.where(change <= -size, -1, 0))
    ramps = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], way, [0]])))
    for begin, end in pairwise(edges):
        if way[begin] == 0:
            continue
        span = series.values[begin : end + steps] * way[begin]
        low = int(np.nanargmin(span[: -steps or None]))
        high = low + int(np.nanargmax(span[low:]))
        ramps.append(
            Ramp(
                start_utc=series.start_utc + series.step_seconds * (int(begin) + low),
                end_utc=series.start_utc + series.step_seconds * (int(begin) + high + 1),
                change=float(series.values[begin + high] - series.values[begin + low]),
            )
        )
    return ramps


def ramp_probability(
    scenarios: Values, step_seconds: int, window_seconds: int, size: float
) -> RampProbability:
    """Probability of ramps ahead: the share of scenarios that have one.

    Args:
        scenarios: Of one course, such as a site's or a sum's of ``ml.solar.fleet``. Shape (N, H).
        step_seconds: [s]
        window_seconds: Whole steps. [s]
        size: Least change. [the scenarios' unit]

    Raises:
        InputError: If the while does not fit.
    """
    steps = _steps(window_seconds, step_seconds, scenarios.shape[1])
    change = scenarios[:, steps:] - scenarios[:, :-steps]
    return RampProbability(
        up=np.asarray((change >= size).mean(axis=0)), down=np.asarray((change <= -size).mean(axis=0))
    )
