"""When assets fail, from records of those that did and those that did not: whoever has such records brings them.

Two models are fitted and the one that foretells held-out assets better is kept: a **Weibull** proportional hazard by
maximum likelihood, with entry at an age (what had failed before records began is not in them) and censoring; and a
**discrete-time** hazard, a gradient boosting that says for each year of age whether it was the last (Allison 1982;
Singer and Willett 1993), for effects that are not proportional. There are no records in the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["FAILURES_MIN", "AssetRecords", "FittedHazard", "fit_hazard"]

FAILURES_MIN = 10
"""Fewer failures than this say nothing of when others will fail."""
_FAILURES_FOR_BOOSTING = 100
_FOLDS = 4
_TINY = 1e-9
_RIDGE = 0.05
_YEARS_MAX = 100


@dataclass(frozen=True)
class AssetRecords:
    """Assets that were watched.

    Attributes:
        entered: Age at which watching began. Shape (N,). [years]
        left: Age at which it ended. Shape (N,). [years]
        failed: Did it end by a failure? Shape (N,).
        covariates: What may matter, such as the mean load. Shape (N, k).
        names: Of the covariates.
    """

    entered: Values
    left: Values
    failed: NDArray[np.bool_]
    covariates: Values
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.entered)
        if not len(self.left) == len(self.failed) == len(self.covariates) == count:
            raise InputError(f"{count} ages of entry stand beside records of other lengths; give one each.")
        wrong = np.flatnonzero(
            ~((self.entered >= 0) & (self.left > self.entered) & (self.left <= _YEARS_MAX))
        )
        if wrong.size:
            at = int(wrong[0])
            raise InputError(
                f"asset {at} is watched from {self.entered[at]:g} to {self.left[at]:g} years of age; the end is later "
                f"than the beginning, and at most {_YEARS_MAX}."
            )
        if not np.isfinite(self.covariates).all():
            raise InputError("a covariate is not a number; fill it, or leave the asset out.")

    def part(self, chosen: NDArray[np.bool_]) -> AssetRecords:
        """Some of them."""
        return AssetRecords(
            self.entered[chosen], self.left[chosen], self.failed[chosen], self.covariates[chosen], self.names
        )


@dataclass(frozen=True)
class FittedHazard:
    """A hazard that was learned.

    Attributes:
        kind: ``weibull`` or ``boosting``.
        shape: k of Weibull: above 1 age makes failing likelier; NaN for boosting.
        scale: λ at mean covariates; NaN for boosting. [years]
        weights: Of the standardised covariates in the logarithm of the hazard. Shape (k,).
        middle: Means of the covariates. Shape (k,).
        wide: Their standard deviations. Shape (k,).
        scores: Held-out logarithmic likelihood per year watched, by kind.
        booster: The boosting, None for Weibull.
    """

    kind: str
    shape: float
    scale: float
    weights: Values
    middle: Values
    wide: Values
    scores: dict[str, float]
    booster: Any = None

    def failing(self, age: float, years: int, covariates: Values) -> Values:
        """Probability that an asset that lives at an age fails within 1, 2, ... years. Shape (years,). [1]"""
        ages = np.asarray(age + np.arange(years), dtype=np.float64)
        told = np.tile((covariates - self.middle) / self.wide, (years, 1))
        if self.booster is not None:
            yearly = _of_booster(self.booster, np.column_stack([ages, told]))
            return np.asarray(1 - np.cumprod(1 - yearly))
        ahead = _cumulative(ages + 1.0, self.shape, self.scale) - _cumulative(
            np.array([age]), self.shape, self.scale
        )
        return np.asarray(1 - np.exp(-ahead * np.exp(told @ self.weights)))

    def remaining_years(self, age: float, covariates: Values) -> tuple[float, float, float]:
        """Years after which it has failed with 10, 50 and 90 %, a hundred where later."""
        failing = self.failing(age, _YEARS_MAX, covariates)
        grid = np.arange(_YEARS_MAX + 1, dtype=np.float64)
        course = np.maximum.accumulate(np.concatenate([[0.0], failing]))
        low, middle, high = (
            float(grid[-1] if course[-1] < level else np.interp(level, course, grid))
            for level in (0.1, 0.5, 0.9)
        )
        return low, middle, high


def fit_hazard(records: AssetRecords, seed: int = 0) -> FittedHazard:
    """Learn from records.

    Args:
        records: At least ten failures; boosting is tried from a hundred on.
        seed: Of the boosting and of who is held out.

    Raises:
        InputError: If there are fewer failures.
    """
    failures = int(records.failed.sum())
    if failures < FAILURES_MIN:
        raise InputError(
            f"{failures} failures are recorded; {FAILURES_MIN} at least are needed to say when others will fail."
        )
    kinds = ["weibull"] + (["boosting"] if failures >= _FAILURES_FOR_BOOSTING else [])
    scores: dict[str, float] = {}
    if len(kinds) > 1:
        fold = np.random.default_rng(seed).permutation(len(records.entered)) % _FOLDS
        for kind in kinds:
            told = [
                _likelihood(_fit(kind, records.part(fold != one), seed), records.part(fold == one))
                for one in range(_FOLDS)
            ]
            scores[kind] = float(np.mean(told))
    best = max(scores, key=lambda kind: scores[kind]) if scores else "weibull"
    found = _fit(best, records, seed)
    return FittedHazard(
        found.kind,
        found.shape,
        found.scale,
        found.weights,
        found.middle,
        found.wide,
        scores,
        found.booster,
    )


def _fit(kind: str, records: AssetRecords, seed: int) -> FittedHazard:
    middle = records.covariates.mean(axis=0)
    wide = records.covariates.std(axis=0)
    wide = np.where(wide > 0, wide, 1.0)
    told = (records.covariates - middle) / wide
    nothing = np.zeros(told.shape[1])
    if kind == "boosting":
        booster = _boosting(records, told, seed)
        return FittedHazard(kind, float("nan"), float("nan"), nothing, middle, wide, {}, booster)
    shape, scale, weights = _weibull(records, told)
    return FittedHazard(kind, shape, scale, weights, middle, wide, {})


def _cumulative(age: Values, shape: float, scale: float) -> Values:
    return np.asarray((age / scale) ** shape)


def _weibull(records: AssetRecords, told: Values) -> tuple[float, float, Values]:
    from scipy.optimize import minimize

    left, entered, failed = records.left, records.entered, records.failed

    def loss(at: Values) -> tuple[float, Values]:
        log_shape, log_scale, weights = at[0], at[1], at[2:]
        shape = np.exp(log_shape)
        risk = np.exp(told @ weights)
        end, begin = (np.where(age > 0, (age / np.exp(log_scale)) ** shape, 0.0) for age in (left, entered))
        relative = np.log(np.maximum(left, _TINY)) - log_scale
        before = np.log(np.maximum(entered, _TINY)) - log_scale
        watched = (end - begin) * risk
        value = (
            watched.sum() - (failed * (log_shape - log_scale + (shape - 1) * relative + told @ weights)).sum()
        )
        slope = np.empty(len(at))
        slope[0] = (shape * risk * (end * relative - begin * before)).sum() - (
            failed * (1 + shape * relative)
        ).sum()
        slope[1] = -(shape * watched).sum() + shape * failed.sum()
        slope[2:] = told.T @ (watched - failed) + 2 * _RIDGE * weights
        return float(value + _RIDGE * (weights**2).sum()), slope

    begin = np.zeros(2 + told.shape[1])
    begin[0], begin[1] = np.log(1.5), np.log(max(float(left.max()), 1.0) * 2)
    bounds = [(np.log(0.2), np.log(20)), (np.log(0.5), np.log(1e4)), *[(-5.0, 5.0)] * told.shape[1]]
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(np.exp(found.x[0])), float(np.exp(found.x[1])), np.asarray(found.x[2:])


def _asset_years(records: AssetRecords, told: Values) -> tuple[Values, NDArray[np.bool_]]:
    """A row per asset and year begun: age at its beginning and covariates; and whether it failed in it."""
    rows, ends = [], []
    for place in range(len(records.entered)):
        ages = np.arange(records.entered[place], records.left[place])
        rows.append(np.column_stack([ages, np.tile(told[place], (len(ages), 1))]))
        last = np.zeros(len(ages), dtype=bool)
        last[-1] = records.failed[place]
        ends.append(last)
    return np.concatenate(rows), np.concatenate(ends)


def _boosting(records: AssetRecords, told: Values, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    rows, ends = _asset_years(records, told)
    grows = [1] + [0] * told.shape[1]
    model = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        monotonic_cst=grows,
        random_state=seed,
        early_stopping=False,
    )
    with threadpool_limits(limits=1):
        return model.fit(rows, ends)


def _of_booster(booster: Any, rows: Values) -> Values:
    """Probability of failing in each asset-year; one thread, for many on a busy machine are slower."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return np.asarray(booster.predict_proba(rows)[:, 1])


def _likelihood(hazard: FittedHazard, records: AssetRecords) -> float:
    """Mean logarithm of the probability of what each asset-year was, by year, for both kinds alike."""
    told = (records.covariates - hazard.middle) / hazard.wide
    rows, ends = _asset_years(records, told)
    if hazard.booster is not None:
        yearly = _of_booster(hazard.booster, rows)
    else:
        ahead = _cumulative(rows[:, 0] + 1, hazard.shape, hazard.scale) - _cumulative(
            rows[:, 0], hazard.shape, hazard.scale
        )
        yearly = 1 - np.exp(-ahead * np.exp(rows[:, 1:] @ hazard.weights))
    yearly = np.clip(yearly, _TINY, 1 - _TINY)
    return float(np.where(ends, np.log(yearly), np.log1p(-yearly)).mean())
