"""Transformers of a stored network: what they carry and how warm they are, now and ahead, and what meters leave open.

Loads are those of the power flow of what connections draw; where a transformer has a meter of its own, what the meter
shows beyond is spread evenly over its phases, for whatever nobody else measured is on it too.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.grid import Bus, Connection, ConnectionSeries, Network, Origin, Phases, Source, Transformer
from backend.grid.network_form import write_network
from backend.grid.series import coarsen_series
from backend.grid.transformers import (
    MeteredConnection,
    OverloadRisk,
    ResidualSite,
    Suspicion,
    TransformerLoad,
    find_suspects,
    forecast_similar_days,
    overload_risk,
    phase_powers,
    virtual_sensor,
)
from backend.grid.transformers.flow_loads import load_of_flow
from backend.ports.grid_records import NetworkRecord
from backend.services.grid.looks import changes_with
from backend.services.grid.network_series import available_span, meter_series, network_series

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from backend.grid.transformers.thermal import ThermalState
    from backend.ports.ambient import AmbientCourse, AmbientTemperature
    from backend.ports.load_forecasts import LoadForecaster
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks

    Values = NDArray[np.float64]

__all__ = [
    "AHEAD_SECONDS",
    "STEP_SECONDS",
    "Ahead",
    "TransformerDesk",
    "TransformerSpan",
    "find_load",
    "joint_series",
    "suspicions_of",
]

STEP_SECONDS = 900
AHEAD_SECONDS = 48 * 3600
_DAY = 86400
_LOOK_DAYS = 28
_HISTORY_DAYS = 63  # nine weeks hold eight days of each kind
_INTERVALS_MAX = 10_000
# Intervals times buses that are solved without being asked for: some seconds.
_SOLVED_FREELY = 2_500_000
_SOLVED_MOST = 10_000_000
_KEPT = 4


@dataclass(frozen=True)
class TransformerSpan:
    """A network's transformers over some time.

    Attributes:
        series: What connections draw, at a step of a quarter-hour or more.
        loads: By transformer, in the network's order; those that feed nothing or have no rating are left out.
        sites: Transformers with a meter of their own.
        suspicions: What would explain their residuals.
        air: At the transformers.
    """

    series: ConnectionSeries
    loads: dict[str, TransformerLoad]
    sites: dict[str, ResidualSite]
    suspicions: list[Suspicion]
    air: AmbientCourse


@dataclass(frozen=True)
class Ahead:
    """A forecast of all connections, as equally likely courses, and of the transformers from it.

    Attributes:
        courses: What connections would draw, one series each.
        loads: By transformer, its load under each course.
        risks: By transformer.
        air: At the transformers.
    """

    courses: tuple[ConnectionSeries, ...]
    loads: dict[str, tuple[TransformerLoad, ...]]
    risks: dict[str, OverloadRisk]
    air: AmbientCourse


@dataclass(frozen=True)
class TransformerDesk:
    """Looks at transformers; the last few are kept as long as neither readings nor the network change.

    Attributes:
        networks: Where they are found.
        ambient: Their air.
        forecaster: Of loads.
    """

    networks: KnownNetworks
    ambient: AmbientTemperature
    forecaster: LoadForecaster = forecast_similar_days
    _kept: OrderedDict[tuple[Any, ...], Any] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def span(
        self, known: KnownNetwork, begin_utc: int | None = None, end_utc: int | None = None
    ) -> TransformerSpan:
        """Loads, residuals and air in a span; by default of the last four weeks there are.

        Raises:
            InputError: If nothing is known of the network then, or the span has more than 10,000 intervals.
            PowerFlowError: If an interval has no solution.
        """
        begin, end = self.bounds(known, begin_utc, end_utc)
        meters = self._measured(known, begin, end)
        shown = hashlib.sha256(b"".join(one.tobytes() for one in meters.values())).hexdigest()
        key = ("span", known.record.name, *changes_with(self.networks, known, begin, end), begin, end, shown)
        kept = self._look_up(key)
        if isinstance(kept, TransformerSpan):
            return kept
        series = joint_series(self.networks.sources, known.record, begin, end)
        found = self.span_of(known, series, meters)
        self._keep(key, found)
        return found

    def ahead(self, known: KnownNetwork, ahead_seconds: int = AHEAD_SECONDS) -> Ahead:
        """Forecast from the end of what is known on.

        Raises:
            InputError: If there is no whole day to go by.
            PowerFlowError: If a course has no solution.
        """
        begin, end = self.bounds(known, None, None, _HISTORY_DAYS)
        key = (
            "ahead",
            known.record.name,
            *changes_with(self.networks, known, begin, end),
            end,
            ahead_seconds,
        )
        kept = self._look_up(key)
        if isinstance(kept, Ahead):
            return kept
        found = self._ahead(
            known, joint_series(self.networks.sources, known.record, begin, end), ahead_seconds
        )
        self._keep(key, found)
        return found

    def bounds(
        self, known: KnownNetwork, begin_utc: int | None, end_utc: int | None, days: int | None = None
    ) -> tuple[int, int]:
        """A span on the step's grid, within what is known; by default so many days until its end.

        Without days it is a span to be solved: four weeks, of large networks less, so that it takes seconds.

        Raises:
            InputError: If nothing is known then, or it has more intervals than are solved at once.
        """
        there = available_span(self.networks.sources, known.record)
        name = known.record.name
        if there is None:
            raise InputError(f"Nothing is known of what the connections of network {name!r} draw.")
        step = max(there.step_seconds, STEP_SECONDS)
        end = min(there.end_utc, there.end_utc if end_utc is None else end_utc) // step * step
        buses = len(known.network.buses)
        back = days or max(1, min(_LOOK_DAYS, _SOLVED_FREELY * step // (buses * _DAY)))
        begin = max(there.start_utc, end - back * _DAY if begin_utc is None else begin_utc)
        begin = -(-begin // step) * step
        count = (end - begin) // step
        if count < 1:
            raise InputError(
                f"Network {name!r} has series from {there.start_utc} to {there.end_utc} (s since 1970, UTC); the span "
                "that was asked for has no interval of them."
            )
        most = min(_INTERVALS_MAX, max(_SOLVED_MOST // buses, _DAY // step))
        if days is None and count > most:
            told = f"of a network of {buses:,} buses at most {most:,} are solved at once"
            raise InputError(f"{count:,} intervals are too many; {told}.")
        return begin, end

    def _look_up(self, key: tuple[Any, ...]) -> Any:
        with self._guard:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: tuple[Any, ...], value: Any) -> None:
        with self._guard:
            self._kept[key] = value
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _measured(self, known: KnownNetwork, begin: int, end: int) -> dict[str, Values]:
        """By transformer, what its own meter shows, where that is a feeder of the community with readings. [W]"""
        there = available_span(self.networks.sources, known.record)
        step = max(there.step_seconds if there else 0, STEP_SECONDS)
        nobody = np.zeros((0, (end - begin) // step))
        when = ConnectionSeries(begin, step, nobody, nobody, ())
        shown = {
            one.id: meter_series(self.networks.sources, known.record, one.meter, when)
            for one in known.network.transformers
            if one.meter
        }
        return {
            name: watts for name, watts in shown.items() if watts is not None and np.isfinite(watts).any()
        }

    def span_of(
        self, known: KnownNetwork, series: ConnectionSeries, meters: dict[str, Values] | None = None
    ) -> TransformerSpan:
        """Loads, residuals and air of a series; of meters as they are read, where they are not given."""
        meters = self._measured(known, series.start_utc, series.end_utc) if meters is None else meters
        loads = _flow_loads(known, series)
        sites = {
            name: _site(known, series, name, watts)
            for name, watts in meters.items()
            if name in loads and watts.size == series.length
        }
        for name, site in sites.items():
            loads[name] = _with_meter(loads[name], site)
        suspicions = []
        if any(site.is_notable for site in sites.values()):
            suspicions = find_suspects(list(sites.values()), self._meters(known, series, sites))
        air = self.ambient.course(series.start_utc, series.step_seconds, series.length, series.time_zone)
        return TransformerSpan(series, loads, sites, suspicions, air)

    def _meters(
        self, known: KnownNetwork, series: ConnectionSeries, sites: dict[str, ResidualSite]
    ) -> list[MeteredConnection]:
        """Every connection with its course and the transformer it is recorded under, then points that none names."""
        branches, above = known.topology.branches, known.topology.transformer_above
        found = []
        for row, connection in enumerate(known.network.connections):
            if series.origins[row] is Origin.NONE:
                continue
            branch = above[known.network.bus_index[connection.bus]]
            site = branches[branch].id if branch >= 0 else ""
            # Under a transformer without a meter it is accounted for, and no candidate for another one's residual.
            if site in sites:
                found.append(
                    MeteredConnection(connection.id, site, series.watts[row], connection.phases.indices)
                )
        return [*found, *self._unjoined(known, series)]

    def _unjoined(self, known: KnownNetwork, series: ConnectionSeries) -> list[MeteredConnection]:
        """Metering points of the community that no connection of its networks names, by participant."""
        sources, community = self.networks.sources, known.record.community
        members = sources.community_of(known.record)
        if members is None:
            return []
        joined = {point for one in self.networks.of_community(community) for point in one.points_behind()}
        loose: dict[str, list[str]] = {}
        for point in members.metering_points:
            if point.id not in joined:
                loose.setdefault(point.participant, []).append(point.id)
        if not loose:
            return []
        network = Network(
            "unjoined",
            50.0,
            (Bus("b", 400.0),),
            (Source("s", "b"),),
            connections=tuple(
                Connection("+".join(points), "b", Phases.ALL, tuple(points)) for points in loose.values()
            ),
        )
        record = NetworkRecord(network.name, community, write_network(network), "", "partage", 0)
        apart = network_series(
            replace(sources, profiles=_NoProfiles()), record, series.start_utc, series.end_utc
        )
        apart = coarsen_series(apart, series.step_seconds)
        return [
            MeteredConnection(one.id, "", row)
            for one, row in zip(network.connections, apart.watts, strict=True)
            if row.size == series.length and np.isfinite(row).any()
        ]

    def _ahead(self, known: KnownNetwork, history: ConnectionSeries, ahead_seconds: int) -> Ahead:
        count = len(known.network.connections)
        rows = np.nan_to_num(np.concatenate([history.watts, history.vars]))
        step = history.step_seconds
        members = self.forecaster(
            rows, history.start_utc, step, max(1, ahead_seconds // step), history.time_zone
        )
        courses = tuple(
            ConnectionSeries(
                history.end_utc, step, member[:count], member[count:], history.origins, history.time_zone
            )
            for member in members
        )
        # What so many flows would take is told by sums instead: without losses, a few per cent less.
        solved = len(courses) * courses[0].length * len(known.network.buses)
        find = _flow_loads if solved <= _SOLVED_FREELY else _sum_loads
        loads = [find(known, course) for course in courses]
        air = self.ambient.course(history.end_utc, step, courses[0].length, history.time_zone)
        before = self.span(known)
        risks = {}
        for name in loads[0]:
            factors = np.stack([one[name].factors for one in loads])
            risks[name] = overload_risk(
                loads[0][name].transformer, factors, air.celsius, step, _state_of(before, name)
            )
        return Ahead(courses, {name: tuple(one[name] for one in loads) for name in loads[0]}, risks, air)


class _NoProfiles:
    """Implements ``ProfileStore`` where there are none."""

    def put(self, network: str, profiles: ConnectionSeries | None) -> None:
        """Nothing is kept."""
        raise AssertionError(network, profiles)

    def profiles(self, network: str) -> None:
        """None of any network."""
        del network

    def forget(self, network: str, rows: Collection[int]) -> None:
        """There is nothing to forget."""
        del network, rows


def joint_series(sources: Any, record: NetworkRecord, begin: int, end: int) -> ConnectionSeries:
    """What connections draw, in quarter-hours or longer steps.

    Raises:
        InputError: If nothing is known.
    """
    series = coarsen_series(network_series(sources, record, begin, end), STEP_SECONDS)
    if not series.length:
        raise InputError(f"Network {record.name!r} has no whole quarter-hour in that span.")
    return series


def find_load(known: KnownNetwork, loads: dict[str, TransformerLoad], transformer: str) -> TransformerLoad:
    """A transformer's load.

    Raises:
        NotFoundError: If the network has no such transformer, or it feeds nothing.
    """
    if transformer not in loads:
        raise NotFoundError(
            f"There is no transformer {transformer!r} with a rating that feeds something in network "
            f"{known.record.name!r}."
        )
    return loads[transformer]


def _flow_loads(known: KnownNetwork, series: ConnectionSeries) -> dict[str, TransformerLoad]:
    """By power flow, piece by piece."""
    from backend.grid.power_flow import Wanted

    fed = _feeding(known)
    parts: dict[str, list[TransformerLoad]] = {name: [] for name in fed}
    coverages = _coverages(known, series, fed)
    for result in known.flow.solve_chunks(series, Wanted.VOLTAGES | Wanted.CURRENTS):
        for name, coverage in coverages.items():
            parts[name].append(load_of_flow(result, name, coverage))
    return {
        name: replace(
            loads[0],
            watts=np.concatenate([one.watts for one in loads], axis=1),
            vars=np.concatenate([one.vars for one in loads], axis=1),
        )
        for name, loads in parts.items()
    }


def _sum_loads(known: KnownNetwork, series: ConnectionSeries) -> dict[str, TransformerLoad]:
    """By adding up what is behind each, phase by phase."""
    fed = _feeding(known)
    coverages = _coverages(known, series, fed)
    found = {}
    for name, index in fed.items():
        transformer = known.topology.branches[index]
        assert isinstance(transformer, Transformer)
        powers = phase_powers(series, known.topology, known.topology.connections_behind(index))
        watts, reactive = (one.sum(axis=0)[list(transformer.phases.indices)] for one in powers)
        found[name] = TransformerLoad(
            transformer, series.start_utc, series.step_seconds, watts, reactive, "sum", coverages[name]
        )
    return found


def _feeding(known: KnownNetwork) -> dict[str, int]:
    """Transformers that have a rating and feed something, by id. [index of Network.branches]"""
    return {
        one.id: index
        for index, one in enumerate(known.topology.branches)
        if isinstance(one, Transformer)
        and one.rated_volt_amperes > 0
        and known.topology.connections_behind(index)
    }


def _coverages(known: KnownNetwork, series: ConnectionSeries, fed: dict[str, int]) -> dict[str, float]:
    """By transformer, the share of its connections' intervals that are known."""
    known_share = np.isfinite(series.watts).mean(axis=1)
    return {
        name: float(known_share[list(known.topology.connections_behind(index))].mean())
        for name, index in fed.items()
    }


def _site(known: KnownNetwork, series: ConnectionSeries, name: str, measured: Values) -> ResidualSite:
    """A transformer's meter beside its virtual sensor; what one connection's meter lacks is not known of the sum."""
    sensor = virtual_sensor(known.topology, name)
    behind = [row for row in sensor.connections if series.origins[row] is not Origin.NONE]
    lost = sensor.losses(*phase_powers(series, known.topology, sensor.connections))
    modelled = series.watts[behind].sum(axis=0) + lost
    return ResidualSite(name, series.start_utc, series.step_seconds, measured[None, :], modelled[None, :])


def _with_meter(load: TransformerLoad, site: ResidualSite) -> TransformerLoad:
    """The load as its own meter shows it, where that is known."""
    more = site.residual.sum(axis=0) / load.watts.shape[0]
    return replace(load, watts=load.watts + more, origin="meter")


def _state_of(before: TransformerSpan, name: str) -> ThermalState | None:
    if name not in before.loads:
        return None
    return before.loads[name].thermal(before.air.celsius).state


def suspicions_of(span: TransformerSpan, transformer: str) -> Sequence[Suspicion]:
    """What would explain a transformer's residual; what would be better under it is told at the other."""
    return [one for one in span.suspicions if transformer in {one.transformer, one.other}]
