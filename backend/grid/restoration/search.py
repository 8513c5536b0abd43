"""Which ties to close and which switches to open: an exact search over sections by mixed-integer programming.

Each dark node is either energised, through exactly one closed tie that leads to the live part, or left dark. Flows on
ties balance by phase in every snapshot (without losses or voltages, as in Baran and Wu's simplified DistFlow, IEEE
Transactions on Power Delivery 4(2), 1989) and keep ratings along the way. What power flow refuses afterwards is cut
off: those ties closed together are not tried again, whatever else is closed besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import MissingToolError
from backend.grid.phases import PHASE_COUNT
from backend.grid.restoration.sections import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from backend.grid.restoration.sections import Sections

__all__ = ["Choice", "FlowRow", "Search", "SearchTask"]

# A critical customer outweighs all load, all load any number of steps; equal loads are told apart by customers.
_CRITICAL, _CUSTOMERS, _STEP = 10.0, 1e-3, 1e-6


@dataclass(frozen=True)
class FlowRow:
    """A rating that closed ties may use up.

    Attributes:
        ties: Places in ``Sections.ties`` whose flow passes here.
        signs: 1 where a flow from the switch's ``from_bus`` to its ``to_bus`` passes in the row's direction, else -1.
        node: Dark node whose own load passes too, 0 where what passes is there already.
        base: What passes beside: of the node if it is energised, or already. Shape (3, S). [VA]
        limit: Of each phase. [VA]
        is_summed: The phases are mixed on the way here: their sum is held to three times the limit.
    """

    ties: tuple[int, ...]
    signs: tuple[int, ...]
    node: int
    base: NDArray[np.float64]
    limit: float
    is_summed: bool = False


@dataclass(frozen=True)
class SearchTask:
    """What is sought.

    Attributes:
        sections: Nodes and ties.
        loads: Of each node, by phase and snapshot; of the live one nothing. Shape (nodes, 3, S). [VA]
        worth: Of energising each node: critical customers, share of the dark load, share of the customers. Shape
            (nodes, 3). [1]
        rows: Ratings.
        seconds: At most so long for one search. [s]
    """

    sections: Sections
    loads: NDArray[np.float64]
    worth: NDArray[np.float64]
    rows: Sequence[FlowRow]
    seconds: float


@dataclass(frozen=True)
class Choice:
    """What was found.

    Attributes:
        energised: Dark nodes that get supply.
        closed: Places in ``Sections.ties`` that are closed and carry supply.
        is_proven: Nothing better holds in the model.
    """

    energised: frozenset[int]
    closed: frozenset[int]
    is_proven: bool


class Search:
    """The programme, to which cuts are added between one solution and the next."""

    def __init__(self, task: SearchTask) -> None:
        from ortools.linear_solver import pywraplp

        self._task = task
        self._solver: Any = pywraplp.Solver.CreateSolver("SCIP")
        if self._solver is None:
            raise MissingToolError("OR-Tools has no SCIP here; install the pinned ortools wheel.")
        self._solver.SetTimeLimit(int(task.seconds * 1000))
        self._infinity = self._solver.infinity()
        sections = task.sections
        self._energised = {node: self._solver.BoolVar("") for node in range(1, sections.count)}
        self._closed = [self._solver.BoolVar("") for _ in sections.ties]
        self._keep_tree()
        self._keep_flows()
        self._value()

    def _keep_tree(self) -> None:
        """Every energised node hangs on the live one by one way: as many closed ties as nodes, and all joined."""
        sections, solver = self._task.sections, self._solver
        solver.Add(sum(self._closed) == sum(self._energised.values()))
        reach = [solver.NumVar(-len(self._energised), len(self._energised), "") for _ in sections.ties]
        for place, tie in enumerate(sections.ties):
            solver.Add(reach[place] <= len(self._energised) * self._closed[place])
            solver.Add(reach[place] >= -len(self._energised) * self._closed[place])
            for node in sections.ends(tie):
                if node != LIVE:
                    solver.Add(self._closed[place] <= self._energised[node])
        for node, is_on in self._energised.items():
            solver.Add(self._into(node, reach) == is_on)

    def _into(self, node: int, flows: Sequence[Any]) -> Any:
        """What flows into a node over its ties."""
        ends = [self._task.sections.ends(tie) for tie in self._task.sections.ties]
        return (
            sum(
                (flow if end == node else -flow)
                for flow, (begin, end) in zip(flows, ends, strict=True)
                if node in (begin, end)
            )
            + 0.0 * self._energised[node]
        )

    def _keep_flows(self) -> None:
        sections, solver, loads = self._task.sections, self._solver, self._task.loads
        switches = sections.network.switches
        bound = float(np.abs(loads).sum(axis=0).max(initial=0.0)) + 1.0
        for snapshot in range(loads.shape[2]):
            flows: list[list[Any]] = []
            for phase in range(PHASE_COUNT):
                flows.append([])
                for place, tie in enumerate(sections.ties):
                    most = bound if phase in switches[tie].phases.indices else 0.0
                    flow = solver.NumVar(-most, most, "")
                    solver.Add(flow <= most * self._closed[place])
                    solver.Add(flow >= -most * self._closed[place])
                    flows[-1].append(flow)
                for node, is_on in self._energised.items():
                    solver.Add(self._into(node, flows[-1]) == float(loads[node, phase, snapshot]) * is_on)
            for row in self._task.rows:
                self._hold(row, flows, snapshot)

    def _hold(self, row: FlowRow, flows: Sequence[Sequence[Any]], snapshot: int) -> None:
        solver = self._solver
        passing = []
        for phase in range(PHASE_COUNT):
            own: Any = float(row.base[phase, snapshot])
            if row.node != LIVE:
                own = own * self._energised[row.node]
            ties = zip(row.ties, row.signs, strict=True)
            passing.append(sum(sign * flows[phase][place] for place, sign in ties) + own)
        base = row.base[:, snapshot]
        if row.is_summed:
            most = max(PHASE_COUNT * row.limit, abs(float(base.sum())) if row.node == LIVE else 0.0)
            solver.Add(sum(passing) <= most)
            solver.Add(sum(passing) >= -most)
            return
        for phase, total in enumerate(passing):
            most = max(row.limit, abs(float(base[phase])) if row.node == LIVE else 0.0)
            solver.Add(total <= most)
            solver.Add(total >= -most)

    def _value(self) -> None:
        sections, solver = self._task.sections, self._solver
        weights = np.array([_CRITICAL, 1.0, _CUSTOMERS])
        value: Any = sum(
            float(self._task.worth[node] @ weights) * is_on for node, is_on in self._energised.items()
        )
        for place, tie in enumerate(sections.ties):
            if not sections.network.switches[tie].is_closed:
                value -= _STEP * self._closed[place]
                continue
            opened = solver.NumVar(0.0, 1.0, "")
            for node in sections.ends(tie):
                is_on = self._energised[node] if node != LIVE else 1.0
                solver.Add(opened >= is_on - self._closed[place])
            value -= _STEP * opened
        solver.Maximize(value)

    def forbid(self, closed: Collection[int]) -> None:
        """Never again all of these ties together."""
        self._solver.Add(sum(self._closed[place] for place in closed) <= len(closed) - 1)

    def solve(self) -> Choice | None:
        """The best that is left; None where the time was too short for any."""
        from ortools.linear_solver import pywraplp

        state = self._solver.Solve()
        if state not in {pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE}:
            return None
        half = 0.5
        return Choice(
            frozenset(node for node, is_on in self._energised.items() if is_on.solution_value() > half),
            frozenset(place for place, one in enumerate(self._closed) if one.solution_value() > half),
            state == pywraplp.Solver.OPTIMAL,
        )
