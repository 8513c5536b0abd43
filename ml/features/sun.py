"""Where the sun stands over intervals, and what a cloudless sky gives meanwhile.

An interval is looked at in several instants, spread evenly within it, and what is told of it is their mean: the sun at
an interval's beginning or middle says little of the hour in which it rises. Angles are degrees, azimuths clockwise from
north, irradiances W/m². Arrays of instants have shape (T, P): P instants in each of T intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Site

    Values = NDArray[np.float64]

__all__ = [
    "Irradiance",
    "Sun",
    "clear_irradiance",
    "irradiance_from",
    "refraction",
    "solar_position",
    "sun_during",
    "sun_over",
]

SECONDS_PER_POINT = 900
"""An interval has an instant for each quarter of an hour, and never fewer than two. [s]"""

ZENITH_NIGHT = 90.833
"""The upper limb is gone, refraction included (the zenith of sunrise, Meeus 1998, ch. 15); geometric. [°]"""

DAY_SECONDS = 86_400
_YEAR_DAYS = 365.2425
_HORIZON = 90.0
_CLOSING = 0.2
"""How far below the clear sky the split is wholly that of Erbs. [1]"""
_GHI_LEAST = 1.0
"""Below it a ratio to the clear sky says nothing. [W/m²]"""
_CLEARNESS_MAX = 1.6
"""Edges of clouds enhance an instant's irradiance by at most so much; more is a fault of the input. [1]"""


@dataclass(frozen=True)
class Irradiance:
    """What falls on a horizontal surface and, straight from the sun, on one that faces it.

    Attributes:
        ghi: Global horizontal. Shape (T, P). [W/m²]
        dni: Direct normal. Shape (T, P). [W/m²]
        dhi: Diffuse horizontal. Shape (T, P). [W/m²]
    """

    ghi: Values
    dni: Values
    dhi: Values


@dataclass(frozen=True)
class Sun:
    """The sun's course over intervals.

    Attributes:
        zenith: Refraction included. Shape (T, P). [°]
        azimuth: Shape (T, P). [°]
        extra: Normal irradiance outside the atmosphere. Shape (T, P). [W/m²]
        airmass: Relative, 40 at most. Shape (T, P). [1]
        clear: Under a cloudless sky (Ineichen and Perez 2002), zero at night.
        night: Whether the sun is down for the whole of the interval. Shape (T,).
    """

    zenith: Values
    azimuth: Values
    extra: Values
    airmass: Values
    clear: Irradiance
    night: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.night)

    @property
    def elevation(self) -> Values:
        """Mean over each interval. Shape (T,). [°]"""
        return np.asarray(90.0 - self.zenith.mean(axis=1))

    @property
    def clear_ghi(self) -> Values:
        """Mean over each interval. Shape (T,). [W/m²]"""
        return np.asarray(self.clear.ghi.mean(axis=1))


def sun_over(site: Site, start_utc: int, step_seconds: int, length: int, shift_seconds: float = 0.0) -> Sun:
    """Tell the sun's course and the clear sky over intervals in a row, as ``sun_during`` does."""
    starts = start_utc + step_seconds * np.arange(length, dtype=np.int64)
    return sun_during(site, starts, step_seconds, shift_seconds)


def sun_during(
    site: Site, starts_utc: NDArray[np.int64], step_seconds: int, shift_seconds: float = 0.0
) -> Sun:
    """Tell the sun's course and the clear sky during intervals.

    The Linke turbidity is the climatology of Remund et al. (2003) for the place and month, as pvlib brings it.

    Args:
        site: With coordinates.
        starts_utc: Their starts, in any order. Shape (T,). [s since 1970, UTC]
        step_seconds: [s]
        shift_seconds: By how much the intervals' stamps are late: the sun is looked at that much earlier. [s]

    Raises:
        InputError: If the site has no coordinates.
    """
    if not site.located:
        raise InputError("the sun's course needs latitude and longitude; give them, or have them learned.")
    from pvlib import atmosphere, irradiance

    points = max(2, step_seconds // SECONDS_PER_POINT)
    within = (np.arange(points) + 0.5) * (step_seconds / points) - shift_seconds
    instants = (starts_utc[:, np.newaxis] + within).ravel()
    elevation, azimuth = solar_position(instants, site.latitude, site.longitude)
    zenith = 90.0 - elevation - refraction(elevation)
    up = zenith < _HORIZON
    airmass = atmosphere.get_relative_airmass(np.where(up, zenith, _HORIZON))
    year_day = 1 + instants / DAY_SECONDS % _YEAR_DAYS
    turbidity = _turbidity(year_day, site.latitude, site.longitude)
    extra = irradiance.get_extra_radiation(year_day)
    clear = _ineichen(np.where(up, zenith, _HORIZON), airmass, turbidity, site.altitude, extra)
    shape = (len(starts_utc), points)
    edges = starts_utc[:, np.newaxis] + np.array([0.0, step_seconds]) - shift_seconds
    at_edges, _ = solar_position(edges.ravel(), site.latitude, site.longitude)
    highest = np.maximum(elevation.reshape(shape).max(axis=1), at_edges.reshape(-1, 2).max(axis=1))
    sky = Irradiance(*(np.where(up, column, 0.0).reshape(shape) for column in clear))
    return Sun(
        zenith=zenith.reshape(shape),
        azimuth=azimuth.reshape(shape),
        extra=np.asarray(extra).reshape(shape),
        airmass=np.asarray(airmass).reshape(shape),
        clear=sky,
        night=np.asarray(90.0 - highest > ZENITH_NIGHT),
    )


def solar_position(instants_utc: Values, latitude: float, longitude: float) -> tuple[Values, Values]:
    """Geometric elevation and azimuth of the sun (Michalsky 1988, the Astronomical Almanac's approximation).

    Within 0.01° from 1950 to 2050; NumPy alone, for a plant that is learned looks at the sun thousands of times.

    Args:
        instants_utc: Shape (N,). [s since 1970, UTC]
        latitude: [°]
        longitude: [°]

    Returns:
        Elevation [°] without refraction, azimuth [°] clockwise from north. Shape (N,) each.
    """
    days = instants_utc / DAY_SECONDS - 10_957.5
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    # Greenwich sidereal time, from the days themselves: a whole turn a day and a little more.
    sidereal = np.radians(280.46062 + 360.98564737 * days + longitude)
    hour = sidereal - ascension
    north = np.radians(latitude)
    sine = np.sin(declination) * np.sin(north) + np.cos(declination) * np.cos(north) * np.cos(hour)
    azimuth = np.arctan2(
        -np.cos(declination) * np.sin(hour),
        np.sin(declination) * np.cos(north) - np.cos(declination) * np.sin(north) * np.cos(hour),
    )
    return np.degrees(np.arcsin(np.clip(sine, -1, 1))), np.degrees(azimuth) % 360


def refraction(elevation: Values) -> Values:
    """By how much air lifts the sun (Saemundsson 1986, as Meeus 1998, eq. 16.4, has it). [°]"""
    inside = np.maximum(elevation, -1.0)
    lifted = 1.02 / np.tan(np.radians(inside + 10.3 / (inside + 5.11))) / 60
    return np.where(elevation > -1.0, np.maximum(lifted, 0.0), 0.0)


@lru_cache(maxsize=64)
def _turbidity_months(latitude: float, longitude: float) -> tuple[float, ...]:
    import pandas as pd
    from pvlib import clearsky

    months = pd.to_datetime([f"2001-{month:02d}-15" for month in range(1, 13)], utc=True)
    return tuple(clearsky.lookup_linke_turbidity(months, latitude, longitude, interp_turbidity=False))


def _turbidity(year_day: Values, latitude: float, longitude: float) -> Values:
    """Linke turbidity, linear between the middles of months. [1]"""
    months = np.array(_turbidity_months(latitude, longitude))
    return np.asarray(np.interp(year_day, 15.7 + 30.44 * np.arange(12), months, period=_YEAR_DAYS))


def _ineichen(
    zenith: Values, airmass: Values, turbidity: Values, altitude: float, extra: Values
) -> tuple[Values, Values, Values]:
    """GHI, DNI and DHI of pvlib's Ineichen model, finite everywhere."""
    from pvlib import atmosphere, clearsky

    pressure = atmosphere.alt2pres(altitude)
    absolute = atmosphere.get_absolute_airmass(airmass, pressure)
    with np.errstate(divide="ignore", invalid="ignore"):
        sky = clearsky.ineichen(zenith, absolute, turbidity, altitude=altitude, dni_extra=extra)
    ghi, dni, dhi = (np.nan_to_num(np.asarray(sky[name])) for name in ("ghi", "dni", "dhi"))
    return ghi, dni, dhi


def clear_irradiance(sun: Sun, clearness: Values) -> Irradiance:
    """Split what a sky of some clearness lets through into direct and diffuse.

    After Erbs et al. (1982), made continuous by Driesse et al. (2024).

    Args:
        sun: The sun's course.
        clearness: Global horizontal irradiance as a share of the clear sky's; each interval's instants have the same.
            Shape (T,). [1]
    """
    from pvlib import irradiance

    ghi = sun.clear.ghi * np.clip(clearness, 0.0, _CLEARNESS_MAX)[:, np.newaxis]
    zenith = np.minimum(sun.zenith, _HORIZON)
    with np.errstate(divide="ignore", invalid="ignore"):
        split = irradiance.erbs_driesse(ghi, zenith, dni_extra=sun.extra)
    closed = np.clip(np.nan_to_num(np.asarray(split["dhi"])), 0.0, ghi)
    # A clear sky's split is Ineichen's own, which knows the turbidity; that of Erbs is met as the sky closes.
    cloudiness = np.clip((1 - np.clip(clearness, 0.0, 1.0)) / _CLOSING, 0.0, 1.0)[:, np.newaxis]
    opened = ghi * sun.clear.dhi / np.maximum(sun.clear.ghi, _GHI_LEAST)
    dhi = cloudiness * closed + (1 - cloudiness) * np.minimum(opened, ghi)
    dni = irradiance.dni(ghi, dhi, zenith, zenith_threshold_for_zero_dni=88.0)
    dni = np.clip(np.nan_to_num(dni), 0.0, sun.extra)
    return Irradiance(ghi, dni, dhi)


def irradiance_from(sun: Sun, ghi: Values, dhi: Values | None = None) -> Irradiance:
    """Spread an interval's mean irradiance over its instants as the clear sky has it.

    Args:
        sun: The sun's course over the same intervals.
        ghi: Global horizontal, mean of each interval. Shape (T,). [W/m²]
        dhi: Diffuse horizontal likewise; where it is unknown the split is that of ``clear_irradiance``.

    Returns:
        Irradiance of the instants; NaN where ``ghi`` is unknown by day, zero at night.
    """
    mean = sun.clear_ghi
    ratio = np.where(mean > _GHI_LEAST, ghi / np.maximum(mean, _GHI_LEAST), 0.0)
    split = clear_irradiance(sun, ratio)
    if dhi is None:
        return split
    share = np.clip(dhi / np.maximum(ghi, _GHI_LEAST), 0.0, 1.0)[:, np.newaxis]
    diffuse = np.where(np.isfinite(share), split.ghi * share, split.dhi)
    cosine = np.maximum(np.cos(np.radians(np.minimum(sun.zenith, _HORIZON))), 0.035)
    direct = np.clip((split.ghi - diffuse) / cosine, 0.0, sun.extra)
    return Irradiance(split.ghi, direct, diffuse)
