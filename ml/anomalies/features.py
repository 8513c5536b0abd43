"""What is told of a day beside what was expected: figures that are larger the odder it is, and its shape.

All are relative to the meter's own past and take off what its neighbours did in the same hours, so that days of
different meters can be judged together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.anomalies.days import DayTable, Expectation

    Values = NDArray[np.float64]

__all__ = ["NAMES", "DayFigures", "day_figures"]

NAMES = (
    "more_energy",
    "less_energy",
    "more_for_a_week",
    "less_for_a_week",
    "high_hours",
    "low_hours",
    "peak",
    "higher_base",
    "lower_base",
    "zero",
    "standstill",
    "far_from_all_days",
    "shifted",
)
"""Figures of a day, in the order of the last axis of ``DayFigures.odd``."""

_OF_THE_METER = frozenset({"higher_base", "lower_base", "zero", "standstill"})
"""What stays odd of a day on which nobody was home."""

_SHAPE_LIMIT = 8.0
_NEIGHBOURS_MIN = 4
_WEEK = 7
_SHIFTS = (-6, -5, -4, -3, -2, 2, 3, 4, 5, 6)  # [h]
_ZERO_HOURS = 1.0
_STILL_HOURS = 4.0  # standby of whole watts may well stand still for a while
_FLOOR = 0.05  # of the meter's usual hour
_BACK = 56
_LEARN_MIN = 60  # days
_RIDGE = 300.0  # [K²]: as so many days 1 K apart would say that nothing follows


@dataclass(frozen=True)
class DayFigures:
    """Days by what is odd in them.

    Attributes:
        odd: By ``NAMES``; NaN of days that cannot be judged. Shape (M, D, 13). [1]
        shape: What the hours are beside what was expected, in spreads, limited. Shape (M, D, 24). [1]
        course: Logarithm of the hours, over three of them, to what was expected. Shape (M, D, 24). [1]
        log_ratio: Of the day's energy to what was expected, less the neighbours'. Shape (M, D). [1]
        week: Mean of the last seven ``log_ratio``. Shape (M, D). [1]
    """

    odd: Values
    shape: Values
    course: Values
    log_ratio: Values
    week: Values

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which days can be judged. Shape (M, D)."""
        return np.asarray(np.isfinite(self.odd).all(axis=2))


def day_figures(table: DayTable, expected: Expectation, history: NDArray[np.bool_]) -> DayFigures:
    """Figures of all days.

    Args:
        table: The days; where their temperature is known, what a meter's energy follows of it is taken off.
        expected: What earlier days let one expect.
        history: Days that a meter's response to the weather is learned from. Shape (D,).
    """
    known = table.known & np.isfinite(expected.hours).all(axis=2)
    actual = np.where(np.isfinite(table.hours), table.hours, expected.hours)
    own = (actual - expected.hours) / expected.spread
    shape = own - _of_neighbours(np.clip(own, -_SHAPE_LIMIT, _SHAPE_LIMIT), known)
    level = np.abs(expected.hours).mean(axis=2)
    floor = _FLOOR * level + 1.0
    ratio = np.log(np.maximum(actual.mean(axis=2), 0) + floor) - np.log(
        np.maximum(expected.hours.mean(axis=2), 0) + floor
    )
    ratio = ratio - _by_weather(ratio, table.temperature, known & history[None, :])
    ratio = ratio - _of_neighbours(ratio[:, :, None], known)[:, :, 0]
    ratio = np.where(known & ~expected.away, ratio, np.nan)
    stray = _usual_stray(ratio)
    week = _mean_of_last(np.where(expected.example, ratio, np.nan), _WEEK)
    odd = np.stack(
        [
            np.nan_to_num(ratio) / stray,
            -np.nan_to_num(ratio) / stray,
            np.nan_to_num(week) / stray,
            -np.nan_to_num(week) / stray,
            *_hour_figures(shape),
            np.log((actual.max(axis=2) + floor) / (_top(expected) + floor)),
            *_base_figures(actual, expected, floor),
            _longer(table.zero_hours, np.maximum(expected.zero_hours, _zero_around(table)), _ZERO_HOURS),
            _longer(table.still_hours, expected.still_hours, _STILL_HOURS),
            expected.distance,
            _shift_gain(actual, expected.hours),
        ],
        axis=2,
    )
    calm = np.array([name not in _OF_THE_METER for name in NAMES])
    middle = np.median(odd[known & history], axis=0) if (known & history).any() else np.zeros(len(NAMES))
    odd[expected.away[:, :, None] & calm] = np.broadcast_to(middle, odd.shape)[
        expected.away[:, :, None] & calm
    ]
    course = _course(actual, expected.hours, floor)
    shape, course = (np.where(expected.away[:, :, None], 0.0, one) for one in (shape, course))
    odd[~known] = np.nan
    return DayFigures(odd, np.clip(shape, -_SHAPE_LIMIT, _SHAPE_LIMIT), course, ratio, week)


def _of_neighbours(values: Values, known: NDArray[np.bool_]) -> Values:
    """Median over the other meters; nothing where fewer than four are known. Shape (M, D, k)."""
    visible = np.where(known[:, :, None], values, np.nan)
    count = known.sum(axis=0)
    usual = np.zeros(values.shape[1:])
    enough = count >= _NEIGHBOURS_MIN
    if enough.any():
        usual[enough] = np.nanmedian(visible[:, enough], axis=0)
    return np.broadcast_to(usual, values.shape)


def _longer(hours: Values, usual: Values, least: float) -> Values:
    """How many times longer than usual, or than so many hours, as a logarithm. Shape (M, D). [1]"""
    long = np.maximum(np.nan_to_num(usual), least)
    return np.asarray(np.maximum(np.log1p(hours) - np.log1p(long), 0.0))


def _zero_around(table: DayTable) -> Values:
    """Zero that half the meters show is an outage, and no fault of one of them. Shape (M, D). [h]"""
    return _of_neighbours(table.zero_hours[:, :, None], table.known)[:, :, 0]


def _by_weather(ratio: Values, temperature: Values, learn: NDArray[np.bool_]) -> Values:
    """What warmer and colder than in the two weeks before makes of a meter's energy: ridge by meter. Shape (M, D)."""
    lately = _mean_of_last(np.concatenate([[np.nan], temperature[:-1]])[None], 2 * _WEEK)[0]
    apart = np.nan_to_num(temperature - lately)
    parts = np.stack([np.maximum(apart, 0), np.maximum(-apart, 0)], axis=1)
    told = np.zeros(ratio.shape)
    for row in range(len(ratio)):
        inputs, result = parts[learn[row]], np.clip(ratio[row, learn[row]], -1, 1)
        if len(result) >= _LEARN_MIN:
            told[row] = parts @ np.linalg.solve(inputs.T @ inputs + _RIDGE * np.eye(2), inputs.T @ result)
    return told


def _usual_stray(ratio: Values) -> Values:
    """Mean distance from zero over the eight weeks before each day, at least 0.1. Shape (M, D)."""
    held = np.concatenate(
        [np.full((len(ratio), 1), np.nan), np.abs(np.clip(ratio[:, :-1], -1.5, 1.5))], axis=1
    )
    return np.maximum(np.nan_to_num(_mean_of_last(held, _BACK), nan=0.3), 0.1)


def _mean_of_last(values: Values, count: int) -> Values:
    """Mean of what is known of the last values, that at the place included. Shape (M, D)."""
    known = np.isfinite(values)
    sums = np.cumsum(np.where(known, values, 0.0), axis=1)
    numbers = np.cumsum(known, axis=1)
    sums[:, count:], numbers[:, count:] = (
        sums[:, count:] - sums[:, :-count],
        numbers[:, count:] - numbers[:, :-count],
    )
    return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)


def _hour_figures(shape: Values) -> tuple[Values, Values]:
    """Highest and lowest three hours in a row."""
    three = (shape[:, :, :-2] + shape[:, :, 1:-1] + shape[:, :, 2:]) / 3
    return three.max(axis=2), -three.min(axis=2)


def _course(actual: Values, usual: Values, floor: Values) -> Values:
    wide = 2 * floor[:, :, None]
    over_three = [
        sum(np.roll(np.maximum(hours, 0), turn, axis=2) for turn in (-1, 0, 1)) / 3
        for hours in (actual, usual)
    ]
    return np.asarray(np.log(over_three[0] + wide) - np.log(over_three[1] + wide))


def _top(expected: Expectation) -> Values:
    return np.asarray((expected.hours + 2 * expected.spread).max(axis=2))


def _base_figures(actual: Values, expected: Expectation, floor: Values) -> tuple[Values, Values]:
    """The day's fourth-lowest hour beside that of the expected course: a base load is up, or gone."""
    base = np.partition(actual, 3, axis=2)[:, :, 3]
    usual = np.partition(expected.hours, 3, axis=2)[:, :, 3]
    moved = np.log(np.maximum(base, 0) + floor) - np.log(np.maximum(usual, 0) + floor)
    return moved, -moved


def _shift_gain(actual: Values, usual: Values) -> Values:
    """How much better the course fits another hour of the day than its own. Shape (M, D). [1]"""
    day = actual - actual.mean(axis=2, keepdims=True)
    course = usual - usual.mean(axis=2, keepdims=True)
    length = np.sqrt((day**2).sum(axis=2) * (course**2).sum(axis=2)) + 1e-9
    here = (day * course).sum(axis=2) / length
    there = [(day * np.roll(course, shift, axis=2)).sum(axis=2) / length for shift in _SHIFTS]
    return np.asarray(np.max(there, axis=0) - here)
