from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scores import coverage, mean_absolute_error
from ml.evaluation.backtest import disturbed_after
from ml.operation.registry import pack_model, unpack_model
from ml.prices.lear import Lear
from ml.prices.price import PriceModel
from ml.prices.walk import Expert

DAY = 86_400
WEATHER = WeatherSource.FORECAST


@pytest.fixture(scope="module")
def until(nord_pool):
    return nord_pool.start_utc + 90 * DAY


@pytest.fixture(scope="module")
def fitted(small_model, nord_pool, until):
    return small_model.fit(nord_pool, Site(), until, WEATHER)


@pytest.fixture(scope="module")
def lean(lean_model, nord_pool, until):
    return lean_model.fit(nord_pool, Site(), until, WEATHER)


def test_a_day_ahead_is_told_better_than_by_the_day_or_the_week_before(lean, nord_pool, until):
    errors, before, week = [], [], []
    for origin in range(until, nord_pool.end_utc, DAY):
        place = nord_pool.place(origin)
        actual = nord_pool.values[place : place + 24]
        errors.append(mean_absolute_error(actual, lean.forecast(nord_pool, origin, 24).mean))
        before.append(mean_absolute_error(actual, nord_pool.values[place - 24 : place]))
        week.append(mean_absolute_error(actual, nord_pool.values[place - 168 : place - 144]))
    assert np.mean(errors) < 0.9 * min(np.mean(before), np.mean(week))


def test_a_forecast_is_finite_ordered_and_says_what_it_rests_on(fitted, nord_pool, until):
    made = fitted.forecast(nord_pool, until, 168)
    assert (made.model, made.unit, made.weather) == ("price", "EUR/MWh", WEATHER)
    assert made.origin_utc == until
    assert np.isfinite(made.quantiles).all()
    assert (np.diff(made.quantiles, axis=0) >= 0).all()
    assert made.reason == ""


def test_a_week_ahead_is_less_sure_than_the_next_day(lean, nord_pool, until):
    made = lean.forecast(nord_pool, until, 168)
    width = (made.quantiles[-1] - made.quantiles[0]).reshape(7, 24).mean(axis=1)
    assert width[1:].mean() > 1.1 * width[0]


def test_the_band_holds_about_as_often_as_it_says(lean, nord_pool, until):
    inside = []
    for origin in range(until, nord_pool.end_utc, DAY):
        made = lean.forecast(nord_pool, origin, 24)
        place = nord_pool.place(origin)
        inside.append(coverage(nord_pool.values[place : place + 24], made.quantiles[1], made.quantiles[-2]))
    assert 0.6 < np.mean(inside) < 0.97


def test_prices_after_the_origin_change_nothing(small_model, fitted, nord_pool, until):
    other = disturbed_after(nord_pool, until, seed=1)
    again = small_model.fit(other, Site(), until, WEATHER)
    for origin in (until, until - 7 * 3600):
        other = disturbed_after(nord_pool, origin, seed=1)
        assert np.array_equal(
            again.forecast(other, origin, 72).quantiles, fitted.forecast(nord_pool, origin, 72).quantiles
        )


def test_inputs_after_the_instant_of_learning_are_not_learned_from(small_model, fitted, nord_pool, until):
    place = nord_pool.place(until)
    later = {name: np.r_[column[:place], -column[place:]] for name, column in nord_pool.inputs.items()}
    again = small_model.fit(replace(nord_pool, inputs=later), Site(), until, WEATHER)
    assert np.array_equal(
        again.forecast(nord_pool, until, 24).quantiles, fitted.forecast(nord_pool, until, 24).quantiles
    )


def test_more_wind_ahead_lowers_the_price_and_more_load_raises_it(lean, nord_pool, until):
    place = nord_pool.place(until)

    def mean_with(name, factor):
        column = nord_pool.inputs[name].copy()
        column[place : place + 24] *= factor
        changed = replace(nord_pool, inputs={**nord_pool.inputs, name: column})
        return lean.forecast(changed, until, 24).mean.mean()

    assert mean_with("wind", 1.5) < mean_with("wind", 1.0) < mean_with("load", 1.05)


def test_a_kept_model_tells_the_same_to_the_last_bit(fitted, nord_pool, until):
    again = unpack_model(pack_model(fitted))
    for origin in (until, until + 3 * DAY):
        one, other = (model.forecast(nord_pool, origin, 48) for model in (fitted, again))
        assert np.array_equal(one.mean, other.mean)
        assert np.array_equal(one.quantiles, other.quantiles)


def test_the_same_data_and_seed_make_the_same_model(small_model, fitted, nord_pool, until):
    again = small_model.fit(nord_pool, Site(), until, WEATHER)
    assert pack_model(again) == pack_model(fitted)
    other = replace(small_model, seed=4).fit(nord_pool, Site(), until, WEATHER)
    assert pack_model(other) != pack_model(fitted)


def test_the_rest_of_a_day_goes_on_from_its_latest_price(lean, nord_pool, until):
    origin = until + 10 * 3600
    place = nord_pool.place(origin)
    higher = nord_pool.values.copy()
    higher[place - 1] += 20
    plain = lean.forecast(nord_pool, origin, 14).mean
    lifted = lean.forecast(replace(nord_pool, values=higher), origin, 14).mean
    gain = lifted - plain
    assert gain[0] == pytest.approx(20 * lean.momentum)
    assert (np.diff(gain) < 0).all()
    assert lean.momentum > 0.3


def test_inputs_that_end_are_told_and_last_weeks_stand_in(lean, nord_pool, until):
    place = nord_pool.place(until)
    ended = {name: column[: place + 24] for name, column in nord_pool.inputs.items()}
    short = replace(nord_pool, values=nord_pool.values[:place], inputs=ended)
    made = lean.forecast(short, until, 72)
    assert made.reason.startswith("inputs (load, wind) are not known for 2 of 3 days ahead")
    assert np.array_equal(made.mean[:24], lean.forecast(nord_pool, until, 24).mean)


def test_inputs_far_from_all_that_was_seen_do_not_carry_prices_away(fitted, nord_pool, until):
    absurd = {
        name: column * np.where(np.arange(len(column)) < 2160, 1, 1e6)
        for name, column in nord_pool.inputs.items()
    }
    made = fitted.forecast(replace(nord_pool, inputs=absurd), until, 48)
    low, high = fitted.limits
    assert np.isfinite(made.quantiles).all()
    assert made.quantiles.min() >= low
    assert made.quantiles.max() <= high


def test_quarter_hours_keep_their_hours_mean_and_learn_the_saw_tooth(nord_pool, until):
    before = np.r_[nord_pool.values[0], nord_pool.values[:-1]]
    ramp = np.repeat((nord_pool.values - before) / 2, 4) * np.tile([-0.9, -0.3, 0.3, 0.9], len(nord_pool))
    noise = np.random.default_rng(8).normal(size=len(ramp)) * 0.2
    quarters = Series(
        nord_pool.start_utc,
        900,
        np.repeat(nord_pool.values, 4) + ramp + noise,
        {name: np.repeat(column, 4) for name, column in nord_pool.inputs.items()},
        unit="EUR/MWh",
    )
    hours = replace(nord_pool, values=quarters.values.reshape(-1, 4).mean(axis=1))
    model = PriceModel(experts=(Expert(Lear(56, 0.3)),), trial_days=21)
    hourly = model.fit(hours, Site(), until, WEATHER).forecast(hours, until, 24)
    made = model.fit(quarters, Site(), until, WEATHER).forecast(quarters, until, 96)
    np.testing.assert_allclose(made.mean.reshape(24, 4).mean(axis=1), hourly.mean, rtol=1e-9)
    steps = np.diff(hourly.mean, prepend=hours.values[hours.place(until) - 1])
    slopes = made.mean.reshape(24, 4)[:, 3] - made.mean.reshape(24, 4)[:, 0]
    assert np.corrcoef(slopes, steps)[0, 1] > 0.95
    assert np.polyfit(steps, slopes, 1)[0] == pytest.approx(0.9, abs=0.15)


def test_a_short_history_is_refused_with_what_is_needed(lean_model, nord_pool):
    with pytest.raises(InputError, match=r"40 days .* needs 49"):
        lean_model.fit(nord_pool, Site(), nord_pool.start_utc + 40 * DAY, WEATHER)


def test_a_model_without_inputs_learns_from_prices_alone(lean_model, nord_pool, until):
    alone = replace(nord_pool, inputs={})
    made = lean_model.fit(alone, Site("Europe/Oslo", "NO"), until, WeatherSource.NONE).forecast(
        alone, until, 30
    )
    assert len(made) == 30
    assert made.weather is WeatherSource.NONE
