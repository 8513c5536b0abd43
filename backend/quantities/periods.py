"""Settlement periods: civil dates in the community's time zone, and the intervals that their days hold."""

from __future__ import annotations

import calendar as civil
import itertools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.errors import PeriodError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PeriodCalendar", "SettlementPeriod", "load_time_zone"]

_EPOCH = date(1970, 1, 1)
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def load_time_zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises:
        PeriodError: If there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeriodError(
            f'There is no time zone {name!r}; write an IANA name such as "Europe/Paris".'
        ) from None


@dataclass(frozen=True, slots=True, order=True)
class SettlementPeriod:
    """Civil dates [first, until) of the community's time zone, settled together.

    Attributes:
        first: First civil date.
        until: The civil date after the last.
    """

    first: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.first:
            raise PeriodError(f"A period must end after it starts: {self.first} to {self.until}.")

    @classmethod
    def from_month(cls, text: str) -> SettlementPeriod:
        """The calendar month ``YYYY-MM``.

        Raises:
            PeriodError: If it is not a month.
        """
        match = _MONTH.fullmatch(text)
        if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1970:  # noqa: PLR2004 -- months of a year, epoch
            raise PeriodError(f"{text!r} is not a month; write it like 2017-06.")
        year, month = int(match[1]), int(match[2])
        first = date(year, month, 1)
        return cls(first, first + timedelta(days=civil.monthrange(year, month)[1]))

    @property
    def id(self) -> int:
        """Days from 1970-01-01 to the first date: the period's number on chain. [1]"""
        return (self.first - _EPOCH).days

    @property
    def days(self) -> int:
        """Number of civil days. [1]"""
        return (self.until - self.first).days

    @property
    def label(self) -> str:
        """``2017-06`` for a calendar month, else ``2017-06-01..2017-06-15`` with the last date."""
        month = SettlementPeriod.from_month(f"{self.first:%Y-%m}")
        if month == self:
            return f"{self.first:%Y-%m}"
        return f"{self.first}..{self.until - timedelta(days=1)}"

    def dates(self) -> Iterator[date]:
        """The civil dates in order."""
        return (self.first + timedelta(days=offset) for offset in range(self.days))


@dataclass(frozen=True)
class PeriodCalendar:
    """The intervals of a period: half-open, of one length, in UTC, day by civil day.

    Attributes:
        period: The civil dates.
        time_zone: IANA name of the zone that the dates are of.
        resolution_minutes: Length of an interval. [min]

    Invariants:
        - Intervals follow each other without gap from ``start_utc`` to ``end_utc``.
        - Each civil day holds a whole number of them.
    """

    period: SettlementPeriod
    time_zone: str
    resolution_minutes: int

    def __post_init__(self) -> None:
        if not 1 <= self.resolution_minutes <= 60 or 60 % self.resolution_minutes:  # noqa: PLR2004 -- minutes of an hour
            raise PeriodError(
                f"A resolution of {self.resolution_minutes} minutes does not divide the hour; use 5, 15, 30 or 60."
            )
        for day, seconds in zip(self.period.dates(), self._day_seconds, strict=True):
            if seconds % self.step_seconds:
                raise PeriodError(
                    f"{day} in {self.time_zone} lasts {seconds} s, which {self.resolution_minutes}-minute "
                    "intervals do not divide."
                )

    @property
    def step_seconds(self) -> int:
        """Length of an interval. [s]"""
        return self.resolution_minutes * 60

    @cached_property
    def _midnights_utc(self) -> list[int]:
        zone = load_time_zone(self.time_zone)
        dates = [*self.period.dates(), self.period.until]
        return [int(datetime.combine(day, time(), tzinfo=zone).timestamp()) for day in dates]

    @property
    def _day_seconds(self) -> list[int]:
        marks = self._midnights_utc
        return [after - before for before, after in itertools.pairwise(marks)]

    @property
    def start_utc(self) -> int:
        """Start of the first interval. [s since 1970, UTC]"""
        return self._midnights_utc[0]

    @property
    def end_utc(self) -> int:
        """End of the last interval. [s since 1970, UTC]"""
        return self._midnights_utc[-1]

    @cached_property
    def intervals_per_day(self) -> tuple[int, ...]:
        """Intervals of each civil day: 23, 24, 25 hours; 92, 96, 100 quarter-hours. [1]"""
        return tuple(seconds // self.step_seconds for seconds in self._day_seconds)

    @cached_property
    def interval_count(self) -> int:
        """Intervals of the period. [1]"""
        return sum(self.intervals_per_day)

    @cached_property
    def day_offsets(self) -> tuple[int, ...]:
        """Index of each day's first interval in the period, and the interval count last. Shape (days + 1,). [1]"""
        offsets = [0]
        for count in self.intervals_per_day:
            offsets.append(offsets[-1] + count)
        return tuple(offsets)

    def starts_utc(self) -> range:
        """Start of every interval. [s since 1970, UTC]"""
        return range(self.start_utc, self.end_utc, self.step_seconds)

    def index_of(self, start_utc: int) -> int | None:
        """Index of the interval that starts then, None where it is outside the period or off the grid."""
        offset = start_utc - self.start_utc
        if offset % self.step_seconds or not 0 <= offset < self.end_utc - self.start_utc:
            return None
        return offset // self.step_seconds

    def local_minutes(self) -> list[int]:
        """Local wall-clock minute of the day at which each interval starts, 0 to 1439. [min]"""
        zone = load_time_zone(self.time_zone)
        instants = (datetime.fromtimestamp(start, UTC).astimezone(zone) for start in self.starts_utc())
        return [instant.hour * 60 + instant.minute for instant in instants]
