import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_absolute_percentage_error as their_percentage
from sklearn.metrics import mean_pinball_loss as their_pinball

from backend.forecasting import LEVELS, scores

DRAWN = np.random.default_rng(7)
ACTUAL = DRAWN.normal(50, 10, 2000)
FORECAST = ACTUAL + DRAWN.normal(0, 3, 2000)
QUANTILES = FORECAST + norm.ppf(LEVELS)[:, np.newaxis] * 3


def test_pinball_and_percentage_agree_with_scikit_learn():
    theirs = np.mean(
        [their_pinball(ACTUAL, row, alpha=level) for level, row in zip(LEVELS, QUANTILES, strict=True)]
    )
    assert scores.mean_pinball_loss(ACTUAL, QUANTILES) == pytest.approx(theirs)
    assert scores.mean_absolute_percentage_error(ACTUAL, FORECAST) == pytest.approx(
        100 * their_percentage(ACTUAL, FORECAST)
    )


def test_errors_are_those_of_the_known_intervals():
    holed = np.where(np.arange(2000) < 100, np.nan, ACTUAL)
    assert scores.mean_absolute_error(holed, FORECAST) == pytest.approx(
        np.abs(ACTUAL - FORECAST)[100:].mean()
    )
    assert scores.root_mean_square_error(holed, FORECAST) == pytest.approx(
        math.sqrt(((ACTUAL - FORECAST)[100:] ** 2).mean())
    )
    assert scores.normalised_root_mean_square_error(ACTUAL, FORECAST, 100.0) == pytest.approx(0.03, rel=0.1)
    assert math.isnan(scores.mean_absolute_error(np.full(3, np.nan), np.zeros(3)))


def test_a_zero_has_no_percentage():
    assert scores.mean_absolute_percentage_error(np.array([0.0, 2.0]), np.array([5.0, 3.0])) == 50


def test_reliability_and_coverage_of_the_true_distribution_are_on_the_diagonal():
    assert scores.reliability(ACTUAL, QUANTILES) == pytest.approx(LEVELS, abs=0.06)
    assert scores.coverage(ACTUAL, QUANTILES[1], QUANTILES[-2]) == pytest.approx(0.8, abs=0.05)
    narrow = FORECAST + norm.ppf(LEVELS)[:, np.newaxis] * 1
    assert scores.coverage(ACTUAL, narrow[1], narrow[-2]) < 0.4


def test_values_that_many_quantiles_meet_say_nothing_of_the_levels_that_they_take():
    """A plant's night is zero in every quantile: nothing was too high there."""
    night = np.zeros(len(ACTUAL))
    actual, quantiles = np.append(ACTUAL, night), np.hstack([QUANTILES, np.tile(night, (len(LEVELS), 1))])
    assert scores.reliability(night, np.zeros((len(LEVELS), len(night)))) == pytest.approx(LEVELS)
    assert scores.reliability(actual, quantiles) == pytest.approx(LEVELS, abs=0.04)


def test_a_forecast_that_is_right_about_how_often_zero_comes_is_on_the_diagonal():
    """Cut at zero, 3.4 of 10 values and quantiles are zero."""
    drawn = np.random.default_rng(5).normal(0.4, 1.0, 20_000)
    quantiles = np.tile(np.maximum(0.4 + norm.ppf(LEVELS), 0)[:, np.newaxis], (1, len(drawn)))
    assert scores.reliability(np.maximum(drawn, 0), quantiles) == pytest.approx(LEVELS, abs=0.02)
    low = np.tile(np.maximum(-0.6 + norm.ppf(LEVELS), 0)[:, np.newaxis], (1, len(drawn)))
    assert (scores.reliability(np.maximum(drawn, 0), low) < np.asarray(LEVELS) - 0.02).all()


def test_what_is_not_known_is_below_nothing():
    shares = scores.shares_below(np.array([np.nan, -9e9, 9e9]), np.zeros((len(LEVELS), 3)))
    assert np.isnan(shares[:, 0]).all()
    assert (shares[:, 1] == 1).all()
    assert (shares[:, 2] == 0).all()


def test_the_better_forecast_wins_the_test_and_an_equal_one_does_not():
    good, bad = np.abs(DRAWN.normal(0, 1.0, 700)), np.abs(DRAWN.normal(0, 1.2, 700))
    won = scores.diebold_mariano(good, bad)
    assert won.statistic < -2
    assert won.p_value == pytest.approx(norm.cdf(won.statistic))
    lost = scores.diebold_mariano(bad, good)
    assert lost.statistic == pytest.approx(-won.statistic)
    assert lost.p_value == pytest.approx(1 - won.p_value)
    assert scores.diebold_mariano(good, good).p_value == 0.5


def test_losses_that_hang_together_count_for_less():
    shocks = DRAWN.normal(0, 1, 2000)
    together = 0.2 + np.convolve(shocks, np.ones(5) / 5, "same")
    alone = scores.diebold_mariano(together, np.zeros(2000))
    lagged = scores.diebold_mariano(together, np.zeros(2000), lags=5)
    assert abs(lagged.statistic) < 0.6 * abs(alone.statistic)
