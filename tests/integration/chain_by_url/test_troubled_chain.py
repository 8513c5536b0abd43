"""What real chains do to a settlement: drop, stall, reorganise, restart."""

import signal
import threading
import time
from contextlib import contextmanager

import pytest

from backend.errors import ChainUnavailableError
from backend.ports import OutboxState, RunState
from backend.ports.failpoints import Crash, armed
from backend.services import outbox
from tests.integration.chain_by_url.anvil import Anvil
from tests.integration.chain_by_url.settling import AT_ONCE, assert_whole, start_settling
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, readings_csv

PATIENCE_SECONDS = 60


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


@contextmanager
def meanwhile(work):
    """Do something in a thread of its own; what it fails with fails the test."""
    failures = []

    def run():
        try:
            work()
        except BaseException as error:
            failures.append(error)
            raise

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert failures == []


def entries_of(wiring):
    with wiring.store.reading() as records:
        return records.outbox("toits")


def test_a_kill_between_sending_and_mining_sends_nothing_twice(anvil, home, opened):
    anvil.rpc("evm_setAutomine", False)
    height = anvil.height
    process = start_settling(home)
    wait_for(lambda: anvil.waiting() == 1)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    wiring = opened()
    (entry,) = entries_of(wiring)
    assert entry.state is OutboxState.SIGNED
    anvil.rpc("evm_setAutomine", True)
    anvil.mine()
    assert load_and_settle(wiring, definition=AT_ONCE).state is RunState.FINAL
    assert_whole(wiring)
    mined = {entry.id: entry for entry in entries_of(wiring)}
    assert mined[entry.id].transaction == entry.transaction
    assert anvil.mined_since(height) == len(mined)


class Reorganising:
    """A gateway's ``confirmations`` between whose answers blocks come, and now and then go again."""

    def __init__(self, anvil, wiring, every):
        self._anvil, self._every = anvil, every
        self._confirmations = wiring.chain.confirmations
        self._asked = 0
        self.dropped = 0

    def __call__(self, receipt):
        self._asked += 1
        if self._asked % self._every == 0:
            self._anvil.rpc("anvil_reorg", 2, [])
            self.dropped += self._confirmations(receipt) is None
        else:
            self._anvil.mine()
        return self._confirmations(receipt)


@pytest.fixture
def three_confirmations(monkeypatch):
    monkeypatch.setenv("PARTAGE_CHAIN_CONFIRMATIONS", "3")
    monkeypatch.setattr(outbox, "_POLL_SECONDS", 0.01)


def test_transactions_that_reorganisations_drop_are_mined_again(anvil, opened, three_confirmations):
    wiring = opened()
    wiring.chain.confirmations = trouble = Reorganising(anvil, wiring, every=4)
    run = load_and_settle(wiring, definition=AT_ONCE)
    assert trouble.dropped >= 3
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert_whole(wiring)


def test_a_reorganisation_while_nobody_looks_is_healed_by_the_next_command(
    anvil, opened, three_confirmations
):
    wiring = opened()
    wiring.chain.confirmations = Reorganising(anvil, wiring, every=10**9)
    with pytest.raises(Crash), armed("outbox.after_mined", 6):
        load_and_settle(wiring, definition=AT_ONCE)
    *_, mined = (entry for entry in entries_of(wiring) if entry.state is OutboxState.MINED)
    anvil.rpc("anvil_reorg", 1, [])
    assert wiring.chain.receipt(mined.transaction.hash) is None
    again = opened()
    again.chain.confirmations = Reorganising(anvil, again, every=10**9)
    assert load_and_settle(again, definition=AT_ONCE).state is RunState.FINAL
    assert_whole(again)


def test_nothing_is_final_before_its_confirmations(anvil, opened, three_confirmations):
    wiring = opened()
    impatient = outbox.Outbox(wiring.store, wiring.chain, patience_seconds=0.05)
    with pytest.raises(Crash), armed("outbox.after_mined"):
        load_and_settle(wiring, definition=AT_ONCE)
    for has in (1, 2):
        with pytest.raises(ChainUnavailableError, match=f"with {has} of 3 confirmations"):
            impatient.drain("toits")
        anvil.mine()
    assert [entry.state for entry in impatient.drain("toits")] == [OutboxState.FINAL]


def test_a_transaction_that_offers_less_than_the_base_fee_is_replaced(anvil, opened):
    wiring = opened()
    with pytest.raises(Crash), armed("outbox.after_sign"):
        load_and_settle(wiring, definition=AT_ONCE)
    (cheap,) = entries_of(wiring)
    base = int(anvil.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
    anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(100 * max(base, 10**9)))
    anvil.mine()
    again = opened()
    assert load_and_settle(again, definition=AT_ONCE).state is RunState.FINAL
    assert_whole(again)
    dear = next(entry for entry in entries_of(again) if entry.id == cheap.id)
    assert dear.transaction.nonce == cheap.transaction.nonce
    assert cheap.transaction.hash in dear.transaction.replaces
    assert dear.receipt.transaction_hash == dear.transaction.hash
    anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    anvil.mine()


def test_a_transaction_that_no_block_takes_is_replaced_by_a_dearer_one(anvil, opened, monkeypatch):
    monkeypatch.setattr(outbox, "_STUCK_SECONDS", 0.4)
    anvil.rpc("evm_setAutomine", False)
    wiring = opened()
    height = anvil.height

    def mine_once_it_was_replaced():
        def fees():
            pool = anvil.rpc("txpool_content")["pending"]
            return [int(one["maxFeePerGas"], 16) for sender in pool.values() for one in sender.values()]

        wait_for(fees)
        (first,) = fees()
        wait_for(lambda: fees()[0] > first)
        anvil.rpc("evm_setAutomine", True)
        anvil.mine()

    with meanwhile(mine_once_it_was_replaced):
        load_and_settle(wiring, definition=AT_ONCE)
    assert_whole(wiring)
    first = entries_of(wiring)[0]
    assert first.transaction.replaces
    assert anvil.mined_since(height) == len(entries_of(wiring))


def test_a_kept_transaction_whose_nonce_another_took_is_signed_anew(anvil, opened):
    wiring = opened()
    with pytest.raises(Crash), armed("outbox.after_sign"):
        load_and_settle(wiring, definition=AT_ONCE)
    (kept,) = entries_of(wiring)
    steward = wiring.vault.account(kept.call.sender)
    other = steward.sign_transaction(
        {
            "chainId": wiring.deployment.chain_id,
            "nonce": kept.transaction.nonce,
            "to": steward.address,
            "value": 1,
            "gas": 21_000,
            "gasPrice": 10**11,
        }
    )
    assert wiring.node.send_raw(bytes(other.raw_transaction))
    again = opened()
    assert load_and_settle(again, definition=AT_ONCE).state is RunState.FINAL
    assert_whole(again)
    assert entries_of(again)[0].transaction.nonce == kept.transaction.nonce + 1


@pytest.fixture
def own_anvil(anvil_command, tmp_path, by_url):
    """A node that keeps its state in a file, for a test that restarts it."""
    node = Anvil()
    by_url(node)
    yield node
    node.stop()


def test_a_node_that_was_restarted_from_its_state_goes_on(own_anvil, tmp_path):
    state = ("--state", str(tmp_path / "anvil.json"), "--preserve-historical-states")
    own_anvil.start(*state)
    wiring = open_home(tmp_path / "home")
    first = load_and_settle(wiring, definition=AT_ONCE)
    wiring.store.close()
    own_anvil.stop()
    own_anvil.start(*state)
    again = open_home(tmp_path / "home")
    height = own_anvil.height
    assert load_and_settle(again, definition=AT_ONCE) == first
    assert own_anvil.height == height
    second = load_and_settle(again, readings_csv(scale=2), AT_ONCE)
    assert (second.version, second.state) == (2, RunState.FINAL)
    with again.store.reading() as records:
        assert [run.state for run in records.runs("toits", MONTH.id)] == [RunState.SUPERSEDED, RunState.FINAL]
    again.store.close()


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (
            5,
            r"genesis 0x\w+\.\.\., but deployment\.json was made on chain .* PARTAGE_HOME at an empty folder\.$",
        ),
        (
            0,
            r"none of the contracts of deployment\.json, .* restarted without its state\. .* empty folder\.$",
        ),
    ],
    ids=["another genesis", "the same genesis"],
)
def test_a_node_that_was_restarted_empty_is_refused_and_gets_no_transaction(own_anvil, tmp_path, later, said):
    own_anvil.start("--timestamp", "1700000000")
    assert open_home(tmp_path / "home").deployment
    own_anvil.stop()
    own_anvil.start("--timestamp", str(1_700_000_000 + later))
    with pytest.raises(ChainUnavailableError, match=said):
        assert open_home(tmp_path / "home").context
    assert own_anvil.height == 0


def test_on_a_network_without_fees_no_key_needs_funds_but_for_the_bonds(own_anvil, tmp_path, monkeypatch):
    own_anvil.start("--base-fee", "0")
    monkeypatch.delenv("PARTAGE_FUNDING_KEY")
    wiring = open_home(tmp_path / "home")
    own_anvil.rpc("anvil_setBalance", wiring.vault.account("settler").address, hex(10**18))
    assert load_and_settle(wiring, definition=AT_ONCE).state is RunState.FINAL
    assert_whole(wiring)
    wiring.store.close()
