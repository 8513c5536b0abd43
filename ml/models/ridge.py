"""Linear models, one for each time of the day, that know which part of the past they did not learn from.

A time of the day learns from its own rows and, at half their weight, from those of its neighbours: what happens at
ten past is nearly what happens at twenty past. Every model is fitted from sums of products, so that leaving out a part
of the past, to see what the model says of a time it did not learn from, takes no second pass over the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Ridge", "SlotRidge"]

_NEIGHBOUR_WEIGHT = 0.5


@dataclass(frozen=True)
class _Sums:
    """Sums over rows of one slot: how many, of columns, of the target, and of their products."""

    count: float
    columns: Values
    target: float
    products: Values
    with_target: Values

    def plus(self, other: _Sums, sign: int = 1) -> _Sums:
        return _Sums(
            self.count + sign * other.count,
            self.columns + sign * other.columns,
            self.target + sign * other.target,
            self.products + sign * other.products,
            self.with_target + sign * other.with_target,
        )

    def centred(self) -> tuple[Values, Values]:
        """Products about the slot's own means: its level is not the neighbours' business."""
        count = max(self.count, 1.0)
        return (
            self.products - np.outer(self.columns, self.columns) / count,
            self.with_target - self.columns * (self.target / count),
        )


class _SlotSums:
    """Sums of each slot, without each part of the past and of it all; three slots at a time are held."""

    def __init__(
        self, rows: Values, target: Values, slot: Whole, part: Whole, *, slots: int, parts: int
    ) -> None:
        self._rows, self._target, self._parts = rows, target, parts
        self._order = np.lexsort((part, slot))
        key = slot[self._order] * parts + part[self._order]
        self._bounds = np.searchsorted(key, np.arange(slots * parts + 1))
        self._held: dict[int, list[tuple[_Sums, Values, Values]]] = {}

    def of(self, slot: int) -> list[tuple[_Sums, Values, Values]]:
        """Sums and centred products, K + 1 of them."""
        if slot not in self._held:
            pieces = [self._piece(slot * self._parts + index) for index in range(self._parts)]
            total = pieces[0]
            for piece in pieces[1:]:
                total = total.plus(piece)
            without = [total.plus(piece, -1) for piece in pieces] + [total]
            self._held[slot] = [(one, *one.centred()) for one in without]
        return self._held[slot]

    def forget(self, slot: int) -> None:
        self._held.pop(slot, None)

    def _piece(self, index: int) -> _Sums:
        mine = self._order[self._bounds[index] : self._bounds[index + 1]]
        rows, target = self._rows[mine], self._target[mine]
        return _Sums(float(len(rows)), rows.sum(axis=0), float(target.sum()), rows.T @ rows, rows.T @ target)


@dataclass(frozen=True)
class SlotRidge:
    """Ridge regression by slot, of the whole past and without each of its parts.

    Attributes:
        shift: Subtracted from each column. Shape (D,).
        scale: Then divided by. Shape (D,).
        weights: Of part k left out; the last is of the whole past. Shape (K + 1, slots, D).
        levels: Shape (K + 1, slots).
    """

    shift: Values
    scale: Values
    weights: Values
    levels: Values

    @classmethod
    def fit(
        cls,
        columns: Values,
        target: Values,
        slot: Whole,
        part: Whole,
        *,
        slots: int,
        parts: int,
        penalty: float,
    ) -> SlotRidge:
        """Learn from rows that are all known.

        Args:
            columns: Shape (N, D).
            target: Shape (N,).
            slot: Shape (N,). [0, slots)
            part: Which part of the past. Shape (N,). [0, parts)
            slots: Per day.
            parts: K.
            penalty: On squared weights, in rows.
        """
        shift, scale = columns.mean(axis=0), _scales(columns)
        sums = _SlotSums((columns - shift) / scale, target, slot, part, slots=slots, parts=parts)
        weights = np.zeros((parts + 1, slots, columns.shape[1]))
        levels = np.zeros((parts + 1, slots))
        ridge = penalty * np.eye(columns.shape[1])
        for index in range(slots):
            around = [sums.of((index + near) % slots) for near in (-1, 0, 1)]
            for left_out in range(parts + 1):
                before, own, after = (one[left_out] for one in around)
                products = own[1] + _NEIGHBOUR_WEIGHT * (before[1] + after[1])
                with_target = own[2] + _NEIGHBOUR_WEIGHT * (before[2] + after[2])
                found = np.linalg.solve(products + ridge, with_target)
                weights[left_out, index] = found
                levels[left_out, index] = (own[0].target - own[0].columns @ found) / max(own[0].count, 1.0)
            if index > 1:
                sums.forget(index - 1)
        return cls(shift, scale, weights, levels)

    def predict(self, columns: Values, slot: Whole, part: Whole) -> Values:
        """What it says of rows; of part k by the model that did not learn from it, -1 for that of the whole past.

        Unknown columns count as usual. Shapes (N, D), (N,), (N,) to (N,).
        """
        rows = np.nan_to_num((columns - self.shift) / self.scale, nan=0.0)
        found = np.einsum("nd,nd->n", rows, self.weights[part, slot]) + self.levels[part, slot]
        return np.asarray(found)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {"shift": self.shift, "scale": self.scale, "weights": self.weights, "levels": self.levels}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> SlotRidge:
        """Make it again."""
        return cls(*(np.asarray(state[name]) for name in ("shift", "scale", "weights", "levels")))


def _scales(columns: Values) -> Values:
    """Standard deviations; marks and tents of rare days keep their size, lest they be trusted like common ones."""
    scale = columns.std(axis=0)
    within = (columns.min(axis=0) >= 0) & (columns.max(axis=0) <= 1)
    marks = within & ((columns == 0) | (columns == 1)).all(axis=0)
    tents = within & ((columns == 0).mean(axis=0) > 1 / 2)
    return np.where(marks, 1 / 2, np.where(tents, 1.0, np.where(scale > 0, scale, 1.0)))


@dataclass(frozen=True)
class Ridge:
    """One ridge regression, of the whole past and without each of its parts.

    Attributes:
        scale: Of each column. Shape (D,).
        weights: Of part k left out; the last is of the whole past. Shape (K + 1, D).
    """

    scale: Values
    weights: Values

    @classmethod
    def fit(cls, columns: Values, target: Values, part: Whole, parts: int, penalty: float) -> Ridge:
        """Learn from known rows, about zero: where columns are zero it says so. Shapes (N, D), (N,), (N,)."""
        scale = np.sqrt((columns**2).mean(axis=0))
        scale = np.where(scale > 0, scale, 1.0)
        rows = columns / scale
        pieces = [
            (rows[part == k].T @ rows[part == k], rows[part == k].T @ target[part == k]) for k in range(parts)
        ]
        products, with_target = sum(one[0] for one in pieces), sum(one[1] for one in pieces)
        ridge = penalty * np.eye(columns.shape[1])
        weights = [np.linalg.solve(products - one[0] + ridge, with_target - one[1]) for one in pieces]
        weights.append(np.linalg.solve(products + ridge, with_target))
        return cls(scale, np.stack(weights))

    def predict(self, columns: Values, part: Whole) -> Values:
        """As ``SlotRidge.predict``. Shapes (N, D), (N,) to (N,)."""
        return np.asarray(np.einsum("nd,nd->n", columns / self.scale, self.weights[part]))
