"""Forecasting a load as services ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LoadForecaster"]


class LoadForecaster(Protocol):
    """Says how loads may go on, as courses that are equally likely."""

    def __call__(
        self, history: NDArray[np.float64], start_utc: int, step_seconds: int, ahead: int, time_zone: str
    ) -> NDArray[np.float64]:
        """Possible courses after the history.

        Args:
            history: Rows that belong together (the phases of a transformer). Shape (rows, T).
            start_utc: Start of its first interval. [s since 1970, UTC]
            step_seconds: Length of an interval. [s]
            ahead: Intervals to forecast.
            time_zone: Whose hours and weekdays people live by.

        Returns:
            Shape (members, rows, ahead), at least one member, in the history's unit.

        Raises:
            InputError: If the history is too short to say anything.
        """
        ...
