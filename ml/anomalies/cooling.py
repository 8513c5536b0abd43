"""Oil that is warmer than its load and the season explain: clogged fins, a stopped fan or pump, a blocked duct.

Of every day the mean oil temperature is set against what the loads of the day and of the day before, their squares, the
air where it is recorded and the season have made of it in the history. Slow drift of the level (a moved sensor, another
tap, weather where no air is recorded) is followed three days behind: what comes within days is seen, what creeps in
over months is not. The oil must stay too warm over three days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.anomalies import Anomaly, AnomalyKind, check_budget
from ml.anomalies.budget import DAYS_PER_YEAR, surprise, threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]

__all__ = ["AIR", "HISTORY_DAYS_MIN", "OilDays", "expected_days", "find_cooling_faults"]

AIR = "ambient"
"""Name of the input that is the air's temperature; all others are loads."""
HISTORY_DAYS_MIN = 120
_DAY = 86_400
_KNOWN_MIN = 0.75
_LEVEL_DAYS, _LEVEL_BEHIND = 14, 3
_ROW_DAYS = 3
_SEASON_DAYS = 300
_NOTABLE_KELVIN = 1.5  # less is within what a thermometer in its pocket may be off
_PENALTY = 3.0
_FOLDS = 4
_FOLD_DAYS = 14


@dataclass(frozen=True)
class OilDays:
    """Oil by UTC day beside what was expected of it. Shapes (D,), NaN where unknown.

    Attributes:
        days: Days since 1970.
        first: Index of the first day that is judged; those before are the history.
        measured: [°C]
        expected: By load, air and season; of the history by what other fortnights teach. [°C]
        excess: Least excess of three days in a row. [K]
        history: Days that are learned from.
    """

    days: NDArray[np.int64]
    first: int
    measured: Values
    expected: Values
    excess: Values
    history: NDArray[np.bool_]


def expected_days(transformer: str, oil: Series, start_utc: int, end_utc: int) -> OilDays:
    """What the oil's days were expected to be.

    Args:
        transformer: Its id, for messages.
        oil: As for ``find_cooling_faults``.
        start_utc: Start of the days that are judged. [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]

    Raises:
        InputError: If fewer than 120 days are known before the span.
    """
    days = np.arange(-(-oil.start_utc // _DAY), min(oil.end_utc, end_utc) // _DAY)
    first = int(np.searchsorted(days * _DAY, start_utc))
    temperature = _daily(oil, oil.values, days)
    parts = _inputs(oil, days)
    known = np.isfinite(temperature) & np.isfinite(parts).all(axis=1)
    history = known & (np.arange(len(days)) < first)
    if history.sum() < HISTORY_DAYS_MIN:
        raise InputError(
            f"of transformer {transformer!r} {int(history.sum())} days are known before the span; "
            f"{HISTORY_DAYS_MIN} are needed to tell what is usual."
        )
    expected, over = _over(temperature, parts, known, history)
    return OilDays(days, first, temperature, np.where(known, expected, np.nan), _rows(over), history)


def find_cooling_faults(
    transformer: str, oil: Series, start_utc: int, end_utc: int, budget: float
) -> list[Anomaly]:
    """Look for days on which the oil is too warm.

    Args:
        transformer: Its id.
        oil: Top-oil temperature [°C], with loads [any unit] and, if known, ``ambient`` [°C] as inputs.
        start_utc: Start of the days that are judged. [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]
        budget: False alarms accepted in a year. [1/year]

    Raises:
        InputError: If the budget cannot be, or fewer than 120 days are known before the span.
    """
    check_budget(budget)
    judged = expected_days(transformer, oil, start_utc, end_utc)
    days, first, history, rows = judged.days, judged.first, judged.history, judged.excess
    temperature, expected = judged.measured, judged.expected
    usual = np.where(history, rows, np.nan)
    told = surprise(rows, usual)
    limit = max(
        threshold(np.where(history, told, np.nan)[None, :], budget), float(np.log(DAYS_PER_YEAR / budget))
    )
    odd = (np.nan_to_num(told) > limit) & (np.nan_to_num(rows) > _NOTABLE_KELVIN)
    alarms = np.flatnonzero(odd & (np.arange(len(days)) >= first))
    found = []
    for row in np.split(alarms, np.flatnonzero(np.diff(alarms) > _ROW_DAYS) + 1) if alarms.size else []:
        begin = max(first, int(row[0]) - _ROW_DAYS + 1)
        worst = int(row[np.argmax(rows[row])])
        reason = (
            f"The oil was {temperature[worst]:.1f} °C on average of a day where its load and the season let "
            f"{expected[worst]:.1f} °C be expected, and {rows[worst]:.1f} K too warm over three days: look at fins, "
            "fans, pumps and ducts."
        )
        figures = {
            "oil_celsius": float(temperature[worst]),
            "expected_celsius": float(expected[worst]),
            "excess_kelvin": float(rows[worst]),
            "days": float(row[-1] - begin + 1),
        }
        p_value = float(np.exp(-told[worst]))
        begin_utc, until_utc = int(days[begin]) * _DAY, int(days[row[-1]] + 1) * _DAY
        found.append(
            Anomaly(
                AnomalyKind.COOLING, transformer, begin_utc, until_utc, p_value, reason, "too_warm", figures
            )
        )
    return found


def _daily(series: Series, values: Values, days: NDArray[np.int64]) -> Values:
    """Mean of each UTC day, NaN where less than three quarters are known. Shape (D,)."""
    per_day = _DAY // series.step_seconds
    first = int(days[0] * _DAY - series.start_utc) // series.step_seconds if days.size else 0
    rows = values[first : first + per_day * len(days)].reshape(len(days), per_day)
    known = np.isfinite(rows)
    mean = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known.mean(axis=1) >= _KNOWN_MIN, mean, np.nan)


def _inputs(oil: Series, days: NDArray[np.int64]) -> Values:
    """Loads and their squares of the day and the day before, the air of both, the season. Shape (D, F)."""
    columns = [np.ones(len(days))]
    for name in sorted(oil.inputs):
        whole = oil.inputs[name][: len(oil)]
        powers = (whole,) if name == AIR else (whole, whole**2)
        for one in powers:
            mean = _daily(oil, one, days)
            columns += [mean, np.concatenate([mean[:1], mean[:-1]])]
    if len(days) >= _SEASON_DAYS:
        angle = 2 * np.pi * days / DAYS_PER_YEAR
        columns += [np.cos(angle), np.sin(angle)]
    return np.stack(columns, axis=1)


def _over(
    temperature: Values, parts: Values, known: NDArray[np.bool_], history: NDArray[np.bool_]
) -> tuple[Values, Values]:
    """What was expected, and how much warmer it was. Of the history by what other fortnights teach. Shapes (D,)."""
    middle, wide = parts[history].mean(axis=0), parts[history].std(axis=0)
    scaled = np.where(wide > 0, (parts - middle) / np.where(wide > 0, wide, 1.0), 1.0)
    scaled = np.where(known[:, None], scaled, 0.0)
    told = scaled @ _ridge(scaled[history], temperature[history])
    fold = np.arange(len(temperature)) // _FOLD_DAYS % _FOLDS
    for one in range(_FOLDS):
        learn = history & (fold != one)
        here = history & (fold == one)
        told[here] = scaled[here] @ _ridge(scaled[learn], temperature[learn])
    left = np.where(known, temperature - told, np.nan)
    level = np.zeros(len(left))
    for day in range(len(left)):
        past = left[max(0, day - _LEVEL_DAYS) : max(0, day - _LEVEL_BEHIND)]
        past = past[np.isfinite(past)]
        level[day] = float(np.median(past)) if past.size else 0.0
    return told + level, np.asarray(left - level)


def _ridge(inputs: Values, result: Values) -> Values:
    matrix = inputs.T @ inputs + _PENALTY * np.diag([0.0, *[1.0] * (inputs.shape[1] - 1)])
    return np.asarray(np.linalg.solve(matrix, inputs.T @ result))


def _rows(over: Values) -> Values:
    """The least of three known days in a row: one warm day is no fault. Shape (D,)."""
    found = np.full(len(over), np.nan)
    for day in range(_ROW_DAYS - 1, len(over)):
        last = over[day - _ROW_DAYS + 1 : day + 1]
        if np.isfinite(last).all():
            found[day] = last.min()
    return found
