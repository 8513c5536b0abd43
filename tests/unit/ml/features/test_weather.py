import numpy as np
import pytest

from ml.features.weather import (
    daily_extremes,
    degrees_beyond,
    fill_gaps,
    lagged,
    moving_extremes,
    moving_mean,
    smoothed,
)

NAN = np.nan


def test_moving_figures_look_back_and_never_ahead():
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])
    for width in (1, 2, 3, 4):
        least, greatest = moving_extremes(values, width)
        mean = moving_mean(values, width)
        for index in range(len(values)):
            window = values[max(0, index - width + 1) : index + 1]
            assert (least[index], greatest[index]) == (window.min(), window.max())
            assert mean[index] == pytest.approx(window.mean())


def test_moving_figures_are_of_what_is_known():
    values = np.array([NAN, 2.0, NAN, 4.0])
    assert moving_mean(values, 2).tolist()[1:] == [2, 2, 4]
    assert np.isnan(moving_mean(values, 2)[0])
    least, greatest = moving_extremes(values, 3)
    assert np.isnan(least[0])
    assert least.tolist()[1:] == [2, 2, 2]
    assert greatest.tolist()[1:] == [2, 2, 4]


def test_smoothing_forgets_a_step_by_its_time_constant():
    values = np.concatenate([np.zeros(5), np.ones(48)])
    mean = smoothed(values, 1800, hours=6)
    assert mean[4] == 0
    assert mean[5 + 11] == pytest.approx(1 - np.exp(-1))


def test_smoothing_bridges_a_gap_and_begins_where_something_is_known():
    mean = smoothed(np.array([NAN, 10.0, NAN, NAN, 10.0]), 3600, hours=2)
    assert np.isnan(mean[0])
    assert mean[1:] == pytest.approx([10, 10, 10, 10])
    assert np.isnan(smoothed(np.full(3, NAN), 3600, 2)).all()


def test_gaps_are_filled_as_far_as_told():
    filled = fill_gaps(np.array([NAN, 1.0, NAN, NAN, NAN, 2.0]), 2)
    assert np.isnan(filled[[0, 4]]).all()
    assert filled[[1, 2, 3, 5]].tolist() == [1, 1, 1, 2]


def test_lags_begin_unknown():
    assert np.isnan(lagged(np.arange(3.0), 5)).all()
    assert lagged(np.arange(3.0), 1).tolist()[1:] == [0, 1]


def test_degrees_bend_at_each_base():
    assert degrees_beyond(np.array([10.0, 20.0]), (15, 18)).tolist() == [[-5, -8, 0, 0], [0, 0, 5, 2]]


def test_a_days_extremes_are_of_what_is_known_of_it():
    day = np.array([7, 7, 7, 8, 8, 9])
    least, mean, greatest = daily_extremes(np.array([1.0, NAN, 3.0, 5.0, 7.0, NAN]), day)
    assert least[:5].tolist() == [1, 1, 1, 5, 5]
    assert mean[:5].tolist() == [2, 2, 2, 6, 6]
    assert greatest[:5].tolist() == [3, 3, 3, 7, 7]
    assert np.isnan([least[5], mean[5], greatest[5]]).all()
