import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS
from ml.models.conformal import Calibration, conformal_quantiles


def calibration_of(residuals, lead=None, share=None, spread=None) -> Calibration:
    count = len(residuals)
    return Calibration.fit(
        residuals,
        np.full(count, 12.0) if lead is None else lead,
        np.zeros(count) if share is None else share,
        np.ones(count) if spread is None else spread,
    )


def test_ranks_are_those_of_one_more_residual():
    # Of 19 residuals the rank at 5 % is the first, at 95 % the last.
    found = conformal_quantiles(np.arange(1.0, 20.0))
    assert found.tolist() == [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 19]


def test_too_few_residuals_for_a_level_give_the_outermost():
    assert conformal_quantiles(np.arange(1.0, 6.0))[[0, -1]].tolist() == [1, 5]


def test_a_further_value_is_within_the_band_as_often_as_told():
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(400):
        sample = rng.exponential(size=40)
        low, high = conformal_quantiles(sample)[[1, -2]]
        inside.append(low <= rng.exponential() <= high)
    # 78 % of 41 ranks lie between the two, by the outward rounding 80 % or a little more.
    assert 0.76 < np.mean(inside) < 0.86


def test_the_night_and_the_next_hour_have_quantiles_of_their_own():
    rng = np.random.default_rng(5)
    count = 40_000
    lead = rng.choice([1.0, 48.0], count)
    share = rng.choice([0.1, 0.8], count)
    residuals = rng.normal(size=count) * np.where(lead > 1, 4, 1) * np.where(share > 0.5, 3, 1)
    found = calibration_of(residuals, lead, share).quantiles(
        np.array([1.0, 1.0, 48.0, 48.0]), np.array([0.1, 0.8, 0.1, 0.8]), np.ones(4)
    )
    widths = found[-2] - found[1]
    assert widths / 2.563 == pytest.approx([1, 3, 4, 12], rel=0.06)


def test_residuals_are_told_by_their_local_spread():
    rng = np.random.default_rng(7)
    spread = rng.uniform(1, 100, 20_000)
    found = calibration_of(rng.normal(size=20_000) * spread, spread=spread)
    narrow, wide = found.quantiles(np.full(2, 12.0), np.zeros(2), np.array([1.0, 50.0])).T
    assert wide == pytest.approx(50 * narrow)
    assert narrow[-2] == pytest.approx(1.2816, rel=0.05)


def test_a_group_of_few_leans_on_the_others():
    residuals = np.concatenate([np.linspace(-1, 1, 2001), np.full(5, 100.0)])
    share = np.concatenate([np.full(2001, 0.1), np.full(5, 0.9)])
    found = calibration_of(residuals, share=share)
    rare = found.quantiles(np.array([12.0]), np.array([0.9]), np.ones(1))[5, 0]
    assert 0 < rare < 10


def test_quantiles_never_cross_and_widen_in_proportion():
    rng = np.random.default_rng(11)
    found = calibration_of(rng.standard_t(2, 300), lead=rng.uniform(0.5, 160, 300), share=rng.random(300))
    around = found.quantiles(rng.uniform(0.5, 168, 500), rng.random(500), rng.uniform(0.1, 5, 500))
    assert around.shape == (len(LEVELS), 500)
    assert (np.diff(around, axis=0) >= 0).all()
    wider = found.widened(1.5).quantiles(np.array([2.0]), np.array([0.5]), np.ones(1))
    assert wider == pytest.approx(1.5 * found.quantiles(np.array([2.0]), np.array([0.5]), np.ones(1)))


def test_it_is_made_again_from_its_state():
    found = calibration_of(np.random.default_rng(1).normal(size=100))
    assert (Calibration.from_state(found.state()).table == found.table).all()


def test_unknown_residuals_do_not_count_and_too_few_are_refused():
    residuals = np.concatenate([np.full(100, np.nan), np.zeros(19)])
    with pytest.raises(InputError, match="19 residuals are too few"):
        calibration_of(residuals)
