"""The grid's carbon intensity as services see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.quantities import PeriodCalendar

__all__ = ["CarbonIntensity"]


class CarbonIntensity(Protocol):
    """Average intensity of a grid's supply, location-based."""

    def intensity(self, source: str, calendar: PeriodCalendar) -> NDArray[np.int64] | None:
        """Intensity of every interval of a period, None where the source does not cover all of it.

        Args:
            source: Name of the series.
            calendar: The intervals, T of them.

        Returns:
            Shape (T,), int64. [mg CO2e/kWh]
        """
        ...
