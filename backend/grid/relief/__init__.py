"""Who could draw less, or later, so that a transformer stays within its rating.

From a course of loads that a forecast thinks possible to a **control plan**: which consenting loads are asked to give
way, when and by how many kilowatts. A plan is a proposal. Nothing here, or anywhere in the product, sends it to a
device: a person approves it, and people or their own controllers carry it out.
"""

from __future__ import annotations

from backend.grid.relief.effect import ReliefEffect, verify_relief
from backend.grid.relief.flexibility import FlexibilityKind, FlexibleLoad, read_flexible_loads
from backend.grid.relief.planning import ReliefAction, ReliefNeed, ReliefPlan, plan_relief
from backend.grid.relief.verified import phases_behind, relieve

__all__ = [
    "FlexibilityKind",
    "FlexibleLoad",
    "ReliefAction",
    "ReliefEffect",
    "ReliefNeed",
    "ReliefPlan",
    "phases_behind",
    "plan_relief",
    "read_flexible_loads",
    "relieve",
    "verify_relief",
]
