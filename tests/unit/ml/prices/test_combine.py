import numpy as np
import pytest

from ml.prices.combine import Spread, combined, weigh


@pytest.fixture
def course():
    draw = np.random.default_rng(5)
    actual = 30 + 5 * draw.normal(size=(60, 24))
    good = actual + draw.normal(size=(60, 24))
    poor = actual + 4 * draw.normal(size=(60, 24))
    return actual, np.stack([good, poor, poor[:, ::-1]], axis=1)


def test_who_was_closer_counts_more_and_weights_sum_to_one(course):
    actual, told = course
    weights = weigh(told, actual)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert weights[0] > 0.6
    # Half the way to equal shares, so that nobody is silenced by a short past.
    assert weights[1:].min() > 0.1


def test_a_day_of_spikes_does_not_turn_the_weights(course):
    actual, told = course
    spiked = actual.copy()
    spiked[40] += 60
    told = told.copy()
    told[40, 1] = spiked[40]  # by luck
    assert weigh(told, spiked)[0] > 0.55


def test_recent_days_count_more_than_old_ones(course):
    actual, told = course
    old, new = np.concatenate([told[:, [0, 1]]] * 6), np.concatenate([told[:, [1, 0]]] * 6)
    both = np.concatenate([old, new])
    weights = weigh(both, np.concatenate([actual] * 12))
    assert weights[1] > weights[0]


def test_who_cannot_tell_today_counts_nothing_and_days_without_a_price_do_not_either(course):
    actual, told = course
    missing = told.copy()
    missing[-1, 0] = np.nan
    weights = weigh(missing, actual)
    assert weights[0] == 0
    assert weights.sum() == pytest.approx(1)
    unmeasured, wild = actual.copy(), told.copy()
    unmeasured[20], wild[20] = np.nan, 1e9
    assert np.isfinite(weigh(wild, unmeasured)).all()
    assert weigh(wild, unmeasured)[0] > 0.6


def test_with_a_few_days_only_all_count_the_same(course):
    actual, told = course
    assert weigh(told[:5], actual[:5]).tolist() == [1 / 3] * 3


def test_what_is_combined_lies_between_mean_and_median_of_those_who_count():
    told = np.array([[1.0] * 24, [2.0] * 24, [9.0] * 24, [np.nan] * 24])
    assert combined(told, np.array([0.5, 0.25, 0.25, 0.0]))[0] == (3.25 + 2.0) / 2


def test_experts_who_disagree_widen_the_spread(course):
    draw = np.random.default_rng(6)
    size = np.exp(draw.normal(size=(200, 1)))
    told = 30 + size[:, :, np.newaxis] * draw.normal(size=(200, 3, 24))
    errors = size * draw.normal(size=(200, 24))
    spread = Spread.fit(told, errors)
    expected = spread(told)
    assert spread.disagreement_share > 0.3
    assert np.corrcoef(expected.mean(axis=1), np.abs(errors).mean(axis=1))[0, 1] > 0.8
    assert (Spread.from_state(spread.state())(told) == expected).all()


def test_a_spread_is_never_zero_even_where_all_were_right():
    told = np.ones((20, 2, 24))
    assert (Spread.fit(told, np.zeros((20, 24)))(told) > 0).all()
