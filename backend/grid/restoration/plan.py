"""What a restoration is made of: steps, what they bring back, what waits and why, and which ways there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.grid.outage import Element
    from backend.grid.restoration.sections import Isolation

__all__ = ["BackupPath", "Reason", "RestorationPlan", "RestorationStep", "StepKind"]


class StepKind(StrEnum):
    """What is done."""

    OPEN = "open"
    CLOSE = "close"
    DISCONNECT = "disconnect"  # at its ends, by hand


class Reason(StrEnum):
    """Why a connection waits for the repair."""

    FAULTY = "faulty_section"  # it is in what was cut off
    NO_TIE = "no_tie"  # no switch joins its section to what is live
    LIMITS = "limits"  # ratings or voltages would not hold
    UNDECIDED = "undecided"  # a tie leads there, and time was too short to tell whether limits would hold
    PHASE = "phase"  # its bus is live, but a phase of it is not


@dataclass(frozen=True)
class RestorationStep:
    """One operation.

    Attributes:
        kind: What is done.
        element: Id of the switch, or of what is disconnected.
        purpose: ``isolate``, ``split`` or ``restore``.
        restores: Ids of the connections that get supply with it.
    """

    kind: StepKind
    element: str
    purpose: str
    restores: tuple[str, ...] = ()


@dataclass(frozen=True)
class BackupPath:
    """A tie that joins what is dark to what is live.

    Attributes:
        switch: Its id.
        live_bus: On its live side.
        dark_bus: On its dark side.
        way: Ids of the branches from its live side up to the source.
        connections: Ids of those that it would feed if nothing else were operated.
        spare_watts: What the way carries beside what it carries now, at the worst time; None where no rating is known.
            [VA]
    """

    switch: str
    live_bus: str
    dark_bus: str
    way: tuple[str, ...]
    connections: tuple[str, ...]
    spare_watts: float | None


@dataclass(frozen=True)
class RestorationPlan:
    """What can be brought back before the repair.

    Attributes:
        element: What is faulty.
        isolation: How it is cut off.
        lost: Ids of the connections that go dark, in the network's order.
        steps: In order.
        restored: Ids of those that get supply again.
        waiting: Ids of the others, each with its reason.
        backups: Ways that there are.
        refused: Limits that stood in the way, as sentences.
        lost_watts: Mean load of those that go dark; None where no series is known. [W]
        restored_watts: Of it, what is restored. [W]
        checked: Intervals that power flow checked, those with the most and the least load.
        lowest_pu: Least voltage over them, after all steps; None where nothing was checked. [1]
        highest_pu: Greatest. [1]
        loading: Greatest part of a rating; None where none is known. [1]
        loaded_branch: Id of the branch that has it, empty likewise.
        is_proven: Nothing better holds in the search's model of flows.
    """

    element: Element
    isolation: Isolation
    lost: tuple[str, ...]
    steps: tuple[RestorationStep, ...]
    restored: tuple[str, ...]
    waiting: Mapping[str, Reason]
    backups: tuple[BackupPath, ...]
    refused: tuple[str, ...]
    lost_watts: float | None
    restored_watts: float | None
    checked: int
    lowest_pu: float | None
    highest_pu: float | None
    loading: float | None
    loaded_branch: str
    is_proven: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "element": self.element.id,
            "kind": self.element.kind.value,
            "isolation": self.isolation.value,
            "lost": list(self.lost),
            "steps": [
                {
                    "number": number,
                    "action": step.kind.value,
                    "element": step.element,
                    "purpose": step.purpose,
                    "restores": list(step.restores),
                }
                for number, step in enumerate(self.steps, start=1)
            ],
            "restored": list(self.restored),
            "waiting": [{"connection": one, "reason": why.value} for one, why in self.waiting.items()],
            "backups": [
                {
                    "switch": one.switch,
                    "live_bus": one.live_bus,
                    "dark_bus": one.dark_bus,
                    "way": list(one.way),
                    "connections": list(one.connections),
                    "spare_kva": None if one.spare_watts is None else round(one.spare_watts / 1000, 6),
                }
                for one in self.backups
            ],
            "refused": list(self.refused),
            "lost_kw": _kilo(self.lost_watts),
            "restored_kw": _kilo(self.restored_watts),
            "checked_intervals": self.checked,
            "voltage_min_pu": self.lowest_pu,
            "voltage_max_pu": self.highest_pu,
            "loading_pct": None if self.loading is None else round(100 * self.loading, 3),
            "loaded_branch": self.loaded_branch,
            "proven": self.is_proven,
        }


def _kilo(watts: float | None) -> float | None:
    return None if watts is None else round(watts / 1000, 6)
