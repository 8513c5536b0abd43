from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Site
from ml.evaluation.backtest import disturbed_after
from ml.evaluation.benches.nordpool import measure
from ml.prices.rolling import roll

DAY = 86_400


@pytest.fixture(scope="module")
def first(nord_pool):
    return nord_pool.start_utc + 80 * DAY


@pytest.fixture(scope="module")
def rolled(lean_model, nord_pool, first):
    return roll(lean_model, nord_pool, Site(), first, 12)


def test_days_told_one_after_another_beat_the_day_before(rolled, nord_pool, first):
    place = nord_pool.place(first)
    actual = nord_pool.values[place : place + 288].reshape(12, 24)
    before = nord_pool.values[place - 24 : place + 264].reshape(12, 24)
    assert np.abs(actual - rolled.mean).mean() < 0.9 * np.abs(actual - before).mean()
    assert (np.diff(rolled.quantiles, axis=1) >= 0).all()


def test_a_day_is_told_the_same_whatever_comes_after_it(rolled, lean_model, nord_pool, first):
    for day in (0, 7):
        other = disturbed_after(nord_pool, first + day * DAY, seed=2)
        again = roll(lean_model, other, Site(), first, day + 1)
        assert np.array_equal(again.mean[day], rolled.mean[day])
        assert np.array_equal(again.quantiles[day], rolled.quantiles[day])
        assert np.array_equal(again.weights[day], rolled.weights[day])


def test_each_expert_tells_what_it_tells_when_fitted_on_that_day(rolled, lean_model, nord_pool, first):
    from backend.forecasting import WeatherSource
    from ml.prices.days import price_days

    origin = first + 5 * DAY
    fitted = lean_model.fit(nord_pool, Site(), origin, WeatherSource.FORECAST)
    days = price_days(nord_pool, Site(), ("load", "wind"), origin, 24)
    told = np.stack([one.predict(days, days.known) for one in fitted.experts if one is not None])
    np.testing.assert_allclose(told, rolled.told[5], rtol=1e-9)


def test_a_day_without_prices_is_passed_over(lean_model, nord_pool, first):
    values = nord_pool.values.copy()
    values[nord_pool.place(first) - 48 : nord_pool.place(first) - 24] = np.nan
    made = roll(lean_model, replace(nord_pool, values=values), Site(), first, 3)
    assert np.isfinite(made.quantiles).all()


def test_the_comparison_says_which_file_is_missing(tmp_path):
    with pytest.raises(InputError, match=r"NP\.csv\.gz is not there"):
        measure(tmp_path)
