"""Log-in, refresh, log-out; oneself, password and language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.idempotency import IdempotencyKey
from backend.api.schemas import LocaleChange, Me, PasswordChange, SessionAnswer, SignIn
from backend.api.tokens import ACCESS_COOKIE, REFRESH_COOKIE, clear_cookies, set_cookies
from backend.errors import AuthenticationError, NotFoundError
from backend.services.users import change_user

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.ports import UserRecord
    from backend.services.sessions import OpenSession

__all__ = ["hand_over", "router", "shape_user"]

router = guarded_router("", "session")


def shape_user(user: UserRecord) -> dict[str, Any]:
    """A user as the API tells it."""
    return {
        "id": user.id,
        "login": user.login,
        "roles": list(user.roles),
        "community": user.community or None,
        "participant": user.participant or None,
        "locale": user.locale,
        "disabled": user.disabled,
    }


def hand_over(
    request: Request, response: Response, services: Services, opened: OpenSession
) -> dict[str, Any]:
    """Answer a log-in: the tokens go into cookies that scripts cannot read."""
    access = services.tokens.issue(opened)
    always_secure = services.settings.secure_cookies
    set_cookies(request, response, access, opened.refresh_token, always_secure=always_secure)
    return {"user": shape_user(opened.user)}


@router.post("/session", response_model=SessionAnswer)
def log_in(body: SignIn, request: Request, response: Response, services: ServicesOf) -> dict[str, Any]:
    """Log in; the tokens come as cookies that scripts cannot read."""
    opened = services.sessions.log_in(body.login, body.password, address_of(request))
    return hand_over(request, response, services, opened)


@router.post("/session/refresh", response_model=SessionAnswer)
def refresh(request: Request, response: Response, services: ServicesOf) -> dict[str, Any]:
    """Exchange the refresh cookie for new tokens; it is good for one use."""
    opened = services.sessions.refresh(request.cookies.get(REFRESH_COOKIE, ""))
    return hand_over(request, response, services, opened)


@router.delete("/session", status_code=204)
def log_out(request: Request, services: ServicesOf) -> Response:
    """Log out; the session's tokens are worth nothing from now on."""
    try:
        claims = services.tokens.read(request.cookies.get(ACCESS_COOKIE, ""))
        services.sessions.log_out(claims.session)
    except AuthenticationError:
        services.sessions.log_out_by_token(request.cookies.get(REFRESH_COOKIE, ""))
    response = Response(status_code=204)
    clear_cookies(request, response, always_secure=services.settings.secure_cookies)
    return response


@router.get("/me", response_model=Me)
def me(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Who is logged in."""
    return {**shape_user(opened.user), "name": _name_of(services, opened.user)}


def _name_of(services: Services, user: UserRecord) -> str:
    if user.participant:
        try:
            members = services.settled.community(user.community).community.participants
        except NotFoundError:
            return user.login
        return next((member.name for member in members if member.id == user.participant), user.login)
    return user.login


@router.put("/me/password", status_code=204)
def change_password(
    body: PasswordChange, request: Request, opened: AsksAs, services: ServicesOf, key: IdempotencyKey = None
) -> Response:
    """Change one's own password; one's other sessions end."""

    def work() -> dict[str, Any]:
        services.sessions.change_password(opened, body.current, body.new, address_of(request))
        return {}

    # The passwords are not part of what is remembered of the request, not even as a hash.
    services.once.perform(key, opened.user.id, "PUT /me/password", work)
    return Response(status_code=204)


@router.put("/me/locale", response_model=Me)
def change_locale(
    body: LocaleChange, opened: AsksAs, services: ServicesOf, key: IdempotencyKey = None
) -> dict[str, Any]:
    """Choose the language of pages and bills."""

    def work() -> dict[str, Any]:
        user = change_user(services.store, opened.user, locale=body.locale)
        return {**shape_user(user), "name": _name_of(services, user)}

    return services.once.perform(key, opened.user.id, f"PUT /me/locale {body.locale}", work)
