"""Carbon intensity of what a participant used, location-based (GHG Protocol Scope 2 Guidance, 2015, chapter 4).

Residual supply counts at the grid's average intensity of its interval, shared energy at the life-cycle factor of its
source: medians of IPCC AR5 WG III (2014), Annex III, table A.III.2. A source without a factor counts like the grid.
It is an account of supply, not of effect: the same roofs feed the same grid whether their energy is shared or not, so
no avoided emission is claimed for sharing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.billing.bill import Carbon, CarbonFactor, Message
from backend.billing.energy_use import SharedFlows, share_in_proportion
from backend.community import Direction
from backend.quantities import divide_half_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.billing.bill import EnergyUse
    from backend.billing.terms import BilledPoint

__all__ = ["FACTORS", "GridCarbon", "carbon_of"]

_CITATION = "IPCC AR5 WG III (2014), Annex III, table A.III.2, median"
#: Life-cycle medians. [g CO2e/kWh]
FACTORS = {"solar": 41, "wind": 11, "hydro": 24, "biomass": 230, "geothermal": 38}
_MILLIGRAM_MILLIWATT_HOURS_PER_GRAM = 1_000_000_000  # mg/kWh · mWh = 1e-6 mg = 1e-9 g
_GRAMS_TO_MILLIGRAMS_PER_KILOWATT_HOUR = 1_000_000_000  # g/mWh = 1e9 mg/kWh


@dataclass(frozen=True, slots=True)
class GridCarbon:
    """The grid's average intensity.

    Attributes:
        source: Name of the series, for people.
        intensity: Shape (T,), int64. [mg CO2e/kWh]
    """

    source: str
    intensity: NDArray[np.int64]


def carbon_of(
    points: Sequence[BilledPoint],
    energy: NDArray[np.int64],
    allocated: NDArray[np.int64],
    flows: SharedFlows,
    use: EnergyUse,
    grid: GridCarbon,
) -> Carbon | None:
    """Account for one participant; None where nothing was used.

    Energy of a source without a factor is the links' sum over the period; it is spread over the intervals like what
    that source shared.

    Args:
        points: Those of the participant.
        energy: Shape (slots, T). [mWh]
        allocated: Shape (slots, T). [mWh]
        flows: Of the community.
        use: Of the participant, with its origins.
        grid: Its intensity, interval by interval.
    """
    if use.used == 0:
        return None
    slots = [point.slot for point in points if point.direction is Direction.CONSUMPTION]
    received = allocated[slots].sum(axis=0)
    origins = {origin.source: origin.energy for origin in use.origins}
    local = 0
    at_grid = _weigh(energy[slots].sum(axis=0) - received, grid.intensity)
    for source, part in origins.items():
        if source in FACTORS:
            local += part * FACTORS[source] * 1000
        else:
            spread = share_in_proportion(received, flows.by_source[source], flows.total)
            spread = spread if spread.any() else received
            at_grid += _weigh(spread, grid.intensity) * part // int(spread.sum())
    grid_grams = divide_half_away(at_grid, _MILLIGRAM_MILLIWATT_HOURS_PER_GRAM)
    local_grams = divide_half_away(local, _MILLIGRAM_MILLIWATT_HOURS_PER_GRAM)
    unknown = sorted(source for source in origins if source not in FACTORS)
    notes = [Message("carbon.location_based", {}), Message("carbon.no_avoidance", {})]
    if unknown:
        notes.append(Message("carbon.unknown_source", {"sources": ", ".join(unknown)}))
    return Carbon(
        grid_grams=grid_grams,
        local_grams=local_grams,
        milligrams_per_kilowatt_hour=divide_half_away(
            (grid_grams + local_grams) * _GRAMS_TO_MILLIGRAMS_PER_KILOWATT_HOUR, use.used
        ),
        grid_source=grid.source,
        factors=tuple(CarbonFactor(s, FACTORS[s], _CITATION) for s in origins if s in FACTORS),
        notes=tuple(notes),
    )


def _weigh(energy: NDArray[np.int64], intensity: NDArray[np.int64]) -> int:
    """``Σ energy · intensity``, exact. [mg·mWh/kWh]"""
    return int((energy.astype(object) * intensity.astype(object)).sum())
