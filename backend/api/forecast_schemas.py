"""What pages and programs are told of forecasts. Power [W], shared energy [mWh], instants ISO 8601 in UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints

from backend.api.schemas import instant
from backend.services.forecasts.on_demand import POINTS_MAX

__all__ = [
    "Accuracy",
    "Advice",
    "AskedCommunity",
    "AskedPoints",
    "AskedSubject",
    "AskedTarget",
    "ForecastAnswer",
    "Hours",
    "KnownAt",
    "LimitAt",
    "ModelAnswer",
    "ModelId",
    "ModelItem",
    "OriginAt",
    "SubjectItem",
]

_ID = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_HASH = r"^0x[0-9a-f]{64}$"

AskedCommunity = Annotated[
    str | None, Query(pattern=_ID, description="Id of a community; without, the caller's.")
]
AskedSubject = Annotated[
    str | None,
    Query(
        max_length=400,
        description="community, home:ID, point:ID, feeder:ID or network:NAME/TRANSFORMER; without, one's own home, "
        "else the community.",
    ),
]
AskedTarget = Annotated[
    Literal["load", "solar", "wind", "net", "shareable", "price", "carbon"],
    Query(description="What of it."),
]
AskedPoints = Annotated[
    list[Annotated[str, StringConstraints(max_length=400)]] | None,
    Query(
        max_length=POINTS_MAX,
        description="Metering points, of which a forecast is made when it is asked for.",
    ),
]
OriginAt = Annotated[AwareDatetime | None, Query(description="The forecast that begins here.")]
KnownAt = Annotated[AwareDatetime | None, Query(description="What had been forecast by then.")]
Hours = Annotated[int | None, Query(ge=1, le=168, description="How much of it.")]
LimitAt = Annotated[
    float | None,
    Query(
        allow_inf_nan=False,
        description="Hold it against this, in its unit; without, what the connection or the transformer may carry.",
    ),
]
ModelId = Annotated[str, Path(pattern=_HASH, description="Hash of a model.")]

Instant = Annotated[str, BeforeValidator(lambda value: instant(value) if isinstance(value, int) else value)]
_Kind = Literal["community", "home", "point", "feeder", "network"]


class SubjectItem(BaseModel):
    """Something that forecasts are kept of; without origin where one is made when it is asked for."""

    subject: str
    kind: _Kind
    label: str
    target: str
    unit: str
    origin: Instant | None
    end: Instant | None
    made: Instant | None
    model: str
    has_accuracy: bool


class WeatherTold(BaseModel):
    """What weather a forecast used."""

    source: Literal["none", "clear-sky", "forecast", "observed"]
    ex_post: bool = Field(description="Measured later: nobody had it when the forecast begins.")
    words: str


class UsedModel(BaseModel):
    """What made a forecast."""

    id: str = Field(description="Hash of the model; empty where none made it.")
    name: str
    trained_until: Instant | None
    anchored: bool


class HighestTold(BaseModel):
    """The highest interval of a span, by courses drawn as the subject's past errors went together."""

    start: Instant = Field(description="Of the interval that is most probably the highest.")
    start_p10: Instant = Field(description="With a probability of a tenth the highest begins by then.")
    start_p50: Instant
    start_p90: Instant
    p10: float = Field(description="Height.")
    p50: float
    p90: float
    mean: float


class PeakTold(HighestTold):
    """The highest interval of all that is told."""

    learned_from: int = Field(description="Past forecasts by which is known how intervals go together.")


class DayAheadTold(HighestTold):
    """The highest interval of a local civil day, and whether the limit is passed in it."""

    day: str
    hours: float = Field(description="Of the day that are forecast.")
    above: float | None = Field(
        description="Probability that any interval is above the limit; null without one."
    )
    intervals_above: float | None = Field(description="How many are, on average.")


class ReasonTold(BaseModel):
    """Why something was not done as usual, by a code of the catalogue (``other`` where it has none)."""

    code: str
    words: str
    figures: dict[str, float | str]


class LimitTold(BaseModel):
    """What must not be exceeded, and how likely it is."""

    value: float
    words: str
    exceedance: list[float] = Field(description="By interval, each by itself.")
    above: float = Field(description="Probability that any interval is above it.")
    intervals_above: float = Field(description="How many are, on average.")


class RampTold(BaseModel):
    """How probably the sun's power changes by a size within a while, on a local civil day."""

    day: str
    size_watts: float
    share_of_power: float
    window_seconds: int
    up: float = Field(description="Probability of one rise at least.")
    down: float = Field(description="Probability of one fall at least.")
    likely_up: Instant | None = Field(description="Where the most probable rise begins.")
    likely_down: Instant | None
    roofs: int = Field(description="Whose scenarios were summed.")


class RetailCourse(BaseModel):
    """A price per kilowatt-hour, by interval."""

    mean: list[float]
    p10: list[float]
    p90: list[float]


class RetailTold(BaseModel):
    """What a contract that passes the market's price on would ask and pay, by the tariff in force."""

    unit: str
    network_and_excise: float = Field(description="Added to the market's price. [EUR/kWh, without VAT]")
    vat: float
    supply: RetailCourse = Field(description="VAT included.")
    feed_in: RetailCourse


class ForecastAnswer(BaseModel):
    """A forecast as it was made, beside what came."""

    community: str
    subject: str
    kind: _Kind
    label: str
    target: str
    unit: str
    time_zone: str
    origin: Instant
    end: Instant
    step_seconds: int
    made: Instant = Field(description="Belief time: when it was made.")
    hindcast: bool = Field(
        description="Made when what came was stored already, from readings before its origin alone."
    )
    readings_until: Instant
    weather: WeatherTold
    model: UsedModel
    fallback: str = Field(description="Why a simpler model took over; empty where none did.")
    reasons: list[ReasonTold] = Field(description="The same by code and figures, to be said in any language.")
    start: list[Instant]
    mean: list[float]
    levels: list[float]
    quantiles: list[list[float]] = Field(description="A row per level.")
    actual: list[float | None]
    peak: PeakTold
    days: list[DayAheadTold]
    limit: LimitTold | None
    ramps: list[RampTold] = Field(
        description="Of target solar alone; empty where too few past days are known."
    )
    retail: RetailTold | None = Field(description="Of target price alone.")
    origins: list[Instant]


class Figures(BaseModel):
    """How good, beside the seasonal naive from the same origins."""

    intervals: int
    mae: float
    rmse: float
    pinball: float
    mape_pct: float | None
    naive_mae: float
    naive_pinball: float
    skill: float | None
    skill_pinball: float | None
    coverage_80: float


class LeadFigures(Figures):
    """By how long before."""

    from_hours: int
    to_hours: int


class GroupFigures(Figures):
    """By part of the day and kind of day."""

    group: Literal["night", "morning", "midday", "evening", "weekday", "weekend"]


class ReliabilityTold(BaseModel):
    """How often what came was at or below each level's quantile."""

    levels: list[float]
    observed: list[float]
    expected_low: list[float]
    expected_high: list[float]
    effective: int


class DayFigures(BaseModel):
    """A local civil day, forecast a day ahead."""

    day: str
    mae: float
    pinball: float
    naive_mae: float
    naive_pinball: float
    coverage_80: float
    intervals: int


class DriftTold(BaseModel):
    """Whether the model has become worse than when it was judged."""

    alarm: bool
    since: str | None
    statistic: float | None
    limit: float | None
    ratio: float | None
    days: int
    retrain_due: bool


class ModelName(BaseModel):
    """A model."""

    id: str
    name: str


class Accuracy(BaseModel):
    """How good forecasts were."""

    community: str
    subject: str
    target: str
    unit: str
    from_: Instant = Field(alias="from")
    until: Instant
    origins: int
    hindcasts: int
    fallbacks: int
    weather: WeatherTold
    overall: Figures
    leads: list[LeadFigures]
    groups: list[GroupFigures]
    reliability: ReliabilityTold
    course: list[DayFigures]
    drift: DriftTold
    model: ModelName | None


class ModelItem(BaseModel):
    """A trained model."""

    id: str
    subject: str
    target: str
    name: str
    trained_until: Instant
    trained: Instant
    data_hash: str
    code_hash: str
    seed: int
    anchored: bool
    in_use: bool


class AnchorTold(BaseModel):
    """Where a model's hash stands on chain: the leaf at a place, that climbs to a root among a run's documents."""

    run: str
    root: str
    place: int
    path: list[str]
    anchored_utc: Instant


class ModelAnswer(ModelItem):
    """A trained model with its card."""

    card: dict[str, Any]
    anchor: AnchorTold | None


class AdviceHour(BaseModel):
    """What one more kilowatt-hour would cost in an interval."""

    start: Instant
    price_cents_per_kwh: float
    shared_likely: float
    spare_kwh: float
    rank: int
    grams_per_kwh: float | None = Field(
        description="Carbon intensity of the grid's electricity; null where not forecast."
    )


class GreenestTold(BaseModel):
    """When the grid's electricity is expected to be of the least carbon."""

    start: Instant
    end: Instant
    grams_per_kwh: float
    day_grams_per_kwh: float = Field(description="Mean of the day.")
    worst_start: Instant
    worst_grams_per_kwh: float
    model: str


class AdviceItem(BaseModel):
    """When to use some energy, and what that saves beside the usual time."""

    what: Literal["wash", "charge"]
    duration_hours: float
    energy_kwh: float
    start: Instant
    end: Instant
    worst_start: Instant
    cost_cents: float
    usual_cost_cents: float
    saving_cents: float
    saving_p10_cents: float
    saving_p90_cents: float
    probability: float


class AdviceBasis(BaseModel):
    """What advice rests on."""

    forecast_of: list[str]
    weather: WeatherTold
    model_ids: list[str]


class Advice(BaseModel):
    """Tomorrow's advice for a home."""

    community: str
    participant: str
    time_zone: str
    origin: Instant
    made: Instant
    day: str
    currency: str
    assumed_kwh: dict[str, float]
    hours: list[AdviceHour]
    advice: list[AdviceItem]
    greenest: GreenestTold | None
    rests_on: AdviceBasis
