"""Rules about solar feed-in: in the dark, above a clear sky, or swapped with the import.

*Dark* is told from the sun's place where the point has coordinates, else from what the other roofs (or, alone, the
point itself) feed in at that time of day within the weeks around.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, day_grid, name_instant, on_series, times_ppm
from backend.metering.conformity.sun import clear_sky_bound, sun_elevation
from backend.metering.inspection import Inspection, PointSeries, find_runs, is_solar
from backend.metering.points import CONSUMPTION
from backend.quantities import PARTS_PER_MILLION, format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import ClearSkyTerms, NightTerms, SwappedTerms

__all__ = ["find_above_clear_sky", "find_feed_in_at_night", "find_swapped"]

_DARK_SHARE = 0.005  # of the best time of day
_TWILIGHT_DEGREES = 2
_DARK_WINDOW_DAYS = 28
_MARGIN_SECONDS = 7200
_BRIGHT_RANK = 80  # of the roofs [%]
_SUNNY_DAYS_MIN = 10
_NIGHTS_JOINED = 2


def find_feed_in_at_night(inspection: Inspection, terms: NightTerms) -> Iterator[Evidence]:
    """Runs of days with solar feed-in at times that are dark."""
    length = 86_400 // inspection.calendar.step_seconds
    for series in inspection.series:
        positive = series.energy[series.energy > 0]
        if not is_solar(series.point) or not len(positive):
            continue
        dark = _darkness(inspection, series, terms.elevation_degrees, terms.window_days)
        if dark is None:
            continue
        best = int(np.partition(positive, len(positive) * 99 // 100)[len(positive) * 99 // 100])
        limit = best * terms.share_ppm // PARTS_PER_MILLION
        seen = dark & (series.energy > limit)
        days = _days_with(inspection, seen)
        for first, until in _joined_runs(days, _NIGHTS_JOINED):
            within = np.flatnonzero(seen[first * length : until * length]) + first * length
            most = int(series.energy[within].max())
            yield on_series(
                inspection,
                series,
                (int(within[0]), int(within[-1]) + 1),
                f"{series.point.id} feeds in {format_kilowatt_hours(int(series.energy[within].sum()), 3)} kWh in "
                f"{len(within)} intervals in the dark from {name_instant(inspection.start_of(int(within[0])))}; solar "
                "panels give nothing then: check clock, direction and source.",
                f"{format_kilowatt_hours(most, 3)} kWh",
                f"{format_kilowatt_hours(limit, 3)} kWh",
                energy_milliwatt_hours=int(series.energy[within].sum()),
                intervals=len(within),
                limit_milliwatt_hours=limit,
            )


def _days_with(inspection: Inspection, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """On which days the mask holds anywhere. Shape (days,)."""
    return np.asarray(day_grid(inspection, mask.astype(np.int64)).any(axis=1), dtype=np.bool_)


def _joined_runs(days: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Runs of days, those joined that are at most ``gap`` days apart."""
    runs: list[tuple[int, int]] = []
    for first, until in find_runs(days):
        if runs and first - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], until)
        else:
            runs.append((first, until))
    return runs


def _darkness(
    inspection: Inspection, series: PointSeries, degrees: int, window_days: int
) -> NDArray[np.bool_] | None:
    """Where it is dark all through the interval. Shape (T,); None where nobody can tell."""
    point = series.point
    if point.latitude is not None and point.longitude is not None:
        ends = inspection.start_of(0) + inspection.calendar.step_seconds * np.arange(
            inspection.calendar.interval_count + 1
        )
        elevation = sun_elevation(ends, point.latitude, point.longitude)
        return np.asarray(np.maximum(elevation[:-1], elevation[1:]) < -degrees)
    others = inspection.roof_course(point, _BRIGHT_RANK)
    return None if others is None else _dark_times(inspection, others, window_days)


def _dark_times(inspection: Inspection, sun: NDArray[np.int64], window_days: int) -> NDArray[np.bool_]:
    """Times of day at which, over the weeks around, feed-in is next to nothing on nine days of ten. Shape (T,)."""
    grid = day_grid(inspection, sun)
    dark = np.zeros(len(sun), dtype=np.bool_)
    if not len(grid):
        return dark
    width = min(window_days, len(grid))
    windows = np.lib.stride_tricks.sliding_window_view(grid, width, axis=0)
    typical = np.sort(windows, axis=2)[:, :, (width - 1) * 9 // 10]
    best = typical.max(axis=1, keepdims=True)
    of_window = (typical <= _DARK_SHARE * best) & (best > 0)
    # Feed-in ends before the light does, where somebody is at home to use it: two hours' margin on both sides.
    margin = _MARGIN_SECONDS // inspection.calendar.step_seconds
    kept = of_window.copy()
    for shift in range(1, margin + 1):
        kept &= np.roll(of_window, shift, axis=1) & np.roll(of_window, -shift, axis=1)
    place = np.clip(np.arange(len(grid)) - width // 2, 0, len(of_window) - 1)
    dark[: grid.size] = kept[place].ravel()
    return dark


def find_above_clear_sky(inspection: Inspection, terms: ClearSkyTerms) -> Iterator[Evidence]:
    """Days on which solar feed-in is above what the point's fitted capacity gives turned to a clear sky's sun.

    The capacity is a high quantile of the daily best ratios of feed-in to that irradiance, so that it needs no plate.
    """
    for series in inspection.series:
        point = series.point
        if not is_solar(point) or point.latitude is None or point.longitude is None:
            continue
        middles = inspection.start_of(0) + inspection.calendar.step_seconds * np.arange(
            inspection.calendar.interval_count
        )
        middles += inspection.calendar.step_seconds // 2
        elevation = sun_elevation(middles, point.latitude, point.longitude)
        bound = np.where(elevation >= terms.elevation_degrees, clear_sky_bound(elevation), 0.0)
        ratio = np.divide(np.maximum(series.energy, 0), bound, out=np.zeros(len(bound)), where=bound > 0)
        best = np.sort(day_grid(inspection, ratio).max(axis=1))
        best = best[best > 0]
        if len(best) < _SUNNY_DAYS_MIN:
            continue
        capacity = float(best[(len(best) - 1) * terms.quantile_ppm // PARTS_PER_MILLION])
        factor = terms.ratio_ppm / PARTS_PER_MILLION
        above = ratio > factor * capacity
        length = 86_400 // inspection.calendar.step_seconds
        days = _days_with(inspection, above)
        for first, until in _joined_runs(days, _NIGHTS_JOINED):
            within = np.flatnonzero(above[first * length : until * length]) + first * length
            worst = int(within[ratio[within].argmax()])
            limit = int(factor * capacity * bound[worst])
            yield on_series(
                inspection,
                series,
                (int(within[0]), int(within[-1]) + 1),
                f"{point.id} feeds in {format_kilowatt_hours(int(series.energy[worst]), 3)} kWh at "
                f"{name_instant(inspection.start_of(worst))}, {ratio[worst] / capacity:.1f} times what its panels "
                "could give under a clear sky; check unit, factor and clock.",
                f"{format_kilowatt_hours(int(series.energy[worst]), 3)} kWh",
                f"{format_kilowatt_hours(limit, 3)} kWh",
                energy_milliwatt_hours=int(series.energy[worst]),
                at_utc=inspection.start_of(worst),
                times_ppm=times_ppm(ratio[worst] / capacity),
                limit_milliwatt_hours=limit,
            )


def find_swapped(inspection: Inspection, terms: SwappedTerms) -> Iterator[Evidence]:
    """Days on which a participant's feed-in falls in the dark and the consumption does not."""
    owned: dict[str, tuple[list[PointSeries], list[PointSeries]]] = defaultdict(lambda: ([], []))
    for series in inspection.series:
        if series.point.direction == CONSUMPTION:
            owned[series.point.participant][0].append(series)
        elif is_solar(series.point):
            owned[series.point.participant][1].append(series)
    for loads, roofs in owned.values():
        if len(loads) == 1 and len(roofs) == 1:
            yield from _swapped_days(inspection, loads[0], roofs[0], terms)


def _swapped_days(
    inspection: Inspection, load: PointSeries, roof: PointSeries, terms: SwappedTerms
) -> Iterator[Evidence]:
    dark = _darkness(inspection, roof, _TWILIGHT_DEGREES, _DARK_WINDOW_DAYS)
    if dark is None:
        return
    shades = day_grid(inspection, dark.astype(np.int64))
    fed, used = (np.maximum(day_grid(inspection, one.energy), 0) for one in (roof, load))
    fed_dark, used_dark = (fed * shades).sum(axis=1), (used * shades).sum(axis=1)
    fed_all, used_all = fed.sum(axis=1), used.sum(axis=1)
    wrong = (
        (fed_dark * PARTS_PER_MILLION >= fed_all * terms.dark_ppm)
        & (fed_all > 0)
        & (used_dark * PARTS_PER_MILLION <= used_all * terms.load_dark_ppm)
        & shades.any(axis=1)
    )
    length = shades.shape[1]
    for first, until in _joined_runs(wrong, _NIGHTS_JOINED):
        if int(np.count_nonzero(wrong[first:until])) < terms.days:
            continue
        days = np.flatnonzero(wrong[first:until]) + first
        share = int(fed_dark[days].sum()) * 100 // int(fed_all[days].sum())
        for series in (load, roof):
            yield on_series(
                inspection,
                series,
                (first * length, min(until * length, len(series.energy))),
                f"{roof.point.id} feeds in {share} % of its energy in the dark, and {load.point.id} uses next to "
                f"nothing then, for {until - first} days from {name_instant(inspection.start_of(first * length))}: "
                "import and export were probably written in each other's place.",
                f"{share} % in the dark",
                f"{terms.dark_ppm * 100 // PARTS_PER_MILLION} %",
                roof=roof.point.id,
                load=load.point.id,
                share_ppm=share * PARTS_PER_MILLION // 100,
                days=until - first,
                limit_ppm=terms.dark_ppm,
            )
