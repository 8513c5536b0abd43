"""Gas for the keys that send: on a node by URL they are funded by an account that its operator names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backend.errors import ChainUnavailableError, InputError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from backend.adapters.chain.node import Node
    from backend.adapters.key_vault import KeyVault

__all__ = ["fund_keys"]

_FUNDS_WEI = 10**19
_LEAST_WEI = _FUNDS_WEI // 10
_GAS_TRANSFER = 21_000
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0


def fund_keys(node: Node, vault: KeyVault, keys: tuple[str, ...], funding_key: str) -> None:
    """Top up each named key that holds less than a tenth of what it is given; safe to repeat.

    Args:
        node: Where they need gas.
        vault: Holds the keys.
        keys: Names of those that pay for gas.
        funding_key: Private key of the account that pays, 0x-hex. Other homes may use it at the same time.

    Raises:
        InputError: If it is no private key; the message does not repeat it.
        ChainUnavailableError: If the chain takes none of it in time.
    """
    funder = _account_of(funding_key)
    with node.writing():
        for key in keys:
            address = vault.account(key).address
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while _balance(node, address) < _LEAST_WEI:
                if time.monotonic() > deadline:
                    raise ChainUnavailableError(
                        f"{funder.address}, the account of PARTAGE_FUNDING_KEY, could not fund the {key} key "
                        f"({address}) at {node.name} in {_PATIENCE_SECONDS:.0f} s; run the same command again."
                    )
                _transfer(node, funder, address)


def _account_of(funding_key: str) -> LocalAccount:
    from eth_account import Account

    try:
        account: LocalAccount = Account.from_key(funding_key)
    except Exception:  # noqa: BLE001 -- each library below has its own, and some repeat the key
        raise InputError(
            "PARTAGE_FUNDING_KEY is no private key; give 64 hexadecimal digits after 0x."
        ) from None
    return account


def _balance(node: Node, address: str) -> int:
    return int(node.rpc("eth_getBalance", [address, "latest"]), 16)


def _transfer(node: Node, funder: LocalAccount, address: str) -> None:
    """Send once and wait until the funder's nonce has passed, by this transfer or by one that took its place."""
    nonce = int(node.rpc("eth_getTransactionCount", [funder.address, "pending"]), 16)
    fee, tip = node.fees(funder.address)
    cost = _FUNDS_WEI + _GAS_TRANSFER * fee
    if _balance(node, funder.address) < cost:
        raise InputError(
            f"{funder.address}, the account of PARTAGE_FUNDING_KEY, holds too little at {node.name}: "
            f"{cost / 10**18:.2f} ether are needed for each key."
        )
    request: dict[str, Any] = {
        "type": 2,
        "chainId": int(node.rpc("eth_chainId", []), 16),
        "nonce": nonce,
        "to": address,
        "value": _FUNDS_WEI,
        "gas": _GAS_TRANSFER,
        "maxFeePerGas": fee,
        "maxPriorityFeePerGas": tip,
    }
    node.send_raw(bytes(funder.sign_transaction(request).raw_transaction))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (
        int(node.rpc("eth_getTransactionCount", [funder.address, "latest"]), 16) <= nonce
        and time.monotonic() < deadline
    ):
        time.sleep(_POLL_SECONDS)
