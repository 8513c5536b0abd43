"""What files of several formats say alike of a load: its power factor, and how its power follows the voltage."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from backend.grid import LoadModel
from backend.metering import Severity

if TYPE_CHECKING:
    from backend.adapters.networks.drafting import NetworkDraft

__all__ = ["model_of_shares", "power_factor_of"]

_FULL = 100.0


def power_factor_of(watts: float, vars_: float) -> float:
    """Power factor of a load, negative where it draws the one and gives the other; 1 where it has no power."""
    size = hypot(watts, vars_)
    factor = abs(watts) / size if size else 1.0
    return -factor if watts * vars_ < 0 else factor


def model_of_shares(
    draft: NetworkDraft, name: str, volts: float, impedance: float, current: float
) -> LoadModel | None:
    """How a load's power follows its voltage, told as shares of its power at its nominal voltage.

    Args:
        draft: Is told of a mixture.
        name: Of the connection.
        volts: Its nominal voltage. [V]
        impedance: Share that a constant impedance draws. [%]
        current: Share that a constant current draws. [%]

    Returns:
        None for constant power, which a mixture is read as.
    """
    if not impedance and not current:
        return None
    if impedance == _FULL:
        return LoadModel(volts, 1.0, 1.0)
    if current == _FULL:
        return LoadModel(volts, watts_exponent=1.0, vars_exponent=1.0)
    draft.note_fault(
        "load_model",
        name,
        f"{name} mixes impedance ({impedance:g} %), current ({current:g} %) and power; it is read as constant power.",
        Severity.WARNING,
    )
    return None
