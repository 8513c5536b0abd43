"""How fast and how far a transformer warms: what IEC 60076-7:2018 recommends by kind of cooling.

Time constants, exponents and k factors are those recommended for the exponential equations (clause 8; Table 5 of the
first edition), rises and loss ratios those of its example transformers. A heat-run test of the transformer itself is
always better: ``dataclasses.replace`` puts its figures in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.errors import InputError

if TYPE_CHECKING:
    from backend.grid.network import Transformer

__all__ = [
    "CHARACTERISTICS",
    "DISTRIBUTION_VOLT_AMPERES_MAX",
    "ThermalCharacteristics",
    "ThermalLimits",
    "characteristics_of",
    "limits_of",
]

DISTRIBUTION_VOLT_AMPERES_MAX = 2.5e6  # IEC 60076-7, clause 3: three-phase, naturally cooled
_MEDIUM_VOLT_AMPERES_MAX = 100e6  # clause 3


@dataclass(frozen=True, slots=True)
class ThermalCharacteristics:
    """The symbols of IEC 60076-7, clause 4.

    Attributes:
        top_oil_rise: Δθor, of the top oil over the air, at rated losses, in the steady state. [K]
        hot_spot_gradient: Δθhr = H·gr, of the hot spot over the top oil, at rated current. [K]
        loss_ratio: R, losses at rated load over those at no load. [1]
        oil_exponent: x. [1]
        winding_exponent: y. [1]
        k11: Of the oil's time constant. [1]
        k21: How far the hot spot overshoots. [1]
        k22: How long it does. [1]
        oil_minutes: τo, time constant of the oil on average. [min]
        winding_minutes: τw, of the winding. [min]
    """

    top_oil_rise: float
    hot_spot_gradient: float
    loss_ratio: float
    oil_exponent: float
    winding_exponent: float
    k11: float
    k21: float
    k22: float
    oil_minutes: float
    winding_minutes: float


# Cooling by IEC 60076-2; "distribution" is ONAN up to 2.5 MVA.
CHARACTERISTICS = {
    "distribution": ThermalCharacteristics(55.0, 23.0, 5.0, 0.8, 1.6, 1.0, 1.0, 2.0, 180.0, 4.0),
    "ONAN": ThermalCharacteristics(52.0, 26.0, 6.0, 0.8, 1.3, 0.5, 2.0, 2.0, 210.0, 10.0),
    "ONAF": ThermalCharacteristics(52.0, 26.0, 6.0, 0.8, 1.3, 0.5, 2.0, 2.0, 150.0, 7.0),
    "OFAF": ThermalCharacteristics(56.0, 22.0, 6.0, 1.0, 1.3, 1.0, 1.3, 1.0, 90.0, 7.0),
    "ODAF": ThermalCharacteristics(49.0, 29.0, 6.0, 1.0, 2.0, 1.0, 1.0, 1.0, 90.0, 7.0),
}
# The second letter pair tells the outer side: water or air, pumped or not, the oil's behaviour is told by the first.
_SAME_AS = {"ONWF": "ONAF", "OFAN": "OFAF", "OFWF": "OFAF", "ODAN": "ODAF", "ODWF": "ODAF"}


@dataclass(frozen=True, slots=True)
class ThermalLimits:
    """What may not be gone beyond under normal cyclic loading: IEC 60076-7, clause 7 (Table 4 of the first edition).

    Attributes:
        load_factor: Of the rated current. [1]
        hot_spot: [°C]
        top_oil: [°C]
    """

    load_factor: float
    hot_spot: float
    top_oil: float


_LIMITS_SMALL = ThermalLimits(1.5, 120.0, 105.0)
_LIMITS_LARGE = ThermalLimits(1.3, 120.0, 105.0)


def characteristics_of(transformer: Transformer) -> ThermalCharacteristics:
    """What is recommended for a transformer's cooling and size, with its own loss ratio where both losses are known.

    Raises:
        InputError: If its cooling is none that is known.
    """
    cooling = transformer.cooling.upper()
    kind = _SAME_AS.get(cooling, cooling)
    if kind not in CHARACTERISTICS:
        raise InputError(
            f'transformer "{transformer.id}" has the cooling "{transformer.cooling}"; known are '
            f"{', '.join(sorted({*CHARACTERISTICS, *_SAME_AS} - {'distribution'}))} (IEC 60076-2)."
        )
    if kind == "ONAN" and transformer.rated_volt_amperes <= DISTRIBUTION_VOLT_AMPERES_MAX:
        kind = "distribution"
    found = CHARACTERISTICS[kind]
    if transformer.copper_loss_watts > 0 and transformer.iron_loss_watts > 0:
        found = replace(found, loss_ratio=transformer.copper_loss_watts / transformer.iron_loss_watts)
    return found


def limits_of(transformer: Transformer) -> ThermalLimits:
    """What a transformer may be loaded to, in a normal cycle."""
    return _LIMITS_SMALL if transformer.rated_volt_amperes <= _MEDIUM_VOLT_AMPERES_MAX else _LIMITS_LARGE
