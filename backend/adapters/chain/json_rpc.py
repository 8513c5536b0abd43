"""Read-only JSON-RPC on the embedded chain: bytes in, bytes out, so that any web framework can mount it.

A browser, a wallet or another verifier (viem, ethers, web3) reads the chain with it like any node's. Nothing here can
write: the file is opened read-only, and no method that sends is known. Whatever comes in, a valid answer goes out;
what a stranger may ask for at once is limited in size, number and time.

Importing this module loads no EVM; the first request does.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.adapters.chain.rpc_errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    LIMIT_EXCEEDED,
    PARSE_ERROR,
    RESOURCE_UNAVAILABLE,
    RpcError,
)
from backend.errors import ChainUnavailableError

if TYPE_CHECKING:
    from backend.adapters.chain.embedded_reader import ChainReader

__all__ = ["ReadOnlyRpc", "RpcLimits"]

logger = logging.getLogger(__name__)

CLOSING_BYTES = 2


@dataclass(frozen=True, slots=True)
class RpcLimits:
    """How much a stranger may ask for in one body.

    Attributes:
        request_bytes: Size of the body. [bytes]
        batch: Requests in it.
        response_bytes: Size of the answer; what would go beyond is refused. [bytes]
        brackets: Lists and objects in it, and so how deep they can lie in each other: Python's parser would follow
            any depth until the thread's stack is full, which ends the process.
        seconds: Time for the whole body; what is not done then is refused. [s]
    """

    request_bytes: int = 1_000_000
    batch: int = 100
    response_bytes: int = 20_000_000
    brackets: int = 2_000
    seconds: float = 5.0


class ReadOnlyRpc:
    """Answers JSON-RPC requests from a chain file, which this or another process may be writing.

    Args:
        path: The chain file; it may appear later.
        limits: How much a body may ask for.
        clock: Seconds since 1970.

    Invariants:
        - ``dispatch`` never raises and always returns one JSON-RPC response, or a list of them for a batch.
        - The file is never written.
    """

    def __init__(
        self, path: Path, limits: RpcLimits | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.limits = limits or RpcLimits()
        self._path = path
        self._clock = clock
        self._guard = threading.Lock()
        self._reader: ChainReader | None = None

    def dispatch(self, request_body: bytes) -> bytes:
        """Answer a body.

        Args:
            request_body: A request or a batch of them, as JSON in UTF-8; or anything.

        Returns:
            The response, or the list of them, as JSON in ASCII.
        """
        deadline = time.monotonic() + self.limits.seconds
        try:
            body = self._parse(request_body)
        except RpcError as error:
            return _encode(None, error)
        if not isinstance(body, list):
            return self._answer(body, deadline, self.limits.response_bytes)
        responses: list[bytes] = []
        room = self.limits.response_bytes - CLOSING_BYTES
        for request in body:
            response = self._answer(request, deadline, room)
            room -= len(response) + 1
            responses.append(response)
        return b"[" + b",".join(responses) + b"]"

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            if self._reader is not None:
                self._reader.close()

    def _parse(self, body: bytes) -> Any:
        """Read the body, without what JSON does not have or nobody needs."""
        if len(body) > self.limits.request_bytes:
            raise RpcError(
                LIMIT_EXCEEDED,
                f"the request has {len(body)} bytes; at most {self.limits.request_bytes} are taken",
            )
        brackets = body.count(b"[") + body.count(b"{")
        if brackets > self.limits.brackets:
            raise RpcError(
                LIMIT_EXCEEDED,
                f"the request has {brackets} lists and objects; at most {self.limits.brackets} are taken",
            )
        try:
            parsed = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise RpcError(PARSE_ERROR, f"parse error: {type(error).__name__}") from error
        if isinstance(parsed, list) and not parsed:
            raise RpcError(INVALID_REQUEST, "invalid request: the batch is empty")
        if isinstance(parsed, list) and len(parsed) > self.limits.batch:
            raise RpcError(
                LIMIT_EXCEEDED, f"the batch has {len(parsed)} requests; at most {self.limits.batch} are taken"
            )
        return parsed

    def _answer(self, request: Any, deadline: float, room: int) -> bytes:
        """Answer one request within the time and the room that are left."""
        identifier: Any = None
        try:
            identifier = _identifier_of(request)
            method, params = _call_of(request)
            response = _encode(identifier, self._execute(method, params, deadline))
        except RpcError as error:
            return _encode(identifier, error)
        if len(response) <= room:
            return response
        too_large = (
            f"the answer would be larger than {self.limits.response_bytes} bytes; ask for less at once"
        )
        return _encode(identifier, RpcError(LIMIT_EXCEEDED, too_large))

    def _execute(self, method: str, params: Sequence[object], deadline: float) -> Any:
        if time.monotonic() > deadline:
            raise RpcError(
                LIMIT_EXCEEDED, f"the batch took more than {self.limits.seconds:g} s; ask for less at once"
            )
        try:
            from backend.adapters.chain.rpc_methods import execute

            with self._open_reader().view(deadline) as view:
                return execute(view, method, params)
        except ChainUnavailableError as error:
            raise RpcError(RESOURCE_UNAVAILABLE, str(error)) from error
        except RpcError:
            raise
        except Exception as error:
            logger.exception("%s failed", method[:80])
            raise RpcError(INTERNAL_ERROR, f"internal error: {type(error).__name__}") from error

    def _open_reader(self) -> ChainReader:
        """Load the EVM and open the file with the first request that needs them."""
        with self._guard:
            if self._reader is None:
                from backend.adapters.chain.embedded_reader import ChainReader

                self._reader = ChainReader(self._path, self._clock)
            return self._reader


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _identifier_of(request: Any) -> str | int | float | None:
    """Read a request's id, without which nobody could tell what is answered."""
    if not isinstance(request, Mapping):
        raise RpcError(INVALID_REQUEST, "invalid request: it must be an object")
    if "id" not in request:
        raise RpcError(INVALID_REQUEST, "invalid request: it has no id")
    identifier = request["id"]
    is_number = isinstance(identifier, int | float) and not isinstance(identifier, bool)
    if identifier is None or isinstance(identifier, str) or (is_number and math.isfinite(identifier)):
        return identifier  # type: ignore[no-any-return]  # one of the three
    raise RpcError(INVALID_REQUEST, "invalid request: its id must be a text, a number or null")


def _call_of(request: Mapping[str, Any]) -> tuple[str, Sequence[object]]:
    """Read what a request asks for."""
    if request.get("jsonrpc", "2.0") != "2.0":
        raise RpcError(INVALID_REQUEST, "invalid request: jsonrpc must be 2.0")
    method, params = request.get("method"), request.get("params", [])
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "invalid request: its method must be a text")
    if params is None:
        params = []
    if not isinstance(params, list):
        raise RpcError(INVALID_PARAMS, "invalid params: they must be a list")
    return method, params


def _encode(identifier: Any, outcome: Any) -> bytes:
    """Write a response: a result, or an error in its place."""
    response = {"jsonrpc": "2.0", "id": identifier}
    if isinstance(outcome, RpcError):
        response["error"] = outcome.as_json()
    else:
        response["result"] = outcome
    return json.dumps(response, separators=(",", ":"), allow_nan=False).encode("ascii")
