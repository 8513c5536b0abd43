"""What draws power, leg by leg: between a phase and the neutral, or between two phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import PowerFlowError
from backend.grid.network import Connection, LoadModel, Network, Shunt
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.power_flow.reach import Reach

__all__ = ["Legs", "find_legs"]

_SQRT3 = 3**0.5
_NEUTRAL = -1


@dataclass(frozen=True)
class Legs:
    """G legs of connections, then of shunts without an earthed star point.

    Attributes:
        bus: Where. Shape (G,). [index]
        ends: Phase of either end, -1 for the neutral. Shape (G, 2).
        connection: Whose, -1 for a shunt's. Shape (G,). [index]
        share: Of the connection's power; of a shunt its power at the nominal voltage. Shape (G,). [1 or VA]
        nominal: Across the leg. Shape (G,). [V]
        shape: ``least_pu``, ``most_pu``, ``watts_exponent``, ``vars_exponent``. Shape (G, 4).
        follows: Does any leg depend on its voltage, or lie between phases? Then power flow is repeated until it fits.
    """

    bus: NDArray[np.int64]
    ends: NDArray[np.int64]
    connection: NDArray[np.int64]
    share: NDArray[np.complex128]
    nominal: NDArray[np.float64]
    shape: NDArray[np.float64]
    follows: bool

    def powers(self, watts: NDArray[np.float64], reactive: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Nominal power of each leg; what is not known counts as none.

        Args:
            watts: Of each connection. Shape (connections, T). [W]
            reactive: Likewise. [var]

        Returns:
            Shape (G, T). [VA]
        """
        powers = np.empty((self.bus.size, watts.shape[1]), dtype=np.complex128)
        of_shunt = self.connection < 0
        mine = self.connection[~of_shunt]
        powers.real[~of_shunt] = np.nan_to_num(watts[mine])
        powers.imag[~of_shunt] = np.nan_to_num(reactive[mine])
        powers[of_shunt] = 1.0
        powers *= self.share[:, None]
        return powers


def find_legs(network: Network, reach: Reach, *, leave_out_unfed: bool) -> Legs:
    """The legs of all connections, and of shunts between phases.

    Args:
        network: What is solved.
        reach: How far each phase comes.
        leave_out_unfed: Connections that nothing feeds draw nothing, and are no error.

    Raises:
        PowerFlowError: If a connection is on a bus or phase that nothing feeds.
    """
    found: list[tuple[int, tuple[int, int], int, complex, float, LoadModel]] = []
    for index, connection in enumerate(network.connections):
        bus = network.bus_index[connection.bus]
        if not reach.reached[bus][list(connection.phases.indices)].all():
            if leave_out_unfed:
                continue
            raise PowerFlowError(_unfed(network, connection, reach))
        pairs = _pairs(connection)
        volts = connection.model.nominal_volts if connection.model else network.buses[bus].nominal_volts
        if len(connection.phases.indices) > 1 and not connection.is_delta and connection.model:
            volts /= _SQRT3
        model = connection.model or LoadModel(volts)
        found.extend((bus, pair, index, 1 / len(pairs) + 0j, volts, model) for pair in pairs)
    for shunt in network.shunts:
        bus = network.bus_index[shunt.bus]
        if not shunt.is_grounded and reach.reached[bus][list(shunt.phases.indices)].all():
            found.extend(_shunt_legs(shunt, bus, network.buses[bus].nominal_volts))
    shape = [(one[5].least_pu, one[5].most_pu, one[5].watts_exponent, one[5].vars_exponent) for one in found]
    return Legs(
        bus=np.array([one[0] for one in found], dtype=np.int64),
        ends=np.array([one[1] for one in found], dtype=np.int64).reshape(-1, 2),
        connection=np.array([one[2] for one in found], dtype=np.int64),
        share=np.array([one[3] for one in found], dtype=np.complex128),
        nominal=np.array([one[4] for one in found], dtype=np.float64),
        shape=np.array(shape, dtype=np.float64).reshape(-1, 4),
        follows=any(
            one[1][1] != _NEUTRAL or one[2] < 0 or network.connections[one[2]].model is not None
            for one in found
        ),
    )


def _pairs(item: Connection | Shunt) -> list[tuple[int, int]]:
    phases = item.phases.indices
    if isinstance(item, Connection) and not item.is_delta:
        return [(phase, _NEUTRAL) for phase in phases]
    if len(phases) == PHASE_COUNT:
        return [(0, 1), (1, 2), (2, 0)]
    if len(phases) == 1:
        raise PowerFlowError(
            f"{item.id} lies between phases and names {item.phases} alone; name the two or three that it lies between."
        )
    return [(phases[0], phases[1])]


def _shunt_legs(
    shunt: Shunt, bus: int, nominal_volts: float
) -> list[tuple[int, tuple[int, int], int, complex, float, LoadModel]]:
    """A star of n equal admittances whose point floats equals Y/n between each two of its phases."""
    admittance = complex(shunt.conductance, shunt.susceptance) / len(shunt.phases.indices)
    power = complex(np.conj(admittance)) * nominal_volts**2
    fixed = LoadModel(nominal_volts, 1.0, 1.0)
    return [(bus, pair, -1, power, nominal_volts, fixed) for pair in _pairs(shunt)]


def _unfed(network: Network, connection: Connection, reach: Reach) -> str:
    bus = network.bus_index[connection.bus]
    if reach.zone[bus] < 0:
        return (
            f"{network.name}: connection {connection.id} is on bus {connection.bus}, which no source feeds; close a "
            "switch to it, or leave out what is unfed."
        )
    lacking = [f"L{one + 1}" for one in connection.phases.indices if not reach.reached[bus, one]]
    return (
        f"{network.name}: connection {connection.id} is on {', '.join(lacking)} of bus {connection.bus}, where that "
        "phase does not come; correct its phase or that of the segments to it."
    )
