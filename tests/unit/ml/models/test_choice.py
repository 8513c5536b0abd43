from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.reasons import read_reasons
from ml.evaluation.backtest import disturbed_after
from ml.models.choice import ChosenModel
from ml.models.kinds import KINDS_OF_TARGET, forecast_once, kind_by_name, model_for
from ml.operation.registry import pack_model, unpack_model
from tests.unit.ml.models.victoria import SITE, melbourne, victoria

UNTIL = melbourne(5, 25)
DAY = 48


@pytest.fixture(scope="module")
def series():
    return victoria()


@pytest.fixture(scope="module")
def fitted(series):
    return ChosenModel(rounds=60).fit(series, SITE, UNTIL, WeatherSource.FORECAST)


def without_temperature_from(series, instant):
    place = series.place(instant)
    unknown = np.where(np.arange(len(series)) < place, series.inputs["temperature"], np.nan)
    return replace(series, inputs={"temperature": unknown})


def test_the_learned_model_is_chosen_where_it_is_closer(series, fitted):
    made = fitted.forecast(series, UNTIL, DAY)
    assert (made.model, made.reason, made.weather) == ("ridge+boosting", "", WeatherSource.FORECAST)
    assert fitted.name == "ridge+boosting"
    assert fitted.errors["ridge+boosting"] < fitted.errors["similar-days"] < fitted.errors["persistence"]


def test_without_temperature_ahead_the_model_that_needs_none_takes_over_and_says_so(series, fitted):
    made = fitted.forecast(without_temperature_from(series, UNTIL), UNTIL, DAY)
    assert made.model == "ridge+boosting"
    assert made.weather is WeatherSource.NONE
    assert made.reason == "the input 'temperature' is unknown in 42 of the 48 intervals ahead"
    place = series.place(UNTIL)
    seen = fitted.forecast(series, UNTIL, DAY)
    assert (made.mean != seen.mean).all()
    assert np.abs(made.mean / series.values[place : place + DAY] - 1).mean() < 0.06


def test_a_meter_that_fell_silent_is_forecast_by_a_rule_and_says_so(series, fitted):
    silent = series.values.copy()
    silent[series.place(UNTIL) - 36 * DAY :] = np.nan
    made = fitted.forecast(replace(series, values=silent), UNTIL, DAY)
    assert made.model == "seasonal-naive"
    assert made.reason == "nothing was measured in the five weeks before the origin"


@pytest.mark.parametrize("days", [1, 3, 10, 34])
def test_a_new_meter_is_forecast_by_a_rule_and_says_so(series, days):
    begin = series.place(UNTIL) - days * DAY
    new = Series(
        series.start_utc + begin * 1800,
        1800,
        series.values[begin:],
        {"temperature": series.inputs["temperature"][begin:]},
        "MW",
    )
    made = ChosenModel().fit(new, SITE, UNTIL, WeatherSource.FORECAST).forecast(new, UNTIL, 336)
    assert made.model in {"seasonal-naive", "similar-days"}
    assert made.reason.startswith(f"a load model needs 35 days of known values, there are {days};")


def test_a_rule_is_chosen_where_it_was_closer_and_says_so():
    # Every week is the one before to the watt, with nothing in it that a calendar would know.
    week = np.random.default_rng(1).gamma(1, 500, 168)
    series = Series(1_704_067_200, 3600, np.tile(week, 8), unit="W")
    fitted = ChosenModel(rounds=30).fit(series, Site(), series.end_utc, WeatherSource.NONE)
    made = fitted.forecast(series, series.end_utc, 168)
    assert made.model == fitted.name == "seasonal-naive"
    assert made.mean == pytest.approx(week)
    assert (
        "seasonal-naive was closer on the last weeks: mean absolute error 0 W, ridge+boosting" in made.reason
    )
    bare = Series(series.start_utc, 3600, series.values, unit="")
    [told] = read_reasons(ChosenModel(rounds=2).fit(bare, Site(), bare.end_utc, WeatherSource.NONE).reason)
    assert (told.code, told.figures["unit"]) == ("rule_closer", "units")


def test_no_value_after_the_origin_changes_a_forecast(series, fitted):
    origin = melbourne(6, 1, hour=15)
    for known in (series, without_temperature_from(series, origin)):
        first, second = (
            fitted.forecast(one, origin, 96) for one in (known, disturbed_after(known, origin, seed=2))
        )
        assert (first.mean == second.mean).all()
        assert (first.quantiles == second.quantiles).all()


def test_a_kept_choice_says_the_same_to_the_last_bit(series, fitted):
    again = unpack_model(pack_model(fitted))
    for known in (series, without_temperature_from(series, UNTIL)):
        first, second = (model.forecast(known, UNTIL, DAY) for model in (fitted, again))
        assert (first.quantiles == second.quantiles).all()
        assert first.reason == second.reason


def test_nothing_to_learn_from_is_refused():
    series = Series(1_704_067_200, 3600, np.full(500, np.nan))
    with pytest.raises(InputError, match="nothing is known before"):
        ChosenModel().fit(series, Site(), series.end_utc, WeatherSource.NONE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("load", "load"),
        ("Demand", "load"),
        ("net_load", "net"),
        ("planet", "load"),
        ("solar", "solar"),
        ("pv-roof", "solar"),
        ("wind_power", "wind"),
        ("price", "price"),
        ("co2_g_per_kwh", "carbon"),
    ],
)
def test_a_targets_kind_is_told_by_its_name(name, kind):
    assert kind_by_name(name) == kind


def test_there_is_a_model_for_each_kind_and_for_no_other():
    assert all(model_for(kind, 0)[0].name for kind in KINDS_OF_TARGET)
    with pytest.raises(InputError, match="no kind of target 'rain'"):
        model_for("rain", 0)


def test_an_input_that_is_unknown_ahead_is_not_learned_from(series):
    origin = melbourne(5, 25)
    known = without_temperature_from(series, origin)
    made, _ = forecast_once("load", known, SITE, origin, DAY, weather=WeatherSource.FORECAST)
    assert made.reason == "the input 'temperature' is unknown in 42 of the 48 intervals ahead"
    assert (made.model, made.weather) == ("ridge+boosting", WeatherSource.NONE)


def test_a_kind_whose_model_cannot_yet_is_forecast_by_the_week_before():
    series = Series(1_704_067_200, 3600, np.abs(np.sin(np.arange(72.0))), unit="W")
    made, _ = forecast_once("solar", series, Site(), series.end_utc, 24, weather=WeatherSource.NONE)
    assert made.model == "seasonal-naive"
    assert made.reason
