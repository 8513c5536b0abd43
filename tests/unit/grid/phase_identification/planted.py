"""The European low-voltage feeder with records that are wrong, and what its meters would measure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from backend.adapters.demo_data.networks import read_feeder
from backend.grid import Connection, ConnectionSeries, Network, Origin, Phases
from backend.grid.phase_identification import TerminalVoltages
from backend.grid.power_flow import PowerFlow, Wanted

__all__ = ["Planted", "World", "plant", "world"]

_QUARTER_HOURS = 96
_VOLTS = 416 / 3**0.5


@dataclass(frozen=True)
class World:
    """What is true. n connections, T quarter-hours.

    Attributes:
        network: With the true phases.
        watts: Shape (n, T). [W]
        volts: Of every connection's bus, by phase. Shape (n, 3, T). [V]
        head_watts: Shape (3, T). [W]
        head_volts: Shape (3, T). [V]
    """

    network: Network
    watts: NDArray[np.float64]
    volts: NDArray[np.float64]
    head_watts: NDArray[np.float64]
    head_volts: NDArray[np.float64]

    @property
    def truth(self) -> dict[str, Phases]:
        return {one.id: one.phases for one in self.network.connections}


@dataclass(frozen=True)
class Planted:
    """What the operator has: records, some wrong, and measurements with the faults of meters."""

    connections: tuple[Connection, ...]
    wrong: frozenset[str]
    voltages: TerminalVoltages
    head_volts: NDArray[np.float64]
    watts: NDArray[np.float64]
    head_watts: NDArray[np.float64]


@cache
def world(days: int, seed: int, three_phase: tuple[int, ...] = ()) -> World:
    """Days of quarter-hours: every customer lives another's day of the feeder's each day, under a moving supply.

    Args:
        days: How many.
        seed: Of who lives whose day, and of the supply.
        three_phase: Rows of customers that are on all phases.
    """
    draw = np.random.default_rng(seed)
    feeder = read_feeder()
    assert feeder.profiles is not None
    network, day = feeder.network, feeder.profiles.watts
    network = replace(
        network,
        connections=tuple(
            replace(one, phases=Phases.ALL, model=None) if row in three_phase else replace(one, model=None)
            for row, one in enumerate(network.connections)
        ),
    )
    quarters = day.reshape(len(day), _QUARTER_HOURS, -1).mean(axis=2)
    watts = np.concatenate([quarters[draw.permutation(len(day))] for _ in range(days)], axis=1)
    series = ConnectionSeries(0, 900, watts, watts * 0.33, (Origin.PROFILE,) * len(watts))
    found = PowerFlow(network).solve(series, Wanted.VOLTAGES | Wanted.CURRENTS)
    supply = 1 + np.cumsum(draw.normal(0, 0.0015, watts.shape[1])) * 0.3
    volts = np.abs(found.voltages) * supply * _VOLTS
    transformer = len(network.segments) + len(network.switches)
    head = network.bus_index[network.transformers[0].to_bus]
    buses = [network.bus_index[one.bus] for one in network.connections]
    return World(network, watts, volts[buses], found.branch_powers(transformer).real, volts[head])


def plant(
    true: World,
    seed: int,
    *,
    wrong_share: float = 0.3,
    noise_volts: float = 0.1,
    quantum_volts: float = 0.1,
    missing: int = 0,
    rotated: bool = False,
) -> Planted:
    """Wrong records, and meters that are inexact: gains, noise, steps of 0.1 V or 1 V and of 1 Wh.

    Args:
        true: The world.
        seed: Of all that is drawn.
        wrong_share: Of the records. [1]
        noise_volts: Of a meter's mean voltage, standard deviation. [V]
        quantum_volts: Step in which it is told. [V]
        missing: Customers that have no meter.
        rotated: Meters of three phases count them from L2.
    """
    draw = np.random.default_rng(seed)
    count, length = true.watts.shape
    kept = np.sort(draw.permutation(count)[: count - missing])
    connections = []
    for row in kept.tolist():
        one = true.network.connections[row]
        if len(one.phases.indices) == 1 and draw.random() < wrong_share:
            turned = (one.phases.indices[0] + int(draw.integers(1, 3))) % 3
            one = replace(one, phases=Phases.of_index(turned))
        connections.append(one)
    rows, terminals, volts = [], [], []
    for place, row in enumerate(kept.tolist()):
        phases = list(true.network.connections[row].phases.indices)
        for terminal, phase in enumerate(phases[1:] + phases[:1] if rotated else phases):
            rows.append(place)
            terminals.append(terminal)
            volts.append(true.volts[row, phase] * (1 + draw.normal(0, 0.002)))
    seen = np.array(volts) + draw.normal(0, noise_volts, (len(volts), length))
    energy = np.cumsum(true.watts[kept] * (1 + draw.normal(0, 0.005, len(kept)))[:, None] / 4, axis=1)
    counted = np.diff(np.floor(energy), axis=1, prepend=0) * 4
    head = true.head_watts * (1 + draw.normal(0, 0.003, 3))[:, None] + draw.normal(0, 20, (3, length))
    names = {one.id for one in connections if one.phases != true.truth[one.id]}
    return Planted(
        connections=tuple(connections),
        wrong=frozenset(names),
        voltages=TerminalVoltages(
            np.array(rows), np.array(terminals), np.round(seen / quantum_volts) * quantum_volts
        ),
        head_volts=true.head_volts + draw.normal(0, noise_volts, (3, length)),
        watts=counted,
        head_watts=head,
    )
