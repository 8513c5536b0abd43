from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.demo_data.homes import read_homes
from backend.forecasting import Series, Site, WeatherSource
from ml.operation.registry import pack_model, unpack_model
from ml.prices.carbon import CarbonModel

DAY = 86_400
SITE = Site("UTC", "US", "CA")  # the file's civil days have 24 hours each
FIRST = 17_014 * DAY  # 1 August 2016


@pytest.fixture(scope="module")
def carbon():
    return Series(FIRST, 3600, read_homes().carbon[: 200 * 24] / 1e6, unit="g/kWh")


@pytest.fixture(scope="module")
def fitted(carbon):
    return CarbonModel(trial_days=28).fit(carbon, SITE, carbon.start_utc + 140 * DAY, WeatherSource.NONE)


def test_carbon_intensity_is_told_better_than_by_the_day_or_the_week_before(carbon, fitted):
    errors = []
    for origin in range(carbon.start_utc + 140 * DAY, carbon.end_utc - DAY, 2 * DAY + 5 * 3600):
        place = carbon.place(origin)
        actual = carbon.values[place : place + 24]
        made = fitted.forecast(carbon, origin, 24)
        naive = (carbon.values[place - 24 : place], carbon.values[place - 168 : place - 144])
        errors.append([np.abs(actual - told).mean() for told in (made.mean, *naive)])
    ours, before, week = np.mean(errors, axis=0)
    assert ours < before
    assert ours < 0.8 * week


def test_no_intensity_below_zero_is_told(carbon, fitted):
    place = carbon.place(carbon.start_utc + 150 * DAY)
    clean = carbon.values.copy()
    clean[place - 48 : place] = 0.0
    made = fitted.forecast(replace(carbon, values=clean), carbon.start_utc + 150 * DAY, 48)
    assert made.quantiles.min() >= 0
    assert made.mean.min() >= 0


def test_values_after_the_origin_change_nothing(carbon, fitted):
    origin = carbon.start_utc + 150 * DAY
    values = carbon.values.copy()
    values[carbon.place(origin) :] = np.nan
    one, other = (fitted.forecast(replace(carbon, values=v), origin, 168) for v in (values, carbon.values))
    assert np.array_equal(one.quantiles, other.quantiles)


def test_a_kept_model_tells_the_same(carbon, fitted):
    origin = carbon.start_utc + 160 * DAY
    again = unpack_model(pack_model(fitted))
    assert again.name == "carbon"
    assert np.array_equal(
        again.forecast(carbon, origin, 24).quantiles, fitted.forecast(carbon, origin, 24).quantiles
    )
