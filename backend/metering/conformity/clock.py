"""Clock drift: from one day on, the course of the day comes early or late, and stays so.

Of solar feed-in the times at which 5, 50 and 95 % of the day's energy are reached are compared with those of the other
roofs: roofs that look east or west differ all year and change slowly, who is at home moves one of the three, a clock
moves all at once, and further than they wander otherwise. Consumption has no such reference: the mean day of the weeks
before, at local time, is laid over that of the weeks after and moved until it fits; only a course that is the same but
for its place tells of a clock, so that few homes are regular enough for it. Where clocks change people follow them and
timers do not: nothing is told of consumption around those days.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series
from backend.metering.conformity.jumps import changed_stretches, pick_jumps
from backend.metering.inspection import ABSENT, Inspection, PointSeries, is_solar
from backend.metering.points import CONSUMPTION
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import ClockDriftTerms

__all__ = ["find_clock_drift"]

_KNOWN_MIN = 0.5
_MIDDLE_RANK = 50  # of the roofs [%]
_PARTS = (0.05, 0.5, 0.95)  # of the day's energy
_SHARP_DAYS = 7
_SHARP_SHARE = 0.5  # of the shift, to be seen within them
_WANDERS = 3  # times what a roof's day moves by on half of its days: who is at home moves it too


def find_clock_drift(inspection: Inspection, terms: ClockDriftTerms) -> Iterator[Evidence]:
    """Stretches that a jump of the day's course begins and a jump back, or the end of the data, ends."""
    roofed = {series.point.participant for series in inspection.series if is_solar(series.point)}
    for series in inspection.series:
        if series.point.direction == CONSUMPTION:
            if series.point.participant in roofed:
                continue  # what a roof leaves to be drawn goes with the weather
            shifts, gains = _load_shifts(inspection, series, terms)
            width, least_gain = terms.load_window_days, terms.load_gain_ppm / PARTS_PER_MILLION
            score = np.where(gains >= least_gain, np.abs(shifts) + gains, 0.0)
            score[_near_clock_changes(inspection, width, len(score))] = 0.0
            least = float(terms.minutes)
        elif is_solar(series.point):
            width = terms.window_days
            shifts, wander = _roof_shifts(inspection, series, width)
            score, least = np.abs(shifts), max(float(terms.minutes), _WANDERS * wander)
        else:
            continue
        days = [place for place in pick_jumps(score, least, width) if abs(shifts[place]) >= least]
        jumps = [(place + width, float(shifts[place])) for place in days]
        for first, until, minutes in changed_stretches(jumps, len(score) + 2 * width - 1):
            yield _report(inspection, series, (first, until), int(minutes), terms)


def _roof_shifts(
    inspection: Inspection, series: PointSeries, width: int
) -> tuple[NDArray[np.float64], float]:
    """By day that has a window before and after what begin, middle and end of the day all moved by at least.

    Beside it what one of the three moves by on half of the days. [min], [min]
    """
    others = inspection.roof_course(series.point, _MIDDLE_RANK)
    if others is None:
        return np.zeros(0), 0.0
    own, reference = (_times(day_grid(inspection, values)) for values in (series.energy, others))
    apart = (own - reference) * inspection.calendar.resolution_minutes
    if len(apart) < 2 * width:
        return np.zeros(0), 0.0
    moved = _moved(apart, width)
    known = np.isfinite(moved).all(axis=1)
    wander = float(np.median(np.abs(moved[known]).max(axis=1))) if known.any() else 0.0
    shifts = _least(moved)
    # A clock jumps within a night: days on either side know it already, as far as there are any.
    days = min(_SHARP_DAYS, width)
    near = _moved(apart, days)[width - days : width - days + len(moved)]
    is_sharp = _least(near) * np.sign(shifts) >= _SHARP_SHARE * np.abs(shifts)
    return np.where(is_sharp | ~np.isfinite(near).all(axis=1), shifts, 0.0), wander


def _moved(apart: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """From the middle of the days before each to that of those after, nan where too few are known. [unit of apart]"""
    windows = np.lib.stride_tricks.sliding_window_view(apart, width, axis=0)
    enough = np.isfinite(windows).all(axis=1).sum(axis=1) >= _KNOWN_MIN * width
    middle = np.full((len(windows), len(_PARTS)), np.nan)
    middle[enough] = np.nanmedian(windows[enough], axis=2)
    moved: NDArray[np.float64] = middle[width:] - middle[:-width]
    return moved


def _least(moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """What all parts of the day moved by at least, in one direction; 0 where it is not known."""
    known: NDArray[np.bool_] = np.asarray(np.isfinite(moved).all(axis=1))
    values = np.where(known[:, None], moved, 0.0)
    return np.asarray(np.maximum(values.min(axis=1), 0) + np.minimum(values.max(axis=1), 0))


def _times(grid: NDArray[np.int64]) -> NDArray[np.float64]:
    """When the parts of the day's energy were reached, nan on days without any or with a reading missing.

    Shape (days, parts). [intervals]
    """
    reached = np.cumsum(np.maximum(grid, 0), axis=1, dtype=np.float64)
    total = reached[:, -1]
    times = np.full((len(grid), len(_PARTS)), np.nan)
    for day in np.flatnonzero((total > 0) & (grid != ABSENT).all(axis=1)):
        levels = total[day] * np.array(_PARTS)
        place = np.searchsorted(reached[day], levels)
        before = np.where(place > 0, reached[day][place - 1], 0.0)
        times[day] = place + (levels - before) / np.maximum(reached[day][place] - before, 1.0)
    return times


def _load_shifts(
    inspection: Inspection, series: PointSeries, terms: ClockDriftTerms
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By day the shift that makes the mean days before and after fit best, and what it gains. [min], [1]"""
    grid, width = _local_grid(inspection, series.energy), terms.load_window_days
    if len(grid) < 2 * width:
        return np.zeros(0), np.zeros(0)
    known = (grid != ABSENT).astype(np.float64)
    # Of the root, so that single peaks weigh less than the hours at which they come.
    count, total = (_slide(values, width) for values in (known, np.sqrt(np.maximum(grid, 0)) * known))
    mean = total / np.maximum(count, 1)
    enough = np.asarray((count >= _KNOWN_MIN * width).all(axis=1))
    step = inspection.calendar.resolution_minutes
    most = terms.most_minutes // step
    before, after = mean[:-width], mean[width:]
    scores = np.stack(
        [_correlation(after, np.roll(before, shift, axis=1)) for shift in range(-most, most + 1)]
    )
    best = scores.argmax(axis=0)
    top = scores[best, np.arange(len(before))]
    alike = (top >= terms.load_alike_ppm / PARTS_PER_MILLION) & enough[width:] & enough[:-width]
    shifts = np.where(alike, (best - most) * step, 0).astype(np.float64)
    return shifts, np.where(alike, top - scores[most], 0.0)


def _near_clock_changes(inspection: Inspection, width: int, places: int) -> NDArray[np.bool_]:
    """Which days that have a window before and after are within half of one of a change of the clocks."""
    counts = np.array(inspection.calendar.intervals_per_day)
    changes = np.flatnonzero(counts * inspection.calendar.step_seconds != 86_400)  # noqa: PLR2004 -- seconds of a day
    days = np.arange(places) + width
    near: NDArray[np.bool_] = (np.abs(days[:, None] - changes) <= width // 2).any(axis=1)
    return near


def _local_grid(inspection: Inspection, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Values by civil day and local time of day; of a repeated hour the first, of a skipped one the hour after it."""
    calendar = inspection.calendar
    length = 24 * 60 // calendar.resolution_minutes
    grid = np.full((calendar.period.days, length), ABSENT, dtype=np.int64)
    day = np.repeat(np.arange(calendar.period.days), calendar.intervals_per_day)
    held = np.zeros(grid.shape, dtype=np.bool_)
    grid[day[::-1], inspection.local_places[::-1]] = values[::-1]
    held[day, inspection.local_places] = True
    for row, place in zip(*np.nonzero(~held), strict=True):
        grid[row, place] = grid[row, min(place + 60 // calendar.resolution_minutes, length - 1)]
    return grid


def _slide(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    running = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    sums: NDArray[np.float64] = running[width:] - running[:-width]
    return sums


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's, row by row; 0 where one of the two does not vary."""
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    result: NDArray[np.float64] = np.zeros(len(a))
    np.divide((a * b).sum(axis=1), spread, out=result, where=spread > 0)
    return result


def _report(
    inspection: Inspection, series: PointSeries, days: tuple[int, int], minutes: int, terms: ClockDriftTerms
) -> Evidence:
    length = 86_400 // inspection.calendar.step_seconds
    first, until = days[0] * length, min(days[1] * length, len(series.energy))
    way = "later" if minutes > 0 else "earlier"
    return on_series(
        inspection,
        series,
        (first, until),
        f"The day's course of {series.point.id} comes {abs(minutes)} minutes {way} than before from "
        f"{name_instant(inspection.start_of(first))}, for {days[1] - days[0]} days; check the clock of the meter, and "
        "whether the file has local or standard time.",
        f"{abs(minutes)} min {way}",
        f"{terms.minutes} min",
        kind=way,
        minutes=abs(minutes),
        days=days[1] - days[0],
        limit_minutes=terms.minutes,
    )
