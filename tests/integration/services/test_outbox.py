import pytest

from backend.adapters.home import Home
from backend.adapters.store import open_store
from backend.errors import ChainUnavailableError, ContractRefusal
from backend.ports import ContractCall, OutboxEntry, OutboxState
from backend.ports.failpoints import Crash, armed, recorded
from backend.services.outbox import Outbox
from tests.integration.services.stand_ins import MemoryChain


@pytest.fixture
def store(tmp_path):
    store = open_store(Home(tmp_path))
    yield store
    store.close()


@pytest.fixture
def chain():
    return MemoryChain()


def announce(store, *functions):
    with store.transaction() as records:
        for function in functions:
            call = ContractCall("settler", "registry", function, ("0x00", 1))
            records.announce(OutboxEntry(f"roof/1/{function}", "roof", 1, call))


def states(store):
    with store.reading() as records:
        return {entry.id.split("/")[-1]: entry.state for entry in records.outbox("roof")}


def outbox(store, chain, patience=180.0, on_sleep=lambda: None):
    return Outbox(store, chain, patience_seconds=patience, sleep=lambda _: on_sleep())


def test_announced_calls_are_mined_once_and_in_order(store, chain):
    announce(store, "open", "submit", "propose")
    outbox(store, chain).drain("roof")
    assert chain.calls_mined() == ["open", "submit", "propose"]
    assert set(states(store).values()) == {OutboxState.FINAL}
    assert outbox(store, chain).drain("roof") == []
    assert len(chain.sent) == 3


def points_on_the_way(tmp_path):
    store = open_store(Home(tmp_path / "reference"))
    announce(store, "open", "submit")
    with recorded() as names:
        outbox(store, MemoryChain()).drain("roof")
    store.close()
    return [name for name in names if name.startswith("outbox.")]


def test_a_crash_at_any_point_loses_and_doubles_nothing(tmp_path):
    points = points_on_the_way(tmp_path)
    assert len(points) >= 8
    for place, name in enumerate(points):
        chain = MemoryChain()
        store = open_store(Home(tmp_path / str(place)))
        announce(store, "open", "submit")
        with pytest.raises(Crash), armed(name, points[: place + 1].count(name)):
            outbox(store, chain).drain("roof")
        store.close()
        store = open_store(Home(tmp_path / str(place)))
        outbox(store, chain).drain("roof")
        assert chain.calls_mined() == ["open", "submit"], name
        assert set(states(store).values()) == {OutboxState.FINAL}
        store.close()


def test_a_refusal_is_kept_in_words_and_stops_what_follows(store, chain):
    chain.refuses = {"submit"}
    announce(store, "open", "submit", "propose")
    with pytest.raises(ContractRefusal, match="no submit"):
        outbox(store, chain).drain("roof")
    assert states(store)["submit"] is OutboxState.REFUSED
    assert states(store)["propose"] is OutboxState.PENDING
    with store.reading() as records:
        assert records.outbox_entry("roof/1/submit").refusal == "no submit"


def test_a_refused_call_goes_through_once_its_cause_is_gone(store, chain):
    chain.refuses = {"submit"}
    announce(store, "open", "submit")
    with pytest.raises(ContractRefusal):
        outbox(store, chain).drain("roof")
    chain.refuses = set()
    outbox(store, chain).drain("roof")
    assert chain.calls_mined() == ["open", "submit"]


def test_a_transaction_that_a_reorganisation_dropped_is_sent_again(store, chain):
    chain.needed = 3
    announce(store, "open")
    steps = [chain.drop_head, *[chain.add_empty_block] * 5]

    def take_a_step():
        steps.pop(0)()

    outbox(store, chain, on_sleep=take_a_step).drain("roof")
    assert chain.calls_mined() == ["open"]
    assert len(chain.sent) == 2
    assert states(store)["open"] is OutboxState.FINAL


def test_a_stuck_transaction_is_replaced_at_the_same_nonce_by_a_dearer_one(store, chain):
    chain.least_fee = 2
    announce(store, "open")
    outbox(store, chain).drain("roof")
    assert chain.calls_mined() == ["open"]
    assert {chain.signed[name][1] for name in chain.sent} == {0}
    with store.reading() as records:
        entry = records.outbox_entry("roof/1/open")
    assert entry.transaction.hash == "0xopen-0-2"
    assert entry.transaction.replaces == ("0xopen-0-1", "0xopen-0-0")


def test_a_cheaper_transaction_that_was_mined_after_all_counts(store, chain):
    chain.mines = False
    announce(store, "open")
    waited = []

    def mine_the_first_after_a_bump():
        waited.append(1)
        if len(chain.sent) == 2 and chain.calls_mined() == []:
            chain.mine(chain.sent[0])

    outbox(store, chain, on_sleep=mine_the_first_after_a_bump).drain("roof")
    with store.reading() as records:
        entry = records.outbox_entry("roof/1/open")
    assert entry.receipt.transaction_hash == "0xopen-0-0"
    assert chain.calls_mined() == ["open"]


def test_a_chain_that_never_mines_is_reported_and_resumed(store, chain):
    chain.mines = False
    announce(store, "open")
    with pytest.raises(ChainUnavailableError, match="run the same command again"):
        outbox(store, chain, patience=1.0).drain("roof")
    chain.mines = True
    outbox(store, chain).drain("roof")
    assert chain.calls_mined() == ["open"]


def test_a_kept_transaction_that_offers_too_little_is_raised_until_the_chain_takes_it(store, chain):
    announce(store, "open")
    chain.accepted_fee = 3
    outbox(store, chain).drain("roof")
    assert chain.sent == ["0xopen-0-3"]
    with store.reading() as records:
        entry = records.outbox_entry("roof/1/open")
    assert entry.transaction.replaces == ("0xopen-0-2", "0xopen-0-1", "0xopen-0-0")
    assert entry.receipt.transaction_hash == "0xopen-0-3"


def test_a_chain_that_is_never_offered_enough_is_reported(store, chain):
    announce(store, "open")
    chain.accepted_fee = 100
    with pytest.raises(ChainUnavailableError, match="asks for a higher fee"):
        outbox(store, chain).drain("roof")
    assert states(store)["open"] is OutboxState.SIGNED


def test_a_kept_transaction_whose_nonce_another_community_took_is_signed_anew(store, chain):
    announce(store, "open")
    with pytest.raises(Crash), armed("outbox.after_sign"):
        outbox(store, chain).drain("roof")
    with store.transaction() as records:
        call = ContractCall("settler", "registry", "elsewhere", ("0x00", 1))
        records.announce(OutboxEntry("street/1/elsewhere", "street", 1, call))
    outbox(store, chain).drain("street")
    outbox(store, chain).drain("roof")
    assert chain.calls_mined() == ["elsewhere", "open"]
    assert states(store)["open"] is OutboxState.FINAL


def test_a_contract_that_was_asked_just_now_is_not_asked_again(store, chain):
    asked = []
    chain.preflight = lambda call: asked.append(call.function)
    announce(store, "open", "submit")
    outbox(store, chain).drain("roof", asked={"roof/1/open"})
    assert asked == ["submit"]
