"""A transformer's load as a power flow finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.transformers.loading import TransformerLoad

if TYPE_CHECKING:
    from backend.grid.network import Network, Transformer
    from backend.grid.power_flow import FlowResult

__all__ = ["find_transformer", "load_of_flow"]

_SQRT3 = 3**0.5


def find_transformer(network: Network, transformer: str) -> tuple[int, Transformer]:
    """Its place in ``Network.branches``, and itself.

    Raises:
        InputError: If the network has none of that id.
    """
    first = len(network.segments) + len(network.switches)
    for place, one in enumerate(network.transformers):
        if one.id == transformer:
            return first + place, one
    raise InputError(f'network "{network.name}" has no transformer "{transformer}".')


def load_of_flow(result: FlowResult, transformer: str, coverage: float = 1.0) -> TransformerLoad:
    """What leaves a transformer on its low-voltage side.

    The apparent power is the current times the nominal voltage, for it is the current that warms: at 0.95 pu a
    transformer is full with 95 % of its rated power.

    Args:
        result: With voltages and currents.
        transformer: Id.
        coverage: Share of the connections below whose series is known. [1]

    Raises:
        InputError: If there is none of that id, or it has no rating.
    """
    index, found = find_transformer(result.network, transformer)
    phases = list(found.phases.indices)
    bus = result.network.bus_index[found.to_bus]
    level = np.abs(result.voltages[bus])
    with np.errstate(invalid="ignore", divide="ignore"):
        powers = np.nan_to_num(result.branch_powers(index) / level, posinf=0.0, neginf=0.0)[phases]
    return TransformerLoad(
        transformer=found,
        start_utc=result.start_utc,
        step_seconds=result.step_seconds,
        watts=np.ascontiguousarray(powers.real),
        vars=np.ascontiguousarray(powers.imag),
        origin="flow",
        coverage=coverage,
    )
