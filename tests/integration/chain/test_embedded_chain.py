"""Mining on the embedded chain: what blocks hold, what is refused, what a restart keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eth.db.atomic import AtomicDB
from eth.typing import AccountDetails
from eth.vm.forks.prague import PragueVM
from eth_typing import Address, BlockNumber
from eth_utils.address import to_checksum_address
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.embedded_evm import FUNDS_WEI
from backend.errors import ChainUnavailableError, TransactionRefusedError
from tests.integration.chain.conftest import BIRTH, TurnedClock, Writer
from tests.integration.chain.notebook import account_number, sign, word

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_each_transaction_has_a_block_of_its_own(writer: Writer):
    before = writer.height
    receipts = [writer.send(writer.notebook, word(number)) for number in (3, 4, 5)]
    assert [int(receipt["blockNumber"], 16) for receipt in receipts] == [before + 1, before + 2, before + 3]
    assert {receipt["status"] for receipt in receipts} == {"0x1"}


def test_a_transaction_that_reverts_is_mined_and_says_so(writer: Writer):
    receipt = writer.send(writer.notebook, word(0))
    assert receipt["status"] == "0x0"
    assert receipt["logs"] == []
    assert writer.rpc.request("eth_call", [{"to": writer.notebook}]) == "0x" + word(0).hex()


def test_accounts_are_funded_at_birth_and_only_those(writer: Writer):
    spender = writer.account.address
    spent = FUNDS_WEI - int(writer.rpc.request("eth_getBalance", [spender]), 16)
    assert 0 < spent < FUNDS_WEI // 1000
    assert writer.rpc.request("eth_getBalance", [account_number(2).address]) == "0x0"


def test_a_chain_that_is_there_keeps_its_accounts(path: Path, chain: EmbeddedChain):
    chain.close()
    with EmbeddedChain.open(path, funded=[account_number(2).address]) as again:
        assert Writer(again).rpc.request("eth_getBalance", [account_number(2).address]) == "0x0"


def test_two_chains_born_alike_share_neither_id_nor_genesis(tmp_path: Path):
    identities = set()
    for name in ("a", "b", "c"):
        clock = TurnedClock()
        with EmbeddedChain.open(tmp_path / name, funded=[account_number(1).address], clock=clock) as born:
            rpc = Writer(born).rpc
            genesis = rpc.request("eth_getBlockByNumber", ["0x0", False])
            identities |= {rpc.request("eth_chainId", []), genesis["hash"]}
            assert int(genesis["timestamp"], 16) == BIRTH
            # JavaScript's numbers and wallets hold the id exactly.
            assert int(rpc.request("eth_chainId", []), 16) < 2**52
            assert rpc.request("net_version", []) == str(int(rpc.request("eth_chainId", []), 16))
    assert len(identities) == 6


def test_time_follows_the_clock_and_never_goes_back(path: Path, clock: TurnedClock, writer: Writer):
    def time_of(receipt):
        return int(writer.rpc.request("eth_getBlockByHash", [receipt["blockHash"], False])["timestamp"], 16)

    clock.seconds = BIRTH + 1000.9
    assert time_of(writer.send(writer.notebook, word(1))) == BIRTH + 1000
    # Within a second, and when the clock is put back, a block is a second after its parent.
    assert time_of(writer.send(writer.notebook, word(2))) == BIRTH + 1001
    clock.seconds = BIRTH - 500
    assert time_of(writer.send(writer.notebook, word(3))) == BIRTH + 1002
    writer.chain.close()
    with EmbeddedChain.open(path, clock=clock) as again:
        writer = Writer(again, notebook=writer.notebook)
        assert time_of(writer.send(writer.notebook, word(4))) == BIRTH + 1003
        clock.seconds = BIRTH + 5000
        assert time_of(writer.send(writer.notebook, word(5))) == BIRTH + 5000


def test_everything_is_there_after_a_restart(path: Path, writer: Writer):
    receipt = writer.send(writer.notebook, word(7))
    before = writer.rpc.request("eth_getBlockByNumber", ["latest", True])
    writer.chain.close()
    with EmbeddedChain.open(path) as again:
        rpc = Writer(again).rpc
        assert rpc.request("eth_getBlockByNumber", ["latest", True]) == before
        assert rpc.request("eth_getTransactionReceipt", [receipt["transactionHash"]]) == receipt
        assert rpc.request("eth_getLogs", [{"fromBlock": "0x0"}]) == receipt["logs"]


def test_another_client_that_replays_every_block_arrives_at_the_same_chain(writer: Writer):
    for number in (1, 0, 2, 3):
        writer.send(writer.notebook, word(number))
    writer.send(account_number(9).address, value=5, gas=21_000)
    with writer.chain.reader.view() as view:
        blocks = [
            view.chain.get_canonical_block_by_number(BlockNumber(number))
            for number in range(view.head.block_number + 1)
        ]
        genesis = blocks[0].header
        fields = ("coinbase", "difficulty", "extra_data", "gas_limit", "mix_hash", "nonce", "receipt_root")
        parameters = {name: getattr(genesis, name) for name in (*fields, "timestamp", "transaction_root")}
        funds: AccountDetails = {"balance": FUNDS_WEI, "nonce": 0, "code": b"", "storage": {}}
        state = {Address(bytes.fromhex(writer.account.address[2:])): funds}
        other = type(view.chain).from_genesis(AtomicDB(), parameters, state)
        assert other.get_canonical_head().hash == genesis.hash
        for block in blocks[1:]:
            other.import_block(block, perform_validation=True)
        assert other.get_canonical_head().hash == view.head.hash


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "the nonce was used": ({"nonce": 0}, "nonce too low: .* 1, of the transaction: 0"),
    "a nonce is missing": ({"nonce": 7}, "nonce too high: .* 1, of the transaction: 7"),
    "another chain is meant": ({"chainId": 1}, "invalid chain id: .* for chain 1, this is chain"),
    "no chain is meant": (
        {
            "type": None,
            "chainId": None,
            "maxFeePerGas": None,
            "maxPriorityFeePerGas": None,
            "gasPrice": 10**11,
        },
        "invalid chain id: .* for chain None",
    ),
    "the fee is below the base fee": ({"maxFeePerGas": 10, "maxPriorityFeePerGas": 1}, "max fee per gas"),
    "the tip is above the fee": ({"maxPriorityFeePerGas": 10**12}, "max priority fee per gas higher"),
    "the gas does not even let it start": ({"gas": 20_999}, "intrinsic gas too low: have 20999"),
    "the gas is below the floor for its data": ({"gas": 22_500, "data": b"\1" * 64}, "intrinsic gas too low"),
    "no block has that much gas": ({"gas": 30_000_001}, "exceeds gas limit"),
    "the funds do not suffice": ({"value": 10**25}, "balance"),
    "it is too large": ({"data": b"\0" * 131_072, "gas": 29_000_000}, "oversized data"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_transaction_is_refused_where(case: str, writer: Writer):
    more, message = REFUSALS[case]
    before = writer.rpc.request("eth_getBlockByNumber", ["latest", False])
    arguments: dict[str, Any] = {"to": writer.notebook, "nonce": 1, "chainId": writer.chain_id} | more
    chain_id = arguments.pop("chainId")
    if "gasPrice" in arguments:
        arguments["chainId"] = None
    nonce = arguments.pop("nonce")
    raw = sign(writer.account, chain_id, nonce, **arguments)
    with writer.chain.writing() as mining, pytest.raises(TransactionRefusedError, match=message):
        mining.mine(raw)
    assert writer.rpc.request("eth_getBlockByNumber", ["latest", False]) == before


def test_a_transaction_is_mined_once(writer: Writer):
    raw = writer.sign(writer.notebook, word(1))
    with writer.chain.writing() as mining:
        mined = mining.mine(raw)
        with pytest.raises(TransactionRefusedError, match=f"already known: 0x{mined.hex()}"):
            mining.mine(raw)


def test_a_transaction_from_nobody_with_funds_is_refused(writer: Writer):
    raw = sign(account_number(5), writer.chain_id, 0, writer.notebook, word(1))
    with writer.chain.writing() as mining, pytest.raises(TransactionRefusedError, match="cannot afford"):
        mining.mine(raw)


def test_the_second_signature_that_anyone_can_make_is_refused(writer: Writer):
    decoded: Any = PragueVM.get_transaction_builder().decode(writer.sign(writer.notebook, word(1)))
    inner = decoded._inner.copy(s=SECP256K1_ORDER - decoded.s, y_parity=1 - decoded.y_parity)  # noqa: SLF001
    twin = type(decoded)(decoded.type_id, inner)
    assert twin.sender == decoded.sender
    with writer.chain.writing() as mining, pytest.raises(TransactionRefusedError, match="upper half"):
        mining.mine(twin.encode())


GARBLINGS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(garblings=GARBLINGS, nonsense=st.none() | st.binary(max_size=200))
def test_a_garbled_transaction_is_refused_and_leaves_no_trace(
    garblings: list[tuple[int, int]], nonsense: bytes | None, writer: Writer
):
    raw = bytearray(writer.sign(writer.notebook, word(1)) if nonsense is None else nonsense)
    for place, value in garblings:
        if raw:
            raw[place % len(raw)] = value
    before = writer.height
    with writer.chain.writing() as mining:
        try:
            mining.mine(bytes(raw))
        except TransactionRefusedError:
            assert writer.height == before
        else:  # nothing was garbled after all
            assert writer.height == before + 1


def test_older_kinds_of_transactions_are_mined_and_shown(writer: Writer):
    without = {"maxFeePerGas": None, "maxPriorityFeePerGas": None}
    legacy = writer.send(writer.notebook, word(1), type=None, gasPrice=10**10, **without)
    slot = {"address": to_checksum_address(writer.notebook), "storageKeys": ["0x" + word(0).hex()]}
    listed = writer.send(writer.notebook, word(2), type=1, gasPrice=10**10, accessList=[slot], **without)
    assert (legacy["type"], listed["type"]) == ("0x0", "0x1")
    shown = writer.rpc.request("eth_getTransactionByHash", [legacy["transactionHash"]])
    assert int(shown["chainId"], 16) == writer.chain_id
    assert "yParity" not in shown
    shown = writer.rpc.request("eth_getTransactionByHash", [listed["transactionHash"]])
    assert shown["accessList"] == [{"address": writer.notebook, "storageKeys": ["0x" + word(0).hex()]}]
    assert shown["gasPrice"] == hex(10**10)


def test_an_account_can_borrow_code(writer: Writer):
    authorization = writer.account.sign_authorization(
        {"chainId": writer.chain_id, "address": writer.notebook, "nonce": writer.nonce + 1}
    )
    receipt = writer.send(writer.notebook, word(1), type=4, authorizationList=[authorization])
    assert receipt["status"] == "0x1"
    shown = writer.rpc.request("eth_getTransactionByHash", [receipt["transactionHash"]])
    assert shown["authorizationList"][0]["address"] == writer.notebook
    assert writer.rpc.request("eth_getCode", [writer.account.address]) == "0xef0100" + writer.notebook[2:]


def test_a_chain_that_was_replaced_while_open_is_not_written(path: Path, writer: Writer, tmp_path: Path):
    with EmbeddedChain.open(tmp_path / "other" / path.name):
        pass
    path.parent.rename(tmp_path / "gone")
    with pytest.raises(ChainUnavailableError, match="no chain at"), writer.chain.reader.view():
        pass
    (tmp_path / "other").rename(path.parent)
    with pytest.raises(ChainUnavailableError, match="removed or replaced"), writer.chain.writing():
        pass
    # Readers see what the path means now.
    with writer.chain.reader.view() as view:
        assert view.head.block_number == 0


def test_a_file_of_another_program_is_left_alone(tmp_path: Path):
    path = tmp_path / "letters.txt"
    path.write_text("dear grid operator, " * 50)
    with pytest.raises(ChainUnavailableError, match="cannot be"):
        EmbeddedChain.open(path)
    assert path.read_text() == "dear grid operator, " * 50
