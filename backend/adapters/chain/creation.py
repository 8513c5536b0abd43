"""Creating a contract with a key's next nonce, so that a crash at any point is healed by doing it again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.errors import ChainUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eth_account.signers.local import LocalAccount

    from backend.adapters.chain.artifacts import Artifact
    from backend.adapters.chain.node import Node

__all__ = ["arguments_of", "code_at", "create_contract", "predict_address"]

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0
_PASSED_LOOKS = 5


def predict_address(creator: str, nonce: int) -> str:
    """Address of the contract that an account creates with a nonce."""
    import rlp
    from eth_utils.address import to_canonical_address, to_checksum_address

    return str(to_checksum_address(keccak256(rlp.encode([to_canonical_address(creator), nonce]))[12:]))


def code_at(node: Node, address: str) -> bytes:
    """What stands at an address; empty where there is no contract."""
    return bytes.fromhex(node.rpc("eth_getCode", [address, "latest"]).removeprefix("0x"))


def arguments_of(artifact: Artifact, addresses: Mapping[str, str]) -> list[Any]:
    """What a constructor takes that is told of other contracts alone.

    Args:
        artifact: The contract; a parameter ``meterDataLedger_`` means the contract ``meter_data_ledger``, a struct
            its fields likewise.
        addresses: By name.
    """
    parameters: Sequence[Mapping[str, Any]] = next(
        (entry["inputs"] for entry in artifact.abi if entry["type"] == "constructor"), []
    )
    return [_argument_of(parameter, addresses) for parameter in parameters]


def _argument_of(parameter: Mapping[str, Any], addresses: Mapping[str, str]) -> Any:
    if parameter["type"] == "tuple":
        return tuple(_argument_of(component, addresses) for component in parameter["components"])
    assert parameter["type"] == "address", f"nothing is known to give for {parameter['name']}"
    return addresses[_snake(parameter["name"])]


def _snake(parameter: str) -> str:
    """``meterDataLedger_`` names the contract ``meter_data_ledger``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in parameter).strip("_")


def create_contract(
    node: Node, creator: LocalAccount, nonce: int, artifact: Artifact, arguments: Sequence[Any]
) -> None:
    """Create a contract that is not there yet, and wait until it stands.

    Args:
        node: Where.
        creator: Whose nonce says the address; it must do nothing else before this nonce.
        nonce: The next.
        artifact: What is created.
        arguments: Of its constructor.

    Raises:
        ChainUnavailableError: If the chain does not take it in time, or the nonce went to something else.
    """
    contract = node.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    creation = contract.constructor(*arguments)
    fee, tip = node.fees(creator.address)
    request: dict[str, str] = {"from": creator.address, "data": creation.data_in_transaction}
    signed = creator.sign_transaction(
        creation.build_transaction(
            {
                "from": creator.address,
                "chainId": int(node.rpc("eth_chainId", []), 16),
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
    _await_code(node, creator.address, nonce, artifact.name)


def _await_code(node: Node, creator: str, nonce: int, solidity: str) -> None:
    """Wait until a contract stands at its address, whichever transaction put it there."""
    address = predict_address(creator, nonce)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    passed = 0
    while not code_at(node, address):
        mined = int(node.rpc("eth_getTransactionCount", [creator, "latest"]), 16)
        passed = passed + 1 if mined > nonce else 0
        if passed >= _PASSED_LOOKS:
            raise ChainUnavailableError(
                f"{creator}, the key that creates it, has used its transaction {nonce} at {node.name}, but there is no "
                f"{solidity} at {address}: it failed, or the key was used for something else. Set PARTAGE_HOME to "
                "an empty folder, whose keys are new."
            )
        if time.monotonic() > deadline:
            raise ChainUnavailableError(
                f"The creation of {solidity} is not mined after {_PATIENCE_SECONDS:.0f} s at {node.name}; run the "
                "same command again, it goes on from there."
            )
        time.sleep(_POLL_SECONDS)
