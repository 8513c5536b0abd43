"""Courses of a community's surroundings as services see them: the grid's carbon intensity, the market's prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.forecasting import Series

__all__ = ["Market"]


class Market(Protocol):
    """What is measured or published for a whole grid, as forecasts learn it."""

    def carbon(self, source: str, time_zone: str, start_utc: int, length: int) -> NDArray[np.float64]:
        """Carbon intensity of hours, NaN where the source does not cover them. Shape (length,). [g/kWh]

        Args:
            source: Name of the series, as the community's record has it.
            time_zone: IANA name; the source is asked by local days.
            start_utc: Start of the first hour. [s since 1970, UTC]
            length: Hours.
        """
        ...

    def prices(self, community: str, known_utc: int | None = None) -> Series | None:
        """Day-ahead prices that were recorded for a community, None where none were. [EUR/MWh]

        Args:
            community: Its id.
            known_utc: Only what had been recorded by then; None for all. [s since 1970, UTC]
        """
        ...

    def keep_prices(self, community: str, prices: Series, known_utc: int) -> int:
        """Record prices beside those that are kept, with the time they became known.

        Returns:
            How many were new or other than what was kept.

        Raises:
            InputError: If they are of another step than those kept.
        """
        ...
