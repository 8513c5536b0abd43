"""One's own data: all of it to take away, and to have forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.identity_schemas import ErasureAnswer, ErasureAsked
from backend.api.schemas import instant
from backend.services.privacy import ask_erasure, erasure_of, plan_erasure, take_back_erasure

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.ports import UserRecord

__all__ = ["router"]

router = guarded_router("", "privacy")


@router.get("/me/export", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
def my_data(opened: AsksAs, services: ServicesOf) -> Response:
    """Everything that is held about one, as a ZIP with an index in one's language."""
    from backend.services.privacy_export import export_person

    with services.heavy():
        written = export_person(services.context, services.wiring.render_bill, opened.user)
    name = f"{opened.user.community}-{opened.user.participant}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, media_type="application/zip", headers=headers)


def _tell(services: Services, user: UserRecord) -> dict[str, Any]:
    plan = plan_erasure(services.context, user.community, user.participant)
    with services.store.reading() as records:
        asked = erasure_of(records, user.community, user.participant)
    return {
        "asked_at": None if asked is None else instant(asked.asked_utc),
        "parts": [
            {
                "what": part.what,
                "due_at": instant(part.due_utc),
                "waits_for": part.waits_for or None,
                "source": part.source,
            }
            for part in plan.parts
        ],
    }


@router.get("/me/erasure", response_model=ErasureAnswer)
def my_erasure(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What would be destroyed when, and whether one asked for it."""
    return _tell(services, opened.user)


@router.post("/me/erasure", response_model=ErasureAnswer, status_code=202)
def ask(body: ErasureAsked, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:  # noqa: ARG001 -- the word is checked
    """Ask to be forgotten: what is due goes within a day, the rest when it is due."""
    ask_erasure(services.context, opened.user.community, opened.user.participant)
    return _tell(services, opened.user)


@router.delete("/me/erasure", status_code=204)
def take_back(opened: AsksAs, services: ServicesOf) -> Response:
    """Take the wish back, as long as nothing was destroyed."""
    take_back_erasure(services.context, opened.user.community, opened.user.participant)
    return Response(status_code=204)
