"""What grid operators are told of outages and of suggested phases. Powers [kW], energies [kWh], voltages [pu]."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Acceptance",
    "Accepted",
    "ConnectionId",
    "ElementKindName",
    "IsolationName",
    "Outage",
    "OutageHours",
    "OutageList",
    "OutageRanking",
    "OutdoorCelsius",
    "PhaseSuggestions",
]

ConnectionId = Annotated[str, Path(min_length=1, max_length=200, description="Id of a connection.")]
IsolationName = Annotated[
    Literal["switches", "ends"],
    Query(
        description="How the element is cut off: by the switches around it, or by a crew at its own ends, which leaves "
        "less waiting for the repair."
    ),
]
OutageHours = Annotated[
    float, Query(gt=0, le=720, description="How long it lasts, for the load that comes back after it. [h]")
]
OutdoorCelsius = Annotated[
    float | None,
    Query(ge=-90, le=70, description="Outdoors, likewise; without it what runs in any weather counts. [°C]"),
]
OutageRanking = Annotated[
    Literal["load", "customers", "critical", "worst"],
    Query(description="load: mean load that is lost; worst: that of the worst interval."),
]
ElementKindName = Annotated[
    Literal["segment", "switch", "transformer", "bus", "substation"] | None,
    Query(description="Elements of this kind alone."),
]


class _Span(BaseModel):
    network: str
    begin: int | None = Field(
        alias="from", description="Null where no series is known: customers alone count."
    )
    end: int | None = Field(alias="to")
    intervals: int


class Impact(BaseModel):
    """What the loss of an element costs."""

    element: str
    kind: str
    customers: int
    connections: list[str]
    partly: list[str] = Field(description="Those that keep at least one of their phases.")
    critical: list[str]
    metering_points: list[str]
    buses: list[str]
    unknown: int = Field(description="Connections without a series, whose load counts as none.")
    mean_kw: float | None
    worst_kw: float | None
    worst_start: str | None
    mean_given_kw: float | None = Field(description="Feed-in that is lost.")
    not_served_kwh_by_hour: list[float | None] = Field(
        description="By local hour of the day, what is not served where the outage lasts that whole hour."
    )


class Step(BaseModel):
    """One switching operation."""

    number: int
    action: Literal["open", "close", "disconnect"]
    element: str
    purpose: Literal["isolate", "split", "restore"]
    restores: list[str] = Field(description="Connections that get supply with it.")


class Waiting(BaseModel):
    """A connection that waits for the repair."""

    connection: str
    reason: Literal["faulty_section", "no_tie", "limits", "undecided", "phase"]


class Backup(BaseModel):
    """A tie that joins what is dark to what is live."""

    switch: str
    live_bus: str
    dark_bus: str
    way: list[str] = Field(description="Branches from its live side up to the source.")
    connections: list[str] = Field(description="Those that it would feed if nothing else were operated.")
    spare_kva: float | None = Field(
        description="What the way carries beside what it carries now, at the worst time."
    )


class Restoration(BaseModel):
    """What can be switched back on before the repair, checked by power flow."""

    element: str
    kind: str
    isolation: Literal["switches", "ends"]
    lost: list[str]
    steps: list[Step]
    restored: list[str]
    waiting: list[Waiting]
    backups: list[Backup]
    refused: list[str] = Field(description="Limits that stood in the way, as sentences.")
    lost_kw: float | None
    restored_kw: float | None
    checked_intervals: int
    voltage_min_pu: float | None
    voltage_max_pu: float | None
    loading_pct: float | None
    loaded_branch: str
    proven: bool
    note: str = Field(description="Why nothing can be switched where the whole network is the reason.")


class ReturnPart(BaseModel):
    """A part of what is dark that a transformer takes back."""

    share_pct: float
    after_minutes: int = Field(description="After the first part.")


class FullTransformer(BaseModel):
    """A transformer that the returning load may overload."""

    transformer: str
    rated_kva: float
    usual_pct: float = Field(description="Load in the fullest interval without an outage, by the rating.")
    back_pct: float = Field(description="If all comes back at once at the worst time.")
    back_high_pct: float = Field(description="Exceeded 1 time in 10.")
    steps: list[ReturnPart] = Field(description="Parts that hold the rating; empty where parts do not help.")
    sentence: str


class PickUp(BaseModel):
    """How much more than usual comes back after the outage."""

    outage_hours: float
    temperature_celsius: float | None
    assumed: bool = Field(description="Figures are assumed: no measured outage was there to fit them.")
    fitted: int = Field(description="Outages that the figures were fitted to.")
    extra_pct: float = Field(description="Of the usual load, when supply is back.")
    extra_low_pct: float = Field(description="Exceeded 9 times in 10.")
    extra_high_pct: float = Field(description="Exceeded 1 time in 10.")
    lasts_minutes: int = Field(description="Until a tenth of it is left.")
    mean_extra_kw: float | None
    worst_extra_kw: float | None
    extra_kwh: float | None
    transformers: list[FullTransformer] = Field(description="The fullest first.")
    note: str


class Outage(_Span):
    """The loss of one element."""

    impact: Impact
    restoration: Restoration
    pick_up: PickUp


class OutageItem(BaseModel):
    """An element in the list of what costs most."""

    element: str
    kind: str
    customers: int
    partly: int
    critical: list[str]
    unknown: int
    mean_kw: float | None
    worst_kw: float | None
    worst_start: str | None


class OutageList(_Span):
    """Elements by what their loss costs, the worst first."""

    by: str
    items: list[OutageItem]


class SuggestionItem(BaseModel):
    """What is likeliest of a connection."""

    connection: str
    metering_points: list[str]
    recorded: str = Field(description="What its record said when this was suggested.")
    record: str = Field(description="What its record says now.")
    suggested: str
    is_change: bool
    is_accepted: bool
    confidence: float
    chances: dict[str, float]
    order: list[str] = Field(description="Phase of each terminal of its meter, where voltages told it.")
    evidence: Literal["voltage", "load", "both", "none"]


class PhaseSuggestions(BaseModel):
    """Suggestions made last, those that differ from the record first, the surest first."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    problem: str | None
    network: str
    digest: str = Field(description="Of the network as it is now; give it back with what is accepted.")
    id: str | None
    made_utc: int | None
    head: str
    items: list[SuggestionItem]


class Acceptance(BaseModel):
    """Which phases a connection is recorded on from now on."""

    model_config = ConfigDict(extra="forbid")

    phases: str = Field(min_length=1, max_length=12, description="Such as L2 or L123.")
    why: str = Field(
        default="", max_length=500, description="May be left out where it is what was suggested last."
    )
    digest: str = Field(default="", max_length=64, description="Of the network that was looked at.")


class Accepted(BaseModel):
    """The record as it is now."""

    connection: str
    phases: str
    digest: str
