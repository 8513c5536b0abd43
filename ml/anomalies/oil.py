"""Oil temperature of a transformer ahead, from its own course and the loads before it.

A ridge regression for each hour ahead on how the oil differed from now in the last three days, where it stands beside
its usual level, the hour, and the loads just before and over a day: a linear difference equation, as the physics is
(IEC 60076-7, clause 8), with its coefficients learned and the air's daily course in them, for tap positions and the air
at the tank are seldom recorded. Quantiles are those of what the newest fifth of the history missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series, Site, WeatherSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["FittedOil", "OilModel"]

NAME = "oil-ridge"
_HOUR = 3600
_LAGS = 72  # [h]
_AHEAD = 168  # [h]
_DAY = 24
_ROWS_MIN = 24 * 28
_HELD = 0.2
_PENALTIES = (30.0, 300.0, 3_000.0, 10_000.0)
_LEVEL_WEIGHT = 3.0


@dataclass(frozen=True)
class FittedOil:
    """Learned coefficients.

    Attributes:
        inputs: Names of the loads.
        middle: Mean of each feature. Shape (F,).
        wide: Its standard deviation. Shape (F,).
        weights: Shape (F, 168).
        shift: Mean of what is forecast. Shape (168,). [K]
        level: Usual temperature. [°C]
        level_wide: How far it strays. [K]
        missed: Quantiles of held-out misses, by ``LEVELS``. Shape (L, 168). [K]
    """

    inputs: tuple[str, ...]
    middle: Values
    wide: Values
    weights: Values
    shift: Values
    level: float
    level_wide: float
    missed: Values

    @property
    def name(self) -> str:
        """See the protocol."""
        return NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """See the protocol; the loads too are read before the origin only.

        Raises:
            InputError: If a load is absent, fewer than four days are known before the origin, or more than seven days
                are asked for.
        """
        per_hour = _HOUR // series.step_seconds
        if length > _AHEAD * per_hour:
            raise InputError(f"{length} intervals are more than the seven days that oil is forecast.")
        known = _hourly(series.before(origin_utc), self.inputs, origin_utc)
        if len(known.oil) < _LAGS + _DAY or not np.isfinite(known.oil[-1]):
            raise InputError(
                f"before {origin_utc} s {len(known.oil)} hours of oil temperature are known; a forecast reads "
                f"{_LAGS + _DAY}."
            )
        rows = np.array([len(known.oil)])
        features = _features(known, rows, self.level, self.level_wide)
        moved = ((features - self.middle) / self.wide @ self.weights + self.shift)[0]
        mean = known.oil[-1] + moved
        at = (np.arange(length) + 0.5) / per_hour - 0.5
        hours = np.arange(_AHEAD)
        quantiles = np.stack([np.interp(at, hours, mean + row) for row in self.missed])
        return Forecast(
            origin_utc,
            series.step_seconds,
            np.interp(at, hours, mean),
            np.maximum.accumulate(quantiles, axis=0),
            NAME,
            WeatherSource.NONE,
            series.unit,
        )

    def state(self) -> Mapping[str, Any]:
        """See the protocol."""
        return {
            "inputs": list(self.inputs),
            "middle": self.middle,
            "wide": self.wide,
            "weights": self.weights,
            "shift": self.shift,
            "level": self.level,
            "level_wide": self.level_wide,
            "missed": self.missed,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The same again."""
        arrays = {
            key: np.asarray(state[key], dtype=np.float64)
            for key in ("middle", "wide", "weights", "shift", "missed")
        }
        return cls(
            inputs=tuple(state["inputs"]),
            level=float(state["level"]),
            level_wide=float(state["level_wide"]),
            **arrays,
        )


@dataclass(frozen=True)
class OilModel:
    """Learns ``FittedOil``; every input of the series counts as a load."""

    @property
    def name(self) -> str:
        """See the protocol."""
        return NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedOil:
        """See the protocol.

        Raises:
            InputError: If fewer than about six weeks are known.
        """
        del site, weather
        inputs = tuple(sorted(series.inputs))
        known = _hourly(series.before(until_utc), inputs, until_utc)
        rows = np.arange(_LAGS + _DAY, len(known.oil) - _AHEAD + 1)
        if rows.size < _ROWS_MIN:
            raise InputError(
                f"{len(known.oil) // _DAY} days of oil temperature are known; "
                f"{(_ROWS_MIN + _LAGS + _DAY + _AHEAD) // _DAY} are needed."
            )
        level, wide = float(known.oil.mean()), float(known.oil.std()) + 1e-6
        features = _features(known, rows, level, wide)
        target = known.oil[rows[:, None] + np.arange(_AHEAD)] - known.oil[rows - 1][:, None]
        cut = int(len(rows) * (1 - _HELD))
        learn, judge = slice(0, cut - _AHEAD), slice(cut, None)  # no hour of the judged is learned from
        tried = []
        for penalty in _PENALTIES:
            parts = _ridge(features[learn], target[learn], penalty)
            miss = target[judge] - _told(features[judge], parts)
            tried.append((float(np.abs(miss[:, :_DAY]).mean()), penalty, miss))
        _, penalty, miss = min(tried, key=lambda one: one[0])
        middle, scale, weights, shift = _ridge(features, target, penalty)
        quantiles = np.quantile(miss, LEVELS, axis=0)
        return FittedOil(inputs, middle, scale, weights, shift, level, wide, quantiles)


@dataclass(frozen=True)
class _Hourly:
    """Means of whole hours that end at an instant, gaps filled by what was known before. Shapes (T,), (T, n)."""

    oil: Values
    loads: Values
    begins_utc: int


def _hourly(series: Series, inputs: tuple[str, ...], end_utc: int) -> _Hourly:
    absent = [name for name in inputs if name not in series.inputs]
    if absent:
        raise InputError(f"the loads {', '.join(absent)} are absent; the model was fitted with them.")
    per_hour = _HOUR // series.step_seconds
    count = len(series) // per_hour
    columns = [series.values, *(series.inputs[name][: len(series)] for name in inputs)]
    cut = [column[len(series) - count * per_hour :].reshape(count, per_hour) for column in columns]
    filled = np.stack([_filled(_mean(one)) for one in cut], axis=1) if count else np.zeros((0, len(columns)))
    first = int(np.argmax(np.isfinite(filled).all(axis=1))) if count else 0
    filled = filled[first:] if np.isfinite(filled[first:]).all() else filled[:0]
    return _Hourly(filled[:, 0], filled[:, 1:], end_utc - _HOUR * len(filled))


def _mean(rows: Values) -> Values:
    known = np.isfinite(rows)
    sums = np.where(known, rows, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), sums / np.maximum(known.sum(axis=1), 1), np.nan)


def _filled(values: Values) -> Values:
    known = np.where(np.isfinite(values), np.arange(len(values)), -1)
    last = np.maximum.accumulate(known)
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)


def _features(known: _Hourly, rows: Whole, level: float, level_wide: float) -> Values:
    """What is seen at each first hour ahead. Shape (rows, F)."""
    oil = known.oil
    now = oil[rows - 1]
    lags = oil[rows[:, None] - 1 - np.arange(1, _LAGS)] - now[:, None]
    hour = (known.begins_utc // _HOUR + rows) % _DAY
    angles = 2 * np.pi * hour[:, None] * np.array([1, 2]) / _DAY
    level_now = (now - level) / level_wide * _LEVEL_WEIGHT
    sums = np.concatenate([np.zeros((1, known.loads.shape[1])), np.cumsum(known.loads, axis=0)])
    daily = (sums[rows] - sums[rows - _DAY]) / _DAY
    return np.concatenate(
        [lags, np.cos(angles), np.sin(angles), level_now[:, None], known.loads[rows - 1], daily], axis=1
    )


def _ridge(features: Values, target: Values, penalty: float) -> tuple[Values, Values, Values, Values]:
    middle, wide = features.mean(axis=0), features.std(axis=0) + 1e-9
    scaled, shift = (features - middle) / wide, target.mean(axis=0)
    matrix = scaled.T @ scaled + penalty * np.eye(scaled.shape[1])
    return middle, wide, np.linalg.solve(matrix, scaled.T @ (target - shift)), shift


def _told(features: Values, parts: tuple[Values, Values, Values, Values]) -> Values:
    middle, wide, weights, shift = parts
    return np.asarray((features - middle) / wide @ weights + shift)
