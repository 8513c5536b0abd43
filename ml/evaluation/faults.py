"""Faults of named kinds put into real courses, so that what is found of them can be counted.

Sizes are those of the field: a dead meter shows zero, a clock is off by hours, a current transformer of three is
lost (a third), a device is passed round the meter, a heater runs on. Each begins where it is told to and lasts as told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]

__all__ = ["FaultKind", "PlantedFault", "deal_faults", "plant"]

_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600


class FaultKind(Enum):
    """What is put in, and for how many days."""

    DEAD = "dead"  # zero
    DEAD_HOURS = "dead_hours"  # zero for eight hours
    STUCK = "stuck"  # the last value stays
    THIRD_LOST = "third_lost"  # two thirds are registered
    CLOCK = "clock"  # everything six hours late
    HEATER = "heater"  # as much as the home's mean load beside, day and night
    PASSED_BY = "passed_by"  # of what is above the base load, four fifths go round the meter from 16 to 23 h
    SPIKE = "spike"  # one hour at five times the highest of the month before


DAYS = {
    FaultKind.DEAD: 3,
    FaultKind.DEAD_HOURS: 1,
    FaultKind.STUCK: 2,
    FaultKind.THIRD_LOST: 14,
    FaultKind.CLOCK: 7,
    FaultKind.HEATER: 3,
    FaultKind.PASSED_BY: 14,
    FaultKind.SPIKE: 1,
}


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One of them.

    Attributes:
        kind: What.
        meter: Where.
        start_utc: [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]
    """

    kind: FaultKind
    meter: str
    start_utc: int
    end_utc: int


def deal_faults(
    meters: Mapping[str, Series], start_utc: int, end_utc: int, kinds: tuple[FaultKind, ...], seed: int
) -> list[PlantedFault]:
    """One fault for every meter, kinds in turn, at a drawn day; where less than all is measured none.

    Args:
        meters: Courses as measured.
        start_utc: First instant of the span, where a civil day begins. [s since 1970, UTC]
        end_utc: Its end. [s since 1970, UTC]
        kinds: Dealt in turn.
        seed: Of the days and the first kind.
    """
    dice = np.random.default_rng(seed)
    first = int(dice.integers(len(kinds)))
    found = []
    for place, (name, series) in enumerate(meters.items()):
        kind = kinds[(first + place) % len(kinds)]
        room = (end_utc - start_utc) // _DAY_SECONDS - DAYS[kind]
        begin = start_utc + int(dice.integers(0, max(room, 1))) * _DAY_SECONDS
        end = begin + DAYS[kind] * _DAY_SECONDS
        inside = series.values[series.place(begin) : series.place(min(end, series.end_utc))]
        if inside.size and np.isfinite(inside).mean() > 0.95 and np.nanmean(inside) > 0:  # noqa: PLR2004
            found.append(PlantedFault(kind, name, begin, end))
    return found


def plant(meters: Mapping[str, Series], faults: list[PlantedFault]) -> dict[str, Series]:
    """Courses with the faults in them."""
    told = dict(meters)
    for fault in faults:
        series = told[fault.meter]
        values = series.values.copy()
        begin, end = series.place(fault.start_utc), min(series.place(fault.end_utc), len(values))
        values[begin:end] = _faulty(series, fault.kind, begin, end)
        told[fault.meter] = replace(series, values=values)
    return told


def _faulty(series: Series, kind: FaultKind, begin: int, end: int) -> Values:
    values = series.values[begin:end].copy()
    hour = _HOUR_SECONDS // series.step_seconds
    before = series.values[max(0, begin - 28 * 24 * hour) : begin]
    places = np.arange(end - begin) // hour % 24
    if kind is FaultKind.DEAD:
        return np.zeros(end - begin)
    if kind is FaultKind.DEAD_HOURS:
        values[10 * hour : 18 * hour] = 0.0
    elif kind is FaultKind.STUCK:
        known = values[: 12 * hour][np.isfinite(values[: 12 * hour])]
        values[12 * hour :] = known[-1] if known.size else 0.0
    elif kind is FaultKind.THIRD_LOST:
        values *= 2 / 3
    elif kind is FaultKind.CLOCK:
        values = series.values[begin - 6 * hour : end - 6 * hour].copy()
    elif kind is FaultKind.HEATER:
        values += float(np.nanmean(before))
    elif kind is FaultKind.PASSED_BY:
        base = float(np.nanquantile(before, 0.1))
        evening = (places >= 16) & (places < 23)  # noqa: PLR2004
        values = np.where(evening, base + 0.2 * np.maximum(values - base, 0), values)
    else:
        values[18 * hour : 19 * hour] = 5 * float(np.nanmax(before))
    return values
