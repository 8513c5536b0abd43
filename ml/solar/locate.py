"""Where a plant stands, from when it is light: the day's middle tells the longitude, its length the latitude."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.features.sun import sun_during

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

__all__ = ["learn_site"]

DAY_SECONDS = 86_400
DAYS_LEAST = 14
DAYS_MOST = 400
LIGHT = 0.004
"""Share of the highest power that shows that it is light. [1]"""
LIGHT_IRRADIANCE = 8.0
"""Global irradiance under a clear sky at which a plant begins to give. [W/m²]"""
BLOCK_DAYS = 5
LATITUDE_MOST = 65.0


def learn_site(series: Series, site: Site) -> Site:
    """Tell a site's coordinates by the beginnings and ends of production.

    Stamps must be right, for a late clock and a westerly place look alike. A degree of longitude is four minutes:
    within some degrees is what a year of hours gives; less than half a year leaves the latitude vague.

    Args:
        series: Production. [W]
        site: Whose time zone and country are kept.

    Raises:
        InputError: If fewer than 14 days have production.
    """
    per_day = DAY_SECONDS // series.step_seconds
    skip = (-series.start_utc % DAY_SECONDS) // series.step_seconds
    count = max(0, min((len(series) - skip) // per_day, DAYS_MOST))
    first = len(series) - (len(series) - skip) % per_day - count * per_day
    days = np.nan_to_num(series.values[first : first + count * per_day]).reshape(count, per_day)
    if (days.sum(axis=1) > 0).sum() < DAYS_LEAST:
        raise InputError(
            f"a place is learned from {DAYS_LEAST} days with production; give latitude and longitude instead."
        )
    blocks = np.array_split(np.arange(count), max(1, count // BLOCK_DAYS))
    lit = np.array([(days[block] > LIGHT * days.max()).any(axis=0) for block in blocks])
    middles = np.array([block[len(block) // 2] for block in blocks], dtype=np.int64)
    midnight = series.start_utc + first * series.step_seconds
    starts = (
        midnight
        + DAY_SECONDS * middles[:, np.newaxis]
        + series.step_seconds * np.arange(per_day, dtype=np.int64)
    )
    latitude, longitude = _search(site, starts, lit, series.step_seconds)
    return replace(site, latitude=latitude, longitude=longitude)


def _search(
    site: Site, starts: NDArray[np.int64], lit: NDArray[np.bool_], step_seconds: int
) -> tuple[float, float]:
    """The place whose light agrees best, by a grid made finer twice; the middle of those that agree alike."""
    angle = 2 * np.pi * (starts + step_seconds / 2) / DAY_SECONDS
    turn = np.degrees(np.angle(np.sum(lit * np.exp(1j * angle))))
    # The middle of the light is noon; noon at 12:00 UTC is Greenwich.
    longitude = float((180.0 - turn % 360 + 180.0) % 360 - 180.0)
    latitude, reach_latitude, reach_longitude = 0.0, LATITUDE_MOST, 6.0
    for _ in range(3):
        latitudes = np.clip(latitude + np.linspace(-1, 1, 14) * reach_latitude, -LATITUDE_MOST, LATITUDE_MOST)
        longitudes = longitude + np.linspace(-1, 1, 7) * reach_longitude
        costs = np.array(
            [[_unlike(site, starts, lit, step_seconds, a, b) for b in longitudes] for a in latitudes]
        )
        near = costs <= costs.min() * 1.02 + 1e-9
        rows, columns = np.nonzero(near)
        latitude = float(latitudes[rows].mean())
        longitude = float(longitudes[columns].mean())
        reach_latitude /= 4
        reach_longitude /= 2.5
    return latitude, (longitude + 180.0) % 360 - 180.0


def _unlike(
    site: Site,
    starts: NDArray[np.int64],
    lit: NDArray[np.bool_],
    step_seconds: int,
    latitude: float,
    longitude: float,
) -> float:
    """Share of intervals that are light where the sun is down, or dark where it is up. [1]"""
    there = replace(site, latitude=float(latitude), longitude=float((longitude + 180) % 360 - 180))
    sun = sun_during(there, starts.ravel(), step_seconds)
    return float(((sun.clear.ghi.max(axis=1) > LIGHT_IRRADIANCE).reshape(lit.shape) != lit).mean())
