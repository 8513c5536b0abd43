"""A settlement that is stopped anywhere and started again ends in the same state: nothing lost, nothing twice."""

import random
import time
from collections import Counter

import pytest

from backend.ports import OutboxState, RunState
from backend.ports.failpoints import Crash, armed, recorded
from backend.services.bundles import bills_of, make_bundle
from backend.verifier import verify
from tests.integration.settlement.settling import Settling
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, readings_csv

OCCURRENCES = 3  # of each point: the first, one in the middle, the last
KILLS = 20
KILLS_TOGETHER = 5


def state_of(wiring):
    """What must be the same however often the settlement was stopped: all but keys, and what follows from them."""
    with wiring.store.reading() as records:
        entries = records.outbox("toits")
        runs = records.runs("toits")
        batches = records.batches("toits", MONTH.id)
        postings = records.postings("toits")
    _, bills = bills_of(wiring.context, "toits", MONTH)
    return {
        "blocks": int(wiring.node.rpc("eth_blockNumber", []), 16),
        "outbox": [(entry.id, entry.state) for entry in entries],
        "runs": [(run.version, run.state, run.bill_state, run.allocated, run.bill_totals) for run in runs],
        "batches": [(batch.version, batch.measured, batch.missing) for batch in batches],
        "bills": [
            (bill.participant, bill.number.rsplit("-", 1)[1], bill.content["amounts"]) for bill in bills
        ],
        "postings": [(posting.id, posting.entries) for posting in postings],
        "loads": len(wiring.intervals.loads("toits")),
    }


def close(wiring):
    wiring.store.close()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The state after an undisturbed settlement, and the points on its way."""
    wiring = open_home(tmp_path_factory.mktemp("reference") / "home")
    with recorded() as names:
        load_and_settle(wiring)
    state = state_of(wiring)
    close(wiring)
    return state, list(names)


def places(names):
    """(point, which time) of the first, a middle and the last occurrence of each point."""
    chosen = []
    for name, count in Counter(names).items():
        times = sorted({1, (count + 1) // 2, count})[:OCCURRENCES]
        chosen += [(name, nth) for nth in times]
    return chosen


def test_the_way_has_a_point_in_every_stage(reference):
    _, names = reference
    rooms = {name.split(".")[0] for name in names}
    assert {"outbox", "settle", "bills", "intervals"} <= rooms


# In quarters, for workers to share.
@pytest.mark.parametrize("quarter", range(4))
def test_a_crash_at_any_point_of_a_settlement_loses_and_doubles_nothing(reference, tmp_path, quarter):
    expected, names = reference
    chosen = places(names)[quarter::4]
    assert len(chosen) > 5
    for number, (name, nth) in enumerate(chosen):
        wiring = open_home(tmp_path / str(number))
        with pytest.raises(Crash), armed(name, nth):
            load_and_settle(wiring)
        close(wiring)
        again = open_home(tmp_path / str(number))
        run = load_and_settle(again)
        assert run.state is RunState.FINAL
        assert state_of(again) == expected, (name, nth)
        close(again)


def test_a_crash_between_the_releases_of_two_bonds_still_brings_both_home(reference, tmp_path):
    expected, _ = reference
    purposes = [id_ for id_, _ in expected["outbox"]]
    first = next(number for number, id_ in enumerate(purposes, 1) if id_.endswith("/bond/run"))
    assert purposes[first].endswith("/bond/bills")
    for nth in (first, first + 1):
        wiring = open_home(tmp_path / str(nth))
        with pytest.raises(Crash), armed("outbox.after_mined", nth):
            load_and_settle(wiring)
        with wiring.store.reading() as records:
            assert records.outbox("toits")[nth - 1].state is OutboxState.MINED
        close(wiring)
        again = open_home(tmp_path / str(nth))
        load_and_settle(again)
        assert state_of(again) == expected, purposes[nth - 1]
        settler = again.chain.address_of("settler")
        assert again.chain.read("bonds", "freeOf", settler) == 0
        close(again)


def test_readings_corrected_after_a_crash_are_settled_in_place_of_what_it_left(tmp_path):
    wiring = open_home(tmp_path / "home")
    with pytest.raises(Crash), armed("settle.after_allocation"):
        load_and_settle(wiring)
    run = load_and_settle(wiring, readings_csv(scale=2))
    assert (run.version, run.state) == (1, RunState.FINAL)
    assert wiring.intervals.allocation("toits", MONTH.id, 1).allocated.sum() == 2 * run.allocated
    close(wiring)


@pytest.fixture(scope="module")
def settling():
    """Starts processes that settle: forked from one that has imported what they need."""
    with Settling() as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(KILLS // KILLS_TOGETHER))
def test_five_kills_at_random_moments_end_in_the_same_state(reference, settling, tmp_path, seed):
    expected, _ = reference
    draw = random.Random(20170601 + seed)
    started = time.monotonic()
    assert settling.start(tmp_path / "timed").wait() == 0
    seconds = time.monotonic() - started
    homes = [tmp_path / "home-0"]
    killed = 0
    while killed < KILLS_TOGETHER:
        process = settling.start(homes[-1])
        time.sleep(draw.uniform(0.0, 0.7) * seconds)
        if process.kill():
            killed += 1
        else:  # it had come to its end: the next ones are killed sooner, and in a new home
            seconds *= 0.7
            homes.append(tmp_path / f"home-{len(homes)}")
    for home in homes:
        assert settling.start(home).wait() == 0
        wiring = open_home(home)
        assert state_of(wiring) == expected
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc)
        assert verdict.ok, verdict.failures
        close(wiring)


def test_two_settlements_at_once_do_the_work_once(reference, settling, tmp_path):
    expected, _ = reference
    both = [settling.start(tmp_path / "home"), settling.start(tmp_path / "home")]
    assert [process.wait() for process in both] == [0, 0]
    wiring = open_home(tmp_path / "home")
    assert state_of(wiring) == expected
    with wiring.store.reading() as records:
        assert {entry.state for entry in records.outbox("toits")} == {OutboxState.FINAL}
    close(wiring)
