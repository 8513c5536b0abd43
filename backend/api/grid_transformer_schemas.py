"""What grid operators are told of transformers, hosting and relief. Powers [kW, kVA], shares [%], temperatures [°C]."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Hosting",
    "PlanId",
    "ReliefAsked",
    "ReliefDecision",
    "ReliefPlanCard",
    "ReliefPlanDetail",
    "TransformerDetail",
    "TransformerId",
    "Transformers",
]

TransformerId = Annotated[str, Path(min_length=1, max_length=200, description="Id of a transformer.")]
PlanId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="Id of a plan.")]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Course = list[float | None]


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NowAndPeak(BaseModel):
    """In the last interval, on average where that is told, and at most."""

    now: float | None = None
    mean: float | None = None
    peak: float


class SuspicionItem(BaseModel):
    """What would explain a residual."""

    kind: Literal[
        "missing", "moved", "absent", "partial", "bypassed", "wrong_phase", "unmetered", "own_meter"
    ]
    transformer: str
    place: str = Field(description="Connection or meters; empty where it is none of them.")
    other: str = Field(description="Transformer that it is fed by, or phases such as L1>L2.")
    coefficient: float
    confidence_pct: float
    explained_pct: float
    energy_kwh: float
    reason: str


class ResidualCard(BaseModel):
    """What a transformer's own meter shows beyond the sum below it and the losses."""

    is_notable: bool = Field(description="More than the meters' accuracy explains.")
    energy_kwh: float
    mean_kw: float
    share_pct: float
    suspicions: list[SuspicionItem]


class RiskCard(BaseModel):
    """The next two days, by a forecast."""

    overload_pct: float | None = Field(
        description="Probability that a phase is beyond its rating at some time; null by fewer than four courses."
    )
    peak_pct: float
    high_pct: float = Field(description="Of the rating, at the peak of what nine of ten courses are below.")
    hot_spot_high_c: float
    courses: int
    method: str


class TransformerCard(BaseModel):
    """A transformer over a span. Loadings are of the fullest phase's share of the rating."""

    id: str
    rated_kva: float
    cooling: str
    meter: str
    origin: Literal["meter", "flow", "sum"]
    coverage_pct: float = Field(description="Share of the connections' intervals below that are known.")
    load_kva: NowAndPeak
    loading_pct: NowAndPeak
    peak_start: int
    is_overloaded: bool
    hours_over: float
    hot_spot_c: NowAndPeak
    top_oil_c: NowAndPeak
    ageing: float = Field(description="Mean rate of ageing; 1 is normal.")
    lost_hours: float
    growth: float = Field(description="How many times its load it could carry by current and temperature.")
    free_kva: float
    free_kw: float
    free_feed_in_kw: float
    residual: ResidualCard | None = Field(description="Null where it has no meter of its own.")
    risk: RiskCard | None = Field(description="Null where there is no whole day to go by.")


class RankedTransformer(TransformerCard):
    """One of a list, the fullest first."""

    rank: int


class Transformers(BaseModel):
    """All that feed something."""

    start: int
    end: int
    step_seconds: int
    ambient_source: str
    items: list[RankedTransformer]


class TransformerCourse(BaseModel):
    """Interval by interval; temperatures at their ends."""

    loading_pct: _Course
    phase_loading_pct: list[_Course]
    load_kw: _Course
    load_kva: _Course
    hot_spot_c: _Course
    top_oil_c: _Course
    ambient_c: _Course
    ageing: _Course


class ResidualCourse(BaseModel):
    """Interval by interval, null where either side is unknown."""

    measured_kw: _Course
    modelled_kw: _Course
    residual_kw: _Course


class TransformerForecast(BaseModel):
    """The next two days; low and high are what nine of ten courses are above and below."""

    start: int
    step_seconds: int
    method: str
    courses: int
    ambient_source: str
    mean_pct: _Course
    low_pct: _Course
    high_pct: _Course
    levels: list[float]
    quantiles_pct: list[_Course] = Field(description="Of the courses, a row per level; of the rating.")
    overload_pct: _Course
    hot_spot_c: _Course
    hot_spot_high_c: _Course


class ThermalLimitCard(BaseModel):
    """Of normal cyclic loading, IEC 60076-7."""

    loading_pct: float
    hot_spot_c: float
    top_oil_c: float


class TransformerDetail(TransformerCard):
    """One transformer with its courses."""

    limits: ThermalLimitCard
    ambient_source: str
    start: int
    step_seconds: int
    course: TransformerCourse
    duration_pct: list[float] = Field(description="Loading exceeded in 0, 1, ... 100 % of the time.")
    residual_course: ResidualCourse | None
    forecast: TransformerForecast | None


class HostingLimitCard(BaseModel):
    """What was kept."""

    voltage_least_pu: float
    voltage_most_pu: float
    unbalance_pct: float
    loading_pct: float


class HostingItem(BaseModel):
    """What one connection could take, others as they are."""

    connection: str
    technology: Literal["solar", "charger"]
    phases: str
    kw: float
    limit: Literal["voltage_high", "voltage_low", "unbalance", "segment", "transformer", "connection", "none"]
    place: str
    start: int


class Hosting(BaseModel):
    """Hosting capacities over a span."""

    start: int
    end: int
    step_seconds: int
    limits: HostingLimitCard
    items: list[HostingItem]


class FlexibleLoadTaken(_Taken):
    """A load that might give way. Of a member's connection, the member's own consent decides, not `has_consented`."""

    id: _Name
    connection: _Name
    kind: Literal["shed", "shift", "curtail"]
    watts: float = Field(gt=0, le=1e9)
    from_hour: float = Field(0.0, ge=0, lt=24)
    to_hour: float = Field(24.0, gt=0, le=24)
    most_hours: float = Field(24.0, gt=0, le=24)
    cost_per_kwh: float = Field(0.0, ge=0, le=1e6)
    is_whole: bool = False
    has_consented: bool = False


class ReliefAsked(_Taken):
    """What a relief plan is asked for."""

    transformer: _Name
    loads: list[FlexibleLoadTaken] = Field(max_length=5000)
    hours: int = Field(48, ge=1, le=168, description="Ahead of what is known.")
    limit_pct: float = Field(100.0, gt=0, le=200)
    certainty_pct: float = Field(
        90.0, gt=0, le=100, description="Of the forecast's courses, how many's peak it covers."
    )


class ReliefDecision(_Taken):
    """Why, if anything is to be said."""

    words: str = Field("", max_length=500)


class ReliefPlanCard(BaseModel):
    """A relief plan in a list."""

    id: str
    state: Literal["proposed", "approved", "refused"]
    transformer: str
    made_utc: int
    made_by: str
    start: int
    hours: int
    needed_kw: float
    left_kw: float
    relieved_kwh: float
    cost: float
    actions: int
    holds: bool


class ReliefPlanDetail(BaseModel):
    """A relief plan: what it asks of whom, and what power flow says of it. Nothing carries it out but people."""

    id: str
    state: Literal["proposed", "approved", "refused"]
    transformer: str
    made_utc: int
    made_by: str
    plan: dict[str, Any]
