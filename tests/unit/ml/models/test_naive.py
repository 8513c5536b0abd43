import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scores import coverage
from ml.evaluation.backtest import disturbed_after
from ml.features.calendar import calendar_of
from ml.models.correction import Rows
from ml.models.naive import RULES, FittedNaive, NaiveModel, expected_by
from ml.operation.registry import pack_model, unpack_model
from tests.unit.ml.models.victoria import SITE, melbourne, victoria

BEGIN = 1_704_067_200  # Monday, 1 January 2024


def model(rule, site=Site()):  # noqa: B008 -- a site is a value
    series = Series(BEGIN, 3600, np.ones(1))
    return NaiveModel(rule).fit(series, site, BEGIN, WeatherSource.NONE)


def test_persistence_goes_on_with_the_last_known_value():
    values = np.arange(24.0 * 20)
    values[-2:] = np.nan
    series = Series(BEGIN, 3600, values)
    made = model("persistence").forecast(series, series.end_utc, 5)
    assert made.mean.tolist() == [477] * 5
    assert made.model == "persistence"


def test_similar_days_are_days_of_the_same_kind():
    days = 42
    weekend = np.arange(days) % 7 >= 5
    values = np.repeat(np.where(weekend, 1.0, 10.0), 24) + np.tile(np.arange(24.0), days)
    series = Series(BEGIN, 3600, values)
    # From a Monday morning on, five days ahead and the weekend.
    made = model("similar-days").forecast(series, series.end_utc, 24 * 7)
    assert made.mean[: 5 * 24] == pytest.approx(values[: 5 * 24])
    # Saturday and Sunday have a Saturday and a Sunday to go by.
    assert made.mean[5 * 24 :] == pytest.approx(values[5 * 24 : 7 * 24])


def test_a_holiday_is_like_a_sunday():
    site = Site("UTC", "AT")
    begin = 1_727_740_800  # 1 October 2024
    weekend = (np.arange(31) + 1) % 7 >= 5
    values = np.repeat(np.where(weekend, 1.0, 10.0), 24)
    series = Series(begin, 3600, values)
    # All Saints' Day, Friday, 1 November.
    made = model("similar-days", site).forecast(series, series.end_utc, 24)
    assert made.mean == pytest.approx(1.0)


def test_the_week_before_is_expected_first_and_the_day_before_where_it_is_unknown():
    values = np.arange(24.0 * 8)
    values[24:48] = np.nan
    calendar = calendar_of(BEGIN + 3600 * np.arange(24 * 9), 3600, Site())
    rows = Rows(np.array([24 * 8, 24 * 8 + 5]), np.array([24 * 8, 24 * 8]))
    assert expected_by("seasonal-naive", values, rows, calendar).tolist() == [24 * 7, 24 * 7 + 5]
    values[24:48] = 0
    assert expected_by("seasonal-naive", values, rows, calendar).tolist() == [0, 0]


@pytest.mark.parametrize("rule", RULES)
def test_no_value_after_the_origin_changes_a_forecast(rule):
    series = victoria()
    origin = melbourne(5, 2, hour=9)
    first, second = (
        model(rule, SITE).forecast(one, origin, 336) for one in (series, disturbed_after(series, origin, 1))
    )
    assert (first.mean == second.mean).all()
    assert (first.quantiles == second.quantiles).all()
    assert first.model == rule


@pytest.mark.parametrize("rule", ["similar-days", "persistence"])
def test_the_band_is_of_the_rules_own_errors(rule):
    series = victoria()
    held = []
    for day in range(1, 29):
        origin = melbourne(5, day)
        made = model(rule, SITE).forecast(series, origin, 48)
        place = series.place(origin)
        held.append(coverage(series.values[place : place + 48], made.at(0.1), made.at(0.9)))
    assert 0.7 < np.mean(held) < 0.9


@pytest.mark.parametrize("rule", RULES)
def test_a_meter_of_three_days_is_forecast(rule):
    rng = np.random.default_rng(2)
    series = Series(BEGIN, 900, rng.gamma(2, 100, 96 * 3))
    made = model(rule).forecast(series, series.end_utc, 672, "it is new")
    assert (made.quantiles >= 0).all()
    assert made.reason == "it is new"


def test_a_meter_that_said_nothing_is_refused():
    series = Series(BEGIN, 3600, np.full(48, np.nan))
    for rule in RULES:
        with pytest.raises(InputError, match="nothing is known before"):
            model(rule).forecast(series, series.end_utc, 3)
    with pytest.raises(InputError, match="no rule 'moon'"):
        model("moon")


def test_a_kept_rule_is_the_same_rule():
    again = unpack_model(pack_model(model("similar-days", SITE)))
    assert again == FittedNaive("similar-days", Site("Australia/Melbourne", "AU", "VIC"))
