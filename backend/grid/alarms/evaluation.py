"""Holding rules against values: where an alarm begins, how bad it gets, where it ends.

Values come in pieces, as readings do. What a rule must remember from one piece to the next is its carry, by element;
cutting the values elsewhere changes no alarm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity, ElementKind, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.alarms.rules import AlarmRule

__all__ = ["Alarm", "Carry", "MeasureSeries", "alarm_id", "find_alarms"]

_WITHIN, _BETWEEN, _BEYOND, _UNKNOWN, _UNWATCHED = range(5)
# A week of which less is known says nothing about its percentiles.
_WEEK_KNOWN_MIN = 0.5
_MINUTES_OF_DAY = 24 * 60
_PERCENT = 100.0


@dataclass(frozen=True)
class MeasureSeries:
    """A measure of many elements over time.

    Attributes:
        measure: Which.
        kind: Of the elements.
        elements: Ids.
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        values: NaN where unknown. Shape (elements, T). [the measure's unit]
        time_zone: IANA name that a rule's hours, weekdays and weeks are told in.
        unsolved: Starts of intervals that are unknown because power flow has no solution. [s since 1970, UTC]
    """

    measure: Measure
    kind: ElementKind
    elements: tuple[str, ...]
    start_utc: int
    step_seconds: int
    values: NDArray[np.float64]
    time_zone: str = "UTC"
    unsolved: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[0] != len(self.elements):  # noqa: PLR2004 -- two axes
            raise InputError(
                f"values of {self.measure} have shape {self.values.shape} for {len(self.elements)} elements; it is "
                "(elements, intervals)."
            )
        if self.step_seconds <= 0:
            raise InputError(
                f"values of {self.measure} have a step of {self.step_seconds} s; it must be positive."
            )

    @property
    def end_utc(self) -> int:
        """End of the last interval. [s since 1970, UTC]"""
        return self.start_utc + int(self.values.shape[1]) * self.step_seconds


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that was, or is, beyond its limit.

    Attributes:
        id: The same for the same network, rule, element and begin.
        rule: Id.
        kind: Of the element.
        element: Id.
        measure: What is beyond its limit.
        severity: How grave.
        begin_utc: Start of the first interval beyond the limit. [s since 1970, UTC]
        end_utc: Start of the first interval back within it; None while it lasts. [s since 1970, UTC]
        worst: The value furthest beyond; of a rule by weeks, the part of the week beyond the limit. [unit]
        worst_utc: Start of its interval. [s since 1970, UTC]
        limit: Of the rule. [unit]
        unit: Of both.
    """

    id: str
    rule: str
    kind: ElementKind
    element: str
    measure: Measure
    severity: AlarmSeverity
    begin_utc: int
    end_utc: int | None
    worst: float
    worst_utc: int
    limit: float
    unit: str


@dataclass(frozen=True, slots=True)
class Carry:
    """What a rule remembers of an element.

    Attributes:
        begin_utc: Start of the run beyond the limit, or of the week; 0 for none. [s since 1970, UTC]
        seconds: Of the run so far; of the week, what is known of it. [s]
        is_raised: Did the run last long enough?
        worst: Furthest value. [unit]
        worst_utc: Start of its interval. [s since 1970, UTC]
        beyond_seconds: Of the week, what is beyond the limit. [s]
    """

    begin_utc: int = 0
    seconds: int = 0
    is_raised: bool = False
    worst: float = 0.0
    worst_utc: int = 0
    beyond_seconds: int = 0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def alarm_id(network: str, rule: str, element: str, begin_utc: int) -> str:
    """The id of an alarm: 32 hexadecimal digits of SHA-256."""
    return hashlib.sha256(json.dumps([network, rule, element, begin_utc]).encode()).hexdigest()[:32]


def find_alarms(
    network: str, rule: AlarmRule, series: MeasureSeries, carries: Mapping[str, Carry]
) -> tuple[list[Alarm], dict[str, Carry]]:
    """Hold a rule against the values that follow those of the carries.

    Args:
        network: Name.
        rule: Of the series' measure and kind.
        series: Values.
        carries: What the rule remembers, by element; empty at the beginning.

    Returns:
        Alarms that began, went on or ended in the series, those that last without an end; and what to remember.
        An alarm that lasts is told again with the next values, under the same id.

    Invariants:
        - Cutting the values in two, and giving the second part the first one's carries, gives the same alarms.
    """
    assert rule.measure is series.measure, f"{rule.id} watches {rule.measure}, not {series.measure}"
    if not rule.is_enabled or rule.kind is not series.kind:
        return [], {}
    chosen = set(rule.elements) if rule.elements else None
    walk = _walk_weeks if rule.tolerated_percent is not None else _walk_runs
    watched = _watched(rule, series)
    alarms: list[Alarm] = []
    after: dict[str, Carry] = {}
    any_beyond: NDArray[np.bool_] = np.any(_beyond(rule, series.values), axis=1)
    for row, element in enumerate(series.elements):
        if chosen is not None and element not in chosen:
            continue
        carry = carries.get(element, Carry())
        if walk is _walk_runs and not any_beyond[row] and not carry.begin_utc:
            continue
        found, left = walk(network, rule, series, row, watched, carry)
        alarms += found
        if left.begin_utc:
            after[element] = left
    return alarms, after


def _beyond(rule: AlarmRule, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(values < rule.limit if rule.measure.is_low else values > rule.limit)


def _watched(rule: AlarmRule, series: MeasureSeries) -> NDArray[np.bool_]:
    """By interval, whether the rule's hours and days hold at its start. Shape (T,)."""
    count = series.values.shape[1]
    if rule.is_always:
        return np.ones(count, dtype=bool)
    zone = ZoneInfo(series.time_zone)
    starts = series.start_utc + series.step_seconds * np.arange(count)
    told = np.zeros(count, dtype=bool)
    for place, start in enumerate(starts.tolist()):
        wall = datetime.fromtimestamp(start, zone)
        minute, day = wall.hour * 60 + wall.minute, wall.weekday()
        if rule.from_minute < rule.to_minute:
            inside = rule.from_minute <= minute < rule.to_minute
        else:
            inside = minute >= rule.from_minute or minute < rule.to_minute
            # The hours after midnight belong to the evening before.
            day = day if minute >= rule.from_minute else (day - 1) % 7
        told[place] = inside and day in rule.weekdays
    return told


def _codes(rule: AlarmRule, values: NDArray[np.float64], watched: NDArray[np.bool_]) -> NDArray[np.int8]:
    """By interval, where the value stands."""
    sign = -1.0 if rule.measure.is_low else 1.0
    over = sign * (values - rule.limit)
    codes = np.full(values.shape, _BETWEEN, dtype=np.int8)
    codes[over > 0] = _BEYOND
    codes[over <= -rule.hysteresis] = _WITHIN
    codes[np.isnan(values)] = _UNKNOWN
    codes[~watched] = _UNWATCHED
    return codes


def _worse(rule: AlarmRule, values: NDArray[np.float64], start_utc: int, step: int, carry: Carry) -> Carry:
    """The carry with the worst of more values that are beyond the limit."""
    place = int(np.argmin(values) if rule.measure.is_low else np.argmax(values))
    value = float(values[place])
    is_worse = value < carry.worst if rule.measure.is_low else value > carry.worst
    if carry.worst_utc and not is_worse:
        return carry
    return replace(carry, worst=value, worst_utc=start_utc + place * step)


def _walk_runs(
    network: str,
    rule: AlarmRule,
    series: MeasureSeries,
    row: int,
    watched: NDArray[np.bool_],
    carry: Carry,
) -> tuple[list[Alarm], Carry]:
    """Alarms of an element, run by run of intervals that stand alike."""
    values, step = series.values[row], series.step_seconds
    codes = _codes(rule, values, watched)
    bounds = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    alarms: list[Alarm] = []
    for first, until in pairwise(bounds):
        if first == until:
            continue
        start = series.start_utc + first * step
        code = int(codes[first])
        if code == _BEYOND:
            begun = carry if carry.begin_utc else Carry(begin_utc=start)
            begun = _worse(rule, values[first:until], start, step, begun)
            seconds = begun.seconds + (until - first) * step
            is_raised = begun.is_raised or seconds >= rule.for_seconds
            carry = replace(begun, seconds=seconds, is_raised=is_raised)
        elif code in {_WITHIN, _UNWATCHED} or not carry.is_raised:
            # What did not last, or is within the limit again; a gap or the band in between ends no alarm.
            if carry.is_raised:
                alarms.append(_alarm(network, rule, series, row, carry, start))
            carry = Carry()
    if carry.is_raised:
        alarms.append(_alarm(network, rule, series, row, carry, None))
    return alarms, carry


def _alarm(
    network: str, rule: AlarmRule, series: MeasureSeries, row: int, carry: Carry, end_utc: int | None
) -> Alarm:
    element = series.elements[row]
    return Alarm(
        id=alarm_id(network, rule.id, element, carry.begin_utc),
        rule=rule.id,
        kind=rule.kind,
        element=element,
        measure=rule.measure,
        severity=rule.severity,
        begin_utc=carry.begin_utc,
        end_utc=end_utc,
        worst=carry.worst,
        worst_utc=carry.worst_utc,
        limit=rule.limit,
        unit=rule.measure.unit,
    )


def _walk_weeks(
    network: str,
    rule: AlarmRule,
    series: MeasureSeries,
    row: int,
    watched: NDArray[np.bool_],
    carry: Carry,
) -> tuple[list[Alarm], Carry]:
    """Alarms of an element, week by week; a week is told once it is over."""
    values, step = series.values[row], series.step_seconds
    codes = _codes(rule, values, watched)
    zone = ZoneInfo(series.time_zone)
    alarms: list[Alarm] = []
    place, count = 0, len(codes)
    while place < count:
        start = series.start_utc + place * step
        begin, end = _week_of(start, zone)
        until = min(count, -(-(end - series.start_utc) // step))
        part = codes[place:until]
        if carry.begin_utc != begin:
            carry = Carry(begin_utc=begin)
        is_beyond = part == _BEYOND
        if is_beyond.any():
            held = np.where(is_beyond, values[place:until], np.inf if rule.measure.is_low else -np.inf)
            carry = _worse(rule, held, start, step, carry)
        known = int(np.isin(part, (_WITHIN, _BETWEEN, _BEYOND)).sum()) * step
        carry = replace(
            carry,
            seconds=carry.seconds + known,
            beyond_seconds=carry.beyond_seconds + int(is_beyond.sum()) * step,
        )
        if series.start_utc + until * step >= end:
            alarms += _week_alarm(network, rule, series, row, carry, end)
            carry = Carry()
        place = until
    return alarms, carry


def _week_alarm(
    network: str, rule: AlarmRule, series: MeasureSeries, row: int, carry: Carry, end_utc: int
) -> list[Alarm]:
    if carry.seconds < _WEEK_KNOWN_MIN * _watched_seconds(rule, carry.begin_utc, end_utc):
        return []
    assert rule.tolerated_percent is not None
    share = _PERCENT * carry.beyond_seconds / carry.seconds
    return [_alarm(network, rule, series, row, carry, end_utc)] if share > rule.tolerated_percent else []


def _watched_seconds(rule: AlarmRule, begin_utc: int, end_utc: int) -> float:
    """What of a week the rule watches, as if no clock were set in it. [s]"""
    minutes = (rule.to_minute - rule.from_minute) % _MINUTES_OF_DAY or _MINUTES_OF_DAY
    return (end_utc - begin_utc) * (minutes / _MINUTES_OF_DAY) * (len(rule.weekdays) / 7)


def _week_of(instant_utc: int, zone: ZoneInfo) -> tuple[int, int]:
    """Bounds of the local week, Monday to Monday, that an instant is in. [s since 1970, UTC]"""
    wall = datetime.fromtimestamp(instant_utc, zone)
    monday = wall.date() - timedelta(days=wall.weekday())
    bounds = [
        datetime(day.year, day.month, day.day, tzinfo=zone) for day in (monday, monday + timedelta(days=7))
    ]
    begin, end = (int(bound.astimezone(UTC).timestamp()) for bound in bounds)
    return begin, end
