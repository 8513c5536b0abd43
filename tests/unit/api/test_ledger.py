import json

import pytest

from backend.api.ledger import READING_METHODS, NodeLedger


class Node:
    """Stands for a node: keeps what it was asked."""

    def __init__(self, answer=None, error=None):
        self.asked = []
        self._answer = answer or {"jsonrpc": "2.0", "id": 0, "result": "0x7"}
        self._error = error

    def __call__(self, method, params):
        self.asked.append((method, params))
        if self._error:
            raise self._error
        return self._answer


def ask(node, request):
    return json.loads(NodeLedger(node).dispatch(json.dumps(request).encode()))


def request(method, identifier=1, **more):
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": []} | more


def test_what_reads_is_passed_on_with_its_own_id():
    node = Node()
    assert ask(node, request("eth_blockNumber", "mine")) == {"jsonrpc": "2.0", "id": "mine", "result": "0x7"}
    assert NodeLedger(node).head() == 7


@pytest.mark.parametrize(
    "method",
    [
        "eth_sendRawTransaction",
        "eth_sendTransaction",
        "eth_sign",
        "personal_unlockAccount",
        "admin_peers",
        "debug_traceCall",
        "anvil_setBalance",
        "evm_mine",
        "miner_start",
        "txpool_content",
        "ETH_BLOCKNUMBER",
    ],
)
def test_what_writes_or_administers_never_reaches_the_node(method):
    node = Node()
    assert ask(node, request(method))["error"]["code"] == -32601
    assert ask(node, [request(method), request(method)])[1]["error"]["code"] == -32601
    assert node.asked == []


def test_only_methods_that_read_are_listed():
    assert not [name for name in READING_METHODS if "send" in name.lower() or "sign" in name.lower()]


def test_a_contracts_refusal_is_passed_on_with_its_data():
    error = {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}
    assert ask(Node(answer={"error": error}), request("eth_call"))["error"] == error


def test_a_nodes_failure_tells_nothing_of_its_address():
    node = Node(error=OSError("https://node.example/v3/secret-key refused"))
    answer = ask(node, request("eth_blockNumber"))
    assert answer["error"]["code"] == -32603
    assert "secret-key" not in json.dumps(answer)
    assert NodeLedger(node).head() is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[]", b"[" * 5000, b"{}", b"3", b'{"method": 3}', b" " * 1_000_001, b"[1]" * 50],
)
def test_nonsense_is_answered_with_an_error(body):
    answer = json.loads(NodeLedger(Node()).dispatch(body))
    assert "error" in (answer[0] if isinstance(answer, list) else answer)


def test_a_batch_is_answered_in_order_and_bounded():
    node = Node()
    answers = ask(node, [request("eth_chainId", number) for number in range(100)])
    assert [answer["id"] for answer in answers] == list(range(100))
    assert ask(node, [request("eth_chainId")] * 101)["error"]["code"] == -32005
    assert len(node.asked) == 100


def test_a_batch_whose_answers_grow_too_large_is_cut_off_with_an_error():
    node = Node(answer={"result": "x" * 9_000_000})
    answers = ask(node, [request("eth_getLogs", number) for number in range(5)])
    assert ["result" in answer for answer in answers] == [True, True, True, False, False]
    assert len(node.asked) == 3
