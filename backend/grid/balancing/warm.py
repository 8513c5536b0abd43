"""Compile this room's loops ahead, so that the first plan's time is its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from backend.grid.network import Network

__all__ = ["warm_kernels"]


def warm_kernels() -> None:
    """Make a tiny plan and a weighted one: the loops are compiled for what they are called with."""
    from backend.grid.balancing.forms import network_forms
    from backend.grid.balancing.problem import SwitchingLimits, Weights, pose_problem
    from backend.grid.balancing.proof import prove
    from backend.grid.balancing.search import Search
    from backend.grid.series import ConnectionSeries, Origin
    from backend.grid.topology import trace_network

    network = _street()
    watts = np.array([[300.0, 100.0, 200.0, 50.0], [20.0, 400.0, 10.0, 0.0], [5.0, 0.0, 0.0, 70.0]])
    series = ConnectionSeries(0, 900, watts, np.zeros_like(watts), (Origin.PROFILE,) * len(watts))
    problem = pose_problem(network, series, SwitchingLimits(2))
    forms = network_forms(network, trace_network(network), series, problem)
    Search(problem, Weights(worst_hour=0.5, losses=0.5), forms).quickly(problem.bounds)
    prove(problem, problem.home, 1.0, time.monotonic)


def _street() -> Network:
    from backend.grid.network import Bus, Connection, Network, Source
    from backend.grid.phases import Phases

    return Network(
        name="warm",
        frequency=50.0,
        buses=(Bus("lv", 400.0),),
        sources=(Source("grid", "lv"),),
        connections=tuple(Connection(f"c{index}", "lv", Phases.L1) for index in range(3)),
    )
