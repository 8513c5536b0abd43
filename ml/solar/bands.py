"""Quantiles by what forecasts like this one missed: conditional on the level that was forecast and on the sky's.

Misses are those of days that the model had not learned from (split by days, as cross-conformal prediction does: Vovk
2015), told as shares of a scale such as the clear sky's power. Under a sky that is forecast clear they are small and
lie below, under broken clouds large: the levels forecast are parted at their own quantiles, and between the parts'
middles the misses' quantiles go over linearly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.forecasting import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["Bands", "learn_bands"]

PARTS = 6
"""Parts of the levels forecast, within a group. [1]"""
PART_LEAST = 60
"""Misses that a part must have, else the group has fewer parts. [1]"""


@dataclass(frozen=True)
class Bands:
    """Quantiles of misses by group and level.

    Attributes:
        middles: Level forecast in the middle of each part, rising. Shape (G, P).
        misses: Quantiles of the misses. Shape (G, P, L).
    """

    middles: Values
    misses: Values

    def around(self, forecast: Values, groups: Places) -> Values:
        """Quantiles of what will be, on the forecast's own scale. Shapes (H,), (H,) to (L, H)."""
        found = np.empty((len(LEVELS), len(forecast)))
        for group in np.unique(groups):
            inside = groups == group
            for level in range(len(LEVELS)):
                found[level, inside] = np.interp(
                    forecast[inside], self.middles[group], self.misses[group, :, level]
                )
        return np.asarray(np.sort(found + forecast, axis=0))

    def state(self) -> dict[str, Any]:
        """Arrays, from which ``from_state`` makes equal bands."""
        return {"middles": self.middles, "misses": self.misses}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Bands:
        """Make the bands whose ``state`` this was."""
        return cls(np.asarray(state["middles"]), np.asarray(state["misses"]))


def learn_bands(forecast: Values, actual: Values, groups: Places, count: int) -> Bands:
    """Learn the misses' quantiles.

    Args:
        forecast: What was forecast of intervals that were not learned from, on a scale. Shape (R,).
        actual: What was, on the same scale. Shape (R,).
        groups: Group of each, in [0, count). Shape (R,).
        count: Groups; one with too few misses has those of all.
    """
    middles = np.empty((count, PARTS))
    misses = np.empty((count, PARTS, len(LEVELS)))
    for group in range(count):
        inside = groups == group
        if inside.sum() < PART_LEAST:
            inside = np.ones(len(groups), dtype=bool)
        order = np.argsort(forecast[inside], kind="stable")
        level, miss = forecast[inside][order], (actual - forecast)[inside][order]
        parts = min(PARTS, max(1, len(level) // PART_LEAST))
        for part, of in enumerate(np.array_split(np.arange(len(level)), parts)):
            middles[group, part] = np.median(level[of])
            misses[group, part] = _conformal(miss[of])
        middles[group, parts:] = middles[group, parts - 1]
        misses[group, parts:] = misses[group, parts - 1]
    return Bands(middles, misses)


def _conformal(misses: Values) -> Values:
    """Quantiles with the finite sample's margin: the level's rank among one miss more than there are."""
    ranked = np.sort(misses)
    ranks = np.asarray(LEVELS) * (len(ranked) + 1) - 1
    return np.asarray(np.interp(ranks, np.arange(len(ranked)), ranked))
