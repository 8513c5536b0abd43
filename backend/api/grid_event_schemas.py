"""What grid operators are told, and say, of networks' timelines, settings and work. Instants in s since 1970."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Action",
    "AskedSetting",
    "EntryId",
    "EventAction",
    "EventItem",
    "Kinds",
    "MadeOrders",
    "MessageItem",
    "NewOrder",
    "OrderId",
    "OrderItem",
    "PlanId",
    "RouteId",
    "RouteKey",
    "SettingCard",
    "Severities",
    "States",
    "StatusTaken",
    "StepId",
    "StepTold",
]

_INSTANT_MAX = 2**40
EntryId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,80}$", description="Id of an entry.")]
OrderId = Annotated[str, Path(pattern=r"^wo-[0-9a-f]{16}$", description="Id of a work order.")]
StepId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Id of a step.")]
RouteId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Id of a route.")]
PlanId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$", description="Id of a plan.")]
Action = Annotated[
    Literal["acknowledge", "silence", "resolve", "comment"], Path(description="What is done to the entry.")
]
State = Literal["noted", "open", "acknowledged", "silenced", "resolved"]
Severity = Literal["info", "warning", "critical"]
Kind = Literal["alarm", "readings", "work_order", "message", "plan", "phase_record", "network", "rules"]
_States = Literal["", "noted", "open", "acknowledged", "silenced", "resolved"]
_Severities = Literal["", "info", "warning", "critical"]
_Kinds = Literal["", "alarm", "readings", "work_order", "message", "plan", "phase_record", "network", "rules"]
States = Annotated[list[_States] | None, Query(max_length=8, description="Any of these; without, all.")]
Severities = Annotated[list[_Severities] | None, Query(max_length=8, description="Any of these.")]
Kinds = Annotated[list[_Kinds] | None, Query(max_length=16, description="Any of these.")]


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class EventChangeItem(BaseModel):
    """What was done to an entry."""

    number: int
    action: Literal["acknowledged", "silenced", "resolved", "commented", "ended", "reopened", "withdrawn"]
    by: str
    by_name: str = Field(description="Log-in; empty for the service itself, a command, and whoever is gone.")
    at_utc: int
    text: str
    until_utc: int | None


class EventItem(BaseModel):
    """An entry of a timeline."""

    id: str
    kind: Kind
    element: str
    severity: Severity
    rule: str
    state: State
    at_utc: int = Field(description="When it was, or began.")
    noted_utc: int
    end_utc: int | None
    silenced_until_utc: int | None
    worst: float | None
    worst_utc: int | None
    by: str
    by_name: str
    title: str
    data: dict[str, Any]
    changes: list[EventChangeItem]


class EventAction(_Taken):
    """What is to be done to an entry."""

    text: str = Field(default="", max_length=2_000, description="A comment, or why.")
    until_utc: int = Field(default=0, ge=0, le=_INSTANT_MAX, description="End of a silence.")


class SettingCard(BaseModel):
    """A setting in force."""

    kind: Literal["alarm-rules", "routes", "workflows"]
    version: int = Field(description="0 for what a network begins with.")
    content: list[dict[str, Any]]
    by: str
    by_name: str
    at_utc: int | None


class RouteKey(BaseModel):
    """What a webhook's receiver checks signatures with."""

    route: str
    key: str = Field(description="Hexadecimal digits, for HMAC-SHA256.")


class AskedSetting(_Taken):
    """A setting as it is to be."""

    content: list[dict[str, Any]] = Field(max_length=500)
    based_on: int | None = Field(
        default=None,
        ge=0,
        le=_INSTANT_MAX,
        description="The version that was looked at; another one is refused.",
    )


class MessageItem(BaseModel):
    """A message, and how far it has come."""

    id: str
    route: str
    state: Literal["gathering", "sealed", "sent", "given_up"]
    entries: int
    created_utc: int
    due_utc: int | None
    attempts: int
    error: str
    done_utc: int | None


class StepFieldItem(BaseModel):
    """What is filled in at a step."""

    id: str
    title: str
    kind: Literal["text", "number", "date", "flag", "choice"]
    is_required: bool
    unit: str
    choices: list[str]


class DueStep(BaseModel):
    """The step that is due."""

    id: str
    title: str
    role: str
    outcomes: list[str]
    fields: list[StepFieldItem]


class DoneStep(BaseModel):
    """A step that was done."""

    number: int
    step: str
    title: str
    outcome: str
    leads_to: str
    fields: dict[str, Any]
    by: str
    by_name: str
    source: str
    at_utc: int
    noted_utc: int


class OrderItem(BaseModel):
    """A work order, and how far it is."""

    id: str
    workflow: str
    workflow_title: str
    workflow_version: int
    plan: str
    element: str
    title: str
    details: dict[str, Any]
    created_utc: int
    created_by: str
    created_by_name: str
    state: str = Field(description="`open`, or the ending it came to.")
    ending: str | None
    since_utc: int
    due_utc: int | None
    is_overdue: bool
    due: DueStep | None
    steps: list[DoneStep]


class NewOrder(_Taken):
    """A work order by hand."""

    workflow: str = Field(min_length=1, max_length=63)
    element: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=200)


class MadeOrders(BaseModel):
    """Orders of a plan."""

    items: list[OrderItem]


_Value = Annotated[str, Field(max_length=2_000)] | bool | int | float | None


class StepTold(_Taken):
    """What was done."""

    outcome: str = Field(min_length=1, max_length=63)
    fields: dict[Annotated[str, Field(max_length=63)], _Value] = Field(default_factory=dict, max_length=50)
    at_utc: int | None = Field(default=None, ge=0, le=_INSTANT_MAX, description="When; now without.")


class StatusTaken(BaseModel):
    """What was taken of a file."""

    taken: int
    known: int
