import pytest

from backend.forecasting import WeatherSource
from ml.solar.solar import FittedSolar, SolarModel
from ml.solar.wind import FittedWind, WindModel
from tests.unit.ml.solar.measured_plants import DAY, FONTANA, HAARLEMMERMEER, measured, part


@pytest.fixture(scope="session")
def fitted_roof() -> FittedSolar:
    series = measured(1)
    return SolarModel().fit(series, FONTANA, series.start_utc + 120 * DAY, WeatherSource.NONE)


@pytest.fixture(scope="session")
def fitted_part() -> FittedSolar:
    series = part("hfdp_solar", ghi="hfdp_radiation")
    return SolarModel().fit(series, HAARLEMMERMEER, series.start_utc + 2976 * 900, WeatherSource.OBSERVED)


@pytest.fixture(scope="session")
def fitted_wind() -> FittedWind:
    series = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    return WindModel().fit(series, HAARLEMMERMEER, series.start_utc + 2976 * 900, WeatherSource.OBSERVED)
