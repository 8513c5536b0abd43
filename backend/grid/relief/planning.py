"""The cheapest way to keep a transformer within its rating: a mixed-integer program, solved by OR-Tools.

Per flexible load and interval, how much less or more is drawn. A phase's apparent power is within its share of the
rating exactly where its active power is between ± sqrt(share² - Q²), so the limit is linear in what the loads do. What
cannot be relieved is a slack whose price is above any load's: first as little overload as can be, then as little cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.grid.relief.flexibility import FlexibilityKind, FlexibleLoad

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.grid.transformers import TransformerLoad

    Values = NDArray[np.float64]

__all__ = ["ReliefAction", "ReliefNeed", "ReliefPlan", "plan_relief"]

_KILOWATT = 1000.0
_SECONDS_PER_HOUR = 3600.0
_SECONDS_PER_DAY = 86400
_NOTICED_WATTS = 1.0
_SLACK_TIMES = 1000.0  # as dear as the dearest load
_SECONDS_MOST = 20.0
_INTERVALS_MAX = 2000
_ACTIVITY_COST = 1e-4  # per kWh: of plans of one cost, the one that asks for less


@dataclass(frozen=True)
class ReliefNeed:
    """By how much a transformer's phases would be beyond a limit.

    Attributes:
        load: As it would go on.
        limit: Load factor that each phase is to keep. [1]
        time_zone: IANA name that the loads' hours are told in.
    """

    load: TransformerLoad
    limit: float = 1.0
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise InputError(f"a limit of {self.limit:g} of the rating leaves nothing; give one above zero.")
        if self.load.length > _INTERVALS_MAX:
            raise InputError(
                f"a plan over {self.load.length} intervals is not made; take at most {_INTERVALS_MAX}, such as some "
                "days of quarter-hours."
            )

    @property
    def room(self) -> Values:
        """Active power that each phase may carry, either way, beside its reactive power. Shape (P, T). [W]"""
        share = self.limit * self.load.rated_by_phase
        return np.asarray(np.sqrt(np.maximum(share**2 - self.load.vars**2, 0.0)))

    @property
    def excess(self) -> Values:
        """Beyond the room, by phase, whichever way. Shape (P, T). [W]"""
        return np.maximum(np.abs(self.load.watts) - self.room, 0.0)


@dataclass(frozen=True, slots=True)
class ReliefAction:
    """What one load is asked to do, over some intervals in a row.

    Attributes:
        load: Its id.
        connection: Where.
        kind: How it gives way.
        start_utc: [s since 1970, UTC]
        end_utc: [s since 1970, UTC]
        watts: Drawn more (or fed in less) where positive, drawn less where negative. [W]
    """

    load: str
    connection: str
    kind: FlexibilityKind
    start_utc: int
    end_utc: int
    watts: float


@dataclass(frozen=True)
class ReliefPlan:
    """A proposal; see ``backend.grid.relief``.

    Attributes:
        transformer: Id.
        limit: Load factor that was aimed at. [1]
        start_utc: Of its first interval. [s since 1970, UTC]
        step_seconds: [s]
        actions: In order of time.
        changes: What each connection draws more. Shape (T,) each. [W]
        needed_watts: Largest excess of a phase before. [W]
        left_watts: What of it no consenting load could take away, at most, by phase. [W]
        cost: Of all that gives way. [currency]
        relieved_kwh: Energy that is not drawn, or not fed in, when it would have been. [kWh]
        without_consent: Loads that could have helped, and may not be asked.
        is_optimal: It is proven that nothing cheaper does as much.
    """

    transformer: str
    limit: float
    start_utc: int
    step_seconds: int
    actions: tuple[ReliefAction, ...]
    changes: Mapping[str, Values]
    needed_watts: float
    left_watts: float
    cost: float
    relieved_kwh: float
    without_consent: tuple[str, ...]
    is_optimal: bool


def plan_relief(
    need: ReliefNeed,
    loads: Sequence[FlexibleLoad],
    phases_of: Mapping[str, tuple[int, ...]],
    drawn: Mapping[str, Values],
) -> ReliefPlan:
    """Choose who gives way, when and by how much.

    Args:
        need: What the transformer would carry.
        loads: Those that might give way; who has not consented is never chosen.
        phases_of: By connection behind the transformer, its places among the transformer's phases.
        drawn: By connection, what it would draw; a load sheds no more than is drawn, and curtails no more than is fed
            in. Shape (T,) each. [W]

    Returns:
        Empty of actions where nothing is needed, or nobody who consented could help.

    Raises:
        InputError: If a load is at a connection that is not behind the transformer.

    Invariants:
        - No load without consent acts; none beyond its power, its hours or its energy of a day.
        - What is shifted is drawn again within the plan, to the last watt-hour.
        - No phase is farther beyond its limit than without the plan.
    """
    for load in loads:
        if load.connection not in phases_of:
            raise InputError(
                f'flexible load "{load.id}" is at "{load.connection}", which is not behind transformer '
                f'"{need.load.transformer.id}".'
            )
    asked = [load for load in loads if load.has_consented]
    others = tuple(load.id for load in loads if not load.has_consented and _could_help(load, need))
    if need.excess.max(initial=0.0) <= _NOTICED_WATTS or not asked:
        return _nothing(need, others)
    return _Program(need, asked, phases_of, drawn).solve(others)


def _nothing(need: ReliefNeed, others: tuple[str, ...]) -> ReliefPlan:
    most = float(need.excess.max(initial=0.0))
    return ReliefPlan(
        transformer=need.load.transformer.id,
        limit=need.limit,
        start_utc=need.load.start_utc,
        step_seconds=need.load.step_seconds,
        actions=(),
        changes={},
        needed_watts=most,
        left_watts=most if most > _NOTICED_WATTS else 0.0,
        cost=0.0,
        relieved_kwh=0.0,
        without_consent=others if most > _NOTICED_WATTS else (),
        is_optimal=True,
    )


def _could_help(load: FlexibleLoad, need: ReliefNeed) -> bool:
    over = np.flatnonzero(need.excess.max(axis=0) > _NOTICED_WATTS)
    return bool(_available(load, need)[over].any())


def _available(load: FlexibleLoad, need: ReliefNeed) -> NDArray[np.bool_]:
    """In which intervals a load may give way. Shape (T,)."""
    zone = ZoneInfo(need.time_zone)
    hours = []
    for interval in range(need.load.length):
        local = datetime.fromtimestamp(need.load.start_of(interval), UTC).astimezone(zone)
        hours.append(local.hour + local.minute / 60)
    return np.array([load.may_at(hour) for hour in hours], dtype=np.bool_)


class _Program:
    """The mixed-integer program of one transformer."""

    def __init__(
        self,
        need: ReliefNeed,
        loads: Sequence[FlexibleLoad],
        phases_of: Mapping[str, tuple[int, ...]],
        drawn: Mapping[str, Values],
    ) -> None:
        from ortools.linear_solver import pywraplp

        self.need = need
        self.loads = loads
        self.phases_of = phases_of
        self.drawn = drawn
        self.solver: Any = pywraplp.Solver.CreateSolver("SCIP")
        self.infinite = self.solver.infinity()
        self.hours = need.load.step_seconds / _SECONDS_PER_HOUR
        self.objective = self.solver.Objective()
        # By phase and interval, what acts on it: (variable, kilowatts drawn more by each unit).
        self.acting: dict[tuple[int, int], list[tuple[Any, float]]] = {}
        self.taken: list[dict[int, tuple[Any, float]]] = []
        self.given: list[dict[int, tuple[Any, float]]] = []
        self.slacks: list[Any] = []

    def solve(self, others: tuple[str, ...]) -> ReliefPlan:
        """Build, solve and read the plan."""
        for load in self.loads:
            self._add(load)
        self._bound_connections()
        self._bound_phases()
        self.objective.SetMinimization()
        self.solver.SetTimeLimit(int(_SECONDS_MOST * 1000))
        status = self.solver.Solve()
        if status not in {self.solver.OPTIMAL, self.solver.FEASIBLE}:
            return _nothing(self.need, others)
        return self._read(others, is_optimal=status == self.solver.OPTIMAL)

    def _add(self, load: FlexibleLoad) -> None:
        """Variables of a load: what it gives way by, and where it shifts, what it draws besides. [kW]"""
        may = _available(load, self.need)
        course = np.nan_to_num(self.drawn[load.connection])
        there = -course if load.kind is FlexibilityKind.CURTAIL else course
        sign = 1.0 if load.kind is FlexibilityKind.CURTAIL else -1.0
        taken: dict[int, tuple[Any, float]] = {}
        given: dict[int, tuple[Any, float]] = {}
        cost = (load.cost_per_kwh + _ACTIVITY_COST) * self.hours
        for interval in np.flatnonzero(may).tolist():
            most = load.watts if load.is_whole else min(load.watts, max(float(there[interval]), 0.0))
            if 0 < most <= max(float(there[interval]), 0.0):
                taken[interval] = self._variable(load, interval, most / _KILOWATT, sign, cost)
            if load.kind is FlexibilityKind.SHIFT:
                given[interval] = self._variable(load, interval, load.watts / _KILOWATT, 1.0, 0.0)
        self._bound_energy(load, taken)
        if load.kind is FlexibilityKind.SHIFT:
            kept = self.solver.Constraint(0.0, 0.0)
            for variable, kilowatts in taken.values():
                kept.SetCoefficient(variable, kilowatts)
            for variable, kilowatts in given.values():
                kept.SetCoefficient(variable, -kilowatts)
        self.taken.append(taken)
        self.given.append(given)

    def _variable(
        self, load: FlexibleLoad, interval: int, most: float, sign: float, cost: float
    ) -> tuple[Any, float]:
        """A variable and the kilowatts of its unit: 0 or 1 for what gives way whole, else kilowatts."""
        if load.is_whole:
            variable, unit = self.solver.BoolVar(""), most
        else:
            variable, unit = self.solver.NumVar(0.0, most, ""), 1.0
        self.objective.SetCoefficient(variable, cost * unit)
        phases = self.phases_of[load.connection]
        for phase in phases:
            self.acting.setdefault((phase, interval), []).append((variable, sign * unit / len(phases)))
        return variable, unit

    def _bound_energy(self, load: FlexibleLoad, taken: dict[int, tuple[Any, float]]) -> None:
        """No more than its hours of full power in any 24 hours that begin with the plan's days."""
        days: dict[int, list[tuple[Any, float]]] = {}
        for interval, pair in taken.items():
            days.setdefault(interval * self.need.load.step_seconds // _SECONDS_PER_DAY, []).append(pair)
        for pairs in days.values():
            bound = self.solver.Constraint(0.0, load.most_hours * load.watts / _KILOWATT)
            for variable, unit in pairs:
                bound.SetCoefficient(variable, unit * self.hours)

    def _bound_connections(self) -> None:
        """Loads of one connection together shed no more than it draws, and curtail no more than it feeds in."""
        together: dict[tuple[str, bool, int], list[tuple[Any, float]]] = {}
        for load, taken in zip(self.loads, self.taken, strict=True):
            curtails = load.kind is FlexibilityKind.CURTAIL
            for interval, pair in taken.items():
                together.setdefault((load.connection, curtails, interval), []).append(pair)
        for (connection, _, interval), pairs in together.items():
            if len(pairs) > 1:
                there = abs(float(np.nan_to_num(self.drawn[connection])[interval])) / _KILOWATT
                bound = self.solver.Constraint(0.0, there)
                for variable, unit in pairs:
                    bound.SetCoefficient(variable, unit)

    def _bound_phases(self) -> None:
        dearest = max(load.cost_per_kwh for load in self.loads) + 1.0
        price = _SLACK_TIMES * dearest * self.hours
        watts, room, excess = self.need.load.watts, self.need.room, self.need.excess
        for (phase, interval), terms in self.acting.items():
            at, most = watts[phase, interval] / _KILOWATT, room[phase, interval] / _KILOWATT
            slack = self.solver.NumVar(0.0, float(excess[phase, interval]) / _KILOWATT, "")
            self.slacks.append(slack)
            self.objective.SetCoefficient(slack, price)
            upper = self.solver.Constraint(-self.infinite, most - at)
            lower = self.solver.Constraint(-most - at, self.infinite)
            upper.SetCoefficient(slack, -1.0)
            lower.SetCoefficient(slack, 1.0)
            for variable, kilowatts in terms:
                upper.SetCoefficient(variable, kilowatts)
                lower.SetCoefficient(variable, kilowatts)

    def _read(self, others: tuple[str, ...], *, is_optimal: bool) -> ReliefPlan:
        need, length = self.need, self.need.load.length
        changes: dict[str, Values] = {}
        actions: list[ReliefAction] = []
        cost = relieved = 0.0
        after = need.load.watts.copy()
        for load, taken, given in zip(self.loads, self.taken, self.given, strict=True):
            sign = 1.0 if load.kind is FlexibilityKind.CURTAIL else -1.0
            less, more = _course(taken, length), _course(given, length)
            change = sign * less + more
            energy = float(less.sum()) * self.hours / _KILOWATT
            cost += load.cost_per_kwh * energy
            relieved += energy
            phases = self.phases_of[load.connection]
            after[list(phases)] += change / len(phases)
            changes[load.connection] = changes.get(load.connection, np.zeros(length)) + change
            actions.extend(_actions(load, change, need))
        left = np.maximum(np.abs(after) - need.room, 0.0)
        return ReliefPlan(
            transformer=need.load.transformer.id,
            limit=need.limit,
            start_utc=need.load.start_utc,
            step_seconds=need.load.step_seconds,
            actions=tuple(sorted(actions, key=lambda one: (one.start_utc, one.load))),
            changes={name: change for name, change in changes.items() if np.abs(change).max() > 0},
            needed_watts=float(need.excess.max()),
            left_watts=float(left.max()) if left.max() > _NOTICED_WATTS else 0.0,
            cost=cost,
            relieved_kwh=relieved,
            without_consent=others if left.max() > _NOTICED_WATTS else (),
            is_optimal=is_optimal,
        )


def _course(variables: dict[int, tuple[Any, float]], length: int) -> Values:
    course = np.zeros(length)
    for interval, (variable, unit) in variables.items():
        watts = variable.solution_value() * unit * _KILOWATT
        course[interval] = watts if watts > _NOTICED_WATTS / 10 else 0.0
    return course


def _actions(load: FlexibleLoad, change: Values, need: ReliefNeed) -> list[ReliefAction]:
    """Runs of intervals of one power, to the watt."""
    rounded = np.round(change)
    edges = [0, *(np.flatnonzero(np.diff(rounded)) + 1).tolist(), rounded.size]
    return [
        ReliefAction(
            load=load.id,
            connection=load.connection,
            kind=load.kind,
            start_utc=need.load.start_of(begin),
            end_utc=need.load.start_of(end),
            watts=float(rounded[begin]),
        )
        for begin, end in pairwise(edges)
        if rounded[begin]
    ]
