"""A connection as it is on other phases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.errors import InputError

if TYPE_CHECKING:
    from backend.grid.network import Connection, Network
    from backend.grid.phases import Phases

__all__ = ["rejoin"]

_SQRT3 = 3**0.5


def rejoin(network: Network, connection: Connection, phases: Phases) -> Connection:
    """A connection joined to other phases.

    Where it goes from one phase to three or back, the voltage that its load model is relative to goes along.

    Raises:
        InputError: If its bus lacks one of them, or it lies between phases and their number would change.
    """
    bus = network.buses[network.bus_index[connection.bus]]
    if lacking := phases & ~bus.phases:
        raise InputError(
            f"connection {connection.id} cannot be on {phases}: bus {bus.id} has {bus.phases} alone, without {lacking}."
        )
    counts = len(connection.phases.indices), len(phases.indices)
    if connection.is_delta and counts[0] != counts[1]:
        raise InputError(
            f"connection {connection.id} lies between phases {connection.phases}; it cannot be on {phases}."
        )
    model = connection.model
    if model is not None and not connection.is_delta and (counts[0] == 1) != (counts[1] == 1):
        factor = 1 / _SQRT3 if counts[1] == 1 else _SQRT3
        model = replace(model, nominal_volts=model.nominal_volts * factor)
    return replace(connection, phases=phases, model=model)
