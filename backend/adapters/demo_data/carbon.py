"""The grid's carbon intensity as the demonstration's data have it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, read_homes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.quantities import PeriodCalendar

__all__ = ["CARBON_SOURCE", "BundledCarbon"]

CARBON_SOURCE = "CityLearn 2022, grid of Southern California, hourly"
_SECONDS_PER_HOUR = 3600
_MICROGRAMS_PER_MILLIGRAM = 1000
_HOURS_HELD = 2  # the year of the data ends an hour before its last month does


@cache
def _read_carbon() -> NDArray[np.int64]:
    """Of the whole year, read once: a year is asked for day by day. Shape (hours,). [µg/kWh]"""
    series = read_homes().carbon
    series.setflags(write=False)
    return series


class BundledCarbon:
    """``CarbonIntensity`` of the bundled year; other sources and times are not covered."""

    def intensity(self, source: str, calendar: PeriodCalendar) -> NDArray[np.int64] | None:
        """See ``backend.ports.CarbonIntensity``; the last hours of the last month repeat the last known."""
        if source != CARBON_SOURCE:
            return None
        hours = (np.array(calendar.starts_utc(), np.int64) - FIRST_HOUR_UTC) // _SECONDS_PER_HOUR
        series = _read_carbon()
        if hours[0] < 0 or hours[-1] >= len(series) + _HOURS_HELD:
            return None
        micrograms = series[np.minimum(hours, len(series) - 1)]
        return (micrograms + _MICROGRAMS_PER_MILLIGRAM // 2) // _MICROGRAMS_PER_MILLIGRAM
