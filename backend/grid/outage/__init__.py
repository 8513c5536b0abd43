"""What the loss of any one element costs: customers, critical ones, load, energy not served; and the list by rank.

An element that is lost takes with it what no other closed way feeds (``separation``): the N-1 look of IEEE 1366 and
of planning. What a repair crew can bring back before the repair is told by ``restoration``; how much more than usual
comes back with supply, and whether transformers take it at once, by ``pick_up``.
"""

from __future__ import annotations

from backend.grid.outage.impacts import (
    HOURS,
    RANKINGS,
    Element,
    ElementKind,
    OutageImpact,
    Outages,
    find_element,
)
from backend.grid.outage.pick_up import FullTransformer, PickUp, ReturnStep, tell_pick_up

__all__ = [
    "HOURS",
    "RANKINGS",
    "Element",
    "ElementKind",
    "FullTransformer",
    "OutageImpact",
    "Outages",
    "PickUp",
    "ReturnStep",
    "find_element",
    "tell_pick_up",
]
