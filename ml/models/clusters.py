"""Thousands of meters: one model per cluster of alike days, each meter by its own scale; new meters from similar ones.

Meters are clustered by the shape of their days (k-means, Lloyd 1982, begun as by Arthur and Vassilvitskii 2007). A
cluster has a profile, what its meters do by scale, as quantiles by time of day on working and resting days, and for
each level a linear quantile regression (Koenker and Bassett 1978) on the meter's own last fortnight and that profile.
The less a meter knows of itself, the more it leans on the profile of the clusters that it resembles so far; how unsure
its scale is widens its quantiles. Nothing is kept per meter: a meter is what its history says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Site, WeatherSource
from ml.features.calendar import calendar_of
from ml.models.cluster_features import WINDOW_DAYS, OwnDays, own_days, regressors, windows
from ml.models.cluster_fit import (
    LearningSet,
    day_shapes,
    learn_levels,
    learning_set,
    nearest_means,
    profiles_of,
    spread_of,
)
from ml.models.similarity import Resemblance, resemble, widened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["ClusterModel", "FittedClusters", "Meters"]

_NAME = "clusters"
_DIMENSIONS = 2
_DAY_SECONDS = 86400
_DAYS_AHEAD_MAX = 7
_DAYS_MIN = WINDOW_DAYS + _DAYS_AHEAD_MAX
_LATE_DAYS = 28
_ROWS = 160_000
_PAIRS_PER_METER_MIN = 2
_METERS_PER_CLUSTER_MIN = 4


@dataclass(frozen=True)
class Meters:
    """Many meters over one span.

    Attributes:
        start_utc: [s since 1970, UTC]
        step_seconds: 900, 1800 or 3600. [s]
        values: NaN where unknown or before a meter began. Shape (N, T).
        expected: Mean size per interval that is told of each meter, such as its annual kWh over the intervals of a
            year; NaN where nothing is. Shape (N,). [unit]
        unit: Of the values.
    """

    start_utc: int
    step_seconds: int
    values: Values
    expected: Values | None = None
    unit: str = "W"

    def __post_init__(self) -> None:
        if len(self.values.shape) != _DIMENSIONS or np.isinf(self.values).any():
            raise InputError(
                f"meters are a table of N meters by T intervals without infinities; this one is {self.values.shape}."
            )
        if self.expected is not None and (
            self.expected.shape != self.values.shape[:1] or (self.expected <= 0).any()
        ):
            raise InputError(
                f"what is expected of {len(self.values)} meters must be one size above zero each, NaN where none is "
                "told."
            )

    @classmethod
    def of(cls, series: Sequence[Series]) -> Meters:
        """Stand series of one step beside each other.

        Raises:
            InputError: If there is none, or their steps or units differ.
        """
        if not series or len({(one.step_seconds, one.unit) for one in series}) != 1:
            raise InputError("meters must be at least one series, all of one step and unit.")
        step = series[0].step_seconds
        start = min(one.start_utc for one in series)
        values = np.full((len(series), (max(one.end_utc for one in series) - start) // step), np.nan)
        for row, one in zip(values, series, strict=True):
            begin = (one.start_utc - start) // step
            row[begin : begin + len(one)] = one.values
        return cls(start, step, values, None, series[0].unit)

    def place(self, instant_utc: int) -> int:
        """Index of the interval that begins then.

        Raises:
            InputError: If it is off the grid or outside the span.
        """
        place, off = divmod(instant_utc - self.start_utc, self.step_seconds)
        if off or not 0 <= place <= self.values.shape[1]:
            raise InputError(
                f"the instant {instant_utc} s is off the meters' grid of {self.step_seconds} s from {self.start_utc} "
                f"s, or outside their {self.values.shape[1]} intervals."
            )
        return int(place)


@dataclass(frozen=True)
class ClusterModel:
    """How clusters are learned.

    Attributes:
        clusters: At most; fewer where there are few meters.
        seed: Of the beginnings of clusters and of what is drawn to learn from.
    """

    clusters: int = 12
    seed: int = 0

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedClusters:
        """Learn from one meter alone; weather is not used, whatever is said of it."""
        del weather
        return self.fit_all(Meters.of([series]), site, until_utc)

    def fit_all(self, meters: Meters, site: Site, until_utc: int) -> FittedClusters:
        """Learn from many meters.

        Raises:
            InputError: If no meter has three weeks of known values before the end of learning.
        """
        step = meters.step_seconds
        day = _DAY_SECONDS // step
        values = meters.values[:, : meters.place(until_utc)]
        known_days = np.isfinite(values).sum(axis=1) / day
        chosen = np.flatnonzero((known_days >= _DAYS_MIN) & (np.nansum(np.abs(values), axis=1) > 0))
        if not len(chosen):
            most = float(known_days.max()) if len(known_days) else 0.0
            raise InputError(
                f"the meters have at most {most:.1f} days that are known and not all zero; {_DAYS_MIN} are needed "
                "to learn from. Take a model of other meters."
            )
        values = values[chosen]
        cells = _cells(meters.start_utc, values.shape[1], step, site)
        shapes = day_shapes(values, *cells, day)
        count = max(1, min(self.clusters, len(chosen) // _METERS_PER_CLUSTER_MIN))
        label = nearest_means(shapes, count, self.seed)
        drawn = np.random.default_rng(self.seed)
        learned = self._pairs(values, cells, step, drawn)
        meter = learned.cluster
        if not len(meter):
            raise InputError("no meter did anything for a fortnight on end; there is nothing to learn from.")
        learned = replace(learned, cluster=label[meter])
        profiles, size, variance = profiles_of(learned, int(label.max()) + 1, day)
        weights = learn_levels(learned, profiles, drawn)
        return FittedClusters(
            profiles,
            size,
            variance,
            weights,
            np.bincount(label) / len(label),
            _scales(values, meters.expected[chosen] if meters.expected is not None else None, learned, meter),
            site,
            step,
            meters.unit,
            bool(np.nanmin(values) >= 0),
        )

    def _pairs(
        self, values: Values, cells: tuple[Whole, Whole], step: int, drawn: np.random.Generator
    ) -> LearningSet:
        """Origins drawn over the whole history; the field ``cluster`` holds the meter."""
        day = _DAY_SECONDS // step
        count, span = values.shape
        each = max(_PAIRS_PER_METER_MIN, _ROWS // (day * count))
        meters = np.repeat(np.arange(count, dtype=np.int64), each)
        origins = drawn.integers(
            WINDOW_DAYS * day, max(span - _DAYS_AHEAD_MAX * day, WINDOW_DAYS * day) + 1, len(meters)
        )
        ahead = drawn.integers(1, _DAYS_AHEAD_MAX, len(meters))
        return learning_set(values, meters, origins, ahead, cells, step)


def _cells(start_utc: int, length: int, step: int, site: Site) -> tuple[Whole, Whole]:
    known = calendar_of(start_utc + step * np.arange(length, dtype=np.int64), step, site)
    return known.resting.astype(np.int64), known.slot


def _scales(values: Values, expected: Values | None, learned: LearningSet, meter: Whole) -> Values:
    """Middle and spread of late log sizes; their spread about what is told; a day's spread about them. Shape (4,)."""
    sizes = _log_sizes(values)
    logs = np.log(learned.scale)
    told = sizes if expected is None else np.where(np.isfinite(expected), np.log(expected), sizes)
    days = _log_sizes(learned.actual[0]) - logs
    about = float(np.sqrt(np.mean((logs - told[meter]) ** 2)))
    late = _log_sizes(values[:, -_LATE_DAYS * learned.actual.shape[2] :])
    late = late[np.isfinite(late)]
    middle = float(np.median(late if len(late) else logs))
    return np.array([middle, spread_of(late if len(late) > 1 else logs), about, spread_of(days)])


def _log_sizes(rows: Values) -> Values:
    """Logarithm of each row's mean size; NaN where nothing is known of it or all is zero. Shape (N, T) to (N,)."""
    known = np.isfinite(rows)
    size = np.where(known, np.abs(rows), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.log(np.where(size > 0, size, np.nan))


@dataclass(frozen=True)
class FittedClusters:
    """What was learned of many meters.

    Attributes:
        profiles: Quantiles and mean by scale. Shape (K, 2, D, L + 1). [1]
        size: Mean size by scale. Shape (K, 2, D). [1]
        variance: Of values by scale. Shape (K, 2, D). [1]
        weights: Of the regressors, day ahead and later. Shape (2, K, L + 1, F). [1]
        shares: Of the meters. Shape (K,). [1]
        scales: Middle and spread of log size, its spread about what is told, a day's about it. Shape (4,).
        site: Where.
        step_seconds: [s]
        unit: Of the values.
        positive: Whether no value was below zero.
    """

    profiles: Values
    size: Values
    variance: Values
    weights: Values
    shares: Values
    scales: Values
    site: Site
    step_seconds: int
    unit: str
    positive: bool

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast one meter; a new one leans on similar ones, one without any value on the middle of all."""
        place = series.place(origin_utc)
        begin = max(0, place - WINDOW_DAYS * _DAY_SECONDS // self.step_seconds)
        known = series.values[begin:place][np.newaxis]
        start = series.start_utc + begin * series.step_seconds
        if place > len(series):
            raise InputError(f"the origin {origin_utc} s is after the end of the series, {series.end_utc} s.")
        return self.forecast_all(
            Meters(start, series.step_seconds, known, None, series.unit), origin_utc, length
        )[0]

    def forecast_all(self, meters: Meters, origin_utc: int, length: int) -> list[Forecast]:
        """Forecast each of many meters at once."""
        quantiles, mean = self.courses(meters, origin_utc, length)
        return [
            Forecast(
                origin_utc, self.step_seconds, mean[row], quantiles[row], _NAME, WeatherSource.NONE, self.unit
            )
            for row in range(len(mean))
        ]

    def courses(self, meters: Meters, origin_utc: int, length: int) -> tuple[Values, Values]:
        """Quantiles and means of many meters: shapes (N, L, H) and (N, H).

        Raises:
            InputError: If the step or unit is not the one learned with, or more than seven days are asked for.
        """
        if (meters.step_seconds, meters.unit) != (self.step_seconds, self.unit):
            raise InputError(
                f"the clusters were learned with {self.step_seconds} s in {self.unit}, these meters have "
                f"{meters.step_seconds} s in {meters.unit}; resample them or learn again."
            )
        if not 0 < length * self.step_seconds <= _DAYS_AHEAD_MAX * _DAY_SECONDS:
            raise InputError(
                f"{length} intervals were asked for; meters are forecast up to seven days ahead."
            )
        day = _DAY_SECONDS // self.step_seconds
        count = len(meters.values)
        origin = meters.place(origin_utc)
        rows = windows(meters.values, np.arange(count), np.full(count, origin), day)
        begin = origin_utc - WINDOW_DAYS * _DAY_SECONDS
        kind, slot = _cells(begin, (WINDOW_DAYS + _DAYS_AHEAD_MAX) * day, self.step_seconds, self.site)
        alike = resemble(self, rows, kind[: WINDOW_DAYS * day], slot[: WINDOW_DAYS * day], meters.expected)
        own = own_days(rows, self.step_seconds)
        parts = []
        for ahead in range(-(-length // day)):
            places = slice((WINDOW_DAYS + ahead) * day, (WINDOW_DAYS + ahead + 1) * day)
            parts.append(self._day(own, alike, (kind[places], slot[places]), ahead))
        found = np.concatenate(parts, axis=2)[:, :, :length]
        quantiles, mean = found[:, :-1], found[:, -1]
        if self.positive:
            quantiles, mean = np.maximum(quantiles, 0.0), np.maximum(mean, 0.0)
        return quantiles, mean

    def _day(self, own: OwnDays, alike: Resemblance, cells: tuple[Whole, Whole], ahead: int) -> Values:
        """Levels and mean of one day. Shape (N, L + 1, D)."""
        profile = np.einsum("nk,kdl->lnd", alike.weights, self.profiles[:, cells[0], cells[1]])
        weights = np.einsum("nk,klf->nlf", alike.weights, self.weights[min(ahead, 1)])
        found = np.stack(
            [
                np.einsum(
                    "ndf,nf->nd", regressors(own, profile, alike.scale, level, ahead), weights[:, level]
                )
                for level in range(len(LEVELS) + 1)
            ],
            axis=1,
        )
        found[:, :-1].sort(axis=1)
        return widened(found, alike.unsure) * alike.scale[:, np.newaxis, np.newaxis]

    def state(self) -> Mapping[str, Any]:
        """Plain values and arrays."""
        site = {name: getattr(self.site, name) for name in self.site.__slots__}
        return {**{name: value for name, value in vars(self).items() if name != "site"}, "site": site}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedClusters:
        """Make it again."""
        return cls(**{**state, "site": Site(**state["site"])})
