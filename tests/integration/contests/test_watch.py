"""A settler lies in its own home: nothing is attested, a watcher voids the run, and the honest one becomes final."""

import dataclasses
from typing import Any

import pytest

from backend.errors import ConflictError
from backend.ports import RunState
from backend.services import settle_period as settling
from backend.services.bundles import run_of
from backend.services.contests import look_at, place_of
from backend.services.watch import is_red, watch_once
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    load_and_settle,
    open_home,
    take_settled,
)

MORNING = 12 * 24 + 7  # the roof gives less than the street uses
ADA, BEN = 0, 1


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def lie(monkeypatch, **changes):
    """Let the settler keep and anchor other rows than the key gives; energy is conserved all the same."""
    true = settling.settle_frame  # type: ignore[attr-defined] # what it calls is what is replaced

    def settle_frame(*arguments):
        frame = true(*arguments)
        values = {name: getattr(frame, name).copy() for name in changes}
        for name, change in changes.items():
            for place, by in change.items():
                values[name][place] += by
        return dataclasses.replace(frame, **values)

    monkeypatch.setattr(settling, "settle_frame", settle_frame)


LIES: dict[str, Any] = {
    "row": {"allocated": {(ADA, MORNING): -3, (BEN, MORNING): 3}, "links": {(0, 2): -3, (1, 2): 3}},
    "value": {
        "row_value": {(ADA, MORNING): 5_000, (BEN, MORNING): -5_000},
        "links": {(0, 3): 5_000, (1, 3): -5_000},
    },
    "header": {"value": {MORNING: 77}},
}


@pytest.mark.parametrize("contest", LIES)
def test_a_lie_is_not_attested_but_voided_by_a_watcher_and_made_good(wiring, monkeypatch, contest):
    lie(monkeypatch, **LIES[contest])
    with pytest.raises(ConflictError, match="not what its readings give"):
        load_and_settle(wiring)
    context = wiring.context
    run = run_of(context, "toits", MONTH)
    assert context.chain.read("settlement_ledger", "run", run.run_id)["attestedBy"] == "0x" + "00" * 20
    before = int(wiring.node.rpc("eth_getBalance", [context.chain.address_of("watcher"), "latest"]), 16)
    sightings = watch_once(context)
    assert [sighting.kind for sighting in sightings] == ["head", "contested"]
    assert not is_red(sightings)
    assert context.chain.read("settlement_ledger", "run", run.run_id)["state"] == 4
    after = int(wiring.node.rpc("eth_getBalance", [context.chain.address_of("watcher"), "latest"]), 16)
    assert after - before > context.chain.read("bonds", "BOND") // 2, "the liar's bond is the watcher's"
    monkeypatch.undo()
    settled = load_and_settle(wiring)
    assert (settled.version, settled.state, settled.bill_state) == (2, RunState.FINAL, RunState.FINAL)
    assert [sighting.kind for sighting in watch_once(context)] == ["head", "holds"]


def test_a_look_says_what_a_contest_would_show_and_sends_nothing(wiring, monkeypatch):
    lie(monkeypatch, **LIES["row"])
    with pytest.raises(ConflictError):
        load_and_settle(wiring)
    run = run_of(wiring.context, "toits", MONTH)
    block = wiring.node.rpc("eth_blockNumber", [])
    look = look_at(wiring.context, run, [place_of(wiring.context, run, MORNING, "ben-load")])
    assert look.proof is not None
    assert look.proof.name == "row"
    assert look.shown == (
        "energy, allocation and running totals of ben-load at 2024-03-13T07:00+01:00",
        "the community's totals at 2024-03-13T07:00+01:00",
    )
    assert look_at(wiring.context, run, [place_of(wiring.context, run, 3, "ben-load")]).proof is None
    assert wiring.node.rpc("eth_blockNumber", []) == block


def test_an_honest_run_is_looked_at_once_and_nothing_is_sent(wiring):
    take_settled(wiring)
    block = wiring.node.rpc("eth_blockNumber", [])
    assert [sighting.kind for sighting in watch_once(wiring.context)] == ["head", "holds"]
    assert [sighting.kind for sighting in watch_once(wiring.context)] == ["head"]
    assert wiring.node.rpc("eth_blockNumber", []) == block


@pytest.mark.parametrize("there", [None, {"hash": "0x" + "ab" * 32}])
def test_a_chain_that_forgot_what_was_pinned_is_red(wiring, there):
    take_settled(wiring)
    watch_once(wiring.context)
    true = wiring.node.provider.make_request

    def make_request(method, params):
        if method == "eth_getBlockByNumber" and params[0] != "latest":
            return {"jsonrpc": "2.0", "id": 1, "result": there}
        return true(method, params)

    wiring.node.provider.make_request = make_request
    sightings = watch_once(wiring.context)
    assert [sighting.kind for sighting in sightings] == ["forgotten"]
    assert is_red(sightings)


def test_bonds_go_back_to_who_proposed_what_became_final(wiring):
    take_settled(wiring, definition=DEFINITION)
    chain = wiring.context.chain
    assert chain.read("bonds", "freeOf", chain.address_of("settler")) == 0
    run = run_of(wiring.context, "toits", MONTH)
    for ledger in ("settlement_ledger", "billing_ledger"):
        assert chain.read("bonds", "lockedOf", chain.facts().contracts[ledger], run.run_id)[1] == 0
    assert int(wiring.node.rpc("eth_getBalance", [chain.facts().contracts["bonds"], "latest"]), 16) == 0
