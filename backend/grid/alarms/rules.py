"""Alarm rules as data: what is watched, on which elements, and when it alarms. Read from JSON or TOML, written back."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity, ElementKind, Measure, traits_of
from backend.grid.huge_numbers import refuse_huge_numbers

__all__ = ["RULES_MAX", "WEEKDAYS", "AlarmRule", "digest_rule", "read_rules", "write_rules"]

RULES_MAX = 200
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ELEMENTS_MAX = 5_000
_ELEMENT_LENGTH_MAX = 200
_TEXT_MAX = 500
_SECONDS_MAX = 31 * 86_400
_MINUTES_OF_DAY = 24 * 60
_ALL_WEEK = tuple(range(7))
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When something alarms.

    A rule alarms while a value is beyond its limit, once it was for ``for_seconds`` on end, until it is back within the
    limit by ``hysteresis``. With ``tolerated_percent`` it alarms for a whole week instead, where a larger part of the
    week's known intervals is beyond the limit: what EN 50160 asks of voltages.

    Attributes:
        id: a-z, 0-9, dash, underscore.
        measure: What is watched.
        kind: Of the elements.
        limit: Beyond it, a value alarms. [the measure's unit]
        severity: How grave.
        elements: Ids; empty for all of the kind.
        for_seconds: For how long on end before it alarms; 0 at once. [s]
        hysteresis: How far back within the limit a value must be to end it. [the measure's unit]
        tolerated_percent: Part of a week's known intervals that may be beyond the limit; None for a rule without weeks.
        weekdays: Watched days, local, 0 for Monday.
        from_minute: Watched part of the day, local: its start. [min after midnight]
        to_minute: Its end; before the start where it goes over midnight. [min after midnight]
        is_enabled: Is it in force?
        text: Why, and from which source, for people.
    """

    id: str
    measure: Measure
    kind: ElementKind
    limit: float
    severity: AlarmSeverity = AlarmSeverity.WARNING
    elements: tuple[str, ...] = ()
    for_seconds: int = 0
    hysteresis: float = 0.0
    tolerated_percent: float | None = None
    weekdays: tuple[int, ...] = _ALL_WEEK
    from_minute: int = 0
    to_minute: int = _MINUTES_OF_DAY
    is_enabled: bool = True
    text: str = ""

    def __post_init__(self) -> None:
        _require(
            _ID.fullmatch(self.id) is not None, self.id, "id", self.id, "write 1 to 63 of a-z, 0-9, - and _"
        )
        self._check_limits()
        self._check_times()
        known = 0 <= len(self.elements) <= _ELEMENTS_MAX and all(
            0 < len(one) <= _ELEMENT_LENGTH_MAX for one in self.elements
        )
        _require(
            known, self.id, "elements", len(self.elements), f"name at most {_ELEMENTS_MAX} ids, none empty"
        )
        _require(
            len(self.text) <= _TEXT_MAX, self.id, "text", len(self.text), f"at most {_TEXT_MAX} characters"
        )

    def _check_limits(self) -> None:
        traits = traits_of(self.measure)
        kinds = ", ".join(sorted(traits.kinds))
        _require(
            self.kind in traits.kinds, self.id, "kind", self.kind, f"{self.measure} is a measure of: {kinds}"
        )
        span = f"{traits.least:g} to {traits.most:g} {traits.unit}"
        is_possible = math.isfinite(self.limit) and traits.least <= self.limit <= traits.most
        _require(is_possible, self.id, "limit", self.limit, f"{self.measure} has limits from {span}")
        is_back = math.isfinite(self.hysteresis) and 0 <= self.hysteresis <= traits.most - traits.least
        _require(is_back, self.id, "hysteresis", self.hysteresis, "give at least 0, in the unit of the limit")
        tolerated = self.tolerated_percent
        if tolerated is not None:
            _require(
                0 <= tolerated < _PERCENT, self.id, "tolerated_percent", tolerated, "give 0 to below 100 %"
            )
            alone = not self.for_seconds and not self.hysteresis
            told = "a rule by weeks has neither for_seconds nor hysteresis"
            _require(alone, self.id, "tolerated_percent", tolerated, told)

    def _check_times(self) -> None:
        long = 0 <= self.for_seconds <= _SECONDS_MAX
        _require(long, self.id, "for_seconds", self.for_seconds, f"give 0 to {_SECONDS_MAX} s")
        days = bool(self.weekdays) and len(set(self.weekdays)) == len(self.weekdays)
        days = days and set(self.weekdays) <= set(_ALL_WEEK)
        _require(
            days,
            self.id,
            "weekdays",
            list(self.weekdays),
            "name some of " + ", ".join(WEEKDAYS) + ", each once",
        )
        hours = 0 <= self.from_minute < _MINUTES_OF_DAY and 0 < self.to_minute <= _MINUTES_OF_DAY
        hours = hours and self.from_minute != self.to_minute
        told = "give two different times of the day, such as 22:00 and 06:00"
        _require(hours, self.id, "hours", (self.from_minute, self.to_minute), told)

    @property
    def is_always(self) -> bool:
        """Is it watched at all times?"""
        return len(self.weekdays) == len(WEEKDAYS) and (self.from_minute, self.to_minute) == (
            0,
            _MINUTES_OF_DAY,
        )


def _require(holds: bool, rule: str, name: str, value: object, remedy: str) -> None:  # noqa: FBT001 -- like assert
    if not holds:
        raise _misfit(rule, name, value, remedy)


def _misfit(rule: str, name: str, value: object, remedy: str) -> InputError:
    return InputError(f"alarm rule {rule[:63]!r}: {name} is {str(value)[:80]!r}; {remedy}.")


def digest_rule(rule: AlarmRule) -> str:
    """What tells a rule from another one of the same id: SHA-256 of what it watches, without its text, short."""
    told = write_rules([rule])[0]
    told.pop("text", None)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def write_rules(rules: Sequence[AlarmRule]) -> list[dict[str, Any]]:
    """Rules as JSON-ready tables; what has its default is left out."""
    return [_tell(rule) for rule in rules]


def _tell(rule: AlarmRule) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in fields(rule):
        value = getattr(rule, field.name)
        if value == field.default:
            continue
        if field.name == "weekdays":
            value = [WEEKDAYS[day] for day in value]
        elif field.name in {"from_minute", "to_minute"}:
            value = f"{value // 60:02d}:{value % 60:02d}"
        elif isinstance(value, tuple):
            value = list(value)
        told[_TOLD_AS.get(field.name, field.name)] = value
    return told


def read_rules(tables: object) -> tuple[AlarmRule, ...]:
    """Rules from JSON-ready tables.

    Raises:
        InputError: Naming the rule, the key and the value that does not fit, and what would.
    """
    if not isinstance(tables, Sequence) or isinstance(tables, str | bytes):
        raise InputError("alarm rules are a list of tables, each with id, measure, kind and limit.")
    if len(tables) > RULES_MAX:
        raise InputError(f"there are {len(tables)} alarm rules; at most {RULES_MAX} are taken.")
    refuse_huge_numbers(tables, "the list of alarm rules")
    rules = tuple(_hear(table, place) for place, table in enumerate(tables, 1))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise InputError(f"alarm rule {rule.id!r} stands there twice; give each an id of its own.")
        seen.add(rule.id)
    return rules


_TOLD_AS = {"from_minute": "from", "to_minute": "to", "is_enabled": "enabled"}
_HEARD_AS = {told: name for name, told in _TOLD_AS.items()}
_NEEDED = ("id", "measure", "kind", "limit")


def _hear(table: object, place: int) -> AlarmRule:
    if not isinstance(table, Mapping):
        raise InputError(f"alarm rule {place} is no table; write id, measure, kind and limit.")
    rule = str(table.get("id", f"number {place}"))
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        raise InputError(
            f"alarm rule {rule[:63]!r} has no {missing[0]}; every rule has {', '.join(_NEEDED)}."
        )
    names = {field.name for field in fields(AlarmRule)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = _HEARD_AS.get(str(key), str(key))
        if name not in names or key in _TOLD_AS:
            known = sorted((names - _TOLD_AS.keys()) | set(_HEARD_AS))
            raise InputError(
                f"alarm rule {rule[:63]!r} has {str(key)[:40]!r}; the keys are {', '.join(known)}."
            )
        values[name] = _value(rule, name, value)
    return AlarmRule(**values)


def _value(rule: str, name: str, value: object) -> Any:
    choices: dict[str, type[StrEnum]] = {"measure": Measure, "kind": ElementKind, "severity": AlarmSeverity}
    if name in choices:
        kinds = [one.value for one in choices[name]]
        _require(value in kinds, rule, name, value, f"choose one of {', '.join(kinds)}")
        return choices[name](str(value))
    if name in {"limit", "hysteresis", "tolerated_percent"}:
        if name == "tolerated_percent" and value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _misfit(rule, name, value, "write a number")
        return float(value)
    if name == "for_seconds":
        _require(type(value) is int, rule, name, value, "write whole seconds")
    elif name in {"from_minute", "to_minute"}:
        return _minute(rule, name, value)
    elif name == "is_enabled":
        _require(type(value) is bool, rule, "enabled", value, "write true or false")
    elif name in {"weekdays", "elements"}:
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise _misfit(rule, name, value, "write a list of texts")
        return tuple(_weekday(rule, one) if name == "weekdays" else one for one in value)
    else:
        _require(isinstance(value, str), rule, name, value, "write a text")
    return value


def _weekday(rule: str, name: str) -> int:
    _require(name in WEEKDAYS, rule, "weekdays", name, f"choose some of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


def _minute(rule: str, name: str, value: object) -> int:
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    _require(
        0 <= minute <= _MINUTES_OF_DAY, rule, _TOLD_AS[name], value, "write a time of the day such as 06:30"
    )
    return minute
