"""What anyone may see: which chain, which communities, their rules, runs, roots and totals; and how the service is."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from backend.api.access import guarded_router
from backend.api.cursors import read_number, read_text, write_cursor
from backend.api.dependencies import ServicesOf, identify
from backend.api.schemas import (
    CommunityCard,
    CommunityId,
    CommunityRule,
    Cursor,
    Deployment,
    Health,
    Label,
    Page,
    PeriodCard,
    Profile,
    instant,
)
from backend.errors import AuthenticationError, NotFoundError, PartageError
from backend.services.community_views import community_card, list_communities, period_cards, profile_of

__all__ = ["router"]

router = guarded_router("", "public")

_DAY_SECONDS = 86_400


@router.get("/public/deployment", response_model=Deployment)
def deployment(services: ServicesOf) -> dict[str, Any]:
    """Which chain and which contracts the proofs are held against, and where to read them."""
    file = services.wiring.home.deployment
    if not file.is_file():
        raise NotFoundError("Nothing is deployed here yet; load a community first.")
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {**kept, "rpc": "/rpc", "embedded": not services.settings.chain_url}


@router.get("/public/communities", response_model=Page[CommunityCard])
def communities(
    services: ServicesOf, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Communities, without anything personal."""
    items, after = list_communities(services.settled, read_text(cursor) or "", limit)
    return {"items": items, "next_cursor": write_cursor(after)}


@router.get("/public/communities/{community}", response_model=CommunityRule)
def one_community(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """A community and the rule in force, in words and numbers."""
    return community_card(services.settled, community, services.clock.now_utc() // _DAY_SECONDS)


@router.get("/public/communities/{community}/periods", response_model=Page[PeriodCard])
def periods(
    request: Request,
    community: CommunityId,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Periods, the newest first, with all their runs: roots, states, totals."""
    items, before = period_cards(
        services.settled,
        community,
        read_number(cursor),
        limit,
        services.contestable_until,
        to_member=_is_member(request, community),
    )
    told = [{**item, "contestable_until": instant(item["contestable_until"])} for item in items]
    return {"items": told, "next_cursor": write_cursor(before)}


@router.get("/public/communities/{community}/periods/{label}/profile", response_model=Profile)
def profile(request: Request, community: CommunityId, label: Label, services: ServicesOf) -> dict[str, Any]:
    """Totals by hour of the day, where enough participants stand behind them; members see what was consented to."""
    return profile_of(services.settled, community, label, to_member=_is_member(request, community))


def _is_member(request: Request, community: str) -> bool:
    """Whether who asks is logged in as a participant of the community, or as its operator, who sees each of them."""
    try:
        user = identify(request).user
    except AuthenticationError:
        return False
    return user.community == community and (bool(user.participant) or "operator" in user.roles)


@router.get("/health", response_model=Health, responses={503: {"description": "The store does not answer."}})
def health(response: Response, services: ServicesOf) -> dict[str, Any]:
    """Do store and chain answer?"""
    try:
        with services.store.reading() as records:
            records.fact("health")
        store_ok = True
    except PartageError:
        store_ok = False
        response.status_code = 503
    block = services.ledger.head()
    return {
        "status": "ok" if store_ok and block is not None else "degraded",
        "chain": {"ok": block is not None, "block": block},
        "store": {"ok": store_ok},
    }
