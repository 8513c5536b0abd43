"""The calendar that people live by: local time, weekdays, public holidays, seasons.

A day is a civil day of the site's time zone, a slot the local clock's place in it. On the day a clock is put forward
two or four slots do not occur, on the day it is put back they occur twice: the evening peak stays in its slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = [
    "FAR_FROM_HOLIDAY",
    "Calendar",
    "calendar_of",
    "holidays_of",
    "knows_country",
    "local_offsets",
    "yearly_terms",
]

SECONDS_PER_DAY = 86400
FAR_FROM_HOLIDAY = 4
"""Days beyond which a holiday is felt no more."""
_GAP_MAX = 15
_FAR = 10**7  # days: beyond any date
SATURDAY, SUNDAY = 5, 6
_THURSDAY = 3  # 1 January 1970
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Calendar:
    """Local time of intervals; each attribute has shape (T,).

    Attributes:
        slot: Place of the interval in its local day, by the clock. [0, slots)
        slots: Per day: 96, 48 or 24.
        day: Local date. [days since 1970]
        weekday: 0 is Monday.
        holiday: Whether the date is a public holiday.
        bridge: A working day between a holiday and a weekend, or between two holidays.
        since_holiday: Days since the latest holiday, 0 on it, at most ``FAR_FROM_HOLIDAY``.
        until_holiday: Days until the next, likewise.
        holiday_gap: Days from the latest holiday to the next, 0 on one, at most 15: few between Christmas and New Year.
        resting: Weekend or holiday.
        year_share: Of the year that is over. [0, 1)
        name: Which holiday it is, its place in ``names``; -1 where it is none.
        names: Of the holidays, sorted; an observed one has the name of what it stands for.
    """

    slot: Whole
    slots: int
    day: Whole
    weekday: Whole
    holiday: Truths
    bridge: Truths
    since_holiday: Whole
    until_holiday: Whole
    holiday_gap: Whole
    resting: Truths
    year_share: Values
    name: Whole
    names: tuple[str, ...]


def calendar_of(starts_utc: Whole, step_seconds: int, site: Site) -> Calendar:
    """The calendar of intervals.

    Args:
        starts_utc: Ascending. Shape (T,). [s since 1970, UTC]
        step_seconds: Of an interval. [s]
        site: Its time zone, country and subdivision; a country that is not known has no holidays.

    Raises:
        InputError: If there is no such time zone.
    """
    local = starts_utc + local_offsets(starts_utc, site.time_zone)
    day, second = np.divmod(local, SECONDS_PER_DAY)
    days, place = np.unique(day, return_inverse=True)
    weekday = (days + _THURSDAY) % 7
    years = [date.fromordinal(one).year for one in (days + _EPOCH).tolist()]
    known = holidays_of(site.country, site.subdivision, min(years, default=0) - 1, max(years, default=0) + 1)
    names = tuple(sorted(set(known.values())))
    index = {text: number for number, text in enumerate(names)}
    name = np.array([index.get(known.get(one, ""), -1) for one in days.tolist()], dtype=np.int64)
    holiday = name >= 0
    resting = holiday | (weekday >= SATURDAY)
    since, until, gap = _distances(days, known)
    begins = np.array([date(year, 1, 1).toordinal() - _EPOCH for year in years], dtype=np.int64)
    ends = np.array([date(year + 1, 1, 1).toordinal() - _EPOCH for year in years], dtype=np.int64)
    share = (days - begins) / np.maximum(ends - begins, 1)
    return Calendar(
        slot=second // step_seconds,
        slots=SECONDS_PER_DAY // step_seconds,
        day=day,
        weekday=weekday[place],
        holiday=holiday[place],
        bridge=(_bridges(days, known) & ~resting)[place],
        since_holiday=since[place],
        until_holiday=until[place],
        holiday_gap=gap[place],
        resting=resting[place],
        year_share=share[place],
        name=name[place],
        names=names,
    )


def local_offsets(starts_utc: Whole, time_zone: str) -> Whole:
    """What the local clock is ahead of UTC. Shape (T,). [s]

    Raises:
        InputError: If there is no such time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise InputError(
            f"there is no time zone {time_zone!r}; use an IANA name such as Europe/Vienna."
        ) from None
    # Clocks change at most a few times a year: a UTC day with one offset at both ends has that one all day.
    days = starts_utc // SECONDS_PER_DAY
    unique, place = np.unique(days, return_inverse=True)
    ends = {one for day in unique.tolist() for one in (day, day + 1)}
    known = {day: _offset(zone, day * SECONDS_PER_DAY) for day in sorted(ends)}
    begins = np.array([known[day] for day in unique.tolist()], dtype=np.int64)
    changes = np.array([known[day] != known[day + 1] for day in unique.tolist()], dtype=np.bool_)
    offsets = begins[place]
    for index in np.flatnonzero(changes[place]).tolist():
        offsets[index] = _offset(zone, int(starts_utc[index]))
    return offsets


def _offset(zone: ZoneInfo, instant_utc: int) -> int:
    ahead = datetime.fromtimestamp(instant_utc, UTC).astimezone(zone).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


def knows_country(country: str, subdivision: str = "") -> bool:
    """Whether the public holidays of a country, and of a part of it, are known; no country is always known."""
    if not country:
        return not subdivision
    import holidays

    known = holidays.list_supported_countries()
    return country in known and (not subdivision or subdivision in known[country])


@lru_cache(maxsize=64)
def holidays_of(country: str, subdivision: str, first_year: int, last_year: int) -> dict[int, str]:
    """Public holidays by date [days since 1970], with their names; none for a country that is not known.

    Args:
        country: ISO 3166-1 alpha-2, or empty.
        subdivision: ISO 3166-2 part behind the hyphen; one that is not known counts as none.
        first_year: Both ends are included.
        last_year: See there.
    """
    if not country or not knows_country(country):
        return {}
    import holidays

    within = subdivision if knows_country(country, subdivision) and subdivision else None
    years = range(first_year, last_year + 1)
    named = holidays.country_holidays(country, subdiv=within, years=years)
    return {day.toordinal() - _EPOCH: text.split(" (")[0].split(";")[0] for day, text in named.items()}


def _distances(days: Whole, known: dict[int, str]) -> tuple[Whole, Whole, Whole]:
    """Days since the latest holiday, until the next, and from one to the other, of each date."""
    dates = np.array([-_FAR, *sorted(known), _FAR], dtype=np.int64)
    since = days - dates[np.searchsorted(dates, days, side="right") - 1]
    until = dates[np.searchsorted(dates, days)] - days
    return (
        np.minimum(since, FAR_FROM_HOLIDAY),
        np.minimum(until, FAR_FROM_HOLIDAY),
        np.minimum(since + until, _GAP_MAX),
    )


def _bridges(days: Whole, known: dict[int, str]) -> Truths:
    """Dates with rest on both sides, at least one of them a holiday."""
    found = []
    for day in days.tolist():
        rests = [other in known or (other + _THURSDAY) % 7 >= SATURDAY for other in (day - 1, day + 1)]
        found.append(all(rests) and (day - 1 in known or day + 1 in known))
    return np.array(found, dtype=np.bool_)


def yearly_terms(year_share: Values, orders: int) -> Values:
    """Sines and cosines of the year: a season without a step in it. Shape (T,) to (T, 2 · orders)."""
    angles = 2 * np.pi * np.outer(year_share, np.arange(1, orders + 1))
    return np.hstack([np.sin(angles), np.cos(angles)])
