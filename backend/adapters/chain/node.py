"""A node behind a web3 provider: the embedded chain, or any Ethereum client by URL."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backend.errors import ChainError, ChainUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from web3 import Web3
    from web3.providers import BaseProvider

    from backend.adapters.key_vault import KeyVault

__all__ = ["CallRevertedError", "Node", "connect", "open_embedded"]

_GAS_MARGIN_PERCENT = 130
_TIP_WEI = 10**9
_REQUEST_SECONDS = 30
_WRITER_WAIT_SECONDS = 60.0
# What nodes say of a transaction that they have, or had.
_ALREADY_KNOWN = (
    "already known",
    "already imported",
    "known transaction",
    "nonce too low",
    "nonce is too low",
    "invalid nonce",
)
# What they say of one that pays too little: by itself, or to take another's place.
_FEE_TOO_LOW = (
    "underpriced",
    "less than block base fee",
    "fee too low",
    "feetoolow",
    "fee cap",
    "gas price below",
    "gas price too low",
)


class CallRevertedError(ChainError):
    """A call that reverted.

    Attributes:
        revert_data: What the contract reverted with.
    """

    def __init__(self, message: str, revert_data: bytes) -> None:
        super().__init__(message)
        self.revert_data = revert_data


@dataclass(frozen=True)
class Node:
    """Where calls go.

    Attributes:
        name: How messages name it.
        provider: Takes JSON-RPC requests.
        embedded: Is it the embedded chain?
        hold: Makes the context that keeps the writer's place.
        confirmations_needed: Blocks, the transaction's own included, after which it is final. [1]
    """

    name: str
    provider: BaseProvider
    embedded: bool
    hold: Callable[[], AbstractContextManager[object]]
    confirmations_needed: int = 1

    @property
    def web3(self) -> Web3:
        """For web3's contracts."""
        from web3 import Web3

        return Web3(self.provider)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Keep the writer's place for a batch of transactions."""
        with self.hold():
            yield

    def rpc(self, method: str, params: list[Any]) -> Any:
        """One request.

        Raises:
            CallRevertedError: If a contract reverted.
            ChainUnavailableError: If there is no answer, or none that a node would give.
            ChainError: If the answer is another error.
        """
        import requests

        try:
            response: Any = self.provider.make_request(method, params)  # type: ignore[arg-type]
        except (requests.exceptions.RequestException, OSError) as error:
            raise ChainUnavailableError(
                f"The chain at {self.name} does not answer ({type(error).__name__}); start it, or correct "
                "PARTAGE_CHAIN_URL."
            ) from None
        except ValueError as error:
            raise ChainUnavailableError(f"What answers at {self.name} is no Ethereum node: {error}") from None
        if not isinstance(response, dict) or not {"result", "error"} & response.keys():
            raise ChainUnavailableError(
                f"What answers at {self.name} is no Ethereum node: to {method} it said {str(response)[:80]!r}."
            )
        fault = response.get("error")
        if fault is None:
            return response.get("result")
        message = fault.get("message") if isinstance(fault, dict) else fault
        data = _revert_data(fault)
        if data is not None:
            raise CallRevertedError(f"{method} at {self.name}: {message}", data)
        raise ChainError(f"{method} at {self.name}: {message}")

    def send_raw(self, raw: bytes) -> bool:
        """Send a signed transaction; one that the node knows or has mined already is no error.

        Returns:
            False where the node takes it for a higher fee only.
        """
        try:
            self.rpc("eth_sendRawTransaction", ["0x" + raw.hex()])
        except ChainUnavailableError:
            raise
        except ChainError as error:
            said = str(error).lower()
            if any(words in said for words in _FEE_TOO_LOW):
                return False
            if not any(words in said for words in _ALREADY_KNOWN):
                raise
        return True

    def fees(self, payer: str) -> tuple[int, int]:
        """Highest fee and tip to offer per gas.

        Twice the base fee, so that six full blocks do not stop it; nothing where there is no base fee and the payer
        has nothing, as on networks whose members pay in other ways. [wei, wei]
        """
        base = int(self.rpc("eth_getBlockByNumber", ["latest", False]).get("baseFeePerGas", "0x0"), 16)
        tip = _TIP_WEI if base or int(self.rpc("eth_getBalance", [payer, "latest"]), 16) else 0
        return 2 * base + tip, tip

    def gas_limit(self, request: dict[str, str]) -> int:
        """Gas to allow a transaction: an estimate and three tenths, at most a block's. [gas]

        On the embedded chain a transaction has its block to itself, so it may have all of it: an estimate would
        execute it twice more.

        Raises:
            CallRevertedError: If it would revert, where it is estimated.
        """
        whole = int(self.rpc("eth_getBlockByNumber", ["latest", False])["gasLimit"], 16)
        if self.embedded:
            return whole
        return min(int(self.rpc("eth_estimateGas", [request]), 16) * _GAS_MARGIN_PERCENT // 100, whole)

    def next_block_time_utc(self) -> int:
        """Time that a transaction sent now would see; of the head, where the node tells of no pending block. [s]"""
        try:
            block = self.rpc("eth_getBlockByNumber", ["pending", False])
        except ChainUnavailableError:
            raise
        except ChainError:
            block = None
        block = block or self.rpc("eth_getBlockByNumber", ["latest", False])
        return int(block["timestamp"], 16)


def _revert_data(fault: Any) -> bytes | None:
    """What a contract reverted with, in the forms that nodes have for it; None for any other fault."""
    data = fault.get("data") if isinstance(fault, dict) else None
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str):
        return None
    data = data.removeprefix("Reverted ")
    if not data.startswith("0x"):
        return None
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return None


def open_embedded(path: Path, vault: KeyVault, keys: tuple[str, ...], clock: Callable[[], float]) -> Node:
    """The embedded chain in a file, made where there is none; the named keys can pay for gas.

    Args:
        path: The chain file.
        vault: Holds the keys.
        keys: Names of those that pay for gas.
        clock: Dates the blocks. [s since 1970, UTC]
    """
    from backend.adapters.chain.embedded_chain import EmbeddedChain
    from backend.adapters.chain.embedded_provider import EmbeddedProvider

    chain = EmbeddedChain.open(path, funded=[vault.account(key).address for key in keys], clock=clock)
    return Node("the embedded chain", EmbeddedProvider(chain), embedded=True, hold=chain.writing)


def connect(url: str, lock: Path, confirmations: int = 1) -> Node:
    """A node by URL.

    Args:
        url: http or https.
        lock: File beside the keys: whoever sends with them takes turns, so that no two transactions share a nonce.
        confirmations: Blocks, the transaction's own included, after which it is final. [1]

    Raises:
        ChainUnavailableError: If it does not answer.
    """
    from web3 import HTTPProvider

    from backend.adapters.chain.writer_lock import WriterLock

    if urlsplit(url).scheme not in {"http", "https"}:
        raise ChainUnavailableError(
            f"PARTAGE_CHAIN_URL is {url!r}, no address of a node; write it like http://127.0.0.1:8545, or unset it "
            "to use the embedded chain."
        )
    provider = HTTPProvider(url, request_kwargs={"timeout": _REQUEST_SECONDS})
    writers = WriterLock(lock)
    node = Node(
        url,
        provider,
        embedded=False,
        hold=lambda: writers.hold(_WRITER_WAIT_SECONDS),
        confirmations_needed=confirmations,
    )
    node.rpc("eth_chainId", [])
    return node
