"""Air temperatures: the demonstration's measured ones where they are from there, else a stated course of the year.

The course is the double sine that IEC 60076-7 allows where no measurement is at hand (its clause on ambient
temperature): a mean, how far the days of a year and the hours of a day swing about it, and when each is warmest.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.ports.ambient import AmbientCourse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BUNDLED_ZONE", "BundledAir", "YearlyCourse"]

BUNDLED_ZONE = "Etc/GMT+8"  # what the demonstration's homes live by
_BUNDLED_SOURCE = "measured in Fontana, California, hourly (CityLearn 2022)"
_SECONDS_PER_HOUR = 3600
_DAYS_PER_YEAR = 365.25
_HOURS_PER_DAY = 24.0
_TENTHS = 10.0


@dataclass(frozen=True, slots=True)
class YearlyCourse:
    """Air by a fixed course of the year.

    Attributes:
        mean: Over the year. [°C]
        yearly: How far the warmest day's mean is above it. [K]
        daily: How far the warmest hour is above its day's mean. [K]
        warmest_day: Of the year. [d]
        warmest_hour: Local. [h]
    """

    mean: float = 11.0
    yearly: float = 9.0
    daily: float = 4.5
    warmest_day: float = 201.0
    warmest_hour: float = 15.0

    def course(self, start_utc: int, step_seconds: int, length: int, time_zone: str) -> AmbientCourse:
        """See ``backend.ports.ambient``."""
        local = datetime.fromtimestamp(start_utc, UTC).astimezone(ZoneInfo(time_zone))
        first = local.timetuple().tm_yday + (local.hour + local.minute / 60) / _HOURS_PER_DAY
        days = first + np.arange(length) * (step_seconds / (_SECONDS_PER_HOUR * _HOURS_PER_DAY))
        year = np.cos(2 * np.pi * (days - self.warmest_day) / _DAYS_PER_YEAR)
        day = np.cos(2 * np.pi * (days - self.warmest_hour / _HOURS_PER_DAY))
        source = (
            f"by a course of the year, not measured: {self.mean:g} °C, ±{self.yearly:g} K over the year, "
            f"±{self.daily:g} K over the day"
        )
        return AmbientCourse(self.mean + self.yearly * year + self.daily * day, source)


@dataclass(frozen=True, slots=True)
class BundledAir:
    """The demonstration's measured year where the time zone is its own; else, and outside the year, a course.

    Attributes:
        otherwise: The course.
    """

    otherwise: YearlyCourse = YearlyCourse()

    def course(self, start_utc: int, step_seconds: int, length: int, time_zone: str) -> AmbientCourse:
        """See ``backend.ports.ambient``."""
        made = self.otherwise.course(start_utc, step_seconds, length, time_zone)
        if time_zone != BUNDLED_ZONE:
            return made
        measured = _measured()
        starts = start_utc + step_seconds * np.arange(length)
        hours = (starts - FIRST_HOUR_UTC) // _SECONDS_PER_HOUR
        known = (hours >= 0) & (hours < measured.size)
        if not known.any():
            return made
        celsius = made.celsius.copy()
        celsius[known] = measured[hours[known]]
        return AmbientCourse(
            celsius, _BUNDLED_SOURCE if known.all() else f"{_BUNDLED_SOURCE}; outside that year {made.source}"
        )


@cache
def _measured() -> NDArray[np.float64]:
    from pyarrow import parquet

    content = (resources.files("backend.adapters.demo_data") / "citylearn2022_air.parquet").read_bytes()
    tenths = parquet.read_table(io.BytesIO(content)).column("air").to_numpy()
    celsius: NDArray[np.float64] = tenths / _TENTHS
    return celsius
