"""Records of what happens on a network: its timeline, its settings by version, messages, and work orders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from backend.grid.alarms import AlarmSeverity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = [
    "ChangeAction",
    "EventChange",
    "EventKind",
    "EventQuery",
    "EventRecord",
    "EventStanding",
    "EventState",
    "GridEventRecords",
    "MessageRecord",
    "MessageState",
    "SettingKind",
    "SettingRecord",
    "TimelineEntry",
    "WorkOrderRecord",
    "WorkStepRecord",
    "alarm_memory",
]


def alarm_memory(network: str) -> str:
    """Name of the fact that keeps what alarm rules remember of a network's elements, by rule and element."""
    return f"grid/alarms/{network}"


class EventKind(StrEnum):
    """What an entry of a timeline is about."""

    ALARM = "alarm"
    READINGS = "readings"
    WORK_ORDER = "work_order"
    MESSAGE = "message"
    PLAN = "plan"
    PHASE_RECORD = "phase_record"
    NETWORK = "network"
    RULES = "rules"


class EventState(StrEnum):
    """Where an entry stands."""

    NOTED = "noted"  # nothing is to be done about it
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    RESOLVED = "resolved"


class ChangeAction(StrEnum):
    """What was done to an entry, or happened to it."""

    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    RESOLVED = "resolved"
    COMMENTED = "commented"
    ENDED = "ended"  # the value is back within its limit
    REOPENED = "reopened"  # what was told as ended goes on
    WITHDRAWN = "withdrawn"  # readings as they are known now show no alarm there


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An entry of a network's timeline; it never changes.

    Attributes:
        id: Made by whoever notes it, the same for the same thing.
        network: Name.
        kind: What it is about.
        element: Id of a bus, branch or connection; empty for the network as a whole.
        severity: How grave.
        rule: Of an alarm; empty otherwise.
        at_utc: When it was, or began. [s since 1970, UTC]
        noted_utc: When it was known here. [s since 1970, UTC]
        by: Id of the user who did it, empty for a command or the service itself.
        title: One sentence.
        data: What programs want to know, JSON-ready; no personal data beyond ids of connections.
    """

    id: str
    network: str
    kind: EventKind
    element: str
    severity: AlarmSeverity
    rule: str
    at_utc: int
    noted_utc: int
    by: str
    title: str
    data: Any


@dataclass(frozen=True, slots=True)
class EventStanding:
    """Where an entry stands now: what its changes, and the values since, come to.

    Attributes:
        event: Id.
        state: See ``EventState``.
        until_utc: End of a silence, 0 without. [s since 1970, UTC]
        end_utc: When an alarm's value was back within its limit, 0 while it is not. [s since 1970, UTC]
        worst: Furthest value of an alarm, None for what has none. [unit of the measure]
        worst_utc: Start of its interval, 0 without. [s since 1970, UTC]
        changes: How many there are. [1]
    """

    event: str
    state: EventState
    until_utc: int = 0
    end_utc: int = 0
    worst: float | None = None
    worst_utc: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class EventChange:
    """What was done to an entry; it never changes.

    Attributes:
        event: Id.
        number: From 1, in the order of change.
        action: What was done.
        by: Id of the user, empty for the service itself.
        at_utc: [s since 1970, UTC]
        text: A comment, or why.
        until_utc: End of a silence, 0 without. [s since 1970, UTC]
    """

    event: str
    number: int
    action: ChangeAction
    by: str
    at_utc: int
    text: str = ""
    until_utc: int = 0


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry and where it stands."""

    event: EventRecord
    standing: EventStanding


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which entries of a timeline; what is left out limits nothing.

    Attributes:
        begin_utc: Entries that began at or after. [s since 1970, UTC]
        end_utc: Entries that began before. [s since 1970, UTC]
        states: Any of them.
        severities: Any of them.
        kinds: Any of them.
        element: Of this element.
        rule: Of this rule.
        lasting: Only alarms whose value is not back within its limit.
        before: Entries after this one in a list that has the newest first: (at_utc, id).
        limit: How many at most. [1]
    """

    begin_utc: int | None = None
    end_utc: int | None = None
    states: tuple[EventState, ...] = ()
    severities: tuple[AlarmSeverity, ...] = ()
    kinds: tuple[EventKind, ...] = ()
    element: str = ""
    rule: str = ""
    lasting: bool = False
    before: tuple[int, str] | None = None
    limit: int = 100


class SettingKind(StrEnum):
    """What a network's operators set."""

    RULES = "alarm-rules"
    ROUTES = "routes"
    WORKFLOWS = "workflows"


@dataclass(frozen=True, slots=True)
class SettingRecord:
    """A version of a setting; it never changes.

    Attributes:
        network: Name.
        kind: Which setting.
        version: From 1.
        content: JSON-ready.
        by: Id of the user, empty for a command.
        at_utc: Since when it is in force. [s since 1970, UTC]
    """

    network: str
    kind: SettingKind
    version: int
    content: Any
    by: str
    at_utc: int


class MessageState(StrEnum):
    """How far a message has come."""

    GATHERING = "gathering"  # not sent yet: more entries may join it
    SEALED = "sealed"  # its body is fixed, sent as often as it takes
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message that is to reach somebody: written with what it tells, sent until it arrived or is given up.

    Attributes:
        id: What the receiver knows a repeat by.
        network: Name.
        route: Id of the route in the settings.
        state: How far it has come.
        entries: Ids of timeline entries that it tells of.
        body: As it is sent; empty while it gathers.
        created_utc: [s since 1970, UTC]
        due_utc: When it is to be sent, or tried again. [s since 1970, UTC]
        attempts: How often it was tried. [1]
        error: Why the last try failed, empty where it did not.
        done_utc: When it arrived or was given up, 0 before. [s since 1970, UTC]
    """

    id: str
    network: str
    route: str
    state: MessageState
    entries: tuple[str, ...]
    body: str
    created_utc: int
    due_utc: int
    attempts: int = 0
    error: str = ""
    done_utc: int = 0


@dataclass(frozen=True, slots=True)
class WorkOrderRecord:
    """Work that is to be done; it never changes, its steps tell how far it is.

    Attributes:
        id: The same for the same place in the same plan.
        network: Name.
        workflow: Id of the workflow.
        workflow_version: Of the setting that the order began with.
        plan: Id of the plan it is from, empty without.
        element: Id of the connection or transformer.
        title: One sentence.
        details: JSON-ready: from, to, expected gain, ...
        created_by: Id of the user, empty for a command.
        created_utc: [s since 1970, UTC]
    """

    id: str
    network: str
    workflow: str
    workflow_version: int
    plan: str
    element: str
    title: str
    details: Any
    created_by: str
    created_utc: int


@dataclass(frozen=True, slots=True)
class WorkStepRecord:
    """A step that was done; it never changes.

    Attributes:
        work_order: Id.
        number: From 1, in the order of doing.
        step: Id of the step in the workflow.
        outcome: Which of its outcomes.
        leads_to: The step that is due now, or the ending.
        fields: What was filled in, by name, JSON-ready.
        by: Id of the user, empty for a command.
        source: ``page``, ``command`` or ``import``.
        at_utc: When it was done. [s since 1970, UTC]
        noted_utc: When it was told here. [s since 1970, UTC]
    """

    work_order: str
    number: int
    step: str
    outcome: str
    leads_to: str
    fields: Any
    by: str
    source: str
    at_utc: int
    noted_utc: int


class GridEventRecords(Protocol):
    """What the store keeps of them, inside one transaction."""

    def add_event(self, record: EventRecord, standing: EventStanding) -> bool:
        """Keep an entry; one of its id that is there stays as it is. Returns whether it is new."""
        ...

    def timeline_entry(self, network: str, event: str) -> TimelineEntry:
        """By id.

        Raises:
            NotFoundError: If the network has none of that id.
        """
        ...

    def timeline(self, network: str, query: EventQuery) -> Sequence[TimelineEntry]:
        """The newest first."""
        ...

    def timeline_entries(self, events: Collection[str]) -> Sequence[TimelineEntry]:
        """By ids, the oldest first; those that are gone are left out."""
        ...

    def put_standing(self, standing: EventStanding) -> None:
        """Keep where an entry stands now."""
        ...

    def add_event_change(self, record: EventChange) -> None:
        """Keep a change.

        Raises:
            ConflictError: If another one has its number.
        """
        ...

    def event_changes(self, events: Collection[str]) -> Sequence[EventChange]:
        """Of entries, by entry and number."""
        ...

    def add_grid_setting(self, record: SettingRecord) -> None:
        """Keep a version of a setting.

        Raises:
            ConflictError: If another content has its version.
        """
        ...

    def grid_setting(self, network: str, kind: SettingKind, version: int = 0) -> SettingRecord | None:
        """A version, the newest where it is 0; None where there is none."""
        ...

    def put_message(self, record: MessageRecord) -> None:
        """Keep a message, or how far it has come."""
        ...

    def message(self, message: str) -> MessageRecord | None:
        """By id, None where there is none."""
        ...

    def messages(
        self, network: str | None = None, states: Collection[MessageState] = (), since_utc: int = 0
    ) -> Sequence[MessageRecord]:
        """Created since, in some states or in any, the oldest first."""
        ...

    def add_work_order(self, record: WorkOrderRecord) -> bool:
        """Keep an order; one of its id that is there stays as it is. Returns whether it is new."""
        ...

    def work_orders(self, network: str, plan: str | None = None) -> Sequence[WorkOrderRecord]:
        """Of a network, or of one plan, the newest first, in a plan's order."""
        ...

    def work_order(self, network: str, order: str) -> WorkOrderRecord:
        """By id.

        Raises:
            NotFoundError: If the network has none of that id.
        """
        ...

    def add_work_step(self, record: WorkStepRecord) -> None:
        """Keep a step that was done.

        Raises:
            ConflictError: If another one has its number.
        """
        ...

    def work_steps(self, orders: Collection[str]) -> Sequence[WorkStepRecord]:
        """Of orders, by order and number."""
        ...

    def erase_connection_events(self, network: str, elements: Collection[str]) -> None:
        """Destroy what was noted, told, remembered and filled in about connections, or what feeds them alone.

        Work orders stay, with what was done and when: the wire was moved, whoever lives behind it. What they say in
        words, and what the work was expected to gain, goes.
        """
        ...

    def rename_grid_actors(self, user: str, alias: str) -> None:
        """Put an alias in the place of a user who noted, changed, set, worked, planned or decided."""
        ...
