"""How unbalanced a network is, by element and interval.

Of branches (``Network.branches``), with what leaves them at their ``to_bus``:

- ``deviation``: max |P_phase - mean of the three|. [kW]
- ``neutral``: |Ia + Ib + Ic|, what returns beside the phases. [A]
- ``current``: max |I_phase - mean| / mean of the magnitudes, NEMA's measure on currents. [%]
- ``loading``: the fullest phase's current by its rated one; of a transformer S / (√3 · U). [%]

Of buses:

- ``nema``: line voltage unbalance, the largest departure of a line-to-line magnitude from the mean of the three, by
  that mean (NEMA MG 1-2016, 14.36.2). [%]
- ``vuf``: negative by positive sequence of the voltages (IEC 61000-4-30:2015, 5.7.1; planned for by IEC 61000-3-13). EN
  50160:2010, 4.2.4, wants 95 % of the ten-minute means of a week at or below 2 %. [%]
- ``voltage``: of the phase furthest from nominal (EN 50160:2010, 4.2.2: within 0.9 and 1.1 for 95 % of a week). [pu]

Where fewer than three phases are, there is nothing to balance: all but ``loading`` and ``voltage`` are NaN there, as is
what is relative to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.network import Network, Transformer
from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.power_flow import FlowResult

    Values = NDArray[np.float64]
    Phasors = NDArray[np.complex128]

__all__ = [
    "MEASURES",
    "Measure",
    "MeasureKind",
    "badness",
    "current_unbalance",
    "deviation_kilowatts",
    "measure_flow",
    "measured_elements",
    "nema_unbalance",
    "phase_powers",
    "rated_amperes",
    "sequence_unbalance",
    "worst_voltage",
]

_SQRT3 = 3**0.5
_TURN = np.exp(2j * np.pi / PHASE_COUNT)


class Measure(StrEnum):
    """A measure's name, as programs ask for it."""

    DEVIATION = "deviation"
    NEUTRAL = "neutral"
    CURRENT = "current"
    LOADING = "loading"
    NEMA = "nema"
    VUF = "vuf"
    VOLTAGE = "voltage"


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """What a measure is of.

    Attributes:
        unit: ``kW``, ``A``, ``%`` or ``pu``.
        of_buses: It is of buses, else of branches.
        least: Below, one value is as good as another: where ranking begins to tell values apart. [unit]
        limit: What a standard or the rating allows, 0 where nothing does. [unit]
    """

    unit: str
    of_buses: bool
    least: float
    limit: float = 0.0


MEASURES: dict[Measure, MeasureKind] = {
    Measure.DEVIATION: MeasureKind("kW", of_buses=False, least=0.01),
    Measure.NEUTRAL: MeasureKind("A", of_buses=False, least=0.01),
    Measure.CURRENT: MeasureKind("%", of_buses=False, least=0.1),
    Measure.LOADING: MeasureKind("%", of_buses=False, least=0.01, limit=100.0),
    Measure.NEMA: MeasureKind("%", of_buses=True, least=0.001),
    Measure.VUF: MeasureKind("%", of_buses=True, least=0.001, limit=2.0),
    Measure.VOLTAGE: MeasureKind("pu", of_buses=True, least=1e-4, limit=0.1),
}


def measured_elements(network: Network, measure: Measure) -> tuple[str, ...]:
    """Ids of the elements that a measure is of, in the order of its rows."""
    items = network.buses if MEASURES[measure].of_buses else network.branches
    return tuple(item.id for item in items)


def measure_flow(result: FlowResult, measure: Measure) -> Values:
    """A measure of every element in every interval.

    Args:
        result: With the voltages, and for measures of branches the currents.
        measure: Which.

    Returns:
        Shape (``measured_elements``, T), NaN where it is not defined. [unit of ``MEASURES``]
    """
    match measure:
        case Measure.DEVIATION:
            return deviation_kilowatts(phase_powers(result).real)
        case Measure.NEUTRAL:
            return np.where(_three_phase(result.network)[:, None], result.neutral_currents, np.nan)
        case Measure.CURRENT:
            return np.where(_three_phase(result.network)[:, None], current_unbalance(result.currents), np.nan)
        case Measure.LOADING:
            fullest = np.abs(result.currents).max(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                loading: Values = 100 * fullest / rated_amperes(result.network)[:, None]
            return loading
        case Measure.NEMA:
            return nema_unbalance(result.voltages)
        case Measure.VUF:
            return sequence_unbalance(result.voltages)
        case Measure.VOLTAGE:
            return worst_voltage(result.voltages)


def badness(values: Values, measure: Measure) -> Values:
    """How bad values are, so that larger is worse: of a voltage its distance from nominal, else the value."""
    return np.abs(values - 1) if measure == Measure.VOLTAGE else values


def phase_powers(result: FlowResult) -> Phasors:
    """Complex power by phase that leaves each branch at its ``to_bus``.

    Args:
        result: With voltages and currents.

    Returns:
        Shape (E, 3, T), NaN where a branch has fewer than three phases. [VA]
    """
    network = result.network
    ends = np.array([network.bus_index[one.to_bus] for one in network.branches], dtype=np.int64)
    volts = np.array([bus.nominal_volts for bus in network.buses]) / _SQRT3
    powers: Phasors = np.conj(result.currents)
    powers *= result.voltages[ends]
    powers *= volts[ends][:, None, None]
    powers[~_three_phase(network)] = np.nan
    return powers


def deviation_kilowatts(watts: Values) -> Values:
    """Largest distance of a phase's power from the mean of the three.

    Args:
        watts: Shape (..., 3, T). [W]

    Returns:
        Shape (..., T). [kW]
    """
    mean = watts.mean(axis=-2)
    # The largest distance from the mean is that of the largest or of the least.
    furthest: Values = np.maximum(watts.max(axis=-2) - mean, mean - watts.min(axis=-2)) / 1000
    return furthest


def current_unbalance(currents: Phasors) -> Values:
    """Largest distance of a phase's current from the mean magnitude, by that mean.

    Args:
        currents: Shape (..., 3, T). [A]

    Returns:
        Shape (..., T), 0 to 200; NaN where nothing flows. [%]
    """
    return _relative_departure(np.abs(currents))


def nema_unbalance(voltages: Phasors) -> Values:
    """Line voltage unbalance of NEMA MG 1-2016, 14.36.2: from line-to-line magnitudes.

    Args:
        voltages: Phase to neutral. Shape (..., 3, T). [any unit]

    Returns:
        Shape (..., T); NaN where a phase is absent. [%]
    """
    sizes = np.empty(voltages.shape)
    for phase in range(PHASE_COUNT):
        between = voltages[..., phase, :] - voltages[..., (phase + 1) % PHASE_COUNT, :]
        sizes[..., phase, :] = np.sqrt(between.real**2 + between.imag**2)  # several times faster than np.abs
    return _relative_departure(sizes)


def sequence_unbalance(voltages: Phasors) -> Values:
    """Voltage unbalance factor of IEC 61000-4-30:2015, 5.7.1: |V2| / |V1|.

    Args:
        voltages: Phase to neutral. Shape (..., 3, T). [any unit]

    Returns:
        Shape (..., T); NaN where a phase is absent. [%]
    """
    a, b, c = voltages[..., 0, :], voltages[..., 1, :], voltages[..., 2, :]
    negative = np.abs(a + np.conj(_TURN) * b + _TURN * c)
    positive = np.abs(a + _TURN * b + np.conj(_TURN) * c)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor: Values = 100 * negative / np.where(positive > 0, positive, np.nan)
    return factor


def worst_voltage(voltages: Phasors) -> Values:
    """Magnitude of the phase that is furthest from nominal.

    Args:
        voltages: Per unit, NaN where a phase is absent. Shape (..., 3, T). [1]

    Returns:
        Shape (..., T), NaN where there is none. [1]
    """
    level = np.abs(voltages)
    highest: Values = np.fmax.reduce(level, axis=-2)
    lowest: Values = np.fmin.reduce(level, axis=-2)
    worst: Values = np.where(highest - 1 >= 1 - lowest, highest, lowest)
    return worst


def rated_amperes(network: Network) -> Values:
    """What each branch carries for long on a phase; of a transformer on its low-voltage side.

    Returns:
        Shape (E,), NaN where it is not known. [A]
    """
    rated = []
    for one in network.branches:
        if isinstance(one, Transformer):
            by_phase = one.rated_volt_amperes / len(one.phases.indices)
            rated.append(by_phase / (one.to_volts / _SQRT3))
        else:
            rated.append(one.rated_amperes)
    amperes = np.array(rated, dtype=np.float64)
    return np.where(amperes > 0, amperes, np.nan)


def _relative_departure(sizes: Values) -> Values:
    """Largest distance from the mean of the three, by the mean. Shape (..., 3, T) to (..., T). [%]"""
    mean = sizes.mean(axis=-2)
    furthest = np.maximum(sizes.max(axis=-2) - mean, mean - sizes.min(axis=-2))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative: Values = 100 * furthest / np.where(mean > 0, mean, np.nan)
    return relative


def _three_phase(network: Network) -> NDArray[np.bool_]:
    return np.array([one.phases == Phases.ALL for one in network.branches], dtype=np.bool_)
