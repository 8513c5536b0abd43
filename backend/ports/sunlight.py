"""What models of the sun tell besides forecasts: net load in its parts, and how probably power rises or falls fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backend.forecasting import Forecast, Series, Site

    Values = NDArray[np.float64]

__all__ = ["NetParts", "RampOdds", "Sunlight"]


@dataclass(frozen=True)
class NetParts:
    """Net load in its parts.

    Attributes:
        use: NaN where the net load is unknown. Shape (T,). [W]
        sun: Shape (T,). [W]
        peak: Estimated greatest power of the roof. [W]
        confidence: Share of the low net loads' spread that the sun explains. [1]
    """

    use: Values
    sun: Values
    peak: float
    confidence: float


@dataclass(frozen=True)
class RampOdds:
    """How probably power changes by some size within a while, by the interval in which the while begins. [1]

    Attributes:
        up: Shape (H - while,).
        down: Shape (H - while,).
        any_up: Of one at least in all of it.
        any_down: Of one at least in all of it.
    """

    up: Values
    down: Values
    any_up: float
    any_down: float


class Sunlight(Protocol):
    """Models of the sun behind one face."""

    def split(self, net: Series, site: Site, references: Sequence[Values] = ()) -> NetParts:
        """Split net load into use and sun; ``ghi`` among its inputs is read.

        Raises:
            InputError: If there are fewer than 28 days, or nothing tells the light.
        """
        ...

    def ramps(
        self,
        forecasts: Sequence[Forecast],
        past: Sequence[tuple[Values, Forecast]],
        window_seconds: int,
        size_watts: float,
    ) -> RampOdds:
        """Odds of ramps of the sum of roofs, by scenarios that go along as past misses did.

        Args:
            forecasts: Of each roof, over the same intervals.
            past: What came and what had been forecast, day by day, of each roof in turn: all of the first's days, then
                the second's, as many of each and of the same days. Shape (H,) each.
            window_seconds: The while, whole steps. [s]
            size_watts: Least change. [W]

        Raises:
            InputError: If too few past days are known, or the while does not fit.
        """
        ...
