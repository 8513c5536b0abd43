"""Consumption that follows the sun: solar production that was recorded as consumption.

A load may well be high by day: an office, a heat pump, an air conditioner. What no load does is to be zero whenever it
is dark, all through the seasons, and to rise and fall with the clouds of each single hour as the neighbours' roofs do.
So three figures are taken per window of 28 days, against the solar feed-in of the other participants:

- *night ratio*: mean energy in the dark (times of day at which the roofs give less than 0.5 % of their best) over mean
  energy by day;
- *correlation* of load and feed-in over all intervals;
- *weather correlation*: the same of what remains after each time of day's own mean is taken away, by day. It is what a
  time switch, working hours or a smooth daily course cannot have.

A point is reported where a run of windows has dark nights and correlation throughout, and the weather's mark in at
least one of them. Measured on the 17 homes of the demo data, windows shifted by a day (gross loads | hourly import):

================================  ==============  ==================  ========================
homes                             night ratio     correlation         weather correlation, most
================================  ==============  ==================  ========================
the 15 sound ones                 0.13 and more   at most 0.74        0.56 | 0.11
home 12, all year                 at most 0.006   0.87 | 0.82 and up  0.93 | 0.90
home 15, September to June        at most 0.007   0.92 | 0.91 and up  0.97 | 0.93
sound ones, switched on 8 to 18   0.00 and more   at most 0.91        0.57
================================  ==============  ==================  ========================

A load that is steered to follow the sun to the last hour and uses nothing at night looks the same; the finding says
so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.evidence import Evidence, times_ppm
from backend.metering.conformity.terms import SunFollowerTerms
from backend.metering.inspection import ABSENT, Inspection, PointSeries, find_runs
from backend.metering.points import CONSUMPTION
from backend.quantities import PARTS_PER_MILLION
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SunFigures", "find_sun_followers", "measure_sunlight"]

WINDOW_DAYS = 28
WINDOW_DAYS_MIN = 7
_DARK = 0.005  # of the best time of day
_READINGS_MIN = 0.5  # of a window


@dataclass(frozen=True)
class SunFigures:
    """The three figures by window, a window per day that one can start on. Shapes (windows,).

    Attributes:
        days: Length of a window. [d]
        night_ratio: [1]
        correlation: [1]
        weather_correlation: [1]
    """

    days: int
    night_ratio: NDArray[np.float64]
    correlation: NDArray[np.float64]
    weather_correlation: NDArray[np.float64]

    def suspect(self, terms: SunFollowerTerms) -> NDArray[np.bool_]:
        """Windows with dark nights and correlation."""
        dark = self.night_ratio <= terms.night_ppm / PARTS_PER_MILLION
        return dark & (self.correlation >= terms.correlation_ppm / PARTS_PER_MILLION)


def find_sun_followers(inspection: Inspection, terms: SunFollowerTerms) -> Iterator[Evidence]:
    """A finding per run of windows in which a consumption point follows the sun."""
    for series in inspection.series:
        if series.point.direction != CONSUMPTION or not series.known.any():
            continue
        sun = inspection.solar_of_others(series.point)
        if sun is None:
            continue
        figures = measure_sunlight(series.energy, sun, 86_400 // inspection.calendar.step_seconds)
        if figures is None:
            continue
        for first, until in find_runs(figures.suspect(terms)):
            if figures.weather_correlation[first:until].max() >= terms.weather_ppm / PARTS_PER_MILLION:
                yield _report(inspection, series, figures, first, until)


def measure_sunlight(
    load: NDArray[np.int64], sun: NDArray[np.int64], intervals_per_day: int
) -> SunFigures | None:
    """Compare a load with solar feed-in, window by window.

    Times of day are counted from the first interval in steps of 24 hours, so that clock changes move nothing.

    Args:
        load: Shape (T,), ``ABSENT`` where unknown. [mWh]
        sun: Shape (T,). [mWh]
        intervals_per_day: In 24 hours. [1]

    Returns:
        The figures, None where there is less than a week. A window without enough readings, sun or load has a night
        ratio of infinity.
    """
    days = len(load) // intervals_per_day
    if days < WINDOW_DAYS_MIN:
        return None
    length = min(WINDOW_DAYS, days)
    shape = (days, intervals_per_day)
    known = (load != ABSENT)[: days * intervals_per_day].reshape(shape)
    x = np.where(known, load[: days * intervals_per_day].reshape(shape) / 1e6, 0.0)
    r = np.where(known, sun[: days * intervals_per_day].reshape(shape) / 1e6, 0.0)
    count, sum_x, sum_r, sum_xx, sum_rr, sum_xr = (
        _slide(values, length) for values in (known.astype(np.float64), x, r, x * x, r * r, x * r)
    )
    held = np.maximum(count, 1)
    mean_r = sum_r / held
    best = mean_r.max(axis=1, keepdims=True)
    dark = mean_r <= _DARK * best
    night = _ratio((sum_x * dark).sum(axis=1), (count * dark).sum(axis=1))
    light = _ratio((sum_x * ~dark).sum(axis=1), (count * ~dark).sum(axis=1))
    total = held.sum(axis=1)
    correlation = _correlate(
        sum_xr.sum(axis=1) - sum_x.sum(axis=1) * sum_r.sum(axis=1) / total,
        sum_xx.sum(axis=1) - sum_x.sum(axis=1) ** 2 / total,
        sum_rr.sum(axis=1) - sum_r.sum(axis=1) ** 2 / total,
    )
    weather = _correlate(
        ((sum_xr - sum_x * sum_r / held) * ~dark).sum(axis=1),
        ((sum_xx - sum_x**2 / held) * ~dark).sum(axis=1),
        ((sum_rr - sum_r**2 / held) * ~dark).sum(axis=1),
    )
    usable = (
        (best[:, 0] > 0) & (light > 0) & (count.sum(axis=1) >= _READINGS_MIN * length * intervals_per_day)
    )
    night_ratio = np.where(usable, _ratio(night, light), np.inf)
    return SunFigures(length, night_ratio, correlation, weather)


def _slide(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Sums over every ``length`` consecutive days. Shape (days - length + 1, intervals per day)."""
    running = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    sums: NDArray[np.float64] = running[length:] - running[:-length]
    return sums


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _correlate(
    covariance: NDArray[np.float64], variance_x: NDArray[np.float64], variance_r: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pearson's correlation, 0 where one of the two does not vary beyond rounding."""
    product = np.maximum(variance_x, 0) * np.maximum(variance_r, 0)
    varied = (variance_x > 1e-9) & (variance_r > 1e-9)  # noqa: PLR2004 -- kWh squared
    correlation: NDArray[np.float64] = np.zeros_like(covariance)
    np.divide(covariance, np.sqrt(product), out=correlation, where=varied)
    return correlation


def _report(
    inspection: Inspection, series: PointSeries, figures: SunFigures, first: int, until: int
) -> Evidence:
    start = inspection.calendar.start_utc + first * 86_400
    end = min(inspection.calendar.start_utc + (until - 1 + figures.days) * 86_400, inspection.end_utc)
    start = max(start, inspection.start_utc)
    best = first + int(figures.weather_correlation[first:until].argmax())
    night = figures.night_ratio[first:until].max()
    value = (
        f"correlation {figures.correlation[best]:.2f}, hour-by-hour weather correlation "
        f"{figures.weather_correlation[best]:.2f}, nights at most {night * 100:.1f} % of days"
    )
    zone = load_time_zone(inspection.calendar.time_zone)
    begin, last = (datetime.fromtimestamp(instant, UTC).astimezone(zone) for instant in (start, end - 1))
    return Evidence(
        message=(
            f"The consumption of {series.point.id} follows the sun from {begin:%Y-%m-%d} to {last:%Y-%m-%d}: it is "
            f"zero in the dark and moves with the others' solar feed-in ({value}). Solar production was probably "
            "recorded as consumption; return the readings to the operator, unless a load there is steered by the sun."
        ),
        metering_point=series.point.id,
        start_utc=start,
        end_utc=end,
        value=value,
        facts={
            "correlation_ppm": times_ppm(figures.correlation[best]),
            "weather_ppm": times_ppm(figures.weather_correlation[best]),
            "night_ppm": times_ppm(night),
        },
    )
