"""The small community on a node by URL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from backend.ports import OutboxState
from backend.services.bundles import bills_of, make_bundle
from backend.verifier import verify
from tests.integration.settlement.small_community import DEFINITION, MONTH

AT_ONCE = DEFINITION + "\n[settlement]\ncontest_window_hours = 0\n"
WINDOW_HOURS = 2
WINDOWED = DEFINITION + f"\n[settlement]\ncontest_window_hours = {WINDOW_HOURS}\n"

_SETTLE = """
import sys
from pathlib import Path
from tests.integration.chain_by_url.settling import AT_ONCE
from tests.integration.settlement.small_community import load_and_settle, open_home
wiring = open_home(Path(sys.argv[1]))
with wiring.writing("settle"):
    load_and_settle(wiring, definition=AT_ONCE)
"""


def start_settling(home: Path) -> subprocess.Popen[bytes]:
    """A process of its own that settles the month."""
    return subprocess.Popen([sys.executable, "-c", _SETTLE, str(home)], cwd=Path.cwd())


def outcome(wiring):
    """What must be the same however the chain behaved on the way."""
    with wiring.store.reading() as records:
        entries = records.outbox("toits")
        runs = records.runs("toits")
        postings = records.postings("toits")
    _, bills = bills_of(wiring.context, "toits", MONTH)
    return {
        "outbox": [(entry.id, entry.state) for entry in entries],
        "runs": [(run.version, run.state, run.bill_state, run.allocated, run.bill_totals) for run in runs],
        "bills": [(bill.participant, bill.number, bill.content["amounts"]) for bill in bills],
        "postings": [(posting.id, posting.entries) for posting in postings],
    }


def assert_whole(wiring):
    """Everything announced is final, mined in the canonical chain once, and proved to a member."""
    with wiring.store.reading() as records:
        entries = records.outbox("toits")
    assert {entry.state for entry in entries} == {OutboxState.FINAL}
    for entry in entries:
        assert wiring.chain.receipt(entry.receipt.transaction_hash) == entry.receipt, entry.id
    verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc)
    assert verdict.ok, verdict.failures
