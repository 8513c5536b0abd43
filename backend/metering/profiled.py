"""Profiled estimates: a gap by the mean of three similar days, made to add up to what the register counted.

- A gap of at most two hours whose neighbours are known is filled in a line, as in ``backend.metering.estimation``.
- A longer one is filled day by day: each missing interval is the floor of the mean of the same local time on the three
  nearest days of the same type, before or after, on which all that the day lacks is known. Of two days equally near,
  the earlier. Types are workday, Saturday, and Sunday or holiday. A day that was estimated is no source.
- Where register reads surround gaps, and all else between them was delivered, the estimates are divided anew so that
  the intervals add up to the register's difference (``backend.quantities.apportion_exactly``). Where the readings
  already exceed the register by less than it shows (a display of whole kilowatt-hours), the gap holds at most what is
  left of that; where by more, nothing is estimated: one of the two is wrong, and the operator has to say which. What
  was divided anew is no line any more, however short its gap: its source is ``PROFILED``; contracts repeat lines.

What has no three such days stays missing: it goes back to the operator. Everything is whole milliwatt-hours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.inspection import find_runs
from backend.metering.readings import ReadingSource
from backend.quantities import PARTS_PER_MILLION, apportion_exactly, multiply_divide_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.counted_spans import RegisterSpan
    from backend.quantities import PeriodCalendar

__all__ = [
    "SIMILAR_DAYS_NEEDED",
    "DayType",
    "GapEstimate",
    "Profiling",
    "RegisterEnergy",
    "day_types",
    "estimate_gap",
    "estimate_series",
    "place_registers",
]

SIMILAR_DAYS_NEEDED = 3
LINEAR_SECONDS_MAX = 2 * 3600
_SATURDAY, _SUNDAY = 5, 6
_NO_INTERVAL = -1


class DayType(IntEnum):
    """Days whose courses resemble each other."""

    WORKDAY = 0
    SATURDAY = 1
    REST = 2  # Sunday or holiday


@dataclass(frozen=True, slots=True)
class RegisterEnergy:
    """What a register counted between two interval bounds.

    Attributes:
        start: First interval. [1]
        until: The interval after the last. [1]
        energy: At least zero. [mWh]
        hidden: What the meters may have counted more or less than they show. [mWh]
    """

    start: int
    until: int
    energy: int
    hidden: int = 0


@dataclass(frozen=True)
class Profiling:
    """What profiled estimates of a period rest on besides its readings.

    Attributes:
        holidays: Civil dates that count as Sundays.
        registers: What registers counted, by metering point id; as ``place_registers`` takes them.
    """

    holidays: frozenset[date] = frozenset()
    registers: Mapping[str, Sequence[RegisterSpan]] = field(default_factory=dict)


@dataclass(frozen=True)
class GapEstimate:
    """What a gap is filled with.

    Attributes:
        values: Shape (n,), int64. [mWh]
        source: ``INTERPOLATED`` or ``PROFILED``.
        days: The similar days used, by day of the gap; empty for a line.
    """

    values: NDArray[np.int64]
    source: ReadingSource
    days: tuple[tuple[date, ...], ...] = ()


def day_types(calendar: PeriodCalendar, holidays: Collection[date]) -> tuple[DayType, ...]:
    """Type of each civil day of a calendar."""
    held = set(holidays)
    return tuple(
        DayType.REST
        if day.weekday() == _SUNDAY or day in held
        else DayType.SATURDAY
        if day.weekday() == _SATURDAY
        else DayType.WORKDAY
        for day in calendar.period.dates()
    )


class _Days:
    """A calendar's intervals by civil day and local time."""

    def __init__(self, calendar: PeriodCalendar, holidays: Collection[date]) -> None:
        self.calendar = calendar
        self.types = day_types(calendar, holidays)
        self.dates = tuple(calendar.period.dates())
        self.place = np.array(calendar.local_minutes(), dtype=np.int64) // calendar.resolution_minutes
        self.day = np.repeat(np.arange(calendar.period.days), calendar.intervals_per_day)
        places = 24 * 60 // calendar.resolution_minutes
        self.lookup = np.full((calendar.period.days, places), _NO_INTERVAL, dtype=np.int64)
        self.lookup[self.day[::-1], self.place[::-1]] = np.arange(len(self.day))[
            ::-1
        ]  # the first occurrence stays

    def sources(
        self, day: int, places: NDArray[np.int64], known: NDArray[np.bool_]
    ) -> tuple[list[int], NDArray[np.int64]]:
        """The nearest similar days on which all places are known, and their intervals. Shape (days, places)."""
        found: list[int] = []
        rows = []
        for distance in range(1, len(self.dates)):
            for other in (day - distance, day + distance):
                if not 0 <= other < len(self.dates) or self.types[other] != self.types[day]:
                    continue
                row = self.lookup[other, places]
                if (row != _NO_INTERVAL).all() and known[row].all():
                    found.append(other)
                    rows.append(row)
                    if len(found) == SIMILAR_DAYS_NEEDED:
                        return found, np.stack(rows)
        return found, np.zeros((0, len(places)), dtype=np.int64)


def estimate_gap(
    energy: NDArray[np.int64],
    known: NDArray[np.bool_],
    calendar: PeriodCalendar,
    gap: tuple[int, int],
    *,
    holidays: Collection[date] = (),
    register_energy: int | None = None,
) -> GapEstimate | None:
    """Fill one gap of a series.

    Args:
        energy: Shape (T,), int64, of the calendar's intervals. [mWh]
        known: Measured, or the operator's substitute: what an estimate may rest on. Shape (T,).
        calendar: The intervals; days before and after the gap are where similar ones are sought.
        gap: Its intervals [first, until).
        holidays: Civil dates that count as Sundays.
        register_energy: What the register says that the gap holds, None where it says nothing. [mWh]

    Returns:
        The estimate, or None where there are no three similar days or the register leaves less than nothing.

    Invariants:
        - With a register the values sum to ``register_energy``.
        - No value is negative.
    """
    return _fill(energy, known, _Days(calendar, holidays), gap, register_energy)


def _fill(
    energy: NDArray[np.int64],
    known: NDArray[np.bool_],
    days: _Days,
    gap: tuple[int, int],
    register_energy: int | None,
) -> GapEstimate | None:
    if register_energy is not None and register_energy < 0:
        return None
    estimate = _draw_line(energy, known, days.calendar.step_seconds, gap) or _profile(
        energy, known, days, gap
    )
    if estimate is None or register_energy is None:
        return estimate
    values = _divide_anew(register_energy, estimate.values)
    return GapEstimate(values, ReadingSource.PROFILED, estimate.days)


def _draw_line(
    energy: NDArray[np.int64], known: NDArray[np.bool_], step_seconds: int, gap: tuple[int, int]
) -> GapEstimate | None:
    first, until = gap
    if (until - first) * step_seconds > LINEAR_SECONDS_MAX or first == 0 or until == len(known):
        return None
    if not (known[first - 1] and known[until]):
        return None
    steps = until - first + 1
    before, after = int(energy[first - 1]), int(energy[until])
    values = [(before * (steps - place) + after * place) // steps for place in range(1, steps)]
    return GapEstimate(np.array(values, dtype=np.int64), ReadingSource.INTERPOLATED)


def _profile(
    energy: NDArray[np.int64], known: NDArray[np.bool_], days: _Days, gap: tuple[int, int]
) -> GapEstimate | None:
    index = np.arange(*gap)
    values = np.zeros(len(index), dtype=np.int64)
    used: list[tuple[date, ...]] = []
    for day in np.unique(days.day[index]).tolist():
        here = days.day[index] == day
        found, sources = days.sources(day, days.place[index[here]], known)
        if len(found) < SIMILAR_DAYS_NEEDED:
            return None
        values[here] = energy[sources].sum(axis=0) // SIMILAR_DAYS_NEEDED
        used.append(tuple(days.dates[other] for other in found))
    return GapEstimate(values, ReadingSource.PROFILED, tuple(used))


def _by_day(days: _Days, gap: tuple[int, int]) -> list[tuple[int, int]]:
    """A gap cut at midnights: a day that cannot be filled leaves the others."""
    bounds = [bound for bound in days.calendar.day_offsets if gap[0] < bound < gap[1]]
    return list(pairwise([gap[0], *bounds, gap[1]]))


def _divide_anew(total: int, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """A total by the estimates as weights, evenly where all of them are zero."""
    weights = values.tolist() if values.any() else [1] * len(values)
    return np.array(apportion_exactly(total, weights), dtype=np.int64)


def estimate_series(
    energy: NDArray[np.int64],
    known: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    calendar: PeriodCalendar,
    *,
    holidays: Collection[date] = (),
    registers: Sequence[RegisterEnergy] = (),
    delivered: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Fill all gaps of a series, none resting on another's estimate.

    Args:
        energy: Shape (T,), int64. [mWh]
        known: What an estimate may rest on. Shape (T,).
        missing: What is to be filled. Shape (T,).
        calendar: The intervals.
        holidays: Civil dates that count as Sundays.
        registers: What registers counted, spans that do not overlap.
        delivered: What counts in a register's span as it is: what is known, and what the operator itself estimated,
            on which nothing rests. Shape (T,); what is known where not given.

    Returns:
        Energies with the estimates in their places, and the ``ReadingSource`` of each place that was filled, ``NONE``
        elsewhere. Shapes (T,).

    Invariants:
        - What is not missing is not changed.
        - Within a register's span that was delivered but for gaps that were filled, the intervals sum to its energy,
          or to at most what displays hide more, where what was delivered alone is more than it.
    """
    days = _Days(calendar, holidays)
    counted = known if delivered is None else delivered
    filled = energy.copy()
    source = np.full(len(energy), ReadingSource.NONE, dtype=np.uint8)
    for gap in find_runs(missing):
        line = _draw_line(energy, known, calendar.step_seconds, gap)
        for first, until in [gap] if line else _by_day(days, gap):
            estimate = line or _profile(energy, known, days, (first, until))
            if estimate is not None:
                filled[first:until] = estimate.values
                source[first:until] = estimate.source
    for span in registers:
        here = slice(span.start, span.until)
        estimated = source[here] != ReadingSource.NONE
        if not estimated.any() or not (counted[here] | estimated).all():
            continue
        rest = span.energy - int(energy[here][~estimated].sum())
        places = np.flatnonzero(estimated) + span.start
        if rest < 0:  # what was delivered is more than what is shown, as a display of whole units may hide
            rest = min(int(filled[places].sum()), rest + span.hidden)
        if rest < 0:
            filled[places] = energy[places]
            source[places] = ReadingSource.NONE
        else:
            filled[places] = _divide_anew(rest, filled[places])
            source[places] = ReadingSource.PROFILED
    return filled, source


def place_registers(
    spans: Sequence[RegisterSpan], calendar: PeriodCalendar, factor_ppm: int
) -> list[RegisterEnergy]:
    """What registers counted between bounds of intervals.

    Spans that follow one another count as one where the read between them cuts an interval. What begins before the
    calendar or ends after it says nothing.

    Args:
        spans: In order of their start, none overlapping another (``conformity.register_spans``).
        calendar: The intervals.
        factor_ppm: The point's participation factor. [ppm]

    Returns:
        Spans that do not overlap, in order, scaled by the factor, floored.
    """
    found: list[RegisterEnergy] = []
    start, counted, hidden, reached = None, 0, 0, None
    for span in spans:
        if span.start_utc != reached:
            start, counted, hidden = _bound(calendar, span.start_utc), 0, 0
        counted, hidden, reached = counted + span.energy, max(hidden, span.hidden), span.end_utc
        end = _bound(calendar, span.end_utc)
        if end is None:
            continue
        if start is not None:
            energy, beside = (
                multiply_divide_down(value, factor_ppm, PARTS_PER_MILLION) for value in (counted, hidden)
            )
            found.append(RegisterEnergy(start, end, energy, beside))
        start, counted, hidden = end, 0, 0
    return found


def _bound(calendar: PeriodCalendar, instant_utc: int) -> int | None:
    """The interval that begins at an instant, one more than the last at the end; None between and outside."""
    index, beside = divmod(instant_utc - calendar.start_utc, calendar.step_seconds)
    return index if beside == 0 and 0 <= index <= calendar.interval_count else None
