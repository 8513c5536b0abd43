"""The rules that a network begins with; each says where its limit is from."""

from __future__ import annotations

from backend.grid.alarms.measures import AlarmSeverity, ElementKind, Measure
from backend.grid.alarms.rules import AlarmRule

__all__ = ["DEFAULT_RULES"]

_HALF, _HOUR, _DAY = 1_800, 3_600, 86_400

DEFAULT_RULES = (
    AlarmRule(
        "voltage-high",
        Measure.VOLTAGE_HIGH,
        ElementKind.BUS,
        1.10,
        AlarmSeverity.CRITICAL,
        for_seconds=600,
        hysteresis=0.005,
        text="EN 50160, supply voltage variations: every ten-minute mean stays at or below 110 % of nominal.",
    ),
    AlarmRule(
        "voltage-low",
        Measure.VOLTAGE_LOW,
        ElementKind.BUS,
        0.85,
        AlarmSeverity.CRITICAL,
        for_seconds=600,
        hysteresis=0.005,
        text="EN 50160, supply voltage variations: every ten-minute mean stays at or above 85 % of nominal.",
    ),
    AlarmRule(
        "voltage-low-week",
        Measure.VOLTAGE_LOW,
        ElementKind.BUS,
        0.90,
        tolerated_percent=5.0,
        text="EN 50160: 95 % of a week's means are at or above 90 % of nominal.",
    ),
    AlarmRule(
        "unbalance-week",
        Measure.VUF,
        ElementKind.BUS,
        2.0,
        tolerated_percent=5.0,
        text="EN 50160, supply voltage unbalance: 95 % of a week's means are at or below 2 % of the positive sequence.",
    ),
    AlarmRule(
        "unbalance-nema",
        Measure.NEMA,
        ElementKind.BUS,
        3.0,
        AlarmSeverity.INFO,
        for_seconds=_HOUR,
        hysteresis=0.2,
        text="ANSI C84.1, annex on voltage unbalance: systems are designed for at most 3 %; by NEMA MG 1 motors are "
        "derated from 1 %.",
    ),
    AlarmRule(
        "transformer-loaded",
        Measure.LOADING,
        ElementKind.TRANSFORMER,
        100.0,
        for_seconds=_HOUR,
        hysteresis=5.0,
        text="Above its rating for an hour.",
    ),
    AlarmRule(
        "transformer-overloaded",
        Measure.LOADING,
        ElementKind.TRANSFORMER,
        150.0,
        AlarmSeverity.CRITICAL,
        for_seconds=_HALF,
        hysteresis=5.0,
        text="IEC 60076-7, limits for loading beyond the nameplate, normal cyclic loading of distribution "
        "transformers: 1.5 times the rated current.",
    ),
    AlarmRule(
        "hot-spot",
        Measure.HOT_SPOT,
        ElementKind.TRANSFORMER,
        120.0,
        hysteresis=3.0,
        text="IEC 60076-7, normal cyclic loading: winding hot spot at most 120 °C.",
    ),
    AlarmRule(
        "hot-spot-emergency",
        Measure.HOT_SPOT,
        ElementKind.TRANSFORMER,
        140.0,
        AlarmSeverity.CRITICAL,
        hysteresis=3.0,
        text="IEC 60076-7: above 140 °C gas bubbles may form in the oil.",
    ),
    AlarmRule(
        "segment-loaded",
        Measure.LOADING,
        ElementKind.SEGMENT,
        100.0,
        for_seconds=_HALF,
        hysteresis=5.0,
        text="Above what the cable carries for long, for half an hour.",
    ),
    AlarmRule(
        "transformer-unbalanced",
        Measure.DEVIATION,
        ElementKind.TRANSFORMER,
        20.0,
        AlarmSeverity.INFO,
        for_seconds=_HOUR,
        hysteresis=2.0,
        text="A phase carries 20 kW more or less than the mean of the three for an hour: to be set by its size.",
    ),
    AlarmRule(
        "residual",
        Measure.RESIDUAL,
        ElementKind.TRANSFORMER,
        2.0,
        for_seconds=_DAY,
        hysteresis=0.5,
        text="For a day the transformer's own meter and those below it differ by 2 kW: a meter is missing, assigned to "
        "another transformer, or bypassed.",
    ),
    AlarmRule(
        "readings-late",
        Measure.READINGS_LATE,
        ElementKind.CONNECTION,
        48.0,
        text="A connection is two days behind the newest reading of its network.",
    ),
    AlarmRule(
        "readings-stopped",
        Measure.READINGS_LATE,
        ElementKind.NETWORK,
        48.0,
        text="No reading of any connection for two days.",
    ),
    AlarmRule(
        "readings-missing",
        Measure.READINGS_MISSING,
        ElementKind.CONNECTION,
        10.0,
        AlarmSeverity.INFO,
        text="More than a tenth of a day's intervals is missing.",
    ),
    AlarmRule(
        "messages-lost",
        Measure.MESSAGES_LOST,
        ElementKind.NETWORK,
        0.0,
        text="A message was given up after its last try: look at the routes of messages.",
    ),
)
