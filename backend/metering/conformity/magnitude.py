"""Rules about size: beyond the connection, and in a wrong unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series, times_ppm
from backend.metering.inspection import Inspection, PointSeries, find_runs
from backend.quantities import PARTS_PER_MILLION, format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import UnitTerms

__all__ = ["find_out_of_range", "find_wrong_units"]

_DAYS_MIN = 10


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
