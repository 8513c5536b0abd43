"""Which ties to close and which switches to open: an exact search over sections by mixed-integer programming.

Each dark node is either energised, through exactly one closed tie that leads to the live part, or left dark. Flows on
ties balance by phase in every snapshot (without losses or voltages, as in Baran and Wu's simplified DistFlow, IEEE
Transactions on Power Delivery 4(2), 1989) and keep ratings along the way. What power flow refuses afterwards is cut
off: those ties closed together are not tried again, whatever else is closed besides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid.phases import PHASE_COUNT
from backend.grid.restoration.sections import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from backend.grid.restoration.sections import Sections

__all__ = ["Choice", "FlowRow", "Search", "SearchTask", "worth_of"]

# A critical customer outweighs all load; equal loads are told apart by customers.
_WEIGHTS = np.array([10.0, 1.0, 1e-3])
_SOLVER_UNITS = 1_000_000  # whole numbers that all worth is divided into
_VOLT_AMPERES = 10.0  # a unit of what flows: solvers take whole numbers
_WORKERS = 2


@dataclass(frozen=True)
class FlowRow:
    """A rating that closed ties may use up.

    Attributes:
        ties: Places in ``Sections.ties`` whose flow passes here.
        signs: 1 where a flow from the switch's ``from_bus`` to its ``to_bus`` passes in the row's direction, else -1.
        node: Dark node whose own load passes too, 0 where what passes is there already.
        base: What passes beside: of the node if it is energised, or already. Shape (3, S). [VA]
        limit: Of each phase. [VA]
        branch: Whose rating it is. [index of Network.branches]
        is_summed: The phases are mixed on the way here: their sum is held to three times the limit.
    """

    ties: tuple[int, ...]
    signs: tuple[int, ...]
    node: int
    base: NDArray[np.float64]
    limit: float
    branch: int
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
    """

    sections: Sections
    loads: NDArray[np.float64]
    worth: NDArray[np.float64]
    rows: Sequence[FlowRow]


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


#: Dark node whose own load passes too, places of ties, signs of their flows.
_Passing = tuple[int, tuple[int, ...], tuple[int, ...]]


def _bounds(rows: Sequence[FlowRow], phase: int | None, snapshot: int) -> dict[_Passing, tuple[int, int]]:
    """What the flows of some ties may add up to, by all ratings that they pass; of all phases together for None."""
    found: dict[_Passing, tuple[int, int]] = {}
    for row in rows:
        if row.is_summed != (phase is None):
            continue
        base = float(row.base[:, snapshot].sum() if phase is None else row.base[phase, snapshot])
        limit = row.limit * (PHASE_COUNT if phase is None else 1)
        if row.node == LIVE:
            limit = max(limit, abs(base))
        low, high = math.ceil((-limit - base) / _VOLT_AMPERES), math.floor((limit - base) / _VOLT_AMPERES)
        before = found.get((row.node, row.ties, row.signs), (low, high))
        found[row.node, row.ties, row.signs] = max(low, before[0]), min(high, before[1])
    return found


def worth_of(task: SearchTask, nodes: frozenset[int]) -> float:
    """What it is worth to energise some nodes: critical customers, then load, then customers. [1]"""
    return float((task.worth[sorted(nodes)] @ _WEIGHTS).sum()) if nodes else 0.0


class Search:
    """The programme, to which cuts are added between one solution and the next.

    Every tie is two arcs, one each way. A node that is energised has one closed arc into it, and what flows is bounded
    by what the arc could carry.
    """

    def __init__(self, task: SearchTask) -> None:
        from ortools.sat.python import cp_model

        self._task = task
        self.spent = 0.0  # seconds of the solver, so far
        self._model: Any = cp_model.CpModel()
        sections, model = task.sections, self._model
        self._energised = {node: model.new_bool_var("") for node in range(1, sections.count)}
        self._arcs: dict[
            tuple[int, int], Any
        ] = {}  # (place of tie, node that it leads into) -> is it closed so
        for place, tie in enumerate(sections.ties):
            for node in sections.ends(tie):
                if node != LIVE:
                    self._arcs[place, node] = model.new_bool_var("")
        self._closed = [
            sum(self._arcs[place, node] for node in sections.ends(tie) if node != LIVE)
            for place, tie in enumerate(sections.ties)
        ]
        self._keep_tree()
        self._keep_flows()
        worths = task.worth @ _WEIGHTS
        units = np.rint(worths / max(float(worths.sum()), 1e-12) * _SOLVER_UNITS).astype(np.int64)
        self._worth = sum(int(units[node]) * is_on for node, is_on in self._energised.items())
        self._operations = self._count_operations()

    def _keep_tree(self) -> None:
        """Every energised node hangs on the live one by one way, whose every arc leads from what is energised."""
        sections, model = self._task.sections, self._model
        circuit = []
        for (place, into), arc in self._arcs.items():
            begin = next(node for node in (*sections.ends(sections.ties[place]), into) if node != into)
            if begin != LIVE:
                model.add_implication(arc, self._energised[begin])
            circuit.append((begin, into, arc))
        for place, tie in enumerate(sections.ties):
            both = [self._arcs[place, node] for node in sections.ends(tie) if node != LIVE]
            model.add_at_most_one(both)
        for node, is_on in self._energised.items():
            model.add_exactly_one([*(arc for _, into, arc in circuit if into == node), is_on.negated()])
        depth = {node: model.new_int_var(1, len(self._energised), "") for node in self._energised}
        for begin, into, arc in circuit:
            if begin != LIVE:
                model.add(depth[into] >= depth[begin] + 1).only_enforce_if(arc)

    def _arc(self, place: int, into: int) -> Any:
        """Is a tie closed so that it leads into a node? None leads into what is live."""
        return self._arcs.get((place, into), 0)

    def _into(self, node: int, flows: Sequence[Any]) -> Any:
        """What flows into a node over its ties."""
        ends = [self._task.sections.ends(tie) for tie in self._task.sections.ties]
        return sum(
            (flow if end == node else -flow)
            for flow, (begin, end) in zip(flows, ends, strict=True)
            if node in {begin, end}
        )

    def _keep_flows(self) -> None:
        """Flows on ties balance at every node and keep every rating; phases and snapshots that are alike are one."""
        loads = np.rint(self._task.loads / _VOLT_AMPERES).astype(np.int64)
        known: dict[Any, list[Any]] = {}
        for snapshot in range(loads.shape[2]):
            phases = []
            for phase in range(PHASE_COUNT):
                own, bounds = loads[:, phase, snapshot], _bounds(self._task.rows, phase, snapshot)
                poles = tuple(
                    phase in self._task.sections.network.switches[tie].phases.indices
                    for tie in self._task.sections.ties
                )
                key = (own.tobytes(), poles, tuple(bounds.items()))
                if key not in known:
                    known[key] = self._flow(own, poles)
                    self._hold(known[key], bounds)
                phases.append(known[key])
            summed = _bounds(self._task.rows, None, snapshot)
            self._hold([sum(one) for one in zip(*phases, strict=True)], summed)

    def _flow(self, own: NDArray[np.int64], poles: Sequence[bool]) -> list[Any]:
        """What flows over each tie, from its switch's ``from_bus`` to its ``to_bus``."""
        model, sections = self._model, self._task.sections
        drawn, given = int(own.clip(min=0).sum()), int(own.clip(max=0).sum())
        flows = []
        for place, (tie, there) in enumerate(zip(sections.ties, poles, strict=True)):
            most = max(drawn, -given) if there else 0
            begin, end = sections.ends(tie)
            flow = model.new_int_var(-most, most, "")
            forth, back = self._arc(place, end), self._arc(place, begin)
            if most:
                model.add(flow <= drawn * forth - given * back)
                model.add(flow >= given * forth - drawn * back)
            flows.append(flow)
        for node, is_on in self._energised.items():
            model.add(self._into(node, flows) == int(own[node]) * is_on)
        return flows

    def _hold(self, flows: Sequence[Any], bounds: Mapping[_Passing, tuple[int, int]]) -> None:
        for (node, ties, signs), (low, high) in bounds.items():
            passing = sum(sign * flows[place] for place, sign in zip(ties, signs, strict=True))
            is_on = self._energised[node] if node != LIVE else 1
            self._model.add(passing <= high * is_on)
            self._model.add(passing >= low * is_on)

    def _count_operations(self) -> Any:
        """Ties that are closed, and switches that are opened because what they join is energised another way."""
        sections, total = self._task.sections, 0
        for place, tie in enumerate(sections.ties):
            if not sections.network.switches[tie].is_closed:
                total += self._closed[place]
                continue
            opened = self._model.new_bool_var("")
            for node in sections.ends(tie):
                self._model.add(opened >= self._energised[node] - self._closed[place])
            total += opened
        return total

    def forbid(self, closed: Collection[int]) -> None:
        """Never again all of these ties together."""
        self._model.add(sum(self._closed[place] for place in closed) <= len(closed) - 1)

    def solve(self, seconds: float) -> Choice | None:
        """The best that is left, then with the fewest operations; None where the time was too short for any.

        Args:
            seconds: At most so long. [s]
        """
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = _WORKERS
        self._model.maximize(len(self._closed) * 2 * self._worth - self._operations)
        state = solver.solve(self._model)
        self.spent += solver.wall_time
        if state not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        on = frozenset(node for node, is_on in self._energised.items() if solver.boolean_value(is_on))
        closed = frozenset(place for (place, _), arc in self._arcs.items() if solver.boolean_value(arc))
        return Choice(on, closed, state == cp_model.OPTIMAL)
