"""Joins forecasting: the store, what was measured, the models, and the weather that the environment asks for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.adapters.home import Home
    from backend.bootstrap.wiring import Wiring
    from backend.ports import Clock, RecordStore
    from backend.ports.forecasting import Weather
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.grid.network_series import GridSources

__all__ = ["WEATHER_VARIABLE", "first_forecasts", "open_desk", "open_weather"]

WEATHER_VARIABLE = "PARTAGE_WEATHER"
_OPEN_METEO = "open-meteo"


def open_desk(
    home: Home,
    store: RecordStore,
    clock: Clock,
    sources: GridSources,
    environment: Mapping[str, str],
    *,
    quick: bool = False,
) -> ForecastDesk:
    """What the services of forecasts need.

    Args:
        home: Where recorded weather lies, in ``weather``, and prices, in ``prices``.
        store: Records.
        clock: Time.
        sources: Networks, and what was measured.
        environment: Says whether weather may be asked for elsewhere.
        quick: Learn for a first look only, in seconds.

    Raises:
        InputError: If it names a source of weather that is not known.
    """
    from backend.adapters.demo_data.carbon import BundledCarbon
    from backend.adapters.forecasts.engine import LocalEngine
    from backend.adapters.forecasts.market import RecordedMarket
    from backend.adapters.forecasts.sunlight import LocalSunlight
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.histories import Histories
    from backend.services.grid.known_networks import KnownNetworks

    weather = open_weather(home, clock, environment)
    market = RecordedMarket(home.root / "prices", BundledCarbon())
    histories = Histories(KnownNetworks(sources), market)
    return ForecastDesk(store, clock, LocalEngine(quick=quick), weather, histories, quick, LocalSunlight())


def first_forecasts(wiring: Wiring, community: str, on_step: Callable[[str], None] = lambda _: None) -> int:
    """Forecast a demonstration's next two days, and its last four weeks as if they were to come, in seconds.

    ``partage serve`` and ``partage forecasts run`` learn in earnest later, and anchor what they use.

    Returns:
        Of how many subjects and targets a forecast is kept.
    """
    from backend.services.forecasts.retrain import run_due

    desk = open_desk(wiring.home, wiring.store, wiring.clock, wiring.grid_sources, os.environ, quick=True)
    run_due(desk, community, on_step=on_step)
    with wiring.store.reading() as records:
        return len(records.newest_forecasts(community))


def open_weather(home: Home, clock: Clock, environment: Mapping[str, str]) -> Weather:
    """Recorded files first, then Open-Meteo where it was asked for, then the bundled year, then a clear sky.

    Raises:
        InputError: If the environment names a source that is not known.
    """
    from backend.adapters.forecasts.open_meteo import OpenMeteo
    from backend.adapters.forecasts.weather import BundledYear, ClearSky, FirstOf, RecordedWeather

    asked = environment.get(WEATHER_VARIABLE, "")
    if asked not in {"", _OPEN_METEO}:
        raise InputError(
            f"{WEATHER_VARIABLE} is {asked!r}; set it to {_OPEN_METEO}, which then learns where the community is, "
            "or to nothing."
        )
    service: list[Weather] = [OpenMeteo(home.cache / "weather", clock)] if asked else []
    return FirstOf((RecordedWeather(home.root / "weather"), *service, BundledYear(), ClearSky()))
