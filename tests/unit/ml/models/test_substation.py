from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scores import mean_pinball_loss
from ml.evaluation.backtest import disturbed_after
from ml.models.substation import FittedSubstation, SubstationModel
from ml.models.substation_table import lately
from ml.operation.registry import pack_model, unpack_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

STEP, DAY = 1800, 48
START = 1_625_097_600  # Thursday, 1 July 2021
SITE = Site("Europe/Amsterdam", "NL")
DAYS = 60


@cache
def substation(offset: int = 0) -> Series:
    """Use, less a roof's sun, less a turbine's wind; the meter's stamps are late by ``offset`` intervals."""
    random = np.random.default_rng(4)
    steps = np.arange(DAYS * DAY)
    hour = steps % DAY / 2
    cloud = np.repeat(random.uniform(0.15, 1, DAYS * 8), DAY // 8)
    radiation = cloud * np.maximum(0, 800 * np.sin(np.pi * (hour - 5) / 14)) * ((hour > 5) & (hour < 19))
    wind = np.zeros(len(steps))
    for step in range(1, len(steps)):
        wind[step] = 0.97 * wind[step - 1] + random.normal(0, 0.5)
    wind = np.abs(wind + 7)
    use = 12 + 4 * np.sin(2 * np.pi * (hour - 9) / 24) - 3 * (steps // DAY % 7 >= 2) * (steps // DAY % 7 < 4)
    turbine = 8 / (1 + np.exp(-(wind - 8)))
    net = use - 0.015 * np.roll(radiation, offset) - turbine + random.normal(0, 0.3, len(steps))
    return Series(START, STEP, net, {"radiation": radiation, "wind_speed_100m": wind}, "MW")


def origin_of(days: float) -> int:
    return START + int(days * DAY) * STEP


@cache
def fitted() -> FittedSubstation:
    return SubstationModel().fit(substation(), SITE, origin_of(50), WeatherSource.OBSERVED)


def losses(model: FittedSubstation, series: Series) -> tuple[float, float]:
    """Mean absolute error of the mean, and pinball loss, of five days."""
    misses, pinballs = [], []
    for day in range(50, 55):
        forecast = model.forecast(series, origin_of(day), DAY)
        actual = series.values[day * DAY : (day + 1) * DAY]
        misses.append(float(np.abs(actual - forecast.mean).mean()))
        pinballs.append(mean_pinball_loss(actual, forecast.quantiles))
    return float(np.mean(misses)), float(np.mean(pinballs))


def test_sun_and_wind_behind_a_substation_are_told_from_use() -> None:
    miss, pinball = losses(fitted(), substation())
    week_before = substation().values[43 * DAY : 48 * DAY] - substation().values[50 * DAY : 55 * DAY]
    assert miss < 0.6
    assert miss < 0.2 * np.abs(week_before).mean()
    assert pinball < 0.2


def test_stamps_that_are_late_by_two_hours_are_found_out() -> None:
    late = SubstationModel().fit(substation(4), SITE, origin_of(50), WeatherSource.OBSERVED)
    assert losses(late, substation(4))[0] < 0.75


def test_nothing_after_the_origin_changes_a_forecast() -> None:
    series = substation()
    for days in (50, 50.25):
        plain = fitted().forecast(series, origin_of(days), 2 * DAY)
        for seed in (1, 2):
            other = fitted().forecast(
                disturbed_after(series, origin_of(days), seed), origin_of(days), 2 * DAY
            )
            assert np.array_equal(plain.mean, other.mean)
            assert np.array_equal(plain.quantiles, other.quantiles)


def test_rows_that_are_learned_from_see_nothing_after_their_own_origins() -> None:
    random = np.random.default_rng(0)
    residuals, origins = random.standard_normal(900), np.array([600, 700, 650])
    places = np.array([620, 795, 650])
    plain = lately(residuals, places, origins, STEP)
    for row, origin in enumerate(origins.tolist()):
        later = residuals.copy()
        later[origin:] = random.standard_normal(900 - origin)
        assert np.array_equal(lately(later, places, origins, STEP)[row], plain[row])
    before = residuals.copy()
    before[599] += 1
    assert not np.array_equal(lately(before, places, origins, STEP)[0], plain[0])


def test_what_was_learned_is_the_same_whatever_comes_after_and_each_time() -> None:
    until = origin_of(50)
    again = SubstationModel().fit(
        disturbed_after(substation(), until, 5), SITE, until, WeatherSource.OBSERVED
    )
    assert pack_model(again) == pack_model(fitted())


def test_an_error_that_lasts_is_followed_soon_and_wears_off() -> None:
    series, origin = substation(), origin_of(52)
    values = series.values.copy()
    values[52 * DAY - 6 : 52 * DAY] += 4
    plain = fitted().forecast(series, origin, 2 * DAY)
    after = fitted().forecast(replace(series, values=values), origin, 2 * DAY)
    moved = after.mean - plain.mean
    assert moved[0] > 0
    assert abs(moved[-1]) < abs(moved[0]) + 0.2


def test_a_kept_substation_forecasts_the_same_to_the_last_bit() -> None:
    series, origin = substation(), origin_of(51)
    again = unpack_model(pack_model(fitted()))
    assert np.array_equal(
        fitted().forecast(series, origin, DAY).quantiles, again.forecast(series, origin, DAY).quantiles
    )


def test_quantiles_hold_what_they_say() -> None:
    inside = []
    for day in range(50, 58):
        forecast = fitted().forecast(substation(), origin_of(day), DAY)
        actual = substation().values[day * DAY : (day + 1) * DAY]
        inside.append(((actual >= forecast.at(0.1)) & (actual <= forecast.at(0.9))).mean())
    assert 0.65 < np.mean(inside) < 0.95


def test_gaps_in_values_and_weather_leave_a_finite_forecast_that_says_what_was_missing() -> None:
    series = substation()
    values = series.values.copy()
    values[1000:1100] = np.nan
    values[50 * DAY - 20 : 50 * DAY] = np.nan
    wind = series.inputs["wind_speed_100m"].copy()
    wind[300:360] = np.nan
    wind[50 * DAY :] = np.nan
    gapped = replace(series, values=values, inputs={**series.inputs, "wind_speed_100m": wind})
    forecast = (
        SubstationModel()
        .fit(gapped, SITE, origin_of(50), WeatherSource.OBSERVED)
        .forecast(gapped, origin_of(50), 2 * DAY)
    )
    assert "wind_speed_100m" in forecast.reason
    assert forecast.weather is WeatherSource.NONE
    assert fitted().forecast(series, origin_of(50), DAY).reason == ""


def test_a_substation_without_weather_is_told_by_its_calendar_and_its_past() -> None:
    series = replace(substation(), inputs={})
    plain = SubstationModel().fit(series, SITE, origin_of(50), WeatherSource.NONE)
    forecast = plain.forecast(series, origin_of(50), 7 * DAY)
    assert forecast.weather is WeatherSource.NONE
    assert len(forecast) == 7 * DAY
    assert losses(plain, series)[0] > 2 * losses(fitted(), substation())[0]


def test_a_constant_series_is_told_exactly() -> None:
    still = replace(substation(), values=np.full(DAYS * DAY, 5.0))
    forecast = (
        SubstationModel()
        .fit(still, SITE, origin_of(50), WeatherSource.OBSERVED)
        .forecast(still, origin_of(50), DAY)
    )
    assert np.allclose(forecast.quantiles, 5.0, atol=1e-6)


def test_too_little_history_and_an_absent_input_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="21 days of known values, there are 10"):
        SubstationModel().fit(substation(), SITE, origin_of(10), WeatherSource.OBSERVED)
    with pytest.raises(InputError, match="'radiation' is absent"):
        fitted().forecast(replace(substation(), inputs={}), origin_of(50), DAY)
    quarter = replace(substation(), step_seconds=900)
    with pytest.raises(InputError, match="steps of 900 s"):
        fitted().forecast(quarter, START + 900 * 50 * DAY, DAY)


def test_weather_that_was_hardly_seen_before_does_not_run_away_with_the_forecast() -> None:
    series = substation()
    snow = np.zeros(DAYS * DAY)
    snow[40 * DAY : 41 * DAY] = 1e-9
    snow[49 * DAY : 50 * DAY] = 1e-3
    snow[50 * DAY :] = 0.2
    snowed = replace(series, inputs={**series.inputs, "snow_depth": snow})
    model = SubstationModel().fit(snowed, SITE, origin_of(50), WeatherSource.OBSERVED)
    assert losses(model, snowed)[0] < 1.0


def test_a_meter_that_is_silent_since_weeks_is_judged_by_what_it_said_last() -> None:
    series = substation()
    values = series.values.copy()
    values[30 * DAY :] = np.nan
    still = replace(series, values=values)
    model = SubstationModel().fit(still, SITE, still.end_utc, WeatherSource.OBSERVED)
    assert np.isfinite(model.calibration.table).all()
    assert np.isfinite(model.spread).all()
