"""Which contracts on which chain: deploying them once, and knowing them again.

The deployer's key does nothing else, so its nonce tells how far a deployment came: contract i is created with nonce i
at an address known beforehand. A crash at any point is healed by deploying again; contracts that refer to each other
take those addresses in their constructors.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.creation import arguments_of, code_at, create_contract, predict_address
from backend.adapters.durable_files import write_durably
from backend.commitments.keccak import keccak256
from backend.errors import ChainUnavailableError, StoreError
from backend.ports import ChainFacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from backend.adapters.chain.node import Node
    from backend.adapters.key_vault import KeyVault

__all__ = [
    "CONTRACT_NAMES",
    "GOVERNANCE_NAMES",
    "INNER_CONTRACTS",
    "Deployment",
    "deploy",
    "load_deployment",
    "predict_address",
]

# In order of deployment, which is the deployer's nonce.
CONTRACT_NAMES = {
    "registry": "CommunityRegistry",
    "rule_book": "RuleBook",
    "period_book": "PeriodBook",
    "meter_data_ledger": "MeterDataLedger",
    "schedule_book": "ScheduleBook",
    "settlement_ledger": "SettlementLedger",
    "billing_ledger": "BillingLedger",
    "contests": "Contests",
    "input_contests": "InputContests",
    "sum_contests": "SumContests",
    "stair_contests": "StairContests",
    "bill_contests": "BillContests",
    "link_contests": "LinkContests",
    "demands": "Demands",
    "bonds": "Bonds",
    "pause_book": "PauseBook",
    "arbitration": "Arbitration",
}
# What each community has of its own, in order of deployment; see backend/adapters/chain/governance.py.
GOVERNANCE_NAMES = {"timelock": "TimelockController", "community_governor": "CommunityGovernor"}
# Those that another of them creates for itself, and whose refusals it passes on.
INNER_CONTRACTS = ("ProposalForms",)
_HASH = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_REMEDY = "restore it from a backup, or delete it: the same command then writes it anew from the chain."


@dataclass(frozen=True, slots=True)
class Deployment:
    """What ``deployment.json`` holds.

    Attributes:
        chain_id: EIP-155.
        genesis_hash: 0x-hex.
        contracts: Address by name.
        code_hashes: keccak of the deployed code by name, 0x-hex.
    """

    chain_id: int
    genesis_hash: str
    contracts: Mapping[str, str]
    code_hashes: Mapping[str, str]

    def facts(self, *, embedded: bool) -> ChainFacts:
        """As services see it."""
        return ChainFacts(self.chain_id, self.genesis_hash, self.contracts, self.code_hashes, embedded)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": "partage-deployment",
            "version": 1,
            "chain_id": self.chain_id,
            "genesis_hash": self.genesis_hash,
            "contracts": dict(self.contracts),
            "code_hashes": dict(self.code_hashes),
        }


def _genesis_hash(node: Node) -> str:
    return str(node.rpc("eth_getBlockByNumber", ["0x0", False])["hash"])


def _chain_id(node: Node) -> int:
    return int(node.rpc("eth_chainId", []), 16)


def load_deployment(path: Path, node: Node) -> Deployment | None:
    """Read ``deployment.json`` and hold it against the node.

    Returns:
        The deployment, or None where there is none yet.

    Raises:
        StoreError: If the file is damaged.
        ChainUnavailableError: If the node is another chain, or a contract is not where it should be.
    """
    if not path.exists():
        return None
    deployment = _read_deployment(path)
    chain_id, genesis = _chain_id(node), _genesis_hash(node)
    if (chain_id, genesis) != (deployment.chain_id, deployment.genesis_hash):
        remedy = (
            "put back the chain.sqlite of this home, which a backup has"
            if node.embedded
            else "point PARTAGE_CHAIN_URL at that chain"
        )
        raise ChainUnavailableError(
            f"The node at {node.name} is chain {chain_id} with genesis {genesis[:10]}..., but {path.name} "
            f"was made on chain {deployment.chain_id} with genesis {deployment.genesis_hash[:10]}...; "
            f"{remedy}, or PARTAGE_HOME at an empty folder."
        )
    found = {name: _code_hash(node, address) for name, address in deployment.contracts.items()}
    if not any(found.values()):
        raise ChainUnavailableError(
            f"The node at {node.name} has none of the contracts of {path.name}, though its genesis is the same: it was "
            "restarted without its state. Start it from its state, or set PARTAGE_HOME to an empty folder."
        )
    for name, address in deployment.contracts.items():
        _require_code(name, address, found[name], deployment.code_hashes[name])
    return deployment


def _read_deployment(path: Path) -> Deployment:
    """The file, each field of the kind that it must be.

    Raises:
        StoreError: If it is damaged.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        deployment = Deployment(
            int(stored["chain_id"]), stored["genesis_hash"], stored["contracts"], stored["code_hashes"]
        )
        texts = [
            (deployment.genesis_hash, _HASH),
            *((deployment.contracts[name], _ADDRESS) for name in CONTRACT_NAMES),
            *((deployment.code_hashes[name], _HASH) for name in CONTRACT_NAMES),
        ]
        fault = next((text for text, form in texts if not form.fullmatch(text)), None)
        if deployment.contracts.keys() != CONTRACT_NAMES.keys():
            fault = "its list of contracts"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        fault = f"{type(error).__name__}: {error}"
    else:
        if fault is None:
            return deployment
    raise StoreError(f"{path} is damaged ({fault}); {_REMEDY}")


def _code_hash(node: Node, address: str) -> str | None:
    code = code_at(node, address)
    return "0x" + keccak256(code).hex() if code else None


def _require_code(name: str, address: str, found: str | None, expected: str) -> None:
    if found is None:
        raise ChainUnavailableError(
            f"There is no contract at {address}, where deployment.json says {name} is: the address is of another "
            f"chain. The file was altered; {_REMEDY}"
        )
    if found != expected:
        raise ChainUnavailableError(
            f"The code at {address} is not that of {name}: its hash is {found[:10]}..., {expected[:10]}... was "
            f"deployed. deployment.json was altered; {_REMEDY}"
        )


def deploy(node: Node, vault: KeyVault, path: Path) -> Deployment:
    """Create the contracts that are not there yet and write ``deployment.json``.

    Safe to repeat after a crash at any point.

    Raises:
        ChainUnavailableError: If the chain does not answer or does not take a creation.
    """
    deployer = vault.account("deployer")
    addresses = {name: predict_address(deployer.address, nonce) for nonce, name in enumerate(CONTRACT_NAMES)}
    chain_id = _chain_id(node)
    with node.writing():
        for nonce, (name, solidity) in enumerate(CONTRACT_NAMES.items()):
            if _code_hash(node, addresses[name]) is None:
                arguments = arguments_of(load_artifact(solidity), addresses)
                create_contract(node, deployer, nonce, load_artifact(solidity), arguments)
    hashes = {name: _code_hash(node, address) or "" for name, address in addresses.items()}
    deployment = Deployment(chain_id, _genesis_hash(node), addresses, hashes)
    write_durably(path, (json.dumps(deployment.as_dict(), indent=2, sort_keys=True) + "\n").encode())
    return deployment
