"""Small feeders whose best plan can be found by trying them all."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid import (
    Bus,
    Connection,
    ConnectionSeries,
    Network,
    Origin,
    Phases,
    Segment,
    Source,
    Transformer,
)
from backend.grid.balancing.problem import SwitchingLimits, SwitchingProblem, pose_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUARTER = 900


def feeder(phases: list[Phases], metres: float = 40.0, **more: Any) -> Network:
    """mv -T- b0 - b1 - ... : one connection c0, c1, ... at the end of each segment."""
    own, mutual = np.eye(3), np.ones((3, 3)) - np.eye(3)
    resistance = (own * 0.45 + mutual * 0.12) * metres / 1000
    reactance = (own * 0.33 + mutual * 0.24) * metres / 1000
    buses = [Bus("mv", 11_000.0), *(Bus(f"b{index}", 400.0) for index in range(len(phases) + 1))]
    return Network(
        name="street",
        frequency=50.0,
        buses=tuple(buses),
        sources=(Source("grid", "mv"),),
        segments=tuple(
            Segment(f"s{index}", f"b{index}", f"b{index + 1}", Phases.ALL, metres, resistance, reactance)
            for index in range(len(phases))
        ),
        transformers=(Transformer("T", "mv", "b0", 250e3, 11_000.0, 400.0, copper_loss_watts=3_000.0),),
        connections=tuple(
            Connection(f"c{index}", f"b{index + 1}", one, **more) for index, one in enumerate(phases)
        ),
    )


def medium_feeder(phases: list[Phases]) -> Network:
    """hv -T- b0 - b1 - ... at 11 kV, and at each a transformer of one phase with a connection c0, c1, ... below it."""
    plain = feeder(phases, metres=4_000.0)
    medium = (
        replace(plain.buses[0], nominal_volts=33_000.0),
        *(replace(one, nominal_volts=11_000.0) for one in plain.buses[1:]),
    )
    low = tuple(Bus(f"h{index}", 400.0, phases=one) for index, one in enumerate(phases))
    pots = tuple(
        Transformer(
            f"t{index}",
            f"b{index + 1}",
            f"h{index}",
            100e3,
            11_000.0,
            400.0,
            from_winding="YN",
            clock=0,
            copper_loss_watts=800.0,
            phases=one,
        )
        for index, one in enumerate(phases)
    )
    head = replace(plain.transformers[0], rated_volt_amperes=2e6, from_volts=33_000.0, to_volts=11_000.0)
    return replace(
        plain,
        buses=medium + low,
        transformers=(replace(head, copper_loss_watts=24_000.0), *pots),
        connections=tuple(replace(one, bus=f"h{index}") for index, one in enumerate(plain.connections)),
    )


def series(watts: NDArray[np.float64], step: int = QUARTER, start: int = 0) -> ConnectionSeries:
    """What connections draw."""
    return ConnectionSeries(start, step, watts, np.zeros_like(watts), (Origin.PROFILE,) * len(watts))


def world(
    seed: int, count: int = 6, intervals: int = 24, switches: int = 2, **limits: Any
) -> tuple[Network, ConnectionSeries, SwitchingProblem]:
    """Made loads, most of them on the first phase."""
    draw = np.random.default_rng(seed)
    phases = [Phases.of_index(int(one)) for one in draw.choice(3, count, p=[0.6, 0.3, 0.1])]
    network = feeder(phases)
    watts = series(draw.gamma(0.7, 1_500.0, (count, intervals)) - 200.0)
    return network, watts, pose_problem(network, watts, SwitchingLimits(switches, **limits))


def far_end() -> tuple[Network, ConnectionSeries]:
    """A large load by the transformer that must stay, and at the far end three phases in balance that could move."""
    network = feeder([Phases.L1, Phases.L1, Phases.L2, Phases.L3], metres=200.0)
    near, *far = network.connections
    connections = (replace(near, is_critical=True), *(replace(one, bus="b4") for one in far))
    watts = np.array([[6_000.0], [4_000.0], [4_000.0], [4_000.0]]) * np.ones(24)
    return replace(network, connections=connections), series(watts)


def best_by_trial(problem: SwitchingProblem) -> float:
    """The lowest imbalance within the limits, by trying every choice. [W]"""
    choices = (np.flatnonzero(row) for row in problem.allowed)
    tried = (np.array(one, dtype=np.int64) for one in product(*choices))
    return min(problem.imbalance(one) for one in tried if problem.keeps_limits(one))
