"""The price model: experts of day-ahead prices, weighed by their past errors, for a day to a week ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, Series, Site, WeatherSource
from ml.models.conformal import Calibration
from ml.prices.combine import Spread, combined, weigh
from ml.prices.days import DAYS_BACK, HOURS, PriceDays, price_days
from ml.prices.lear import FittedLear, Lear
from ml.prices.members import DAYS_LEAST, FittedMember
from ml.prices.shape import HourShape
from ml.prices.smooth import FittedKernelRidge, FittedNetwork, KernelRidge, Network
from ml.prices.trees import FittedTrees, Trees
from ml.prices.walk import Expert, Walk, one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["EXPERTS", "FittedPrices", "PriceModel"]

NAME = "price-experts"
EXPERTS = (
    Expert(Lear(56, 0.3)),
    Expert(Lear(84, 0.3)),
    Expert(Lear(1092)),
    Expert(Lear(1456)),
    Expert(KernelRidge()),
    Expert(Trees(), 28),
    Expert(Network(), 56),
)
"""Who is asked, and how often each learns anew where a model goes from day to day."""

_TRIAL_DAYS_LEAST = 14
_AHEAD_DAYS = 7
_AHEAD_EVERY = 3  # of the trial days, those that a week ahead is told from
_KINDS: Mapping[str, Any] = {
    "lear": FittedLear,
    "kernel": FittedKernelRidge,
    "network": FittedNetwork,
    "trees": FittedTrees,
}


@dataclass(frozen=True)
class PriceModel:
    """Learns prices of a market zone; any day-ahead forecasts in the series (load, wind, sun) are read as inputs.

    Attributes:
        seed: Of networks and trees.
        experts: Who is asked.
        trial_days: Last days of the history on which they are held against what came, each told from what was known
            before it: weights and quantiles are learned there. [days]
        trial_every: Days between learning anew within them. [days]
    """

    seed: int = 0
    experts: Sequence[Expert] = EXPERTS
    trial_days: int = 84
    trial_every: int = 28

    @property
    def name(self) -> str:
        """See ``Model``."""
        return NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedPrices:
        """See ``Model``.

        Raises:
            InputError: If there are fewer than 49 whole days.
        """
        names = tuple(sorted(series.inputs))
        cut = series.before(until_utc)
        inputs = {name: np.asarray(column)[: series.place(until_utc)] for name, column in cut.inputs.items()}
        days = price_days(replace(cut, inputs=inputs), site, names, until_utc, 0)
        end = days.known
        first = max(end - self.trial_days, DAYS_BACK + DAYS_LEAST)
        if end - first < _TRIAL_DAYS_LEAST or len(days.learnable(first, first)) < DAYS_LEAST:
            raise InputError(
                f"the series has {int(days.whole.sum())} days whose prices (and inputs, of which it has "
                f"{len(names)}) are known before {until_utc} s; a price model needs "
                f"{DAYS_BACK + DAYS_LEAST + _TRIAL_DAYS_LEAST}. Give a longer history."
            )
        walk = Walk([Expert(one.member, self.trial_every) for one in self.experts], self.seed)
        shape = HourShape.fit(days, end)
        with one_thread():
            trial = _try(days, walk, shape, first, end)
            walk.fitted = []
            walk.learn(days, end)
        kinds = [one.member.name.partition("-")[0] for one in self.experts]
        limits = _limits(days.prices[:end][days.whole[:end]])
        return FittedPrices(
            names, site, weather, tuple(kinds), tuple(walk.fitted), *trial, shape, limits, series.unit
        )


def _limits(prices: Values) -> tuple[float, float]:
    """Beyond these no forecast goes, whatever the inputs: as far again outside of what was ever seen."""
    low, high = float(prices.min()), float(prices.max())
    return low - (high - low) - 1e-9, high + (high - low) + 1e-9


def _try(
    days: PriceDays, walk: Walk, shape: HourShape, first: int, end: int
) -> tuple[Values, Spread, Calibration]:
    """Weights, spread and quantiles from what the experts told of past days, each from what was known before it."""
    told = np.full((end - first, len(walk.experts), HOURS), np.nan)
    # What was told of further days: row, days ahead, by whom, and the course that it goes on from.
    further: list[tuple[int, int, Values, PriceDays]] = []
    for row in range(first, end):
        walk.learn(days, row)
        course = days.until(row)
        told[row - first] = walk.told(course, row)
        further.append((row, 0, told[row - first], course))
        if (row - first) % _AHEAD_EVERY:
            continue
        one = told[row - first]
        for day in range(1, min(_AHEAD_DAYS, end - row)):
            course.prices[row + day - 1] = np.nanmean(one, axis=0)
            one = walk.told(course, row + day)
            further.append((row + day, day, one, course))
    measured = days.whole[first:end]
    actual = np.where(measured[:, np.newaxis], days.prices[first:end], np.nan)
    weights = weigh(told, actual)
    mean = np.stack([combined(one, weights) for one in told])
    spread = Spread.fit(told[measured], (actual - mean)[measured])
    parts, slots = days.parts.shape[2], HOURS * days.parts.shape[2]
    residuals = []
    for row, _, one, course in further:
        course.prices[row] = combined(one, weights)
        residuals.append((days.parts[row] - shape.parts(course.prices, course.parts, row)).ravel())
    leads = [24.0 * day + (np.arange(slots) + 1) / parts for _, day, _, _ in further]
    spreads = [np.repeat(spread(one), parts) for _, _, one, _ in further]
    calibration = Calibration.fit(
        np.concatenate(residuals),
        np.concatenate(leads),
        np.tile(np.arange(slots) / slots, len(further)),
        np.concatenate(spreads),
    )
    return weights, spread, calibration


@dataclass(frozen=True)
class FittedPrices:
    """Experts that have learned, their weights and how sure they are.

    Attributes:
        names: Inputs that it reads.
        site: Whose civil days.
        weather: What weather the inputs rest on.
        kinds: Of the experts.
        experts: None for those that had too little to learn from.
        weights: Shape (M,). [1]
        spread: How far off prices are expected to be.
        calibration: Quantiles of errors over that.
        shape: Of parts within hours.
        limits: Lowest and highest price that is told.
        unit: As the series.
    """

    names: tuple[str, ...]
    site: Site
    weather: WeatherSource
    kinds: tuple[str, ...]
    experts: tuple[FittedMember | None, ...]
    weights: Values
    spread: Spread
    calibration: Calibration
    shape: HourShape
    limits: tuple[float, float]
    unit: str

    @property
    def name(self) -> str:
        """See ``FittedModel``."""
        return NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """See ``FittedModel``; the local day of the origin is the first that is told.

        Day after day is told from those told before it. Where an input is not known ahead, that of a week before
        stands in, and the forecast says so.
        """
        days = price_days(series, self.site, self.names, origin_utc, length)
        begin = days.known
        place = series.place(origin_utc)
        cells = slice(place, place + length)
        parts = days.parts.shape[2]
        with one_thread():
            known_parts, spreads = self._courses(days)
        at, hour, part = days.day_of[cells], days.hour_of[cells], days.part_of[cells]
        mean = known_parts[at, hour, part]
        lead = (np.arange(length) + 1) * series.step_seconds / 3600.0
        share = (hour * parts + part) / (HOURS * parts)
        quantiles = mean + self.calibration.quantiles(lead, share, spreads[at, hour])
        return Forecast(
            origin_utc,
            series.step_seconds,
            mean,
            np.maximum.accumulate(quantiles, axis=0),
            self.name,
            self.weather,
            self.unit,
            self._reason(days, begin),
        )

    def _courses(self, days: PriceDays) -> tuple[Values, Values]:
        """Prices of all rows, told from the first unknown on, and how far off: shapes (D, 24, M), (D, 24)."""
        spreads = np.zeros((len(days), HOURS))
        prices, known_parts = days.prices, days.parts.copy()
        for row in range(days.known, len(days)):
            told = np.stack(
                [np.full(HOURS, np.nan) if one is None else one.predict(days, row) for one in self.experts]
            )
            spreads[row] = self.spread(np.clip(told, *self.limits))
            measured = np.isfinite(days.parts[row])
            prices[row] = np.clip(combined(told, self.weights), *self.limits)
            made = self.shape.parts(prices, known_parts, row)
            known_parts[row] = np.where(measured, days.parts[row], made)
            prices[row] = known_parts[row].mean(axis=1)
        return known_parts, spreads

    def _reason(self, days: PriceDays, begin: int) -> str:
        absent = int((~days.given[begin:]).sum())
        if not absent or not self.names:
            return ""
        return (
            f"inputs ({', '.join(self.names)}) are not known for {absent} of {len(days) - begin} days ahead; "
            "those of a week before stand in"
        )

    def state(self) -> Mapping[str, Any]:
        """See ``FittedModel``."""
        return {
            "names": list(self.names),
            "site": [
                self.site.time_zone,
                self.site.country,
                self.site.subdivision,
                self.site.latitude,
                self.site.longitude,
                self.site.altitude,
            ],
            "weather": self.weather.value,
            "kinds": list(self.kinds),
            "experts": [None if one is None else one.state() for one in self.experts],
            "weights": self.weights,
            "spread": self.spread.state(),
            "calibration": self.calibration.state(),
            "shape": self.shape.state(),
            "limits": list(self.limits),
            "unit": self.unit,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedPrices:
        """As it was."""
        experts = [
            None if one is None else _KINDS[kind].from_state(one)
            for kind, one in zip(state["kinds"], state["experts"], strict=True)
        ]
        low, high = state["limits"]
        return cls(
            tuple(state["names"]),
            Site(*state["site"]),
            WeatherSource(state["weather"]),
            tuple(state["kinds"]),
            tuple(experts),
            np.asarray(state["weights"]),
            Spread.from_state(state["spread"]),
            Calibration.from_state(state["calibration"]),
            HourShape.from_state(state["shape"]),
            (float(low), float(high)),
            str(state["unit"]),
        )
