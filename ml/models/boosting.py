"""Gradient-boosted trees (scikit-learn's histograms), grown without each part of the past, kept as plain arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Forest", "TreeShape", "grow_parts", "one_thread"]

_ROWS_AT_ONCE = 256


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
class Forest:
    """Trees whose values add up; node 0 of each is its root.

    Attributes:
        level: What they are added to.
        feature: Column that a node asks about, -1 at a leaf. Shape (trees, nodes).
        threshold: Up to it goes left. Shape (trees, nodes).
        left: Node. Shape (trees, nodes).
        right: Node. Shape (trees, nodes).
        unknown_left: Whether NaN goes left. Shape (trees, nodes).
        value: Of a leaf. Shape (trees, nodes).
        depth: Questions from a root to the farthest leaf.
    """

    level: float
    feature: NDArray[np.int16]
    threshold: Values
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    unknown_left: NDArray[np.bool_]
    value: Values
    depth: int

    def predict(self, columns: Values) -> Values:
        """The sum over the trees. Shape (N, F) to (N,)."""
        found = np.empty(len(columns))
        for begin in range(0, len(columns), _ROWS_AT_ONCE):
            found[begin : begin + _ROWS_AT_ONCE] = self._predict(columns[begin : begin + _ROWS_AT_ONCE])
        return found

    def _predict(self, columns: Values) -> Values:
        # Nodes are counted through all trees; a leaf leads to itself, whatever it is asked.
        count = self.feature.shape[1]
        roots = np.arange(len(self.feature), dtype=np.int32) * np.int32(count)
        leaf = (self.feature < 0).ravel()
        own = np.arange(leaf.size, dtype=np.int32)
        feature = np.maximum(self.feature, 0).ravel().astype(np.int32)
        left = np.where(leaf, own, (self.left + roots[:, np.newaxis]).ravel())
        right = np.where(leaf, own, (self.right + roots[:, np.newaxis]).ravel())
        threshold, unknown_left = self.threshold.ravel(), self.unknown_left.ravel()
        unknown = np.isnan(columns)
        cells, row = columns.ravel(), (np.arange(len(columns)) * columns.shape[1])[:, np.newaxis]
        node = np.repeat(roots[np.newaxis, :], len(columns), axis=0)
        for _ in range(self.depth):
            place = row + feature.take(node)
            goes_left = cells.take(place) <= threshold.take(node)
            if unknown.any():
                goes_left |= unknown.ravel().take(place) & unknown_left.take(node)
            node = np.where(goes_left, left.take(node), right.take(node))
        return np.asarray(self.level + self.value.ravel().take(node).sum(axis=1))

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        arrays = ("feature", "threshold", "left", "right", "unknown_left", "value")
        return {"level": self.level, "depth": self.depth, **{name: getattr(self, name) for name in arrays}}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Forest:
        """Make it again."""
        arrays = ("feature", "threshold", "left", "right", "unknown_left", "value")
        kept = {name: np.asarray(state[name]) for name in arrays}
        return cls(level=float(state["level"]), depth=int(state["depth"]), **kept)


def grow_parts(
    columns: Values, target: Values, part: Whole, parts: int, shape: TreeShape, seed: int
) -> tuple[Forest, Values]:
    """Grow trees without each part of the past.

    Args:
        columns: NaN where unknown. Shape (N, F).
        target: All known. Shape (N,).
        part: Shape (N,). [0, parts)
        parts: K.
        shape: How they grow.
        seed: Of the columns that are drawn.

    Returns:
        The mean of the K forests, for what is to come, and for each row what the one says that had not learned from
        its part. Shape (N,).
    """
    from concurrent.futures import ThreadPoolExecutor

    from sklearn.ensemble import HistGradientBoostingRegressor

    def grown(index: int) -> tuple[Any, Values]:
        learned = part != index
        model = HistGradientBoostingRegressor(
            max_iter=shape.rounds,
            max_leaf_nodes=shape.leaves,
            learning_rate=shape.rate,
            max_features=shape.share,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=seed + index,
        )
        with one_thread():
            model.fit(columns[learned], target[learned])
            return model, model.predict(columns[~learned]) if (~learned).any() else np.empty(0)

    held_out = np.empty(len(target))
    with ThreadPoolExecutor(max_workers=min(parts, os.cpu_count() or 1)) as pool:
        made = list(pool.map(grown, range(parts)))
    for index, (_, found) in enumerate(made):
        held_out[part == index] = found
    return _mean_forest([model for model, _ in made]), held_out


def one_thread() -> Any:
    """Within it libraries have one thread: with more, busy cores make trees and sums ten times as long, not half.

    OpenMP's limit is the calling thread's own; trees that grow side by side each ask for theirs.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def _mean_forest(models: Sequence[Any]) -> Forest:
    """The trees of several estimators, their values divided by how many estimators there are."""
    # scikit-learn has no public way to a histogram tree's nodes; a test holds the sum against its own prediction.
    trees = [one.nodes for model in models for (one,) in model._predictors]  # noqa: SLF001 -- see above
    shape = (len(trees), max(len(nodes) for nodes in trees))
    feature, left, right = (np.full(shape, fill, dtype=np.int16) for fill in (-1, 0, 0))
    threshold, value = np.zeros(shape), np.zeros(shape)
    unknown_left = np.zeros(shape, dtype=np.bool_)
    for index, nodes in enumerate(trees):
        inner = nodes["is_leaf"] == 0
        count = len(nodes)
        feature[index, :count] = np.where(inner, nodes["feature_idx"], -1)
        threshold[index, :count] = np.where(inner, nodes["num_threshold"], 0.0)
        left[index, :count] = np.where(inner, nodes["left"], 0)
        right[index, :count] = np.where(inner, nodes["right"], 0)
        unknown_left[index, :count] = nodes["missing_go_to_left"] == 1
        value[index, :count] = np.where(inner, 0.0, nodes["value"] / len(models))
    levels = [float(np.ravel(model._baseline_prediction)[0]) for model in models]  # noqa: SLF001 -- see above
    depth = max(int(nodes["depth"].max()) for nodes in trees)
    return Forest(float(np.mean(levels)), feature, threshold, left, right, unknown_left, value, depth)
