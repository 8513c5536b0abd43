"""The phase allocator beside solvers: a feeder to the proof, a district in ten seconds, a town in a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import BalanceError
from backend.grid import Bus, Connection, ConnectionSeries, Network, Origin, Phases, Source
from backend.grid.balancing import warm_kernels
from backend.grid.balancing.exact import solve_exactly
from backend.grid.balancing.plan import PlanRequest, SwitchingPlan, make_plan
from backend.grid.balancing.problem import SwitchingLimits, pose_problem
from backend.grid.balancing.proof import prove
from backend.grid.balancing.search import Search
from backend.grid.series import coarsen_series
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.benchmarks.phase_rivals import solve_by_highs, switch_greedily

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HomesYear", "PhaseSizes", "bench_phases", "make_district"]

_QUARTER_HOUR, _WEEK = 900, 7 * 86_400
_SWITCHES = 5
_RUNS = 3
_RIVAL_SECONDS = 120.0
_AGREES = 1e-4
_SHIFT_WEEKS = 5  # by which made customers follow a measured home's year, at most
_UNEVEN = (0.5, 0.3, 0.2)  # parts of the customers on each phase
_KILO = 1000


@dataclass(frozen=True, slots=True)
class HomesYear:
    """Measured homes that customers are made of.

    Attributes:
        name: Where they are from.
        watts: Shape (homes, T), whole weeks. [W]
        step_seconds: [s]
    """

    name: str
    watts: NDArray[np.float64]
    step_seconds: int


@dataclass(frozen=True, slots=True)
class PhaseSizes:
    """How large the made districts are.

    Attributes:
        customers: Of the smaller one, and of the larger one.
        seconds: That each may take. [s]
        long_seconds: Of the long run that the smaller one is held against. [s]
    """

    customers: tuple[int, int] = (500, 5_000)
    seconds: tuple[float, float] = (10.0, 60.0)
    long_seconds: float = 60.0


def bench_phases(
    network: Network, day: ConnectionSeries, homes: HomesYear, sizes: PhaseSizes | None = None
) -> Benchmark:
    """Plan switches of a feeder's day, proven, beside CP-SAT and HiGHS; then of districts, beside a long run.

    Args:
        network: The feeder.
        day: Of its connections, by the minute.
        homes: That the customers of districts are made of.
        sizes: Of the districts.

    Raises:
        BalanceError: If a solver proves another optimum.
    """
    warm_kernels()
    large = sizes or PhaseSizes()
    rows = [*_feeder(network, day)]
    rows += _district(homes, large.customers[0], large.seconds[0], large.long_seconds)
    rows += _district(homes, large.customers[1], large.seconds[1], 0.0)
    work = (
        f"{len(network.connections)} customers, {_SWITCHES} switches, then districts made of {homes.name}, one "
        "customer in ten switched"
    )
    return Benchmark("phases", work, tuple(rows))


def _feeder(network: Network, day: ConnectionSeries) -> list[Measurement]:
    """A day of quarter-hours, to the proof, and by the minute."""
    quarters = coarsen_series(day, _QUARTER_HOUR)
    problem = pose_problem(network, quarters, SwitchingLimits(_SWITCHES))
    before = problem.imbalance(problem.home)

    def ours() -> tuple[float, bool]:
        found = Search(problem).run(lambda: False)
        proof = prove(problem, found.turns, _RIVAL_SECONDS, time.monotonic)
        return proof.value_watts, proof.is_proven

    def exact() -> tuple[float, bool]:
        bound, turns = solve_exactly(problem, problem.home, _RIVAL_SECONDS)
        value = problem.imbalance(turns)
        return value, bound >= value * (1 - _AGREES)

    seconds, (best, is_proven) = time_best(ours, _RUNS)
    name = f"{problem.size} customers, {quarters.length} intervals"
    note = f"{before / _KILO:.4f} -> {best / _KILO:.4f} kW{', proven' if is_proven else ', not proven'}"
    rows = [Measurement(name, seconds, _RUNS, 1.0, note)]
    for rival, solve in (
        ("CP-SAT", exact),
        ("HiGHS", lambda: solve_by_highs(problem, _RIVAL_SECONDS)),
    ):
        took, (value, is_closed) = time_best(solve, 1)
        if is_closed and is_proven and abs(value - best) > _AGREES * best:
            raise BalanceError(
                f"{rival} proves {value:.3f} W and we {best:.3f} W. This is a fault of Partage."
            )
        told = f"{value / _KILO:.4f} kW{', proven' if is_closed else ', not proven'}"
        rows.append(Measurement(f"  {rival}", took, 1, took / seconds, told))
    limits = SwitchingLimits(_SWITCHES)
    took, plan = time_best(
        lambda: make_plan(network, day, PlanRequest(limits, seconds=_RIVAL_SECONDS), time.monotonic), 1
    )
    rows.append(Measurement(f"  {day.length} intervals, whole plan", took, 1, took / seconds, _told(plan)))
    return rows


def _district(homes: HomesYear, customers: int, seconds: float, long_seconds: float) -> list[Measurement]:
    network, series = make_district(homes, customers)
    request = PlanRequest(SwitchingLimits(customers // 10), seconds=seconds)
    took, plan = time_best(lambda: make_plan(network, series, request, time.monotonic), 1)
    rows = [Measurement(f"{customers:,} customers, {customers // 10} switches", took, 1, 1.0, _told(plan))]
    if not long_seconds:
        return rows
    if plan.split.kind == "weeks" and plan.held_out_after:
        unseen = plan.problem.during(plan.split.folds[0][1])
        lasted, known = time_best(lambda: Search(unseen).run(lambda: False), 1)
        value = unseen.imbalance(known.turns)
        note = f"{value / _KILO:.3f} kW there: ours is {plan.held_out_after / value - 1:+.2%} off"
        rows.append(Measurement("  made on the unseen weeks", lasted, 1, lasted / took, note))
    began = time.monotonic()
    search = Search(plan.fitted)
    found = search.run(lambda: time.monotonic() - began > long_seconds, seed=1_000, patience=1_000_000)
    value = plan.fitted.imbalance(found.turns)
    lasted = time.monotonic() - began
    note = f"{value / _KILO:.3f} kW in {found.rounds} rounds: ours is {plan.after / value - 1:+.2%} off"
    rows.append(Measurement("  long run", lasted, 1, lasted / took, note))
    lasted, value = time_best(lambda: switch_greedily(plan.fitted), 1)
    note = f"{value / _KILO:.3f} kW: {value / plan.after - 1:+.1%} off ours"
    rows.append(Measurement("  best switch one by one, NumPy", lasted, 1, lasted / took, note))
    return rows


def make_district(homes: HomesYear, customers: int, seed: int = 7) -> tuple[Network, ConnectionSeries]:
    """Customers on one bus, each a measured home some weeks earlier or later, most on the first phase."""
    draw = np.random.default_rng(seed)
    each = _WEEK // homes.step_seconds
    watts = np.empty((customers, homes.watts.shape[1]))
    for row in range(customers):
        home = draw.integers(len(homes.watts))
        shift = int(draw.integers(-_SHIFT_WEEKS, _SHIFT_WEEKS + 1))
        watts[row] = np.roll(homes.watts[home], shift * each)
    phases = draw.choice(3, customers, p=_UNEVEN)
    network = Network(
        name="district",
        frequency=50.0,
        buses=(Bus("lv", 400.0),),
        sources=(Source("grid", "lv"),),
        connections=tuple(
            Connection(f"c{index}", "lv", Phases.of_index(int(phase))) for index, phase in enumerate(phases)
        ),
    )
    origins = (Origin.PROFILE,) * customers
    return network, ConnectionSeries(0, homes.step_seconds, watts, np.zeros_like(watts), origins)


def _told(plan: SwitchingPlan) -> str:
    note = f"{plan.before / _KILO:.4f} -> {plan.after / _KILO:.4f} kW"
    if plan.held_out_before and plan.held_out_after is not None:
        note += f", held out {plan.held_out_after / plan.held_out_before - 1:+.1%} ({plan.split.kind})"
    return note + (", proven" if plan.proof.is_proven else f", gap {plan.proof.gap:.1%}")
