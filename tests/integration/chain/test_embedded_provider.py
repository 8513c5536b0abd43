"""web3 on the embedded chain, as on any node."""

from __future__ import annotations

import pytest
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound, ContractCustomError, TransactionNotFound, Web3RPCError
from web3.types import TxParams

from backend.adapters.chain.embedded_provider import embedded_web3
from tests.integration.chain.conftest import BIRTH, TurnedClock, Writer
from tests.integration.chain.notebook import CLOCK, REVERT_DATA, assemble, word


@pytest.fixture
def w3(writer: Writer) -> Web3:
    return embedded_web3(writer.chain)


def test_web3_knows_which_chain_it_is_on(w3: Web3, writer: Writer):
    assert w3.is_connected()
    assert w3.eth.chain_id == writer.chain_id
    assert w3.net.version == str(writer.chain_id)
    assert list(w3.eth.accounts) == []
    assert w3.eth.syncing is False


def test_web3_sends_waits_and_reads(w3: Web3, writer: Writer):
    sent = w3.eth.send_raw_transaction(writer.sign(writer.notebook, word(6)))
    receipt = w3.eth.wait_for_transaction_receipt(sent)
    assert receipt["status"] == 1
    assert receipt["logs"][0]["topics"][0] == word(6)
    assert w3.eth.get_transaction(sent)["blockHash"] == receipt["blockHash"]
    assert w3.eth.get_block(receipt["blockNumber"])["transactions"] == [sent]
    to = w3.to_checksum_address(writer.notebook)
    assert w3.eth.call({"to": to}) == word(6)
    assert w3.eth.call({"to": to}, 1) == word(0)
    assert len(w3.eth.get_logs({"fromBlock": 0, "address": to, "topics": [HexBytes(word(6))]})) == 1
    assert w3.eth.get_storage_at(to, 0) == word(6)


def test_web3_builds_a_transaction_whose_estimate_is_enough(w3: Web3, writer: Writer):
    to = w3.to_checksum_address(writer.notebook)
    request: TxParams = {"to": to, "from": writer.account.address, "data": word(8)}
    estimate = w3.eth.estimate_gas(request)
    assert writer.send(writer.notebook, word(8), gas=estimate * 95 // 100)["status"] == "0x0"
    assert writer.send(writer.notebook, word(8), gas=estimate)["status"] == "0x1"
    fee = w3.eth.gas_price
    assert fee >= w3.eth.get_block("latest")["baseFeePerGas"]


def test_an_estimate_counts_the_floor_for_data_and_the_gas_that_callers_keep(w3: Web3, writer: Writer):
    assert w3.eth.estimate_gas({"to": "0x" + "11" * 20, "from": writer.account.address}) == 21_000
    # EIP-7623: ten gas a token, four tokens a byte that is not zero.
    to_nobody: TxParams = {"to": "0x" + "11" * 20, "from": writer.account.address, "data": b"\1" * 1000}
    assert w3.eth.estimate_gas(to_nobody) == 21_000 + 40_000
    # It calls the notebook with nearly all its gas; what remains for the call is 63 of 64 parts (EIP-150).
    forwarder = writer.deploy(
        assemble(
            f"PUSH0 PUSH0 PUSH0 PUSH0 0x20 0x20 PUSH0 MSTORE PUSH0 PUSH0 {writer.notebook} GAS CALL STOP"
        )
    )
    through: TxParams = {"to": w3.to_checksum_address(forwarder), "from": writer.account.address}
    assert writer.send(forwarder, gas=w3.eth.estimate_gas(through))["status"] == "0x1"


def test_a_custom_error_reaches_web3_with_its_data(w3: Web3, writer: Writer):
    request: TxParams = {"to": w3.to_checksum_address(writer.notebook), "data": word(0)}
    for refused in (w3.eth.call, w3.eth.estimate_gas):
        with pytest.raises(ContractCustomError) as caught:
            refused(request)
        assert caught.value.data == REVERT_DATA


def test_what_is_not_there_is_told_as_by_a_node(w3: Web3, writer: Writer):
    with pytest.raises(TransactionNotFound):
        w3.eth.get_transaction_receipt(HexBytes(word(1)))
    with pytest.raises(BlockNotFound):
        w3.eth.get_block(99)
    with pytest.raises(Web3RPCError, match="nonce too low"):
        w3.eth.send_raw_transaction(writer.sign(writer.notebook, word(1), nonce=0))
    with pytest.raises(Web3RPCError, match="header not found"):
        w3.eth.call({"to": w3.to_checksum_address(writer.notebook)}, 99)


def test_pending_sees_the_time_that_a_transaction_would_see(w3: Web3, writer: Writer, clock: TurnedClock):
    to = w3.to_checksum_address(writer.deploy(assemble(CLOCK)))
    mined = w3.eth.get_block("latest")["timestamp"]
    clock.seconds = BIRTH + 10_000
    assert int.from_bytes(w3.eth.call({"to": to}, "latest")) == mined
    assert int.from_bytes(w3.eth.call({"to": to}, "pending")) == BIRTH + 10_000
    clock.seconds = BIRTH - 10_000
    assert int.from_bytes(w3.eth.call({"to": to}, "pending")) == mined + 1
    pending = w3.eth.get_block("pending")
    assert (pending["timestamp"], pending["number"]) == (mined + 1, w3.eth.block_number + 1)
    assert pending["parentHash"] == w3.eth.get_block("latest")["hash"]


def test_transactions_in_a_batch_hold_the_lock_once(w3: Web3, writer: Writer):
    before = writer.height
    with writer.chain.writing(timeout_seconds=1):
        for number in range(1, 6):
            w3.eth.send_raw_transaction(writer.sign(writer.notebook, word(number)))
    assert writer.height == before + 5
