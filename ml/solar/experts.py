"""Ridge and boosting, averaged, each learned four times with a quarter of the days left out.

The four are averaged too; what each says of the days that it did not see gives the bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from ml.solar.bands import Bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["Experts", "Learned", "learn_experts"]

FOLDS = 4
RIDGE = 0.05
"""Penalty on coefficients of standardised columns, as a share of the rows' whole weight. [1]"""
TREES = 100
BOOSTING = {
    "learning_rate": 0.06,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 100,
    "l2_regularization": 1.0,
    "early_stopping": False,
}


@dataclass(frozen=True)
class Experts:
    """What was learned in each fold.

    Attributes:
        centre: Of the columns. Shape (F,).
        spread: Of the columns. Shape (F,).
        coefficients: Ridge's, the last is the constant. Shape (K, F + 1).
        boosters: scikit-learn's, one per fold, or none.
    """

    centre: Values
    spread: Values
    coefficients: Values
    boosters: tuple[Any, ...]

    def predict(self, features: Values) -> Values:
        """Mean of all. Shape (R, F) to (R,)."""
        folds = [self.predict_fold(fold, features) for fold in range(len(self.coefficients))]
        return np.asarray(np.mean(folds, axis=0))

    def predict_fold(self, fold: int, features: Values) -> Values:
        """Mean of one fold's ridge and boosting. Shape (R, F) to (R,)."""
        from threadpoolctl import threadpool_limits

        ridge = _standardised(features, self.centre, self.spread) @ self.coefficients[fold]
        if not self.boosters:
            return np.asarray(ridge)
        with threadpool_limits(1):
            boosted = self.boosters[fold].predict(features)
        return np.asarray((ridge + boosted) / 2)

    def state(self) -> dict[str, Any]:
        """Arrays and estimators, from which ``from_state`` makes equal experts."""
        return {
            "centre": self.centre,
            "spread": self.spread,
            "coefficients": self.coefficients,
            "boosters": list(self.boosters),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Experts:
        """Make the experts whose ``state`` this was."""
        arrays = {name: np.asarray(state[name]) for name in ("centre", "spread", "coefficients")}
        return cls(boosters=tuple(state["boosters"]), **arrays)


@dataclass(frozen=True)
class Learned:
    """Experts with the bands of what they missed."""

    experts: Experts
    bands: Bands

    def state(self) -> dict[str, Any]:
        """Arrays and estimators, from which ``from_state`` makes an equal one."""
        return {"experts": self.experts.state(), "bands": self.bands.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Learned:
        """Make the one whose ``state`` this was."""
        return cls(Experts.from_state(state["experts"]), Bands.from_state(state["bands"]))


def _standardised(features: Values, centre: Values, spread: Values) -> Values:
    """With a constant column, the mean where unknown. Shape (R, F + 1)."""
    scaled = (features - centre) / spread
    return np.column_stack([np.nan_to_num(scaled, nan=0.0), np.ones(len(features))])


def learn_experts(
    features: Values, actual: Values, weights: Values, days: Places, seed: int, *, boosting: bool = True
) -> tuple[Experts, Values]:
    """Learn, and say of each row what the fold said that had not seen its day.

    Args:
        features: NaN where unknown. Shape (R, F).
        actual: Shape (R,).
        weights: At least zero. Shape (R,).
        days: Day of each row; a fold leaves out a quarter of them in a row. Shape (R,).
        seed: Of the boosting.
        boosting: Whether trees are grown beside the ridge.

    Returns:
        The experts, and their out-of-fold predictions. Shape (R,).

    Raises:
        InputError: If all rows are of one fold: what leaves them out would have nothing to learn from.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    fold_of = (days - first) * FOLDS // (last - first + 1)
    if np.bincount(fold_of, minlength=FOLDS).max() == len(fold_of):
        raise InputError(
            "what is known lies within a quarter of the days: nothing is left to be judged by; wait for more days."
        )
    told = np.isfinite(features).any(axis=0)  # of a plant that stood for a month nothing recent is known
    centre, spread = np.zeros(features.shape[1]), np.ones(features.shape[1])
    centre[told] = np.nanmean(features[:, told], axis=0)
    spread[told] = np.nanstd(features[:, told], axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)  # noqa: PLR2004
    columns = _standardised(features, centre, spread)
    coefficients, boosters = [], []
    for fold in range(FOLDS):
        seen = fold_of != fold
        coefficients.append(_ridge(columns[seen], actual[seen], weights[seen]))
        if boosting:
            booster = HistGradientBoostingRegressor(max_iter=TREES, random_state=seed, **BOOSTING)
            with threadpool_limits(1):
                boosters.append(booster.fit(features[seen], actual[seen], sample_weight=weights[seen]))
    experts = Experts(centre, spread, np.array(coefficients), tuple(boosters))
    held_out = np.empty(len(actual))
    for fold in range(FOLDS):
        left = fold_of == fold
        if left.any():
            held_out[left] = experts.predict_fold(fold, features[left])
    return experts, held_out


def _ridge(columns: Values, actual: Values, weights: Values) -> Values:
    """Weighted least squares with small coefficients; the constant is free. Shape (F + 1,)."""
    weighted = columns * weights[:, np.newaxis]
    penalty = np.full(columns.shape[1], RIDGE * weights.sum())
    penalty[-1] = 0.0
    return np.asarray(np.linalg.solve(weighted.T @ columns + np.diag(penalty), weighted.T @ actual))
