"""What may be moved to which phase at what price, and what that does to the imbalance.

The imbalance of an element is ``mean_t max_p |D_p(t)|``, D the power by phase of all connections behind it less the
mean of the three. Losses on the way are left out of it, as they are of what meters add up to; power flow tells them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.balancing.units import Unit, find_units
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.topology import Topology, trace_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.series import ConnectionSeries

__all__ = ["SwitchingLimits", "SwitchingProblem", "Weights", "find_head", "pose_problem", "resolve_limits"]

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Weights:
    """What a plan is to lessen, each relative to its value today. [1]

    Attributes:
        mean: Imbalance, mean over time.
        worst_hour: The same of the worst hour.
        losses: What imbalance adds to the losses in the conductors.
        voltage: Voltage unbalance at the connections, squared.
    """

    mean: float = 1.0
    worst_hour: float = 0.0
    losses: float = 0.0
    voltage: float = 0.0

    def __post_init__(self) -> None:
        told = (self.mean, self.worst_hour, self.losses, self.voltage)
        if not all(math.isfinite(one) and one >= 0 for one in told) or not any(told):
            raise InputError(
                f"weights are {told} (mean, worst hour, losses, voltage); each must be at least 0, and one above."
            )


@dataclass(frozen=True, slots=True)
class SwitchingLimits:
    """What a plan must keep to.

    Attributes:
        switches_max: Connections that may be moved, those at free places aside. [1]
        budget: What moving them may cost in all. [1, an ordinary switch costs 1]
        critical: Ids of connections that must not move, beside those that the network calls so.
        costs: Cost of moving a connection, by id; in the place of the network's. [1]
        places: Where a crew works anyway: ids of connections, of buses, or of branches for all behind them, each with
            the part of the cost that is left. At 0 a place is free, and what moves there counts as no switch. [1]
    """

    switches_max: int
    budget: float = math.inf
    critical: frozenset[str] = frozenset()
    costs: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.switches_max < 0:
            raise InputError(f"a plan may have {self.switches_max} switches; give 0 or more.")
        if math.isnan(self.budget) or self.budget < 0:
            raise InputError(f"a plan's budget is {self.budget}; give 0 or more.")
        for name, told in (("cost", self.costs), ("part of the cost", self.places)):
            for key, value in told.items():
                if not math.isfinite(value) or value < 0:
                    raise InputError(f"the {name} of {key!r} is {value}; give 0 or more.")


@dataclass(frozen=True)
class SwitchingProblem:
    """Connections that can be turned, alone or with their spur, and what they draw.

    Attributes:
        element: Id of the branch or source whose imbalance is lessened.
        connections: What can be turned, n of them, by the id of its first connection.
        units: The same, with all connections that turn together.
        base: Unevenness of what cannot be turned, less a third of the whole power. Shape (3, T). [W]
        total: Whole power behind the element. Shape (T,). [W]
        rows: Power of what can be turned, one row per connection and phase of each unit. Shape (m, T). [W]
        phase: Phase of each row today. Shape (m,).
        first: Rows of connection i are ``first[i]`` to ``first[i + 1]``. Shape (n + 1,).
        allowed: Which turns each may take, 0 always. Shape (n, 3).
        counts: 1 for what counts as a switch, 0 at a free place. Shape (n,).
        costs: Shape (n,). [1]
        limits: What a plan must keep to.
        step_seconds: [s]
        starts_utc: Start of each interval. Shape (T,). [s since 1970, UTC]
        notes: What was left out, by subject.

    Invariants:
        - ``base`` with all rows added at their phases sums to zero over the phases, whatever the turns.
    """

    element: str
    connections: tuple[str, ...]
    units: tuple[Unit, ...]
    base: NDArray[np.float64]
    total: NDArray[np.float64]
    rows: NDArray[np.float32]
    phase: NDArray[np.int64]
    first: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    counts: NDArray[np.float64]
    costs: NDArray[np.float64]
    limits: SwitchingLimits
    step_seconds: int
    starts_utc: NDArray[np.int64]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many connections can be turned."""
        return len(self.connections)

    @property
    def home(self) -> NDArray[np.int64]:
        """The turns of today: none. Shape (n,)."""
        return np.zeros(self.size, dtype=np.int64)

    @property
    def hours(self) -> NDArray[np.int64]:
        """First interval of each clock hour that has some, and T. Shape (hours + 1,)."""
        hour = self.starts_utc // _HOUR
        edges = np.flatnonzero(np.diff(hour)) + 1
        return np.concatenate([[0], edges, [hour.size]]).astype(np.int64)

    @property
    def prices(self) -> NDArray[np.float64]:
        """Counts and costs, as kernels take them. Shape (2, n)."""
        return np.ascontiguousarray([self.counts, self.costs])

    @property
    def bounds(self) -> NDArray[np.float64]:
        """Limits of both; a large number for none. Shape (2,)."""
        return np.array([float(self.limits.switches_max), min(self.limits.budget, 1e18)])

    def during(self, intervals: NDArray[np.bool_] | NDArray[np.int64]) -> SwitchingProblem:
        """The same, over some of the intervals."""
        return replace(
            self,
            base=np.ascontiguousarray(self.base[:, intervals]),
            total=self.total[intervals],
            rows=np.ascontiguousarray(self.rows[:, intervals]),
            starts_utc=self.starts_utc[intervals],
        )

    def limited_to(self, switches_max: int) -> SwitchingProblem:
        """The same, with another limit on the number of switches."""
        return replace(self, limits=replace(self.limits, switches_max=switches_max))

    def only(self, chosen: Sequence[int]) -> SwitchingProblem:
        """The same, where those alone may leave home."""
        allowed = np.zeros_like(self.allowed)
        allowed[:, 0] = True
        allowed[list(chosen)] = self.allowed[list(chosen)]
        return replace(self, allowed=allowed)

    def uneven(self, turns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Unevenness D by phase and interval. Shape (3, T). [W]"""
        to = (self.phase + np.repeat(turns, np.diff(self.first))) % PHASE_COUNT
        total = self.base.copy()
        for phase in range(PHASE_COUNT):
            total[phase] += self.rows[to == phase].sum(axis=0, dtype=np.float64)
        return total

    def deviation(self, turns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Largest deviation of a phase in each interval. Shape (T,). [W]"""
        deviation: NDArray[np.float64] = np.abs(self.uneven(turns)).max(axis=0, initial=0.0)
        return deviation

    def imbalance(self, turns: NDArray[np.int64]) -> float:
        """Mean over time of the largest deviation. [W]"""
        return float(self.deviation(turns).mean()) if self.starts_utc.size else 0.0

    def phase_powers(self, turns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean power by phase behind the element. Shape (3,). [W]"""
        if not self.total.size:
            return np.zeros(PHASE_COUNT)
        powers: NDArray[np.float64] = self.uneven(turns).mean(axis=1) + self.total.mean() / PHASE_COUNT
        return powers

    def worst_hour(self, turns: NDArray[np.int64]) -> float:
        """The largest mean of an hour. [W]"""
        hours = self.hours
        if hours.size < 2:  # noqa: PLR2004 -- no hour
            return 0.0
        return float((np.add.reduceat(self.deviation(turns), hours[:-1]) / np.diff(hours)).max())

    def keeps_limits(self, turns: NDArray[np.int64]) -> bool:
        """Are the turns allowed, and within the number of switches and the budget?"""
        away = turns != 0
        return bool(
            self.allowed[np.arange(self.size), turns].all()
            and self.counts[away].sum() <= self.limits.switches_max + 1e-9
            and self.costs[away].sum() <= self.limits.budget + 1e-9
        )


def pose_problem(
    network: Network,
    series: ConnectionSeries,
    limits: SwitchingLimits,
    element: str = "",
    topology: Topology | None = None,
    by_phase: Mapping[int, NDArray[np.float64]] | None = None,
) -> SwitchingProblem:
    """Pose the problem of a network's element.

    What may turn: a connection behind the element whose load is known, which is not critical, and is joined to one
    phase, or to several whose order may be turned; to phases alone that all of the way from the source has. On a spur
    of one phase all connections turn together (``units``), or none. Of a connection of three phases it must be known
    what each of them draws: where only their sum is, it counts as even, and turning it would change nothing.

    Args:
        network: The network.
        series: What its connections draw.
        limits: What a plan must keep to.
        element: Id of a branch or a source; empty for the head that ``find_head`` finds.
        topology: How it is fed, where the caller knows.
        by_phase: What connections draw on each phase where it is measured, by index in ``Network.connections``; the
            others' power is spread evenly over their phases. Shape (3, T) each. [W]

    Raises:
        InputError: If the element, or what the limits name, is not there.
    """
    walked = topology or trace_network(network)
    head = element or find_head(walked)
    members, factor = resolve_limits(walked, limits, head)
    measured = by_phase or {}
    unknown = {index: "load unknown" for index in members if not bool(np.isfinite(series.watts[index]).any())}
    units, notes = find_units(walked, members, limits.critical, unknown, measured)
    moving = [index for unit in units for index in unit.connections]
    rows, phase, first = _rows(network, series, units, measured)
    base = _base(network, series, sorted(set(members) - set(moving)), measured)
    total = base.sum(axis=0) + rows.sum(axis=0, dtype=np.float64)
    part = np.array([min(factor.get(index, 1.0) for index in unit.connections) for unit in units])
    return SwitchingProblem(
        element=head,
        connections=tuple(network.connections[unit.connections[0]].id for unit in units),
        units=tuple(units),
        base=base - total / PHASE_COUNT,
        total=total,
        rows=rows,
        phase=phase,
        first=first,
        allowed=np.array([unit.turns for unit in units], dtype=np.bool_).reshape(len(units), PHASE_COUNT),
        counts=(part > 0).astype(np.float64),
        costs=np.array([_cost(network, unit, limits) for unit in units], dtype=np.float64) * part,
        limits=limits,
        step_seconds=series.step_seconds,
        starts_utc=series.start_utc + np.arange(series.length, dtype=np.int64) * series.step_seconds,
        notes={why: str(count) for why, count in sorted(notes.items())},
    )


def resolve_limits(
    topology: Topology, limits: SwitchingLimits, element: str
) -> tuple[tuple[int, ...], dict[int, float]]:
    """What names in limits mean in a network.

    Returns:
        Connections behind the element, and the part of the cost that is left by connection at places where a crew
        works anyway. [index in ``Network.connections``]

    Raises:
        InputError: If the network has none of a name.
    """
    network = topology.network
    by_id = {connection.id: index for index, connection in enumerate(network.connections)}
    for name in sorted({*limits.critical, *limits.costs} - by_id.keys()):
        raise InputError(
            f"network {network.name}: no connection {name!r}, which is to stay or has a cost; write its id as in "
            "`partage grid export`."
        )
    return _members(topology, element), _factors(topology, limits.places, by_id)


def find_head(topology: Topology) -> str:
    """The element that is balanced where none is named.

    It is the three-phase transformer that all connections hang on where there is one, else the source that feeds most.
    """
    network = topology.network
    above = {topology.transformer_above[network.bus_index[one.bus]] for one in network.connections}
    if len(above) == 1:
        only = above.pop()
        if only >= 0 and topology.branches[only].phases == Phases.ALL:
            return topology.branches[only].id
    fed = {source.id: len(_members(topology, source.id)) for source in network.sources}
    return max(fed, key=lambda one: fed[one])


def _members(topology: Topology, element: str) -> tuple[int, ...]:
    network = topology.network
    for index, branch in enumerate(topology.branches):
        if branch.id == element:
            return topology.connections_behind(index)
    for source in network.sources:
        if source.id == element:
            behind = topology.buses_behind(network.bus_index[source.bus])
            return tuple(one for bus in behind for one in topology.connections_at[bus])
    raise InputError(
        f"network {network.name}: no branch or source {element!r}; `partage grid export` writes what there is."
    )


def _factors(topology: Topology, places: Mapping[str, float], by_id: Mapping[str, int]) -> dict[int, float]:
    """Part of the cost that is left, by connection; the least where places overlap."""
    network = topology.network
    branches = {branch.id: index for index, branch in enumerate(topology.branches)}
    left: dict[int, float] = {}
    for name, part in places.items():
        if name in by_id:
            there: tuple[int, ...] = (by_id[name],)
        elif name in network.bus_index:
            there = topology.connections_at[network.bus_index[name]]
        elif name in branches:
            there = topology.connections_behind(branches[name])
        else:
            raise InputError(
                f"network {network.name}: a crew works at {name!r}, which is no connection, bus or branch of it."
            )
        for one in there:
            left[one] = min(left.get(one, part), part)
    return left


def _cost(network: Network, unit: Unit, limits: SwitchingLimits) -> float:
    """Of turning a unit: one job, so the dearest of its connections."""
    told = (network.connections[index] for index in unit.connections)
    return max(limits.costs.get(one.id, one.switch_cost) for one in told)


def _rows(
    network: Network,
    series: ConnectionSeries,
    units: Sequence[Unit],
    measured: Mapping[int, NDArray[np.float64]],
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Rows of all units, one after another; of a spur whose connections have one phase, their sum in one."""
    parts: list[NDArray[np.float64]] = []
    phase: list[int] = []
    first = [0]
    for unit in units:
        there = dict.fromkeys(
            one for index in unit.connections for one in network.connections[index].phases.indices
        )
        sums = {one: np.zeros(series.length) for one in there}
        for index in unit.connections:
            here = network.connections[index].phases.indices
            for one, power in zip(here, _power(series, index, here, measured), strict=True):
                sums[one] += power
        parts.extend(sums.values())
        phase.extend(sums)
        first.append(len(phase))
    rows = np.empty((len(parts), series.length), dtype=np.float32)
    for row, part in enumerate(parts):
        rows[row] = part
    return rows, np.array(phase, dtype=np.int64), np.array(first, dtype=np.int64)


def _base(
    network: Network,
    series: ConnectionSeries,
    still: Sequence[int],
    measured: Mapping[int, NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Power by phase of what is behind the element and does not move. Shape (3, T). [W]"""
    base = np.zeros((PHASE_COUNT, series.length))
    for index in still:
        here = network.connections[index].phases.indices
        base[list(here)] += _power(series, index, here, measured)
    return base


def _power(
    series: ConnectionSeries, index: int, here: tuple[int, ...], measured: Mapping[int, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """What one connection draws on its phases; what is not known counts as none."""
    if index in measured:
        return np.nan_to_num(measured[index][list(here)])
    return np.broadcast_to(np.nan_to_num(series.watts[index]) / len(here), (len(here), series.length))
