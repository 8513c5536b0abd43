"""What alarms watch: measures, the kinds of elements that have them, and how grave an alarm is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["AlarmSeverity", "ElementKind", "Measure", "MeasureTraits", "traits_of"]


class AlarmSeverity(StrEnum):
    """How grave an alarm is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The graver, the higher. [from 0]"""
        return list(AlarmSeverity).index(self)


class ElementKind(StrEnum):
    """What an alarm can be about."""

    BUS = "bus"
    SEGMENT = "segment"
    SWITCH = "switch"
    TRANSFORMER = "transformer"
    CONNECTION = "connection"
    SOURCE = "source"
    NETWORK = "network"  # the network as a whole, its name the element


class Measure(StrEnum):
    """A figure that elements have in every interval."""

    LOADING = "loading"
    HOT_SPOT = "hot_spot"
    DEVIATION = "deviation"
    NEUTRAL = "neutral"
    NEMA = "nema"
    VUF = "vuf"
    VOLTAGE_HIGH = "voltage_high"
    VOLTAGE_LOW = "voltage_low"
    RESIDUAL = "residual"
    READINGS_LATE = "readings_late"
    READINGS_MISSING = "readings_missing"
    MESSAGES_LOST = "messages_lost"

    @property
    def unit(self) -> str:
        """Of its values and limits."""
        return traits_of(self).unit

    @property
    def is_low(self) -> bool:
        """Is less than the limit what alarms?"""
        return traits_of(self).is_low


@dataclass(frozen=True, slots=True)
class MeasureTraits:
    """What a measure is.

    Attributes:
        unit: Of its values.
        kinds: Elements that have it.
        least: The smallest limit that makes sense.
        most: The largest.
        is_low: Less than the limit alarms, not more.
        title: In words.
    """

    unit: str
    kinds: frozenset[ElementKind]
    least: float
    most: float
    is_low: bool = False
    title: str = ""


_LINES = frozenset({ElementKind.SEGMENT, ElementKind.SWITCH, ElementKind.TRANSFORMER, ElementKind.SOURCE})
_BUSES = frozenset({ElementKind.BUS})
_TRANSFORMERS = frozenset({ElementKind.TRANSFORMER})
_CONNECTIONS = frozenset({ElementKind.CONNECTION})
_TRAITS = {
    Measure.LOADING: MeasureTraits("%", _LINES, 1.0, 1000.0, title="loading"),
    Measure.HOT_SPOT: MeasureTraits("°C", _TRANSFORMERS, 0.0, 400.0, title="hot-spot temperature"),
    Measure.DEVIATION: MeasureTraits("kW", _LINES, 0.0, 1e6, title="deviation of a phase from the mean"),
    Measure.NEUTRAL: MeasureTraits("A", _LINES, 0.0, 1e5, title="neutral current"),
    Measure.NEMA: MeasureTraits("%", _BUSES, 0.0, 100.0, title="voltage unbalance by NEMA MG 1"),
    Measure.VUF: MeasureTraits("%", _BUSES, 0.0, 100.0, title="negative over positive sequence voltage"),
    Measure.VOLTAGE_HIGH: MeasureTraits("pu", _BUSES, 0.5, 2.0, title="highest phase voltage"),
    Measure.VOLTAGE_LOW: MeasureTraits("pu", _BUSES, 0.0, 1.5, is_low=True, title="lowest phase voltage"),
    Measure.RESIDUAL: MeasureTraits(
        "kW", _TRANSFORMERS, 0.0, 1e6, title="what the meters below do not explain"
    ),
    Measure.READINGS_LATE: MeasureTraits(
        "h", _CONNECTIONS | {ElementKind.NETWORK}, 0.0, 1e6, title="hours since the last reading"
    ),
    Measure.READINGS_MISSING: MeasureTraits("%", _CONNECTIONS, 0.0, 100.0, title="a day's missing intervals"),
    Measure.MESSAGES_LOST: MeasureTraits(
        "1", frozenset({ElementKind.NETWORK}), 0.0, 1e6, title="messages that reached nobody"
    ),
}


def traits_of(measure: Measure) -> MeasureTraits:
    """What a measure is."""
    return _TRAITS[measure]
