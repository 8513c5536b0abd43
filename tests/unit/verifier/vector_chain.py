"""A node that answers JSON-RPC with what the vectors say stands on chain; written apart from the decoder under test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backend.commitments.keccak import keccak256
from backend.errors import ChainUnavailableError
from backend.verifier.abi import Array, Struct, encode_call
from backend.verifier.chain_records import FUNCTIONS

VECTORS = Path(__file__).parents[2] / "vectors"
ARTIFACTS = VECTORS.parents[1] / "contracts" / "artifacts"
SOLIDITY = {
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
}
NAMED = 7
# Those that a bundle does not name.
FURTHER = {name: f"0x{0xC0 + i:02x}" + "c0" * 19 for i, name in enumerate([*SOLIDITY][NAMED:])}
CONTESTS = FURTHER["contests"]
COMMUNITIES = tuple(sorted(path.stem for path in VECTORS.glob("communities/*.json")))
BLOCK_HASH = "0x" + "ab" * 32


def load_vectors(name: str) -> dict[str, Any]:
    vectors: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return vectors


def word_of(text: str) -> bytes:
    """A short string as OpenZeppelin keeps it in an immutable."""
    return text.encode().ljust(31, b"\0") + bytes((len(text),))


def published_code(name: str, contracts: dict[str, str], chain_id: int) -> bytes:
    """What a contract's constructor leaves on chain, made of its artifact."""
    deployed = json.loads((ARTIFACTS / f"{SOLIDITY[name]}.json").read_text())["deployedBytecode"]
    addresses = {**FURTHER, **contracts}
    hashes = [
        keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        keccak256(b"Partage"),
        keccak256(b"1"),
        encode_word(chain_id),
        encode_word(addresses[name]),
    ]
    values = {camel(known): encode_word(address) for known, address in addresses.items()} | {
        "_cachedDomainSeparator": keccak256(b"".join(hashes)),
        "_hashedName": hashes[1],
        "_hashedVersion": hashes[2],
        "_cachedChainId": hashes[3],
        "_cachedThis": hashes[4],
        "_name": word_of("Partage"),
        "_version": word_of("1"),
    }
    code = bytearray.fromhex(deployed["object"].removeprefix("0x"))
    for immutable, places in deployed["immutables"].items():
        for place in places:
            code[place["start"] : place["start"] + place["length"]] = values[immutable]
    return bytes(code)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def is_dynamic(kind: Any) -> bool:
    if isinstance(kind, Array):
        return kind.length is None or is_dynamic(kind.item)
    return isinstance(kind, Struct) and any(is_dynamic(field) for field in kind.fields.values())


def encode_word(value: int | str) -> bytes:
    if isinstance(value, str):
        return bytes.fromhex(value[2:]).rjust(32, b"\0")
    return value.to_bytes(32, "big", signed=value < 0)


def encode(kind: Any, value: Any) -> bytes:
    if isinstance(kind, str):
        return encode_word(value)
    if isinstance(kind, Array):
        pairs = [(kind.item, entry) for entry in value]
    else:
        pairs = [(field, value[camel(name)]) for name, field in kind.fields.items()]
    parts = [(is_dynamic(field), encode(field, entry)) for field, entry in pairs]
    offset = sum(32 if dynamic else len(part) for dynamic, part in parts)
    heads, tails = b"", b""
    for dynamic, part in parts:
        if not dynamic:
            heads += part
            continue
        heads += (offset + len(tails)).to_bytes(32, "big")
        tails += part
    length = len(value).to_bytes(32, "big") if isinstance(kind, Array) and kind.length is None else b""
    return length + heads + tails


def empty(kind: Any) -> Any:
    """What a mapping of Solidity holds where nothing was written."""
    if isinstance(kind, Array):
        return [] if kind.length is None else [empty(kind.item)] * kind.length
    if isinstance(kind, Struct):
        return {camel(name): empty(field) for name, field in kind.fields.items()}
    return 0


class VectorNode:
    """Answers for one community; whatever the vectors do not name is empty, as on a chain."""

    def __init__(self, community: dict[str, Any]) -> None:
        self.chain: dict[str, Any] = community["chain"]
        self.inputs: dict[str, Any] = community["inputs"]
        self.expected: dict[str, Any] = community["expected"]
        self.block_hash = BLOCK_HASH
        self.calls = 0
        contracts: dict[str, str] = self.chain["contracts"]
        self.codes = {
            address: published_code(name, contracts, self.chain["chain_id"])
            for name, address in {**contracts, **FURTHER}.items()
        }

    def call(self, method: str, params: list[Any]) -> Any:
        self.calls += 1
        if method == "eth_chainId":
            return hex(self.chain["chain_id"])
        if method == "eth_getBlockByNumber":
            genesis = params[0] == "0x0"
            return {
                "number": "0x0" if genesis else "0x2a",
                "hash": self.chain["genesis_hash"] if genesis else self.block_hash,
            }
        if method == "eth_getCode":
            assert params[1] == "0x2a"
            return "0x" + self.codes.get(params[0], b"").hex()
        assert method == "eth_call", method
        transaction, block = params
        assert block == "0x2a"
        return self.answer(transaction)

    def answer(self, transaction: dict[str, str]) -> str:
        for name, (contract, signature, kind) in FUNCTIONS.items():
            selector = encode_call(signature, ())
            if transaction["to"] != self.chain["contracts"][contract] or not transaction["data"].startswith(
                selector
            ):
                continue
            data = transaction["data"][len(selector) :]
            words = ["0x" + data[start : start + 64] for start in range(0, len(data), 64)]
            value = self.record(name, words)
            encoded = encode(kind, empty(kind) if value is None else value)
            return "0x" + ((32).to_bytes(32, "big") if is_dynamic(kind) else b"").hex() + encoded.hex()
        raise ChainUnavailableError(f"no contract answers {transaction}")

    def record(self, name: str, words: list[str]) -> Any:
        if name in {"run", "bills"}:
            return self.chain[name] if words[0] == self.expected["run_id"] else None
        if name == "schedule":
            return self.chain[name] if words[0] == self.expected["schedule_id"] else None
        if name == "batch":
            return self.chain[name] if words[0] == self.expected["batch_id"] else None
        if words[0] != self.inputs["community"]:
            return None
        if name == "rule":
            return self.chain[name] if int(words[1], 16) == self.chain["terms"]["ruleVersion"] else None
        if int(words[1], 16) != self.inputs["period"]:
            return None
        return self.chain[name.removeprefix("all").lower() if name.startswith("all") else name]
