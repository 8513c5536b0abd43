"""Calls as plain data: what goes in comes out, for every function of every contract."""

import hypothesis.strategies as st
import pytest
from eth_utils.abi import abi_to_signature
from hypothesis import given, settings

from backend.adapters.chain.abi import ContractAbi
from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES, predict_address
from backend.commitments.keccak import keccak256

ARTIFACTS = [load_artifact(solidity) for solidity in CONTRACT_NAMES.values()]
FUNCTIONS = {
    f"{artifact.name}.{entry['name']}": entry
    for artifact in ARTIFACTS
    for entry in artifact.abi
    if entry["type"] == "function"
}


def plain(parameter):
    """Values of a type as services write them: numbers, 0x-hex, lists, objects by field name."""
    kind = parameter["type"]
    if kind.endswith("]"):
        stem, _, length = kind[:-1].rpartition("[")
        element = plain({**parameter, "type": stem})
        return st.lists(element, min_size=int(length or 0), max_size=int(length or 3))
    if kind == "tuple":
        return st.fixed_dictionaries({field["name"]: plain(field) for field in parameter["components"]})
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(lambda value: "0x" + value.hex())
    if kind == "bool":
        return st.booleans()
    if kind == "string":
        return st.text(max_size=8)
    if kind.startswith("bytes"):
        length = int(kind[5:] or 0)
        return st.binary(min_size=length, max_size=length or 40).map(lambda value: "0x" + value.hex())
    bits = int(kind.lstrip("uint"))
    if kind.startswith("u"):
        return st.integers(0, 2**bits - 1)
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def mirrored(entry):
    """A function that returns what it takes, so that a round trip is encoding and decoding."""
    return ContractAbi([{**entry, "outputs": entry["inputs"]}])


def lowered(value):
    """Addresses come back with their checksum's capitals or without: both are the same."""
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list | tuple):
        return [lowered(one) for one in value]
    if isinstance(value, dict):
        return {name: lowered(one) for name, one in value.items()}
    return value


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@settings(max_examples=15)
@given(data=st.data())
def test_arguments_come_back_as_they_went(name, data):
    entry = FUNCTIONS[name]
    arguments = [data.draw(plain(parameter), label=parameter["name"]) for parameter in entry["inputs"]]
    abi = mirrored(entry)
    encoded = abi.encode_call(entry["name"], arguments)
    assert encoded[:4] == keccak256(abi_to_signature(entry).encode())[:4]  # type: ignore[arg-type]
    if not arguments:
        assert encoded[4:] == b""
        return
    found = abi.decode_result(entry["name"], encoded[4:])
    assert lowered(found if len(arguments) > 1 else [found]) == lowered(arguments)


def test_a_call_without_one_of_its_arguments_or_fields_is_our_mistake():
    abi = ContractAbi(load_artifact("SettlementLedger").abi)
    with pytest.raises(ValueError, match="argument"):
        abi.encode_call("run", [])
    with pytest.raises(KeyError, match="community"):
        abi.encode_call("proposeRun", [{"period": 1}])


def test_a_contracts_address_is_known_before_it_is_created():
    """The example of EIP-1014's predecessor, CREATE: cow's first contracts."""
    cow = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    assert [predict_address(cow, nonce).lower() for nonce in range(4)] == [
        "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d",
        "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8",
        "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91",
        "0xfffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c",
    ]
