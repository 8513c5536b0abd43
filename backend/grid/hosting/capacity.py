"""Hosting capacities: the worst intervals by superposition, the capacity by full power flow.

1. A power flow of all intervals, as they are. 2. One of a small power at each place, for how everything answers to it.
3. By superposition, the power at which each limit is met, in every interval that is the worst for something; the three
least are kept. 4. Full power flows of those, all places in one batch, close in on the power from both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError, PowerFlowError
from backend.grid.hosting.limits import HostingLimits, LimitKind, Sight, Watch
from backend.grid.network import Connection, Transformer
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.series import ConnectionSeries, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.power_flow import PowerFlow

    Values = NDArray[np.float64]

__all__ = ["SOLAR_HOURS", "HostingCapacity", "Technology", "hosting_capacities"]

SOLAR_HOURS = (8, 18)  # local hours in which a roof may give its full power
_PROBE_WATTS = 2000.0
_WORST = 3
_TELLING, _TOUCHED = 0.3, 0.01  # parts of the most that a power moves a limit of the kind
_ROUNDS = 8
_NEAR = 2e-3  # of a limit
_STEP_WATTS = 10.0
_INTERVALS_MAX = 1440
_SCENARIOS_MAX = 4096
_POWER_MOST = 1e6  # where the network has no transformer


class Technology(Enum):
    """What is to be connected."""

    SOLAR = "solar"
    CHARGER = "charger"

    @property
    def sign(self) -> float:
        """Of its power: positive is drawn."""
        return -1.0 if self is Technology.SOLAR else 1.0


@dataclass(frozen=True, slots=True)
class HostingCapacity:
    """What one connection could take.

    Attributes:
        connection: Id.
        technology: What is connected.
        phases: On which of them; one, or all three.
        watts: At most; rounded down to 10 W. [W]
        limit: Which limit it meets first.
        place: Bus, segment or transformer where.
        start_utc: Interval in which. [s since 1970, UTC]
    """

    connection: str
    technology: Technology
    phases: Phases
    watts: float
    limit: LimitKind
    place: str
    start_utc: int


@dataclass(frozen=True, slots=True)
class _Option:
    connection: int
    technology: Technology
    phases: Phases


def hosting_capacities(
    network: Network,
    series: ConnectionSeries,
    *,
    connections: Sequence[str] | None = None,
    technologies: Sequence[Technology] = tuple(Technology),
    limits: HostingLimits | None = None,
    most_watts: float | None = None,
) -> list[HostingCapacity]:
    """How much each connection could take, on one of its phases and on three.

    A three-phase connection's single phase is the one that takes least. Solar power counts from 8 to 18 o'clock of the
    series' time zone, where it has such intervals.

    Args:
        network: Fed in all its connections.
        series: What is drawn as it is; unknown counts as none.
        connections: Ids; None for all.
        technologies: Which to look at.
        limits: By default those of EN 50160, and the ratings.
        most_watts: Where to stop; by default twice the largest transformer's rating. [W]

    Returns:
        By connection in the network's order, technology and number of phases.

    Raises:
        InputError: If a connection is not the network's, or the series is empty.
        PowerFlowError: If the network cannot be solved as it is.

    Invariants:
        - At the capacity, no limit is broken that was kept without it, in the intervals that were looked at.
        - A capacity on three phases is not below zero, nor any other; zero where a limit is broken already, and more
          power would break it further.
    """
    if not series.length:
        raise InputError(f"{network.name}: there is no interval to look at; give a series that has some.")
    chosen = _chosen(network, connections)
    options = [
        _Option(place, technology, phases)
        for place in chosen
        for technology in technologies
        for phases in _phase_sets(network, network.connections[place])
    ]
    if not options:
        return []
    search = _Search(network, series, options, limits or HostingLimits(), most_watts)
    found = search.run()
    return _least_by_phase(options, found)


def _chosen(network: Network, connections: Sequence[str] | None) -> list[int]:
    if connections is None:
        return list(range(len(network.connections)))
    places = {one.id: place for place, one in enumerate(network.connections)}
    for one in connections:
        if one not in places:
            raise InputError(f'network "{network.name}" has no connection "{one}".')
    return sorted({places[one] for one in connections})


def _phase_sets(network: Network, connection: Connection) -> list[Phases]:
    """Each phase of its own, and all three where the bus has them."""
    sets = [Phases.of_index(phase) for phase in connection.phases.indices]
    if network.buses[network.bus_index[connection.bus]].phases == Phases.ALL:
        sets.append(Phases.ALL)
    return sets


def _least_by_phase(options: list[_Option], found: list[HostingCapacity]) -> list[HostingCapacity]:
    least: dict[tuple[int, str, bool], HostingCapacity] = {}
    for option, capacity in zip(options, found, strict=True):
        key = (option.connection, option.technology.value, option.phases == Phases.ALL)
        if key not in least or capacity.watts < least[key].watts:
            least[key] = capacity
    return list(least.values())


class _Search:
    """One network with a place for every option to be connected at."""

    def __init__(
        self,
        network: Network,
        series: ConnectionSeries,
        options: list[_Option],
        limits: HostingLimits,
        most_watts: float | None,
    ) -> None:
        from backend.grid.power_flow import PowerFlow

        self.options = options
        intervals = _telling_intervals(network, series)
        self.starts = series.start_utc + series.step_seconds * intervals
        self.watts, self.vars = (
            np.nan_to_num(series.watts[:, intervals]),
            np.nan_to_num(series.vars[:, intervals]),
        )
        self.sun = _sunny(series, intervals)
        self.watch = Watch(network, limits)
        rated = [one.rated_volt_amperes for one in network.branches if isinstance(one, Transformer)]
        self.most = most_watts if most_watts is not None else 2 * max(rated, default=_POWER_MOST / 2)
        hosts = [
            Connection(f"host {place}", network.connections[one.connection].bus, one.phases)
            for place, one in enumerate(options)
        ]
        self.network = replace(network, connections=(*network.connections, *hosts))
        self.flow: PowerFlow = PowerFlow(self.network)
        self.signs = np.array([one.technology.sign for one in options])

    def run(self) -> list[HostingCapacity]:
        """See ``hosting_capacities``."""
        every = np.arange(self.starts.size)
        nobody = np.full(every.size, -1)
        base = self._see(nobody, every, np.zeros(every.size))
        at_base = self.watch.measures(base)
        slopes = self._slopes(base)
        most, least = at_base.argmax(axis=1), at_base.argmin(axis=1)
        if self.sun.any():
            lit = np.flatnonzero(self.sun)
            most_lit = lit[at_base[:, lit].argmax(axis=1)]
            least_lit = lit[at_base[:, lit].argmin(axis=1)]
        else:
            most_lit, least_lit = most, least
        kept = np.empty((len(self.options), _WORST), dtype=np.int64)
        guess = np.empty(len(self.options))
        for place, option in enumerate(self.options):
            ends = (most_lit, least_lit) if option.technology is Technology.SOLAR else (most, least)
            slope = slopes.at(np.array([place]))
            telling = self.watch.touched(slope, _TELLING)
            at = np.unique(np.concatenate([end[telling] for end in ends]))
            meets = self.watch.meets(base.at(at), slope, self.watch.touched(slope, _TOUCHED)).min(axis=0)
            kept[place] = np.resize(at[np.argsort(meets, kind="stable")[:_WORST]], _WORST)
            guess[place] = meets.min()
        return self._close_in(kept, np.minimum(guess, self.most), at_base)

    def _slopes(self, base: Sight) -> Sight:
        """How everything answers to a watt at each option, in the middle interval. Shapes (.., 3, options). [1/W]"""
        places = np.arange(len(self.options))
        middle = np.full(places.size, self.starts.size // 2)
        probed = self._see(places, middle, np.full(places.size, _PROBE_WATTS))
        before = base.at(middle)
        return Sight(
            (probed.volts - before.volts) / _PROBE_WATTS, (probed.currents - before.currents) / _PROBE_WATTS
        )

    def _see(self, places: NDArray[np.int64], intervals: NDArray[np.int64], watts: Values) -> Sight:
        """Power flows of scenarios: an option (-1 for none), an interval, a power each."""
        from backend.grid.power_flow import Wanted

        parts = []
        count = len(self.network.connections) - len(self.options)
        for begin in range(0, places.size, _SCENARIOS_MAX):
            some = slice(begin, begin + _SCENARIOS_MAX)
            place, interval = places[some], intervals[some]
            drawn = np.zeros((len(self.network.connections), place.size))
            reactive = np.zeros_like(drawn)
            drawn[:count] = self.watts[:, interval]
            reactive[:count] = self.vars[:, interval]
            own = np.flatnonzero(place >= 0)
            drawn[count + place[own], own] = self.signs[place[own]] * watts[some][own]
            scenario = ConnectionSeries(0, 1, drawn, reactive, (Origin.NONE,) * drawn.shape[0])
            parts.append(self.watch.see(self.flow.solve(scenario, Wanted.VOLTAGES | Wanted.CURRENTS)))
        return Sight(
            np.concatenate([one.volts for one in parts], axis=2),
            np.concatenate([one.currents for one in parts], axis=2),
        )

    def _close_in(self, kept: NDArray[np.int64], guess: Values, at_base: Values) -> list[HostingCapacity]:
        """Narrow each option's power between one that keeps the limits and one that does not."""
        count = len(self.options)
        low, high = np.zeros(count), np.full(count, self.most)
        at_low, at_high = np.full(count, -1.0), np.full(count, np.nan)
        limit = np.zeros(count, dtype=np.int64)
        interval = kept[:, 0].copy()
        watts = guess.copy()
        open_ = np.flatnonzero(guess > 0)
        for _ in range(_ROUNDS):
            if not open_.size:
                break
            over, row, at = self._over(open_, kept[open_], watts[open_], at_base)
            limit[open_], interval[open_] = row, at
            keeps = over <= 0
            low[open_[keeps]], at_low[open_[keeps]] = watts[open_[keeps]], over[keeps]
            high[open_[~keeps]], at_high[open_[~keeps]] = watts[open_[~keeps]], over[~keeps]
            narrow = (high - low) <= _STEP_WATTS
            near = (at_low > -_NEAR) & (low > 0)
            open_ = np.flatnonzero((guess > 0) & ~narrow & ~near & (low < self.most))
            watts[open_] = _between(low, high, at_low, at_high, open_)
        return [
            self._told(place, low[place], int(limit[place]), int(interval[place])) for place in range(count)
        ]

    def _over(
        self, places: NDArray[np.int64], kept: NDArray[np.int64], watts: Values, at_base: Values
    ) -> tuple[Values, NDArray[np.int64], NDArray[np.int64]]:
        """How far beyond the limits each option is at most, which limit that is, and when.

        A limit that is broken already may stay as broken as it is. Shapes (options,).
        """
        scenarios = np.repeat(places, _WORST), kept.ravel(), np.repeat(watts, _WORST)
        try:
            seen = self._see(*scenarios)
        except PowerFlowError:
            # Far beyond: no power flow carries one of them. Ask each by itself.
            return self._over_singly(places, kept, watts, at_base)
        measures = self.watch.measures(seen)
        before = at_base[:, kept.ravel()]
        over = measures - np.where(before > 1, before + _NEAR / 2, 1.0)
        row = over.argmax(axis=0)
        by_option = over.max(axis=0).reshape(-1, _WORST)
        worst = by_option.argmax(axis=1)
        each = np.arange(places.size)
        return (
            by_option[each, worst],
            row.reshape(-1, _WORST)[each, worst],
            kept[each, worst],
        )

    def _over_singly(
        self, places: NDArray[np.int64], kept: NDArray[np.int64], watts: Values, at_base: Values
    ) -> tuple[Values, NDArray[np.int64], NDArray[np.int64]]:
        if places.size == 1:
            return np.ones(1), np.zeros(1, dtype=np.int64), kept[:, 0]
        half = places.size // 2
        parts = [
            self._over(places[part], kept[part], watts[part], at_base)
            for part in (slice(0, half), slice(half, None))
        ]
        over, row, at = (np.concatenate(pair) for pair in zip(*parts, strict=True))
        return over, row, at

    def _told(self, place: int, watts: float, limit: int, interval: int) -> HostingCapacity:
        option = self.options[place]
        connection = self.network.connections[option.connection]
        kind, where = (LimitKind.NONE, "") if watts >= self.most else self.watch.name(limit)
        if 0 < connection.rated_watts < watts:
            watts, kind, where = connection.rated_watts, LimitKind.CONNECTION, connection.id
        return HostingCapacity(
            connection=connection.id,
            technology=option.technology,
            phases=option.phases,
            watts=float(np.floor(watts / _STEP_WATTS) * _STEP_WATTS),
            limit=kind,
            place=where,
            start_utc=int(self.starts[interval]),
        )


def _between(low: Values, high: Values, at_low: Values, at_high: Values, places: NDArray[np.int64]) -> Values:
    """The next power to try: where a straight line meets the limit, kept off the ends; twice as much without one."""
    begin, end, a, b = low[places], high[places], at_low[places], at_high[places]
    with np.errstate(invalid="ignore"):
        line = begin + (end - begin) * (-a / (b - a))
    margin = 0.02 * (end - begin)
    inside = np.clip(line, begin + margin, end - margin)
    unbounded = np.minimum(np.maximum(begin * 1.3, begin + _PROBE_WATTS), end)
    return np.where(np.isfinite(b), inside, unbounded)


def _telling_intervals(network: Network, series: ConnectionSeries) -> NDArray[np.int64]:
    """Intervals that can be the worst: all, or of a long series those in which someone, or a phase, draws extremely.

    Ends of each connection and each phase's sum, by day and over all hours; then the fullest and emptiest of each sum
    until there are 1,440.
    """
    if series.length <= _INTERVALS_MAX:
        return np.arange(series.length)
    lit = np.flatnonzero(_sunny(series, np.arange(series.length)))
    drawn = np.nan_to_num(series.watts)
    by_phase = np.stack(
        [
            sum(
                (
                    row / len(one.phases.indices)
                    for one, row in zip(network.connections, drawn, strict=True)
                    if phase in one.phases.indices
                ),
                start=np.zeros(series.length),
            )
            for phase in range(PHASE_COUNT)
        ]
    )
    rows = np.concatenate([drawn, by_phase, by_phase.sum(axis=0, keepdims=True)])
    ends = [rows.argmax(axis=1), rows.argmin(axis=1)]
    if lit.size:
        ends += [lit[rows[:, lit].argmax(axis=1)], lit[rows[:, lit].argmin(axis=1)]]
    kept = dict.fromkeys(np.concatenate(ends).tolist())
    order = np.argsort(rows[drawn.shape[0] :], axis=1)
    for place in range(series.length):
        if len(kept) >= _INTERVALS_MAX:
            break
        kept.update(dict.fromkeys(order[:, -1 - place].tolist()))
        kept.update(dict.fromkeys(order[:, place].tolist()))
    return np.array(sorted(kept))


def _sunny(series: ConnectionSeries, intervals: NDArray[np.int64]) -> NDArray[np.bool_]:
    zone = ZoneInfo(series.time_zone)
    starts = series.start_utc + series.step_seconds * intervals
    hours = [datetime.fromtimestamp(at, UTC).astimezone(zone).hour for at in starts.tolist()]
    return np.array([SOLAR_HOURS[0] <= hour < SOLAR_HOURS[1] for hour in hours])
