"""Every custom error of the contracts has its sentence, made of its own arguments."""

import string

import pytest
from eth_abi.abi import encode
from eth_utils.abi import abi_to_signature

from backend.adapters.chain.abi import Refusal, RefusalDecoder
from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES, GOVERNANCE_NAMES, INNER_CONTRACTS
from backend.adapters.chain.refusals import REFUSALS, say_refusal
from backend.commitments.keccak import keccak256

NAMES = (*CONTRACT_NAMES.values(), *GOVERNANCE_NAMES.values(), *INNER_CONTRACTS)
ABIS = [load_artifact(solidity).abi for solidity in NAMES]
ERRORS = {
    abi_to_signature(entry): entry  # type: ignore[arg-type]
    for abi in ABIS
    for entry in abi
    if entry["type"] == "error"
}
SAMPLES = {
    "address": "0x" + "ab" * 20,
    "bytes32": bytes(range(32)),
    "bool": True,
    "string": "why",
    "bytes": b"\1",
}


def sample_of(kind):
    return SAMPLES.get(kind, 1)


def refusal_of(entry):
    """An error as a node hands it over, decoded."""
    kinds = [parameter["type"] for parameter in entry["inputs"]]
    data = keccak256(abi_to_signature(entry).encode())[:4] + encode(
        kinds, [sample_of(kind) for kind in kinds]
    )
    refusal = RefusalDecoder(ABIS).decode(data)
    assert refusal is not None
    return refusal


def test_the_table_is_as_long_as_the_contracts_are():
    assert len(ERRORS) > 60
    assert {entry["name"] for entry in ERRORS.values()} == set(REFUSALS)


@pytest.mark.parametrize("signature", sorted(ERRORS))
def test_a_refusal_is_a_sentence_of_its_own_arguments(signature):
    entry = ERRORS[signature]
    template = REFUSALS[entry["name"]]
    arguments = {parameter["name"] for parameter in entry["inputs"]}
    assert {field for _, field, _, _ in string.Formatter().parse(template) if field} <= arguments
    said = say_refusal(refusal_of(entry))
    assert said.startswith(f"The contract refuses ({entry['name']}): ")
    assert said.endswith((".", ")."))
    assert "{" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("RoleMissing", {"caller": "0xab", "role": 4}, "lacks the role settler"),
        ("RunNotFinal", {"runId": "0x" + "12" * 32, "state": 1}, "run 0x12121212... is contestable"),
        (
            "WindowOpen",
            {"runId": "0x" + "12" * 32, "until": 1_700_000_000},
            "open until 2023-11-14T22:13:20Z",
        ),
        ("ConformityLimitExceeded", {"rule": 2, "value": 7, "limit": 5}, "limit for missing readings"),
    ],
)
def test_roles_states_instants_and_ids_are_told_as_people_read_them(name, values, said):
    assert said in say_refusal(Refusal(name, values))


def test_an_error_that_is_not_in_the_table_still_shows_its_name_and_values():
    assert say_refusal(Refusal("Surprise", {"slot": 3})) == "The contract refuses: Surprise (slot 3)."
    assert say_refusal(Refusal("Surprise", {})) == "The contract refuses: Surprise."


def test_what_is_no_custom_error_of_ours_is_not_made_into_one():
    decoder = RefusalDecoder(ABIS)
    assert decoder.decode(b"") is None
    assert decoder.decode(bytes.fromhex("08c379a0") + bytes(64)) is None
