"""What the vectors say of contests is what the contracts say, in a machine that has neither blocks nor fees."""

import itertools
import json
from collections import defaultdict

import pytest

from backend.adapters.chain.abi import ContractAbi
from backend.adapters.chain.artifacts import load_artifact
from backend.adapters.chain.deployment import CONTRACT_NAMES
from backend.commitments.keccak import keccak256
from scripts.make_contest_vectors import TARGET, make_file
from tests.integration.contests.machine import Machine

VOIDED, CONTESTABLE = 4, 1
FILE = json.loads(TARGET.read_text("utf-8"))
TRANSACTIONS = FILE["transactions"]
CASES = [told for told in TRANSACTIONS if told["case"]]
WORLDS = list(dict.fromkeys(told["world"] for told in TRANSACTIONS))
LEDGERS = {"run": ("settlement_ledger", "run"), "bills": ("billing_ledger", "bills")}


@pytest.fixture(scope="module")
def machine():
    return Machine(FILE["chain_id"], FILE["deployer"], FILE["nonce"])


def read(machine, contract, function, *arguments):
    abi = ContractAbi(load_artifact(CONTRACT_NAMES[contract]).abi)
    answer = machine.ask(contract, abi.encode_call(function, arguments))
    return abi.decode_result(function, answer)


def judge(machine, told):
    """What a case comes to; nothing where it is as the vectors say."""
    answer = machine.take(told)
    if told["outcome"] == "refused":
        expected = keccak256(told["error"].encode())[:4]
        if not answer.is_error:
            return "taken"
        return "" if answer.output[:4] == expected else f"refused with {answer.output.hex()}"
    if answer.is_error:
        return f"refused with {answer.output.hex()}"
    states = {what: read(machine, *ledger, told["run"]) for what, ledger in LEDGERS.items()}
    found = {what: record["state"] for what, record in states.items()}
    # Bills fall with their run.
    voided = {"run": ["run", "bills"], "bills": ["bills"], "taken": []}[told["outcome"]]
    due = {what: VOIDED if what in voided else CONTESTABLE for what in LEDGERS}
    if found != due:
        return f"states {found}"
    by = [states[what]["voidedBy"] for what in voided[:1]]
    return "" if all(account.lower() == told["voided_by"] for account in by) else f"by {by}"


@pytest.mark.parametrize("name", WORLDS)
def test_contracts_say_to_each_contest_what_the_vectors_say(machine, name):
    own = [told for told in TRANSACTIONS if told["world"] == name]
    born = machine.state.snapshot()
    wrong = []
    for story, listed in itertools.groupby(own, lambda told: told["story"]):
        founded = machine.state.snapshot()
        for told in listed:
            if not told["case"]:
                answer = machine.take(told)
                assert answer.is_success, (story, told["function"], answer.output.hex())
                continue
            proposed = machine.state.snapshot()
            said = judge(machine, told)
            wrong += [f"{told['case']}: {said}"] if said else []
            machine.state.revert(proposed)
        if story:
            machine.state.revert(founded)
    machine.state.revert(born)
    assert wrong == []


def test_the_vectors_are_what_the_reference_and_the_provers_give():
    assert TARGET.read_text("utf-8") == make_file(), (
        "run scripts/make_contest_vectors.py and read the difference"
    )


def test_each_contest_is_there_against_a_lie_and_against_what_is_honest():
    outcomes = defaultdict(set)
    for told in CASES:
        outcomes[told["function"]].add(told["outcome"])
    functions = {
        entry["name"]
        for contract in CONTRACT_NAMES.values()
        for entry in load_artifact(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] != "view" and "contest" in entry["name"]
    }
    assert {name for name, found in outcomes.items() if found & {"run", "bills"}} >= functions
    assert {name for name, found in outcomes.items() if "refused" in found} >= functions
    assert len(CASES) >= 200
    assert len({told["case"] for told in CASES}) == len(CASES)


def test_every_sharing_key_is_contested():
    assert len(WORLDS) == 19
    for name in WORLDS:
        told = {case["outcome"] for case in CASES if case["world"] == name}
        assert told >= {"run", "bills", "refused"}, name
