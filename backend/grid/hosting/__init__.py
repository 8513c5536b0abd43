"""How much solar power or charging each connection could take before the network is beyond a limit.

The **hosting capacity** of a connection is the largest constant power, drawn or fed in there in any interval, that
leaves the voltage at every customer's terminals within EN 50160, its unbalance within the same, and every segment and
transformer within its rating. One connection at a time: two neighbours share what either could take alone.
"""

from __future__ import annotations

from backend.grid.hosting.capacity import HostingCapacity, Technology, hosting_capacities
from backend.grid.hosting.limits import HostingLimits, LimitKind

__all__ = ["HostingCapacity", "HostingLimits", "LimitKind", "Technology", "hosting_capacities"]
