"""The boosted trees: steps and switches that smooth experts round off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.prices.features import Asinh, hour_features
from ml.prices.members import too_few

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]

__all__ = ["FittedTrees", "Trees"]

_FEATURES_SHARE = 0.3


@dataclass(frozen=True)
class Trees:
    """Gradient boosting over all hours together, on the change from yesterday's price, several seeds averaged.

    Attributes:
        window: Days it learns from. [days]
        rounds: Trees, each of at most ``leaves``.
        leaves: See there.
        rate: What each tree adds of what it found. [1]
        seeds: Boosters whose mean is taken.
    """

    window: int = 1456
    rounds: int = 200
    leaves: int = 15
    rate: float = 0.05
    seeds: int = 1

    @property
    def name(self) -> str:
        """``trees``."""
        return "trees"

    def fit(self, days: PriceDays, until: int, seed: int) -> FittedTrees | None:
        """See ``Member``."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        rows = days.learnable(until, self.window)
        if too_few(rows):
            return None
        tame = Asinh.of(days.prices[rows], axis=None)
        features = hour_features(days, rows, tame)
        change = tame(days.prices[rows]) - tame(days.prices[rows - 1])
        flat = features.reshape(-1, features.shape[-1])
        made = []
        for number in range(self.seeds):
            booster = HistGradientBoostingRegressor(
                loss="absolute_error",
                learning_rate=self.rate,
                max_iter=self.rounds,
                max_leaf_nodes=self.leaves,
                max_features=_FEATURES_SHARE,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=seed + number,
            )
            made.append(booster.fit(flat, change.ravel()))
        return FittedTrees(tame, made)


@dataclass(frozen=True)
class FittedTrees:
    """Boosted trees.

    Attributes:
        tame: Of prices, one scale for all hours.
        boosters: scikit-learn's.
    """

    tame: Asinh
    boosters: list[Any]

    def predict(self, days: PriceDays, row: int) -> Values:
        """See ``FittedMember``."""
        features = hour_features(days, np.array([row]), self.tame)[0]
        change = np.mean([booster.predict(features) for booster in self.boosters], axis=0)
        return self.tame.back(change + self.tame(days.prices[row - 1]))

    def state(self) -> Mapping[str, Any]:
        """See ``FittedMember``."""
        return {"tame": self.tame.state(), "boosters": self.boosters}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedTrees:
        """As it was."""
        return cls(Asinh.from_state(state["tame"]), list(state["boosters"]))
