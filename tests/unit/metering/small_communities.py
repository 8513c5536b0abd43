"""Small communities and tables for tests."""

from datetime import date

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
from backend.metering import Quality, ReadingTable
from backend.quantities import PeriodCalendar, SettlementPeriod

TARIFF = Tariff(120_000, (200_000,), (PriceWindow(0, 1440, 0),), 60_000, 45_000)


def make_community(points, time_zone="Europe/Paris", resolution_minutes=60):
    owners = dict.fromkeys(point.participant for point in points)
    return Community(
        id="test",
        name="Test",
        country="none",
        time_zone=time_zone,
        currency="EUR",
        resolution_minutes=resolution_minutes,
        participants=tuple(Participant(owner, owner) for owner in owners),
        metering_points=tuple(points),
        rule=Rule(SharingKeyChoice("dynamic"), TARIFF),
    )


def make_table(calendar, energies, qualities=None):
    """A table of rows that cover a calendar; ABSENT (-1) leaves a row out."""
    points, starts, values, marks = [], [], [], []
    grid = np.array(calendar.starts_utc())
    for index, series in enumerate(energies.values()):
        energy = np.asarray(series, dtype=np.int64)
        here = energy >= 0
        points.append(np.full(here.sum(), index, dtype=np.int32))
        starts.append(grid[here])
        values.append(energy[here])
        quality = (qualities or {}).get(list(energies)[index])
        marks.append(
            np.full(here.sum(), Quality.MEASURED, np.uint8)
            if quality is None
            else np.asarray(quality, np.uint8)[here]
        )
    return ReadingTable(
        metering_points=tuple(energies),
        point=np.concatenate(points),
        start_utc=np.concatenate(starts),
        energy=np.concatenate(values),
        quality=np.concatenate(marks),
        resolution_minutes=calendar.resolution_minutes,
    )


def days(first, until, time_zone="Europe/Paris", resolution_minutes=60):
    return PeriodCalendar(
        SettlementPeriod(date.fromisoformat(first), date.fromisoformat(until)), time_zone, resolution_minutes
    )


LOAD = MeteringPoint("load", "home", Direction.CONSUMPTION)
ROOF = MeteringPoint("roof", "home", Direction.FEED_IN, source="solar")
