"""The models of ``ml`` behind the port: which is tried for what, kept without pickle, and what stands in for it."""

from __future__ import annotations

import importlib
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments import keccak256
from backend.errors import InputError
from backend.forecasting.yardstick import seasonal_naive
from backend.ports.forecasting import ForecastTarget, TrainedModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.forecasting import Forecast, Series, Site, WeatherSource
    from backend.ports.forecasting import Plant
    from ml.models import FittedModel, Model

__all__ = ["LocalEngine"]

_HOMES_WATTS = 30_000.0
"""Mean power up to which a load is that of homes: so few people that what they do is not smooth. The sum of seventeen
homes was forecast better so in one span of three, and as well in the others."""

_HOMES_TOGETHER_MAX = 100
"""Homes up to which each is forecast by trees that all of them grew; beyond, by the clusters that they resemble."""

_MODELS_KEPT = 64
_DAY_SECONDS = 86_400
_DARK_DAYS = 21
_QUICK: dict[str, Any] = {"rounds": 40, "leaves": 15, "rate": 0.14, "rows_max": 20_000, "leaf_rows_min": 60}


@dataclass(frozen=True)
class LocalEngine:
    """Implements ``ForecastEngine`` in this process, on one core, so that whoever else works here is not held up.

    Attributes:
        seed: Of everything random.
        quick: Learn in a second what would take a minute, and less well: for a first look. Its cards say so.
    """

    seed: int = 0
    quick: bool = False

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
        if self.quick:
            return self.train_all(target, [series], site, until_utc, weather)
        return self._trained(
            target, self._model_for(target, series, until_utc, plant), [series], site, until_utc, weather
        )

    def train_all(
        self,
        target: ForecastTarget,
        series: Sequence[Series],
        site: Site,
        until_utc: int,
        weather: WeatherSource,
    ) -> TrainedModel:
        """See the port."""
        from ml.models.homes import HomesModel

        model: Any = HomesModel(seed=self.seed, **_QUICK) if self.quick else HomesModel(seed=self.seed)
        if len(series) > _HOMES_TOGETHER_MAX:
            from ml.models.clusters import ClusterModel

            model = ClusterModel(seed=self.seed)
        return self._trained(target, model, series, site, until_utc, weather)

    def _trained(
        self,
        target: ForecastTarget,
        model: Any,
        series: Sequence[Series],
        site: Site,
        until_utc: int,
        weather: WeatherSource,
    ) -> TrainedModel:
        from ml.operation.card import describe_training
        from ml.operation.registry import code_hash, data_hash, library_versions, model_id, pack_model

        begin = time.process_time()
        with _one_thread():
            if len(series) > _HOMES_TOGETHER_MAX:
                from ml.models.clusters import Meters

                fitted = model.fit_all(Meters.of(series), site, until_utc)
            elif hasattr(model, "fit_all"):
                fitted = model.fit_all(series, site, until_utc, weather)
            else:
                fitted = model.fit(series[0], site, until_utc, weather)
        content = pack_model(fitted)
        hashes = [data_hash(one, until_utc) for one in series]
        card = {
            "model": fitted.name,
            "target": target.value,
            "effort": "quick" if self.quick else "full",
            "training": {**describe_training(series[0], until_utc), "series": len(series)},
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
            data_hash=hashes[0] if len(hashes) == 1 else "0x" + keccak256("".join(hashes).encode()).hex(),
            code_hash=_code_hash_once(code_hash),
            until_utc=until_utc,
            seed=self.seed,
            card=card,
        )

    def forecast(self, model: TrainedModel, series: Series, origin_utc: int, length: int) -> Forecast:
        """See the port."""
        return self.forecast_many(model, [series], [origin_utc], length)[0][0]

    def forecast_many(
        self, model: TrainedModel, series: Sequence[Series], origins_utc: Sequence[int], length: int
    ) -> list[list[Forecast]]:
        """See the port."""
        with _one_thread():
            return [_forecasts(model, one, origins_utc, length) for one in series]

    def add_up(self, forecasts: Sequence[Forecast], errors: np.ndarray[Any, Any], model: str) -> Forecast:
        """See the port."""
        from ml.models.hierarchy import add_up

        made = add_up(forecasts, errors, model)
        return replace(made, quantiles=np.maximum(made.quantiles, 0.0))

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


def _forecasts(
    model: TrainedModel, series: Series, origins_utc: Sequence[int], length: int
) -> list[Forecast]:
    """Of one series; the seasonal naive stands in where the model cannot."""
    fitted = _unpacked(model.content)
    made: list[Forecast]
    try:
        if hasattr(fitted, "forecast_many"):
            made = fitted.forecast_many([series], origins_utc, length)[0]
        else:
            made = [fitted.forecast(series, origin, length) for origin in origins_utc]
    except InputError as error:
        if len(origins_utc) > 1:
            return [one for origin in origins_utc for one in _forecasts(model, series, [origin], length)]
        return [seasonal_naive(series, origins_utc[0], length, f"{model.name} could not: {error}")]
    made = [one if one.unit == series.unit else replace(one, unit=series.unit) for one in made]
    return [_dark(one, series) for one in made] if model.target is ForecastTarget.SOLAR else made


def _dark(made: Forecast, series: Series) -> Forecast:
    """Nothing where the sun gave nothing at that time of the day for weeks: night is exactly zero."""
    per_day = _DAY_SECONDS // series.step_seconds
    known = series.values[: series.place(made.origin_utc)][-_DARK_DAYS * per_day :]
    begin = series.place(made.origin_utc) - len(known)
    # What is unknown may be light: only what was measured and gave nothing is night.
    lit, told = np.zeros(per_day, np.bool_), np.zeros(per_day, np.bool_)
    lit[(begin + np.flatnonzero(known > 0)) % per_day] = True
    told[(begin + np.flatnonzero(np.isfinite(known))) % per_day] = True
    lit |= ~told
    ahead = (series.place(made.origin_utc) + np.arange(len(made))) % per_day
    return replace(made, mean=np.where(lit[ahead], made.mean, 0.0), quantiles=made.quantiles * lit[ahead])


_CLASSES = {
    "home": ("ml.models.homes", "HomesModel"),
    "load": ("ml.models.choice", "ChosenModel"),
    "net": ("ml.models.choice", "ChosenModel"),
    "wind": ("ml.solar.wind", "WindModel"),
    "price": ("ml.prices.price", "PriceModel"),
    "carbon": ("ml.prices.carbon", "CarbonModel"),
}


def _is_small(known: np.ndarray[Any, Any]) -> bool:
    finite = np.abs(known[np.isfinite(known)])
    return bool(len(finite)) and float(finite.mean()) < _HOMES_WATTS


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
