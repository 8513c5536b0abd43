"""What JSON-RPC answers where it cannot answer: a code, a message, and the revert data of a contract."""

from __future__ import annotations

from typing import Any

__all__ = [
    "EXECUTION_REVERTED",
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "LIMIT_EXCEEDED",
    "METHOD_NOT_FOUND",
    "PARSE_ERROR",
    "RESOURCE_UNAVAILABLE",
    "SERVER_ERROR",
    "RpcError",
]

# JSON-RPC 2.0, section 5.1.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# EIP-1474, and 3 for a revert as every client of Ethereum has it.
SERVER_ERROR = -32000
RESOURCE_UNAVAILABLE = -32002
LIMIT_EXCEEDED = -32005
EXECUTION_REVERTED = 3


class RpcError(Exception):
    """An answer in place of a result; it does not leave the chain room but as JSON.

    Attributes:
        code: One of the codes above.
        data: What the contract reverted with, as 0x-hexadecimal; None elsewhere.
    """

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    def as_json(self) -> dict[str, Any]:
        """Shape the ``error`` member of a response."""
        body: dict[str, Any] = {"code": self.code, "message": str(self)}
        if self.data is not None:
            body["data"] = self.data
        return body
