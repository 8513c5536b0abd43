"""Where the sun stands, and the most that a surface turned to it can receive: what bounds any roof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["clear_sky_bound", "sun_elevation"]

_EPOCH_TO_J2000_DAYS = 10_957.5  # 1970-01-01T00:00Z to 2000-01-01T12:00Z
_DEGREES_PER_HOUR = 15.0
_SOLAR_CONSTANT = 1_353.0  # W/m2, the one of the formula's source
_DIFFUSE = 0.15  # of the direct beam, which a turned surface receives besides


def sun_elevation(instants_utc: NDArray[np.int64], latitude: float, longitude: float) -> NDArray[np.float64]:
    """Elevation of the sun's centre above the horizon, without refraction.

    Low-precision coordinates of the sun (The Astronomical Almanac, section C: within 0.01 degrees from 1950 to 2050).

    Args:
        instants_utc: Shape (n,). [s since 1970, UTC]
        latitude: North positive. [degrees]
        longitude: East positive. [degrees]

    Returns:
        Shape (n,). [degrees]
    """
    days = np.asarray(instants_utc, dtype=np.float64) / 86_400 - _EPOCH_TO_J2000_DAYS
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * days)
    ascension = np.degrees(np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic)))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    sidereal = _DEGREES_PER_HOUR * (18.697374558 + 24.06570982441908 * days)
    hour_angle = np.radians(sidereal + longitude - ascension)
    north = np.radians(latitude)
    height = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(hour_angle)
    elevation: NDArray[np.float64] = np.degrees(np.arcsin(np.clip(height, -1, 1)))
    return elevation


def clear_sky_bound(elevation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Irradiance of a surface turned to the sun under a clear sky, 0 below the horizon.

    ``1353 · 0.7^(AM^0.678)`` (Meinel and Meinel, Applied Solar Energy, 1976) with the air mass of Kasten and Young
    (Applied Optics 28, 1989), and 15 % for what is scattered. No fixed roof receives more, whatever its tilt.

    Args:
        elevation: Of the sun. Shape (n,). [degrees]

    Returns:
        Shape (n,). [W/m2]
    """
    height = np.maximum(elevation, 0.0)
    air_mass = 1 / (np.sin(np.radians(height)) + 0.50572 * (height + 6.07995) ** -1.6364)
    direct = _SOLAR_CONSTANT * 0.7 ** (air_mass**0.678)
    bound: NDArray[np.float64] = np.where(elevation > 0, direct * (1 + _DIFFUSE), 0.0)
    return bound
