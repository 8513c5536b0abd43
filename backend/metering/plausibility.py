"""Conformity rules about size and course: beyond the connection, a wrong unit, spikes, stuck and silent meters.

Limits and what the 17 homes of the demo data reach, over their loads, imports and exports of a year:

=============  ========================================================  ==========================
rule           reported where                                            most in sound real data
=============  ========================================================  ==========================
range          mean power of an interval is above ``max_power_watts``    0.98 of it
unit           mean is 300 times its peers', or a week 300 times the     2; 4.5
               point's usual week
spike          up to two intervals above 5 times the 99th percentile     1.9
stuck          the same positive energy for a day                        6 h
silent         nothing for a week (feed-in: while the others feed in)    47 h; 119 h
=============  ========================================================  ==========================
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from backend.metering.findings import Finding, Severity
from backend.metering.inspection import ABSENT, Inspection, PointSeries, find_runs
from backend.metering.points import FEED_IN
from backend.quantities import format_kilowatt_hours

__all__ = ["find_out_of_range", "find_silent", "find_spikes", "find_stuck", "find_wrong_units"]

_UNIT_FACTOR_MIN = 300  # watt-hours taken for kilowatt-hours are 1000
_PEERS_MIN = 3
_SPIKE_FACTOR = 5
_SPIKE_INTERVALS_MAX = 2
_POSITIVE_READINGS_MIN = 48
_STUCK_SECONDS = 24 * 3600
_SILENT_SECONDS = 7 * 24 * 3600
_WEEK_SECONDS = 7 * 24 * 3600
_WEEKS_MIN = 3


def find_out_of_range(inspection: Inspection) -> Iterator[Finding]:
    """Energy that the connection cannot carry in an interval."""
    for series in inspection.series:
        power = series.point.max_power_watts
        if power is None:
            continue
        limit = power * 1000 * inspection.calendar.step_seconds // 3600
        beyond = series.energy > limit
        if not beyond.any():
            continue
        index = np.flatnonzero(beyond)
        most = int(series.energy.max())
        yield _report(
            inspection,
            series,
            "range",
            (int(index[0]), int(index[-1]) + 1),
            f"{len(index)} readings of {series.point.id} are above its connection of {power / 1000:g} kW, the highest "
            f"{format_kilowatt_hours(most, 3)} kWh in {inspection.calendar.resolution_minutes} minutes; "
            "check the unit of the file and max_power_watts.",
            f"{format_kilowatt_hours(most, 3)} kWh, limit {format_kilowatt_hours(limit, 3)} kWh",
            Severity.FAULT,
        )


def find_wrong_units(inspection: Inspection) -> Iterator[Finding]:
    """Watt-hours taken for kilowatt-hours: against the peers of the direction, or against the point's usual week."""
    means = inspection.mean_energies
    directions = np.array([series.point.direction for series in inspection.series])
    for place, series in enumerate(inspection.series):
        peers = (directions == series.point.direction) & (means > 0)
        peers[place] = False
        typical = float(np.median(means[peers])) if np.count_nonzero(peers) >= _PEERS_MIN else 0.0
        if typical and means[place] >= _UNIT_FACTOR_MIN * typical:
            factor = means[place] / typical
            yield _report(
                inspection,
                series,
                "unit",
                _extent(series),
                f"The readings of {series.point.id} are {factor:.0f} times those of the others in its direction; "
                "watt-hours were probably written as kilowatt-hours (factor 1000).",
                f"factor {factor:.0f}",
                Severity.FAULT,
            )
            continue
        yield from _find_unit_jumps(inspection, series)


def _find_unit_jumps(inspection: Inspection, series: PointSeries) -> Iterator[Finding]:
    length = _WEEK_SECONDS // inspection.calendar.step_seconds
    weeks = len(series.energy) // length
    if weeks < _WEEKS_MIN:
        return
    cut = np.maximum(series.energy[: weeks * length], 0).reshape(weeks, length)
    highest = np.sort(cut, axis=1)[:, length * 95 // 100]
    usual = float(np.median(highest))
    if usual <= 0:
        return
    for first, until in find_runs(highest >= _UNIT_FACTOR_MIN * usual):
        factor = float(highest[first:until].max()) / usual
        yield _report(
            inspection,
            series,
            "unit",
            (first * length, until * length),
            f"The readings of {series.point.id} are {factor:.0f} times its own usual ones for {until - first} weeks; "
            "watt-hours were probably written as kilowatt-hours (factor 1000).",
            f"factor {factor:.0f}",
            Severity.FAULT,
        )


def find_spikes(inspection: Inspection) -> Iterator[Finding]:
    """One or two intervals far above all others."""
    for series in inspection.series:
        positive = series.energy[series.energy > 0]
        if len(positive) < _POSITIVE_READINGS_MIN:
            continue
        usual = int(np.partition(positive, len(positive) * 99 // 100)[len(positive) * 99 // 100])
        for first, until in find_runs(series.energy > _SPIKE_FACTOR * usual):
            if until - first > _SPIKE_INTERVALS_MAX:
                continue
            most = int(series.energy[first:until].max())
            yield _report(
                inspection,
                series,
                "spike",
                (first, until),
                f"{series.point.id} has {format_kilowatt_hours(most, 3)} kWh at "
                f"{_instant(inspection.start_of(first))}, {most / usual:.0f} times its 99th percentile "
                f"({format_kilowatt_hours(usual, 3)} kWh); ask the operator whether that was measured.",
                f"{format_kilowatt_hours(most, 3)} kWh",
                Severity.WARNING,
            )


def find_stuck(inspection: Inspection) -> Iterator[Finding]:
    """The same positive energy again and again."""
    step = inspection.calendar.step_seconds
    for series in inspection.series:
        same = (series.energy[1:] == series.energy[:-1]) & (series.energy[1:] > 0)
        for first, last in find_runs(same):
            count = last - first + 1
            if count * step < _STUCK_SECONDS:
                continue
            energy = format_kilowatt_hours(int(series.energy[first]), 6)
            yield _report(
                inspection,
                series,
                "stuck",
                (first, last + 1),
                f"{series.point.id} repeats {energy} kWh {count} times from {_instant(inspection.start_of(first))}; "
                "the meter may be stuck or its values spread evenly: ask the operator.",
                f"{count} intervals",
                Severity.WARNING,
            )


def find_silent(inspection: Inspection) -> Iterator[Finding]:
    """Nothing at all for a week; of feed-in only while the others of that direction feed in."""
    feeding = sum(
        (np.maximum(series.energy, 0) for series in inspection.series if series.point.direction == FEED_IN),
        np.zeros(inspection.calendar.interval_count, dtype=np.int64),
    )
    least = _SILENT_SECONDS // inspection.calendar.step_seconds
    for series in inspection.series:
        is_feed_in = series.point.direction == FEED_IN
        runs = [
            (first, until)
            for first, until in find_runs(series.energy == 0)
            if until - first >= least and (not is_feed_in or feeding[first:until].any())
        ]
        if not runs:
            continue
        days = sum(until - first for first, until in runs) * inspection.calendar.step_seconds // 86_400
        stretches = "" if len(runs) == 1 else f" in {len(runs)} stretches"
        meanwhile = " while others fed in" if is_feed_in else ""
        yield _report(
            inspection,
            series,
            "silent",
            (runs[0][0], runs[-1][1]),
            f"{series.point.id} is zero for {days} days{stretches}{meanwhile}, the first time from "
            f"{_instant(inspection.start_of(runs[0][0]))}; is the meter, or what it measures, out of order?",
            f"{days} days",
            Severity.WARNING,
        )


def _extent(series: PointSeries) -> tuple[int, int]:
    known = np.flatnonzero(series.energy != ABSENT)
    return int(known[0]), int(known[-1]) + 1


def _instant(start_utc: int) -> str:
    return f"{datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ}"


def _report(
    inspection: Inspection,
    series: PointSeries,
    rule: str,
    intervals: tuple[int, int],
    message: str,
    value: str,
    severity: Severity,
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        metering_point=series.point.id,
        start_utc=inspection.start_of(intervals[0]),
        end_utc=inspection.start_of(intervals[1]),
        value=value,
    )
