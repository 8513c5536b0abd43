"""Sound samples for the benchmark of conformity rules, built from arrays that adapters read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np

from backend.community import (
    Community,
    Direction,
    MeteringPoint,
    Participant,
    PriceWindow,
    Rule,
    SharingKeyChoice,
    Tariff,
)
from backend.metering.inspection import ABSENT
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.benchmarks.conformity import SoundSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["HOUSEHOLDS_HALF_HOURS", "HOUSEHOLDS_START_UTC", "sample_of_homes", "sample_of_households"]

_STANDARD_TIME = timezone(timedelta(hours=-8))
_FONTANA = (34.09, -117.44)  # where the homes of the demonstration stand [degrees]
_HOMES_FIRST, _HOMES_DAYS = date(2016, 8, 2), 363
_HOUSEHOLDS_FIRST, _HOUSEHOLDS_DAYS = date(2012, 9, 15), 365
_IDLE_MILLIWATT_HOURS = 50_000
_CONNECTIONS_WATTS = (3_700, 7_400, 11_000, 17_000, 22_000, 36_000, 55_000, 86_000, 138_000)
HOUSEHOLDS_START_UTC = 1_347_631_200  # 15 September 2012, 00:00 at UTC+10
HOUSEHOLDS_HALF_HOURS = 48 * _HOUSEHOLDS_DAYS
_TARIFF = Tariff(120_000, (200_000,), (PriceWindow(0, 1440, 0),), 60_000, 45_000)


def sample_of_homes(
    name: str,
    first_hour_utc: int,
    imports: NDArray[np.int64],
    exports: NDArray[np.int64],
    roof: NDArray[np.int64],
    numbers: Sequence[int],
    *,
    located: bool,
) -> SoundSample:
    """Homes with a roof each, hourly, at the wall clock of Los Angeles.

    Their source says standard time all year and hours named by their end. Their sun says otherwise: it jumps by an
    hour on 6 November 2016 and on 12 March 2017, and shines before sunrise unless hours are named by their start. So
    they are placed by the wall clock, an hour later; the repeated hour of autumn is a known gap.

    Args:
        name: In reports.
        first_hour_utc: Start of the first column. [s since 1970, UTC]
        imports: What the homes draw, or all that they use. Shape (homes, hours). [mWh]
        exports: What they feed in, or all that they produce. Shape (homes, hours). [mWh]
        roof: A full production. Shape (hours,). [mWh]
        numbers: Of the homes, for their names.
        located: Do the points have coordinates?
    """
    calendar = PeriodCalendar(
        SettlementPeriod(_HOMES_FIRST, _HOMES_FIRST + timedelta(days=_HOMES_DAYS)), "America/Los_Angeles", 60
    )
    hours = _wall_clock_hours(calendar, first_hour_utc)

    def place(series: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(hours >= 0, series[np.maximum(hours, 0)], ABSENT)

    latitude, longitude = _FONTANA if located else (None, None)
    points, rows = [], []
    for index, number in enumerate(numbers):
        points.append(MeteringPoint(f"home-{number:02d}-load", f"home-{number:02d}", Direction.CONSUMPTION))
        points.append(
            MeteringPoint(
                f"home-{number:02d}-solar",
                f"home-{number:02d}",
                Direction.FEED_IN,
                source="solar",
                latitude=latitude,
                longitude=longitude,
            )
        )
        rows += [place(imports[index]), place(exports[index])]
    points = _connected(points, rows, calendar)
    return SoundSample(
        name,
        _community("homes", points, calendar),
        calendar,
        np.stack(rows),
        np.maximum(place(roof), 0),
        _FONTANA,
        frozenset(point.id for point in points if int(point.id[5:7]) in _FAULTY_HOMES),
        frozenset((point.id, rule) for point in points for rule in ("gap", "clock-change")) | _KNOWN_OF_ROOFS,
    )


def _wall_clock_hours(calendar: PeriodCalendar, first_hour_utc: int) -> NDArray[np.int64]:
    """Column by interval, -1 for the repeated hour of autumn. The second column is midnight of the clock's face."""
    days = np.repeat(np.arange(calendar.period.days), calendar.intervals_per_day)
    face = days * 24 + np.array(calendar.local_minutes(), dtype=np.int64) // 60
    midnight = int(datetime.combine(calendar.period.first, time(), tzinfo=_STANDARD_TIME).timestamp())
    columns = face + (midnight - first_hour_utc) // 3600 - 1
    repeated = np.concatenate([[False], np.diff(face) == 0])
    return np.where(repeated, -1, columns)


def sample_of_households(energy: NDArray[np.int64], first: int) -> SoundSample:
    """Households of half-hours, named from a number on, by the clocks of Sydney.

    The readings that they lack are known gaps; days of exact zeros in homes that are otherwise never at zero are true.
    A meter behind which nobody lives (99 % of its half-hours below 50 Wh) is left out.
    """
    calendar = PeriodCalendar(
        SettlementPeriod(_HOUSEHOLDS_FIRST, _HOUSEHOLDS_FIRST + timedelta(days=_HOUSEHOLDS_DAYS)),
        "Australia/Sydney",
        30,
    )
    assert (calendar.start_utc, calendar.interval_count) == (HOUSEHOLDS_START_UTC, HOUSEHOLDS_HALF_HOURS)
    points = [
        MeteringPoint(
            f"household-{first + index:02d}", f"household-{first + index:02d}", Direction.CONSUMPTION
        )
        for index in range(len(energy))
    ]
    points = _connected(points, list(energy), calendar)
    # A community needs both directions: a mill that joins later and has no readings.
    later = calendar.period.until
    points.append(MeteringPoint("mill", "mill", Direction.FEED_IN, source="wind", valid_from=later))
    day = np.arange(calendar.interval_count) % 48
    sun = np.maximum(np.sin((day - 12) / 24 * np.pi), 0) * 2_000_000
    clouds = np.random.default_rng(1).uniform(0.3, 1.0, calendar.interval_count)
    return SoundSample(
        "households, half-hourly",
        _community("households", points, calendar),
        calendar,
        np.vstack([energy, np.full((1, calendar.interval_count), ABSENT, dtype=np.int64)]),
        (sun * clouds).astype(np.int64),
        faulty=frozenset(point.id for point, series in zip(points, energy, strict=False) if _is_idle(series)),
        known=frozenset((point.id, rule) for point in points for rule in ("gap", "silent", "zero-run")),
    )


def _connected(
    points: Sequence[MeteringPoint], rows: Sequence[NDArray[np.int64]], calendar: PeriodCalendar
) -> list[MeteringPoint]:
    """Points with the smallest usual connection that carries a quarter more than they ever had."""
    most = [int(row.max()) * 3600 // (1000 * calendar.step_seconds) * 5 // 4 for row in rows]
    watts = [next(size for size in _CONNECTIONS_WATTS if size > power) for power in most]
    return [replace(point, max_power_watts=size) for point, size in zip(points, watts, strict=True)]


def _is_idle(series: NDArray[np.int64]) -> bool:
    return float(np.quantile(series[series != ABSENT], 0.99)) < _IDLE_MILLIWATT_HOURS


# What is truly wrong with the homes as measured: solar written as consumption; a roof that is zero on 8 days; roofs
# that give energy long after sunset for weeks from 22 January 2017 on, up to 0.8 kWh in an hour.
_FAULTY_HOMES = (12, 15)
_KNOWN_OF_ROOFS = {
    ("home-07-solar", "silent"),
    ("home-07-solar", "zero-run"),
    *(
        (f"home-{number}-solar", rule)
        for number in (10, 11, 16, 17)
        for rule in ("feed-in-at-night", "clock-drift")
    ),
}


def _community(name: str, points: Sequence[MeteringPoint], calendar: PeriodCalendar) -> Community:
    owners = dict.fromkeys(point.participant for point in points)
    return Community(
        id=name,
        name=name,
        country="none",
        time_zone=calendar.time_zone,
        currency="EUR",
        resolution_minutes=calendar.resolution_minutes,
        participants=tuple(Participant(owner, owner) for owner in owners),
        metering_points=tuple(points),
        rule=Rule(SharingKeyChoice("dynamic"), _TARIFF),
    )
