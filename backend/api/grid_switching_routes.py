"""Plans of switches for networks: asked for, made beside everything else, looked at."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import BaseModel, ConfigDict, Field

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.grid_desk import note_network_look
from backend.api.grid_schemas import NetworkName
from backend.api.schemas import CommunityId, Page
from backend.grid.balancing.plan import PlanRequest
from backend.grid.balancing.problem import SwitchingLimits, Weights

__all__ = ["router"]

router = guarded_router("/operator/communities/{community}/networks/{network}/switching", "grid")

_ID_BYTES = 12
_NAMES_MAX = 5_000
Plan = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$", description="Id of a plan.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Part = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class AskedWeights(BaseModel):
    """What a plan is to lessen, each relative to its value today."""

    model_config = ConfigDict(extra="forbid")

    mean: Part = 1.0
    worst_hour: Part = 0.0
    losses: Part = 0.0
    voltage: Part = 0.0


class AskedPlan(BaseModel):
    """What is asked of a plan of switches."""

    model_config = ConfigDict(extra="forbid")

    element: str = Field(default="", max_length=200, description="Branch or source; by default the head.")
    switches: int = Field(default=5, ge=0, le=10_000, description="Connections that may be moved.")
    seconds: float = Field(default=30.0, ge=1, le=300, description="That it may take.")
    weeks: int = Field(
        default=0, ge=0, le=520, description="To plan on; 0 for a third of all, at least eight."
    )
    budget: Part | None = Field(default=None, description="What moving may cost; an ordinary switch costs 1.")
    critical: list[Name] = Field(default_factory=list, max_length=_NAMES_MAX)
    free_places: list[Name] = Field(
        default_factory=list,
        max_length=_NAMES_MAX,
        description="Connections, buses, or branches for all behind them, where a crew works anyway.",
    )
    places: dict[Name, Part] = Field(
        default_factory=dict,
        max_length=_NAMES_MAX,
        description="The same, with the part of the cost that is left.",
    )
    costs: dict[Name, Part] = Field(default_factory=dict, max_length=_NAMES_MAX)
    weights: AskedWeights = AskedWeights()
    resolution_seconds: int = Field(
        default=0, ge=0, le=86_400, description="Plan on means of such intervals; 0 for those of the series."
    )
    seed: int = Field(default=1, ge=0, le=1_000_000)
    allow_harm: bool = Field(
        default=False, description="Balance even where losses or voltage unbalance become worse by it."
    )


class PlanCard(BaseModel):
    """A plan in a list."""

    id: str
    state: str
    progress: float
    problem: str | None
    made_utc: int
    element: str
    switches: int | None = None
    imbalance_before_kw: float | None = None
    imbalance_after_kw: float | None = None


class PlannedSwitch(BaseModel):
    """One switch, in the order of doing."""

    model_config = ConfigDict(populate_by_name=True)

    connection: str
    others: list[str] = Field(description="Connections on the same spur, which move with it.")
    spur: str = Field(
        description="Branch that is joined to another phase; empty where the connection itself is."
    )
    from_phases: str = Field(alias="from", description="L1; of several conductors, L12 in their order.")
    to_phases: str = Field(alias="to")
    gain_kw: float = Field(description="By how much it lowers the imbalance after those before it.")
    lost_without_kw: float = Field(description="By how much the plan is worse without it alone.")
    holdout_gain_kw: float | None
    cost: float
    bus: str
    place: str
    moved_kw: float = Field(description="Mean power that changes its phase.")
    metering_points: list[str]


class ParetoPoint(BaseModel):
    """The best plan known of at most so many switches."""

    switches: int
    cost: float
    imbalance_kw: float
    holdout_kw: float | None


class PhaseMeans(BaseModel):
    """Mean power by phase behind the element, L1 to L3."""

    before_kw: list[float]
    after_kw: list[float]


class SwitchingPlanCard(BaseModel):
    """A plan. Imbalance: mean over time of the largest deviation of a phase from the mean of the three."""

    id: str
    state: str
    network: str
    element: str
    made_utc: int
    resolution_seconds: int = Field(description="The figures are of means over such intervals.")
    imbalance_before_kw: float
    imbalance_after_kw: float
    holdout_before_kw: float | None
    holdout_after_kw: float | None
    holdout_kind: str = Field(
        description="weeks: held out; days, hours: cross-fitted by such blocks; none: too few intervals."
    )
    worst_hour_before_kw: float
    worst_hour_after_kw: float
    bound_kw: float = Field(description="No plan within the limits comes below.")
    gap: float
    proven: bool
    proof: str
    phases: PhaseMeans
    switches: list[PlannedSwitch]
    pareto: list[ParetoPoint]
    flow: dict[str, float | int | str | list[str] | None] = Field(
        description="Power flow before and after; `warnings` says in words what becomes worse."
    )
    weighed: dict[str, float] = Field(default_factory=dict, description="Weights that it was searched by.")
    spared: list[str] = Field(
        default_factory=list,
        description="What the plan by the weights asked for would have made worse: hence `weighed`.",
    )
    span: dict[str, int]
    movable: int
    left_out: dict[str, int] = Field(description="Connections that cannot be moved, by the reason.")
    loading_seconds: float = Field(default=0.0, description="Before the seconds that were asked for.")
    seconds: float


class PlanWork(BaseModel):
    """How far a plan is, and the plan once it is made."""

    id: str
    state: str
    progress: float
    problem: str | None
    made_utc: int
    element: str
    asked: dict[str, Any]
    plan: SwitchingPlanCard | None


@router.post("", response_model=PlanWork, status_code=202)
def ask_plan(
    request: Request,
    community: CommunityId,
    network: NetworkName,
    asked: AskedPlan,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Suggest which few connections to move to which phase; look at how far it is until it is done."""
    services.rate.admit(address_of(request))
    known = services.grid.networks.find(community, network)
    plan = secrets.token_hex(_ID_BYTES)
    return services.grid.plans.ask(
        known, _request(asked), plan, opened.user.id, services.clock, time.monotonic
    )


@router.get("", response_model=Page[PlanCard])
def plans(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """Plans of a network, the newest first, those under way before all."""
    known = services.grid.networks.find(community, network)
    return {"items": services.grid.plans.items(known), "next_cursor": None}


@router.get("/{plan}", response_model=PlanWork)
def plan(
    community: CommunityId, network: NetworkName, plan: Plan, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """A plan, or how far it is."""
    known = services.grid.networks.find(community, network)
    told = services.grid.plans.tell(known, plan)
    if told["plan"] is not None:
        points = [point for one in told["plan"]["switches"] for point in one["metering_points"]]
        note_network_look(services, opened, known, "switching", points)
    return told


def _request(asked: AskedPlan) -> PlanRequest:
    return PlanRequest(
        limits=SwitchingLimits(
            switches_max=asked.switches,
            budget=float("inf") if asked.budget is None else asked.budget,
            critical=frozenset(asked.critical),
            costs=asked.costs,
            places={**asked.places, **dict.fromkeys(asked.free_places, 0.0)},
        ),
        element=asked.element,
        weights=Weights(**asked.weights.model_dump()),
        seconds=asked.seconds,
        weeks=asked.weeks,
        seed=asked.seed,
        step_seconds=asked.resolution_seconds,
        allows_harm=asked.allow_harm,
    )
