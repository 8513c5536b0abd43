"""Every key of the law book from readings to bills: settled on the embedded chain, and proved to each participant."""

import dataclasses

import pytest

from backend.ports import RunState
from backend.services.bundles import bills_of, make_bundle
from backend.verifier import verify
from tests.integration.settlement.shared_street import (
    KEYS,
    OWNED,
    PRODUCER_KEY,
    participants_of,
    street,
    street_csv,
)
from tests.integration.settlement.small_community import MONTH, open_home, take_settled

PREMIUMS = 'shared_price = "0"\npremium_consumption_price = "0.08"\npremium_feed_in_price = "0.03"'
TARIFFS = {
    "mid_market": 'pricing = "mid_market"',
    "supply_demand": 'pricing = "supply_demand"',
    "producer": 'pricing = "producer"\nproducer_prices = { "ben-solar" = "0.11", "dora-solar" = "0.087" }',
    "seller": 'billed_by = { shared = "producer" }',
    "seller_priced": 'billed_by = { shared = "producer" }\npricing = "producer"\n'
    'producer_prices = { "ben-solar" = "0.11", "dora-solar" = "0" }',
    "cheaper": 'network_shared_price = "0.02"\nexcise_price = "0.025"\nexcise_shared_price = "0.01"\n'
    'billed_by = { shared = "community", residual = "community", network = "community", surplus = "community" }',
}


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def settle(wiring, *key, scale=1):
    run = take_settled(wiring, street_csv(scale), street(*key))
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    return run, wiring.intervals.allocation("toits", MONTH.id, run.version)


def prove(wiring):
    for participant in participants_of(wiring):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)


@pytest.mark.parametrize("method", KEYS)
def test_a_month_by_a_key_is_settled_billed_and_proved_to_everyone(wiring, method):
    tariff = PREMIUMS if method == "incentive" else ""
    run, frame = settle(wiring, method, KEYS[method], tariff)
    assert run.allocated == frame.links[:, 2].sum()
    assert (run.allocated == 0) == (method == "incentive")
    assert run.allocated < min(run.feed_in, run.consumption)
    assert (frame.parts is None and frame.link_flows is None) == (frame.rounds.shape[1] == 0)
    assert (frame.credited.sum() > 0) == (method == "incentive")
    prove(wiring)


@pytest.mark.parametrize("method", OWNED)
def test_what_a_consumer_owns_and_does_not_use_is_credited_and_proved(wiring, method):
    run, frame = settle(wiring, method, f'{OWNED[method]}\nsurplus_owner = "consumer"')
    assert 0 < frame.credited.sum() <= run.feed_in - run.allocated
    _, bills = bills_of(wiring.context, "toits", MONTH)
    lines = {bill.participant: bill.content["amounts"]["lines"] for bill in bills}
    assert lines["ada"][8] > 0
    assert lines["dora"][8] == 0
    prove(wiring)


@pytest.mark.parametrize("method", ["dynamic", "hybrid", "priority"])
def test_a_producer_key_fills_the_favoured_roof_first(wiring, method):
    _, frame = settle(wiring, method, f"{KEYS[method]}\n{PRODUCER_KEY}")
    plain = {"dynamic": 0, "hybrid": 1, "priority": 3}[method]
    assert frame.rounds.shape[1] == plain + 1
    used = frame.allocated.sum(axis=1) / frame.energy.sum(axis=1)
    ben, dora = 2, 4
    assert used[ben] > used[dora]
    prove(wiring)


@pytest.mark.parametrize("tariff", TARIFFS)
def test_each_way_to_price_and_to_sell_is_billed_and_proved(wiring, tariff):
    _, frame = settle(wiring, "dynamic", "", TARIFFS[tariff])
    assert frame.value.sum() > 0
    consumers = [0, 1, 3]
    assert frame.links[:, 3].sum() == frame.row_value[consumers].sum()
    prove(wiring)


def test_pairs_are_linked_as_the_key_says_and_their_producers_prices_hold(wiring):
    _, frame = settle(wiring, "pairwise", KEYS["pairwise"], TARIFFS["producer"])
    assert sorted((link[0], link[1]) for link in frame.links.tolist()) == [(2, 0), (2, 3), (4, 0)]
    prices = {2: 110_000, 4: 87_000}
    assert frame.value.sum() == sum(link[2] * prices[link[0]] for link in frame.links.tolist())
    prove(wiring)


@pytest.mark.parametrize("what", ["row_value", "links", "rounds", "parts"])
def test_what_is_altered_in_the_store_is_found(wiring, what):
    _, frame = settle(wiring, "static_cascade", KEYS["static_cascade"])
    values = getattr(frame, what).copy()
    noon = 10 * 24 + 12
    place = {"links": (0, 3), "rounds": (noon, 0, 0), "parts": (0, noon, 0, 0)}.get(what, (0, noon))
    values[place] += 1
    wiring.intervals.allocation = lambda *_: dataclasses.replace(frame, **{what: values})
    verdict = verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc)
    assert not verdict.ok
