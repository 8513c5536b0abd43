"""Planning: what is cut off, what is dark, the best choice of ties that power flow confirms, the steps to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid.outage import Outages
from backend.grid.restoration.capacity import backup_way, flow_rows, node_loads
from backend.grid.restoration.check import Limits, choose_intervals, observe, take_intervals
from backend.grid.restoration.choosing import choose, switched_by
from backend.grid.restoration.plan import BackupPath, Reason, RestorationPlan, RestorationStep, StepKind
from backend.grid.restoration.search import Choice, SearchTask
from backend.grid.restoration.sections import LIVE, Isolation, cut_sections
from backend.grid.topology import trace_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.outage import Element
    from backend.grid.restoration.check import Observed
    from backend.grid.series import ConnectionSeries

__all__ = ["plan_restoration"]


def plan_restoration(
    network: Network,
    element: Element,
    series: ConnectionSeries | None = None,
    *,
    isolation: Isolation = Isolation.SWITCHES,
    limits: Limits | None = None,
    intervals: int = 96,
    seconds: float = 20.0,
) -> RestorationPlan:
    """Cut a faulty element off, and bring back as much of the load as ratings and voltages allow.

    What is live stays as it is: nobody is interrupted for others. Critical customers come first, then load, then
    customers, then few steps.

    Args:
        network: As it is operated.
        element: What is faulty.
        series: What connections draw; without it customers alone count, and no limit is checked.
        isolation: By switches, or at the element's own ends.
        limits: Voltages and loading; EN 50160 and the ratings by default.
        intervals: So many are checked: those in which most and least is drawn, by all and by those that are dark.
        seconds: Of the solver, for all searches together. [s]

    Raises:
        PowerFlowError: If the network cannot be solved as it is operated.
    """
    return _Planner(network, element, series, isolation, limits or Limits(), intervals, seconds).plan()


class _Planner:
    """One restoration, worked out."""

    def __init__(
        self,
        network: Network,
        element: Element,
        series: ConnectionSeries | None,
        isolation: Isolation,
        limits: Limits,
        intervals: int,
        seconds: float,
    ) -> None:
        self.network, self.element, self.isolation, self.limits = network, element, isolation, limits
        self.sections = cut_sections(network, element, isolation)
        self.seconds = seconds
        self.node_of = [self.sections.node[network.bus_index[one.bus]] for one in network.connections]
        fed = trace_network(network).is_fed
        own = set(Outages(network).impact(element).connections)
        self.lost = [
            row
            for row, one in enumerate(network.connections)
            if (self.node_of[row] != LIVE and fed[network.bus_index[one.bus]])
            or (self.node_of[row] == LIVE and isolation is Isolation.ENDS and one.id in own)
        ]
        self.dark = [row for row in self.lost if self.node_of[row] > LIVE]
        self.series = series
        self.checked: ConnectionSeries | None = None
        if series is not None and series.length:
            groups = [np.arange(len(network.connections)), np.array(self.lost, np.int64)]
            self.checked = take_intervals(series, choose_intervals(series, groups, intervals))
        self.mean = None if series is None else np.maximum(np.nan_to_num(series.watts), 0.0).mean(axis=1)
        self.live = trace_network(network, self.sections.removed)

    def plan(self) -> RestorationPlan:
        before = isolated = None
        if self.checked is not None:
            before, isolated = self._observe({}, ()), self._observe({}, self.sections.removed)
        task = self._task(isolated)
        found = choose(task, self.live, self.checked, before, self.limits, self.seconds)
        choice, seen = found.choice, found.seen
        restored = {row for row in self.dark if self.node_of[row] in choice.energised}
        ids = self.network.connections
        loads = self.mean
        return RestorationPlan(
            element=self.element,
            isolation=self.isolation,
            lost=tuple(ids[row].id for row in self.lost),
            steps=self._steps(choice),
            restored=tuple(ids[row].id for row in self.lost if row in restored),
            waiting={
                ids[row].id: self._reason(row, is_proven=found.is_proven)
                for row in self.lost
                if row not in restored
            },
            backups=self._backups(isolated),
            refused=tuple(dict.fromkeys(found.refused)),
            lost_watts=None if loads is None else float(loads[self.lost].sum()),
            restored_watts=None if loads is None else float(loads[sorted(restored)].sum()),
            checked=self.checked.length if self.checked is not None else 0,
            is_proven=found.is_proven,
            **_extremes(self.network, seen),
        )

    def _observe(self, switched: Mapping[str, bool], removed: Iterable[str]) -> Observed:
        """What power flow finds as switched, which has a solution.

        Raises:
            PowerFlowError: If it has none.
        """
        assert self.checked is not None
        return observe(self.network, self.checked, frozenset(removed), switched)

    def _task(self, isolated: Observed | None) -> SearchTask:
        sections = self.sections
        worth = np.zeros((sections.count, 3))
        total = float(self.mean[self.dark].sum()) if self.mean is not None and self.dark else 0.0
        for row in self.dark:
            load = float(self.mean[row]) / total if self.mean is not None and total else 0.0
            critical = float(self.network.connections[row].is_critical)
            worth[self.node_of[row]] += (critical, load, 1.0 / len(self.dark))
        if self.checked is None or isolated is None or not self.dark:
            return SearchTask(sections, np.zeros((sections.count, 3, 0)), worth, ())
        drawn = np.nan_to_num(self.checked.watts)
        dark = drawn[self.dark].sum(axis=0)
        places = sorted({int(dark.argmax()), int(dark.argmin()), int(drawn.sum(axis=0).argmax())})
        loads, by_bus = node_loads(sections, take_intervals(self.checked, np.array(places)))
        rows = flow_rows(sections, self.live, by_bus, isolated.flows[:, :, places], self.limits.loading)
        return SearchTask(sections, loads, worth, rows)

    def _steps(self, choice: Choice) -> tuple[RestorationStep, ...]:
        steps = [RestorationStep(StepKind.OPEN, one, "isolate") for one in self.sections.opened]
        if self.isolation is Isolation.ENDS:
            steps.append(RestorationStep(StepKind.DISCONNECT, self.element.id, "isolate"))
        switched = switched_by(self.sections, choice)
        steps += [RestorationStep(StepKind.OPEN, one, "split") for one, on in switched.items() if not on]
        lit, left = {LIVE}, set(choice.closed)
        while left:
            reached = [
                place
                for place in sorted(left)
                if lit.intersection(self.sections.ends(self.sections.ties[place]))
            ]
            # What is closed already passes supply on before the next hand is laid on a switch.
            place = min(reached, key=lambda one: not self.network.switches[self.sections.ties[one]].is_closed)
            left.discard(place)
            tie = self.sections.ties[place]
            lit.update(self.sections.ends(tie))
            if not self.network.switches[tie].is_closed:
                steps.append(RestorationStep(StepKind.CLOSE, self.network.switches[tie].id, "restore"))
                lit_now = self._spread(lit, choice, left)
                steps[-1] = self._told(steps[-1], lit_now)
        return tuple(self._first_only(steps))

    def _spread(self, lit: set[int], choice: Choice, left: set[int]) -> set[int]:
        """Nodes that have supply once what is closed already passes it on."""
        reached = set(lit)
        grown = True
        while grown:
            grown = False
            for place in left:
                tie = self.sections.ties[place]
                ends = set(self.sections.ends(tie))
                if self.network.switches[tie].is_closed and ends & reached and not ends <= reached:
                    reached |= ends
                    grown = True
        return reached & (choice.energised | {LIVE})

    def _told(self, step: RestorationStep, lit: set[int]) -> RestorationStep:
        names = tuple(self.network.connections[row].id for row in self.dark if self.node_of[row] in lit)
        return RestorationStep(step.kind, step.element, step.purpose, names)

    @staticmethod
    def _first_only(steps: list[RestorationStep]) -> list[RestorationStep]:
        """Each connection at the step that brings it back."""
        seen: set[str] = set()
        told = []
        for step in steps:
            fresh = tuple(one for one in step.restores if one not in seen)
            seen.update(fresh)
            told.append(RestorationStep(step.kind, step.element, step.purpose, fresh))
        return told

    def _reason(self, row: int, *, is_proven: bool) -> Reason:
        node = self.node_of[row]
        if node == LIVE:
            return Reason.PHASE
        if node < LIVE:
            return Reason.FAULTY
        if node not in self._reachable():
            return Reason.NO_TIE
        return Reason.LIMITS if is_proven else Reason.UNDECIDED

    def _reachable(self) -> set[int]:
        reached, grown = {LIVE}, True
        while grown:
            grown = False
            for tie in self.sections.ties:
                ends = set(self.sections.ends(tie))
                if ends & reached and not ends <= reached:
                    reached |= ends
                    grown = True
        return reached

    def _backups(self, isolated: Observed | None) -> tuple[BackupPath, ...]:
        found = []
        for place, tie in enumerate(self.sections.ties):
            ends = self.sections.ends(tie)
            if LIVE not in ends:
                continue
            way = backup_way(self.sections, self.live, tie, isolated, self.limits.loading)
            alone = Choice(frozenset(range(self.sections.count)), frozenset(), is_proven=True)
            lit = self._spread({LIVE, max(ends)}, alone, set(range(len(self.sections.ties))) - {place})
            names = tuple(self.network.connections[row].id for row in self.dark if self.node_of[row] in lit)
            found.append(
                BackupPath(
                    self.network.switches[tie].id, way.live_bus, way.dark_bus, way.branches, names, way.spare
                )
            )
        return tuple(found)


def _extremes(network: Network, seen: Observed | None) -> dict[str, Any]:
    """Voltages and loading after all steps."""
    if seen is None or not seen.lowest.size or np.isnan(seen.lowest).all():
        return {"lowest_pu": None, "highest_pu": None, "loading": None, "loaded_branch": ""}
    worst: NDArray[np.float64] = seen.loading.max(axis=1, initial=0.0)
    branch = int(worst.argmax()) if worst.size and worst.max() > 0 else -1
    return {
        "lowest_pu": float(np.nanmin(seen.lowest)),
        "highest_pu": float(np.nanmax(seen.highest)),
        "loading": float(worst[branch]) if branch >= 0 else None,
        "loaded_branch": network.branches[branch].id if branch >= 0 else "",
    }
