"""Alarms: rules as data, held against measures of a network's elements, give alarms with begin, end and worst value.

Pure: a rule sees values and the carry of what it saw before, never a clock. The same values give the same alarms with
the same ids, however they are cut into pieces: an alarm's id is drawn from network, rule, element and begin alone.
"""

from __future__ import annotations

from backend.grid.alarms.defaults import DEFAULT_RULES
from backend.grid.alarms.evaluation import Alarm, Carry, MeasureSeries, alarm_id, find_alarms
from backend.grid.alarms.measures import AlarmSeverity, ElementKind, Measure
from backend.grid.alarms.routes import Channel, Route, read_routes, write_routes
from backend.grid.alarms.rules import AlarmRule, digest_rule, read_rules, write_rules

__all__ = [
    "DEFAULT_RULES",
    "Alarm",
    "AlarmRule",
    "AlarmSeverity",
    "Carry",
    "Channel",
    "ElementKind",
    "Measure",
    "MeasureSeries",
    "Route",
    "alarm_id",
    "digest_rule",
    "find_alarms",
    "read_routes",
    "read_rules",
    "write_routes",
    "write_rules",
]
