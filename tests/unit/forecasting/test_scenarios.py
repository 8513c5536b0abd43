"""Courses that forecasts may take together."""

from __future__ import annotations

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS
from backend.forecasting.scenarios import COURSES_MIN, draw_courses, past_courses

HOUR = 3600


def quantiles_of(series: int, length: int) -> np.ndarray:
    level = np.array(LEVELS)[None, :, None]
    return 100 * level + np.arange(series)[:, None, None] + np.zeros((series, len(LEVELS), length))


def test_courses_have_the_quantiles_and_the_ranks_of_past_ones() -> None:
    past = np.random.default_rng(1).normal(size=(40, 3, 24)).cumsum(axis=2)
    drawn = draw_courses(quantiles_of(3, 24), past, seed=2)
    assert drawn.shape == (40, 3, 24)
    assert np.array_equal(drawn.argsort(axis=0), past.argsort(axis=0))
    assert np.median(drawn[:, 1, 5]) == pytest.approx(51, abs=1.3)
    assert np.quantile(drawn[:, 1, 5], 0.9) == pytest.approx(91, abs=2.6)


def test_series_that_went_together_go_together_and_others_do_not() -> None:
    noise = np.random.default_rng(3).normal(size=(40, 3, 24))
    noise[:, 1] = noise[:, 0]
    drawn = draw_courses(quantiles_of(3, 24), noise, seed=4)
    assert np.corrcoef(drawn[:, 0, 7], drawn[:, 1, 7])[0, 1] > 0.99
    assert abs(np.corrcoef(drawn[:, 0, 7], drawn[:, 2, 7])[0, 1]) < 0.5


def test_ties_are_broken_by_chance_and_the_same_seed_by_the_same() -> None:
    nothing = np.zeros((40, 2, 6))
    drawn = draw_courses(quantiles_of(2, 6), nothing, seed=5)
    assert np.array_equal(drawn, draw_courses(quantiles_of(2, 6), nothing, seed=5))
    assert abs(np.corrcoef(drawn[:, 0, 0], drawn[:, 1, 3])[0, 1]) < 0.5


def test_past_courses_are_whole_days_back_less_the_mean_of_their_hour_and_kind_of_day() -> None:
    hours = 24 * 35
    history = (
        np.tile(np.arange(24.0), hours // 24)[None]
        + 1000
        * (
            (np.arange(hours) // 24 % 7 >= 5)[
                None
            ]  # 1970-01-01 is a Thursday; the week here begins on a Monday
        )
    )
    monday = 4 * 86_400
    past = past_courses(history, monday, HOUR, 48, 20, "UTC")
    assert past.shape == (20, 1, 48)
    assert np.abs(past).max() < 1e-9


def test_courses_with_a_gap_are_left_out_and_too_few_are_refused() -> None:
    history = np.random.default_rng(6).normal(size=(2, 24 * 20))
    history[1, -30] = np.nan
    assert len(past_courses(history, 0, HOUR, 24, 40, "UTC")) == 19
    with pytest.raises(InputError, match=f"takes {COURSES_MIN}"):
        past_courses(history[:, : 24 * 7], 0, HOUR, 24, 40, "UTC")
