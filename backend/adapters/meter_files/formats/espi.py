"""What an ESPI ReadingType says: direction, unit, whether a value is the energy of an interval, a power, a register.

NAESB REQ.21 Energy Services Provider Interface (ESPI), espi.xsd: ``AccumulationKind``, ``FlowDirectionKind``,
``CommodityKind``, ``UnitSymbolKind``, ``QualityOfReading``. The enumerations are those of IEC 61968-9, Annex C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN

__all__ = ["QUALITIES", "ReadingKind", "ReadingMeaning", "read_meaning", "read_whole"]


class ReadingKind(Enum):
    """What a value is."""

    ENERGY = "energy"  # of the interval
    MEAN_POWER = "mean power"  # over the interval
    REGISTER = "register"  # what a register showed at its end


@dataclass(frozen=True, slots=True)
class ReadingMeaning:
    """A reading type, understood.

    Attributes:
        direction: ``CONSUMPTION`` or ``FEED_IN``.
        kind: What a value is.
        power: Of ten, by which a value is multiplied to be milliwatt-hours; of a power, watts.
        seconds: Length of an interval where a reading does not say it, or 0. [s]
        channel: What sets it apart from others of its direction: phase, time of use, tier.
        quality: Code of the readings that have none, or empty.
    """

    direction: int
    kind: ReadingKind
    power: int
    seconds: int = 0
    channel: str = ""
    quality: str = ""


QUALITIES = {  # usage.xsd 3.3, QualityOfReading, all of its values
    "": Quality.MEASURED,
    "0": Quality.MEASURED,  # valid
    "7": Quality.EDITED,  # manually edited
    "8": Quality.ESTIMATED,  # estimated using a reference day
    "9": Quality.ESTIMATED,  # estimated using linear interpolation
    "10": Quality.ESTIMATED,  # questionable: failed a check, so it does not pass for measured
    "11": Quality.ESTIMATED,  # derived
    "12": Quality.ESTIMATED,  # projected
    "13": Quality.ESTIMATED,  # mixed
    "14": Quality.MEASURED,  # raw: not validated yet, which is done here
    "15": Quality.ESTIMATED,  # normalised for weather
    "16": Quality.ESTIMATED,  # other
    "17": Quality.EDITED,  # validated, possibly edited or estimated by approved procedures: no longer surely measured
    "18": Quality.MEASURED,  # verified: failed a check and was found to be true
    "19": Quality.MEASURED,  # revenue quality
}

_DIRECTIONS = {"1": CONSUMPTION, "19": FEED_IN}
_MIXED = {"4": "net", "20": "total"}
_ELECTRICITY = frozenset({"", "0", "1", "2"})  # metered at secondary or primary voltage
_COMMODITIES = {"7": "natural gas", "8": "propane", "9": "potable water", "10": "steam", "17": "heat"}
_WATT_HOURS, _WATTS = "72", "38"
_UNITS = {
    "61": "VA",
    "63": "var",
    "71": "VAh",
    "73": "varh",
    "42": "m³",
    "119": "ft³",
    "169": "therm",
    "29": "V",
}
_REGISTERS = frozenset({"1", "2", "3", "9"})  # bulk quantity, continuous cumulative, cumulative, summation
_INTERVALS = frozenset({"", "0", "4"})  # implied by the unit, delta data
_ENERGY_KINDS = frozenset({"", "0", "12"})
_PARTS = ("phase", "tou", "cpp", "consumptionTier")
_MULTIPLIER_MAX = 12
_SECONDS_MAX = 32 * 86_400


def read_meaning(fields: Mapping[str, str]) -> ReadingMeaning | str:
    """Understand a reading type.

    Args:
        fields: Texts of its elements by name.

    Returns:
        The meaning, or why such readings are not read, in words.
    """
    commodity = fields.get("commodity", "")
    if commodity not in _ELECTRICITY:
        return f"commodity {commodity} ({_COMMODITIES.get(commodity, 'not electricity')}) is not electricity"
    unit = fields.get("uom", "")
    if unit not in (_WATT_HOURS, _WATTS):
        return f'unit "{unit}" ({_UNITS.get(unit, "unknown")}) is neither Wh (72) nor W (38)'
    flow = fields.get("flowDirection", "")
    if flow in _MIXED:
        return (
            f"flow direction {flow} is the {_MIXED[flow]} of both directions, which cannot be told apart again; "
            "ask for forward (1) and reverse (19)"
        )
    if flow not in _DIRECTIONS:
        return f'flow direction "{flow}" is neither forward (1) nor reverse (19)'
    kind = _read_kind(unit, fields.get("accumulationBehaviour", ""), fields.get("kind", ""))
    if isinstance(kind, str):
        return kind
    multiplier = read_whole(fields.get("powerOfTenMultiplier", "") or "0", signed=True)
    if multiplier is None or abs(multiplier) > _MULTIPLIER_MAX:
        return f'multiplier "{fields.get("powerOfTenMultiplier", "")}" is no power of ten of a meter'
    channel = " ".join(f"{part} {fields[part]}" for part in _PARTS if fields.get(part, "0") not in ("", "0"))
    seconds = read_whole(fields.get("intervalLength", "") or "0")
    if seconds is None or seconds > _SECONDS_MAX:
        return f'interval length "{fields.get("intervalLength", "")}" is no number of seconds of a meter'
    power = multiplier + (0 if kind is ReadingKind.MEAN_POWER else 3)
    quality = fields.get("defaultQuality", "")
    return ReadingMeaning(_DIRECTIONS[flow], kind, power, seconds, channel, quality)


def read_whole(text: str, *, signed: bool = False) -> int | None:
    """A whole number of 18 digits at most, or None."""
    digits = text[1:] if signed and text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004 -- fits 64 bits
        return None
    return int(text)


def _read_kind(unit: str, accumulation: str, kind: str) -> ReadingKind | str:
    if unit == _WATTS:
        if accumulation in _INTERVALS:
            return ReadingKind.MEAN_POWER
        return f"accumulation {accumulation} of a power is a moment's, not an interval's mean"
    if accumulation in _REGISTERS:
        return ReadingKind.REGISTER
    if accumulation in _INTERVALS and kind in _ENERGY_KINDS:
        return ReadingKind.ENERGY
    return (
        f'accumulation "{accumulation}" of kind "{kind}" is neither the energy of an interval nor a register'
    )
