from datetime import UTC, datetime

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Transformer
from backend.grid.transformers import RISK_LEVELS, forecast_similar_days, overload_risk
from backend.grid.transformers.forecast import _student

HOUR = 3600
MONDAY = int(datetime(2017, 1, 2, tzinfo=UTC).timestamp())
TRANSFORMER = Transformer("t", "a", "b", 300e3, 20e3, 400.0)


def weeks(count):
    """A load that says in each hour which day and hour it is of."""
    hours = np.arange(count * 168)
    return (hours // 24 * 100.0 + hours % 24)[None, :]


def test_a_saturday_follows_the_saturdays_before_it_latest_first():
    found = forecast_similar_days(weeks(3), MONDAY, HOUR, 168, "UTC")
    assert found.shape == (8, 1, 168)
    saturday = found[:, 0, 5 * 24 + 7]
    assert saturday[:3].tolist() == [1907.0, 1207.0, 507.0]
    assert set(saturday[3:]) == {507.0}
    monday = found[:, 0, 7]
    assert monday.tolist() == [1807.0, 1707.0, 1607.0, 1507.0, 1407.0, 1107.0, 1007.0, 907.0]


def test_hours_are_those_that_people_live_by():
    found = forecast_similar_days(weeks(2), MONDAY, HOUR, 30, "Europe/Paris")
    local_midnight = 23  # 23:00 UTC on the day before
    assert found[0, 0, local_midnight] % 100 == 23.0
    assert found[0, 0, local_midnight + 1] % 100 == 0.0


def test_a_day_of_25_hours_ahead_repeats_an_hour_of_days_of_24():
    october = int(datetime(2017, 10, 9, tzinfo=UTC).timestamp())
    found = forecast_similar_days(weeks(2), october, HOUR, 24 * 8, "Europe/Paris")
    assert np.isfinite(found).all()


def test_a_history_without_a_whole_day_says_nothing():
    with pytest.raises(InputError, match="a history of 20 intervals of 3600 s has no whole day"):
        forecast_similar_days(np.ones((1, 20)), MONDAY, HOUR, 24, "UTC")
    with pytest.raises(InputError, match="unknown intervals cannot be forecast"):
        forecast_similar_days(np.full((1, 48), np.nan), MONDAY, HOUR, 24, "UTC")


def test_the_probability_of_overload_is_that_of_a_further_value_beside_the_courses():
    courses = np.full((8, 3, 24), 0.5)
    courses[:, 1, 10] = np.linspace(0.8, 1.2, 8)  # evenly about the rating
    courses[:, 0, 12] = [0.7, 0.72, 0.75, 0.78, 0.8, 0.82, 0.85, 0.9]
    risk = overload_risk(TRANSFORMER, courses, np.full(24, 20.0), HOUR)
    assert risk.overload[10] == pytest.approx(0.5)
    assert risk.overload[0] == 0.0
    # mean 0.79, deviation 0.06687 of eight values: t = 0.21 / (0.06687 · 1.06066) = 2.961 with 7 degrees of freedom
    assert risk.overload[12] == pytest.approx(0.0106, abs=1e-4)
    assert risk.ever == pytest.approx(0.5)  # the peaks are those of hour 10
    assert risk.mean[10] == pytest.approx(1.0)
    assert risk.high[10] > risk.mean[10] > risk.low[10]
    assert risk.quantiles.shape == (len(RISK_LEVELS), 24)
    assert (np.diff(risk.quantiles, axis=0) >= 0).all()
    assert risk.hot_spot_high[10] > risk.hot_spot[9]


def test_students_distribution_is_the_tabled_one():
    tabled = {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 7: 1.895, 8: 1.860}  # at 95 %
    for freedom, at in tabled.items():
        assert _student(np.array([at, -at, 0.0]), freedom) == pytest.approx([0.95, 0.05, 0.5], abs=1e-4)
    assert _student(np.array([np.inf, -np.inf]), 7).tolist() == [1.0, 0.0]


def test_a_load_that_is_always_beyond_is_surely_so_and_few_courses_tell_nothing():
    beyond = overload_risk(TRANSFORMER, np.full((8, 3, 4), 1.2), np.full(4, 20.0), HOUR)
    assert beyond.overload.tolist() == [1.0] * 4
    few = overload_risk(TRANSFORMER, np.full((3, 3, 4), 1.2), np.full(4, 20.0), HOUR)
    assert np.isnan(few.overload).all()
    assert np.isnan(few.ever)


def test_a_forecast_of_regular_days_is_those_days():
    day = np.sin(np.arange(24))[None, :]
    found = forecast_similar_days(np.tile(day, 21), MONDAY, HOUR, 48, "UTC")
    assert np.allclose(found, np.tile(day, 2)[None])
