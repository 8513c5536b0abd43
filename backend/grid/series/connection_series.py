"""What the connections of a network draw over time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network

__all__ = ["ConnectionSeries", "Origin"]


class Origin(IntEnum):
    """Where a connection's series is from."""

    NONE = 0  # nothing is known: counted as no load
    PROFILE = 1  # of the network's file
    MEASURED = 2  # its metering points


@dataclass(frozen=True)
class ConnectionSeries:
    """Power of every connection of a network in every interval.

    Attributes:
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        watts: Drawn, negative where given, the sum over the connection's phases; NaN where it is not known. Shape
            (connections, T), in the network's order. [W]
        vars: Reactive power, positive where inductive. Same shape. [var]
        origins: Where each row is from. Shape (connections,).
        time_zone: IANA name that hours of the day, weekdays and seasons are told in.
    """

    start_utc: int
    step_seconds: int
    watts: NDArray[np.float64]
    vars: NDArray[np.float64]
    origins: tuple[Origin, ...]
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.watts.ndim != 2 or self.watts.shape != self.vars.shape:  # noqa: PLR2004 -- two axes
            raise InputError(
                f"a series has watts of shape {self.watts.shape} and vars of {self.vars.shape}; both are "
                "(connections, intervals)."
            )
        if len(self.origins) != self.watts.shape[0]:
            raise InputError(f"a series has {self.watts.shape[0]} rows and {len(self.origins)} origins.")
        if self.step_seconds <= 0:
            raise InputError(f"a series has a step of {self.step_seconds} s; it must be positive.")

    @property
    def length(self) -> int:
        """Number of intervals."""
        return int(self.watts.shape[1])

    @property
    def end_utc(self) -> int:
        """End of the last interval. [s since 1970, UTC]"""
        return self.start_utc + self.length * self.step_seconds

    def window(self, begin: int, end: int) -> ConnectionSeries:
        """The intervals ``begin`` to ``end``, as indices."""
        return ConnectionSeries(
            start_utc=self.start_utc + begin * self.step_seconds,
            step_seconds=self.step_seconds,
            watts=self.watts[:, begin:end],
            vars=self.vars[:, begin:end],
            origins=self.origins,
            time_zone=self.time_zone,
        )

    def by_phase(self, network: Network) -> NDArray[np.float64]:
        """Power by phase: a connection's is spread evenly over its phases. What is not known counts as none.

        Returns:
            Shape (connections, 3, T). [W]
        """
        power = np.zeros((len(network.connections), 3, self.length))
        for row, connection in enumerate(network.connections):
            phases = connection.phases.indices
            power[row, list(phases)] = np.nan_to_num(self.watts[row]) / len(phases)
        return power
