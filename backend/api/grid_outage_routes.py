"""Outages of a network's elements, and whose phase is wrong, for its grid operator."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.grid_desk import note_network_look
from backend.api.grid_outage_schemas import (
    Acceptance,
    Accepted,
    ConnectionId,
    ElementKindName,
    IsolationName,
    Outage,
    OutageHours,
    OutageList,
    OutageRanking,
    OutdoorCelsius,
    PhaseSuggestions,
)
from backend.api.grid_schemas import BeginAt, EndAt, NetworkName
from backend.api.schemas import CommunityId
from backend.api.spans import span_of
from backend.errors import ConflictError
from backend.grid import Phases
from backend.grid.outage import ElementKind
from backend.grid.restoration import Isolation
from backend.services.grid.outages import OutageQuestion, rank_outages, tell_outage
from backend.services.grid.phase_records import (
    PhaseQuestion,
    accept_phases,
    keep_suggestions,
    suggest_for,
    suggested_why,
    tell_suggestions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.api.dependencies import Services
    from backend.services.grid.known_networks import KnownNetwork

__all__ = ["router"]

router = guarded_router("/operator/communities/{community}/networks/{network}", "grid")


@router.get("/outage", response_model=Outage)
def outage(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    element: Annotated[
        str,
        Query(
            min_length=1,
            max_length=220,
            description="Segment, switch, transformer, bus or substation; bus:ID where several share an id.",
        ),
    ],
    isolation: IsolationName = "switches",
    hours: OutageHours = 2.0,
    temperature: OutdoorCelsius = None,
    begin: BeginAt = None,
    end: EndAt = None,
) -> JSONResponse:
    """What the loss of an element costs, what can be switched back on before its repair, and what returns with it.

    Over the last four weeks that are stored, unless a span is given.
    """
    known = services.grid.networks.find(community, network)
    question = OutageQuestion(
        *span_of(begin, end),
        Isolation(isolation),
        hours=hours,
        temperature=float("nan") if temperature is None else temperature,
    )
    with services.heavy():
        told = tell_outage(services.grid.sources, known, element, question)
    lost = {*told["impact"]["connections"], *told["restoration"]["lost"]}
    note_network_look(services, opened, known, "outage", known.points_of(lost))
    return JSONResponse(told)


@router.get("/outages", response_model=OutageList)
def outages(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    by: OutageRanking = "load",
    kind: ElementKindName = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    begin: BeginAt = None,
    end: EndAt = None,
) -> JSONResponse:
    """Elements by what their loss costs, the worst first."""
    known = services.grid.networks.find(community, network)
    question = OutageQuestion(*span_of(begin, end))
    kinds = tuple(ElementKind) if kind is None else (ElementKind(kind),)
    with services.heavy():
        told = rank_outages(services.grid.sources, known, question, by, kinds, limit)
    note_network_look(services, opened, known, "outages")
    return JSONResponse(told)


@router.get("/phases", response_model=PhaseSuggestions)
def phases(
    community: CommunityId, network: NetworkName, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Phases that were suggested last, beside what the records say now."""
    known = services.grid.networks.find(community, network)
    note_network_look(services, opened, known, "phases")
    return _tell_phases(services, known)


@router.post(
    "/phases",
    response_model=PhaseSuggestions,
    status_code=202,
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
async def suggest(
    request: Request,
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    head: Annotated[
        str, Query(max_length=220, description="Branch or bus that the head's rows are of; all without.")
    ] = "",
    known: Annotated[
        list[str] | None,
        Query(max_length=5_000, description="Connections whose phases were looked at on site."),
    ] = None,
    unrecorded: Annotated[
        list[str] | None,
        Query(max_length=5_000, description="Connections whose phases nobody wrote down."),
    ] = None,
) -> dict[str, Any]:
    """Suggest phases from what meters and the feeder's head measured; look at how far it is until it is done.

    The body is CSV: `start,place,terminal,volts,watts`, a row per instant and terminal; `place` is a connection, a
    metering point or `head`.
    """
    services.rate.admit(address_of(request))
    body = await request.body()
    question = PhaseQuestion(head, tuple(known or ()), tuple(unrecorded or ()))
    by = opened.user.id

    def begin() -> dict[str, Any]:
        from backend.adapters.networks.phase_measurements import read_phase_measurements

        found = services.grid.networks.find(community, network)
        with services.heavy():
            measured = read_phase_measurements(body, "the body")

        def task(note: Callable[[float], None]) -> str:
            document = suggest_for(services.grid.sources, found, measured, question)
            note(0.9)
            store = services.grid.sources.store
            return keep_suggestions(store, services.clock, secrets.token_hex(12), by, document).id

        services.grid.work.ask(_key(found), task, community)
        return _tell_phases(services, found)

    return await run_in_threadpool(begin)


@router.post("/phases/{connection:path}", response_model=Accepted)
def accept(
    *,
    community: CommunityId,
    network: NetworkName,
    connection: ConnectionId,
    body: Acceptance,
    opened: AsksAs,
    services: ServicesOf,
) -> dict[str, Any]:
    """Record a connection on other phases: the network gets a new version, its timeline says who and why."""
    known = services.grid.networks.find(community, network)
    if body.digest and body.digest != known.record.digest:
        raise ConflictError(
            f"network {network} was changed since it was looked at; look at it again, then decide."
        )
    asked, store = Phases.parse(body.phases), services.grid.sources.store
    why = body.why or suggested_why(store, known, connection, asked)
    after = accept_phases(store, services.clock, known.record, connection, asked, by=opened.user.id, why=why)
    return {"connection": connection, "phases": str(asked), "digest": after.digest}


def _tell_phases(services: Services, known: KnownNetwork) -> dict[str, Any]:
    told = tell_suggestions(services.grid.sources.store, known)
    work = services.grid.work.look(_key(known))
    state = "done" if told["id"] else "none"
    problem = None
    if work is not None and (work.is_open or work.state == "failed"):
        state, problem = work.state, work.problem or None
    return {**told, "state": state, "problem": problem, "digest": known.record.digest}


def _key(known: KnownNetwork) -> str:
    return f"phases {known.record.name}"
