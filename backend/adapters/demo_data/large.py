"""A large community with quarter-hour readings, for tests and measurements of size.

Every member's load is one of the 15 sound homes of the demo data, moved by whole weeks, scaled and divided into
quarter-hours by fixed weights; every third member has a roof made the same way. It is synthetic, and for size only: the
note of the community says so. The same arguments give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.adapters.demo_data.homes import read_homes
from backend.adapters.meter_files import write_generic_csv
from backend.community import (
    Community,
    Direction,
    MeteringPoint,
    Participant,
    PriceWindow,
    Rule,
    SharingKeyChoice,
    Tariff,
    write_definition,
)
from backend.metering import Quality, ReadingTable
from backend.quantities import PeriodCalendar, SettlementPeriod

__all__ = ["make_large_community", "make_large_readings", "write_large_community"]

WEEKS = 52
HOURS = WEEKS * 7 * 24
QUARTERS = np.array(
    [[3, 2, 2, 3], [2, 3, 3, 2], [4, 2, 1, 3], [1, 3, 4, 2]], dtype=np.int64
)  # tenths of an hour
BASE = int(datetime(2016, 8, 1, tzinfo=UTC).timestamp())  # of the profiles' second hour, by the wall clock
WALL_CLOCK_SECONDS = 3600  # of the community against UTC, in winter
POINTS_AT_ONCE = 50
ROOF_EVERY = 3
NOTE = "Synthetic, for measurements of size only: 15 measured profiles, shifted, scaled and divided."


def make_large_community(members: int) -> Community:
    """Make the members: each with a load, every third with a roof."""
    participants, points = [], []
    for number in range(1, members + 1):
        home = f"home-{number:04d}"
        participants.append(Participant(home, f"Home {number}"))
        points.append(MeteringPoint(f"{home}-load", home, Direction.CONSUMPTION))
        if number % ROOF_EVERY == 0:
            points.append(MeteringPoint(f"{home}-solar", home, Direction.FEED_IN, source="solar"))
    tariff = Tariff(
        shared_price=120_000,
        residual_prices=(160_000, 250_000),
        windows=(PriceWindow(0, 360, 0), PriceWindow(360, 1440, 1)),
        surplus_price=60_000,
        network_price=45_000,
        monthly_fee=200,
    )
    return Community(
        id=f"size-{members}",
        name=f"{members} members",
        country="none",
        time_zone="Europe/Paris",
        currency="EUR",
        resolution_minutes=15,
        participants=tuple(participants),
        metering_points=tuple(points),
        rule=Rule(SharingKeyChoice("dynamic"), tariff),
        note=NOTE,
    )


def make_large_readings(community: Community, calendar: PeriodCalendar) -> Iterator[ReadingTable]:
    """Make the readings of some points at a time."""
    homes = read_homes().without(12, 15)
    profiles = {
        Direction.CONSUMPTION: homes.gross_loads(),
        Direction.FEED_IN: homes.solar * np.array(homes.nominal_kilowatts)[:, None] // 10**5,
    }
    starts = np.array(calendar.starts_utc(), dtype=np.int64)
    hour = 1 + (starts + WALL_CLOCK_SECONDS - BASE) // 3600
    quarter = starts // 900 % 4
    points = community.metering_points
    for first in range(0, len(points), POINTS_AT_ONCE):
        chosen = points[first : first + POINTS_AT_ONCE]
        energy = np.stack([_series(profiles, point, hour, quarter) for point in chosen])
        yield ReadingTable(
            metering_points=tuple(point.id for point in chosen),
            point=np.repeat(np.arange(len(chosen), dtype=np.int32), len(starts)),
            start_utc=np.tile(starts, len(chosen)),
            energy=energy.ravel(),
            quality=np.full(energy.size, Quality.MEASURED, dtype=np.uint8),
            resolution_minutes=15,
        )


def _series(
    profiles: dict[Direction, NDArray[np.int64]],
    point: MeteringPoint,
    hour: NDArray[np.int64],
    quarter: NDArray[np.int64],
) -> NDArray[np.int64]:
    """One point's quarter-hours; its place in the profiles follows from its number alone. [mWh]"""
    number = int(point.participant.removeprefix("home-"))
    rows = profiles[point.direction]
    weeks = number * 7 % WEEKS if point.direction is Direction.CONSUMPTION else 0  # one sky for all roofs
    hourly = rows[number % len(rows)][1 + (hour - 1 + weeks * 7 * 24) % HOURS]
    tenths = QUARTERS[(number + hour) % len(QUARTERS), quarter]
    percent = 50 + number * 37 % 101
    series: NDArray[np.int64] = hourly * tenths * percent // 1000
    return series


def write_large_community(
    folder: Path, members: int, first: SettlementPeriod, last: SettlementPeriod
) -> tuple[int, int]:
    """Write COMMUNITY.toml and readings.csv.

    Args:
        folder: Made where it is absent.
        members: Participants.
        first: Month with which the readings begin.
        last: Month with which they end.

    Returns:
        How many metering points, how many readings.
    """
    community = make_large_community(members)
    calendar = PeriodCalendar(SettlementPeriod(first.first, last.until), community.time_zone, 15)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "COMMUNITY.toml").write_text(write_definition(community), encoding="utf-8")
    rows = 0
    with (folder / "readings.csv").open("wb") as file:
        for table in make_large_readings(community, calendar):
            content = write_generic_csv(table)
            file.write(content if not rows else content.partition(b"\n")[2])
            rows += len(table)
    return len(community.metering_points), rows
