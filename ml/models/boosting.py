"""Gradient-boosted trees (scikit-learn's histograms), each fitted without one part of the past."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["PartBoosting", "TreeShape", "threads"]


@dataclass(frozen=True, slots=True)
class TreeShape:
    """How trees grow.

    Attributes:
        rounds: Trees.
        leaves: At most, of a tree.
        rate: Share of what a tree finds that is taken. [1]
        share: Of the columns, drawn anew for each split. [1]
    """

    rounds: int = 200
    leaves: int = 15
    rate: float = 0.08
    share: float = 0.4


@dataclass(frozen=True)
class PartBoosting:
    """Trees without each part of the past; what is to come is their mean.

    Attributes:
        estimators: One per part, ``HistGradientBoostingRegressor``.
    """

    estimators: tuple[Any, ...]

    @classmethod
    def fit(
        cls, columns: Values, target: Values, part: Whole, parts: int, shape: TreeShape, seed: int
    ) -> PartBoosting:
        """Learn from rows; columns may be NaN. Shapes (N, F), (N,), (N,)."""
        from concurrent.futures import ThreadPoolExecutor

        from sklearn.ensemble import HistGradientBoostingRegressor

        def grown(index: int) -> Any:
            rows = part != index
            model = HistGradientBoostingRegressor(
                max_iter=shape.rounds,
                max_leaf_nodes=shape.leaves,
                learning_rate=shape.rate,
                max_features=shape.share,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=seed + index,
            )
            with threads():
                return model.fit(columns[rows], target[rows])

        with ThreadPoolExecutor(max_workers=min(parts, os.cpu_count() or 1)) as pool:
            return cls(tuple(pool.map(grown, range(parts))))

    def predict(self, columns: Values, part: Whole) -> Values:
        """Of part k by the trees that did not learn from it; of -1, the mean of all. Shapes (N, F), (N,) to (N,)."""
        found = np.zeros(len(columns))
        with threads():
            for index, model in enumerate(self.estimators):
                rows = part == index
                if rows.any():
                    found[rows] = model.predict(columns[rows])
            ahead = part < 0
            if ahead.any():
                found[ahead] = np.mean([model.predict(columns[ahead]) for model in self.estimators], axis=0)
        return found

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {"estimators": list(self.estimators)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> PartBoosting:
        """Make it again."""
        return cls(tuple(state["estimators"]))


def threads() -> Any:
    """Within it OpenMP has one thread: with more, trees on a busy machine take ten times as long, not half.

    The limit is the calling thread's own; trees that grow side by side each ask for theirs.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="openmp")
