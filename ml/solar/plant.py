"""What a plant makes of the light: planes of modules behind one inverter, as PVWatts has it.

Transposition after Hay and Davies (1980); cell temperature after Faiman (2008); direct and alternating current after
PVWatts version 5 (Dobos 2014, NREL/TP-6A20-62641).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.features.sun import Irradiance, Sun

    Values = NDArray[np.float64]

__all__ = ["Plane", "Plant", "plane_irradiance", "plane_power", "plant_power"]

LOSSES = 0.14
"""Soiling, wiring, mismatch and the rest (PVWatts 5, table 5). [1]"""
TEMPERATURE_COEFFICIENT = -0.004
"""Of a crystalline module's power. [1/K]"""
ALBEDO = 0.2
TILT_MAX = 90.0
STANDARD_IRRADIANCE = 1000.0
AIR_DEFAULT = 15.0
"""Where no temperature is known. [°C]"""
WIND_DEFAULT = 1.5
"""At the modules, where no wind is known. [m/s]"""


@dataclass(frozen=True, slots=True)
class Plane:
    """Modules that face one way.

    Attributes:
        tilt: From the horizontal. [°]
        azimuth: Clockwise from north; 180 is south. [°]
        watts: Direct-current power under standard conditions. [W]
    """

    tilt: float
    azimuth: float
    watts: float

    def __post_init__(self) -> None:
        if not (0 <= self.tilt <= TILT_MAX and self.watts >= 0 and np.isfinite(self.azimuth)):
            raise InputError(
                f"a plane of {self.watts:g} W with a tilt of {self.tilt:g}° and an azimuth of {self.azimuth:g}° "
                "is none: tilts are from 0 to 90 degrees, powers at least 0 W."
            )


@dataclass(frozen=True, slots=True)
class Plant:
    """Planes behind one inverter.

    Attributes:
        planes: At least one.
        inverter_watts: What the inverter lets through at most; infinite where it never was the limit. [W]
        shift_seconds: By how much the readings' stamps are late. [s]
    """

    planes: tuple[Plane, ...]
    inverter_watts: float = float("inf")
    shift_seconds: float = 0.0

    @property
    def watts(self) -> float:
        """Direct-current power of all planes. [W]"""
        return sum(plane.watts for plane in self.planes)

    def state(self) -> dict[str, Any]:
        """Plain values, from which ``from_state`` makes an equal plant."""
        return {
            "planes": [[plane.tilt, plane.azimuth, plane.watts] for plane in self.planes],
            "inverter_watts": None if np.isinf(self.inverter_watts) else self.inverter_watts,
            "shift_seconds": self.shift_seconds,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Plant:
        """Make the plant whose ``state`` this was."""
        limit = state["inverter_watts"]
        planes: Sequence[Sequence[float]] = state["planes"]
        return cls(
            planes=tuple(Plane(float(tilt), float(azimuth), float(watts)) for tilt, azimuth, watts in planes),
            inverter_watts=float("inf") if limit is None else float(limit),
            shift_seconds=float(state["shift_seconds"]),
        )


def plane_irradiance(sun: Sun, sky: Irradiance, tilt: float, azimuth: float) -> Values:
    """Irradiance on a tilted plane, from sun, sky and ground. Shape (T, P). [W/m²]"""
    from pvlib import irradiance

    zenith = np.minimum(sun.zenith, 90.0)
    facing = np.clip(irradiance.aoi_projection(tilt, azimuth, zenith, sun.azimuth), 0, 1)
    diffuse = irradiance.haydavies(tilt, azimuth, sky.dhi, sky.dni, sun.extra, zenith, sun.azimuth)
    ground = sky.ghi * ALBEDO * (1 - np.cos(np.radians(tilt))) / 2
    return np.asarray(sky.dni * facing + np.maximum(diffuse, 0.0) + ground)


def plane_power(
    sun: Sun,
    sky: Irradiance,
    plane: Plane,
    air: Values | None = None,
    wind: Values | None = None,
) -> Values:
    """Direct-current power of a plane, after losses. Shape (T, P). [W]

    Args:
        sun: The sun's course.
        sky: What falls from the sky.
        plane: The modules.
        air: Mean air temperature of each interval. Shape (T,). [°C]
        wind: Mean wind speed at the modules. Shape (T,). [m/s]
    """
    from pvlib import temperature

    light = plane_irradiance(sun, sky, plane.tilt, plane.azimuth)
    around = _column(air, AIR_DEFAULT, len(sun))
    moving = np.maximum(_column(wind, WIND_DEFAULT, len(sun)), 0.0)
    cell = temperature.faiman(light, around, moving)
    share = np.maximum(1 + TEMPERATURE_COEFFICIENT * (cell - 25.0), 0.0)
    return np.asarray(plane.watts * (1 - LOSSES) * light / STANDARD_IRRADIANCE * share)


def _column(values: Values | None, default: float, length: int) -> Values:
    """Shape (T, 1), the default where unknown."""
    if values is None:
        return np.full((length, 1), default)
    return np.where(np.isfinite(values), values, default)[:, np.newaxis]


def plant_power(
    plant: Plant,
    sun: Sun,
    sky: Irradiance,
    air: Values | None = None,
    wind: Values | None = None,
) -> Values:
    """Mean alternating-current power over intervals, clipped by the inverter instant by instant. Shape (T,). [W]

    NaN where the sky is unknown; zero at night.
    """
    direct = np.zeros_like(sky.ghi)
    for plane in plant.planes:
        direct = direct + plane_power(sun, sky, plane, air, wind)
    power = np.minimum(direct, plant.inverter_watts).mean(axis=1)
    return np.where(sun.night, 0.0, power)
