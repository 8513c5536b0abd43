"""What is wrong with a plant, told from its days: dead, covered, dusty, a string short, clipped, or its clock off.

A day's **ratio** is its energy by the clear sky's; beside plants nearby it is held against theirs, which takes
the weather out, and what all of them suffer with it.

Each finding says since when, how much, how sure and why. Thresholds are by the scatter of the plant's
own days, so that a cloudy climate raises no more alarms than a clear one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.solar.days import Days, days_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.solar.rows import Course

    Values = NDArray[np.float64]

__all__ = ["FaultKind", "SolarFault", "find_faults"]

DEAD = 0.012
"""An overcast day gives 3 % of a clear one's energy and more; a plant below this gives nothing. [1]"""
DIM = 0.05
"""Neighbours' ratio below which a day tells nothing. [1]"""
SNOW_LEAST = 0.01
"""Snow that covers a roof. [m]"""
BRIGHT = 0.25
"""Neighbours' ratio on a day whose light cannot be doubted. [1]"""
MERGE_DAYS = 3
STEP_SIDE_DAYS = 15
"""Days on each side of a step that are compared. [days]"""
STEP_LEAST = 0.06
STEP_SIGMAS = 6.0
STEP_LASTS_DAYS = 20
"""A step that is made good sooner was weather. [days]"""
SLOPE_DAYS_LEAST = 25
SLOPE_STRIDE_DAYS = 3
SLOPE_LEAST = 0.001
"""Loss a day that counts as soiling; typical rates are 0.05 to 0.3 % a day (Kimber et al. 2006). [1/day]"""
WEATHERED_DEARER = 2.5
"""Haze and a tilt that was learned wrong look like dust: without neighbours a slope must be so much steeper. [1]"""
SLOPE_TOTAL = 0.04
SLOPE_SIGMAS = 4.0
CLOCK_LEAST_HOURS = 0.6
CLOCK_BLOCK_DAYS = 7
CLOCK_SIGMAS = 5.0
FLAT = 0.01
FLAT_SHARE = 0.06
MAD_SIGMA = 1.4826
COLD = 1.5
"""Air below it keeps snow on a roof. [°C]"""


class FaultKind(Enum):
    """What a plant suffers from."""

    DEAD = "dead"
    """No production in daylight: inverter, fuse, or readings that go astray."""
    SNOW = "snow"
    SOILING = "soiling"
    STRING = "string"
    """A lasting step down by a stable share."""
    CLIPPING = "clipping"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class SolarFault:
    """A finding.

    Attributes:
        kind: What.
        start_utc: Since when. [s since 1970, UTC]
        end_utc: Until when; the end of what was looked at where it lasts. [s since 1970, UTC]
        size: Lost share of power [1]; of a clock: hours late, of soiling: lost share a day.
        days: How many days show it. [days]
        confidence: From 0.5, a suspicion, to 1. [1]
        reason: In words, with the figures.
    """

    kind: FaultKind
    start_utc: int
    end_utc: int
    size: float
    days: int
    confidence: float
    reason: str


def find_faults(
    course: Course,
    neighbours: Sequence[Course] = (),
    air: Values | None = None,
    snow_depth: Values | None = None,
) -> list[SolarFault]:
    """Find what is wrong with a plant.

    Args:
        course: Power and clear sky, of a plant that is given or was learned.
        neighbours: Of plants nearby on the same stamps; three and more take the weather out well.
        air: Temperature on the course's intervals. Shape (T,). [°C]
        snow_depth: Likewise. [m]

    Returns:
        Findings by kind, then by time.

    Raises:
        InputError: If there is not one whole day, or a neighbour's days are others.
    """
    days = days_of(course)
    first = int((days.starts_utc[0] - course.start_utc) // course.step_seconds)
    reference = _reference(days, [days_of(one, first) for one in neighbours])
    dead = _dead_days(days, reference)
    faults = _dead(days, dead, reference, _by_day(days, course, air, snow_depth))
    relative = days.ratio if reference is None else days.ratio / np.where(reference > DIM, reference, np.nan)
    relative = np.where(dead, np.nan, relative)
    steps = _steps(days, relative, weathered=reference is None)
    faults += steps
    faults += _soiling(days, relative, [fault.start_utc for fault in steps], weathered=reference is None)
    faults += _clipping(days)
    faults += _clock(days)
    return sorted(faults, key=lambda fault: (fault.kind.value, fault.start_utc))


def _reference(days: Days, others: list[Days]) -> Values | None:
    """The neighbours' middle ratio by day, each by its own best; None without neighbours."""
    others = [other for other in others if np.isfinite(other.ratio).any()]
    if not others:
        return None
    for other in others:
        if not np.array_equal(other.starts_utc, days.starts_utc):
            raise InputError("a neighbour's days are others than the plant's; give both over the same time.")
    with np.errstate(invalid="ignore"):
        scaled = [other.ratio / max(float(np.nanquantile(other.ratio, 0.9)), 1e-6) for other in others]
    table = np.vstack(scaled)
    known = np.isfinite(table).any(axis=0)
    found = np.full(len(days.ratio), np.nan)
    found[known] = np.nanmedian(table[:, known], axis=0)
    return found


def _dead_days(days: Days, reference: Values | None) -> NDArray[np.bool_]:
    ratio = days.ratio
    alive = ratio[np.isfinite(ratio) & (ratio > 0)]
    best = float(np.quantile(alive, 0.9)) if alive.size else 0.0
    if reference is None:
        return np.asarray(np.nan_to_num(ratio, nan=1.0) < DEAD * max(best, 0.2))
    bright = np.nan_to_num(reference) > DIM
    return np.asarray(bright & (np.nan_to_num(ratio, nan=1.0) < DEAD * max(best, 0.2)))


def _by_day(
    days: Days, course: Course, air: Values | None, snow_depth: Values | None
) -> tuple[Values | None, Values | None]:
    first = int((days.starts_utc[0] - course.start_utc) // course.step_seconds)
    size = days.power.size

    def daily(values: Values | None) -> Values | None:
        return (
            None
            if values is None
            else np.asarray(values[first : first + size].reshape(days.power.shape).mean(axis=1))
        )

    return daily(air), daily(snow_depth)


def _dead(
    days: Days,
    dead: NDArray[np.bool_],
    reference: Values | None,
    weather: tuple[Values | None, Values | None],
) -> list[SolarFault]:
    faults: list[SolarFault] = []
    places = np.flatnonzero(dead)
    runs = np.split(places, np.flatnonzero(np.diff(places) > MERGE_DAYS) + 1) if places.size else []
    air, snow = weather
    for run in runs:
        covered = (snow is not None and np.nanmean(snow[run]) > SNOW_LEAST) or (
            snow is None and air is not None and np.nanmean(air[run]) < COLD
        )
        bright = 0 if reference is None else int((reference[run] > BRIGHT).sum())
        said = f"{len(run)} days with no production worth the name"
        if reference is not None:
            said += f", {bright} of them bright for its neighbours"
        if covered:
            said += "; snow lies, or it freezes"
        sure = 0.7 + 0.1 * min(len(run) - 1, 2) + (0.1 if bright else 0.0)
        faults.append(
            SolarFault(
                FaultKind.SNOW if covered else FaultKind.DEAD,
                int(days.starts_utc[run[0]]),
                int(days.starts_utc[run[-1]]) + 86_400,
                1.0,
                len(run),
                round(min(sure, 1.0), 2),
                said,
            )
        )
    return faults


def _level_side(values: Values, *, weathered: bool) -> tuple[float, float, int]:
    """Level of some days, its uncertainty, and how many were known; of weathered days the clear ones tell it."""
    known = values[np.isfinite(values)]
    if weathered and known.size:
        known = known[known > np.quantile(known, 0.6)]
    if known.size < 5:  # noqa: PLR2004
        return np.nan, np.nan, int(known.size)
    middle = float(np.median(known))
    scatter = MAD_SIGMA * float(np.median(np.abs(known - middle)))
    return middle, max(scatter, 0.004 * abs(middle)) * 1.25 / np.sqrt(known.size), int(known.size)


def _step_marks(relative: Values, *, weathered: bool) -> tuple[Values, Values]:
    """By the day on which it would begin: drop, and how many times its uncertainty; zero where it is no sharp one."""
    count = len(relative)
    side = STEP_SIDE_DAYS * (2 if weathered else 1)
    marks, drops = np.zeros(count), np.zeros(count)
    for place in range(side, count - side):
        before, doubt_before, _ = _level_side(relative[place - side : place], weathered=weathered)
        after, doubt_after, _ = _level_side(relative[place : place + side], weathered=weathered)
        if not (np.isfinite(before) and np.isfinite(after) and before > 0):
            continue
        drop = 1 - after / before
        # A slow loss is no step: most of the drop must lie between the days next to it.
        close = _level_side(relative[max(0, place - 6) : place], weathered=False)[0]
        later = _level_side(relative[place : place + 6], weathered=False)[0]
        if weathered or (np.isfinite(close) and np.isfinite(later) and 1 - later / close > 0.6 * drop):
            drops[place] = drop
            marks[place] = (before - after) / np.hypot(doubt_before, doubt_after)
    return drops, marks


def _steps(days: Days, relative: Values, *, weathered: bool) -> list[SolarFault]:
    """Steps down that last; of places near each other the one that parts the days best."""
    drops, marks = _step_marks(relative, weathered=weathered)
    least = 2 * STEP_LEAST if weathered else STEP_LEAST
    side = STEP_SIDE_DAYS * (2 if weathered else 1)
    faults: list[SolarFault] = []
    while True:
        good = np.where((drops >= least) & (marks >= STEP_SIGMAS), marks, 0.0)
        if not good.any():
            return faults
        best = int(np.argmax(good))
        near = slice(max(0, best - 4), best + 5)
        place = near.start + int(np.argmax(np.where(good[near] > 0, _contrast(relative, near), -np.inf)))
        end = _recovered(days, relative, place, float(drops[place]))
        if end - days.starts_utc[place] >= STEP_LASTS_DAYS * 86_400:
            faults.append(
                SolarFault(
                    FaultKind.STRING,
                    int(days.starts_utc[place]),
                    end,
                    float(drops[place]),
                    int((end - days.starts_utc[place]) // 86_400),
                    float(min(1.0, 0.6 + 0.02 * marks[place])),
                    f"{drops[place]:.0%} less from one day to the next, "
                    f"{marks[place]:.0f} times the scatter of its days",
                )
            )
        marks[max(0, place - side) : place + side] = 0.0


def _contrast(relative: Values, near: slice) -> Values:
    """Mean of the three days before less that of the three from each place on."""
    found = []
    for place in range(near.start, near.stop):
        before, after = relative[max(0, place - 3) : place], relative[place : place + 3]
        known = np.isfinite(before).any() and np.isfinite(after).any()
        found.append(np.nanmean(before) - np.nanmean(after) if known else -np.inf)
    return np.array(found)


def _recovered(days: Days, relative: Values, place: int, drop: float) -> int:
    """When the step was made good, or the end."""
    before, _, _ = _level_side(relative[max(0, place - STEP_SIDE_DAYS) : place], weathered=False)
    for later in range(place + 5, len(relative) - 7):
        now = relative[later : later + 7]
        if np.isfinite(now).any() and np.nanmedian(now) > before * (1 - drop / 3):
            return int(days.starts_utc[later])
    return int(days.starts_utc[-1]) + 86_400


def _soiling(days: Days, relative: Values, steps: list[int], *, weathered: bool) -> list[SolarFault]:
    """Stretches that lose slowly (Theil 1950 and Sen 1968's slopes of windows, those that overlap as one)."""
    if weathered:
        # Only clear days tell of dust: the best of each week.
        weeks = [relative[at : at + 5] for at in range(0, len(relative) - 4, 5)]
        places = np.array(
            [5 * n + int(np.nanargmax(w)) for n, w in enumerate(weeks) if np.isfinite(w).any()], dtype=int
        )
    else:
        places = np.flatnonzero(np.isfinite(relative))
    if len(places) < 6:  # noqa: PLR2004
        return []
    values = relative[places]
    found: list[list[int]] = []
    factor = WEATHERED_DEARER if weathered else 1.0
    step_days = np.array([(start - int(days.starts_utc[0])) // 86_400 for start in steps], dtype=int)
    for first in range(0, int(places[-1]) - SLOPE_DAYS_LEAST + 1, SLOPE_STRIDE_DAYS):
        last = first + SLOPE_DAYS_LEAST
        inside = (places >= first) & (places <= last)
        if inside.sum() < 5 or ((step_days > first + 1) & (step_days < last - 1)).any():  # noqa: PLR2004
            continue
        slope, doubt = _theil_sen(places[inside].astype(np.float64), values[inside])
        loss = -slope / float(np.median(values[inside]))
        if loss >= factor * SLOPE_LEAST and -slope > SLOPE_SIGMAS * doubt:
            if found and first <= found[-1][1]:
                found[-1][1] = last
            else:
                found.append([first, last])
    faults: list[SolarFault] = []
    for wide_first, wide_last in found:
        first, last = _trimmed(places, values, wide_first, wide_last)
        inside = (places >= first) & (places <= last)
        slope, doubt = _theil_sen(places[inside].astype(np.float64), values[inside])
        loss, span = -slope / float(np.median(values[inside])), last - first
        if loss * span >= SLOPE_TOTAL and loss > 0:
            faults.append(
                SolarFault(
                    FaultKind.SOILING,
                    int(days.starts_utc[first]),
                    int(days.starts_utc[min(last, len(days.starts_utc) - 1)]) + 86_400,
                    loss,
                    span,
                    float(min(0.95, 0.5 + 0.05 * -slope / doubt)),
                    f"{loss:.2%} less a day over {span} days, {loss * span:.0%} in all",
                )
            )
    return faults


def _trimmed(places: NDArray[np.int64], values: Values, first: int, last: int) -> tuple[int, int]:
    """The part of a stretch whose slope stands out most: days before dust fell and after rain dilute it."""
    best = (-np.inf, first, last)
    for begin in range(first, last - SLOPE_DAYS_LEAST + 1, SLOPE_STRIDE_DAYS):
        for end in range(last, begin + SLOPE_DAYS_LEAST - 1, -SLOPE_STRIDE_DAYS):
            inside = (places >= begin) & (places <= end)
            if inside.sum() >= 5:  # noqa: PLR2004
                slope, doubt = _theil_sen(places[inside].astype(np.float64), values[inside])
                if -slope / doubt > best[0]:
                    best = (-slope / doubt, begin, end)
    return best[1], best[2]


def _theil_sen(at: Values, values: Values) -> tuple[float, float]:
    """Slope and its standard error, by the middle of all pairs' slopes and the residuals' scatter."""
    one, other = np.triu_indices(len(at), 1)
    slope = float(np.median((values[other] - values[one]) / (at[other] - at[one])))
    rest = values - slope * at
    scatter = MAD_SIGMA * float(np.median(np.abs(rest - np.median(rest))))
    return slope, max(scatter, 1e-4) * 1.25 / float(np.sqrt(((at - at.mean()) ** 2).sum()))


def _clipping(days: Days) -> list[SolarFault]:
    """Production that stands on one level although the clear sky's still rises."""
    power, clear = np.nan_to_num(days.power), days.clear
    top = float(np.quantile(power, 0.999))
    high = power > (1 - FLAT) * top
    bright = clear > 0.5 * clear.max()
    if top <= 0 or not bright.any():
        return []
    share = float(high[bright].mean())
    spread = (
        float(clear[high].max() / max(float(np.quantile(clear[high], 0.05)), 1e-9)) if high.any() else 1.0
    )
    if share < FLAT_SHARE or spread < 1.08:  # noqa: PLR2004
        return []
    lost = np.maximum(clear - top, 0.0)[high].sum() / max(float(clear.sum()), 1e-9)
    return [
        SolarFault(
            FaultKind.CLIPPING,
            int(days.starts_utc[0]),
            int(days.starts_utc[-1]) + 86_400,
            float(lost),
            int(high.any(axis=1).sum()),
            float(min(1.0, 0.6 + share)),
            f"stands at {top:.0f} W in {share:.0%} of bright intervals, "
            f"while the clear sky's power differs by {spread - 1:.0%}",
        )
    ]


def _clock(days: Days) -> list[SolarFault]:
    """Steps of the middle of production against the sun's."""
    known = np.flatnonzero(np.isfinite(days.centre))
    if len(known) < 2 * CLOCK_BLOCK_DAYS:
        return []
    values = days.centre[known]
    marks = np.zeros(len(known))
    jumps = np.zeros(len(known))
    for at in range(CLOCK_BLOCK_DAYS, len(known) - CLOCK_BLOCK_DAYS + 1):
        before, after = values[at - CLOCK_BLOCK_DAYS : at], values[at : at + CLOCK_BLOCK_DAYS]
        jumps[at % len(known)] = np.median(after) - np.median(before)
        scatter = MAD_SIGMA * np.median(
            np.abs(np.concatenate([before - np.median(before), after - np.median(after)]))
        )
        marks[at % len(known)] = abs(jumps[at % len(known)]) / max(
            scatter * 1.25 * np.sqrt(2 / CLOCK_BLOCK_DAYS), 0.02
        )
    faults: list[SolarFault] = []
    while True:
        good = np.where((np.abs(jumps) >= CLOCK_LEAST_HOURS) & (marks >= CLOCK_SIGMAS), marks, 0.0)
        at = int(np.argmax(good))
        if good[at] <= 0:
            return faults
        faults.append(
            SolarFault(
                FaultKind.CLOCK,
                int(days.starts_utc[known[at]]),
                int(days.starts_utc[-1]) + 86_400,
                float(jumps[at]),
                len(known) - at,
                float(min(1.0, 0.6 + 0.02 * marks[at])),
                f"production comes {abs(jumps[at]):.1f} h "
                f"{'later' if jumps[at] > 0 else 'earlier'} from one day to the next",
            )
        )
        marks[max(0, at - CLOCK_BLOCK_DAYS) : at + CLOCK_BLOCK_DAYS] = 0.0
