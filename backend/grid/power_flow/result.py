"""What a power flow found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network

__all__ = ["FlowResult", "Wanted"]

_SQRT3 = 3**0.5


class Wanted(IntFlag):
    """What a power flow is to tell; the sources' powers and the whole network's losses are always told."""

    TOTALS = 0
    VOLTAGES = 1
    CURRENTS = 2
    BRANCH_LOSSES = 4
    ALL = 7


@dataclass(frozen=True)
class FlowResult:
    """Voltages and currents of a network over time. B buses, E branches (``Network.branches``), S sources, T intervals.

    Attributes:
        network: What was solved.
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        time_zone: IANA name that hours of the day are told in.
        source_powers: What each source gives, by phase: P + jQ. Shape (S, 3, T). [VA]
        losses: Of all branches together. Shape (T,). [W]
        voltages: Phase to neutral, complex; NaN where a bus lacks the phase or nothing feeds it. Shape (B, 3, T), empty
            unless asked for. [1, of the bus's nominal voltage by the root of three]
        currents: Leaving each branch at its ``to_bus``, positive from ``from_bus`` to ``to_bus``, complex; of a
            transformer therefore on its low-voltage side. Zero where a branch lacks the phase, is open or unfed. Shape
            (E, 3, T), empty unless asked for. [A]
        branch_losses: Of each branch. Shape (E, T), empty unless asked for. [W]
    """

    network: Network
    start_utc: int
    step_seconds: int
    time_zone: str
    source_powers: NDArray[np.complex128]
    losses: NDArray[np.float64]
    voltages: NDArray[np.complex128]
    currents: NDArray[np.complex128]
    branch_losses: NDArray[np.float64]

    @property
    def length(self) -> int:
        """Number of intervals."""
        return int(self.losses.size)

    @cached_property
    def neutral_currents(self) -> NDArray[np.float64]:
        """What returns beside the phases, in neutral and earth together: |Ia + Ib + Ic|. Shape (E, T). [A]"""
        neutral: NDArray[np.float64] = np.abs(self.currents.sum(axis=1))
        return neutral

    def branch_powers(self, branch: int) -> NDArray[np.complex128]:
        """Complex power by phase that leaves a branch at its ``to_bus``; zero where it lacks the phase.

        Args:
            branch: Its place in ``Network.branches``. Voltages and currents must have been asked for.

        Returns:
            Shape (3, T). [VA]
        """
        bus = self.network.bus_index[self.network.branches[branch].to_bus]
        volts = self.network.buses[bus].nominal_volts / _SQRT3
        powers: NDArray[np.complex128] = (
            np.nan_to_num(self.voltages[bus]) * volts * np.conj(self.currents[branch])
        )
        return powers

    def energy_kilowatt_hours(self) -> float:
        """Drawn at the sources over all intervals. [kWh]"""
        return float(self.source_powers.real.sum()) * self.step_seconds / 3.6e6

    def losses_kilowatt_hours(self) -> float:
        """Lost in all branches over all intervals. [kWh]"""
        return float(self.losses.sum()) * self.step_seconds / 3.6e6
