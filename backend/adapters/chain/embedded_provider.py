"""web3 on the embedded chain.

    w3 = Web3(EmbeddedProvider(chain))
    with chain.writing(timeout_seconds=30):
        for signed in batch:
            w3.eth.send_raw_transaction(signed.raw_transaction)

A transaction that is sent outside of ``writing()`` takes the lock for itself alone.
"""

from __future__ import annotations

from typing import Any, cast

from web3 import Web3
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from backend.adapters.chain.embedded_chain import WAIT_SECONDS, EmbeddedChain
from backend.adapters.chain.embedded_rpc import EmbeddedRpc

__all__ = ["EmbeddedProvider", "embedded_web3"]


class EmbeddedProvider(BaseProvider):
    """Hands web3's requests to the embedded chain.

    Args:
        chain: The chain.
        timeout_seconds: How long a single transaction waits for another writer. [s]
    """

    def __init__(self, chain: EmbeddedChain, timeout_seconds: float = WAIT_SECONDS) -> None:
        super().__init__()
        self._rpc = EmbeddedRpc(chain, timeout_seconds)

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer as a node would.

        Raises:
            ChainBusyError: If another process writes for too long.
            ChainUnavailableError: If the file cannot be used.
        """
        return cast("RPCResponse", self._rpc.respond(method, params))

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 -- web3's signature
        """Say yes: there is nothing in between."""
        return True


def embedded_web3(chain: EmbeddedChain, timeout_seconds: float = WAIT_SECONDS) -> Web3:
    """Set web3 up on the embedded chain."""
    return Web3(EmbeddedProvider(chain, timeout_seconds))
