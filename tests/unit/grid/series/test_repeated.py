"""Profiles of some days, repeated over others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from backend.grid import ConnectionSeries, Origin
from backend.grid.series import repeat_profiles

_MONDAY = 1_514_764_800  # 2018-01-01T00:00Z
_HOUR = 3_600
_DAY = 24 * _HOUR


def profile(
    values: np.ndarray, step: int = _HOUR, start: int = _MONDAY, zone: str = "UTC"
) -> ConnectionSeries:
    watts = np.atleast_2d(values).astype(np.float64)
    return ConnectionSeries(start, step, watts, watts * 0.5, (Origin.PROFILE,) * len(watts), zone)


def test_seven_in_the_evening_stays_seven_in_the_evening_in_summer_and_in_winter() -> None:
    day = profile(np.arange(24))
    winter, summer = 1_705_276_800, 1_721_001_600  # midnights UTC of 15 January and 15 July 2024
    in_paris = [repeat_profiles(day, start, 24, _HOUR, "Europe/Paris").watts[0] for start in (winter, summer)]
    np.testing.assert_allclose(in_paris[0], np.roll(np.arange(24), -1))
    np.testing.assert_allclose(in_paris[1], np.roll(np.arange(24), -2))


def test_a_profile_of_a_week_keeps_its_weekdays() -> None:
    week = profile(np.repeat(np.arange(7), 24))
    thursday = _MONDAY + 500 * 7 * _DAY + 3 * _DAY
    found = repeat_profiles(week, thursday, 24 * 7, _HOUR, "UTC").watts[0]
    np.testing.assert_allclose(found, np.repeat([3, 4, 5, 6, 0, 1, 2], 24))


def test_a_longer_step_takes_the_mean_and_a_shorter_one_the_value_it_lies_in() -> None:
    day = profile(np.arange(24))
    np.testing.assert_allclose(
        repeat_profiles(day, _MONDAY + 22 * _HOUR, 3, 4 * _HOUR, "UTC").watts[0],
        [(22 + 23 + 0 + 1) / 4, 3.5, 7.5],
    )
    np.testing.assert_allclose(
        repeat_profiles(day, _MONDAY + _HOUR, 5, 900, "UTC").watts[0], [1, 1, 1, 1, 2], atol=1e-9
    )


def test_an_interval_of_which_a_part_is_not_known_is_not_known() -> None:
    values = np.ones(24)
    values[5] = np.nan
    found = repeat_profiles(profile(values), _MONDAY, 24, 2 * _HOUR, "UTC").watts[0]
    assert np.isnan(found[[2, 14]]).all()
    assert np.count_nonzero(np.isnan(found)) == 2


def test_days_that_are_not_whole_are_left_out_of_the_cycle() -> None:
    found = repeat_profiles(profile(np.arange(30)), _MONDAY, 48, _HOUR, "UTC").watts[0]
    np.testing.assert_allclose(found, np.tile(np.arange(24), 2))


@given(
    values=some.lists(some.floats(-1e4, 1e4), min_size=96, max_size=96),
    step=some.sampled_from([300, 900, 1_800, 3_600]),
    day=some.integers(0, 20_000),
)
def test_a_day_has_the_energy_of_the_profile_whatever_the_step(
    values: list[float], step: int, day: int
) -> None:
    given_day = profile(np.array(values), 900)
    found = repeat_profiles(given_day, day * _DAY, _DAY // step, step, "UTC")
    np.testing.assert_allclose(found.watts.sum() * step, sum(values) * 900, atol=1e-3)
    np.testing.assert_allclose(found.vars, found.watts * 0.5, atol=1e-6)
