from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Series, Site, WeatherSource
from backend.forecasting.scores import coverage, mean_absolute_percentage_error, mean_pinball_loss
from backend.forecasting.yardstick import seasonal_naive
from ml.evaluation.backtest import disturbed_after
from ml.models.load import LoadModel
from ml.operation.registry import pack_model, unpack_model
from tests.unit.ml.models.victoria import SITE, melbourne, victoria

UNTIL = melbourne(5, 25)
DAY, WEEK = 48, 336
UNSEEN = [melbourne(5, day) for day in range(25, 32)] + [melbourne(6, day) for day in range(1, 15)]
QUICK = LoadModel(rounds=30)
HOURLY_BEGIN = 1_704_067_200  # 1 January 2024


@pytest.fixture(scope="module")
def series():
    return victoria()


@pytest.fixture(scope="module")
def fitted(series):
    return LoadModel().fit(series, SITE, UNTIL, WeatherSource.OBSERVED)


def hourly(values, inputs=None, step=3600):
    return Series(HOURLY_BEGIN, step, values, inputs or {}, "W")


def a_home(days, step=3600, seed=0):
    """Evenings high, nights low, cold days higher, noise that lasts."""
    rng = np.random.default_rng(seed)
    per_day = 86400 // step
    hour = np.arange(days * per_day) % per_day * 24 / per_day
    air = 8 + 5 * np.sin(hour / 24 * 2 * np.pi) + np.repeat(rng.normal(0, 4, days), per_day)
    noise = rng.gamma(2, 0.15, len(hour))
    return 200 + 600 * np.exp(-((hour - 19) ** 2) / 6) + 20 * np.maximum(15 - air, 0) + 300 * noise, air


def test_it_is_far_closer_than_the_week_before(series, fitted):
    ours, naive, actual = [], [], []
    for origin in UNSEEN:
        ours.append(fitted.forecast(series, origin, DAY).mean)
        naive.append(seasonal_naive(series, origin, DAY).mean)
        place = series.place(origin)
        actual.append(series.values[place : place + DAY])
    came = np.concatenate(actual)
    percent = mean_absolute_percentage_error(came, np.concatenate(ours))
    assert percent < 2.2
    assert percent < mean_absolute_percentage_error(came, np.concatenate(naive)) / 2


def test_the_eighty_percent_band_holds_eight_of_ten_unseen_values(series, fitted):
    held, loss, naive_loss = [], [], []
    for origin in UNSEEN:
        place = series.place(origin)
        actual = series.values[place : place + DAY]
        made = fitted.forecast(series, origin, DAY)
        held.append(coverage(actual, made.at(0.1), made.at(0.9)))
        loss.append(mean_pinball_loss(actual, made.quantiles))
        naive_loss.append(mean_pinball_loss(actual, seasonal_naive(series, origin, DAY).quantiles))
    assert 0.72 < np.mean(held) < 0.88
    assert np.mean(loss) < 0.5 * np.mean(naive_loss)


def test_an_hour_ahead_is_surer_and_closer_than_a_week_ahead(series, fitted):
    errors, widths = [], []
    for number in range(24):
        origin = UNTIL + number * 13 * 3600
        made = fitted.forecast(series, origin, WEEK)
        place = series.place(origin)
        errors.append(np.abs(made.mean - series.values[place : place + WEEK])[[1, -1]])
        widths.append((made.at(0.9) - made.at(0.1))[[1, -1]])
    near, far = np.mean(errors, axis=0)
    assert near < 0.7 * far
    narrow, wide = np.mean(widths, axis=0)
    assert narrow < 0.8 * wide


def test_no_value_after_the_instant_changes_what_is_learned_or_forecast(series, fitted):
    disturbed = disturbed_after(series, UNTIL, seed=3)
    later_inputs = {"temperature": np.where(np.arange(len(series)) < series.place(UNTIL), 1.0, 99.0)}
    changed = {"temperature": series.inputs["temperature"] * later_inputs["temperature"]}
    again = LoadModel().fit(replace(disturbed, inputs=changed), SITE, UNTIL, WeatherSource.OBSERVED)
    assert pack_model(again) == pack_model(fitted)
    origin = UNSEEN[5]
    before, after = (
        fitted.forecast(one, origin, WEEK) for one in (series, disturbed_after(series, origin, seed=4))
    )
    assert (before.mean == after.mean).all()
    assert (before.quantiles == after.quantiles).all()


def test_a_kept_model_says_the_same_to_the_last_bit(series, fitted):
    again = unpack_model(pack_model(fitted))
    first, second = (model.forecast(series, UNSEEN[2], WEEK) for model in (fitted, again))
    assert (first.mean == second.mean).all()
    assert (first.quantiles == second.quantiles).all()
    assert (first.weather, first.unit, first.model) == (WeatherSource.OBSERVED, "MW", "ridge+boosting")


def test_another_seed_draws_otherwise(series, fitted):
    short = replace(
        series,
        start_utc=series.start_utc + 45 * DAY * 1800,
        values=series.values[45 * DAY :],
        inputs={"temperature": series.inputs["temperature"][45 * DAY :]},
    )
    first, second = (
        LoadModel(seed, rounds=30).fit(short, SITE, UNTIL, WeatherSource.NONE).forecast(short, UNTIL, DAY)
        for seed in (0, 1)
    )
    assert (first.mean != second.mean).any()


def test_what_stands_before_five_weeks_ago_does_not_matter(series, fitted):
    origin = UNSEEN[10]
    begin = series.place(origin) - 36 * DAY
    short = Series(
        series.start_utc + begin * 1800,
        1800,
        series.values[begin:],
        {"temperature": series.inputs["temperature"][begin:]},
        "MW",
    )
    whole, cut = (fitted.forecast(one, origin, DAY) for one in (series, short))
    assert cut.mean == pytest.approx(whole.mean, rel=1e-9)


def test_the_evening_peak_keeps_its_hour_when_the_clock_is_put_back():
    # Learned in summer time, forecast for the days after the change on 27 October 2024 (Europe/Paris).
    site = Site("Europe/Paris")
    days = 60
    starts = 1_725_141_600 + 3600 * np.arange((days + 4) * 24)  # midnight in Paris, 1 September 2024
    change = 1_729_990_800
    local = (starts + 7200 - np.where(starts >= change, 3600, 0)) // 3600 % 24
    rng = np.random.default_rng(1)
    values = 300 + 500.0 * (local == 19) + rng.normal(0, 5, len(starts))
    series = Series(int(starts[0]), 3600, values)
    origin = 1_729_893_600  # midnight of 26 October
    fitted = QUICK.fit(series, site, origin, WeatherSource.NONE)
    made = fitted.forecast(series, origin, 72)
    begin = series.place(origin)
    peaks = np.flatnonzero(made.mean > 550)
    assert peaks.tolist() == np.flatnonzero(local[begin : begin + 72] == 19).tolist() == [19, 44, 68]


@pytest.mark.parametrize(("step", "length"), [(900, 672), (3600, 168)])
def test_quarter_hours_and_hours_are_forecast_a_week_ahead(step, length):
    values, air = a_home(50, step)
    series = hourly(values, {"temperature": air}, step)
    until = HOURLY_BEGIN + 42 * 86400
    made = QUICK.fit(series, Site(), until, WeatherSource.FORECAST).forecast(series, until, length)
    actual = series.values[series.place(until) :][:length]
    assert mean_absolute_percentage_error(actual, made.mean) < 20
    assert 0.65 < coverage(actual, made.at(0.1), made.at(0.9)) < 0.93
    assert made.weather is WeatherSource.FORECAST
    assert (made.quantiles >= 0).all()


def test_a_meter_that_always_says_the_same_goes_on_so():
    series = hourly(np.full(24 * 40, 7.5))
    until = series.end_utc
    made = QUICK.fit(series, Site(), until, WeatherSource.NONE).forecast(series, until, 48)
    assert made.mean == pytest.approx(7.5)
    assert made.quantiles == pytest.approx(np.full((len(LEVELS), 48), 7.5))


def test_a_net_load_may_be_negative_and_a_load_may_not():
    values, air = a_home(45)
    net = values - 700
    for course in (values, net):
        series = hourly(course, {"temperature": air})
        until = HOURLY_BEGIN + 43 * 86400
        made = QUICK.fit(series, Site(), until, WeatherSource.NONE).forecast(series, until, 48)
        assert (made.quantiles.min() < 0) == (course is net)


def test_an_outage_of_a_steady_load_is_not_learned(series):
    dead = series.values.copy()
    dead[1000:1010] = 0.0
    model = QUICK.fit(replace(series, values=dead), SITE, UNTIL, WeatherSource.OBSERVED)
    assert model.scale.ratios
    place = series.place(UNTIL)
    made = model.forecast(series, UNTIL, DAY)
    assert mean_absolute_percentage_error(series.values[place : place + DAY], made.mean) < 5


def test_a_gap_before_the_origin_widens_nothing_to_infinity(series, fitted):
    gap = series.values.copy()
    place = series.place(UNTIL)
    gap[place - 8 * DAY : place] = np.nan
    made = fitted.forecast(replace(series, values=gap), UNTIL, DAY)
    assert mean_absolute_percentage_error(series.values[place : place + DAY], made.mean) < 6


def test_what_it_lacks_is_told(series, fitted):
    place = series.place(UNTIL)
    unknown = series.inputs["temperature"].copy()
    unknown[place + 10 :] = np.nan
    with pytest.raises(InputError, match=r"'temperature' is unknown in 32 of the 48 intervals ahead"):
        fitted.forecast(replace(series, inputs={"temperature": unknown}), UNTIL, DAY)
    with pytest.raises(InputError, match="'temperature' is absent"):
        fitted.forecast(replace(series, inputs={}), UNTIL, DAY)
    silent = series.values.copy()
    silent[place - 40 * DAY :] = np.nan
    with pytest.raises(InputError, match="nothing was measured in the five weeks"):
        fitted.forecast(replace(series, values=silent), UNTIL, DAY)
    with pytest.raises(InputError, match="steps of 3600 s, the model of 1800 s"):
        fitted.forecast(hourly(np.ones(100)), HOURLY_BEGIN + 3600 * 50, 4)
    with pytest.raises(InputError, match=r"needs 35 days of known values, there are 20;"):
        LoadModel().fit(hourly(np.ones(24 * 20)), Site(), HOURLY_BEGIN + 20 * 86400, WeatherSource.NONE)


def test_short_gaps_of_an_input_are_bridged(series, fitted):
    place = series.place(UNTIL)
    holes = series.inputs["temperature"].copy()
    holes[place + 3 : place + 8] = np.nan
    made = fitted.forecast(replace(series, inputs={"temperature": holes}), UNTIL, DAY)
    whole = fitted.forecast(series, UNTIL, DAY)
    assert made.mean == pytest.approx(whole.mean, rel=0.05)


def test_temperature_is_what_makes_it_closer(series, fitted):
    blind = LoadModel(inputs=(), rounds=60).fit(series, SITE, UNTIL, WeatherSource.OBSERVED)
    errors = {}
    for name, model in (("seeing", fitted), ("blind", blind)):
        missed = []
        for origin in UNSEEN:
            place = series.place(origin)
            made = model.forecast(series, origin, DAY)
            missed.append(np.abs(made.mean - series.values[place : place + DAY]))
        errors[name] = np.mean(missed)
    assert errors["seeing"] < 0.9 * errors["blind"]
    assert blind.forecast(series, UNTIL, 1).weather is WeatherSource.NONE
