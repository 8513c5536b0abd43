"""Forecasting as services see it: learn, keep, forecast, judge; and the weather."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backend.forecasting import Forecast, Series, Site, WeatherSource

__all__ = ["ForecastEngine", "ForecastTarget", "Plant", "TrainedModel", "Weather", "WeatherCourse"]


class ForecastTarget(Enum):
    """What is forecast; it decides which models are tried."""

    LOAD = "load"
    SOLAR = "solar"
    WIND = "wind"
    NET = "net"
    PRICE = "price"
    CARBON = "carbon"


@dataclass(frozen=True, slots=True)
class Plant:
    """What is known of panels; what is not is learned.

    Attributes:
        tilt: From the horizontal. [°]
        azimuth: Where they face, 0 north, 90 east. [°]
        capacity_watts: By their plates. [W]
    """

    tilt: float | None = None
    azimuth: float | None = None
    capacity_watts: float | None = None


@dataclass(frozen=True)
class TrainedModel:
    """A model as it is kept.

    Attributes:
        id: keccak of ``content``, 0x-hex.
        target: What it forecasts.
        name: Kind of model.
        content: The whole model; no pickle.
        data_hash: keccak of the values and inputs that it learned from, 0x-hex.
        code_hash: keccak of the code that fitted it and the versions of its libraries, 0x-hex.
        until_utc: Nothing after it was learned from. [s since 1970, UTC]
        seed: Of everything random in it.
        card: What a model card says: accuracy by horizon and group, data, weather, limits; JSON-ready.
    """

    id: str
    target: ForecastTarget
    name: str
    content: bytes
    data_hash: str
    code_hash: str
    until_utc: int
    seed: int
    card: Mapping[str, Any]


class ForecastEngine(Protocol):
    """Models behind one face."""

    def train(
        self,
        target: ForecastTarget,
        series: Series,
        site: Site,
        until_utc: int,
        weather: WeatherSource,
        plant: Plant | None = None,
    ) -> TrainedModel:
        """Learn, choosing the model (or fallback) that was best on held-out days.

        Args:
            target: What is forecast.
            series: Values and inputs.
            site: Where it was measured.
            until_utc: Nothing after it is read. [s since 1970, UTC]
            weather: What the inputs ahead will be.
            plant: Of solar power, as far as it is known.

        Raises:
            InputError: If the history is too short; says how much is needed.
        """
        ...

    def train_all(
        self,
        target: ForecastTarget,
        series: Sequence[Series],
        site: Site,
        until_utc: int,
        weather: WeatherSource,
    ) -> TrainedModel:
        """Learn one model from several series that are alike, such as the homes of a community.

        Args:
            target: What is forecast.
            series: Of one step and set of inputs.
            site: Where all of them are.
            until_utc: Nothing after it is read. [s since 1970, UTC]
            weather: What the inputs ahead will be.

        Raises:
            InputError: If none of them is long enough.
        """
        ...

    def forecast_many(
        self, model: TrainedModel, series: Sequence[Series], origins_utc: Sequence[int], length: int
    ) -> list[list[Forecast]]:
        """Forecast several series from several origins, as one by one: a list per series, in it one per origin."""
        ...

    def forecast(self, model: TrainedModel, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast; a fallback takes over where inputs fail, and says so.

        Raises:
            InputError: If not even a fallback can.
        """
        ...

    def add_up(self, forecasts: Sequence[Forecast], errors: NDArray[np.float64], model: str) -> Forecast:
        """Forecast a sum of what is never below zero from its parts' forecasts; the means add up.

        Args:
            forecasts: Of the parts, of the same intervals.
            errors: Of their past forecasts at the same instants, NaN where unknown; by them is known how the parts go
                together. Shape (P, T).
            model: Name of the result.

        Raises:
            InputError: If there are none, or intervals or units differ.
        """
        ...

    def judge_drift(self, reference: NDArray[np.float64], recent: NDArray[np.float64]) -> Mapping[str, Any]:
        """Whether losses of recent days are beyond those of the days by which a model was judged.

        Args:
            reference: A loss per day. Shape (R,).
            recent: In order, NaN where a day could not be scored. Shape (N,).

        Returns:
            ``statistic`` and ``limit`` [standard deviations]; ``since`` and ``alarm``, indices of days or None;
            ``ratio`` of the mean losses, or None.

        Raises:
            InputError: If the reference is too short to compare with.
        """
        ...


@dataclass(frozen=True)
class WeatherCourse:
    """Weather over intervals, as it was known at a time.

    Attributes:
        start_utc: [s since 1970, UTC]
        step_seconds: [s]
        columns: By name, shape (T,) each, NaN where unknown: ``temperature`` [°C], ``ghi``, ``dni``, ``dhi`` [W/m²],
            ``cloud_cover`` [1], ``wind_speed`` [m/s] (10 m), ``wind_speed_100m`` [m/s], ``humidity`` [%],
            ``snow_depth`` [m], ``precipitation`` [mm/h].
        source: Measured, forecast or computed.
        issued_utc: When it was known; a forecast's issue. [s since 1970, UTC]
        words: Where it is from, for people.
    """

    start_utc: int
    step_seconds: int
    columns: Mapping[str, NDArray[np.float64]]
    source: WeatherSource
    issued_utc: int
    words: str


class Weather(Protocol):
    """Weather at a place: recorded, forecast by a service, or a clear sky."""

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """What was known at a time of some intervals, the latest issue that is not later.

        Args:
            site: Where.
            start_utc: Start of the first interval. [s since 1970, UTC]
            step_seconds: Length of an interval. [s]
            length: How many, T.
            known_utc: Belief time: nothing that was issued later is used. [s since 1970, UTC]
        """
        ...
