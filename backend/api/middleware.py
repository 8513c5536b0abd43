"""What happens to every request, whatever it asks: an id, limits, headers, one line in the log.

The log says route, status, time and id, never an address, a name, a token or a query.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from backend.api.problems import INTERNAL, ProblemKind, answer_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "RequestRecord", "SecurityHeaders"]

access_log = logging.getLogger("partage.access")
logger = logging.getLogger("partage.api")

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
_TOO_LARGE = ProblemKind(413, "too-large", "The request is too large")


class RequestRecord:
    """Gives each request an id, answers what nobody caught, writes the line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception:
            logger.exception("request %s failed", request_id)
            if status:
                raise
            await answer_problem(scope, INTERNAL)(scope, receive, note)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            access_log.info(
                "%s %s %d %.1f ms %s", scope["method"], _template(scope), status, milliseconds, request_id
            )


def _template(scope: Scope) -> str:
    """The route, not the address that was typed: that may name people."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "-"))


class SecurityHeaders:
    """Says what a browser may do with an answer; what the API tells is kept in no cache unless a route says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
                if scope["path"] == "/rpc":
                    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
                else:
                    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
                    headers.add_vary_header("Cookie")
            await send(message)

        await self._app(scope, receive, add)


class BodyLimit:
    """Refuses bodies that are too large or too slow.

    Args:
        app: What is behind.
        bytes_max: Of a body. [bytes]
        seconds_max: For the whole body to arrive. [s]
        special: Paths with limits of their own: pattern of the whole path, bytes, seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        bytes_max: int,
        seconds_max: float,
        special: Sequence[tuple[re.Pattern[str], int, float]] = (),
    ) -> None:
        self._app = app
        self._limits = bytes_max, seconds_max
        self._special = tuple(special)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit, seconds = self._limits_of(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not re.fullmatch(r"[0-9]{1,12}", declared) or int(declared) > limit:
            detail = f"At most {limit} bytes are taken."
            await answer_problem(scope, _TOO_LARGE, detail, headers={"Connection": "close"})(
                scope, receive, send
            )
            return
        deadline = time.monotonic() + seconds
        received, complete = 0, False

        async def count() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The body did not arrive in time.") from None
            received += len(message.get("body", b""))
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            if received > limit:
                raise HTTPException(413, f"At most {limit} bytes are taken.")
            return message

        await self._app(scope, count, send)

    def _limits_of(self, path: str) -> tuple[int, float]:
        for pattern, bytes_max, seconds_max in self._special:
            if pattern.fullmatch(path):
                return bytes_max, seconds_max
        return self._limits
