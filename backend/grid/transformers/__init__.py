"""What is known of a transformer without opening it: its load, its temperature, what its meters do not account for.

A **virtual sensor** is the sum of what is metered below a transformer and of the modelled losses; where the transformer
has a meter of its own, their difference is the **residual**. Load factors are of the rated current, by phase.
Temperatures are degrees Celsius, rises kelvins, courses have intervals last.
"""

from __future__ import annotations

from backend.grid.transformers.characteristics import (
    CHARACTERISTICS,
    ThermalCharacteristics,
    ThermalLimits,
    characteristics_of,
    limits_of,
)
from backend.grid.transformers.forecast import (
    RISK_LEVELS,
    SIMILAR_DAYS,
    OverloadRisk,
    forecast_similar_days,
    method_of,
    overload_risk,
)
from backend.grid.transformers.loading import (
    FreeCapacity,
    LoadingSummary,
    TransformerLoad,
    free_capacity,
    growth_until_hot,
    rank_by_load,
    summarise_loading,
)
from backend.grid.transformers.residual import METER_ACCURACY, MeteredConnection, ResidualSite
from backend.grid.transformers.suspects import FaultKind, Suspicion, find_suspects
from backend.grid.transformers.thermal import (
    NORMAL_LIFE_HOURS,
    Paper,
    Solution,
    ThermalCourse,
    ThermalState,
    ageing_rates,
    rest_state,
    thermal_course,
)
from backend.grid.transformers.virtual_sensor import VirtualSensor, phase_powers, virtual_sensor

__all__ = [
    "CHARACTERISTICS",
    "METER_ACCURACY",
    "NORMAL_LIFE_HOURS",
    "RISK_LEVELS",
    "SIMILAR_DAYS",
    "FaultKind",
    "FreeCapacity",
    "LoadingSummary",
    "MeteredConnection",
    "OverloadRisk",
    "Paper",
    "ResidualSite",
    "Solution",
    "Suspicion",
    "ThermalCharacteristics",
    "ThermalCourse",
    "ThermalLimits",
    "ThermalState",
    "TransformerLoad",
    "VirtualSensor",
    "ageing_rates",
    "characteristics_of",
    "find_suspects",
    "forecast_similar_days",
    "free_capacity",
    "growth_until_hot",
    "limits_of",
    "method_of",
    "overload_risk",
    "phase_powers",
    "rank_by_load",
    "rest_state",
    "summarise_loading",
    "thermal_course",
    "virtual_sensor",
]
