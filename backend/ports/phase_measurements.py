"""What meters and the head of a feeder measured by phase, to tell phases by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HEAD", "PhaseMeasurements", "PhaseMeasurementsReader"]

#: Place of the feeder's own measurement: its terminals 1, 2, 3 are L1, L2, L3.
HEAD = "head"


@dataclass(frozen=True)
class PhaseMeasurements:
    """Voltages and powers at terminals, a row each. R rows, T intervals.

    Attributes:
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        places: Of each row: a connection, a metering point, or ``head``. Length R.
        terminals: Of each row, 0 to 2. Shape (R,).
        volts: Phase to neutral, NaN where not told. Shape (R, T). [V]
        watts: Drawn, NaN likewise. Shape (R, T). [W]
    """

    start_utc: int
    step_seconds: int
    places: tuple[str, ...]
    terminals: NDArray[np.int64]
    volts: NDArray[np.float64]
    watts: NDArray[np.float64]

    @property
    def length(self) -> int:
        """Number of intervals."""
        return int(self.volts.shape[1])

    @property
    def end_utc(self) -> int:
        """End of the last interval. [s since 1970, UTC]"""
        return self.start_utc + self.length * self.step_seconds


class PhaseMeasurementsReader(Protocol):
    """Reads them from a file's bytes."""

    def __call__(self, content: bytes, name: str) -> PhaseMeasurements:
        """Read a file.

        Raises:
            InputError: Naming the line, the column and the value.
        """
        ...
