"""The temperature of the air as services see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AmbientTemperature"]


class AmbientTemperature(Protocol):
    """Air at a place, measured or by a stated course of the year."""

    @property
    def source(self) -> str:
        """Where it is from, in words that stand beside every temperature that rests on it."""
        ...

    def course(self, start_utc: int, step_seconds: int, length: int) -> NDArray[np.float64]:
        """Temperature of each interval.

        Args:
            start_utc: Start of the first. [s since 1970, UTC]
            step_seconds: Length of an interval. [s]
            length: How many, T.

        Returns:
            Shape (T,), all known. [°C]
        """
        ...
