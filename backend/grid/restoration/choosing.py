"""Choosing: what the search finds best is held against power flow, and what that refuses is not tried again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.errors import PowerFlowError
from backend.grid.restoration.check import Limits, merge_observed, observe
from backend.grid.restoration.search import Choice, Search, SearchTask, worth_of
from backend.grid.restoration.sections import LIVE

if TYPE_CHECKING:
    from backend.grid.restoration.check import Observed, Violation
    from backend.grid.restoration.sections import Sections
    from backend.grid.series import ConnectionSeries
    from backend.grid.topology import Topology

__all__ = ["NOTHING", "Chosen", "choose", "switched_by"]

NOTHING = Choice(frozenset(), frozenset(), is_proven=True)
_ROUNDS_MAX = 60
# So many refusals are answered by cuts alone, which leave what is proven proven; then ratings in the model are lowered
# to what power flow makes of them, which ends soon.
_EXACT_ROUNDS = 10
_TRIMMED_ROUNDS = 4  # choices that are refused of which what holds is kept meanwhile
_MARGIN = 0.999


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    Attributes:
        choice: Nodes and ties.
        seen: What power flow finds of it; None where nothing was checked.
        refused: Limits that stood in the way, as sentences, in the order they were met.
        is_proven: Nothing better holds in the search's model.
    """

    choice: Choice
    seen: Observed | None
    refused: tuple[str, ...]
    is_proven: bool


def switched_by(sections: Sections, choice: Choice) -> dict[str, bool]:
    """Switches that are operated to make a choice: closed (true) or opened."""
    switched = {}
    for place, tie in enumerate(sections.ties):
        switch = sections.network.switches[tie]
        is_on = any(node == LIVE or node in choice.energised for node in sections.ends(tie))
        if (place in choice.closed) != switch.is_closed and is_on:
            switched[switch.id] = place in choice.closed
    return switched


def choose(
    task: SearchTask,
    live: Topology,
    series: ConnectionSeries | None,
    before: Observed | None,
    limits: Limits,
    seconds: float,
) -> Chosen:
    """The best choice that power flow confirms.

    Args:
        task: What is sought.
        live: The network walked without what is removed.
        series: Intervals that are checked; None to check none.
        before: The network as it was before the fault; None likewise.
        limits: What is held.
        seconds: Of the solver, for all searches together. [s]

    Raises:
        PowerFlowError: If what is live cannot be solved once the fault is cut off.
    """
    return _Chooser(task, live, series, before, limits, seconds).choose()


class _Chooser:
    def __init__(
        self,
        task: SearchTask,
        live: Topology,
        series: ConnectionSeries | None,
        before: Observed | None,
        limits: Limits,
        seconds: float,
    ) -> None:
        self.task, self.live, self.series, self.limits, self.seconds = task, live, series, limits, seconds
        self.sections = task.sections
        self.refused: list[str] = []
        self.cuts: list[frozenset[int]] = []
        self.isolated: Observed | None = None
        self.before = before
        if series is not None and before is not None:
            self.isolated = observe(self.sections.network, series, self.sections.removed, {})
            self.before = merge_observed(before, self.isolated)

    def choose(self) -> Chosen:
        best, seen = NOTHING, self.isolated
        if not self.sections.ties or self.sections.count == 1:
            return Chosen(best, seen, (), is_proven=True)
        search, is_proven = Search(self.task), True
        for number in range(_ROUNDS_MAX):
            choice = search.solve(self.seconds - search.spent) if search.spent < self.seconds else None
            if choice is None:
                return Chosen(best, seen, tuple(self.refused), is_proven=False)
            is_proven &= choice.is_proven
            if worth_of(self.task, choice.energised) <= worth_of(self.task, best.energised):
                return Chosen(best, seen, tuple(self.refused), is_proven)
            looked, violation = self._look(choice)
            if violation is None and (looked is not None or self.series is None):
                return Chosen(choice, looked, tuple(self.refused), is_proven)
            cut = self._conflict(choice, violation)
            self.cuts.append(cut)
            search.forbid(cut)
            if number < _TRIMMED_ROUNDS:
                trimmed, shown = self._trim(choice, violation)
                if worth_of(self.task, trimmed.energised) > worth_of(self.task, best.energised):
                    best, seen = trimmed, shown
            if number >= _EXACT_ROUNDS and violation is not None and violation.branch >= 0:
                is_proven = False
                search = self._tighten(search, violation)
        return Chosen(best, seen, tuple(self.refused), is_proven=False)

    def _look(self, choice: Choice, *, is_told: bool = True) -> tuple[Observed | None, Violation | None]:
        """What power flow finds of a choice, and the limit that it breaks; neither where it has no solution."""
        if self.series is None or self.before is None:
            return None, None
        switched = switched_by(self.sections, choice)
        try:
            looked = observe(self.sections.network, self.series, self.sections.removed, switched)
        except PowerFlowError:
            if is_told:
                self.refused.append("power flow finds no solution with so much on the ties")
            return None, None
        violation = looked.violation(self.limits, self.before)
        if violation is not None and is_told:
            self.refused.append(violation.words)
        return looked, violation

    def _tighten(self, search: Search, violation: Violation) -> Search:
        """The same search with the broken rating lowered by as much as the model is short of the truth there."""
        excess = violation.ratio / _MARGIN
        rows = tuple(
            replace(row, limit=row.limit / excess) if row.branch == violation.branch else row
            for row in self.task.rows
        )
        self.task = replace(self.task, rows=rows)
        fresh = Search(self.task)
        fresh.spent = search.spent
        for cut in self.cuts:
            fresh.forbid(cut)
        return fresh

    def _trim(self, choice: Choice, violation: Violation | None) -> tuple[Choice, Observed | None]:
        """Leave out the least node at the end of a tree that makes a violation, again and again, until all holds."""
        looked: Observed | None = None
        while choice.closed:
            cut = self._conflict(choice, violation)
            leaves = [(place, node) for place, node in self._leaves(choice) if place in cut]
            place, node = min(
                leaves or self._leaves(choice), key=lambda one: worth_of(self.task, frozenset({one[1]}))
            )
            choice = Choice(choice.energised - {node}, choice.closed - {place}, is_proven=False)
            looked, violation = self._look(choice, is_told=False)
            if looked is not None and violation is None:
                return choice, looked
        return NOTHING, self.isolated

    def _leaves(self, choice: Choice) -> list[tuple[int, int]]:
        """Closed ties that lead to a node from which none leads on, with that node."""
        at: dict[int, list[int]] = {}
        for place in sorted(choice.closed):
            for node in self.sections.ends(self.sections.ties[place]):
                at.setdefault(node, []).append(place)
        return [(places[0], node) for node, places in at.items() if node != LIVE and len(places) == 1]

    def _conflict(self, choice: Choice, violation: Violation | None) -> frozenset[int]:
        """Closed ties that together make a violation: those of the trees whose supply passes it, else all."""
        if violation is None:
            return choice.closed
        network, branch, buses = self.sections.network, violation.branch, [violation.bus]
        if branch >= 0:
            one = network.branches[branch]
            buses = [network.bus_index[one.from_bus], network.bus_index[one.to_bus]]
        nodes = {self.sections.node[bus] for bus in buses}
        passed = {branch, *(way for bus in buses for way in self.live.way_up(bus))} - {-1}
        found: set[int] = set()
        for live_bus, ties, members in self._trees(choice):
            if nodes & members or (LIVE in nodes and passed.intersection(self.live.way_up(live_bus))):
                found |= ties
        return frozenset(found) or choice.closed

    def _trees(self, choice: Choice) -> list[tuple[int, set[int], set[int]]]:
        """Of each tie that leads out of the live part: its live bus, all closed ties beyond, all nodes beyond."""
        found = []
        for root in sorted(choice.closed):
            ends = self.sections.ends(self.sections.ties[root])
            if LIVE not in ends:
                continue
            switch = self.sections.network.switches[self.sections.ties[root]]
            bus = self.sections.network.bus_index[switch.from_bus if ends[0] == LIVE else switch.to_bus]
            ties, members = {root}, {max(ends)}
            grown = True
            while grown:
                grown = False
                for place in choice.closed - ties:
                    ends = self.sections.ends(self.sections.ties[place])
                    if LIVE not in ends and members.intersection(ends):
                        ties.add(place)
                        members.update(ends)
                        grown = True
            found.append((bus, ties, members))
        return found
