import numpy as np
import pytest
from scipy.stats import norm

from backend.forecasting import LEVELS, Forecast

NORMAL = norm.ppf(LEVELS)[:, np.newaxis]


def made(**changes):
    values = {
        "origin_utc": 7200,
        "step_seconds": 3600,
        "mean": np.array([10.0, 20.0]),
        "quantiles": np.array([10.0, 20.0]) + NORMAL * np.array([1.0, 2.0]),
        "model": "made",
    }
    return Forecast(**(values | changes))


def test_the_first_interval_begins_at_the_origin():
    assert made().starts_utc.tolist() == [7200, 10800]
    assert len(made()) == 2


def test_a_level_between_two_is_told_on_the_line_between_them():
    forecast = made()
    assert forecast.at(0.5) == pytest.approx([10, 20])
    assert forecast.at(0.55) == pytest.approx((forecast.at(0.5) + forecast.at(0.6)) / 2)
    assert forecast.at(0.01) == pytest.approx(forecast.at(0.05))
    assert forecast.at(0.99) == pytest.approx(forecast.at(0.95))
    assert forecast.median == pytest.approx([10, 20])


@pytest.mark.parametrize("limit", [8.5, 9.3, 10.0, 10.8, 11.4])
def test_the_probability_of_being_above_a_limit_is_nearly_the_distributions(limit):
    assert made().exceedance(limit)[0] == pytest.approx(1 - norm.cdf(limit, 10, 1), abs=0.01)


def test_a_limit_far_outside_is_certain_and_a_certain_value_is_a_step():
    assert made().exceedance(100.0).tolist() == [0, 0]
    assert made().exceedance(-100.0).tolist() == [1, 1]
    night = made(mean=np.zeros(2), quantiles=np.zeros((len(LEVELS), 2)))
    assert night.exceedance(1.0) == pytest.approx([0, 0], abs=0.06)
    assert night.exceedance(-1.0) == pytest.approx([1, 1], abs=0.06)


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": np.array([np.nan, 1.0])},
        {"quantiles": np.zeros((3, 2))},
        {"quantiles": -NORMAL * np.ones(2)},
        {"quantiles": np.full((len(LEVELS), 2), np.nan)},
    ],
)
def test_a_forecast_that_breaks_an_invariant_is_never_made(changes):
    with pytest.raises(AssertionError):
        made(**changes)
