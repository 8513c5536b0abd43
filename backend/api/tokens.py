"""Access tokens and the cookies that carry them.

A token is a JWT (HS256) of ten minutes; it names user and session, which are looked up with every request, so that a
session that was ended or a user who was disabled is out at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jwt

from backend.errors import AuthenticationError
from backend.services.sessions import IDLE_SECONDS_MAX

if TYPE_CHECKING:
    from fastapi import Request, Response

    from backend.ports import Clock
    from backend.services.sessions import OpenSession

__all__ = ["ACCESS_COOKIE", "REFRESH_COOKIE", "AccessTokens", "Claims", "clear_cookies", "set_cookies"]

ACCESS_COOKIE = "partage_access"
REFRESH_COOKIE = "partage_refresh"
_REFRESH_PATH = "/api/v1/session"
_LIFETIME_SECONDS = 600
_ISSUER = "partage"
_AUDIENCE = "partage-api"
_ALGORITHM = "HS256"
_REQUIRED = ["sub", "sid", "iss", "aud", "iat", "exp", "jti"]
_LENGTH_MAX = 2048
_NOT_LOGGED_IN = "Log in first."


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says."""

    user: str
    session: str


class AccessTokens:
    """Issues and reads tokens.

    Args:
        secret: 32 bytes.
        clock: Time.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def issue(self, opened: OpenSession) -> str:
        """A token for a session."""
        now = self._clock.now_utc()
        claims = {
            "sub": opened.user.id,
            "sid": opened.id,
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "iat": now,
            "exp": now + _LIFETIME_SECONDS,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str) -> Claims:
        """What a token says.

        Raises:
            AuthenticationError: If it is not ours, or over.
        """
        if not token or len(token) > _LENGTH_MAX:
            raise AuthenticationError(_NOT_LOGGED_IN)
        try:
            # Times are held against our own clock below.
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError:
            raise AuthenticationError(_NOT_LOGGED_IN) from None
        expires = claims["exp"]
        if not isinstance(expires, int) or expires <= self._clock.now_utc():
            raise AuthenticationError(_NOT_LOGGED_IN)
        return Claims(str(claims["sub"]), str(claims["sid"]))


def set_cookies(
    request: Request, response: Response, access: str, refresh: str, *, always_secure: bool = False
) -> None:
    """Hand the tokens to the browser, out of its scripts' reach; an empty refresh token leaves that cookie as it is."""
    secure = always_secure or request.url.scheme == "https"
    response.set_cookie(
        ACCESS_COOKIE,
        access,
        max_age=_LIFETIME_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    if refresh:
        response.set_cookie(
            REFRESH_COOKIE,
            refresh,
            max_age=IDLE_SECONDS_MAX,
            path=_REFRESH_PATH,
            secure=secure,
            httponly=True,
            samesite="strict",
        )


def clear_cookies(request: Request, response: Response, *, always_secure: bool = False) -> None:
    """Take the tokens back."""
    secure = always_secure or request.url.scheme == "https"
    for name, path in ((ACCESS_COOKIE, "/"), (REFRESH_COOKIE, _REFRESH_PATH)):
        response.delete_cookie(name, path=path, secure=secure, httponly=True, samesite="strict")
