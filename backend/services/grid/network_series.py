"""What a network's connections draw over time: readings of the meters behind them, else the profiles of its file.

A connection is measured where a metering point of the network's community is joined to it: its power is what its
consumption points drew less what its feed-in points gave, on the days on which they are members. An interval in which
one of them has no reading is not known. A connection without such a point has the profile of the network's file, where
that has one; beside measured ones it is repeated by the clock on the wall (``backend.grid.series``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.community import Direction, read_definition
from backend.errors import InputError
from backend.grid import ConnectionSeries, Origin
from backend.grid.network_form import read_network
from backend.grid.series import repeat_profiles
from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.community import Community, MeteringPoint
    from backend.grid import Network
    from backend.metering import ReadingTable
    from backend.ports import IntervalStore, RecordStore
    from backend.ports.grid_records import NetworkRecord
    from backend.ports.profile_store import ProfileStore

__all__ = ["GridSources", "SeriesSpan", "available_span", "meter_series", "network_series"]

_WATT_SECONDS = 3.6  # in a milliwatt-hour
_VALUES_MAX = 400_000_000


@dataclass(frozen=True, slots=True)
class GridSources:
    """Where what is known of networks lies.

    Attributes:
        store: Networks, communities.
        intervals: Readings.
        profiles: Load profiles of networks.
    """

    store: RecordStore
    intervals: IntervalStore
    profiles: ProfileStore

    def community_of(self, record: NetworkRecord) -> Community | None:
        """The community whose points a network feeds, None where it is nobody's."""
        if not record.community:
            return None
        with self.store.reading() as records:
            kept = records.community(record.community)
        return read_definition(kept.definition, f"{record.community}.toml")


@dataclass(frozen=True, slots=True)
class SeriesSpan:
    """What series there are of a network.

    Attributes:
        start_utc: Of the first interval, on the step's grid. [s since 1970, UTC]
        end_utc: Of the last. [s since 1970, UTC]
        step_seconds: [s]
        time_zone: IANA name that hours and days are told in.
        measured: Connections that metering points measure. [1]
        profiled: Connections that a profile stands for. [1]
        unknown: Connections of which nothing is known. [1]
    """

    start_utc: int
    end_utc: int
    step_seconds: int
    time_zone: str
    measured: int
    profiled: int
    unknown: int


def available_span(sources: GridSources, record: NetworkRecord) -> SeriesSpan | None:
    """What is stored of a network's connections, None where nothing is."""
    return _Sight(sources, record).span


def network_series(
    sources: GridSources, record: NetworkRecord, begin_utc: int | None = None, end_utc: int | None = None
) -> ConnectionSeries:
    """Power of a network's connections in [begin, end).

    Args:
        sources: Where to look.
        record: The network.
        begin_utc: None for the first that is stored; taken down to the step's grid. [s since 1970, UTC]
        end_utc: None for the last; taken up to the step's grid. [s since 1970, UTC]

    Returns:
        In the network's order. Where metering points are joined, at the community's step and for any span: what is
        not stored is NaN. Otherwise the profiles of the network's file at theirs, cut to what they have.

    Raises:
        InputError: If nothing is known of any connection, the span is empty, or it is more than fits in memory.
        ConflictError: If a month has readings of several resolutions.
    """
    return _Sight(sources, record).series(begin_utc, end_utc)


def meter_series(
    sources: GridSources, record: NetworkRecord, meter: str, series: ConnectionSeries
) -> NDArray[np.float64] | None:
    """What a feeder's meter of the community counted in the intervals of a series: drawn less given.

    Args:
        sources: Where to look.
        record: The network.
        meter: ``Transformer.meter``: a feeder's id, or the operator's number of it.
        series: Whose intervals are asked for.

    Returns:
        Shape (T,), NaN where a reading is missing; None where the community has no such feeder. A meter that never
        counted what came up gave nothing. [W]
    """
    members = sources.community_of(record)
    feeder = (
        next((one for one in members.feeders if meter in {one.id, one.number}), None) if members else None
    )
    if members is None or feeder is None:
        return None
    names = [feeder.drawn.id, feeder.given.id]
    watts = np.full((2, series.length), np.nan)
    for table in _tables(sources.intervals, members.id, names, series.start_utc, series.end_utc):
        for place, rows in _by_point(table):
            _put(watts[place], table, rows, series.start_utc, series.step_seconds)
    if np.isnan(watts[1]).all():
        watts[1] = 0.0
    return np.asarray(watts[0] - watts[1])


class _Sight:
    """A network, its community and its profiles, read once."""

    def __init__(self, sources: GridSources, record: NetworkRecord) -> None:
        self._sources = sources
        self._record = record
        self._network: Network = read_network(record.document)
        self._members = sources.community_of(record)
        self._profiles = self._fitting(sources.profiles.profiles(record.name))
        stored = None if self._members is None else sources.intervals.span(self._members.id)
        self._points = self._joined() if stored else {}
        self._stored = stored if self._points else None

    def _fitting(self, profiles: ConnectionSeries | None) -> ConnectionSeries | None:
        if profiles is None or not profiles.length or len(profiles.origins) != len(self._network.connections):
            return None  # of a network that was loaded before
        return profiles

    def _joined(self) -> dict[int, list[MeteringPoint]]:
        """Metering points of the community by connection. [row]"""
        assert self._members is not None
        known = {point.id: point for point in self._members.metering_points}
        found = {
            row: [known[point] for point in dict.fromkeys(one.metering_points) if point in known]
            for row, one in enumerate(self._network.connections)
        }
        return {row: points for row, points in found.items() if points}

    @property
    def _profiled(self) -> list[int]:
        """Connections that the profiles stand for. [row]"""
        if self._profiles is None:
            return []
        has_any = np.isfinite(self._profiles.watts).any(axis=1)
        return [row for row in np.flatnonzero(has_any).tolist() if row not in self._points]

    @property
    def _step(self) -> int:
        if self._points:
            assert self._members is not None
            return self._members.resolution_minutes * 60
        assert self._profiles is not None
        return self._profiles.step_seconds

    @property
    def _zone(self) -> str:
        if self._points:
            assert self._members is not None
            return self._members.time_zone
        assert self._profiles is not None
        return self._profiles.time_zone

    @property
    def span(self) -> SeriesSpan | None:
        if self._stored is not None:
            step = self._step
            start, end = self._stored[0] // step * step, -(-self._stored[1] // step) * step
        elif self._profiles is not None:
            step, start, end = self._profiles.step_seconds, self._profiles.start_utc, self._profiles.end_utc
        else:
            return None
        measured, profiled = len(self._points), len(self._profiled)
        unknown = len(self._network.connections) - measured - profiled
        return SeriesSpan(start, end, step, self._zone, measured, profiled, unknown)

    def series(self, begin_utc: int | None, end_utc: int | None) -> ConnectionSeries:
        whole = self.span
        if whole is None:
            raise InputError(
                f"Nothing is known of what the connections of network {self._record.name!r} draw: it came without "
                "profiles, and no metering point with readings is joined to it. Load it with --points, or load "
                "readings of its community."
            )
        step = whole.step_seconds
        start = (
            whole.start_utc
            if begin_utc is None
            else whole.start_utc + ((begin_utc - whole.start_utc) // step * step)
        )
        end = (
            whole.end_utc if end_utc is None else whole.start_utc - (whole.start_utc - end_utc) // step * step
        )
        if not self._points:
            start, end = max(start, whole.start_utc), min(end, whole.end_utc)
        if end <= start:
            raise InputError(
                f"Network {self._record.name!r} has series from {_told(whole.start_utc)} to {_told(whole.end_utc)}; "
                f"{_told(begin_utc or start)} to {_told(end_utc or end)} is no span of them."
            )
        count = (end - start) // step
        if count * len(self._network.connections) > _VALUES_MAX:
            raise InputError(
                f"{count:,} intervals of {len(self._network.connections):,} connections are too many at once; "
                "ask for a shorter span."
            )
        if not self._points:
            assert self._profiles is not None
            begin = (start - whole.start_utc) // step
            return self._profiles.window(begin, begin + count)
        return self._measured(start, count)

    def _measured(self, start: int, count: int) -> ConnectionSeries:
        connections = self._network.connections
        watts, given = np.zeros((len(connections), count)), np.zeros((len(connections), count))
        for row, is_known in self._read(start, count, watts, given):
            watts[row, ~is_known] = np.nan
        factors = np.array([_reactive(one.power_factor) for one in connections])
        vars_ = watts * factors[:, None]
        watts -= given  # in place: a year of a thousand meters is a third of a gigabyte each time
        origins = [Origin.MEASURED if row in self._points else Origin.NONE for row in range(len(connections))]
        profiled = self._profiled
        watts[[row for row, one in enumerate(origins) if one is Origin.NONE]] = np.nan
        vars_[[row for row, one in enumerate(origins) if one is Origin.NONE]] = np.nan
        if profiled and self._profiles is not None:
            usual = repeat_profiles(self._profiles, start, count, self._step, self._zone)
            watts[profiled], vars_[profiled] = usual.watts[profiled], usual.vars[profiled]
            for row in profiled:
                origins[row] = Origin.PROFILE
        return ConnectionSeries(start, self._step, watts, vars_, tuple(origins), self._zone)

    def _read(
        self, start: int, count: int, drawn: NDArray[np.float64], given: NDArray[np.float64]
    ) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Add up readings into ``drawn`` and ``given``; yields by connection in which intervals all is known."""
        assert self._members is not None
        step, zone = self._step, ZoneInfo(self._zone)
        rows = [(row, point) for row, points in self._points.items() for point in points]
        due = np.zeros((len(drawn), count), np.int16)
        found = np.zeros((len(drawn), count), np.int16)
        spans = [_membership(point, zone, start, count, step) for _, point in rows]
        for (row, _), (first, until) in zip(rows, spans, strict=True):
            due[row, first:until] += 1
        holders: dict[str, list[int]] = {}  # a point that is joined to several connections is read once
        for index, (_, point) in enumerate(rows):
            holders.setdefault(point.id, []).append(index)
        names = list(holders)
        one = np.empty(count)
        for table in _tables(self._sources.intervals, self._members.id, names, start, start + count * step):
            for place, chosen in _by_point(table):
                one.fill(np.nan)
                written = _put(one, table, chosen, start, step)
                for index in holders[names[place]]:
                    row, point = rows[index]
                    low, high = max(written[0], spans[index][0]), min(written[1], spans[index][1])
                    values = one[low:high]
                    is_there = np.isfinite(values)
                    found[row, low:high] += is_there
                    into = drawn if point.direction is Direction.CONSUMPTION else given
                    into[row, low:high] += np.where(is_there, values, 0.0)
        for row in self._points:
            yield row, (due[row] > 0) & (found[row] == due[row])


def _membership(point: MeteringPoint, zone: ZoneInfo, start: int, count: int, step: int) -> tuple[int, int]:
    """Intervals on which a point is a member, as indices [first, until)."""
    first, until = 0, count
    if point.valid_from:
        first = -((start - _midnight(point.valid_from, zone)) // step)
    if point.valid_to:
        until = (_midnight(point.valid_to + timedelta(days=1), zone) - start) // step
    first = min(max(first, 0), count)
    return first, min(max(until, first), count)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def _reactive(power_factor: float) -> float:
    """Reactive power per drawn watt: positive where it lags, negative where a power factor below zero leads. [1]"""
    return float(np.copysign(np.tan(np.arccos(abs(power_factor))), power_factor))


def _tables(
    intervals: IntervalStore, community: str, names: Sequence[str], start: int, end: int
) -> Iterator[ReadingTable]:
    """The readings in force, a UTC month at a time, as files are: what is held is bounded."""
    while start < end:
        instant = datetime.fromtimestamp(start, UTC)
        year, month = divmod(instant.year * 12 + instant.month, 12)
        until = min(int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()), end)
        table = intervals.readings(community, names, start, until)
        if len(table):
            yield table
        start = until


def _by_point(table: ReadingTable) -> Iterator[tuple[int, slice]]:
    """The rows of each point that has any."""
    bounds = np.searchsorted(table.point, np.arange(len(table.metering_points) + 1))
    for place, (first, until) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        if until > first:
            yield place, slice(first, until)


def _put(
    watts: NDArray[np.float64], table: ReadingTable, rows: slice, start: int, step: int
) -> tuple[int, int]:
    """Put a point's readings on the grid, as mean powers. [W]

    A reading of a longer step stands for each interval in it; of a shorter one, all of an interval's are needed.

    Returns:
        The part that may have been written, as indices [first, until).
    """
    own = table.resolution_minutes * 60
    starts, energy = table.start_utc[rows], table.energy[rows].astype(np.float64)
    power = np.where(table.quality[rows] == Quality.MISSING, np.nan, energy * (_WATT_SECONDS / own))
    if own >= step:
        parts = own // step
        index = ((starts - start) // step)[:, None] + np.arange(parts)
        power = np.repeat(power, parts)
        index = index.ravel()
    else:
        index = (starts - start) // step
        cells, first = np.unique(index, return_index=True)
        counts = np.diff(np.append(first, len(index)))
        power = np.where(counts == step // own, np.add.reduceat(power, first) / (step // own), np.nan)
        index = cells
    is_inside = (index >= 0) & (index < len(watts))
    index, power = index[is_inside], power[is_inside]
    if not len(index):
        return 0, 0
    watts[index] = power
    return int(index[0]), int(index[-1]) + 1


def _told(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%MZ")
