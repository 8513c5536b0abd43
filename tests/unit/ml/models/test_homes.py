from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Forecast, Series, WeatherSource
from backend.forecasting.scores import coverage, mean_pinball_loss
from ml.evaluation.backtest import disturbed_after
from ml.models.homes import FittedHomes, HomesModel
from ml.operation.registry import pack_model, unpack_model
from tests.unit.ml.models.measured_homes import DAY, SITE, loads, nets

DAYS, TESTED = 60, 10
SMALL = HomesModel(rounds=30, leaves=15, leaf_rows_min=60)
NONE = WeatherSource.NONE


@pytest.fixture(scope="module")
def homes() -> list[Series]:
    return loads(4, DAYS + TESTED)


@pytest.fixture(scope="module")
def until(homes: list[Series]) -> int:
    return homes[0].start_utc + DAYS * DAY


@pytest.fixture(scope="module")
def fitted(homes: list[Series], until: int) -> FittedHomes:
    return SMALL.fit_all(homes, SITE, until, NONE)


def same(one: Forecast, other: Forecast) -> bool:
    return np.array_equal(one.quantiles, other.quantiles) and np.array_equal(one.mean, other.mean)


def test_measured_homes_are_forecast_better_than_by_the_same_hour_of_the_week_before(homes, until, fitted):
    origins = [until + day * DAY for day in range(TESTED)]
    made = fitted.forecast_many(homes, origins, 24)
    inside = []
    for home, forecasts in zip(homes, made, strict=True):
        actual = home.values[DAYS * 24 :]
        quantiles = np.concatenate([forecast.quantiles for forecast in forecasts], axis=1)
        week = home.values[(DAYS - 7) * 24 : -7 * 24]
        misses = home.values[7 * 24 : DAYS * 24] - home.values[: (DAYS - 7) * 24]
        naive = week + np.quantile(misses, [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])[:, None]
        assert mean_pinball_loss(actual, quantiles) < 0.9 * mean_pinball_loss(actual, naive)
        inside.append(coverage(actual, quantiles[1], quantiles[-2]))
    assert 0.7 < np.mean(inside) < 0.9


def test_nothing_after_the_origin_changes_a_forecast(homes, until, fitted):
    told = disturbed_after(homes[1], until, seed=3)
    assert same(fitted.forecast(homes[1], until, 48), fitted.forecast(told, until, 48))


def test_nothing_after_the_end_of_learning_changes_the_model(homes, until, fitted):
    told = [disturbed_after(home, until, seed=4) for home in homes]
    again = SMALL.fit_all(told, SITE, until, NONE)
    assert pack_model(again) == pack_model(fitted)


def test_a_kept_model_forecasts_the_same_to_the_last_bit(homes, until, fitted):
    read = unpack_model(pack_model(fitted))
    assert same(read.forecast(homes[0], until, 24), fitted.forecast(homes[0], until, 24))


def test_a_home_that_was_never_seen_is_forecast_too(until, fitted):
    stranger = loads(6, DAYS + TESTED)[5]
    forecast = fitted.forecast(stranger, until, 24)
    actual = stranger.values[DAYS * 24 : (DAYS + 1) * 24]
    assert 0.3 * actual.mean() < forecast.mean.mean() < 3 * actual.mean()


def test_many_at_once_are_the_same_as_one_by_one(homes, until, fitted):
    origins = [until, until + DAY, until + 2 * DAY + 5 * 3600]
    made = fitted.forecast_many(homes[:2], origins, 30)
    for home, forecasts in zip(homes, made, strict=False):
        for origin, forecast in zip(origins, forecasts, strict=True):
            assert same(forecast, fitted.forecast(home, origin, 30))


def test_seven_days_ahead_stay_finite_and_no_use_is_negative(homes, until, fitted):
    forecast = fitted.forecast(homes[2], until + 7 * 3600, 7 * 24)
    assert len(forecast) == 7 * 24
    assert np.isfinite(forecast.quantiles).all()
    assert forecast.quantiles.min() >= 0


def test_a_home_with_a_roof_may_be_below_zero_at_noon(until):
    homes = nets(3, DAYS + 1)
    forecast = SMALL.fit_all(homes, SITE, until, NONE).forecast(homes[0], until, 24)
    assert forecast.median[12] < 0 < forecast.median[20]


def test_unknown_hours_are_bridged(homes, until, fitted):
    values = homes[0].values.copy()
    values[(DAYS - 9) * 24 : (DAYS - 2) * 24 : 2] = np.nan
    values[(DAYS - 1) * 24 : DAYS * 24] = np.nan
    holes = replace(homes[0], values=values)
    whole = fitted.forecast(homes[0], until, 24)
    forecast = fitted.forecast(holes, until, 24)
    assert np.isfinite(forecast.quantiles).all()
    assert abs(forecast.mean.mean() / whole.mean.mean() - 1) < 0.5


def test_what_was_missed_of_late_moves_the_quantiles(homes, until, fitted):
    origin = until + TESTED * DAY
    values = homes[0].values.copy()
    values[DAYS * 24 :] += 1.0
    raised = fitted.forecast(replace(homes[0], values=values), origin, 24)
    blind = replace(fitted, settings=replace(SMALL, trust=0.0))
    unmoved = blind.forecast(replace(homes[0], values=values), origin, 24)
    assert raised.median.mean() > unmoved.median.mean() + 0.02


def test_weather_ahead_is_learned_where_it_is_given(until):
    rng = np.random.default_rng(0)
    hours = 24 * (DAYS + 1)
    warmth = 20 + np.repeat(rng.normal(0, 8, DAYS + 1), 24)
    use = 1 + 0.2 * np.maximum(warmth - 20, 0) + rng.gamma(2, 0.1, hours)
    home = Series(until - DAYS * DAY, 3600, use, {"temperature": warmth}, "kWh")
    fitted = SMALL.fit(home, SITE, until, WeatherSource.OBSERVED)
    hot, cold = (
        fitted.forecast(
            replace(home, inputs={"temperature": np.where(np.arange(hours) < DAYS * 24, warmth, one)}),
            until,
            24,
        )
        for one in (32.0, 10.0)
    )
    assert hot.weather is WeatherSource.OBSERVED
    assert hot.median.mean() > cold.median.mean() + 1
    with pytest.raises(InputError, match="temperature"):
        fitted.forecast(replace(home, inputs={}), until, 24)


def test_half_hours_are_forecast_as_well(until):
    hourly = loads(1, 40)[0]
    home = Series(hourly.start_utc, 1800, np.repeat(hourly.values, 2) / 2, unit="kWh")
    fitted = SMALL.fit(home, SITE, home.end_utc, NONE)
    assert len(fitted.forecast(home, home.end_utc, 96)) == 96


@pytest.mark.parametrize(("days", "word"), [(20, "20 days"), (0, "0 days")])
def test_too_short_a_history_is_refused_with_what_is_needed(days, word):
    with pytest.raises(InputError, match=f"{word}.*at least 21"):
        SMALL.fit_all(loads(2, days), SITE, loads(1, days)[0].end_utc, NONE)


def test_homes_that_do_not_fit_together_are_refused(homes, until):
    other = replace(homes[1], unit="W")
    with pytest.raises(InputError, match="home 1 has steps of 3600 s in W"):
        SMALL.fit_all([homes[0], other], SITE, until, NONE)


def test_homes_that_do_nothing_are_refused(homes, until):
    dead = replace(homes[0], values=np.zeros(len(homes[0])))
    with pytest.raises(InputError, match="nothing in all the days"):
        SMALL.fit(dead, SITE, until, NONE)


def test_a_home_that_stood_still_is_forecast_to_stand_still(homes, until, fitted):
    dead = replace(homes[0], values=np.zeros(len(homes[0])))
    assert fitted.forecast(dead, until, 24).quantiles.max() == 0


def test_an_origin_without_a_week_before_it_and_eight_days_are_refused(homes, until, fitted):
    with pytest.raises(InputError, match="needs 168"):
        fitted.forecast(homes[0], homes[0].start_utc + 3 * DAY, 24)
    with pytest.raises(InputError, match="seven days"):
        fitted.forecast(homes[0], until, 8 * 24)
