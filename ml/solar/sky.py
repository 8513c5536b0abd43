"""A series of a plant seen beside the sun: clear-sky course and weather as shares of it, all on the plant's stamps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ml.features.sun import Sun, irradiance_from, sun_during, sun_over
from ml.solar.learned import clear_power
from ml.solar.plant import Plant, plant_power
from ml.solar.rows import CLEARNESS_MAX, LIT, Course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["LIGHT_INPUTS", "WEATHER_INPUTS", "course_of", "highest_clear", "late_weather", "weather_of"]

LIGHT_INPUTS = ("ghi", "dni", "dhi", "cloud_cover")
"""Any of the first three tells the light; clouds tell it where none of them is there."""
WEATHER_INPUTS = (*LIGHT_INPUTS, "humidity", "temperature", "wind_speed")
DAY_SECONDS = 86_400
HALF = 0.5


def highest_clear(plant: Plant, site: Site) -> float:
    """The most that a plant gives in a quarter of an hour of a clear year. [W]"""
    days = DAY_SECONDS * 8 * np.arange(46, dtype=np.int64)
    starts = (days[:, np.newaxis] + 900 * np.arange(96, dtype=np.int64)).ravel()
    return float(clear_power(plant, sun_during(site, starts, 900, plant.shift_seconds)).max())


def course_of(series: Series, site: Site, plant: Plant, highest: float, length: int) -> tuple[Course, Sun]:
    """The plant's power beside the clear sky's.

    Args:
        series: Values up to what is known.
        site: With coordinates.
        plant: Given or learned.
        highest: Of ``highest_clear``. [W]
        length: Intervals from the series' start on.
    """
    sun = sun_over(site, series.start_utc, series.step_seconds, length, plant.shift_seconds)
    course = Course(
        start_utc=series.start_utc,
        step_seconds=series.step_seconds,
        power=series.values,
        clear=clear_power(plant, sun),
        elevation=sun.elevation,
        azimuth=sun.azimuth.mean(axis=1),
        clear_highest=highest,
    )
    return course, sun


def _fitting(values: Values, length: int) -> Values:
    """Cut or filled with unknowns to a length."""
    cut = values[:length]
    return np.concatenate([cut, np.full(length - len(cut), np.nan)])


def _global(inputs: Mapping[str, Values], sun: Sun, length: int) -> Values:
    """Global horizontal irradiance from what there is. [W/m²]"""
    columns = {name: _fitting(inputs[name], length) for name in LIGHT_INPUTS if name in inputs}
    if "ghi" in columns:
        return columns["ghi"]
    if "dni" in columns and "dhi" in columns:
        cosine = np.maximum(np.cos(np.radians(sun.zenith)), 0.0).mean(axis=1)
        return np.asarray(columns["dni"] * cosine + columns["dhi"])
    if "cloud_cover" in columns:
        # Kasten and Czeplak (1980, eq. 4), from the clear sky.
        return np.asarray(sun.clear_ghi * (1 - 0.75 * np.clip(columns["cloud_cover"], 0, 1) ** 3.4))
    return np.full(length, np.nan)


def weather_of(
    series: Series, site: Site, plant: Plant, course: Course, late_seconds: float
) -> dict[str, Values]:
    """Weather columns for ``weather_features``, on the plant's stamps; empty where the series has none.

    Args:
        series: With inputs by the names in ``WEATHER_INPUTS``.
        site: With coordinates.
        plant: Given or learned.
        course: Of the same series.
        late_seconds: By how much the weather's stamps are late, of ``late_weather``. [s]
    """
    length = len(course.clear)
    present = [name for name in WEATHER_INPUTS if name in series.inputs]
    columns: dict[str, Values] = {}
    if any(name in LIGHT_INPUTS for name in present):
        sun = sun_over(site, series.start_utc, series.step_seconds, length, late_seconds)
        light = _global(series.inputs, sun, length)
        bright = sun.clear_ghi > LIT * 1000
        ratio = np.where(bright, light / np.where(bright, sun.clear_ghi, 1.0), np.nan)
        clearness = _on_stamps(np.clip(ratio, 0.0, CLEARNESS_MAX), plant.shift_seconds - late_seconds, series)
        columns["physics"] = _physics(series, site, plant, course, clearness)
        columns["clearness"] = clearness
    for name in ("cloud_cover", "humidity", "temperature", "wind_speed"):
        if name in present:
            values = _fitting(series.inputs[name], length)
            columns[name] = _on_stamps(values, plant.shift_seconds - late_seconds, series)
    return columns


def _physics(series: Series, site: Site, plant: Plant, course: Course, clearness: Values) -> Values:
    """What the plant makes of that light, as a share of the clear sky's power."""
    length = len(course.clear)
    sun = sun_over(site, series.start_utc, series.step_seconds, length, plant.shift_seconds)
    sky = irradiance_from(sun, np.where(course.lit, clearness, 0.0) * sun.clear_ghi)
    air = _fitting(series.inputs["temperature"], length) if "temperature" in series.inputs else None
    wind = _fitting(series.inputs["wind_speed"], length) if "wind_speed" in series.inputs else None
    power = plant_power(plant, sun, sky, air, wind)
    ratio = np.where(course.lit, power / np.maximum(course.clear, 1e-9), np.nan)
    return np.asarray(np.clip(ratio, 0.0, CLEARNESS_MAX))


def _on_stamps(values: Values, late_seconds: float, series: Series) -> Values:
    """A column as it was earlier by some time; unknown where either neighbour is, but for the nearer one."""
    if abs(late_seconds) < 1:
        return values
    places = np.arange(len(values)) - late_seconds / series.step_seconds
    low = np.floor(places).astype(np.int64)
    share = places - low
    left = values[np.clip(low, 0, len(values) - 1)]
    right = values[np.clip(low + 1, 0, len(values) - 1)]
    mixed = (1 - share) * left + share * right
    nearer = np.where(share < HALF, left, right)
    return np.asarray(np.where(np.isfinite(mixed), mixed, nearer))


def late_weather(series: Series, site: Site) -> float:
    """By how much the irradiance's stamps are late, to a quarter of an hour; zero where there is none. [s]

    Weather services name an hour by its beginning, middle or end, and some by local time.
    """
    light = series.inputs.get("ghi")
    if light is None:
        return 0.0
    values = light[: len(series)]
    known = np.isfinite(values)
    if known.sum() < DAY_SECONDS // series.step_seconds:
        return 0.0
    starts = series.starts_utc[known]
    best = (-np.inf, 0.0)
    for shift in sorted(np.arange(-10_800, 10_801, 900), key=abs):
        clear = sun_during(site, starts, series.step_seconds, float(shift)).clear_ghi
        likeness = float(np.corrcoef(clear, values[known])[0, 1]) if clear.std() > 0 else 0.0
        if likeness > best[0] + 1e-4:
            best = (likeness, float(shift))
    return best[1]
