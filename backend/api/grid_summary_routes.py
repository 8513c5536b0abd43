"""What a network's flows sum up to: asked for, computed beside everything else, ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query, Request

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.grid_desk import note_network_look
from backend.api.grid_schemas import Course, Measure, NetworkName, RankBy, Ranking, SummaryCard
from backend.api.schemas import CommunityId
from backend.errors import NotFoundError
from backend.grid import Segment, Switch, Transformer
from backend.grid.imbalance import MEASURES
from backend.grid.imbalance import Measure as MeasureName
from backend.services.grid.summaries import course_of, is_stale, ranking_of, summarise_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.api.dependencies import Services
    from backend.services.grid.known_networks import KnownNetwork

__all__ = ["router"]

router = guarded_router("/operator/communities/{community}/networks/{network}", "grid")

_KINDS = {"segment": Segment, "switch": Switch, "transformer": Transformer}
OfElement = Annotated[
    str | None, Query(max_length=200, description="Of a branch or bus; without, the network's worst place.")
]


@router.post("/summary", response_model=SummaryCard, response_model_exclude_none=True, status_code=202)
def ask_summary(
    request: Request, community: CommunityId, network: NetworkName, services: ServicesOf
) -> dict[str, Any]:
    """Compute the flows of all stored intervals; look at how far it is until it is done."""
    services.rate.admit(address_of(request))
    desk = services.grid
    known = desk.networks.find(community, network)

    def task(note: Callable[[float], None]) -> dict[str, Any]:
        return summarise_network(desk.networks, desk.flows, known, services.clock.now_utc(), note)

    desk.work.ask(_key(known), task, community)
    return _tell(services, known)


@router.get("/summary", response_model=SummaryCard, response_model_exclude_none=True)
def summary(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """How far the computing of all flows is, and what was computed last; `none` where nothing was asked for."""
    return _tell(services, services.grid.networks.find(community, network))


@router.get("/ranking", response_model=Ranking)
def ranking(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    measure: Measure = "deviation",
    by: RankBy = "element",
    element: OfElement = None,
    kind: Annotated[Literal["segment", "switch", "transformer"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 50,
) -> dict[str, Any]:
    """Elements, hours, weekdays or seasons, the worst first, from the summary."""
    known, about = _summed(services, community, network)
    name = MeasureName(measure)
    kinds = (
        None if kind is None else {one.id for one in known.network.branches if isinstance(one, _KINDS[kind])}
    )
    told = ranking_of(services.grid.flows, network, name, by, element or "", kinds, limit)
    note_network_look(services, opened, known, "flows")
    return {
        "by": by,
        "measure": measure,
        "unit": MEASURES[name].unit,
        "element": element or None,
        "from": about["from"],
        "to": about["to"],
        "stale": is_stale(services.grid.networks, known, about),
        **told,
    }


@router.get("/course", response_model=Course)
def course(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    measure: Measure = "deviation",
    element: OfElement = None,
    by: Annotated[Literal["week"], Query()] = "week",  # noqa: ARG001 -- the one way of telling a course, named in requests
) -> dict[str, Any]:
    """How a measure moves from week to week, from the summary."""
    known, _ = _summed(services, community, network)
    name = MeasureName(measure)
    items = course_of(services.grid.flows, network, name, element or "")
    note_network_look(services, opened, known, "flows")
    return {"element": element or None, "measure": measure, "unit": MEASURES[name].unit, "items": items}


def _key(known: KnownNetwork) -> str:
    return f"summary {known.record.name}"


def _summed(services: Services, community: str, network: str) -> tuple[KnownNetwork, dict[str, Any]]:
    known = services.grid.networks.find(community, network)
    about = services.grid.flows.about(network)
    if about is None:
        raise NotFoundError(
            f"The flows of network {network!r} were not summed up yet; ask for its summary first."
        )
    return known, about


def _tell(services: Services, known: KnownNetwork) -> dict[str, Any]:
    work = services.grid.work.look(_key(known))
    about = services.grid.flows.about(known.record.name)
    told: dict[str, Any] = {"state": "none", "progress": 0.0}
    if about is not None:
        names = ("from", "to", "step_seconds", "intervals", "energy_kwh", "losses_kwh", "made_utc")
        told = {"state": "done", "progress": 1.0, **{name: about[name] for name in names}}
        told["stale"] = is_stale(services.grid.networks, known, about)
    if work is not None and (work.is_open or work.state == "failed"):
        told |= {"state": work.state, "progress": work.progress, "problem": work.problem or None}
    return told
