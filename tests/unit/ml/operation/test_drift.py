import math

import numpy as np
import pytest

from backend.errors import InputError
from ml.operation.drift import cusum_limit, input_drift, loss_drift

DRAWN = np.random.default_rng(11)
REFERENCE = DRAWN.gamma(4, 1, 200)


def run_length(limit_days, runs=120):
    """Days until the first alarm of losses that have not changed."""
    lengths = []
    for _ in range(runs):
        recent = DRAWN.gamma(4, 1, 4000)
        found = loss_drift(np.sort(DRAWN.gamma(4, 1, 400)), recent[: 12 * limit_days], limit_days).alarm
        lengths.append(12 * limit_days if found is None else found + 1)
    return np.mean(lengths)


def test_losses_that_have_not_changed_raise_an_alarm_as_rarely_as_budgeted():
    assert 0.6 < run_length(60) / 60 < 1.8


def test_losses_that_rise_by_half_are_found_within_weeks():
    recent = np.concatenate([DRAWN.gamma(4, 1, 60), 1.6 * DRAWN.gamma(4, 1, 60)])
    drift = loss_drift(REFERENCE, recent, 365)
    assert drift.alarm is not None
    assert 60 <= drift.alarm < 90
    assert drift.since is not None
    assert drift.ratio == pytest.approx(1.6, rel=0.2)
    assert drift.statistic > drift.limit


def test_days_that_could_not_be_scored_change_nothing():
    recent = 2 * DRAWN.gamma(4, 1, 30)
    holed = np.full(90, np.nan)
    holed[::3] = recent
    assert loss_drift(REFERENCE, holed).statistic == loss_drift(REFERENCE, recent).statistic


def test_better_days_leave_the_sum_at_zero():
    drift = loss_drift(REFERENCE, 0.2 * DRAWN.gamma(4, 1, 50))
    assert drift.statistic == 0
    assert drift.since is drift.alarm is None
    assert drift.ratio < 0.4


def test_a_model_judged_by_a_week_tells_no_drift():
    with pytest.raises(InputError, match="judged by 7 days"):
        loss_drift(REFERENCE[:7], REFERENCE)


def test_the_limit_is_that_of_the_published_table():
    # Montgomery, Introduction to Statistical Quality Control, 9-4: k = 0.5 and h = 5 run 938 days on average,
    # one-sided.
    assert cusum_limit(938.2) == pytest.approx(5.0, abs=0.005)


def test_an_input_of_the_same_kind_is_stable_and_a_shifted_one_is_not():
    same, shifted = DRAWN.normal(0, 1, 2000), DRAWN.normal(1, 1, 2000)
    assert input_drift(DRAWN.normal(0, 1, 2000), same) < 0.05
    assert input_drift(same, shifted) > 0.25
    assert math.isnan(input_drift(same, np.full(4, np.nan)))
    assert math.isfinite(input_drift(np.zeros(50), np.ones(50)))
