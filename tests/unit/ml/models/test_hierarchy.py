from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast
from ml.models.hierarchy import Hierarchy, Reconciliation, add_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

FEEDERS = Hierarchy(("a", "b", "c"), {"community": ("a", "b", "c"), "feeder": ("a", "b")})


def forecast(mean: list[float], spread: float = 1.0) -> Forecast:
    course = np.array(mean)
    return Forecast(0, 3600, course, course + spread * (np.array(LEVELS)[:, np.newaxis] - 0.5), "plain")


def errors(scales: dict[str, float], count: int = 400) -> dict[str, Values]:
    random = np.random.default_rng(1)
    return {name: scale * random.standard_normal(count) for name, scale in scales.items()}


def test_reconciled_means_add_up_and_quantiles_keep_their_order() -> None:
    held = errors({"community": 1, "feeder": 2, "a": 1, "b": 1, "c": 3})
    base = {"community": forecast([10, 12]), "feeder": forecast([5, 5]), "a": forecast([1, 2])}
    base |= {"b": forecast([2, 2]), "c": forecast([4, 9])}
    after = Reconciliation.fit(FEEDERS, held).reconcile(base)
    assert np.allclose(after["community"].mean, after["a"].mean + after["b"].mean + after["c"].mean)
    assert np.allclose(after["feeder"].mean, after["a"].mean + after["b"].mean)
    assert all((np.diff(one.quantiles, axis=0) >= 0).all() for one in after.values())


def test_weights_are_those_of_generalised_least_squares() -> None:
    held = errors({"community": 1, "feeder": 2, "a": 1, "b": 1, "c": 3}, count=200_000)
    weights = Reconciliation.fit(FEEDERS, held).weights
    summing, inverse = FEEDERS.matrix, np.diag(1 / np.array([1.0, 4, 1, 1, 9]))
    expected = np.linalg.inv(summing.T @ inverse @ summing) @ summing.T @ inverse
    assert np.allclose(weights, expected, atol=0.02)


def test_forecasts_that_add_up_already_stay_where_they_are() -> None:
    held = errors({"community": 1, "feeder": 2, "a": 1, "b": 1, "c": 3})
    base = {"community": forecast([6.0]), "feeder": forecast([3.0]), "a": forecast([1.0])}
    base |= {"b": forecast([2.0]), "c": forecast([3.0])}
    after = Reconciliation.fit(FEEDERS, held).reconcile(base)
    assert all(np.allclose(after[name].mean, base[name].mean) for name in FEEDERS.nodes)


def test_the_worse_forecast_moves_further() -> None:
    held = errors({"sum": 0.1, "good": 0.1, "bad": 5.0})
    base = {"sum": forecast([10.0]), "good": forecast([4.0]), "bad": forecast([3.0])}
    pair = Hierarchy(("good", "bad"), {"sum": ("good", "bad")})
    after = Reconciliation.fit(pair, held).reconcile(base)
    assert after["bad"].mean[0] == pytest.approx(6.0, abs=0.05)
    assert after["good"].mean[0] == pytest.approx(4.0, abs=0.05)


def test_a_part_with_smaller_errors_after_it_has_narrower_quantiles() -> None:
    held = errors({"sum": 0.1, "good": 0.1, "bad": 5.0})
    base = {"sum": forecast([10.0], 2), "good": forecast([4.0], 2), "bad": forecast([6.0], 2)}
    pair = Hierarchy(("good", "bad"), {"sum": ("good", "bad")})
    after = Reconciliation.fit(pair, held).reconcile(base)
    widths = {name: np.ptp(after[name].quantiles) for name in base}
    assert widths["bad"] < 0.6 * np.ptp(base["bad"].quantiles)


def test_reconciliation_lowers_errors_on_intervals_it_did_not_learn_from() -> None:
    random = np.random.default_rng(3)
    truth = random.standard_normal((2, 4000)) + 10
    all_truth = np.vstack([truth.sum(axis=0), truth])
    base = all_truth + random.standard_normal((3, 4000)) * np.array([[0.5], [1.0], [1.0]])
    names = ("sum", "a", "b")
    held = {name: (all_truth - base)[row, :2000] for row, name in enumerate(names)}
    fitted = Reconciliation.fit(Hierarchy(("a", "b"), {"sum": ("a", "b")}), held)
    after = fitted.reconcile({name: forecast(base[row, 2000:].tolist()) for row, name in enumerate(names)})
    for row, name in enumerate(names):
        before = np.abs(base[row, 2000:] - all_truth[row, 2000:]).mean()
        assert np.abs(after[name].mean - all_truth[row, 2000:]).mean() < 0.96 * before


def test_no_part_falls_below_the_floor_and_the_sum_still_adds_up() -> None:
    held = errors({"sum": 0.1, "a": 1.0, "b": 1.0})
    base = {"sum": forecast([0.5]), "a": forecast([0.1]), "b": forecast([4.0])}
    after = Reconciliation.fit(Hierarchy(("a", "b"), {"sum": ("a", "b")}), held).reconcile(base, floor=0.0)
    assert after["a"].mean[0] == 0
    assert after["sum"].mean[0] == after["a"].mean[0] + after["b"].mean[0]
    assert min(float(one.quantiles.min()) for one in after.values()) >= 0


def test_few_common_intervals_leave_variances_alone_and_too_few_are_refused() -> None:
    held = errors({"sum": 1.0, "a": 1.0, "b": 1.0}, count=60)
    held["a"][:25] = np.nan
    held["b"][25:50] = np.nan
    pair = Hierarchy(("a", "b"), {"sum": ("a", "b")})
    assert Reconciliation.fit(pair, held).covariance == "variances"
    held["a"][:] = np.nan
    with pytest.raises(InputError, match="'a' has 0 known errors"):
        Reconciliation.fit(pair, held)


def test_errors_that_add_up_exactly_are_no_obstacle() -> None:
    held = errors({"a": 1.0, "b": 1.0})
    held["sum"] = held["a"] + held["b"]
    pair = Hierarchy(("a", "b"), {"sum": ("a", "b")})
    weights = Reconciliation.fit(pair, held).weights
    assert np.isfinite(weights).all()
    assert np.abs(weights).max() < 2


def test_a_sum_of_independent_parts_is_narrower_than_one_of_parts_that_err_together() -> None:
    parts = [forecast([1.0, 2.0]), forecast([3.0, 4.0])]
    alike = np.random.default_rng(0).standard_normal(300)
    together = add_up(parts, np.stack([alike, alike]))
    against = add_up(parts, np.stack([alike, -alike]))
    alone = add_up(parts)
    assert np.allclose(together.mean, [4.0, 6.0])
    widths = [float(np.ptp(one.quantiles[:, 0])) for one in (against, alone, together)]
    assert widths[0] < 0.05
    assert widths[0] < widths[1] < 0.85 * widths[2]
    assert widths[2] == pytest.approx(2 * 0.9, rel=0.02)


def test_a_sum_is_the_same_each_time() -> None:
    parts = [forecast([1.0, 2.0]), forecast([3.0, 4.0])]
    assert np.array_equal(add_up(parts).quantiles, add_up(parts).quantiles)


@pytest.mark.parametrize("sums", [{"s": ("a", "x")}, {"s": ()}, {"a": ("a",)}, {"s": ("a", "a")}])
def test_sums_of_what_is_not_there_are_refused(sums: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InputError):
        Hierarchy(("a", "b"), sums)


def test_forecasts_of_other_intervals_are_refused() -> None:
    with pytest.raises(InputError, match="begin together"):
        add_up([forecast([1.0]), forecast([1.0, 2.0])])
    with pytest.raises(InputError, match="one part"):
        add_up([])
