"""The grid room: three-phase networks, where they are unbalanced, which connections to switch, what is near its limit.

Pure: networks, series and results are values; nothing here reads files or the clock. Powers are signed watts, positive
where drawn from the network; voltages are per unit of the bus's nominal one, phase to neutral; currents are amperes;
arrays have connections, buses or branches first and intervals last, unless a docstring says otherwise. Phases are
0, 1, 2 for L1, L2, L3. Floats are welcome: nothing here is settled.
"""

from __future__ import annotations

from backend.grid.network import (
    Branch,
    Bus,
    Connection,
    LoadModel,
    Network,
    Segment,
    Shunt,
    Source,
    Switch,
    Transformer,
)
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.series import ConnectionSeries, Origin
from backend.grid.topology import Topology, trace_network

__all__ = [
    "PHASE_COUNT",
    "Branch",
    "Bus",
    "Connection",
    "ConnectionSeries",
    "LoadModel",
    "Network",
    "Origin",
    "Phases",
    "Segment",
    "Shunt",
    "Source",
    "Switch",
    "Topology",
    "Transformer",
    "trace_network",
]
