"""What links cost is anchored with the run of a flow, told to its consumers, and stays when somebody moves."""

import json

import pytest

from backend.services.bundles import make_bundle, run_of
from backend.services.replay import replay_run
from backend.verifier import verify
from tests.integration.settlement.shared_street import KEYS, street, street_csv
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, take_settled

HOUSES = {
    "ada-load": ("45.7501", "4.8502"),
    "ben-solar": ("45.7503", "4.8509"),
    "dora-solar": ("45.7601", "4.8609"),
}


def settled(wiring, text):
    return take_settled(wiring, street_csv(), text)


def placed(text, houses):
    for point, (latitude, longitude) in houses.items():
        head = f'id = "{point}"\n'
        assert head in text
        text = text.replace(head, f"{head}latitude = {latitude}\nlongitude = {longitude}\n")
    return text


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


FLOW = street("flow", KEYS["flow"])


def test_a_run_rests_on_what_links_cost_and_tells_each_consumer_its_own(wiring):
    run = settled(wiring, placed(FLOW, HOUSES))
    assert (
        wiring.context.chain.read("settlement_ledger", "run", run.run_id)["basis"]
        == run.basis
        != "0x" + "00" * 32
    )
    bundle = make_bundle(wiring.context, "toits", MONTH, "ada")
    near, far = bundle["points"][0]["costs"]
    assert 0 < near["weight"] != far["weight"]
    roof = next(
        point
        for point in make_bundle(wiring.context, "toits", MONTH, "ben")["points"]
        if point["slot"] == near["producer"]
    )
    assert roof["costs"] is None
    assert near["salt"] not in json.dumps(make_bundle(wiring.context, "toits", MONTH, "cleo"))
    verdict = verify(bundle, wiring.node.rpc)
    assert verdict.ok, verdict.failures
    assert {"cost.root", "detail.cost", "detail.step"} <= {check.id for check in verdict.checks}


def test_what_links_cost_is_withheld_where_a_neighbour_consents_to_no_totals(wiring):
    settled(wiring, FLOW.replace("headers_consent = true\n", ""))
    bundle = make_bundle(wiring.context, "toits", MONTH, "ada")
    assert bundle["scale"] is bundle["points"][0]["costs"] is bundle["days"][0]["headers"] is None
    assert verify(bundle, wiring.node.rpc).ok


def test_who_moves_later_makes_no_other_run_and_no_bundle_fails(wiring):
    before = settled(wiring, FLOW)
    after = load_and_settle(wiring, street_csv(), placed(FLOW, HOUSES))
    assert (after.version, after.basis) == (before.version, before.basis)
    verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc)
    assert verdict.ok, verdict.failures
    # Whoever rebuilds it by today's places is told that it was made by others.
    found = {
        (difference.what, difference.field)
        for difference in replay_run(wiring.context, run_of(wiring.context, "toits", MONTH)).differences
    }
    assert ("run", "basis") in found
    assert ("kept", "costs") in found
