"""What a plan is made on, and what it is held against."""

from __future__ import annotations

import numpy as np
import pytest

from backend.grid.balancing.holdout import split_intervals

HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400


def starts(span: int, step: int = HOUR) -> np.ndarray:
    return 1_500_000_000 + np.arange(0, span, step, dtype=np.int64)


def test_weeks_are_spread_over_the_year_and_the_others_held_out():
    told = starts(52 * WEEK)
    split = split_intervals(told, weeks=8)
    assert split.kind == "weeks"
    ((fit, held),) = split.folds
    assert np.array_equal(fit, split.fit)
    assert np.array_equal(np.sort(np.concatenate([fit, held])), np.arange(told.size))
    weeks = np.unique((told[fit] - told[0]) // WEEK)
    assert weeks.size == 8
    assert np.diff(weeks).min() >= 6
    assert weeks[0] < 6
    assert weeks[-1] > 45


def test_a_third_of_the_weeks_is_planned_on_and_eight_at_least():
    assert np.unique((split_intervals(starts(52 * WEEK)).fit * HOUR) // WEEK).size == 17
    assert np.unique((split_intervals(starts(12 * WEEK)).fit * HOUR) // WEEK).size == 8


@pytest.mark.parametrize(
    ("span", "kind", "block"), [(9 * WEEK, "days", DAY), (DAY, "hours", HOUR), (8 * HOUR, "hours", HOUR)]
)
def test_where_weeks_are_missing_all_is_planned_on_and_blocks_are_cross_fitted(span, kind, block):
    told = starts(span, 900)
    split = split_intervals(told)
    assert split.kind == kind
    assert split.fit.size == told.size
    judged = np.concatenate([there for _, there in split.folds])
    assert np.array_equal(np.sort(judged), np.arange(told.size))
    for fit, there in split.folds:
        assert not set((told[fit] - told[0]) // block) & set((told[there] - told[0]) // block)


def test_too_few_intervals_hold_nothing_out():
    assert split_intervals(starts(4 * HOUR)).kind == "none"
    assert split_intervals(starts(0)).folds == ()
