"""Records of plans for networks: which connections to switch, how to relieve a transformer, whose phase is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["GridPlanRecords", "PlanKind", "PlanRecord", "PlanState"]


class PlanKind(StrEnum):
    """What a plan is for."""

    SWITCHING = "switching"
    RELIEF = "relief"
    PHASES = "phases"  # suggested ones, which are accepted one by one


class PlanState(StrEnum):
    """What a person decided about a plan."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as it was made, and what was decided about it.

    Attributes:
        id: Made by who asked for it.
        network: Name of the network.
        kind: What it is for.
        element: Id of the branch or source that it is about.
        state: What was decided.
        made_utc: [s since 1970, UTC]
        made_by: Who asked: a user's id, empty for the command.
        document: The plan, JSON. It names connections, never metering points: those are the network's to tell.
    """

    id: str
    network: str
    kind: PlanKind
    element: str
    state: PlanState
    made_utc: int
    made_by: str
    document: Any


class GridPlanRecords(Protocol):
    """What the store keeps of them, inside one transaction."""

    def add_plan(self, record: PlanRecord) -> None:
        """Keep a plan; the same again changes nothing.

        Raises:
            ConflictError: If another is kept under its id.
        """
        ...

    def change_plan(self, record: PlanRecord, was: PlanState) -> None:
        """Keep what was decided about a plan: its state and document.

        Raises:
            NotFoundError: If there is no such plan.
            ConflictError: If it is not in the state ``was`` any more.
        """
        ...

    def plan(self, network: str, plan: str) -> PlanRecord:
        """A network's plan.

        Raises:
            NotFoundError: If it has none of that id.
        """
        ...

    def plans(self, network: str, kind: PlanKind) -> Sequence[PlanRecord]:
        """Of a network, the newest first."""
        ...

    def erase_connection_plans(self, network: str, connections: Collection[str]) -> None:
        """Take what plans tell of some connections out of them; what they tell of the network as a whole stays.

        Args:
            network: Its name.
            connections: Ids.
        """
        ...
