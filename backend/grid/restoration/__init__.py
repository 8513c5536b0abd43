"""Restoration: how much of an outage can be switched back on before the repair, and in which steps.

The faulty part is cut off by the switches around it; what is dark beyond them is joined to what is live over ties,
split where the live side cannot carry all of it, and stays radial. Which switches, is an exact search over sections
(what no switch divides); that it holds, is checked by three-phase power flow against ratings and voltage limits. What
cannot be restored is named with the reason.
"""

from __future__ import annotations

from backend.grid.restoration.check import Limits
from backend.grid.restoration.plan import (
    BackupPath,
    Reason,
    RestorationPlan,
    RestorationStep,
    StepKind,
)
from backend.grid.restoration.planner import plan_restoration
from backend.grid.restoration.sections import Isolation

__all__ = [
    "BackupPath",
    "Isolation",
    "Limits",
    "Reason",
    "RestorationPlan",
    "RestorationStep",
    "StepKind",
    "plan_restoration",
]
