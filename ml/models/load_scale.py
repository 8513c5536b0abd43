"""The scale that a load is learned on: by ratios where it is never near zero, by differences where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["LoadScale"]

_OUTAGE_SHARE = 0.05
_STEADY_SHARE = 0.2
_STEADY_LEVEL = 0.005
_BEYOND = 3.0


@dataclass(frozen=True)
class LoadScale:
    """How values become what is learned, and back.

    Attributes:
        ratios: Whether logarithms are learned. A reading below a twentieth of the usual one is an outage then, and
            counts as unknown.
        centre: Of the values, or of their logarithms.
        size: Of differences from it, above zero.
        least: No forecast is below. Zero where nothing negative was measured.
        greatest: Nor above: three times the range that was measured is beyond what a model can know.
    """

    ratios: bool
    centre: float
    size: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Values) -> LoadScale:
        """Look at a course of which something is known. Shape (T,)."""
        known = values[np.isfinite(values)]
        usual, low, high = float(np.median(known)), float(known.min()), float(known.max())
        room = _BEYOND * max(high - low, abs(high) / 2)
        least = 0.0 if low >= 0 else low - room
        if usual > 0 and low >= 0 and float(np.quantile(known, _STEADY_LEVEL)) > _STEADY_SHARE * usual:
            logs = np.log(known[known > _OUTAGE_SHARE * usual])
            return cls(ratios=True, centre=float(logs.mean()), size=1.0, least=least, greatest=high + room)
        spread = float(np.abs(known - known.mean()).mean())
        size = spread if spread > 0 else 1.0
        return cls(ratios=False, centre=float(known.mean()), size=size, least=least, greatest=high + room)

    def forward(self, values: Values) -> Values:
        """To the learned scale; NaN stays NaN."""
        if not self.ratios:
            return (values - self.centre) / self.size
        usable = np.where(values > _OUTAGE_SHARE * np.exp(self.centre), values, np.nan)
        return np.asarray(np.log(usable) - self.centre)

    def backward(self, learned: Values) -> Values:
        """From the learned scale, kept within what may be; finite whatever comes."""
        if self.ratios:
            values = np.exp(np.minimum(learned + self.centre, np.log(max(self.greatest, 1e-300))))
        else:
            values = learned * self.size + self.centre
        return np.clip(values, self.least, self.greatest)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        names = ("ratios", "centre", "size", "least", "greatest")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LoadScale:
        """Make it again."""
        rest = (float(state[name]) for name in ("centre", "size", "least", "greatest"))
        return cls(bool(state["ratios"]), *rest)
