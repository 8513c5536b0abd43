"""Rules about what is there at all: gaps, a wrong step, two readings of one interval, signs, clock changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, name_instant, on_series
from backend.metering.inspection import Inspection, PointSeries, find_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import IntervalCountTerms

__all__ = [
    "find_clock_changes",
    "find_duplicates",
    "find_gaps",
    "find_negative",
    "find_off_grid",
    "find_overlaps",
    "find_wrong_steps",
]


def find_gaps(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """Runs of intervals without a reading, on days of membership."""
    for series in inspection.series:
        for first, until in find_runs(series.expected & ~series.known):
            yield on_series(
                inspection,
                series,
                (first, until),
                f"{until - first} readings of {series.point.id} are missing from "
                f"{name_instant(inspection.start_of(first))}; ask the operator for them, or settle with what the rule "
                "makes of gaps.",
                f"{until - first} intervals",
                intervals=until - first,
            )


def find_wrong_steps(inspection: Inspection, terms: IntervalCountTerms) -> Iterator[Evidence]:
    """Days on which every k-th interval alone is known: the file's step is k times the community's.

    A day counts where its known intervals are evenly spaced, more than two, and start with its first or its k-th.
    """
    calendar = inspection.calendar
    for series in inspection.series:
        known = series.known
        sparse = [0] * calendar.period.days
        for day, count in enumerate(calendar.intervals_per_day):
            first = calendar.day_offsets[day]
            if known[first : first + count].all() or not series.expected[first]:
                continue
            sparse[day] = _spacing(known[first : first + count])
        spacing = np.array(sparse)
        for days, until in find_runs(spacing > 1):
            if until - days < terms.days:
                continue
            step = int(np.median(spacing[days:until])) * calendar.resolution_minutes
            yield on_series(
                inspection,
                series,
                (calendar.day_offsets[days], calendar.day_offsets[until]),
                f"{series.point.id} has a reading every {step} minutes for {until - days} days from "
                f"{name_instant(inspection.start_of(calendar.day_offsets[days]))}; the community settles "
                f"{calendar.resolution_minutes} minutes: convert the file to that step.",
                f"{step} min",
                f"{calendar.resolution_minutes} min",
                step_minutes=step,
                days=until - days,
                limit_minutes=calendar.resolution_minutes,
            )


def _spacing(known: NDArray[np.bool_]) -> int:
    """Spacing k where every k-th is known and nothing else, from the first or the k-th on; 0 elsewhere."""
    places = np.flatnonzero(known)
    if len(places) < 3:  # noqa: PLR2004 -- two readings are no step
        return 0
    spaces = np.diff(places)
    step = int(spaces[0])
    even = bool((spaces == step).all()) and places[0] < step and len(known) - places[-1] <= step
    return step if even and step > 1 else 0


def find_negative(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """Energy below zero: a direction is the metering point's, never the sign's."""
    for series in inspection.series:
        energy = inspection.table.energy[series.rows]
        below = np.flatnonzero(energy < 0)
        if len(below):
            starts = inspection.table.start_utc[series.rows][below]
            yield Evidence(
                series.point.id,
                int(starts[0]),
                int(starts[-1]) + inspection.calendar.step_seconds,
                f"{len(below)} readings of {series.point.id} are negative; "
                "give each direction its own metering point.",
                f"{int(energy.min())} mWh",
                "0 mWh",
                {"readings": len(below), "least_milliwatt_hours": int(energy.min())},
            )


def find_duplicates(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """Two readings of one interval."""
    for series in inspection.series:
        starts = inspection.table.start_utc[series.rows]
        twice = starts[1:][starts[1:] == starts[:-1]]
        if len(twice):
            yield Evidence(
                series.point.id,
                int(twice[0]),
                int(twice[-1]) + inspection.calendar.step_seconds,
                f"{series.point.id} has {len(twice)} intervals with two readings, the first at "
                f"{name_instant(int(twice[0]))}; load the right one again.",
                f"{len(twice)} intervals",
                facts={"intervals": len(twice)},
            )


def find_overlaps(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """A reading that starts before the one before it has ended, other than at the same instant."""
    step = inspection.calendar.step_seconds
    for series in inspection.series:
        starts = inspection.table.start_utc[series.rows]
        apart = np.diff(starts)
        places = np.flatnonzero((apart > 0) & (apart < step))
        if len(places):
            yield Evidence(
                series.point.id,
                int(starts[places[0]]),
                int(starts[places[-1] + 1]) + step,
                f"{len(places)} readings of {series.point.id} start before the one before them has ended, the first "
                f"at {name_instant(int(starts[places[0] + 1]))}; two files or steps were mixed: load one of them.",
                f"{int(apart[places].min()) // 60} min apart",
                f"{step // 60} min",
                {"readings": len(places), "first_utc": int(starts[places[0] + 1])},
            )


def find_off_grid(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """Readings that start between two intervals of the community's civil days."""
    step = inspection.calendar.step_seconds
    for series in inspection.series:
        starts = inspection.table.start_utc[series.rows]
        beside = starts[(starts - inspection.calendar.start_utc) % step != 0]
        if len(beside):
            yield Evidence(
                series.point.id,
                int(beside[0]),
                int(beside[-1]) + step,
                f"{len(beside)} readings of {series.point.id} start between two intervals of "
                f"{inspection.calendar.resolution_minutes} minutes, the first at {name_instant(int(beside[0]))}; they "
                "cannot be settled.",
                f"{len(beside)} readings",
                facts={"readings": len(beside), "step_minutes": inspection.calendar.resolution_minutes},
            )


def find_clock_changes(inspection: Inspection, _: None) -> Iterator[Evidence]:
    """Days of 25 hours that a point has as if they had 24: its file was written without regard to the clock."""
    calendar = inspection.calendar
    nominal = 24 * 60 // calendar.resolution_minutes
    for day, count in enumerate(calendar.intervals_per_day):
        if count > nominal:
            for series in inspection.series:
                if _lacks_an_hour(inspection, series, day):
                    yield _repeated_hour_missing(inspection, series, day)


def _lacks_an_hour(inspection: Inspection, series: PointSeries, day: int) -> bool:
    first, until = inspection.calendar.day_offsets[day : day + 2]
    nominal = 24 * 60 // inspection.calendar.resolution_minutes
    hour = 60 // inspection.calendar.resolution_minutes
    present = int(np.count_nonzero(series.known[first:until]))
    expected = bool(series.expected[first:until].all())
    return expected and present == nominal and until - first - present <= hour


def _repeated_hour_missing(inspection: Inspection, series: PointSeries, day: int) -> Evidence:
    first, until = inspection.calendar.day_offsets[day : day + 2]
    present = int(np.count_nonzero(series.known[first:until]))
    return on_series(
        inspection,
        series,
        (first, until),
        f"{series.point.id} has {present} readings on the day of the clock change from "
        f"{name_instant(inspection.start_of(first))}, which has {until - first} intervals: the repeated hour is "
        "missing; export the file with offsets from UTC.",
        f"{present} intervals",
        f"{until - first} intervals",
        readings=present,
        intervals=until - first,
    )
