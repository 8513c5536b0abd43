"""A settlement that is stopped anywhere and started again ends in the same state: nothing lost, nothing twice."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from backend.ports import OutboxState, RunState
from backend.ports.failpoints import Crash, armed, recorded
from backend.services.bundles import bills_of, make_bundle
from backend.verifier import verify
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, readings_csv

ROOT = Path(__file__).parents[3]
OCCURRENCES = 3  # of each point: the first, one in the middle, the last
KILLS = 20
PATIENCE_SECONDS = 120


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


def test_a_crash_at_any_point_of_a_settlement_loses_and_doubles_nothing(reference, tmp_path):
    expected, names = reference
    for number, (name, nth) in enumerate(places(names)):
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


SETTLE = """
import sys
from pathlib import Path
from tests.integration.settlement.small_community import load_and_settle, open_home
wiring = open_home(Path(sys.argv[1]))
with wiring.writing("settle"):
    load_and_settle(wiring)
"""


def start(home):
    return subprocess.Popen([sys.executable, "-c", SETTLE, str(home)], cwd=ROOT)


@pytest.mark.slow
def test_twenty_kills_at_random_moments_end_in_the_same_state(reference, tmp_path):
    expected, _ = reference
    draw = random.Random(20170601)
    home = tmp_path / "home"
    started = time.monotonic()
    whole = start(tmp_path / "timed")
    assert whole.wait(PATIENCE_SECONDS) == 0
    seconds = time.monotonic() - started
    killed = 0
    while killed < KILLS:
        process = start(home)
        time.sleep(draw.uniform(0.3, 1.0) * seconds)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)
        killed += 1
        if killed % 5 == 0 and home.exists():
            home = tmp_path / f"home-{killed}"  # a settled home would be killed in its sleep
    process = start(home)
    assert process.wait(PATIENCE_SECONDS) == 0
    for folder in sorted(tmp_path.glob("home*")):
        last = start(folder)
        assert last.wait(PATIENCE_SECONDS) == 0
        wiring = open_home(folder)
        assert state_of(wiring) == expected
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc)
        assert verdict.ok, verdict.failures
        close(wiring)


def test_two_settlements_at_once_do_the_work_once(reference, tmp_path):
    expected, _ = reference
    both = [start(tmp_path / "home"), start(tmp_path / "home")]
    assert [process.wait(PATIENCE_SECONDS) for process in both] == [0, 0]
    wiring = open_home(tmp_path / "home")
    assert state_of(wiring) == expected
    with wiring.store.reading() as records:
        assert {entry.state for entry in records.outbox("toits")} == {OutboxState.FINAL}
    close(wiring)
