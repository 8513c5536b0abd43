"""Hours of the day, weekdays, weeks and seasons of intervals, by the clock on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network

__all__ = ["SEASONS", "LocalTimes", "is_southern", "local_times", "monday_of_week"]

SEASONS = ("winter", "spring", "summer", "autumn")
_QUARTER_SECONDS = 900  # every offset from UTC in use is whole quarters
_DAY_SECONDS = 86_400
_DAYS = 7
# 1970-01-01 was a Thursday, three days after a Monday.
_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """When intervals begin, by the clock on the wall. All of shape (T,).

    Attributes:
        hour: 0 to 23.
        weekday: 0 for Monday.
        season: Place in ``SEASONS``: quarters of the year from December on, as meteorology has them.
        week: Weeks since the one of 1970-01-01, from Monday to Sunday.
    """

    hour: NDArray[np.int64]
    weekday: NDArray[np.int64]
    season: NDArray[np.int64]
    week: NDArray[np.int64]


def local_times(
    start_utc: int, step_seconds: int, length: int, time_zone: str, *, southern: bool = False
) -> LocalTimes:
    """Tell intervals' local times.

    Args:
        start_utc: Start of the first. [s since 1970, UTC]
        step_seconds: Length of each. [s]
        length: How many.
        time_zone: IANA name.
        southern: Seasons are those of the southern half of the earth.

    Raises:
        InputError: If there is no such time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError):
        raise InputError(
            f'"{time_zone[:60]}" is no time zone; write an IANA name such as Europe/Paris.'
        ) from None
    starts = start_utc + step_seconds * np.arange(length, dtype=np.int64)
    quarters, place = np.unique(starts // _QUARTER_SECONDS, return_inverse=True)
    offsets, months = np.empty(quarters.size, dtype=np.int64), np.empty(quarters.size, dtype=np.int64)
    for index, quarter in enumerate(quarters.tolist()):
        local = datetime.fromtimestamp(quarter * _QUARTER_SECONDS, UTC).astimezone(zone)
        offset = local.utcoffset()
        assert offset is not None
        offsets[index], months[index] = int(offset.total_seconds()), local.month
    wall = starts + offsets[place]
    days = wall // _DAY_SECONDS
    return LocalTimes(
        hour=wall % _DAY_SECONDS // 3600,
        weekday=(days + _THURSDAY) % _DAYS,
        season=(months[place] % 12 // 3 + (2 if southern else 0)) % len(SEASONS),
        week=(days + _THURSDAY) // _DAYS,
    )


def monday_of_week(week: int) -> date:
    """The day on which a week of ``LocalTimes.week`` begins."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + week * _DAYS - _THURSDAY)


def is_southern(network: Network) -> bool:
    """Does a network lie south of the equator, as far as it tells?"""
    known = [bus.y for bus in network.buses if bus.y is not None] if network.is_geographic else []
    return bool(known) and sum(known) / len(known) < 0
