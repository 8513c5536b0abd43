"""Conformity: what in a community's readings cannot be, or is hard to believe. A rule is a function in ``RULES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import numpy as np

from backend.metering.findings import Finding, Severity
from backend.metering.inspection import Inspection, find_runs, inspect
from backend.metering.plausibility import (
    find_out_of_range,
    find_silent,
    find_spikes,
    find_stuck,
    find_wrong_units,
)
from backend.metering.points import MeteredCommunity
from backend.metering.readings import ReadingTable
from backend.metering.sunlight import find_sun_followers

__all__ = ["RULES", "Rule", "check_readings"]

Rule = Callable[[Inspection], Iterator[Finding]]

_SEVERITIES = list(Severity)


def check_readings(
    table: ReadingTable,
    community: MeteredCommunity,
    *,
    start_utc: int | None = None,
    end_utc: int | None = None,
) -> list[Finding]:
    """Look at a community's readings with every rule.

    Args:
        table: Readings sorted by point and time, each point at once. Give all that is stored: several rules know a
            fault by its course over weeks and seasons, whatever period is asked about.
        community: Its metering points and time zone.
        start_utc: Report only what concerns [start, end); None for the first reading. [s since 1970, UTC]
        end_utc: None for the end of the last reading. [s since 1970, UTC]

    Returns:
        What was found, worst first, then by point and time. Empty for an empty table without a span.
    """
    step = table.resolution_minutes * 60
    starts = [int(table.start_utc.min())] if len(table) else []
    ends = [int(table.start_utc.max()) + step] if len(table) else []
    starts += [] if start_utc is None else [start_utc]
    ends += [] if end_utc is None else [end_utc]
    if not starts or not ends:
        return []
    inspection = inspect(table, community, min(starts), max(ends))
    begin = inspection.start_utc if start_utc is None else start_utc
    until = inspection.end_utc if end_utc is None else end_utc
    place = {point.id: index for index, point in enumerate(community.metering_points)}
    found = [
        finding for rule in RULES.values() for finding in rule(inspection) if _concerns(finding, begin, until)
    ]
    return sorted(
        found,
        key=lambda finding: (
            _SEVERITIES.index(finding.severity),
            place.get(finding.metering_point, -1),
            finding.start_utc or 0,
            finding.rule,
        ),
    )


def _concerns(finding: Finding, begin: int, until: int) -> bool:
    if finding.start_utc is None or finding.end_utc is None:
        return True
    return finding.start_utc < until and finding.end_utc > begin


def find_gaps(inspection: Inspection) -> Iterator[Finding]:
    """Runs of intervals without a reading, on days of membership."""
    for series in inspection.series:
        for first, until in find_runs(series.expected & ~series.known):
            start = inspection.start_of(first)
            yield Finding(
                rule="gap",
                severity=Severity.WARNING,
                message=(
                    f"{until - first} readings of {series.point.id} are missing from {_instant(start)}; "
                    "ask the operator for them, or settle with what the rule makes of gaps."
                ),
                metering_point=series.point.id,
                start_utc=start,
                end_utc=inspection.start_of(until),
                value=f"{until - first} intervals",
            )


def find_negative(inspection: Inspection) -> Iterator[Finding]:
    """Energy below zero: a direction is the metering point's, never the sign's."""
    for series in inspection.series:
        energy = inspection.table.energy[series.rows]
        below = np.flatnonzero(energy < 0)
        if len(below):
            starts = inspection.table.start_utc[series.rows][below]
            yield Finding(
                rule="negative",
                severity=Severity.FAULT,
                message=(
                    f"{len(below)} readings of {series.point.id} are negative; "
                    "give each direction its own metering point."
                ),
                metering_point=series.point.id,
                start_utc=int(starts[0]),
                end_utc=int(starts[-1]) + inspection.calendar.step_seconds,
                value=f"{int(energy.min())} mWh",
            )


def find_duplicates(inspection: Inspection) -> Iterator[Finding]:
    """Two readings of one interval."""
    for series in inspection.series:
        starts = inspection.table.start_utc[series.rows]
        twice = starts[1:][starts[1:] == starts[:-1]]
        if len(twice):
            yield Finding(
                rule="duplicate",
                severity=Severity.FAULT,
                message=(
                    f"{series.point.id} has {len(twice)} intervals with two readings, the first at "
                    f"{_instant(int(twice[0]))}; load the right one again."
                ),
                metering_point=series.point.id,
                start_utc=int(twice[0]),
                end_utc=int(twice[-1]) + inspection.calendar.step_seconds,
                value=f"{len(twice)} intervals",
            )


def find_off_grid(inspection: Inspection) -> Iterator[Finding]:
    """Readings that start between two intervals of the community's civil days."""
    step = inspection.calendar.step_seconds
    for series in inspection.series:
        starts = inspection.table.start_utc[series.rows]
        beside = starts[(starts - inspection.calendar.start_utc) % step != 0]
        if len(beside):
            yield Finding(
                rule="off-grid",
                severity=Severity.FAULT,
                message=(
                    f"{len(beside)} readings of {series.point.id} start between two intervals of "
                    f"{inspection.calendar.resolution_minutes} minutes, the first at {_instant(int(beside[0]))}; they "
                    "cannot be settled."
                ),
                metering_point=series.point.id,
                start_utc=int(beside[0]),
                end_utc=int(beside[-1]) + step,
                value=f"{len(beside)} readings",
            )


def find_clock_changes(inspection: Inspection) -> Iterator[Finding]:
    """Days of 23 or 25 hours that a point has as if they had 24: its file was written without regard to the clock."""
    calendar = inspection.calendar
    nominal = 24 * 60 // calendar.resolution_minutes
    hour = 60 // calendar.resolution_minutes
    for day, count in enumerate(calendar.intervals_per_day):
        if count <= nominal:
            continue
        first = calendar.day_offsets[day]
        for series in inspection.series:
            known = series.known[first : first + count]
            present = int(np.count_nonzero(known))
            if (
                series.expected[first : first + count].all()
                and 0 < count - present <= hour
                and present == nominal
            ):
                yield Finding(
                    rule="clock-change",
                    severity=Severity.WARNING,
                    message=(
                        f"{series.point.id} has {present} readings on the day of the clock change from "
                        f"{_instant(inspection.start_of(first))}, which has {count} intervals: the repeated hour is "
                        "missing; export the file with offsets from UTC."
                    ),
                    metering_point=series.point.id,
                    start_utc=inspection.start_of(first),
                    end_utc=inspection.start_of(first + count),
                    value=f"{present} of {count} intervals",
                )


def _instant(start_utc: int) -> str:
    return f"{datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ}"


RULES: Mapping[str, Rule] = {
    "gap": find_gaps,
    "negative": find_negative,
    "duplicate": find_duplicates,
    "off-grid": find_off_grid,
    "clock-change": find_clock_changes,
    "range": find_out_of_range,
    "unit": find_wrong_units,
    "spike": find_spikes,
    "stuck": find_stuck,
    "silent": find_silent,
    "load-follows-sun": find_sun_followers,
}
