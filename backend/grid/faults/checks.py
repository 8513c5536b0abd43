"""All checks of a network, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.grid.faults.elements import find_element_faults
from backend.grid.faults.feeding import find_feeding_faults
from backend.grid.faults.names import find_name_faults

if TYPE_CHECKING:
    from backend.grid.faults.fault import NetworkFault
    from backend.grid.network import Network

__all__ = ["find_faults"]


def find_faults(network: Network) -> list[NetworkFault]:
    """All that is wrong with a network: names, values, then what feeds what.

    A network whose branches or connections stand at unknown buses is not walked: it would have to be guessed how.

    Returns:
        By rule: names first, then values by kind of element, then feeding.
    """
    names = list(find_name_faults(network))
    values = list(find_element_faults(network))
    if any(fault.rule in {"unknown_bus", "duplicate_id"} for fault in names):
        return names + values
    return names + values + list(find_feeding_faults(network))
