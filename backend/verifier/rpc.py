"""JSON-RPC over HTTP with the standard library alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from backend.errors import ChainUnavailableError
from backend.verifier.chain import Call

__all__ = ["http_call"]

_LONGEST_ANSWER = 64 << 20  # bytes; the longest one expected, a thousand seats, has 64 kB


def http_call(url: str, timeout_seconds: float = 30.0) -> Call:
    """Give a function that sends JSON-RPC requests to a node.

    Args:
        url: The node's http or https address.
        timeout_seconds: How long one request may take.

    Raises:
        ChainUnavailableError: At once, if the address is not an http one; from the function, if the node does not
            answer, or answers with an error.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ChainUnavailableError(f"{url!r} is no http or https address of a node")
    numbers = count(1)

    def call(method: str, params: list[Any]) -> Any:
        number = next(numbers)
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 -- see above
        try:
            with urllib.request.urlopen(request, timeout=timeout_seconds) as response:  # noqa: S310 -- see above
                answer = json.loads(response.read(_LONGEST_ANSWER))
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)  # urllib wraps what the socket said
            raise ChainUnavailableError(
                f"{url} does not answer {method} as a node does: {reason}; start the node, or correct its address"
            ) from error
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise ChainUnavailableError(f"{url} answers {method} with something else than JSON-RPC")
        if "result" not in answer:
            refusal = answer.get("error")
            reason = refusal.get("message") if isinstance(refusal, dict) else refusal
            raise ChainUnavailableError(f"{url} refuses {method}: {reason}")
        return answer["result"]

    return call
