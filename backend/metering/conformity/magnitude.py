"""Rules about size: beyond the connection, in a wrong unit, multiplied by a constant factor."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series, times_ppm
from backend.metering.conformity.jumps import pick_jumps
from backend.metering.inspection import ABSENT, Inspection, PointSeries, find_runs
from backend.quantities import PARTS_PER_MILLION, format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import MultiplierTerms, UnitTerms

__all__ = ["find_multipliers", "find_out_of_range", "find_wrong_units"]

_QUANTILES = (25, 50, 75, 95)  # of the positive energies of a window [%]
_DAYS_MIN = 10
_LESSER = 0.8  # of the logarithm of the least factor: what still ends a stretch
_PEERS_MIN = 3
_PEOPLE_DIFFER = 2  # factor: what is nearer to the peers by more is the right one
_ALIKE = 2  # factor within which two stretches are of one level


def find_out_of_range(inspection: Inspection, _: None) -> Iterator[Evidence]:
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
        yield on_series(
            inspection,
            series,
            (int(index[0]), int(index[-1]) + 1),
            f"{len(index)} readings of {series.point.id} are above its connection of {power / 1000:g} kW, the highest "
            f"{format_kilowatt_hours(most, 3)} kWh in {inspection.calendar.resolution_minutes} minutes; "
            "check the unit of the file and max_power_watts.",
            f"{format_kilowatt_hours(most, 3)} kWh",
            f"{format_kilowatt_hours(limit, 3)} kWh",
            readings=len(index),
            connection_watts=power,
            most_milliwatt_hours=most,
            step_minutes=inspection.calendar.resolution_minutes,
            limit_milliwatt_hours=limit,
        )


def find_wrong_units(inspection: Inspection, terms: UnitTerms) -> Iterator[Evidence]:
    """Watt-hours taken for kilowatt-hours or the other way: against the peers, or against the point's usual day."""
    levels = [_levels(inspection, series) for series in inspection.series]
    usual = np.array([float(np.median(level[level > 0])) if (level > 0).any() else 0.0 for level in levels])
    for place, series in enumerate(inspection.series):
        typical = _typical_of_peers(inspection, usual, place, terms.peers)
        level = levels[place]
        positive = level > 0
        if not positive.any():
            continue
        reference = _own_unit(level[positive], typical, terms.factor) if typical else float(usual[place])
        if typical and reference == 0:
            reference = typical
        yield from _runs_in_another_unit(inspection, series, level, reference, terms)


def _typical_of_peers(inspection: Inspection, usual: NDArray[np.float64], place: int, least: int) -> float:
    direction = inspection.series[place].point.direction
    peers = [
        usual[other]
        for other, one in enumerate(inspection.series)
        if other != place and one.point.direction == direction and usual[other] > 0
    ]
    return float(np.median(peers)) if len(peers) >= least else 0.0


def _own_unit(levels: NDArray[np.float64], typical: float, factor: int) -> float:
    """The usual day among those that are in the peers' unit; 0 where none is.

    A point whose every day is far from its peers', but alike, is only in another unit where it is too high or where
    some of its days are not.
    """
    width = np.sqrt(factor)
    near = levels[(levels < width * typical) & (levels > typical / width)]
    if len(near) >= min(_DAYS_MIN, len(levels)):
        return float(np.median(near))
    return 0.0 if float(np.median(levels)) >= factor * typical else float(np.median(levels))


def _runs_in_another_unit(
    inspection: Inspection,
    series: PointSeries,
    level: NDArray[np.float64],
    reference: float,
    terms: UnitTerms,
) -> Iterator[Evidence]:
    length = 86_400 // inspection.calendar.step_seconds
    high = level >= terms.factor * reference
    low = (level > 0) & (level * terms.factor <= reference)
    for mask, least, words in (
        (high, 1, "times its usual ones; watt-hours were probably written as kilowatt-hours"),
        (low, terms.days, "of its usual ones; kilowatt-hours were probably written as watt-hours"),
    ):
        for first, until in find_runs(_bridged(mask, level)):
            if int(np.count_nonzero(mask[first:until])) < least:
                continue
            ratio = float(np.median(level[first:until][mask[first:until]])) / reference
            factor = f"{ratio:.0f}" if ratio >= 1 else f"1/{1 / ratio:.0f}"
            yield on_series(
                inspection,
                series,
                (first * length, min(until * length, len(series.energy))),
                f"The readings of {series.point.id} are {factor} {words} (factor 1000), for {until - first} days from "
                f"{name_instant(inspection.start_of(first * length))}.",
                f"factor {factor}",
                f"factor {terms.factor}",
                kind="high" if ratio >= 1 else "low",
                times_ppm=times_ppm(max(ratio, 1 / ratio)),
                days=until - first,
                limit_times_ppm=terms.factor * PARTS_PER_MILLION,
            )


def _bridged(mask: NDArray[np.bool_], level: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Days without any energy between two days of the mask join them."""
    joined: NDArray[np.bool_] = mask.copy()
    for first, until in find_runs(~mask & (level <= 0)):
        if first > 0 and until < len(mask) and mask[first - 1] and mask[until]:
            joined[first:until] = True
    return joined


def _levels(inspection: Inspection, series: PointSeries) -> NDArray[np.float64]:
    """A day's size: the energy that a twentieth of its intervals exceed, but its highest where that is zero. [mWh]"""
    grid = np.sort(np.maximum(day_grid(inspection, series.energy), 0), axis=1)
    top = grid[:, grid.shape[1] * 95 // 100]
    levels: NDArray[np.float64] = np.where(top > 0, top, grid[:, -1]).astype(np.float64)
    return levels


def find_multipliers(inspection: Inspection, terms: MultiplierTerms) -> Iterator[Evidence]:
    """Stretches in which every quantile of the readings is one and the same multiple of what it is otherwise.

    A household that grows or goes away moves some quantiles more than others: its base load stays, or its peaks do. A
    forgotten or wrong transformer ratio moves all of them alike. What holds on most days is taken to be
    right, unless another stretch is clearly nearer to the peers.
    """
    levels = [_level(series.energy) for series in inspection.series]
    for place, series in enumerate(inspection.series):
        grid = day_grid(inspection, series.energy)
        jumps = _jumps(grid, terms)
        if not any(jumps.values()):
            continue
        days = [0, *jumps, len(grid)]
        stretches = list(pairwise(days))
        own = np.array([_level(grid[first:until]) for first, until in stretches])
        lengths = np.array([until - first for first, until in stretches])
        right = _right_level(own, lengths, _level_of_peers(inspection, levels, place))
        usual = np.abs(own - right) < np.log(_ALIKE)
        for place_in, (first, until) in enumerate(stretches):
            if not np.isfinite(own[place_in] - right):
                continue
            factor = float(np.exp(own[place_in] - right))
            # It must part at once from a stretch that is right: one that a move-in or another fault bounds does not.
            from_right = jumps.get(first, False) and usual[place_in - 1]
            to_right = jumps.get(until, False) and usual[place_in + 1]
            if not (from_right or to_right) or max(factor, 1 / factor) * PARTS_PER_MILLION < terms.factor_ppm:
                continue
            yield on_series(
                inspection,
                series,
                (first * grid.shape[1], min(until * grid.shape[1], len(series.energy))),
                f"From {name_instant(inspection.start_of(first * grid.shape[1]))}, for {until - first} days, every "
                f"part of the day of {series.point.id} is {factor:.2g} times what it is otherwise; a transformer "
                "ratio or constant was probably changed: ask the operator which factor holds.",
                f"factor {factor:.2g}",
                f"factor {terms.factor_ppm / PARTS_PER_MILLION:g}",
                times_ppm=times_ppm(factor),
                days=until - first,
                limit_times_ppm=terms.factor_ppm,
            )


def _level(energy: NDArray[np.int64]) -> float:
    """Logarithm of the middle of the positive energies, nan where there is none."""
    positive = energy[energy > 0]
    return float(np.log(np.median(positive))) if len(positive) else np.nan


def _level_of_peers(inspection: Inspection, levels: list[float], place: int) -> float:
    direction = inspection.series[place].point.direction
    peers = [
        levels[other]
        for other, one in enumerate(inspection.series)
        if other != place and one.point.direction == direction and np.isfinite(levels[other])
    ]
    return float(np.median(peers)) if len(peers) >= _PEERS_MIN else np.nan


def _right_level(own: NDArray[np.float64], lengths: NDArray[np.int64], peers: float) -> float:
    """The level that holds on most days, unless another is clearly nearer to the peers."""
    usable = np.isfinite(own)
    if not usable.any():
        return np.nan
    own, lengths = own[usable], lengths[usable]
    days = [lengths[np.abs(own - level) < np.log(_ALIKE)].sum() for level in own]
    most = float(own[int(np.argmax(days))])
    if np.isfinite(peers):
        nearest = float(own[int(np.abs(own - peers).argmin())])
        return nearest if abs(most - peers) - abs(nearest - peers) > np.log(_PEOPLE_DIFFER) else most
    return most


def _jumps(grid: NDArray[np.int64], terms: MultiplierTerms) -> dict[int, bool]:
    """Days from which every quantile is another by one factor, at most one in a window, rising, and is it the full one?

    Lesser ones are kept because the end of a stretch may be blurred where its begin is sharp.
    """
    days, width = len(grid), terms.window_days
    if days < 2 * width:
        return {}
    quantiles = np.log(np.stack([_quantiles(grid[day : day + width]) for day in range(days - width + 1)]))
    ratios = quantiles[width:] - quantiles[:-width]
    ratios = np.where(np.isfinite(ratios), ratios, 0.0)
    size = np.maximum(np.maximum(ratios.min(axis=1), -ratios.max(axis=1)), 0.0)
    alike = ratios.max(axis=1) - ratios.min(axis=1) <= np.log(terms.spread_ppm / PARTS_PER_MILLION)
    least = float(np.log(terms.factor_ppm / PARTS_PER_MILLION))
    size = np.where(alike, size, 0.0)
    return {place + width: bool(size[place] >= least) for place in pick_jumps(size, least * _LESSER, width)}


def _quantiles(window: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the positive energies, as means above each rank would be too coarse; nan where less than half is there."""
    known = window[window != ABSENT]
    positive = known[known > 0]
    if len(known) * 2 < window.size or len(positive) < _DAYS_MIN:
        return np.full(len(_QUANTILES), np.nan)
    ranks = [len(positive) * part // 100 for part in _QUANTILES]
    return np.partition(positive, ranks)[ranks].astype(np.float64)
