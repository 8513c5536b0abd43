"""Consents that one gives and takes back, signed by one's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.identity_schemas import (
    ConsentDraftAsked,
    ConsentItem,
    GranteeItem,
    PaperDraft,
    SignedDraft,
)
from backend.api.schemas import Page, instant
from backend.ports.consents import ConsentScope
from backend.services.consents import (
    ConsentAsked,
    consents_of,
    draft_consent,
    draft_withdrawal,
    grantees_of,
    sign_consent,
)

if TYPE_CHECKING:
    from backend.services.consents import Grantee

__all__ = ["router"]

router = guarded_router("", "consents")


def _shape_grantee(grantee: Grantee) -> dict[str, Any]:
    return {
        "address": grantee.address,
        "kind": grantee.kind,
        "label": grantee.label,
        "seat": grantee.seat,
    }


@router.get("/consents/grantees", response_model=Page[GranteeItem])
def grantees(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Roles and members that a consent can name; any other account can be given by its address."""
    return {"items": [_shape_grantee(known) for known in grantees_of(services.context, opened.user)]}


@router.get("/me/consents", response_model=Page[ConsentItem])
def my_consents(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Consents that one gave, the newest first, and whether each holds at this moment."""
    items = [
        {
            "grantee": _shape_grantee(told["grantee"]),
            "scope": told["scope"].name.lower(),
            "begins_at": instant(told["from_utc"]),
            "ends_at": instant(told["until_utc"]),
            "holds": told["holds"],
        }
        for told in consents_of(services.context, opened.user)
    ]
    return {"items": items}


@router.post("/me/consents/draft", response_model=PaperDraft)
def draft(body: ConsentDraftAsked, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What one's key signs to give a consent, or to take one back."""
    scope, context = ConsentScope[body.scope.upper()], services.context
    if body.withdraw:
        return draft_withdrawal(context, services.drafts, opened.user, body.grantee, scope)
    asked = ConsentAsked(body.grantee, scope, body.from_utc, body.until_utc)
    return draft_consent(context, services.drafts, opened.user, asked)


@router.post("/me/consents", status_code=204)
def sign(body: SignedDraft, opened: AsksAs, services: ServicesOf) -> Response:
    """Have a signed consent, or its withdrawal, sent to the chain; it is in force at once."""
    with services.relaying("consent") as context:
        sign_consent(context, services.drafts, opened.user, body.draft, body.signature)
    return Response(status_code=204)
