"""Rules about the course of a series: spikes, repetitions, silence.

What sound real data reach is in docs/conformity.md, measured on the homes of the demonstration and on fifty others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series
from backend.metering.inspection import Inspection, PointSeries, find_runs
from backend.metering.points import FEED_IN
from backend.quantities import PARTS_PER_MILLION, format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import SilentTerms, SpikeTerms, StuckTerms, ZeroRunTerms

__all__ = ["find_silent", "find_spikes", "find_stuck", "find_zero_runs"]

_POSITIVE_DAYS_MIN = 5


def find_spikes(inspection: Inspection, terms: SpikeTerms) -> Iterator[Evidence]:
    """One or two intervals far above the third highest of their day and above the usual highest of a day.

    The ratio to the third highest of 24 hours is the spike check usual in meter data management (Oracle Utilities, VEE
    rule *Interval Spike Check*); alone it would accuse every oven, hence the point's own history beside it.
    """
    smallest = terms.watts * 1000 * inspection.calendar.step_seconds // 3600
    for series in inspection.series:
        grid = day_grid(inspection, np.maximum(series.energy, 0))
        length = grid.shape[1]
        highest = grid.max(axis=1)
        positive = np.sort(highest[highest > 0])
        if len(positive) < _POSITIVE_DAYS_MIN:
            continue
        # The point's usual highest day, its few highest days set aside: they may be the spikes looked for.
        usual = int(positive[(len(positive) - 1) * terms.usual_ppm // PARTS_PER_MILLION])
        if len(positive) < 2 * _POSITIVE_DAYS_MIN * terms.intervals:
            usual = int(positive[-1 - min(2, len(positive) - 1)])
        candidates = np.flatnonzero(highest >= _part(usual, terms.history_ppm))
        if not len(candidates):
            continue
        third = np.partition(grid[candidates], length - 3, axis=1)[:, length - 3]
        for day, floor in zip(candidates.tolist(), third.tolist(), strict=True):
            least = max(_part(usual, terms.history_ppm), _part(floor, terms.day_ppm), smallest, 1)
            yield from _spikes_of_day(inspection, series, day * length, length, least, usual, terms)


def _spikes_of_day(
    inspection: Inspection,
    series: PointSeries,
    offset: int,
    length: int,
    least: int,
    usual: int,
    terms: SpikeTerms,
) -> Iterator[Evidence]:
    above = series.energy >= least
    for begin, end in find_runs(above[offset : offset + length]):
        first, until = begin + offset, end + offset
        before, after = above[max(first - 1, 0) : first].any(), above[until : until + 1].any()
        if until - first > terms.intervals or before or after:
            continue
        most = int(series.energy[first:until].max())
        yield on_series(
            inspection,
            series,
            (first, until),
            f"{series.point.id} has {format_kilowatt_hours(most, 3)} kWh at "
            f"{name_instant(inspection.start_of(first))}, {most / max(usual, 1):.0f} times its usual highest of a day "
            f"({format_kilowatt_hours(usual, 3)} kWh); ask the operator whether that was measured.",
            f"{format_kilowatt_hours(most, 3)} kWh",
            f"{format_kilowatt_hours(least, 3)} kWh",
            energy_milliwatt_hours=most,
            usual_milliwatt_hours=usual,
            limit_milliwatt_hours=least,
        )


def find_stuck(inspection: Inspection, terms: StuckTerms) -> Iterator[Evidence]:
    """The same positive energy again and again."""
    step = inspection.calendar.step_seconds
    least = max(terms.intervals, -(-terms.hours * 3600 // step))
    for series in inspection.series:
        same = (series.energy[1:] == series.energy[:-1]) & (series.energy[1:] > 0)
        for first, last in find_runs(same):
            count = last - first + 1
            if count < least:
                continue
            energy = format_kilowatt_hours(int(series.energy[first]), 6)
            yield on_series(
                inspection,
                series,
                (first, last + 1),
                f"{series.point.id} repeats {energy} kWh {count} times from "
                f"{name_instant(inspection.start_of(first))}; the meter may be stuck or its values spread evenly: ask "
                "the operator.",
                f"{count} intervals",
                f"{least} intervals",
                energy_milliwatt_hours=int(series.energy[first]),
                intervals=count,
                limit_intervals=least,
            )


def find_silent(inspection: Inspection, terms: SilentTerms) -> Iterator[Evidence]:
    """Nothing at all for long; of feed-in only while the others of that direction feed in."""
    least = terms.hours * 3600 // inspection.calendar.step_seconds
    for series in inspection.series:
        runs = [run for run in _zero_runs(inspection, series) if run[1] - run[0] >= least]
        if not runs:
            continue
        days = sum(until - first for first, until in runs) * inspection.calendar.step_seconds // 86_400
        stretches = "" if len(runs) == 1 else f" in {len(runs)} stretches"
        meanwhile = " while others fed in" if series.point.direction == FEED_IN else ""
        yield on_series(
            inspection,
            series,
            (runs[0][0], runs[-1][1]),
            f"{series.point.id} is zero for {days} days{stretches}{meanwhile}, the first time from "
            f"{name_instant(inspection.start_of(runs[0][0]))}; is the meter, or what it measures, out of order?",
            f"{days} days",
            f"{terms.hours} h",
            kind="feed-in" if meanwhile else "consumption",
            days=days,
            stretches=len(runs),
            limit_hours=terms.hours,
        )


def find_zero_runs(inspection: Inspection, terms: ZeroRunTerms) -> Iterator[Evidence]:
    """Zero for longer than the point's own history knows: several times its longest other run.

    Runs that only feed-in in the dark makes are as long as a night, and so are bounded by history too.
    """
    step = inspection.calendar.step_seconds
    for series in inspection.series:
        runs = list(_zero_runs(inspection, series))
        lengths = np.sort(np.array([until - first for first, until in runs], dtype=np.int64))
        if not len(lengths):
            continue
        # A fault may come a few times: the longest runs that make up less than a hundredth of all are set aside.
        usual = _usual_longest(lengths, terms.history_ppm)
        least = max(terms.hours * 3600 // step, _part(usual, terms.history_ppm))
        for first, until in runs:
            if not least <= until - first < terms.most_hours * 3600 // step:
                continue
            hours = (until - first) * step // 3600
            yield on_series(
                inspection,
                series,
                (first, until),
                f"{series.point.id} is zero for {hours} hours from {name_instant(inspection.start_of(first))}; its "
                f"longest other time at zero is {usual * step // 3600} hours: ask the operator whether it was out of "
                "order.",
                f"{hours} h",
                f"{least * step // 3600} h",
                hours=hours,
                usual_hours=usual * step // 3600,
                limit_hours=least * step // 3600,
            )


def _usual_longest(lengths: NDArray[np.int64], ratio_ppm: int) -> int:
    """The longest run below the widest step of the three longest, 0 where nothing is below it."""
    for place in range(max(len(lengths) - 3, 0), len(lengths)):
        below = int(lengths[place - 1]) if place else 0
        if int(lengths[place]) >= _part(below, ratio_ppm):
            return below
    return int(lengths[-1])


def _zero_runs(inspection: Inspection, series: PointSeries) -> Iterator[tuple[int, int]]:
    """Runs of zero; of feed-in only those in which others feed in."""
    feeding = inspection.feed_in_of_all if series.point.direction == FEED_IN else None
    for first, until in find_runs(series.energy == 0):
        if feeding is None or feeding[first:until].any():
            yield first, until


def _part(value: int, ppm: int) -> int:
    return value * ppm // PARTS_PER_MILLION
