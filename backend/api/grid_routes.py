"""Networks of a community for its grid operator: their structure, and what flows in them.

Every look that shows what persons draw is logged before anything is handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header
from fastapi.responses import JSONResponse, Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.grid_desk import note_network_look
from backend.api.grid_schemas import (
    BeginAt,
    ElementId,
    ElementSeries,
    EndAt,
    Frames,
    Measure,
    NetworkCard,
    NetworkName,
    NetworkStructure,
    PlanId,
)
from backend.api.schemas import CommunityId, Page
from backend.api.spans import span_of
from backend.grid.imbalance import Measure as MeasureName
from backend.services.grid.known_networks import tell_card, tell_structure
from backend.services.grid.looks import found_element

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.services.grid.known_networks import KnownNetwork

__all__ = ["router"]

router = guarded_router("/operator/communities/{community}/networks", "grid")

_GEOJSON = "application/geo+json"


@router.get("", response_model=Page[NetworkCard])
def networks(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """The community's networks, by name."""
    desk = services.grid
    items = [tell_card(desk.sources, known) for known in desk.networks.of_community(community)]
    return {"items": items, "next_cursor": None}


@router.get("/{network}", response_model=NetworkStructure, responses={200: {"content": {_GEOJSON: {}}}})
def structure(
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """A network as a graph; as GeoJSON where `Accept: application/geo+json` asks for it."""
    known = services.grid.networks.find(community, network)
    note_network_look(services, opened, known, "structure")
    if _GEOJSON in accept.lower():
        from backend.adapters.networks.geojson import write_geojson

        return Response(write_geojson(known.network), media_type=_GEOJSON)
    return JSONResponse(tell_structure(known))


@router.get("/{network}/frames", response_model=Frames)
def frames(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    measure: Measure = "deviation",
    begin: BeginAt = None,
    end: EndAt = None,
    plan: PlanId = None,
) -> Response:
    """A measure of every element in every quarter-hour (or longer step) of at most a day; without a span, of the last.

    Intervals in which nothing is known of any connection are null. Series at a shorter step are looked at as the means
    of quarter-hours.
    """
    known = _known(services, community, network, plan)
    span = span_of(begin, end)
    with services.heavy():
        told = services.grid.looks.frames(known, *span, MeasureName(measure))
    note_network_look(services, opened, known, "flows")
    return JSONResponse(told)


@router.get("/{network}/elements/{element:path}/series", response_model=ElementSeries)
def element_series(
    *,
    community: CommunityId,
    network: NetworkName,
    element: ElementId,
    opened: AsksAs,
    services: ServicesOf,
    begin: BeginAt = None,
    end: EndAt = None,
    plan: PlanId = None,
) -> Response:
    """Phase currents, powers and voltages of an element, interval by interval; without a span, on the last day.

    Of a branch, what leaves it at its end that is named second; of a bus, what comes to it; of a connection, what its
    customer draws and the voltage there.
    """
    known = _known(services, community, network, plan)
    span = span_of(begin, end)
    with services.heavy():
        told = services.grid.looks.element(known, element, *span)
    points = known.points_behind(_connections_behind(known, element))
    note_network_look(services, opened, known, "element", points)
    return JSONResponse(told)


def _known(services: Services, community: str, network: str, plan: str | None) -> KnownNetwork:
    known = services.grid.networks.find(community, network)
    return known if plan is None else services.grid.networks.planned(known, plan)


def _connections_behind(known: KnownNetwork, element: str) -> list[int]:
    kind, place = found_element(known, element)
    topology = known.topology
    if kind == "connection":
        return [place]
    if kind == "bus":
        return [one for bus in topology.buses_behind(place) for one in topology.connections_at[bus]]
    return list(topology.connections_behind(place))
