"""``/rpc``: the chain as anyone may read it, whichever it is.

The embedded chain answers itself. In front of a node by URL stand an allow-list of methods that only read, and limits;
its address, which may hold a key, is never told.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["READING_METHODS", "EmbeddedLedger", "Ledger", "NodeLedger"]

logger = logging.getLogger("partage.api")

REQUEST_BYTES_MAX = 1_000_000
_AT_ONCE = 4
_PATIENCE_SECONDS = 10.0
_BATCH_MAX = 100
_BRACKETS_MAX = 2_000
_ANSWER_BYTES_MAX = 20_000_000
_BATCH_SECONDS = 15.0
_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND, _INTERNAL, _LIMIT = -32700, -32600, -32601, -32603, -32005

#: What may be asked of a node by URL.
READING_METHODS = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getStorageAt",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "eth_syncing",
        "net_listening",
        "net_version",
        "web3_clientVersion",
    }
)

#: Sends a request to the node and gives its whole answer: ``{"result": ...}`` or ``{"error": ...}``.
Ask = Callable[[str, Sequence[Any]], Any]


class Ledger(Protocol):
    """A chain to be read."""

    def dispatch(self, body: bytes) -> bytes:
        """Answer a JSON-RPC body; never raises."""
        ...

    def head(self) -> int | None:
        """Number of the newest block, None where the chain does not answer."""
        ...


def _head_of(dispatch: Callable[[bytes], bytes]) -> int | None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    answer = json.loads(dispatch(json.dumps(request).encode()))
    result = answer.get("result") if isinstance(answer, dict) else None
    return int(result, 16) if isinstance(result, str) else None


class _Turns:
    """A few at a time, so that the chain leaves threads for the rest."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def run(self, work: Callable[[bytes], bytes], body: bytes) -> bytes:
        if not self._places.acquire(timeout=_PATIENCE_SECONDS):
            return _encode(_fault(None, _LIMIT, "many are reading the chain at this moment; try again"))
        try:
            return work(body)
        finally:
            self._places.release()


class EmbeddedLedger:
    """The chain in a file.

    Args:
        path: The file; it may appear later.
    """

    def __init__(self, path: Path) -> None:
        from backend.adapters.chain.json_rpc import ReadOnlyRpc

        self._rpc = ReadOnlyRpc(path)
        self._turns = _Turns()

    def dispatch(self, body: bytes) -> bytes:
        """See ``Ledger.dispatch``."""
        return self._turns.run(self._rpc.dispatch, body)

    def head(self) -> int | None:
        """See ``Ledger.head``."""
        return _head_of(self.dispatch)


class NodeLedger:
    """A node by URL, behind an allow-list.

    Args:
        ask: Sends one request to it.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._turns = _Turns()

    def dispatch(self, body: bytes) -> bytes:
        """See ``Ledger.dispatch``."""
        return self._turns.run(self._dispatch, body)

    def head(self) -> int | None:
        """See ``Ledger.head``."""
        return _head_of(self.dispatch)

    def _dispatch(self, body: bytes) -> bytes:
        if len(body) > REQUEST_BYTES_MAX or body.count(b"[") + body.count(b"{") > _BRACKETS_MAX:
            return _encode(_fault(None, _LIMIT, "the request is too large"))
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return _encode(_fault(None, _PARSE_ERROR, "parse error"))
        if not isinstance(parsed, list):
            return _encode(self._answer(parsed))
        if not 1 <= len(parsed) <= _BATCH_MAX:
            return _encode(_fault(None, _LIMIT, f"a batch has 1 to {_BATCH_MAX} requests"))
        return self._answer_batch(parsed)

    def _answer_batch(self, requests: list[Any]) -> bytes:
        deadline, room = time.monotonic() + _BATCH_SECONDS, _ANSWER_BYTES_MAX
        answers: list[bytes] = []
        for request in requests:
            late = time.monotonic() > deadline or room <= 0
            identifier = request.get("id") if isinstance(request, dict) else None
            refused = _fault(_plain(identifier), _LIMIT, "the batch asks for too much at once")
            answer = _encode(refused if late else self._answer(request))
            room -= len(answer)
            answers.append(answer)
        return b"[" + b",".join(answers) + b"]"

    def _answer(self, request: Any) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _fault(None, _INVALID_REQUEST, "invalid request")
        identifier, method, params = _plain(request.get("id")), request["method"], request.get("params", [])
        if method not in READING_METHODS:
            return _fault(
                identifier, _METHOD_NOT_FOUND, f"the method {method[:80]} is not served here: only reading is"
            )
        if not isinstance(params, list):
            return _fault(identifier, _INVALID_REQUEST, "invalid request: params must be a list")
        try:
            told = self._ask(method, params)
        except Exception as error:  # noqa: BLE001 -- a node can fail in any way, and its address must not get out
            logger.warning("the node did not answer %s: %s", method, type(error).__name__)
            return _fault(identifier, _INTERNAL, "the node does not answer")
        if not isinstance(told, dict):
            return _fault(identifier, _INTERNAL, "the node does not answer")
        if told.get("error"):
            return {"jsonrpc": "2.0", "id": identifier, "error": told["error"]}
        return {"jsonrpc": "2.0", "id": identifier, "result": told.get("result")}


def _plain(identifier: Any) -> str | int | None:
    is_number = isinstance(identifier, int) and not isinstance(identifier, bool)
    return identifier if isinstance(identifier, str) or is_number else None


def _fault(identifier: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": message}}


def _encode(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, separators=(",", ":"), default=str).encode()
