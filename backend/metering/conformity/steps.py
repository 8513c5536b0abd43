"""Multiplier: from one day on every part of the day is another by one factor.

A household that grows, goes away or moves changes some parts of its day more than others, and seldom overnight: its
base load stays, or its peaks do. A forgotten or wrong transformer ratio changes all of them alike, at once. Seasons and
holidays change everybody: what the peers' readings do in the same weeks is taken off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series, times_ppm
from backend.metering.conformity.jumps import pick_jumps
from backend.metering.inspection import ABSENT, Inspection, PointSeries
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import MultiplierTerms

__all__ = ["find_multipliers"]

_QUANTILES = (10, 25, 50, 75, 90, 95)  # of the positive energies of a window [%]
_BIN = 0.02  # of the logarithm of an energy
_BINS = 1_300  # up to 190 megawatt-hours
_READINGS_MIN = 10
_SPREAD_SHARE = 0.7  # of a change: how far apart those of the quantiles may be
_LARGE_SPREAD_SHARE = 0.6  # of a large change, where the terms allow less
_SHARP_DAYS = 7  # within which the change must be there,
_SHARP_SHARE = 0.6  # so much of it
_PARTS_OF_DAY = 6
_HOURS_SHARE = 0.5  # of a change: how far apart those of the parts of the day may be, the outermost left out
_BACK_SHARE = 0.35  # of a change: what is this near to its opposite ends it,
_BACK_LENIENT = 1.5  # with so many times the spread
_PEERS_MIN = 3
_PEERS_COMPARED = 60  # at most: the middle of more is the same
_PEERS_TO_SPARE = 20  # of so many the middle hardly knows whether one's own is among them
_DEVIATIONS = 1.48  # standard deviations of a normal distribution in its median absolute one
_PEOPLE_DIFFER = 0.5  # standard deviation of the logarithms of households' levels, at least
_FIRST_HOLDS = 1.5  # logarithm of the odds that what was first is right
_ALIKE = 0.5  # logarithm of what two stretches of one level differ by


@dataclass(frozen=True, slots=True)
class _Peers:
    """What the others of a direction do.

    Attributes:
        changes: Of their quantiles, the middle one. Shape (days - 2 * width + 1, quantiles). [logarithm]
        course: By window how far they are from their own usual level, the middle one. Shape (days - width + 1,).
        levels: Of each of them. [logarithm of mWh]
    """

    changes: NDArray[np.float64]
    course: NDArray[np.float64]
    levels: NDArray[np.float64]


def find_multipliers(inspection: Inspection, terms: MultiplierTerms) -> Iterator[Evidence]:
    """Stretches that begin or end with a day from which every quantile of the readings is another by one factor.

    What was first is taken to be right, unless another stretch is much nearer to the peers.
    """
    grids = [day_grid(inspection, series.energy) for series in inspection.series]
    if not grids or len(grids[0]) < 2 * terms.window_days:
        return
    windows = [_window_quantiles(grid, terms.window_days) for grid in grids]
    levels = np.array([_level(grid) for grid in grids])
    compared: dict[tuple[int, ...], _Peers] = {}
    for place, series in enumerate(inspection.series):
        others = _places_of_peers(inspection, place, levels)
        if others not in compared:
            alike = [windows[at] for at in others]
            compared[others] = _compare(alike, levels[list(others)], windows[place], terms.window_days)
        peers = compared[others]
        jumps = _jumps(grids[place], windows[place], peers.changes, terms)
        if jumps:
            yield from _stretches_off(inspection, series, windows[place], peers, jumps, terms)


def _places_of_peers(inspection: Inspection, place: int, levels: NDArray[np.float64]) -> tuple[int, ...]:
    """Others of the direction, a part of all of it where they are many; none where they are too few."""
    direction = inspection.series[place].point.direction
    alike = [
        at
        for at, one in enumerate(inspection.series)
        if one.point.direction == direction and np.isfinite(levels[at])
    ]
    if len(alike) <= _PEERS_TO_SPARE:
        alike = [at for at in alike if at != place]
    return tuple(alike[:: -(-len(alike) // _PEERS_COMPARED)]) if len(alike) >= _PEERS_MIN else ()


def _compare(
    windows: list[NDArray[np.float64]], levels: NDArray[np.float64], own: NDArray[np.float64], width: int
) -> _Peers:
    """Of no peers: that nothing changes."""
    if not windows:
        return _Peers(np.zeros((len(own) - width, len(_QUANTILES))), np.zeros(len(own)), levels)
    changes = _middle(np.stack([one[width:] - one[:-width] for one in windows]))
    courses = np.stack([np.median(one, axis=1) for one in windows])
    usual = _middle(courses.T)
    return _Peers(changes, _middle(courses - usual[:, None]), levels)


def _level(grid: NDArray[np.int64]) -> float:
    """Logarithm of the middle of the positive energies, nan where there is none."""
    positive = grid[grid > 0]
    return float(np.log(np.median(positive))) if len(positive) else np.nan


def _window_quantiles(grid: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Logarithms of the quantiles of each window's positive energies, to ``_BIN``; nan where less than half is known.

    Shape (days - width + 1, quantiles). Days are counted once by size, for windows share most of their days.
    """
    days = len(grid)
    day, place = np.nonzero(grid > 0)
    size = np.minimum((np.log(grid[day, place]) / _BIN).astype(np.int64), _BINS - 1)
    counts = np.bincount(day * _BINS + size, minlength=days * _BINS).reshape(days, _BINS).astype(np.int32)
    below = _slide(np.cumsum(counts, axis=1, dtype=np.int32), width)
    total = below[:, -1]
    ranks = [(below <= (total * part // 100)[:, None]).sum(axis=1) for part in _QUANTILES]
    known = _slide((grid != ABSENT).sum(axis=1, keepdims=True), width)[:, 0]
    enough = (known * 2 >= width * grid.shape[1]) & (total >= _READINGS_MIN)
    return np.where(enough[:, None], (np.stack(ranks, axis=1) + 0.5) * _BIN, np.nan)


def _slide(values: NDArray[Any], width: int) -> NDArray[Any]:
    """Sums of so many consecutive rows."""
    running = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0, dtype=values.dtype)])
    sums: NDArray[Any] = running[width:] - running[:-width]
    return sums


def _quantiles(window: NDArray[np.int64]) -> NDArray[np.float64]:
    """Those of one window, nan where less than half is known."""
    positive = window[window > 0]
    if np.count_nonzero(window != ABSENT) * 2 < window.size or len(positive) < _READINGS_MIN:
        return np.full(len(_QUANTILES), np.nan)
    ranks = [len(positive) * part // 100 for part in _QUANTILES]
    values: NDArray[np.float64] = np.log(np.partition(positive, ranks)[ranks])
    return values


def _middle(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower median of those known along the first axis; zero where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    order = np.sort(np.where(known, values, np.inf), axis=0)
    picked = np.take_along_axis(order, np.maximum((count - 1) // 2, 0)[None], axis=0)[0]
    middle: NDArray[np.float64] = np.where(count > 0, picked, 0.0)
    return middle


def _jumps(
    grid: NDArray[np.int64],
    windows: NDArray[np.float64],
    usual: NDArray[np.float64],
    terms: MultiplierTerms,
) -> dict[int, float]:
    """Days from which all quantiles are another by one factor, and its logarithm; at most one in a window, rising.

    It must show in the readings themselves and beside the peers'. Where one is certain, a change back may be blurred.
    """
    width = terms.window_days
    least = float(np.log(terms.factor_ppm / PARTS_PER_MILLION))
    own = windows[width:] - windows[:-width]
    known: NDArray[np.bool_] = np.asarray(np.isfinite(own).all(axis=1))
    own = np.where(known[:, None], own, 0.0)
    middles, beside = np.median(own, axis=1), np.median(own - usual, axis=1)
    size = np.minimum(np.abs(middles), np.abs(beside))
    spread = np.maximum(np.ptp(own, axis=1), np.ptp(own - usual, axis=1))
    at_most = np.maximum(np.log(terms.spread_ppm / PARTS_PER_MILLION), size * _LARGE_SPREAD_SHARE)
    allowed = np.minimum(size * _SPREAD_SHARE, at_most)
    large = known & (size >= least) & (np.sign(middles) == np.sign(beside))
    score = np.where(large & (spread <= allowed), 1 + size - spread, 0.0)
    for place in np.flatnonzero(score).tolist():
        if not _is_of_the_meter(grid, place + width, float(middles[place]), width):
            score[place] = 0.0
    found = pick_jumps(score, 1.0, width)
    score = np.where(large & (spread <= allowed * _BACK_LENIENT), 1 + np.maximum(size - spread, 0), 0.0)
    for place in found:
        score[max(place - width, 0) : place + width + 1] = 0.0
    ends = np.abs(middles[:, None] + middles[found]) <= _BACK_SHARE * np.abs(middles[found])
    score = np.where(ends.any(axis=1), score, 0.0)
    return {
        place + width: float(middles[place]) for place in sorted([*found, *pick_jumps(score, 1.0, width)])
    }


def _is_of_the_meter(grid: NDArray[np.int64], day: int, change: float, width: int) -> bool:
    """Is the change there at once, and in all parts of the day?"""
    near = _change(grid, day, _SHARP_DAYS)
    if np.isfinite(near) and near * np.sign(change) < _SHARP_SHARE * abs(change):
        return False
    hours = np.array_split(np.arange(grid.shape[1]), _PARTS_OF_DAY)
    parts = [_change(grid[:, part], day, width) for part in hours]
    known = sorted(part for part in parts if np.isfinite(part))
    return len(known) <= _PARTS_OF_DAY // 2 or known[-2] - known[1] <= _HOURS_SHARE * abs(change)


def _change(grid: NDArray[np.int64], day: int, width: int) -> float:
    """Of the middle quantile from the days before to those after; nan where too little is known."""
    return float(np.median(_quantiles(grid[day : day + width]) - _quantiles(grid[day - width : day])))


def _stretches_off(
    inspection: Inspection,
    series: PointSeries,
    windows: NDArray[np.float64],
    peers: _Peers,
    jumps: dict[int, float],
    terms: MultiplierTerms,
) -> Iterator[Evidence]:
    """Stretches between jumps that are off the right level by at least half of what they jump by."""
    least = float(np.log(terms.factor_ppm / PARTS_PER_MILLION))
    length = 86_400 // inspection.calendar.step_seconds
    stretches = list(pairwise([0, *jumps, len(series.energy) // length]))
    levels = _levels_of(stretches, np.median(windows, axis=1) - peers.course, jumps, terms.window_days)
    right = levels[_right(levels, peers.levels)]
    for (first, until), level in zip(stretches, levels, strict=True):
        jump = max(abs(jumps.get(edge, 0.0)) for edge in (first, until))
        if abs(level - right) < max(least, jump / 2):
            continue
        factor = float(np.exp(level - right))
        yield on_series(
            inspection,
            series,
            (first * length, min(until * length, len(series.energy))),
            f"From {name_instant(inspection.start_of(first * length))}, for {until - first} days, every "
            f"part of the day of {series.point.id} is {factor:.2g} times what it is otherwise; a transformer "
            "ratio or constant was probably changed: ask the operator which factor holds.",
            f"factor {factor:.2g}",
            f"factor {terms.factor_ppm / PARTS_PER_MILLION:g}",
            times_ppm=times_ppm(factor),
            days=until - first,
            limit_times_ppm=terms.factor_ppm,
        )


def _levels_of(
    stretches: list[tuple[int, int]], course: NDArray[np.float64], jumps: dict[int, float], width: int
) -> NDArray[np.float64]:
    """Of each stretch the middle of the windows within it; of one too short its jump from the one before it."""
    levels: list[float] = []
    for first, until in stretches:
        within = course[first : max(until - width + 1, first)]
        within = within[np.isfinite(within)]
        before = levels[-1] if levels else 0.0
        levels.append(float(np.median(within)) if len(within) else before + jumps.get(first, 0.0))
    return np.array(levels)


def _right(levels: NDArray[np.float64], others: NDArray[np.float64]) -> int:
    """The stretch that is most likely right, by how households of the community differ and by what was first."""
    odds = np.where(np.abs(levels - levels[0]) < _ALIKE, _FIRST_HOLDS, 0.0)
    if len(others) >= _PEERS_MIN:
        middle = float(np.median(others))
        differ = max(_DEVIATIONS * float(np.median(np.abs(others - middle))), _PEOPLE_DIFFER)
        odds -= (levels - middle) ** 2 / (2 * differ**2)
    return int(odds.argmax())
