from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scores import (
    coverage,
    mean_absolute_error,
    normalised_root_mean_square_error,
)
from ml.evaluation.backtest import disturbed_after
from ml.features.sun import sun_over
from ml.operation.registry import pack_model, unpack_model
from ml.solar.solar import FittedSolar, SolarModel
from ml.solar.wind import FittedWind, PowerCurve, WindModel, learn_curve
from tests.unit.ml.solar.measured_plants import DAY, FONTANA, HAARLEMMERMEER, measured, part


def _month(fitted: FittedSolar | FittedWind, series: Series, first: int, days: int, hour: int = 0):
    length = DAY // series.step_seconds
    made = [fitted.forecast(series, first + day * DAY + hour * 3600, length) for day in range(days)]
    actual = np.concatenate([series.values[series.place(one.origin_utc) :][:length] for one in made])
    return actual, np.concatenate([one.mean for one in made]), np.hstack([one.quantiles for one in made])


def test_night_is_exactly_zero_and_the_capacity_is_never_passed(fitted_roof: FittedSolar):
    series = measured(1)
    origin = series.start_utc + 130 * DAY
    forecast = fitted_roof.forecast(series, origin, 7 * 24)
    night = sun_over(FONTANA, origin, 3600, 7 * 24).night
    assert 60 < night.sum() < 120
    assert not forecast.mean[night].any()
    assert not forecast.quantiles[:, night].any()
    assert forecast.quantiles.max() <= fitted_roof.capacity_watts
    small = replace(fitted_roof, capacity_watts=1000.0).forecast(series, origin, 48)
    assert small.quantiles.max() == 1000.0
    assert small.mean.max() <= 1000.0


def test_a_day_ahead_is_better_than_yesterday_and_its_bands_hold(fitted_roof: FittedSolar):
    series = measured(1)
    first = series.start_utc + 120 * DAY
    actual, mean, quantiles = _month(fitted_roof, series, first, 60)
    yesterday = series.values[series.place(first) - 24 :][: len(actual)]
    ours = normalised_root_mean_square_error(actual, mean, 4000)
    assert ours < 0.92 * normalised_root_mean_square_error(actual, yesterday, 4000)
    light = quantiles[-1] > 0
    assert 0.5 < coverage(actual[light], quantiles[1, light], quantiles[-2, light]) < 0.95


def test_irradiance_ahead_makes_a_substation_far_better(fitted_part: FittedSolar):
    series = part("hfdp_solar", ghi="hfdp_radiation")
    first = series.start_utc + 2976 * 900
    actual, mean, _ = _month(fitted_part, series, first, 13)
    blind = replace(fitted_part, seeing=None)
    _, without, _ = _month(blind, series, first, 13)
    assert mean_absolute_error(actual, mean) < 0.75 * mean_absolute_error(actual, without)
    assert fitted_part.forecast(series, first, 96).weather is WeatherSource.OBSERVED


@pytest.mark.parametrize("hour", [0, 15, 20])
def test_what_comes_after_the_origin_does_not_change_a_forecast(fitted_roof: FittedSolar, hour: int):
    series = measured(1)
    origin = series.start_utc + 140 * DAY + hour * 3600
    seen = fitted_roof.forecast(series, origin, 48)
    other = fitted_roof.forecast(disturbed_after(series, origin, 1), origin, 48)
    assert np.array_equal(seen.quantiles, other.quantiles)
    before = fitted_roof.forecast(replace(series, values=series.values * 0.8), origin, 48)
    assert not np.array_equal(seen.quantiles, before.quantiles)


def test_learning_reads_nothing_after_its_end(fitted_wind: FittedWind):
    series = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    until = series.start_utc + 2976 * 900
    place = series.place(until)
    speed = series.inputs["wind_speed_100m"].copy()
    speed[place:] = 3.0
    other = replace(disturbed_after(series, until, 2), inputs={"wind_speed_100m": speed})
    again = WindModel().fit(other, HAARLEMMERMEER, until, WeatherSource.OBSERVED)
    assert pack_model(again) == pack_model(fitted_wind)


def test_models_come_back_from_a_file_to_the_last_bit(fitted_part: FittedSolar, fitted_wind: FittedWind):
    sun = part("hfdp_solar", ghi="hfdp_radiation")
    wind = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    for fitted, series in ((fitted_part, sun), (fitted_wind, wind)):
        again = unpack_model(pack_model(fitted))
        origin = series.start_utc + 3500 * 900
        one, other = fitted.forecast(series, origin, 96), again.forecast(series, origin, 96)
        assert np.array_equal(one.quantiles, other.quantiles)
        assert np.array_equal(one.mean, other.mean)


def test_where_the_weather_ends_recent_days_take_over_and_it_is_said(fitted_part: FittedSolar):
    series = part("hfdp_solar", ghi="hfdp_radiation")
    light = series.inputs["ghi"].copy()
    light[:] = np.nan
    blind = fitted_part.forecast(replace(series, inputs={"ghi": light}), series.start_utc + 3500 * 900, 96)
    assert "no weather for" in blind.reason
    assert blind.weather is WeatherSource.CLEAR_SKY
    assert blind.mean.max() > 0


def test_a_history_of_unknowns_still_gives_a_forecast(fitted_roof: FittedSolar):
    series = measured(1)
    origin = series.start_utc + 140 * DAY
    empty = replace(series, values=np.full(len(series), np.nan))
    assert fitted_roof.forecast(empty, origin, 48).mean.max() > 200


def test_what_cannot_be_forecast_is_refused_with_what_lacks(fitted_part: FittedSolar):
    series = part("hfdp_solar", ghi="hfdp_radiation")
    origin = series.start_utc + 3500 * 900
    with pytest.raises(InputError, match="lacks ghi"):
        fitted_part.forecast(replace(series, inputs={}), origin, 96)
    with pytest.raises(InputError, match="7 days"):
        fitted_part.forecast(series, origin, 700)
    with pytest.raises(InputError, match="before the origin"):
        fitted_part.forecast(series, series.end_utc + 9000, 96)
    with pytest.raises(InputError, match="learned from 21 days"):
        SolarModel().fit(series, HAARLEMMERMEER, series.start_utc + 1440 * 900, WeatherSource.NONE)


def test_an_unlocated_plant_is_forecast_from_where_its_light_says_it_is():
    series = measured(1)
    until = series.start_utc + 100 * DAY
    fitted = SolarModel().fit(series, Site("America/Los_Angeles"), until, WeatherSource.NONE)
    assert fitted.site.longitude == pytest.approx(-117.4, abs=8)
    actual, mean, _ = _month(fitted, series, until, 20)
    assert normalised_root_mean_square_error(actual, mean, 4000) < 0.16


def test_a_wind_part_is_forecast_far_better_than_yesterday_with_bands_that_hold(fitted_wind: FittedWind):
    series = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    first = series.start_utc + 2976 * 900
    actual, mean, quantiles = _month(fitted_wind, series, first, 13)
    yesterday = series.values[series.place(first) - 96 :][: len(actual)]
    assert mean_absolute_error(actual, mean) < 0.6 * mean_absolute_error(actual, yesterday)
    assert 0.5 < coverage(actual, quantiles[1], quantiles[-2]) < 0.95
    assert quantiles.min() >= 0
    assert quantiles.max() <= fitted_wind.capacity_watts


def test_a_power_curve_never_falls_and_a_falling_one_is_refused():
    series = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    curve = learn_curve(series.inputs["wind_speed_100m"], series.values / series.values.max())
    assert (np.diff(curve.shares) >= 0).all()
    assert curve.at(np.array([2.0]))[0] < 0.1 < curve.at(np.array([12.0]))[0]
    with pytest.raises(InputError, match="never fall"):
        PowerCurve(np.array([0.0, 5.0, 10.0]), np.array([0.0, 0.5, 0.4]))


def test_a_plant_that_stands_since_weeks_is_refused_in_words_or_forecast_by_what_it_did_before():
    """Nothing recent is known of any row then: whoever asked falls back where nothing can be learned."""
    roof = measured(1).before(measured(1).start_utc + 100 * DAY)
    place = np.arange(len(roof))
    still = replace(roof, values=np.where(place < 40 * 24, roof.values, np.nan))
    with pytest.raises(InputError, match="wait for more days"):
        SolarModel().fit(still, FONTANA, still.end_utc, WeatherSource.NONE)
    made = WindModel().fit(still, FONTANA, still.end_utc, WeatherSource.NONE)
    assert np.isfinite(made.forecast(still, still.end_utc, 48).quantiles).all()
    once = replace(roof, values=np.where(place == np.nanargmax(roof.values), roof.values, np.nan))
    for kind, words in ((SolarModel, "at least 14 days"), (WindModel, "wait for more days")):
        with pytest.raises(InputError, match=words):
            kind().fit(once, FONTANA, once.end_utc, WeatherSource.NONE)


def test_wind_that_is_told_for_some_hours_ahead_alone_is_no_warning(fitted_wind: FittedWind):
    series = part("wls_wind", wind_speed_100m="wls_windspeed_100m")
    origin = series.start_utc + 2976 * 900
    speeds = series.inputs["wind_speed_100m"].copy()
    speeds[2976 + 20 :] = np.nan
    made = fitted_wind.forecast(replace(series, inputs={"wind_speed_100m": speeds}), origin, 96)
    assert made.reason.startswith("no wind for")
    assert np.isfinite(made.quantiles).all()
