"""Users and the log of accesses, for administrators: of their own community, or of all where they have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query

from backend.api.access import guarded_router
from backend.api.cursors import read_text, write_cursor
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.idempotency import IdempotencyKey
from backend.api.member_routes import tell_accesses
from backend.api.schemas import (
    AccessItem,
    Cursor,
    NewUser,
    NewUserAnswer,
    Page,
    PasswordAnswer,
    User,
    UserChange,
)
from backend.api.session_routes import shape_user
from backend.errors import NotFoundError
from backend.services.users import add_user, change_user, reset_password, user_of_id

if TYPE_CHECKING:
    from backend.services.sessions import OpenSession

__all__ = ["router"]

router = guarded_router("/admin", "administration")

_TOLD_ONCE = frozenset({"password"})
UserId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}$", description="Id of a user.")]


def _require_within(opened: OpenSession, community: str) -> None:
    """Refuse another community's affairs as if they were not there."""
    within = opened.user.community
    if within and community != within:
        raise NotFoundError(f"There is no community {community!r} here that you administer.")


@router.get("/users", response_model=Page[User])
def users(
    opened: AsksAs,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Users by login."""
    after = read_text(cursor) or ""
    with services.store.reading() as records:
        found = [user for user in records.users(opened.user.community or None) if user.login > after]
    found.sort(key=lambda user: user.login)
    shown = found[:limit]
    following = shown[-1].login if len(found) > limit else None
    return {"items": [shape_user(user) for user in shown], "next_cursor": write_cursor(following)}


@router.post("/users", status_code=201, response_model=NewUserAnswer)
def make_user(
    body: NewUser, opened: AsksAs, services: ServicesOf, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Make a user; the password is told once."""
    _require_within(opened, body.community)

    def work() -> dict[str, Any]:
        user, password = add_user(
            services.store,
            body.login,
            list(body.roles),
            community=body.community,
            participant=body.participant,
            locale=body.locale,
            draw_password=services.draw_password,
        )
        return {"user": shape_user(user), "password": password}

    request = f"POST /admin/users {body.model_dump_json()}"
    return services.once.perform(key, opened.user.id, request, work, secrets=_TOLD_ONCE)


@router.patch("/users/{user_id}", response_model=User)
def alter_user(
    user_id: UserId, body: UserChange, opened: AsksAs, services: ServicesOf, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Disable or enable a user, or change their roles; who loses something is logged out."""
    user = user_of_id(services.store, user_id, opened.user.community)

    def work() -> dict[str, Any]:
        roles = None if body.roles is None else list(body.roles)
        return shape_user(change_user(services.store, user, disabled=body.disabled, roles=roles))

    request = f"PATCH /admin/users/{user_id} {body.model_dump_json()}"
    return services.once.perform(key, opened.user.id, request, work)


@router.post("/users/{user_id}/password", response_model=PasswordAnswer)
def renew_password(
    user_id: UserId, opened: AsksAs, services: ServicesOf, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Give a user a new password, told once; their sessions end."""
    user = user_of_id(services.store, user_id, opened.user.community)

    def work() -> dict[str, Any]:
        return {"password": reset_password(services.store, user, services.draw_password)}

    request = f"POST /admin/users/{user_id}/password"
    return services.once.perform(key, opened.user.id, request, work, secrets=_TOLD_ONCE)


@router.get("/accesses", response_model=Page[AccessItem])
def accesses(
    opened: AsksAs,
    services: ServicesOf,
    subject: Annotated[str, Query(max_length=127, description="community/participant")],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Who looked at a participant's data, the newest first."""
    _require_within(opened, subject.partition("/")[0])
    return tell_accesses(services, subject, limit, cursor)
