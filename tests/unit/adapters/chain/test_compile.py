"""Artifacts, the sentences of the check, and that no refusal of a contract goes untested."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from backend.adapters.chain import compile as compiling
from backend.adapters.chain.artifacts import ARTIFACTS_FOLDER
from backend.adapters.chain.compile import differences, load_artifact
from backend.errors import MissingToolError

ROOT = Path(__file__).resolve().parents[4]
CONTRACTS = (
    "CommunityRegistry",
    "RuleBook",
    "PeriodBook",
    "MeterDataLedger",
    "ScheduleBook",
    "SettlementLedger",
    "BillingLedger",
    "Contests",
)


@pytest.fixture
def copies(tmp_path):
    shutil.copytree(ARTIFACTS_FOLDER, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def compiled():
    return {path.name: path.read_text(encoding="utf-8") for path in ARTIFACTS_FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_can_be_loaded_and_deployed(name):
    artifact = load_artifact(name)
    assert 0 < len(artifact.deployed_bytecode) < 24_576
    assert len(artifact.bytecode) > len(artifact.deployed_bytecode)
    assert {entry["type"] for entry in artifact.abi} >= {"constructor", "function", "event", "error"}


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_artifact_carries_no_path_of_this_machine(name):
    text = (ARTIFACTS_FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert all(not path.startswith("/") for path in json.loads(text)["sources"])


def test_functions_are_not_overloaded_so_that_a_name_is_enough_to_call_them():
    for name in CONTRACTS:
        names = [entry["name"] for entry in load_artifact(name).abi if entry["type"] == "function"]
        assert len(names) == len(set(names)), name


def test_code_on_chain_matches_whatever_its_immutables_hold():
    artifact = load_artifact("Contests")
    code = bytearray(artifact.deployed_bytecode)
    start, length = artifact.immutables["registry"][0]
    code[start : start + length] = b"\x11" * length
    assert artifact.matches(bytes(code))
    code[start - 1] ^= 1
    assert not artifact.matches(bytes(code))
    assert not artifact.matches(bytes(code[:-1]))


def test_a_contract_that_was_never_compiled_is_named(tmp_path):
    with pytest.raises(MissingToolError, match=r"no compiled contract Treasury at .*Treasury\.json"):
        load_artifact("Treasury", tmp_path)


def test_sources_are_those_in_the_repository():
    """Holds without a compiler: a source that was edited after compiling is found by its hash."""
    named = json.loads((ARTIFACTS_FOLDER / "sources.json").read_text(encoding="utf-8"))["sources"]
    own = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "contracts").rglob("*.sol")}
    assert {path for path in named if path.startswith("contracts/")} == own.keys()
    stale = [name for name, path in own.items() if compiling._sha256(path.read_bytes()) != named[name]]  # noqa: SLF001
    assert not stale, f"run python -m backend.adapters.chain.compile: {stale}"


def test_the_check_finds_nothing_where_all_is_as_compiled(copies, compiled):
    assert differences(compiled, copies) == []


def test_the_check_says_which_word_of_an_artifact_differs(copies, compiled):
    path = copies / "RuleBook.json"
    artifact = json.loads(path.read_text(encoding="utf-8"))
    artifact["bytecode"] = artifact["bytecode"][:20] + "ffffffff" + artifact["bytecode"][28:]
    artifact["abi"] = [entry for entry in artifact["abi"] if entry.get("name") != "ruleAt"]
    path.write_text(json.dumps(artifact), encoding="utf-8")
    (sentence,) = differences(compiled, copies)
    assert sentence.startswith(
        "! RuleBook.json: abi lacks function ruleAt, has nothing too much; bytecode has "
    )
    assert "'ffffffff" in sentence


def test_the_check_says_what_is_missing_and_what_is_left_over(copies, compiled):
    (copies / "Contests.json").rename(copies / "Treasury.json")
    assert differences(compiled, copies) == [
        "- Treasury.json: no contract at the top of contracts/ compiles to it; delete it.",
        "+ Contests.json: it is not there.",
    ]


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_refusal_of_a_contract_is_drawn_and_tested(name):
    interface = (ROOT / "contracts" / "interfaces" / f"I{name}.sol").read_text(encoding="utf-8")
    tree = (ROOT / "tests" / "contracts" / f"{name}.tree").read_text(encoding="utf-8")
    files = sorted((ROOT / "tests" / "contracts").rglob("*.sol"))
    tests = "".join(path.read_text(encoding="utf-8") for path in files)
    errors = set(re.findall(r"^    error (\w+)\(", interface, flags=re.MULTILINE))
    assert errors
    assert {error for error in errors if not re.search(rf"\b{error}\b", tree)} == set()
    assert {error for error in errors if f"I{name}.{error}.selector" not in tests} == set()


def test_every_numbered_invariant_has_its_test():
    prose = (ROOT / "contracts" / "INVARIANTS.md").read_text(encoding="utf-8")
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "contracts").glob("*.t.sol")
    )
    numbers = [int(number) for number in re.findall(r"^(\d+)\. \*\*", prose, flags=re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    named = set(re.findall(r"`((?:invariant|testFuzz)_\w+)`", prose))
    assert len(named) >= len(numbers)
    assert {name for name in named if f"function {name}(" not in tests} == set()
