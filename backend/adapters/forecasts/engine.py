"""The models of ``ml`` behind the port: which is tried for what, kept without pickle, and what stands in for it."""

from __future__ import annotations

import importlib
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting.yardstick import seasonal_naive
from backend.ports.forecasting import ForecastTarget, TrainedModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.forecasting import Forecast, Series, Site, WeatherSource
    from backend.ports.forecasting import Plant
    from ml.models import FittedModel, Model

__all__ = ["LocalEngine"]

_HOME_WATTS = 3_000.0
"""Mean power up to which a load is a home's: so few people that what they do is not smooth."""

_MODELS_KEPT = 64


@dataclass(frozen=True)
class LocalEngine:
    """Implements ``ForecastEngine`` in this process, on one core, so that whoever else works here is not held up.

    Attributes:
        seed: Of everything random.
    """

    seed: int = 0

    def train(
        self,
        target: ForecastTarget,
        series: Series,
        site: Site,
        until_utc: int,
        weather: WeatherSource,
        plant: Plant | None = None,
    ) -> TrainedModel:
        """See the port."""
        from ml.operation.card import describe_training
        from ml.operation.registry import code_hash, data_hash, library_versions, model_id, pack_model

        begin = time.process_time()
        with _one_thread():
            fitted = self._model_for(target, series, until_utc, plant).fit(series, site, until_utc, weather)
        content = pack_model(fitted)
        card = {
            "model": fitted.name,
            "target": target.value,
            "training": describe_training(series, until_utc),
            "weather": weather.value,
            "seconds": round(time.process_time() - begin, 3),
            "libraries": library_versions(),
            "site": {"time_zone": site.time_zone, "country": site.country, "located": site.located},
        }
        return TrainedModel(
            id=model_id(content),
            target=target,
            name=fitted.name,
            content=content,
            data_hash=data_hash(series, until_utc),
            code_hash=_code_hash_once(code_hash),
            until_utc=until_utc,
            seed=self.seed,
            card=card,
        )

    def forecast(self, model: TrainedModel, series: Series, origin_utc: int, length: int) -> Forecast:
        """See the port."""
        try:
            with _one_thread():
                made = _unpacked(model.content).forecast(series, origin_utc, length)
        except InputError as error:
            return seasonal_naive(series, origin_utc, length, f"{model.name} could not: {error}")
        return made if made.unit == series.unit else replace(made, unit=series.unit)

    def judge_drift(self, reference: np.ndarray[Any, Any], recent: np.ndarray[Any, Any]) -> dict[str, Any]:
        """See the port."""
        from ml.operation.drift import loss_drift

        found = loss_drift(reference, recent)
        return {
            "statistic": found.statistic,
            "limit": found.limit,
            "since": found.since,
            "alarm": found.alarm,
            "ratio": found.ratio if np.isfinite(found.ratio) else None,
        }

    def _model_for(
        self, target: ForecastTarget, series: Series, until_utc: int, plant: Plant | None
    ) -> Model:
        if target is ForecastTarget.SOLAR:
            from ml.solar.solar import SolarModel

            if plant is None:
                return SolarModel(seed=self.seed)
            return SolarModel(plant.tilt, plant.azimuth, plant.capacity_watts, seed=self.seed)
        known = series.values[: series.place(until_utc)]
        small = target in {ForecastTarget.LOAD, ForecastTarget.NET} and _is_small(known)
        module, name = _CLASSES["home" if small else target.value]
        made: Model = getattr(importlib.import_module(module), name)(seed=self.seed)
        return made


_CLASSES = {
    "home": ("ml.models.homes", "HomeModel"),
    "load": ("ml.models.choice", "ChosenModel"),
    "net": ("ml.models.choice", "ChosenModel"),
    "wind": ("ml.solar.wind", "WindModel"),
    "price": ("ml.prices.price", "PriceModel"),
    "carbon": ("ml.prices.carbon", "CarbonModel"),
}


def _is_small(known: np.ndarray[Any, Any]) -> bool:
    finite = np.abs(known[np.isfinite(known)])
    return bool(len(finite)) and float(finite.mean()) < _HOME_WATTS


@lru_cache(maxsize=_MODELS_KEPT)
def _unpacked(content: bytes) -> FittedModel:
    from ml.operation.registry import unpack_model

    return unpack_model(content)


_code: list[str] = []


def _code_hash_once(find: Any) -> str:
    """The code does not change while it runs."""
    if not _code:
        _code.append(find())
    return _code[0]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hold the libraries to one thread: with two on busy cores, boosting takes ten times as long."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
