"""How unbalanced a network is: measures by element and interval, and what they come to over time.

Elements are branches or buses, as ``MEASURES`` says; arrays have elements first and intervals last. Definitions and
their sources are in ``measures``.
"""

from __future__ import annotations

from backend.grid.imbalance.measures import (
    MEASURES,
    Measure,
    MeasureKind,
    badness,
    current_unbalance,
    deviation_kilowatts,
    measure_flow,
    measured_elements,
    nema_unbalance,
    phase_powers,
    rated_amperes,
    sequence_unbalance,
    worst_voltage,
)
from backend.grid.imbalance.summary import RANKED_BY, WHOLE_NETWORK, ImbalanceSummary, Ranked, warm_kernels

__all__ = [
    "MEASURES",
    "RANKED_BY",
    "WHOLE_NETWORK",
    "ImbalanceSummary",
    "Measure",
    "MeasureKind",
    "Ranked",
    "badness",
    "current_unbalance",
    "deviation_kilowatts",
    "measure_flow",
    "measured_elements",
    "nema_unbalance",
    "phase_powers",
    "rated_amperes",
    "sequence_unbalance",
    "warm_kernels",
    "worst_voltage",
]
