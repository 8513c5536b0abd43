"""The read-only JSON-RPC: what strangers get, and what they do not."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_hash.auto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.json_rpc import ReadOnlyRpc, RpcLimits
from backend.adapters.chain.rpc_methods import READING_METHODS
from tests.integration.chain.conftest import Stranger, Writer
from tests.integration.chain.notebook import INTO_ITSELF, LOOP, REVERT_DATA, assemble, creation_of, word

INVALID_PARAMS, LIMIT_EXCEEDED = -32602, -32005


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def test_a_client_reads_the_chain(stranger: Stranger, writer: Writer):
    receipt = writer.send(writer.notebook, word(5))
    assert stranger.get("eth_chainId") == hex(writer.chain_id)
    assert stranger.get("eth_blockNumber") == "0x2"
    assert stranger.get("eth_call", {"to": writer.notebook}, "latest") == hexed(word(5))
    assert stranger.get("eth_call", {"to": writer.notebook, "input": "0x"}, "0x1") == hexed(word(0))
    assert stranger.get("eth_getCode", writer.notebook, "latest").startswith("0x36")
    assert stranger.get("eth_getCode", "0x" + "22" * 20) == "0x"
    assert stranger.get("eth_getStorageAt", writer.notebook, "0x0") == hexed(word(5))
    assert stranger.get("eth_getTransactionCount", writer.account.address, "pending") == "0x2"
    assert int(stranger.get("eth_getBalance", writer.account.address), 16) > 10**20
    assert stranger.get("eth_getTransactionReceipt", receipt["transactionHash"]) == receipt
    block = stranger.get("eth_getBlockByHash", receipt["blockHash"], True)
    assert block == stranger.get("eth_getBlockByNumber", "latest", True)
    assert block["transactions"] == [stranger.get("eth_getTransactionByHash", receipt["transactionHash"])]
    assert stranger.get("eth_syncing") is False
    assert stranger.get("net_version") == str(writer.chain_id)


def test_what_is_not_there_is_null(stranger: Stranger, writer: Writer):
    assert stranger.get("eth_getBlockByNumber", hex(writer.height + 1), False) is None
    assert stranger.get("eth_getBlockByHash", hexed(word(1)), False) is None
    assert stranger.get("eth_getTransactionByHash", hexed(word(1))) is None
    assert stranger.get("eth_getTransactionReceipt", hexed(word(1))) is None


def test_a_custom_error_comes_with_its_data(stranger: Stranger, writer: Writer):
    for method in ("eth_call", "eth_estimateGas"):
        error = stranger.ask(method, {"to": writer.notebook, "data": hexed(word(0))})["error"]
        assert error == {"code": 3, "message": "execution reverted", "data": REVERT_DATA}


def test_the_hash_of_a_block_can_be_computed_from_what_is_shown(stranger: Stranger, writer: Writer):
    writer.send(writer.notebook, word(5))
    fields = [
        *(
            "parentHash",
            "sha3Uncles",
            "miner",
            "stateRoot",
            "transactionsRoot",
            "receiptsRoot",
            "logsBloom",
            "difficulty",
        ),
        *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
        *("withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"),
    ]
    for number in ("0x0", "0x1", "0x2"):
        block = stranger.get("eth_getBlockByNumber", number, False)
        parts = [bytes.fromhex(block[name][2:].zfill((len(block[name]) - 1) // 2 * 2)) for name in fields]
        quantities = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}
        quantities |= {"baseFeePerGas", "blobGasUsed", "excessBlobGas"}
        encoded = [
            part.lstrip(b"\0") if name in quantities else part
            for name, part in zip(fields, parts, strict=True)
        ]
        assert hexed(keccak(rlp.encode(encoded))) == block["hash"]


def test_logs_are_found_by_address_topic_and_block(stranger: Stranger, writer: Writer):
    other = writer.deploy(bytes.fromhex(stranger.get("eth_getCode", writer.notebook)[2:]))
    receipts = [
        writer.send(address, word(number))
        for number, address in enumerate((writer.notebook, other) * 3, start=1)
    ]
    every = [log for receipt in receipts for log in receipt["logs"]]
    assert len(every) == 6

    def found(**wanted: Any) -> list[int]:
        logs = stranger.get("eth_getLogs", {"fromBlock": "earliest", "toBlock": "latest"} | wanted)
        assert all(log in every for log in logs)
        return [int(log["data"], 16) for log in logs]

    assert found() == [1, 2, 3, 4, 5, 6]
    assert found(address=writer.notebook) == [1, 3, 5]
    assert found(address=[writer.notebook.upper().replace("0X", "0x"), other]) == [1, 2, 3, 4, 5, 6]
    assert found(address=[]) == [1, 2, 3, 4, 5, 6]
    assert found(topics=[hexed(word(3))]) == [3]
    assert found(topics=[[hexed(word(3)), hexed(word(4))]], address=other) == [4]
    assert found(topics=[None]) == [1, 2, 3, 4, 5, 6]
    assert found(topics=[]) == [1, 2, 3, 4, 5, 6]
    assert found(topics=[None, None]) == []
    assert found(fromBlock=receipts[2]["blockNumber"], toBlock=receipts[3]["blockNumber"]) == [3, 4]
    assert found(fromBlock="0xffffffffffffffff") == []
    assert found(toBlock="0xffffffffffffffff") == [1, 2, 3, 4, 5, 6]
    assert found(fromBlock="latest") == [6]
    by_hash = stranger.get("eth_getLogs", {"blockHash": receipts[1]["blockHash"]})
    assert [int(log["data"], 16) for log in by_hash] == [2]
    for bad in (
        {"blockHash": receipts[1]["blockHash"], "fromBlock": "0x0"},
        {"fromBlock": "0x3", "toBlock": "0x2"},
        {"fromBlock": hexed(word(1))},
        {"topics": [None] * 5},
        {"address": [writer.notebook] * 101},
        {"address": "0x12"},
        {"topics": "0x12"},
    ):
        assert stranger.ask("eth_getLogs", bad)["error"]["code"] == INVALID_PARAMS


def test_too_many_logs_are_refused_with_a_hint(
    stranger: Stranger, writer: Writer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("backend.adapters.chain.rpc_methods.LOGS_MAX", 2)
    for number in (1, 2, 3):
        writer.send(writer.notebook, word(number))
    error = stranger.ask("eth_getLogs", {"fromBlock": "0x0"})["error"]
    assert error["code"] == LIMIT_EXCEEDED
    assert "end in block 4: ask for fewer blocks" in error["message"]
    assert len(stranger.get("eth_getLogs", {"fromBlock": "0x0", "toBlock": "0x3"})) == 2


def test_code_that_looks_like_a_header_is_not_served_as_a_block(stranger: Stranger, writer: Writer):
    with writer.chain.reader.view() as view:
        forged = rlp.encode(view.head.copy(timestamp=view.head.timestamp + 9))
    receipt = writer.send(data=creation_of(forged), gas=2_000_000)
    assert receipt["status"] == "0x1"
    assert stranger.get("eth_getCode", receipt["contractAddress"]) == hexed(forged)
    assert stranger.get("eth_getBlockByHash", hexed(keccak(forged)), False) is None
    state_root = stranger.get("eth_getBlockByNumber", "latest", False)["stateRoot"]
    assert stranger.get("eth_getBlockByHash", state_root, False) is None
    error = stranger.ask("eth_call", {"to": writer.notebook}, {"blockHash": hexed(keccak(forged))})["error"]
    assert "header not found" in error["message"]


@pytest.mark.parametrize(
    "method", ["eth_sendRawTransaction", "eth_sendTransaction", "evm_mine", "eth_sign", "nonsense"]
)
def test_there_is_no_way_to_write(method: str, stranger: Stranger, writer: Writer):
    raw = writer.sign(writer.notebook, word(1))
    assert stranger.ask(method, hexed(raw))["error"] == {
        "code": -32601,
        "message": f"the method {method} is not served here: this node is read-only",
    }
    assert writer.height == 1


def test_what_a_call_changes_is_forgotten(stranger: Stranger, writer: Writer, path: Path):
    size = path.stat().st_size
    for number in range(1, 30):
        assert stranger.get("eth_call", {"to": writer.notebook, "data": hexed(word(number))}) == "0x"
    assert stranger.get("eth_call", {"to": writer.notebook}) == hexed(word(0))
    assert path.stat().st_size == size
    # Not even the trie nodes stay, which would fill the memory of a server.
    assert stranger.rpc._reader is not None  # noqa: SLF001
    with stranger.rpc._reader.view() as view:  # noqa: SLF001
        assert view.store._changes == {}  # noqa: SLF001


def test_a_call_needs_no_funds_but_for_its_value(stranger: Stranger, writer: Writer):
    poor = "0x" + "33" * 20
    assert stranger.get("eth_call", {"from": poor, "to": writer.notebook}) == hexed(word(0))
    error = stranger.ask("eth_call", {"from": poor, "to": writer.notebook, "value": "0x1"})["error"]
    assert "enough balance" in error["message"]


def test_before_there_is_a_chain_the_answer_says_so(tmp_path: Path):
    rpc = ReadOnlyRpc(tmp_path / "chain.sqlite")
    asked = Stranger(rpc)
    assert asked.ask("eth_chainId")["error"]["code"] == -32002
    with EmbeddedChain.open(tmp_path / "chain.sqlite"):
        assert asked.get("eth_blockNumber") == "0x0"
    rpc.close()


def test_blocks_are_seen_while_they_are_mined(stranger: Stranger, writer: Writer):
    seen: list[int] = []
    done = threading.Event()

    def read():
        while not done.is_set():
            seen.append(int(stranger.get("eth_blockNumber"), 16))
            stranger.get("eth_call", {"to": writer.notebook})

    thread = threading.Thread(target=read)
    thread.start()
    with writer.chain.writing():
        for number in range(1, 31):
            writer.send(writer.notebook, word(number))
    done.set()
    thread.join()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


BAD_BODIES = {
    b"": -32700,
    b"{": -32700,
    b"\xff\xfe": -32700,
    b"[]": -32600,
    b"1": -32600,
    b"null": -32600,
    b'"text"': -32600,
    b"{}": -32600,
    b'{"method":"eth_chainId"}': -32600,
    b'{"id":1}': -32600,
    b'{"id":{},"method":"eth_chainId"}': -32600,
    b'{"id":true,"method":"eth_chainId"}': -32600,
    b'{"id":1e999,"method":"eth_chainId"}': -32600,
    b'{"id":NaN,"method":"eth_chainId"}': -32700,
    b'{"id":1,"method":7}': -32600,
    b'{"id":1,"method":"eth_chainId","jsonrpc":"1.0"}': -32600,
    b'{"id":1,"method":"eth_chainId","params":{}}': -32602,
    b'{"id":1,"method":"eth_chainId","params":[1]}': -32602,
    b'{"id":1,"method":"eth_getCode","params":[]}': -32602,
    b'{"id":1,"method":"eth_getCode","params":["0x1_1"]}': -32602,
    b'{"id":1,"method":"eth_getBlockByNumber","params":[1, false]}': -32602,
    b'{"id":1,"method":"eth_getBlockByNumber","params":["0x", false]}': -32602,
    b'{"id":1,"method":"eth_getBlockByNumber","params":["0x1", 1]}': -32602,
    b'{"id":1,"method":"eth_call","params":[{"to":"0x0000000000000000000000000000000000000001","data":"0x1"}]}': -32602,
    b'{"id":1,"method":"eth_call","params":[{"data":"0x11","input":"0x12"}]}': -32602,
    b'{"id":1,"method":"eth_call","params":[{}, "latest", {"0x01":{}}]}': -32602,
    b'{"id":1,"method":"eth_call","params":[{}, {"blockNumber":{"blockNumber":"0x1"}}]}': -32602,
    b'{"id":1,"method":"eth_call","params":[{}, {}]}': -32602,
    b"[" * 2001: -32005,
    b'{"id":' + b"9" * 5000 + b"}": -32700,
}


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: body[:60].decode(errors="replace"))
def test_a_bad_request_gets_the_code_it_deserves(body: bytes, stranger: Stranger, writer: Writer):
    assert writer.height == 1
    answer = json.loads(stranger.rpc.dispatch(body))
    assert answer["error"]["code"] == BAD_BODIES[body]


def test_ids_come_back_as_they_were_sent(stranger: Stranger, writer: Writer):
    for identifier in (0, -3, "a", "", None, 1.5, 2**70, "\ud800"):
        body = json.dumps({"id": identifier, "method": "eth_chainId"}).encode()
        answer = json.loads(stranger.rpc.dispatch(body))
        assert answer == {"jsonrpc": "2.0", "id": identifier, "result": hex(writer.chain_id)}


def test_a_batch_is_answered_in_its_order_each_part_for_itself(stranger: Stranger, writer: Writer):
    body = [
        {"id": 7, "method": "eth_chainId"},
        3,
        {"id": 8, "method": "nonsense"},
        {"id": 9, "method": "eth_blockNumber"},
    ]
    answers = json.loads(stranger.rpc.dispatch(json.dumps(body).encode()))
    assert [answer["id"] for answer in answers] == [7, None, 8, 9]
    assert [answer.get("result") for answer in answers] == [
        hex(writer.chain_id),
        None,
        None,
        hex(writer.height),
    ]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32600, -32601, None]


def test_size_and_number_are_limited(path: Path, writer: Writer):
    rpc = ReadOnlyRpc(path, RpcLimits(request_bytes=10_000, batch=3, response_bytes=3_000))

    def code_of(body: bytes) -> int:
        return int(json.loads(rpc.dispatch(body))["error"]["code"])

    assert code_of(b" " * 10_001) == LIMIT_EXCEEDED
    call = {"id": 1, "method": "eth_chainId"}
    assert code_of(json.dumps([call] * 4).encode()) == LIMIT_EXCEEDED
    assert len(json.loads(rpc.dispatch(json.dumps([call] * 3).encode()))) == 3
    # One block fits into the answer, three do not.
    block = {"id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}
    answers = json.loads(rpc.dispatch(json.dumps([block] * 3).encode()))
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        None,
        LIMIT_EXCEEDED,
        LIMIT_EXCEEDED,
    ]
    rpc.close()
    assert writer.height == 1


def test_time_is_limited(path: Path, writer: Writer):
    """An execution without end is stopped, and what comes after it in the batch is not begun."""
    rpc = ReadOnlyRpc(path, RpcLimits(seconds=0.3))
    loop = {"id": 1, "method": "eth_call", "params": [{"data": hexed(assemble(LOOP))}]}
    call = {"id": 1, "method": "eth_chainId"}
    answers = json.loads(rpc.dispatch(json.dumps([loop, call]).encode()))
    assert [answer["error"]["code"] for answer in answers] == [LIMIT_EXCEEDED, LIMIT_EXCEEDED]
    assert "it takes too long" in answers[0]["error"]["message"]
    assert "the batch took more than 0.3 s" in answers[1]["error"]["message"]
    rpc.close()
    assert writer.height == 1


def test_precompiles_that_nothing_can_stop_are_refused_to_strangers_only(stranger: Stranger, writer: Writer):
    pairing = {"to": "0x" + "00" * 19 + "08", "data": "0x"}
    assert "too slow" in stranger.ask("eth_call", pairing)["error"]["message"]
    assert writer.rpc.request("eth_call", [pairing]) == hexed(word(1))


def test_a_contract_that_calls_itself_to_the_bottom_does_no_harm_in_a_thread(
    stranger: Stranger, writer: Writer
):
    deep = writer.deploy(assemble(INTO_ITSELF))
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(stranger.ask("eth_call", {"to": deep})))
    thread.start()
    thread.join()
    # Python 3.12 follows some 300 calls into each other, 3.11 as many as the gas allows.
    assert answers[0].get("result") == "0x" or answers[0]["error"]["code"] == LIMIT_EXCEEDED
    assert stranger.get("eth_blockNumber") == "0x2"


def assert_is_json_rpc(answer: Any) -> None:
    if isinstance(answer, list):
        assert answer
        for one in answer:
            assert isinstance(one, dict)
            assert_is_json_rpc(one)
        return
    assert answer["jsonrpc"] == "2.0"
    assert set(answer) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
    if "error" in answer:
        assert isinstance(answer["error"]["code"], int)
        assert isinstance(answer["error"]["message"], str)
        # Our own mistakes would show as internal errors.
        assert answer["error"]["code"] != -32603, answer


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
USUAL = st.sampled_from(
    [
        "0x",
        "0x0",
        "0x1",
        "0x2",
        "latest",
        "earliest",
        "pending",
        "0x" + "00" * 20,
        "0x" + "00" * 19 + "05",
        hexed(word(1)),
    ]
) | st.binary(max_size=40).map(hexed)
NAMES = st.sampled_from(
    [
        "to",
        "from",
        "data",
        "input",
        "value",
        "gas",
        "address",
        "topics",
        "fromBlock",
        "toBlock",
        "blockHash",
        "blockNumber",
    ]
)
VALUES = st.recursive(
    SCALARS | USUAL,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=10,
)
REQUESTS = st.fixed_dictionaries(
    {"id": st.integers() | VALUES, "method": st.sampled_from(sorted(READING_METHODS)) | st.text(max_size=10)},
    optional={"params": st.lists(VALUES, max_size=4) | VALUES, "jsonrpc": st.just("2.0") | VALUES},
)
BODIES = st.binary(max_size=300) | st.one_of(REQUESTS, VALUES, st.lists(REQUESTS | VALUES, max_size=4)).map(
    lambda body: json.dumps(body).encode()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(body=BODIES)
def test_whatever_comes_in_a_valid_answer_goes_out(body: bytes, stranger: Stranger, writer: Writer):
    answer = stranger.rpc.dispatch(body)
    assert_is_json_rpc(json.loads(answer, parse_constant=pytest.fail))
    assert writer.height == 1
