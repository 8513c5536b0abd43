"""Which contracts on which chain: deploying them once, and knowing them again.

The deployer's key does nothing else, so its nonce tells how far a deployment came: contract i is created with nonce i
at an address known beforehand. A crash at any point is healed by deploying again; contracts that refer to each other
take those addresses in their constructors.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.adapters.chain.compile import load_artifact
from backend.adapters.durable_files import write_durably
from backend.commitments.keccak import keccak256
from backend.errors import ChainUnavailableError, StoreError
from backend.ports import ChainFacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from backend.adapters.chain.node import Node
    from backend.adapters.key_vault import KeyVault

__all__ = ["CONTRACT_NAMES", "Deployment", "deploy", "load_deployment", "predict_address"]

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0
_PASSED_LOOKS = 5

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
}
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


def predict_address(deployer: str, nonce: int) -> str:
    """Address of the contract that an account creates with a nonce."""
    import rlp
    from eth_utils.address import to_canonical_address, to_checksum_address

    return str(to_checksum_address(keccak256(rlp.encode([to_canonical_address(deployer), nonce]))[12:]))


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
    code = bytes.fromhex(node.rpc("eth_getCode", [address, "latest"]).removeprefix("0x"))
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
                _create(node, deployer, chain_id, nonce, solidity, addresses)
    hashes = {name: _code_hash(node, address) or "" for name, address in addresses.items()}
    deployment = Deployment(chain_id, _genesis_hash(node), addresses, hashes)
    write_durably(path, (json.dumps(deployment.as_dict(), indent=2, sort_keys=True) + "\n").encode())
    return deployment


def _create(
    node: Node, deployer: Any, chain_id: int, nonce: int, solidity: str, addresses: Mapping[str, str]
) -> None:
    artifact = load_artifact(solidity)
    contract = node.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    parameters: list[dict[str, Any]] = next(
        (entry["inputs"] for entry in artifact.abi if entry["type"] == "constructor"), []
    )
    creation = contract.constructor(*(addresses[_snake(parameter["name"])] for parameter in parameters))
    fee, tip = node.fees(deployer.address)
    request = {"from": deployer.address, "data": creation.data_in_transaction}
    signed = deployer.sign_transaction(
        creation.build_transaction(
            {
                "from": deployer.address,
                "chainId": chain_id,
                "nonce": nonce,
                "value": 0,
                "gas": node.gas_limit(request),
                "maxFeePerGas": fee,
                "maxPriorityFeePerGas": tip,
            }
        )
    )
    # Where the fee is too low to take the place of one that was sent before a crash, that one is waited for.
    node.send_raw(bytes(signed.raw_transaction))
    _await_code(node, deployer.address, nonce, predict_address(deployer.address, nonce), solidity)


def _await_code(node: Node, deployer: str, nonce: int, address: str, solidity: str) -> None:
    """Wait until a contract stands at its address, whichever transaction put it there."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    passed = 0
    while _code_hash(node, address) is None:
        mined = int(node.rpc("eth_getTransactionCount", [deployer, "latest"]), 16)
        passed = passed + 1 if mined > nonce else 0
        if passed >= _PASSED_LOOKS:
            raise ChainUnavailableError(
                f"{deployer}, the deployer key, has used its transaction {nonce} at {node.name}, but there is no "
                f"{solidity} at {address}: it failed, or the key was used for something else. Set PARTAGE_HOME to "
                "an empty folder, whose keys are new."
            )
        if time.monotonic() > deadline:
            raise ChainUnavailableError(
                f"The creation of {solidity} is not mined after {_PATIENCE_SECONDS:.0f} s at {node.name}; run the "
                "same command again, it goes on from there."
            )
        time.sleep(_POLL_SECONDS)


def _snake(parameter: str) -> str:
    """``meterDataLedger_`` names the contract ``meter_data_ledger``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in parameter).strip("_")
