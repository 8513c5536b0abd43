"""The settlement on a real node, through PARTAGE_CHAIN_URL."""

import json
import subprocess
import sys

import pytest

from backend.errors import ContractRefusal
from backend.ports import ContractCall, RunState
from backend.services.bundles import make_bundle
from backend.services.settle_period import settle_period
from tests.integration.chain_by_url.settling import (
    AT_ONCE,
    WINDOW_HOURS,
    WINDOWED,
    assert_whole,
    outcome,
    start_settling,
)
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, readings_csv

PATIENCE_SECONDS = 120


def test_a_month_is_settled_and_repeated_without_another_transaction(anvil, opened):
    wiring = opened()
    first = load_and_settle(wiring, definition=AT_ONCE)
    assert (first.state, first.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert_whole(wiring)
    before, height = outcome(wiring), anvil.height
    again = opened()
    assert load_and_settle(again, definition=AT_ONCE) == first
    assert (outcome(again), anvil.height) == (before, height)


def test_a_bill_is_verified_by_the_command_against_the_node(anvil, opened, tmp_path, monkeypatch):
    wiring = opened()
    load_and_settle(wiring, definition=AT_ONCE)
    bundle = tmp_path / "bill.json"
    bundle.write_text(json.dumps(make_bundle(wiring.context, "toits", MONTH, "ben")))
    monkeypatch.delenv("PARTAGE_CHAIN_URL")
    command = [
        sys.executable,
        "-c",
        "from backend.cli import main; main()",
        "verify",
        str(bundle),
        "--rpc",
        anvil.url,
    ]
    assert subprocess.run(command, check=False).returncode == 0
    altered = json.loads(bundle.read_text())
    altered["bill"]["debit"] += 1
    bundle.write_text(json.dumps(altered))
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_a_run_is_contestable_until_its_window_has_passed_on_the_chain(anvil, opened):
    wiring = opened()
    run = load_and_settle(wiring, definition=WINDOWED)
    assert (run.state, run.bill_state) == (RunState.CONTESTABLE, RunState.CONTESTABLE)
    anvil.pass_seconds(WINDOW_HOURS * 3600 - 600)
    assert settle_period(wiring.context, "toits", MONTH).state is RunState.CONTESTABLE
    anvil.pass_seconds(601)
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert_whole(wiring)


def test_a_correction_waits_for_the_open_run_and_supersedes_it(anvil, opened):
    wiring = opened()
    load_and_settle(wiring, definition=WINDOWED)
    with pytest.raises(ContractRefusal, match=r"RunStillOpen.*settle again when its window has passed"):
        load_and_settle(wiring, readings_csv(scale=2), definition=WINDOWED)
    anvil.pass_seconds(WINDOW_HOURS * 3600 + 1)
    second = settle_period(wiring.context, "toits", MONTH)
    assert (second.version, second.state) == (2, RunState.CONTESTABLE)
    anvil.pass_seconds(WINDOW_HOURS * 3600 + 1)
    second = settle_period(wiring.context, "toits", MONTH)
    assert (second.state, second.bill_state) == (RunState.FINAL, RunState.FINAL)
    with wiring.store.reading() as records:
        assert [run.state for run in records.runs("toits")] == [RunState.SUPERSEDED, RunState.FINAL]


def test_without_a_word_in_its_file_a_community_on_a_network_has_a_week_to_contest(anvil, opened):
    wiring = opened()
    run = load_and_settle(wiring)
    told = wiring.chain.read("settlement_ledger", "run", run.run_id)
    assert told["contestableUntil"] - told["proposedAt"] == 168 * 3600


def test_a_node_speaks_of_a_refusal_in_the_contracts_words(anvil, opened):
    wiring = opened()
    load_and_settle(wiring, definition=AT_ONCE)
    anchor = wiring.context.community("toits").record.anchor
    stranger = ContractCall(
        "importer", "registry", "grantRole", (anchor, 1, wiring.chain.address_of("importer"))
    )
    with pytest.raises(ContractRefusal, match="is not the community's steward") as refused:
        wiring.chain.preflight(stranger)
    assert refused.value.name == "NotSteward"
    with pytest.raises(ContractRefusal, match="is not the community's steward"):
        wiring.chain.sign(stranger)


def test_two_settlements_of_one_home_at_once_do_the_work_once(anvil, home, opened):
    both = [start_settling(home), start_settling(home)]
    assert [process.wait(PATIENCE_SECONDS) for process in both] == [0, 0]
    wiring = opened()
    assert_whole(wiring)
    with wiring.store.reading() as records:
        assert len(records.runs("toits")) == 1
        assert len(records.batches("toits", MONTH.id)) == 1


def test_two_homes_settle_at_once_with_one_funding_key(anvil, tmp_path):
    homes = [tmp_path / "one", tmp_path / "two"]
    both = [start_settling(folder) for folder in homes]
    assert [process.wait(PATIENCE_SECONDS) for process in both] == [0, 0]
    for folder in homes:
        wiring = open_home(folder)
        assert_whole(wiring)
        wiring.store.close()
