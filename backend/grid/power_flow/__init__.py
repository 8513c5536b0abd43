"""Three-phase power flow by power-grid-model: what a network's phases carry in every interval.

``PowerFlow(network).solve(series)`` gives voltages, currents, losses and what the sources give; ``solve_chunks`` the
same piece by piece, in bounded memory. Arrays have elements first, then phases, then intervals.
"""

from __future__ import annotations

from backend.grid.power_flow.result import FlowResult, Wanted
from backend.grid.power_flow.solver import PowerFlow, warm_kernels

__all__ = ["FlowResult", "PowerFlow", "Wanted", "warm_kernels"]
