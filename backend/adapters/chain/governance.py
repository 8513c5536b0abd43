"""The contracts that a community has of its own: a timelock that executes, and a governor that counts votes.

They are created by a key that does nothing else, named for the community: nonce 0 the timelock, nonce 1 the governor,
each told the other's address before both exist. A crash between the two is healed by doing it again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.creation import code_at, create_contract, predict_address
from backend.adapters.chain.deployment import GOVERNANCE_NAMES
from backend.errors import ChainUnavailableError
from backend.ports import NOBODY, GovernanceContracts

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from backend.adapters.chain.deployment import Deployment
    from backend.adapters.chain.node import Node
    from backend.adapters.key_vault import KeyVault
    from backend.ports import GovernanceSettings

__all__ = ["create_governance"]

_FUNDER = "steward"
_FUNDS_WEI = 10**17
_LEAST_WEI = _FUNDS_WEI // 4
_GAS_TRANSFER = 21_000
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0


def create_governance(
    node: Node,
    vault: KeyVault,
    deployment: Deployment,
    community: str,
    anchor: str,
    settings: GovernanceSettings,
) -> GovernanceContracts:
    """Create a community's timelock and governor, or find them as they were created.

    Args:
        node: Where.
        vault: Draws the key that creates them.
        deployment: What they are told of.
        community: Its id, which names that key.
        anchor: Its id on chain, 0x-hex.
        settings: How it votes.

    Raises:
        ChainUnavailableError: If the chain does not answer or does not take a creation.
    """
    creator = vault.account(f"governance-{community}")
    timelock, governor = (predict_address(creator.address, nonce) for nonce in range(len(GOVERNANCE_NAMES)))
    known = deployment.contracts
    voting = {
        "votingDelay": settings.voting_delay_seconds,
        "votingPeriod": settings.voting_period_seconds,
        "lateQuorumExtension": settings.late_quorum_seconds,
        "quorumPpm": settings.quorum_ppm,
    }
    told: dict[str, Any] = {
        **{_camel(name): address for name, address in known.items()},
        "community": bytes.fromhex(anchor.removeprefix("0x")),
        "timelock": timelock,
        "governor": governor,
    }
    with node.writing():
        if not code_at(node, timelock):
            _fund(node, vault.account(_FUNDER), creator.address)
            artifact = load_artifact(GOVERNANCE_NAMES["timelock"])
            # The governor alone executes: the timelock knows of no vote that has expired.
            terms = [settings.timelock_seconds, [governor], [governor], NOBODY]
            create_contract(node, creator, 0, artifact, terms)
        if not code_at(node, governor):
            artifact = load_artifact(GOVERNANCE_NAMES["community_governor"])
            inputs = next(entry["inputs"] for entry in artifact.abi if entry["type"] == "constructor")
            terms = [
                tuple(voting[part["name"]] for part in parameter["components"])
                if parameter["type"] == "tuple"
                else told[parameter["name"].strip("_")]
                for parameter in inputs
            ]
            create_contract(node, creator, 1, artifact, terms)
    return GovernanceContracts(governor=governor, timelock=timelock)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _fund(node: Node, funder: LocalAccount, address: str) -> None:
    """Give the key gas for two contracts, where gas costs anything."""
    if int(node.rpc("eth_getBalance", [address, "latest"]), 16) >= _LEAST_WEI:
        return
    fee, tip = node.fees(funder.address)
    if not fee:
        return
    nonce = int(node.rpc("eth_getTransactionCount", [funder.address, "pending"]), 16)
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
    while int(node.rpc("eth_getBalance", [address, "latest"]), 16) < _LEAST_WEI:
        if time.monotonic() > deadline:
            raise ChainUnavailableError(
                f"{funder.address}, the steward's key, could not give {address} gas at {node.name} in "
                f"{_PATIENCE_SECONDS:.0f} s; fund the steward's key and run the same command again."
            )
        time.sleep(_POLL_SECONDS)
