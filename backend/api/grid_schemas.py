"""What grid operators are told of networks. Instants in s since 1970 UTC, unless a name says otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, Field

__all__ = [
    "BeginAt",
    "Course",
    "ElementId",
    "ElementSeries",
    "EndAt",
    "Frames",
    "Measure",
    "NetworkCard",
    "NetworkName",
    "NetworkStructure",
    "PlanId",
    "RankBy",
    "Ranking",
    "SummaryCard",
]

NetworkName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Name of a network.")]
ElementId = Annotated[
    str, Path(min_length=1, max_length=200, description="Id of a branch, connection or bus.")
]
Measure = Annotated[
    Literal["deviation", "neutral", "current", "nema", "vuf", "loading", "voltage"],
    Query(
        description="deviation [kW]: of a branch's phase powers from their mean, the largest; neutral [A]: |I1 + I2 + "
        "I3| of a branch; current [%]: of its phase currents from their mean, the largest; loading [%]: of a branch's "
        "rating; nema [%], vuf [%]: voltage unbalance of a bus by NEMA MG1 and by IEC; voltage [pu]: of the phase of a "
        "bus that is farthest from 1."
    ),
]
RankBy = Annotated[Literal["element", "hour", "weekday", "season"], Query(description="What is ranked.")]
PlanId = Annotated[
    str | None,
    Query(
        alias="plan", pattern=r"^[A-Za-z0-9._-]{1,80}$", description="As if this plan's switches were made."
    ),
]
BeginAt = Annotated[AwareDatetime | None, Query(alias="from", description="First instant, ISO 8601.")]
EndAt = Annotated[AwareDatetime | None, Query(alias="to", description="Instant after the last, ISO 8601.")]


class SeriesCard(BaseModel):
    """What is known of the connections of a network."""

    begin: int = Field(alias="from")
    end: int = Field(alias="to")
    step_seconds: int
    time_zone: str
    measured: int = Field(description="Connections whose metering points have readings.")
    profiled: int = Field(description="Connections that a load profile stands for.")
    unknown: int


class NetworkCard(BaseModel):
    """A network in a list."""

    name: str
    buses: int
    segments: int
    switches: int
    transformers: int
    connections: int
    is_geographic: bool
    loaded_utc: int
    source_format: str
    digest: str
    series: SeriesCard | None = Field(description="Null where nothing is known of any connection.")


class _Ends(BaseModel):
    id: str
    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    phases: str


class StructureBus(BaseModel):
    """A bus. [m or °, V]"""

    id: str
    x: float | None
    y: float | None
    nominal_volts: float
    phases: str
    substation: str


class StructureSource(BaseModel):
    """The network above."""

    id: str
    bus: str


class StructureSegment(_Ends):
    """A line or cable. [m, A]"""

    length_metres: float
    rated_amperes: float = Field(description="0 where unknown.")
    feeder: str = Field(description="The branch that heads its feeder, empty where nothing feeds it.")


class StructureSwitch(_Ends):
    """What opens and closes a way."""

    is_closed: bool
    is_normally_open: bool
    feeder: str


class StructureTransformer(_Ends):
    """Two windings. [VA]"""

    rated_volt_amperes: float
    meter: str


class StructureConnection(BaseModel):
    """Where a customer is joined. [W]"""

    id: str
    bus: str
    phases: str
    metering_points: list[str]
    is_critical: bool
    can_rotate: bool
    switch_cost: float
    rated_watts: float
    feeder: str


class NetworkStructure(BaseModel):
    """A network as a graph; coordinates are metres, or degrees of WGS 84 where it is geographic."""

    name: str
    digest: str
    is_geographic: bool
    frequency: float
    notes: dict[str, str]
    buses: list[StructureBus]
    sources: list[StructureSource]
    segments: list[StructureSegment]
    switches: list[StructureSwitch]
    transformers: list[StructureTransformer]
    connections: list[StructureConnection]


class Frames(BaseModel):
    """A measure of every element in every interval of at most a day."""

    start: int
    step_seconds: int
    measure: str
    unit: str
    kind: Literal["branch", "bus"] = Field(description="What the elements are.")
    elements: list[str]
    values: list[list[float | None]] = Field(
        description="By element, by interval; null where nothing is known."
    )


class RankedItem(BaseModel):
    """A measure over the intervals of one group; of a voltage its distance from nominal."""

    key: str = Field(
        description="An element's id, an hour 0 to 23, a weekday from 0 for Monday, winter, spring, summer or autumn, "
        "or a week's Monday as a date."
    )
    mean: float
    p95: float | None = Field(description="What 95 % of the intervals do not exceed; null for weeks.")
    worst: float
    worst_start: int
    intervals: int


class Ranking(BaseModel):
    """Worst first, by the mean, over all intervals of the summary."""

    by: str
    measure: str
    unit: str
    element: str | None = Field(
        description="Whose hours, weekdays or seasons; null for the network's worst place."
    )
    begin: int = Field(alias="from")
    end: int = Field(alias="to")
    stale: bool = Field(description="Have readings or the network changed since the summary was made?")
    items: list[RankedItem]
    total: int


class Course(BaseModel):
    """How a measure of an element, or of the network's worst place, moves from week to week."""

    element: str | None
    measure: str
    unit: str
    items: list[RankedItem]


class PhaseSeries(BaseModel):
    """Of an element by phase, L1 to L3; null where it lacks the phase or nothing is known."""

    currents_a: list[list[float | None]] | None = None
    powers_kw: list[list[float | None]]
    neutral_a: list[float | None] | None = None
    voltages_pu: list[list[float | None]]
    deviation_kw: list[float | None]
    nema_pct: list[float | None]
    vuf_pct: list[float | None]
    loading_pct: list[float | None] | None = None


class ElementSeries(BaseModel):
    """What an element carries, by interval."""

    element: str
    kind: Literal["segment", "switch", "transformer", "connection", "bus"]
    start: int
    step_seconds: int
    origin: Literal["measured", "profile", "none"] | None = Field(
        description="Of a connection: where its power is from."
    )
    phases: PhaseSeries


class SummaryCard(BaseModel):
    """How far the computing of all flows is, and what was computed last."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    progress: float
    problem: str | None = None
    begin: int | None = Field(default=None, alias="from")
    end: int | None = Field(default=None, alias="to")
    step_seconds: int | None = None
    intervals: int | None = None
    energy_kwh: float | None = Field(default=None, description="Drawn at the sources.")
    losses_kwh: float | None = None
    made_utc: int | None = None
    stale: bool | None = Field(
        default=None, description="Of what is done: have readings or the network changed since?"
    )
