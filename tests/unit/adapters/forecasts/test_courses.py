"""How loads may go on, by models, and by similar days where models cannot."""

from __future__ import annotations

import numpy as np
import pytest

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, read_homes
from backend.adapters.forecasts.courses import ModelCourses
from backend.grid.transformers import SIMILAR_DAYS, forecast_similar_days, method_of

ZONE = "Etc/GMT+8"
HOUR, DAYS = 3600, 63


@pytest.fixture(scope="module")
def homes() -> np.ndarray:
    """Six homes' use; the last row never varies. [W]"""
    rows = read_homes().gross_loads()[:6, : 24 * 300] / 1000
    rows[5] = 77.0
    return rows


def ranked_score(courses: np.ndarray, came: np.ndarray) -> float:
    """Continuous ranked probability score of the sum, by the energy form (Gneiting and Raftery 2007, eq. 21)."""
    sums = courses.sum(axis=1)
    apart = np.abs(sums[:, None] - sums[None]).mean(axis=(0, 1)) / 2
    return float((np.abs(sums - came.sum(axis=0)).mean(axis=0) - apart).mean())


def test_courses_of_models_are_nearer_to_what_came_than_similar_days(homes: np.ndarray) -> None:
    models, similar = [], []
    for day in (110, 171, 232, 290):
        end = 24 * day
        before, came = homes[:, end - 24 * DAYS : end], homes[:, end : end + 48]
        begin = FIRST_HOUR_UTC + HOUR * (end - 24 * DAYS)
        drawn = ModelCourses()(before, begin, HOUR, 48, ZONE)
        assert drawn.shape == (16, 6, 48)
        assert (drawn[:, 5] == 77.0).all()
        assert (drawn <= before.max(axis=1)[None, :, None]).all()
        models.append(ranked_score(drawn, came))
        similar.append(ranked_score(forecast_similar_days(before, begin, HOUR, 48, ZONE), came))
    assert np.mean(models) < 0.95 * np.mean(similar)


@pytest.mark.parametrize("days", [3, 20, 41])
def test_a_short_history_goes_on_like_similar_days(homes: np.ndarray, days: int) -> None:
    before = homes[:, : 24 * days]
    drawn = ModelCourses()(before, FIRST_HOUR_UTC, HOUR, 48, ZONE)
    assert np.array_equal(drawn, forecast_similar_days(before, FIRST_HOUR_UTC, HOUR, 48, ZONE))
    assert method_of(len(drawn)) == "similar days"


def test_more_courses_than_similar_days_give_tell_of_a_model() -> None:
    assert ModelCourses().courses > SIMILAR_DAYS
    assert method_of(ModelCourses().courses) == "model"
