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

__all__ = ["NetParts", "RampAsked", "RampOdds", "Sunlight"]


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


@dataclass(frozen=True, slots=True)
class RampAsked:
    """A change of power that is asked about.

    Attributes:
        begin: First interval of the span in which it may be. [1]
        end: The interval after the last.
        window_seconds: Within which while, whole steps and shorter than the span. [s]
        size_watts: Least change. [W]
    """

    begin: int
    end: int
    window_seconds: int
    size_watts: float


@dataclass(frozen=True, slots=True)
class RampOdds:
    """How probable it is.

    Attributes:
        up: Of one rise at least in the span. [1]
        down: Of one fall at least. [1]
        likely_up: Interval at which the while with the most probable rise begins. [1]
        likely_down: The same of falls.
    """

    up: float
    down: float
    likely_up: int
    likely_down: int


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
        past: Sequence[Sequence[tuple[Values, Forecast]]],
        asked: Sequence[RampAsked],
    ) -> list[RampOdds]:
        """Odds of ramps of the sum of roofs, by scenarios that go along as past misses did.

        Args:
            forecasts: Of each roof, over the same intervals.
            past: Of each roof what came and what had been forecast, of the same days in the same order. Shape (H,).
            asked: What is to be told.

        Raises:
            InputError: If too few past intervals are known, or a while does not fit.
        """
        ...
