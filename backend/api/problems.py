"""The one table from error to problem (RFC 9457), and how a problem is answered.

Who may not know that something exists gets 404, as if it did not: a foreign participant, another community. Who is
known to be allowed nothing of a kind gets 403: a role is no secret. Details are our own sentences, never a trace, a
path or a value that somebody else typed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

__all__ = [
    "PROBLEMS",
    "PROBLEM_DESCRIPTION",
    "ProblemKind",
    "add_problem_handlers",
    "answer_problem",
    "kind_of",
]

logger = logging.getLogger("partage.api")

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What an error becomes.

    Attributes:
        status: HTTP status.
        slug: Stable name, the end of ``type``.
        title: For people.
        detail: Said in place of the error's own message, where that is for whoever runs the service.
    """

    status: int
    slug: str
    title: str
    detail: str = ""


_INSIDE = "The fault is on our side and has been noted; try again later, and give the request id if it stays."

#: How the API describes any problem.
PROBLEM_DESCRIPTION: dict[str, Any] = {
    "description": "A problem (RFC 9457).",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance", "request_id"],
                "properties": {
                    **{
                        name: {"type": "string"}
                        for name in ("type", "title", "detail", "instance", "request_id")
                    },
                    "status": {"type": "integer"},
                    "findings": {"type": "array", "items": {"type": "object"}},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["field", "message"],
                            "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                        },
                    },
                },
            }
        }
    },
}

#: By class; a class that has no row is treated like its nearest ancestor.
PROBLEMS: Mapping[type[Exception], ProblemKind] = {
    errors.PartageError: ProblemKind(500, "internal", "Something went wrong here", _INSIDE),
    errors.InputError: ProblemKind(422, "input", "What was sent does not fit"),
    errors.NotFoundError: ProblemKind(404, "not-found", "There is nothing here"),
    errors.ConflictError: ProblemKind(409, "conflict", "This contradicts what is stored"),
    errors.ConformityError: ProblemKind(409, "conformity", "The rules in force refuse this"),
    errors.StoreError: ProblemKind(503, "store", "The records cannot be reached", _INSIDE),
    errors.StoreBusyError: ProblemKind(
        503, "busy", "Too much at once", "Something else is being written; try again in a moment."
    ),
    errors.ChainError: ProblemKind(502, "chain", "The chain does not answer as it should", _INSIDE),
    errors.ContractRefusal: ProblemKind(409, "refused", "The contract refuses this"),
    errors.AuthenticationError: ProblemKind(401, "not-logged-in", "You are not logged in"),
    errors.PermissionDeniedError: ProblemKind(403, "not-allowed", "You may not see or do this"),
    errors.TooManyAttemptsError: ProblemKind(429, "too-many-attempts", "Too many attempts"),
    errors.MissingToolError: ProblemKind(503, "missing-tool", "Not installed here", _INSIDE),
}

_BY_STATUS = {
    400: ProblemKind(400, "malformed", "The request cannot be read"),
    404: ProblemKind(404, "not-found", "There is nothing here"),
    405: ProblemKind(405, "method", "This address does not take that method"),
    406: ProblemKind(406, "not-acceptable", "It is not available in that form"),
    408: ProblemKind(408, "too-slow", "The request took too long to arrive"),
    413: ProblemKind(413, "too-large", "The request is too large"),
    415: ProblemKind(415, "media-type", "Send JSON"),
    422: ProblemKind(422, "input", "What was sent does not fit"),
    503: ProblemKind(503, "busy", "Too much at once"),
}
INTERNAL = PROBLEMS[errors.PartageError]


def kind_of(error: Exception) -> ProblemKind:
    """The row of an error."""
    for ancestor in type(error).__mro__:
        if ancestor in PROBLEMS:
            return PROBLEMS[ancestor]
    return INTERNAL


def answer_problem(
    scope: Mapping[str, Any],
    kind: ProblemKind,
    detail: str = "",
    *,
    faults: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    findings: list[dict[str, Any]] | None = None,
) -> JSONResponse:
    """A problem as a response.

    Args:
        scope: Of the request.
        kind: Row of the table.
        detail: A sentence; the row's own stands before it.
        faults: Per field: ``field`` and ``message``.
        headers: To add.
        findings: What a check found in the readings that were sent.
    """
    body: dict[str, Any] = {
        "type": f"/docs#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail or detail or kind.title,
        "instance": scope.get("path", ""),
        "request_id": scope.get("state", {}).get("request_id", ""),
    }
    if faults is not None:
        body["errors"] = faults
    if findings is not None:
        body["findings"] = findings
    return JSONResponse(body, status_code=kind.status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def add_problem_handlers(app: FastAPI) -> None:
    """Let the application answer every error as a problem."""
    app.add_exception_handler(errors.PartageError, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer_ours(request: Request, error: Exception) -> JSONResponse:
    kind = kind_of(error)
    if kind.detail:
        logger.error("%s %s", request.scope.get("state", {}).get("request_id", ""), error, exc_info=error)
    headers = {}
    if isinstance(error, errors.TooManyAttemptsError):
        headers["Retry-After"] = str(error.wait_seconds)
    findings = None
    if isinstance(error, errors.ReadingsError):
        findings = [finding.as_dict() for finding in error.findings]
    return answer_problem(request.scope, kind, str(error), headers=headers, findings=findings)


async def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was typed is not repeated: it may be a password.
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    return answer_problem(request.scope, _BY_STATUS[422], "Correct the fields that are named.", faults=faults)


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code) or ProblemKind(
        error.status_code, "http", "This cannot be answered"
    )
    return answer_problem(request.scope, kind, str(error.detail or ""), headers=error.headers)
