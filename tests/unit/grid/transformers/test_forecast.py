from datetime import UTC, datetime

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Transformer
from backend.grid.transformers import forecast_similar_days, overload_risk

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


def test_the_probability_of_overload_counts_the_courses_that_are_over():
    courses = np.full((8, 3, 24), 0.5)
    courses[:2, 1, 10] = 1.1
    courses[2, 0, 12] = 1.1
    risk = overload_risk(TRANSFORMER, courses, np.full(24, 20.0), HOUR)
    assert risk.overload[10] == pytest.approx(2.5 / 9)
    assert risk.overload[0] == pytest.approx(0.5 / 9)
    assert risk.ever == pytest.approx(3.5 / 9)
    assert risk.mean[10] == pytest.approx((2 * 1.1 + 6 * 0.5) / 8)
    assert risk.high[10] > risk.low[10]
    assert risk.hot_spot_high[10] > risk.hot_spot[9]


def test_a_forecast_of_regular_days_is_those_days():
    day = np.sin(np.arange(24))[None, :]
    found = forecast_similar_days(np.tile(day, 21), MONDAY, HOUR, 48, "UTC")
    assert np.allclose(found, np.tile(day, 2)[None])
