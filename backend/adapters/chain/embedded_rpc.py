"""JSON-RPC on the embedded chain for this process: what a node would answer, without a node and without a socket.

The same methods as for strangers (``rpc_methods``), with no limits, and one that writes: ``eth_sendRawTransaction``
mines at once. Errors are those of a node, so that a client cannot tell the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.adapters.chain.embedded_chain import WAIT_SECONDS, EmbeddedChain
from backend.adapters.chain.rpc_errors import INVALID_PARAMS, SERVER_ERROR, RpcError
from backend.adapters.chain.rpc_formats import hex_data
from backend.adapters.chain.rpc_methods import execute
from backend.adapters.chain.rpc_params import parse_data
from backend.errors import TransactionRefusedError

__all__ = ["EmbeddedRpc"]


class EmbeddedRpc:
    """Answers calls of this process.

    Args:
        chain: The chain.
        timeout_seconds: How long a transaction waits for another writer outside of ``chain.writing()``. [s]
    """

    def __init__(self, chain: EmbeddedChain, timeout_seconds: float = WAIT_SECONDS) -> None:
        self.chain = chain
        self._timeout_seconds = timeout_seconds

    def request(self, method: str, params: Sequence[object]) -> Any:
        """Answer one call.

        Args:
            method: Such as ``eth_call``.
            params: As JSON; bytes may stand for 0x-hexadecimal.

        Returns:
            The result as JSON.

        Raises:
            RpcError: What a node would answer in place of a result; ``data`` has what a contract reverted with.
            ChainBusyError: If another process writes for too long.
            ChainUnavailableError: If the file cannot be used.
        """
        plain = [_as_json(one) for one in params]
        if method == "eth_sendRawTransaction":
            return self._send(plain)
        with self.chain.reader.view() as view:
            return execute(view, method, plain)

    def respond(self, method: str, params: Sequence[object]) -> dict[str, Any]:
        """Answer one call in JSON-RPC's envelope.

        Raises:
            ChainBusyError: If another process writes for too long.
            ChainUnavailableError: If the file cannot be used.
        """
        try:
            return {"jsonrpc": "2.0", "id": 1, "result": self.request(method, params)}
        except RpcError as error:
            return {"jsonrpc": "2.0", "id": 1, "error": error.as_json()}

    def _send(self, params: Sequence[object]) -> str:
        if len(params) != 1:
            raise RpcError(
                INVALID_PARAMS, f"invalid params: eth_sendRawTransaction takes 1 parameter, got {len(params)}"
            )
        raw = parse_data(params[0], "transaction")
        try:
            with self.chain.writing(self._timeout_seconds) as writer:
                return hex_data(writer.mine(raw))
        except TransactionRefusedError as error:
            raise RpcError(SERVER_ERROR, str(error)) from error


def _as_json(value: object) -> object:
    """Write bytes and whole numbers as JSON-RPC has them, at any depth."""
    if isinstance(value, bytes | bytearray):
        return "0x" + bytes(value).hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    if isinstance(value, Mapping):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(one) for one in value]
    return value
