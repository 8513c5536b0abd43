"""The tables of networks' timelines, settings, messages and work orders; as in ``tables``.

What was noted, changed, set and done never changes: ``grid_standing`` and ``grid_message`` alone follow how things go.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson, CanonicalTuple, ChoiceText
from backend.adapters.store.tables import Row
from backend.grid.alarms import AlarmSeverity
from backend.ports.grid_event_records import ChangeAction, EventKind, EventState, MessageState, SettingKind

__all__ = [
    "EventChangeRow",
    "EventRow",
    "MessageRow",
    "SettingRow",
    "StandingRow",
    "WorkOrderRow",
    "WorkStepRow",
]


def _of_network() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["network"], ["grid_network.name"])


class EventRow(Row, table=True):
    """An entry of a timeline."""

    __tablename__ = "grid_event"
    __table_args__ = (_of_network(), Index(None, "network", "at_utc", "id"))

    id: str = Field(primary_key=True)
    network: str
    kind: EventKind = Field(sa_type=ChoiceText(EventKind))
    element: str
    severity: AlarmSeverity = Field(sa_type=ChoiceText(AlarmSeverity))
    rule: str
    at_utc: int = Field(sa_type=BigInteger)
    noted_utc: int = Field(sa_type=BigInteger)
    by: str
    title: str = Field(sa_type=Text)
    data: Any = Field(sa_type=CanonicalJson)


class StandingRow(Row, table=True):
    """Where an entry stands now."""

    __tablename__ = "grid_standing"
    __table_args__ = (ForeignKeyConstraint(["event"], ["grid_event.id"]),)

    event: str = Field(primary_key=True)
    state: EventState = Field(sa_type=ChoiceText(EventState))
    until_utc: int = Field(sa_type=BigInteger)
    end_utc: int = Field(sa_type=BigInteger)
    worst: float | None = Field(sa_type=Double, nullable=True)
    worst_utc: int = Field(sa_type=BigInteger)
    changes: int = Field(sa_type=BigInteger)


class EventChangeRow(Row, table=True):
    """What was done to an entry."""

    __tablename__ = "grid_event_change"
    __table_args__ = (ForeignKeyConstraint(["event"], ["grid_event.id"]),)

    event: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    action: ChangeAction = Field(sa_type=ChoiceText(ChangeAction))
    by: str
    at_utc: int = Field(sa_type=BigInteger)
    text: str = Field(sa_type=Text)
    until_utc: int = Field(sa_type=BigInteger)


class SettingRow(Row, table=True):
    """A version of what a network's operators set."""

    __tablename__ = "grid_setting"
    __table_args__ = (_of_network(),)

    network: str = Field(primary_key=True)
    kind: SettingKind = Field(primary_key=True, sa_type=ChoiceText(SettingKind))
    version: int = Field(primary_key=True, sa_type=BigInteger)
    content: Any = Field(sa_type=CanonicalJson)
    by: str
    at_utc: int = Field(sa_type=BigInteger)


class MessageRow(Row, table=True):
    """A message, and how far it has come."""

    __tablename__ = "grid_message"
    __table_args__ = (_of_network(), Index(None, "state", "due_utc"))

    id: str = Field(primary_key=True)
    network: str
    route: str
    state: MessageState = Field(sa_type=ChoiceText(MessageState))
    entries: tuple[str, ...] = Field(sa_type=CanonicalTuple)
    body: str = Field(sa_type=Text)
    created_utc: int = Field(sa_type=BigInteger)
    due_utc: int = Field(sa_type=BigInteger)
    attempts: int = Field(sa_type=BigInteger)
    error: str = Field(sa_type=Text)
    done_utc: int = Field(sa_type=BigInteger)


class WorkOrderRow(Row, table=True):
    """Work that is to be done."""

    __tablename__ = "grid_work_order"
    __table_args__ = (_of_network(), Index(None, "network", "plan"))

    id: str = Field(primary_key=True)
    network: str
    workflow: str
    workflow_version: int = Field(sa_type=BigInteger)
    plan: str
    element: str
    title: str = Field(sa_type=Text)
    details: Any = Field(sa_type=CanonicalJson)
    created_by: str
    created_utc: int = Field(sa_type=BigInteger)


class WorkStepRow(Row, table=True):
    """A step that was done."""

    __tablename__ = "grid_work_step"
    __table_args__ = (ForeignKeyConstraint(["work_order"], ["grid_work_order.id"]),)

    work_order: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    step: str
    outcome: str
    leads_to: str
    fields: Any = Field(sa_type=CanonicalJson)
    by: str
    source: str
    at_utc: int = Field(sa_type=BigInteger)
    noted_utc: int = Field(sa_type=BigInteger)
