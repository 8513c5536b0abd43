"""The chain is read as the contracts declare it; a node that answers otherwise is named."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from backend.errors import ChainUnavailableError
from backend.verifier import http_call, parse_bundle, read_chain
from backend.verifier.abi import Array, Struct, decode_return, encode_call
from backend.verifier.chain_records import FUNCTIONS
from tests.unit.verifier.vector_chain import VECTORS, VectorNode, camel, load_vectors

ARTIFACTS = VECTORS.parents[1] / "contracts" / "artifacts"
CONTRACTS = {
    "registry": "CommunityRegistry",
    "rule_book": "RuleBook",
    "period_book": "PeriodBook",
    "meter_data_ledger": "MeterDataLedger",
    "schedule_book": "ScheduleBook",
    "settlement_ledger": "SettlementLedger",
    "billing_ledger": "BillingLedger",
}


def written(kind: Any) -> Any:
    """Give a type as a list of names and types, comparable with what an artifact declares."""
    if isinstance(kind, Array):
        return [written(kind.item), kind.length]
    if isinstance(kind, Struct):
        return {camel(name): written(field) for name, field in kind.fields.items()}
    return kind


def declared(entry: dict[str, Any]) -> Any:
    item, bracket, length = entry["type"].rpartition("[")
    if bracket:
        return [declared({**entry, "type": item}), int(length[:-1]) if length != "]" else None]
    if entry["type"] == "tuple":
        return {field["name"]: declared(field) for field in entry["components"]}
    return entry["type"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_read_as_its_contract_declares_it(name):
    contract, signature, kind = FUNCTIONS[name]
    abi = json.loads((ARTIFACTS / f"{CONTRACTS[contract]}.json").read_text())["abi"]
    entry = next(item for item in abi if item["type"] == "function" and item["name"] == name)
    assert f"{name}({','.join(given['type'] for given in entry['inputs'])})" == signature
    assert [declared(output) for output in entry["outputs"]] == [written(kind)]
    if isinstance(kind, Struct):
        assert list(written(kind)) == list(declared(entry["outputs"][0]))


def test_a_call_is_encoded_as_the_abi_says():
    data = encode_call("transfer(address,uint256)", (b"\x11" * 32, 17318))
    assert data == "0xa9059cbb" + "11" * 32 + f"{17318:064x}"


def word(value: int) -> str:
    return value.to_bytes(32, "big", signed=value < 0).hex()


@pytest.mark.parametrize(
    ("kind", "answer", "message"),
    [
        ("uint8", "0x" + word(256), "256 is no uint8"),
        ("int64", "0x" + word(2**63), "is no int64"),
        ("address", "0x" + word(2**160), "is no address"),
        ("uint8", "0x", "0 bytes end before the word at 0"),
        ("uint8", None, "None is no hex string"),
        ("uint8", "0xzz", "non-hexadecimal"),
        (Array("uint16"), "0x" + word(32) + word(2**200), "a list of"),
        (Array("uint16"), "0x" + word(2**200), "end before the word"),
        (Array("uint16"), "0x" + word(32) + word(2) + word(1), "end before the word"),
    ],
    ids=["wide", "signed", "address", "empty", "nothing", "no hex", "endless", "far", "cut"],
)
def test_an_answer_that_is_no_such_value_is_refused(kind, answer, message):
    with pytest.raises(ChainUnavailableError, match=f"terms: the node's answer cannot be read .*{message}"):
        decode_return(kind, answer, "terms")


def test_negative_and_nested_values_are_decoded():
    kind = Struct({"a": "int64", "b": Array("uint8", 2), "c": Array("uint16"), "d": Struct({"e": "bytes32"})})
    inner = word(-3) + word(1) + word(2) + word(160) + "ee" * 32 + word(1) + word(9)
    value = decode_return(kind, "0x" + word(32) + inner, "it")
    assert value == {"a": -3, "b": (1, 2), "c": (9,), "d": {"e": b"\xee" * 32}}


@pytest.mark.parametrize(
    ("method", "answer", "message"),
    [
        ("eth_chainId", None, "gives None as eth_chainId"),
        ("eth_chainId", "12", "gives '12' as eth_chainId"),
        ("eth_getBlockByNumber", None, "the node has no block 0x0"),
        ("eth_getBlockByNumber", {"number": "0x0", "hash": "0x12"}, "gives '0x12' as a block's hash"),
        ("eth_getBlockByNumber", {"hash": "0x" + "ab" * 32}, "gives None as a block's number"),
        ("eth_call", "0x", "terms: the node's answer cannot be read"),
    ],
)
def test_a_node_that_answers_nonsense_is_named(method, answer, message):
    vectors = load_vectors("communities/single")
    node = VectorNode(vectors)

    def call(asked: str, params: list[Any]) -> Any:
        return answer if asked == method else node.call(asked, params)

    with pytest.raises(ChainUnavailableError, match=message):
        read_chain(parse_bundle(vectors["bundles"][0]), call)


def answer_with(monkeypatch: pytest.MonkeyPatch, body: str | Exception) -> list[urllib.request.Request]:
    asked: list[urllib.request.Request] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        asked.append(request)
        assert timeout > 0
        if isinstance(body, Exception):
            raise body
        return io.BytesIO(body.encode())

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return asked


def test_a_request_is_sent_as_json_rpc_and_its_result_given(monkeypatch):
    asked = answer_with(monkeypatch, '{"jsonrpc": "2.0", "id": 1, "result": "0x7"}')
    assert http_call("http://node:8545")("eth_chainId", []) == "0x7"
    assert isinstance(asked[0].data, bytes)
    assert json.loads(asked[0].data) == {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (urllib.error.URLError("refused"), "does not answer eth_chainId as a node does: .*refused"),
        ("<html>", "does not answer eth_chainId as a node does"),
        (
            '{"id": 1, "error": {"code": 3, "message": "execution reverted"}}',
            "refuses eth_chainId: execution reverted",
        ),
        ('{"id": 9, "result": 1}', "something else than JSON-RPC"),
        ("[]", "something else than JSON-RPC"),
    ],
)
def test_a_node_that_is_silent_or_refuses_is_named(monkeypatch, body, message):
    answer_with(monkeypatch, body)
    with pytest.raises(
        ChainUnavailableError, match=f"http://node:8545 .*{message}|http://node:8545 {message}"
    ):
        http_call("http://node:8545")("eth_chainId", [])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "node:8545", "ftp://node", ""])
def test_an_address_that_is_not_http_is_refused(url):
    with pytest.raises(ChainUnavailableError, match="is no http or https address"):
        http_call(url)
