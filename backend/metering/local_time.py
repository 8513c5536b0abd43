"""Wall clocks of files to instants: the doubled hour of autumn, the absent one of spring, stamps of interval ends.

A naive stamp says what a clock on the wall showed. Where the clock is set back, walls come twice; the order of a
series' stamps tells which is which. Where it is set forward, walls are absent: a stamp there names no instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

__all__ = ["LocalInstants", "resolve_local", "resolve_local_ends", "utc_offset"]

_DAY = 86_400
_YEARS = (1970, 2199)


@dataclass(frozen=True)
class LocalInstants:
    """What wall times are in UTC. Arrays have shape (n,).

    Attributes:
        start_utc: int64. Of an absent wall: as if the clock had not been set yet. [s since 1970, UTC]
        doubled: bool, the wall comes twice that day; which of the two is told by the order of the series.
        absent: bool, the wall never was: the clock was set forward over it.
        uncertain: bool, a doubled wall whose order does not tell which it is, taken as the first (summer time).
    """

    start_utc: NDArray[np.int64]
    doubled: NDArray[np.bool_]
    absent: NDArray[np.bool_]
    uncertain: NDArray[np.bool_]


@dataclass(frozen=True)
class _Changes:
    """Changes of a zone's offset: at which instant, from what, to what. [s], shape (k,)."""

    instant: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    first: int  # offset in force before the first of them


def resolve_local(wall: NDArray[np.int64], zone: ZoneInfo) -> LocalInstants:
    """The instants of one series' naive stamps.

    Args:
        wall: What the clock showed, in the file's order, ascending, descending or mixed. [s since 1970 as if UTC]
        zone: Of the clock.

    Returns:
        Of a doubled hour the first run is before the change (summer time), the second after it (winter time); in a
        descending series the other way round.

    Raises:
        ValueError: If a stamp lies outside the years 1970 to 2199.
    """
    wall = np.asarray(wall, np.int64)
    none = np.zeros(len(wall), np.bool_)
    if not len(wall):
        return LocalInstants(wall, none, none, none)
    changes = _changes_around(wall, zone)
    least = changes.instant + np.minimum(changes.before, changes.after)
    greatest = changes.instant + np.maximum(changes.before, changes.after)
    offsets = np.concatenate(([changes.first], changes.after))
    early = np.searchsorted(greatest, wall, side="right")  # so many changes are over, the one at hand not
    late = np.searchsorted(least, wall, side="right")
    start = wall - offsets[early]
    within = early != late
    back = np.zeros(len(wall), np.bool_)
    back[within] = (changes.after < changes.before)[early[within]]
    uncertain = none.copy()
    for change in np.unique(early[back]).tolist():
        rows = np.flatnonzero(back & (early == change))
        second, unsure = _second_run(wall, rows)
        start[rows[second]] = wall[rows[second]] - offsets[change + 1]
        uncertain[rows] = unsure
    return LocalInstants(start, back, within & ~back, uncertain)


def resolve_local_ends(
    wall: NDArray[np.int64], seconds: NDArray[np.int64] | int, zone: ZoneInfo
) -> LocalInstants:
    """The starts of one series' intervals whose naive stamps name their ends.

    Two habits are told apart by the stamps themselves. A clock that is read at the end shows 02:00 once more where it
    is set back from 03:00; a stamp made of a naive start plus the step shows 03:00 twice.

    Args:
        wall: What the clock showed at the end, in the file's order. [s since 1970 as if UTC]
        seconds: Length of each interval, shape (n,), or of all. [s]
        zone: Of the clock.

    Returns:
        Starts; a stamp at the very beginning of an absent hour is the instant of the change, and not absent.

    Raises:
        ValueError: If a stamp lies outside the years 1970 to 2199.
    """
    wall = np.asarray(wall, np.int64)
    seconds = np.broadcast_to(np.asarray(seconds, np.int64), wall.shape)
    ends = resolve_local(wall, zone)
    if not len(wall):
        return ends
    changes = _changes_around(wall, zone)
    gap_starts = (changes.instant + changes.before)[changes.after > changes.before]
    start = ends.start_utc - seconds
    doubled, absent, uncertain = ends.doubled, ends.absent & ~np.isin(wall, gap_starts), ends.uncertain
    for place in np.flatnonzero(changes.after < changes.before).tolist():
        last = int(changes.instant[place] + changes.before[place])
        span = int(changes.before[place] - changes.after[place])
        if int(np.count_nonzero(wall == last)) <= max(int(np.count_nonzero(wall == last - span)), 1):
            continue
        near = np.abs(wall - last) < _DAY
        shifted = resolve_local(wall[near] - seconds[near], zone)
        start[near] = shifted.start_utc
        uncertain = uncertain.copy()
        uncertain[near] = shifted.uncertain
        doubled = doubled | ((wall > last - span) & (wall <= last))
    return LocalInstants(start, doubled, absent, uncertain)


def utc_offset(zone: ZoneInfo, instant_utc: int) -> int:
    """How far a zone's clocks are ahead of UTC at an instant. [s]"""
    offset = datetime.fromtimestamp(instant_utc, UTC).astimezone(zone).utcoffset()
    assert offset is not None, zone
    return int(offset.total_seconds())


def _second_run(wall: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.bool_], bool]:
    """Which stamps of one doubled hour are after the change, and whether the order leaves that open."""
    steps = np.diff(wall)
    descending = np.count_nonzero(steps < 0) > np.count_nonzero(steps > 0)
    order = np.arange(len(rows))[::-1] if descending else np.arange(len(rows))
    walls = wall[rows[order]]
    run = np.concatenate(([0], np.cumsum(walls[1:] <= walls[:-1])))
    unsure = False
    if run[-1] == 0:
        late, unsure = _place_single_run(wall[::-1] if descending else wall, walls)
        second = np.full(len(rows), late)
    elif run[-1] == 1:
        second = run == 1
    else:
        second = _comes_again(walls)
    result = np.zeros(len(rows), np.bool_)
    result[order] = second
    return result, unsure


def _place_single_run(wall: NDArray[np.int64], walls: NDArray[np.int64]) -> tuple[bool, bool]:
    """Is the only run of a doubled hour the second one, and is that open? Told by which neighbour it joins on to."""
    positive = np.diff(np.unique(wall))
    step = int(positive.min()) if len(positive) else 0
    joins_before = bool(np.any(wall == walls[0] - step)) and step > 0
    joins_after = bool(np.any(wall == walls[-1] + step)) and step > 0
    if joins_before == joins_after:
        return False, True
    return joins_after, False


def _comes_again(walls: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stamps were there before: of interleaved pairs the second."""
    _, first = np.unique(walls, return_index=True)
    again = np.ones(len(walls), np.bool_)
    again[first] = False
    return again


def _changes_around(wall: NDArray[np.int64], zone: ZoneInfo) -> _Changes:
    years = np.unique(wall.astype("datetime64[s]").astype("datetime64[Y]")).astype(np.int64) + _YEARS[0]
    if years[0] < _YEARS[0] or years[-1] > _YEARS[1]:
        raise ValueError(
            f"a stamp is of the year {years[0]} or {years[-1]}, outside {_YEARS[0]} to {_YEARS[1]}"
        )
    wanted = sorted({near for year in years.tolist() for near in (year - 1, year, year + 1)})
    found = [change for year in wanted for change in _changes_of_year(zone, year)]
    columns = np.array(found, np.int64).reshape(-1, 3)
    first = found[0][1] if found else utc_offset(zone, int(wall[0]))
    return _Changes(columns[:, 0], columns[:, 1], columns[:, 2], first)


@lru_cache(maxsize=2048)
def _changes_of_year(zone: ZoneInfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """The changes of offset in a UTC year as (instant, before, after); none comes twice within a day."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - begin) // timedelta(days=1)
    first = int(begin.timestamp())
    found = []
    before = utc_offset(zone, first - 1)
    for day in range(days):
        until = first + (day + 1) * _DAY - 1
        after = utc_offset(zone, until)
        if after != before:
            found.append((_find_change(zone, until - _DAY, until), before, after))
        before = after
    return tuple(found)


def _find_change(zone: ZoneInfo, before: int, after: int) -> int:
    """The instant of a change between two instants of different offset, by halving."""
    offset = utc_offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if utc_offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after
