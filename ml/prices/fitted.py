"""Experts that have learned, as one model: a day to a week ahead, in hours and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.forecasting import Forecast, Series, Site, WeatherSource
from backend.forecasting.reasons import tell_reason
from ml.models.conformal import Calibration
from ml.prices.combine import Spread, combined
from ml.prices.days import HOURS, PriceDays, price_days
from ml.prices.lear import FittedLear
from ml.prices.members import FittedMember
from ml.prices.shape import HourShape
from ml.prices.smooth import FittedKernelRidge, FittedNetwork
from ml.prices.trees import FittedTrees
from ml.prices.walk import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["FittedDays"]

_KINDS: Mapping[str, Any] = {
    "lear": FittedLear,
    "kernel": FittedKernelRidge,
    "network": FittedNetwork,
    "trees": FittedTrees,
}


@dataclass(frozen=True)
class FittedDays:
    """Experts that have learned, their weights and how sure they are.

    Attributes:
        title: Name of the model.
        names: Inputs that it reads.
        site: Whose civil days.
        weather: What weather the inputs rest on.
        kinds: Of the experts.
        experts: None for those that had too little to learn from.
        weights: Shape (M,). [1]
        spread: How far off prices are expected to be.
        calibration: Quantiles of errors over that.
        shape: Of parts within hours.
        momentum: Share of the latest error that is left an hour later. [1]
        limits: Lowest and highest value that is told.
        unit: As the series.
    """

    title: str
    names: tuple[str, ...]
    site: Site
    weather: WeatherSource
    kinds: tuple[str, ...]
    experts: tuple[FittedMember | None, ...]
    weights: Values
    spread: Spread
    calibration: Calibration
    shape: HourShape
    momentum: float
    limits: tuple[float, float]
    unit: str

    @property
    def name(self) -> str:
        """See ``FittedModel``."""
        return self.title

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
            np.clip(np.maximum.accumulate(quantiles, axis=0), *self.limits),
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
            mean = combined(told, self.weights)
            if row == days.known:
                mean = mean + self._carried(mean, prices[row], measured.all(axis=1))
            prices[row] = np.clip(mean, *self.limits)
            made = self.shape.parts(prices, known_parts, row)
            known_parts[row] = np.where(measured, days.parts[row], made)
            prices[row] = known_parts[row].mean(axis=1)
        return known_parts, spreads

    def _carried(self, told: Values, prices: Values, measured: Flags) -> Values:
        """What is left in later hours of the error in the last hour that is measured. Shape (24,)."""
        if not measured.any() or measured.all():
            return np.zeros(HOURS)
        last = int(np.flatnonzero(measured)[-1])
        later = np.maximum(np.arange(HOURS) - last, 0)
        return np.asarray((prices[last] - told[last]) * self.momentum**later)

    def _reason(self, days: PriceDays, begin: int) -> str:
        absent = int((~days.given[begin:]).sum())
        if not absent or not self.names:
            return ""
        return tell_reason(
            "from_week_before", inputs=", ".join(self.names), missing=absent, length=len(days) - begin
        )

    def state(self) -> Mapping[str, Any]:
        """See ``FittedModel``."""
        return {
            "title": self.title,
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
            "momentum": self.momentum,
            "limits": list(self.limits),
            "unit": self.unit,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedDays:
        """As it was."""
        experts = [
            None if one is None else _KINDS[kind].from_state(one)
            for kind, one in zip(state["kinds"], state["experts"], strict=True)
        ]
        low, high = state["limits"]
        return cls(
            str(state["title"]),
            tuple(state["names"]),
            Site(*state["site"]),
            WeatherSource(state["weather"]),
            tuple(state["kinds"]),
            tuple(experts),
            np.asarray(state["weights"]),
            Spread.from_state(state["spread"]),
            Calibration.from_state(state["calibration"]),
            HourShape.from_state(state["shape"]),
            float(state["momentum"]),
            (float(low), float(high)),
            str(state["unit"]),
        )
