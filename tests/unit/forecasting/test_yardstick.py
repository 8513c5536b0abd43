"""The plainest forecast, and forecasts as few bytes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Series
from backend.forecasting.packing import pack_values, unpack_values
from backend.forecasting.yardstick import YARDSTICK, seasonal_naive

HOUR, DAY = 3600, 24


def noisy(days: int, seed: int = 0) -> Series:
    course = 500 + 300 * np.sin(np.arange(days * DAY) * 2 * np.pi / DAY)
    return Series(0, HOUR, course + np.random.default_rng(seed).normal(0, 20, days * DAY))


def test_each_interval_is_the_one_a_week_before() -> None:
    series = noisy(30)
    made = seasonal_naive(series, series.end_utc, 48)
    assert np.array_equal(made.mean, series.values[-7 * DAY : -5 * DAY])
    assert made.model == YARDSTICK


def test_what_comes_after_the_origin_changes_nothing() -> None:
    series = noisy(40)
    origin = series.start_utc + 30 * DAY * HOUR
    before = seasonal_naive(series, origin, 48)
    values = series.values.copy()
    values[30 * DAY :] = 1e6
    after = seasonal_naive(replace(series, values=values), origin, 48)
    assert np.array_equal(before.mean, after.mean)
    assert np.array_equal(before.quantiles, after.quantiles)


def test_eight_in_ten_of_what_came_are_within_its_band() -> None:
    series = noisy(120)
    inside = []
    for day in range(70, 118):
        made = seasonal_naive(series, day * DAY * HOUR, 24)
        came = series.values[day * DAY : (day + 1) * DAY]
        inside.append((came >= made.at(0.1)) & (came <= made.at(0.9)))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("known", [1, 5, 30, 24 * 3, 24 * 9])
def test_a_meter_that_is_new_has_a_forecast_too(known: int) -> None:
    series = noisy(20)
    values = np.full(20 * DAY, np.nan)
    values[-known:] = series.values[-known:]
    made = seasonal_naive(replace(series, values=values), series.end_utc, 168)
    assert np.isfinite(made.quantiles).all()
    assert made.quantiles.min() >= 0


def test_a_meter_that_never_told_anything_has_none() -> None:
    with pytest.raises(InputError, match="nothing is known before"):
        seasonal_naive(Series(0, HOUR, np.full(48, np.nan)), 48 * HOUR, 24)


def test_packed_values_come_back_to_seven_figures_and_in_order() -> None:
    made = seasonal_naive(noisy(60), 60 * DAY * HOUR, 48)
    mean, quantiles = unpack_values(pack_values(made.mean, made.quantiles), 48)
    assert mean == pytest.approx(made.mean, rel=1e-6)
    assert quantiles == pytest.approx(made.quantiles, rel=1e-6)
    assert quantiles.shape == (len(LEVELS), 48)
    assert (np.diff(quantiles, axis=0) >= 0).all()


def test_a_meter_of_which_only_the_first_hours_are_known_is_forecast_still() -> None:
    """Errors of days that are not whole count too: a rest of five hours is all that is known here."""
    values = np.full(3 * DAY + 5, np.nan)
    values[:5] = 10.0, 11.0, 12.0, 13.0, 14.0
    values[DAY : DAY + 5] = 11.0, 11.0, 12.0, 15.0, 14.0
    series = Series(0, HOUR, values)
    made = seasonal_naive(series, series.end_utc, 48)
    assert np.isfinite(made.quantiles).all()
    assert made.quantiles.max() <= values[np.isfinite(values)].max() + 5
