"""What a transformer ought to give: the sum of the meters below it, and the losses on the way to them.

The losses follow from the topology alone, without a power flow: in a network fed from one side, the current of every
segment is the sum of those behind it, so what all segments lose together is a quadratic form in the connections'
currents. Its matrix holds, for two connections and their phases, the resistance of the way that they share:

    losses(t) = Σ_segments I^H R I = i(t)^H G i(t),   G[(c, p), (d, q)] = Σ R_s[p, q] over segments s above c and d

The currents are those at the source's voltage: it is off by a few per cent of the losses, themselves a few of the load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.network import Segment, Transformer
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.series import ConnectionSeries
    from backend.grid.topology import Topology

    Values = NDArray[np.float64]

__all__ = ["VirtualSensor", "phase_powers", "virtual_sensor"]

_SQRT3 = 3**0.5
_CHUNK = 4096
_TURNS = np.exp(-2j * np.pi / 3 * np.arange(PHASE_COUNT))


@dataclass(frozen=True)
class VirtualSensor:
    """How a transformer's low-voltage side follows from the connections behind it.

    Attributes:
        transformer: Id.
        connections: Those behind it. Shape (C,). [index of Network.connections]
        rows: Place among them and phase, of each phase that one of them is on. Shape (R, 2).
        resistance: G above, of those. Shape (R, R). [Ω]
        volts: Phase to neutral, as the source holds it, at each of them. Shape (R,). [V]
        is_meshed: There are loops behind it: the ways that G rests on are the shortest alone.
    """

    transformer: str
    connections: tuple[int, ...]
    rows: NDArray[np.int64]
    resistance: Values
    volts: Values
    is_meshed: bool

    def losses(self, watts: Values, reactive: Values) -> Values:
        """Lost in the segments between the transformer and its connections.

        Args:
            watts: Of its connections by phase. Shape (C, 3, T). [W]
            reactive: Likewise. [var]

        Returns:
            Shape (T,). [W]
        """
        length = watts.shape[2]
        found = np.empty(length)
        for begin in range(0, length, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            at, phase = self.rows[:, 0], self.rows[:, 1]
            powers = watts[at, phase, part] - 1j * reactive[at, phase, part]
            currents = powers / self.volts[:, None] * _TURNS[phase, None]
            found[part] = (np.conj(currents) * (self.resistance @ currents)).sum(axis=0).real
        return found


def virtual_sensor(topology: Topology, transformer: str) -> VirtualSensor:
    """Prepare a transformer's virtual sensor.

    Args:
        topology: How the network is fed.
        transformer: Id of one that feeds something.

    Raises:
        InputError: If there is no such transformer, or it feeds nothing.
    """
    branches = topology.branches
    index = next((at for at, one in enumerate(branches) if one.id == transformer), -1)
    if index < 0 or not isinstance(branches[index], Transformer):
        raise InputError(f'network "{topology.network.name}" has no transformer "{transformer}".')
    if topology.far_bus(index) < 0:
        raise InputError(f'transformer "{transformer}" feeds nothing: it is open, in a loop or unfed.')
    network = topology.network
    connections = topology.connections_behind(index)
    rows = [
        (place, phase)
        for place, connection in enumerate(connections)
        for phase in network.connections[connection].phases.indices
    ]
    row_of = {row: at for at, row in enumerate(rows)}
    resistance = np.zeros((len(rows), len(rows)))
    behind_segment: dict[int, list[int]] = {}
    for place, connection in enumerate(connections):
        bus = network.bus_index[network.connections[connection].bus]
        for branch in topology.way_up(bus):
            if branch == index:
                break
            behind_segment.setdefault(branch, []).append(place)
    for branch, places in behind_segment.items():
        segment = branches[branch]
        if isinstance(segment, Segment):
            _add(resistance, segment, places, row_of)
    below = set(topology.buses_behind(topology.far_bus(index)))
    nominal = [
        network.buses[network.bus_index[network.connections[connections[place]].bus]].nominal_volts
        for place, _ in rows
    ]
    return VirtualSensor(
        transformer=transformer,
        connections=connections,
        rows=np.array(rows, dtype=np.int64).reshape(-1, 2),
        resistance=resistance,
        volts=np.array(nominal) * network.sources[0].voltage_pu / _SQRT3,
        is_meshed=any(
            network.bus_index[branches[loop].from_bus] in below
            or network.bus_index[branches[loop].to_bus] in below
            for loop in topology.loops
        ),
    )


def _add(resistance: Values, segment: Segment, places: list[int], row_of: dict[tuple[int, int], int]) -> None:
    """Add a segment's matrix wherever two connections share it, on the phases that it has."""
    phases = segment.phases.indices
    at = [
        np.array([row_of[place, phase] for place in places if (place, phase) in row_of], dtype=np.int64)
        for phase in phases
    ]
    for row in range(len(phases)):
        for column in range(len(phases)):
            resistance[np.ix_(at[row], at[column])] += segment.resistance[row, column]


def phase_powers(
    series: ConnectionSeries, topology: Topology, connections: tuple[int, ...]
) -> tuple[Values, Values]:
    """Active and reactive power of some connections by phase, spread evenly over each one's phases.

    What is not known counts as none. Shapes (C, 3, T). [W, var]
    """
    network = topology.network
    shape = (len(connections), PHASE_COUNT, series.length)
    watts, reactive = np.zeros(shape), np.zeros(shape)
    for place, index in enumerate(connections):
        phases = list(network.connections[index].phases.indices)
        watts[place, phases] = np.nan_to_num(series.watts[index]) / len(phases)
        reactive[place, phases] = np.nan_to_num(series.vars[index]) / len(phases)
    return watts, reactive
