"""What a plant is, learned from what it gave: planes, power, inverter, late stamps, and where it stands.

What matters is what it gave under a clear sky. From blocks of days the upper envelope of each time of day is taken and
held against the physics of a plane; then days that follow the clear sky closely are fitted once more, at their dates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.features.sun import Sun, sun_during
from ml.solar.plant import Plane, Plant, plant_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["DAYS_LEAST", "clear_power", "learn_plant"]

DAYS_LEAST = 14
"""Days with production that a plant is learned from. [days]"""
DAY_SECONDS = 86_400
BLOCK_DAYS = 10
"""Days of which each time of day's best is taken: nearly always one of them was clear then. [days]"""
DAYS_MOST = 400
"""Older days than these are not looked at: a plant ages. [days]"""
CLEAR_LEAST = 0.75
"""Of the first guess of the clear sky's energy, on a day that is taken for clear. [1]"""
CLEAR_DAYS_LEAST = 3
CLEAR_DAYS_MOST = 60
COMMON_SHARE = 0.15
"""Of what all days say together of the plane, beside each day's own course. [1]"""
PLANES_BETTER = 0.75
"""Several planes must leave at most this share of what one leaves unexplained. [1]"""
REACHED = 0.8
"""Share of their power that planes reach under a clear sky. [1]"""
FLAT_SHARE = 0.06
"""Of bright intervals that stand on one level, where an inverter cuts. [1]"""
FLAT = 0.004
"""Production within so much of its highest stands on a level. [1]"""
FLAT_LEAST = 12
SHIFT_STEP_SECONDS = 1800
SHIFT_DEARER = 0.02
"""Shift and azimuth explain nearly the same: an hour must explain so much more to be believed. [1/h]"""
SHIFT_MOST_SECONDS = 10_800
"""Stamps are late or early by at most so much: a wrong time zone, an interval's other end. [s]"""


@dataclass(frozen=True)
class _Envelope:
    """The best of each time of day, block by block.

    Attributes:
        days_utc: Midnight (UTC) of each block's middle day. Shape (B,). [s]
        best: Shape (B, D), D intervals a day. [W]
    """

    days_utc: NDArray[np.int64]
    best: Values


def _whole_days(series: Series) -> tuple[int, Values]:
    """First midnight (UTC) and the values by day. Shape (N, D)."""
    per_day = DAY_SECONDS // series.step_seconds
    skip = (-series.start_utc % DAY_SECONDS) // series.step_seconds
    count = (len(series) - skip) // per_day
    count_used = max(0, min(count, DAYS_MOST))
    first = skip + (count - count_used) * per_day
    days = series.values[first : first + count_used * per_day].reshape(count_used, per_day)
    return series.start_utc + first * series.step_seconds, days


def _envelope(series: Series) -> _Envelope:
    start, days = _whole_days(series)
    lit = np.nansum(days, axis=1) > 0
    if lit.sum() < DAYS_LEAST:
        raise InputError(
            f"a plant is learned from at least {DAYS_LEAST} days with production; there are {int(lit.sum())}: "
            "give more history, or tilt, azimuth and capacity."
        )
    blocks = max(1, len(days) // BLOCK_DAYS)
    middles, best = [], []
    for block in np.array_split(np.arange(len(days)), blocks):
        ranked = np.sort(np.nan_to_num(days[block], nan=0.0), axis=0)
        # The second best of ten: a cloud's edge may lift one of them above the clear sky.
        best.append(ranked[-2] if len(block) > 2 else ranked[-1])  # noqa: PLR2004
        middles.append(start + DAY_SECONDS * int(block[len(block) // 2]))
    return _Envelope(np.array(middles, dtype=np.int64), np.array(best))


def clear_power(plant: Plant, sun: Sun, air: Values | None = None) -> Values:
    """What a plant gives under a cloudless sky. Shape (T,). [W]"""
    return plant_power(plant, sun, sun.clear, air)


def _scale(model: Values, measured: Values) -> float:
    """The factor that brings the model to the measure, by the middle of their ratios, weighted by the model."""
    lit = model > 0.1 * model.max(initial=0.0)
    if not lit.any():
        return 0.0
    order = np.argsort(measured[lit] / model[lit])
    weights = np.cumsum(model[lit][order])
    middle = int(np.searchsorted(weights, weights[-1] / 2))
    return float((measured[lit] / model[lit])[order][middle])


def _misfit(model: Values, measured: Values, per_day: int) -> float:
    """Mean absolute difference, mostly with each day scaled by itself. [W]

    Dust and haze move whole days up and down by a fifth and more; a day's own course tells the plane through that, and
    what is common to all days counts a little.
    """
    of_day, taken = model.reshape(-1, per_day), measured.reshape(-1, per_day)
    scale = (of_day * taken).sum(axis=1) / np.maximum((of_day**2).sum(axis=1), 1e-9)
    own = float(np.abs(scale[:, np.newaxis] * of_day - taken).mean())
    common = float(np.abs(_scale(model, measured) * model - measured).mean())
    return (1 - COMMON_SHARE) * own + COMMON_SHARE * common


def _candidates(latitude: float) -> list[Plane]:
    """Planes of one watt that face from east over the equator's side to west."""
    middle = 180.0 if latitude >= 0 else 0.0
    turns = (-90.0, -45.0, 0.0, 45.0, 90.0)
    steep = [Plane(tilt, (middle + turn) % 360, 1.0) for tilt in (15.0, 35.0, 60.0) for turn in turns]
    return [Plane(0.0, middle, 1.0), *steep]


@dataclass(frozen=True)
class _Sample:
    """Intervals under a sky that was clear, to be explained by a plant. Shapes (T,)."""

    site: Site
    starts_utc: NDArray[np.int64]
    step_seconds: int
    measured: Values
    air: Values | None
    limit: float = float("inf")

    @property
    def below(self) -> NDArray[np.bool_]:
        """Intervals that an inverter did not cut, if it cut any; only they tell the planes."""
        return np.asarray(self.measured < (1 - 5 * FLAT) * self.limit)

    def cost(self, plane: Plane, shift: float) -> float:
        """Misfit as a share of the mean, a little dearer the later the stamps are said to be. [1]"""
        sun = sun_during(self.site, self.starts_utc, self.step_seconds, shift)
        return self.cost_under(sun, plane, shift)

    def cost_under(self, sun: Sun, plane: Plane, shift: float) -> float:
        model = clear_power(Plant((plane,)), sun, self.air) * self.below
        dearer = 1 + SHIFT_DEARER * abs(shift) / 3600
        return (
            _misfit(model, self.measured, DAY_SECONDS // self.step_seconds)
            / float(self.measured.mean())
            * dearer
        )


def _coarse(sample: _Sample) -> tuple[Plane, float]:
    """The best of a grid of planes and shifts."""
    best = (np.inf, Plane(0.0, 180.0, 1.0), 0.0)
    for shift in np.arange(-SHIFT_MOST_SECONDS, SHIFT_MOST_SECONDS + 1, SHIFT_STEP_SECONDS):
        sun = sun_during(sample.site, sample.starts_utc, sample.step_seconds, float(shift))
        for plane in _candidates(sample.site.latitude):
            cost = sample.cost_under(sun, plane, float(shift))
            if cost < best[0]:
                best = (cost, plane, float(shift))
    return best[1], best[2]


def _polished(sample: _Sample, plane: Plane, shift: float, *, shift_free: bool) -> tuple[Plane, float]:
    """Walk downhill from a plane and a shift (Nelder and Mead 1965)."""
    from scipy.optimize import minimize

    def read(point: Values) -> tuple[Plane, float]:
        tilt = float(np.clip(point[0] * 10, 0.0, 90.0))
        moved = (
            float(np.clip(point[2] * 600, -SHIFT_MOST_SECONDS, SHIFT_MOST_SECONDS)) if shift_free else shift
        )
        return Plane(tilt, float(point[1] * 20 % 360), 1.0), moved

    start = np.array([max(plane.tilt, 5.0) / 10, plane.azimuth / 20, shift / 600])
    if not shift_free:
        start = start[:2]
    simplex = np.vstack([start, start + np.eye(len(start))])
    found = minimize(
        lambda point: sample.cost(*read(point)),
        start,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 0.03, "fatol": 1e-4, "maxfev": 120},
    )
    return read(np.asarray(found.x))


def learn_plant(series: Series, site: Site, until_utc: int) -> Plant:
    """Learn planes, power, inverter and late stamps from what a plant gave.

    Args:
        series: Production, at least zero. [W] With ``temperature`` [°C] among the inputs cells are warmed by it.
        site: With coordinates.
        until_utc: Nothing after it is read. [s since 1970, UTC]

    Raises:
        InputError: If fewer than ``DAYS_LEAST`` days have production, or the site has no coordinates.
    """
    known = series.before(min(until_utc, series.end_utc))
    envelope = _envelope(known)
    offsets = known.step_seconds * np.arange(envelope.best.shape[1], dtype=np.int64)
    starts = (envelope.days_utc[:, np.newaxis] + offsets).ravel()
    limit = _flat_top(known.values)
    rough = _Sample(site, starts, known.step_seconds, envelope.best.ravel(), None, limit)
    plane, shift = _polished(rough, *_coarse(rough), shift_free=True)
    plant = _scaled(rough, Plant((plane,), shift_seconds=shift))
    clear = _clear_days(known, site, replace(plant, inverter_watts=limit), limit)
    if clear is not None:
        plane, shift = _polished(clear, plane, plant.shift_seconds, shift_free=True)
        plant = _scaled(clear, Plant((plane,), shift_seconds=shift))
        plant = _with_more_planes(clear, plant)
    # A limit that the clear sky's power never reaches is none.
    return replace(plant, inverter_watts=limit) if plant.watts * REACHED > limit else plant


def _scaled(sample: _Sample, plant: Plant) -> Plant:
    """The plant with the power that its production tells."""
    sun = sun_during(sample.site, sample.starts_utc, sample.step_seconds, plant.shift_seconds)
    factor = _scale(clear_power(plant, sun, sample.air) * sample.below, sample.measured * sample.below)
    planes = tuple(replace(plane, watts=plane.watts * factor) for plane in plant.planes)
    return replace(plant, planes=planes)


def _clear_days(series: Series, site: Site, plant: Plant, limit: float) -> _Sample | None:
    """Days whose course is that of the clear sky, up to some; None where there are too few."""
    start, days = _whole_days(series)
    starts = start + series.step_seconds * np.arange(days.size, dtype=np.int64)
    sun = sun_during(site, starts, series.step_seconds, plant.shift_seconds)
    model = clear_power(plant, sun).reshape(days.shape)
    missing = ~np.isfinite(days)
    ratio = np.where(missing, 0.0, days).sum(axis=1) / np.maximum(model.sum(axis=1), 1e-9)
    shape = np.abs(days - ratio[:, np.newaxis] * model).sum(axis=1) / np.maximum(model.sum(axis=1), 1e-9)
    unlike = np.where(missing.any(axis=1) | (ratio < CLEAR_LEAST) | (ratio > 1 / CLEAR_LEAST), np.inf, shape)
    chosen = np.flatnonzero(np.isfinite(unlike))
    if len(chosen) < CLEAR_DAYS_LEAST:
        return None
    keep = max(CLEAR_DAYS_LEAST, min(CLEAR_DAYS_MOST, len(days) // 5))
    chosen = np.sort(chosen[np.argsort(unlike[chosen], kind="stable")[:keep]])
    place = (starts.reshape(days.shape)[chosen].ravel() - series.start_utc) // series.step_seconds
    air = series.inputs.get("temperature")
    return _Sample(
        site,
        starts.reshape(days.shape)[chosen].ravel(),
        series.step_seconds,
        days[chosen].ravel(),
        None if air is None else air[place],
        limit,
    )


def _with_more_planes(sample: _Sample, plant: Plant) -> Plant:
    """Several planes where they explain clear days much better than one: east and west roofs, fleets."""
    from scipy.optimize import nnls

    sun = sun_during(sample.site, sample.starts_utc, sample.step_seconds, plant.shift_seconds)
    alone = clear_power(plant, sun, sample.air)
    units = [plant.planes[0], *_candidates(sample.site.latitude)]
    units = [replace(plane, watts=1.0) for plane in units]
    columns = np.column_stack([clear_power(Plant((plane,)), sun, sample.air) for plane in units])
    below = sample.below
    weights, _ = nnls(columns[below], sample.measured[below])
    left = np.abs(columns @ weights - sample.measured)[below].sum()
    if left > PLANES_BETTER * np.abs(alone - sample.measured)[below].sum():
        return plant
    least = 0.03 * weights.sum()
    planes = tuple(
        replace(unit, watts=float(watts)) for unit, watts in zip(units, weights, strict=True) if watts > least
    )
    return _scaled(sample, replace(plant, planes=planes))


def _flat_top(values: Values) -> float:
    """The level on which bright production stands, infinite where it stands on none. [W]"""
    known = values[np.isfinite(values)]
    top = float(np.quantile(known, 0.9995))
    bright = known[known > 0.5 * top]
    standing = bright[bright > (1 - FLAT) * top]
    if len(standing) < FLAT_LEAST or len(standing) < FLAT_SHARE * len(bright):
        return float("inf")
    return float(np.median(standing))
