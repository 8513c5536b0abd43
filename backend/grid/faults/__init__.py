"""What is wrong with a network: named, where, with which value, and what to do.

Every check finds all that it can, and changes nothing: names first, then values by kind of element, then who is fed.
"""

from __future__ import annotations

from backend.grid.faults.checks import find_faults
from backend.grid.faults.fault import FORBIDDING, NetworkFault

__all__ = ["FORBIDDING", "NetworkFault", "find_faults"]
