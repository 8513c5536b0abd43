"""A node behind a web3 provider: the embedded chain, or any Ethereum client by URL."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ChainError, ChainUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from web3 import Web3
    from web3.providers import BaseProvider

    from backend.adapters.key_vault import KeyVault

__all__ = ["CallRevertedError", "Node", "connect", "open_embedded"]

_GAS_MARGIN_PERCENT = 130
_TIP_WEI = 10**9
_FUNDS_WEI = 10**19
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0
_REQUEST_SECONDS = 30
_ALREADY_KNOWN = (
    "already known",
    "already imported",
    "known transaction",
    "nonce too low",
    "nonce is too low",
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
    def writing(self):  # type: ignore[no-untyped-def]
        """Keep the writer's place for a batch of transactions."""
        with self.hold():
            yield

    def rpc(self, method: str, params: list[Any]) -> Any:
        """One request.

        Raises:
            CallRevertedError: If a contract reverted.
            ChainUnavailableError: If there is no answer.
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
        if "error" not in response:
            return response["result"]
        fault = response["error"]
        data = fault.get("data") if isinstance(fault, dict) else None
        if isinstance(data, str) and data.startswith("0x"):
            raise CallRevertedError(str(fault.get("message")), bytes.fromhex(data[2:]))
        message = fault.get("message") if isinstance(fault, dict) else fault
        raise ChainError(f"{method} at {self.name}: {message}")

    def send_raw(self, raw: bytes) -> None:
        """Send a signed transaction; one that the node knows or has mined already is no error."""
        try:
            self.rpc("eth_sendRawTransaction", ["0x" + raw.hex()])
        except ChainUnavailableError:
            raise
        except ChainError as error:
            if not any(words in str(error).lower() for words in _ALREADY_KNOWN):
                raise

    def fees(self) -> tuple[int, int]:
        """Highest fee and tip to offer per gas.

        Twice the base fee, so that six full blocks do not stop it. [wei, wei]
        """
        base = self.rpc("eth_getBlockByNumber", ["latest", False]).get("baseFeePerGas", "0x0")
        return 2 * int(base, 16) + _TIP_WEI, _TIP_WEI

    def gas_limit(self, request: dict[str, str]) -> int:
        """Gas to allow a transaction: an estimate and three tenths. [gas]"""
        return int(self.rpc("eth_estimateGas", [request]), 16) * _GAS_MARGIN_PERCENT // 100

    def await_receipt(self, transaction_hash: str, what: str) -> dict[str, Any]:
        """Wait until a transaction is mined well.

        Raises:
            ChainUnavailableError: If it is not in time, or reverted.
        """
        waited = 0.0
        while (receipt := self.rpc("eth_getTransactionReceipt", [transaction_hash])) is None:
            if waited >= _PATIENCE_SECONDS:
                raise ChainUnavailableError(
                    f"{what} ({transaction_hash}) is not mined after {waited:.0f} s at {self.name}."
                )
            time.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
        if int(receipt["status"], 16) != 1:
            raise ChainUnavailableError(f"{what} ({transaction_hash}) reverted at {self.name}.")
        return dict(receipt)


def open_embedded(path: Path, vault: KeyVault, keys: tuple[str, ...]) -> Node:
    """The embedded chain in a file, made where there is none; the named keys can pay for gas."""
    from backend.adapters.chain.embedded_chain import EmbeddedChain
    from backend.adapters.chain.embedded_provider import EmbeddedProvider

    chain = EmbeddedChain.open(path, funded=[vault.account(key).address for key in keys])
    return Node("the embedded chain", EmbeddedProvider(chain), embedded=True, hold=chain.writing)


def connect(url: str, vault: KeyVault, keys: tuple[str, ...], funding_key: str | None) -> Node:
    """A node by URL; named keys that hold too little are funded.

    Args:
        url: http or https.
        vault: Holds the keys.
        keys: Names of those that pay for gas.
        funding_key: Private key of an account that funds them, 0x-hex; None on networks where gas is free or they
            have funds.

    Raises:
        ChainUnavailableError: If it does not answer.
    """
    from web3 import HTTPProvider

    provider = HTTPProvider(url, request_kwargs={"timeout": _REQUEST_SECONDS})
    confirmations = int(os.environ.get("PARTAGE_CHAIN_CONFIRMATIONS", "1"))
    node = Node(
        url, provider, embedded=False, hold=contextlib.nullcontext, confirmations_needed=confirmations
    )
    node.rpc("eth_chainId", [])
    if funding_key:
        _fund(node, vault, keys, funding_key)
    return node


def _fund(node: Node, vault: KeyVault, keys: tuple[str, ...], funding_key: str) -> None:
    from eth_account import Account

    funder = Account.from_key(funding_key)
    for key in keys:
        address = vault.account(key).address
        if int(node.rpc("eth_getBalance", [address, "latest"]), 16) >= _FUNDS_WEI // 10:
            continue
        fee, tip = node.fees()
        signed = funder.sign_transaction(
            {
                "type": 2,
                "chainId": int(node.rpc("eth_chainId", []), 16),
                "nonce": int(node.rpc("eth_getTransactionCount", [funder.address, "pending"]), 16),
                "to": address,
                "value": _FUNDS_WEI,
                "gas": 21_000,
                "maxFeePerGas": fee,
                "maxPriorityFeePerGas": tip,
            }
        )
        node.send_raw(bytes(signed.raw_transaction))
        node.await_receipt("0x" + bytes(signed.hash).hex(), what=f"funding the {key} key")
