"""The temperature of the air as services see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AmbientCourse", "AmbientTemperature"]


@dataclass(frozen=True)
class AmbientCourse:
    """Air over some intervals.

    Attributes:
        celsius: All known. Shape (T,). [°C]
        source: Where they are from, in words that stand beside every temperature that rests on them.
    """

    celsius: NDArray[np.float64]
    source: str


class AmbientTemperature(Protocol):
    """Air at a community's place, measured, or by a stated course of the year."""

    def course(self, start_utc: int, step_seconds: int, length: int, time_zone: str) -> AmbientCourse:
        """Temperature of each interval.

        Args:
            start_utc: Start of the first. [s since 1970, UTC]
            step_seconds: Length of an interval. [s]
            length: How many, T.
            time_zone: Where: IANA name.
        """
        ...
