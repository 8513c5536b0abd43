import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = (
    "CommunityRegistry",
    "RuleBook",
    "ScheduleBook",
    "PeriodBook",
    "MeterDataLedger",
    "SettlementLedger",
    "BillingLedger",
    "Contests",
    "InputContests",
    "SumContests",
    "PauseBook",
    "StairContests",
    "BillContests",
    "LinkContests",
    "Demands",
    "Bonds",
    "Arbitration",
)
_FUNCTION = re.compile(r"  (\w+)\(([^()]*)\)( view)?(?: returns \(([^()]*)\))?(?:   .*)?")
_STRUCT = re.compile(r"      ([A-Z]\w*) \{([^}]*)\}")
_SIGNED = re.compile(r"      signed: (\S.*\))$", re.MULTILINE)


def section():
    """The lines of each contract in section 10, by its name."""
    text = (ROOT / "docs/protocol.md").read_text()
    (block,) = re.findall(r"```\n(CommunityRegistry\n.*?)```", text, re.DOTALL)
    parts = re.split(r"^(\w+)$\n", block, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def artifact(contract):
    return json.loads((ROOT / f"contracts/artifacts/{contract}.json").read_text())["abi"]


def type_of(value):
    """As Solidity's sources call it: a struct by its name, without the library's that holds it."""
    internal = value.get("internalType", "")
    return (
        internal.removeprefix("struct ").split(".")[-1] if internal.startswith("struct ") else value["type"]
    )


def words(listed, separator):
    """(type, name) of each part; the name is empty where there is none."""
    parts = [part.split() for part in listed.split(separator) if part.strip()]
    return [(part[0], part[1] if len(part) > 1 else "") for part in parts]


def documented_functions(lines):
    found = {}
    for line in lines.splitlines():
        match = _FUNCTION.fullmatch(line)
        if match:
            name, inputs, view, outputs = match.groups()
            assert name not in found, f"{name} is there twice"
            found[name] = (words(inputs, ","), bool(view), words(outputs or "", ","))
        else:
            assert not re.match(r"  \S", line), f"neither a function nor a note: {line}"
    return found


def deployed_functions(contract):
    """Without the standard's own, and the addresses that a contract was told at its creation."""
    return {
        entry["name"]: (
            [(type_of(value), value["name"]) for value in entry["inputs"]],
            entry["stateMutability"] == "view",
            [(type_of(value), value["name"]) for value in entry["outputs"]],
        )
        for entry in artifact(contract)
        if entry["type"] == "function"
        and entry["name"] != "eip712Domain"
        and not any(value.get("internalType", "").startswith("contract ") for value in entry["outputs"])
    }


def structs_in(values):
    found = {}
    for value in values:
        if "components" in value:
            found[type_of(value).split("[")[0]] = [
                (type_of(part), part["name"]) for part in value["components"]
            ]
            found |= structs_in(value["components"])
    return found


def deployed_structs(contract):
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in artifact(contract):
        if entry["type"] == "function":
            found |= structs_in(entry["inputs"]) | structs_in(entry["outputs"])
    return found


def test_the_protocol_names_the_contracts_that_are_deployed():
    assert tuple(section()) == CONTRACTS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_protocol_gives_every_function_as_it_is_deployed(contract):
    assert documented_functions(section()[contract]) == deployed_functions(contract)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_protocol_gives_every_struct_field_by_field(contract):
    documented = {name: words(fields, ";") for name, fields in _STRUCT.findall(section()[contract])}
    assert documented == deployed_structs(contract)


@pytest.mark.parametrize("contract", ["CommunityRegistry", "MeterDataLedger"])
def test_the_protocol_gives_the_words_that_are_signed(contract):
    sources = "".join(path.read_text() for path in (ROOT / "contracts").glob("*/*.sol"))
    sources += "".join(path.read_text() for path in (ROOT / "contracts").glob("*.sol"))
    joined = re.sub(r'"\s*"', "", sources)
    signed = _SIGNED.findall(section()[contract])
    assert signed
    for words_signed in signed:
        assert f'"{words_signed}"' in joined, words_signed
