"""Transformers for the community's grid operator: load, temperature, residual, hosting, and plans that relieve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query, Request

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.grid_desk import note_network_look
from backend.api.grid_schemas import BeginAt, EndAt, NetworkName
from backend.api.grid_transformer_schemas import (
    Hosting,
    PlanId,
    ReliefAsked,
    ReliefDecision,
    ReliefPlanCard,
    ReliefPlanDetail,
    TransformerDetail,
    TransformerId,
    Transformers,
)
from backend.api.schemas import CommunityId, Page
from backend.api.spans import span_of
from backend.grid.hosting import HostingLimits, Technology
from backend.grid.relief import read_flexible_loads
from backend.ports.consents import ConsentScope
from backend.ports.grid_plan_records import PlanState
from backend.services.grid.relief_plans import (
    ReliefOrder,
    decide_plan,
    find_plan,
    list_plans,
    make_plan,
    relief_consents,
)
from backend.services.grid.transformer_views import tell_hosting, tell_transformer, tell_transformers

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.ports.grid_plan_records import PlanRecord
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("/operator/communities/{community}/networks/{network}", "grid")

_PERCENT = 100.0
_CARD = ("start", "hours", "needed_kw", "left_kw", "relieved_kwh", "cost", "holds")
Technologies = Annotated[
    list[Literal["solar", "charger"]] | None, Query(description="Of these alone; without, both.")
]
Connections = Annotated[
    list[str] | None, Query(max_length=200, description="Of these alone; without, all of them.")
]


@router.get("/transformers", response_model=Transformers)
def transformers(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    begin: BeginAt = None,
    end: EndAt = None,
) -> dict[str, Any]:
    """Transformers that feed something, the fullest first; without a span, over the last four weeks."""
    known = services.grid.networks.find(community, network)
    with services.heavy():
        told = tell_transformers(services.grid.transformers, known, *span_of(begin, end))
    note_network_look(services, opened, known, "transformers")
    return told


@router.get("/transformers/{transformer:path}", response_model=TransformerDetail)
def transformer_detail(
    *,
    community: CommunityId,
    network: NetworkName,
    transformer: TransformerId,
    opened: AsksAs,
    services: ServicesOf,
    begin: BeginAt = None,
    end: EndAt = None,
) -> dict[str, Any]:
    """One transformer: courses of load and temperatures, duration, residual with suspected places, forecast."""
    known = services.grid.networks.find(community, network)
    with services.heavy():
        told = tell_transformer(services.grid.transformers, known, transformer, *span_of(begin, end))
    # What is suspected may be any meter of the community.
    note_network_look(services, opened, known, "transformer")
    return told


@router.get("/hosting", response_model=Hosting)
def hosting(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    connection: Connections = None,
    technology: Technologies = None,
    begin: BeginAt = None,
    end: EndAt = None,
) -> dict[str, Any]:
    """How much sun and charging each connection could take, on one phase and on three; at most 200 at once."""
    known = services.grid.networks.find(community, network)
    chosen = [Technology(one) for one in dict.fromkeys(technology or ("solar", "charger"))]
    with services.heavy():
        told = tell_hosting(
            services.grid.transformers, known, connection, chosen, HostingLimits(), *span_of(begin, end)
        )
    note_network_look(services, opened, known, "hosting")
    return told


@router.post("/relief-plans", response_model=ReliefPlanDetail, status_code=201)
def ask_relief(
    *,
    request: Request,
    community: CommunityId,
    network: NetworkName,
    asked: ReliefAsked,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Propose who gives way so that a transformer keeps its rating; nothing is carried out, nobody is switched.

    Of a member's connection, the member's consent to flexibility decides whether it may be asked.
    """
    services.rate.admit(address_of(request))
    known = services.grid.networks.find(community, network)
    loads = read_flexible_loads([one.model_dump() for one in asked.loads])
    desk = services.grid.transformers
    order = ReliefOrder(
        transformer=asked.transformer,
        loads=relief_consents(desk, known, loads, _consents(services, opened, community)),
        hours=asked.hours,
        limit=asked.limit_pct / _PERCENT,
        certainty=asked.certainty_pct / _PERCENT,
        asked_by=opened.user.id,
    )
    with services.heavy():
        made = make_plan(desk, services.clock, known, order)
    note_network_look(services, opened, known, "relief", known.points_of({load.connection for load in loads}))
    return _tell(made)


@router.get("/relief-plans", response_model=Page[ReliefPlanCard])
def relief_plans(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """The network's relief plans, the newest first."""
    known = services.grid.networks.find(community, network)
    items = [
        {
            "id": one.id,
            "state": one.state.value,
            "transformer": one.element,
            "made_utc": one.made_utc,
            "made_by": one.made_by,
            "actions": len(one.document["actions"]),
            **{name: one.document[name] for name in _CARD},
        }
        for one in list_plans(services.store, known.record.name)
    ]
    return {"items": items, "next_cursor": None}


@router.get("/relief-plans/{plan}", response_model=ReliefPlanDetail)
def relief_plan(
    community: CommunityId, network: NetworkName, plan: PlanId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """One relief plan."""
    known = services.grid.networks.find(community, network)
    with services.store.reading() as records:
        found = find_plan(records, known.record.name, plan)
    note_network_look(services, opened, known, "relief")
    return _tell(found)


@router.post("/relief-plans/{plan}/approve", response_model=ReliefPlanDetail)
def approve_relief(
    *,
    community: CommunityId,
    network: NetworkName,
    plan: PlanId,
    decision: ReliefDecision,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Approve a proposal: who and when is written down, for people to carry it out."""
    return _decide(services, opened, community, network, plan, PlanState.APPROVED, decision.words)


@router.post("/relief-plans/{plan}/refuse", response_model=ReliefPlanDetail)
def refuse_relief(
    *,
    community: CommunityId,
    network: NetworkName,
    plan: PlanId,
    decision: ReliefDecision,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Refuse a proposal."""
    return _decide(services, opened, community, network, plan, PlanState.REFUSED, decision.words)


def _decide(
    services: Services,
    opened: OpenSession,
    community: str,
    network: str,
    plan: str,
    state: PlanState,
    words: str,
) -> dict[str, Any]:
    known = services.grid.networks.find(community, network)
    decided = decide_plan(
        services.store, services.clock, known.record.name, plan, state, opened.user.id, words
    )
    note_network_look(services, opened, known, "relief")
    return _tell(decided)


def _consents(services: Services, opened: OpenSession, community: str) -> Any:
    """Does a member's consent to flexibility, given to the one who asks, last now?"""

    def holds(participant: str) -> bool:
        return services.consents.holds(community, participant, opened.user.id, ConsentScope.FLEXIBILITY)

    return holds


def _tell(record: PlanRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "state": record.state.value,
        "transformer": record.element,
        "made_utc": record.made_utc,
        "made_by": record.made_by,
        "plan": record.document,
    }
