"""The flow key's certificate: what is not optimal is contradicted, link by link; and each link is explained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.allocation.flow_certificate import Breach, certify_flow
from backend.allocation.flow_explanation import Limit
from backend.allocation.links import PeriodMatrix
from backend.community import LinkCap, LinkTerms
from backend.errors import SharingKeyError
from tests.unit.allocation.flow_cases import allocate, cases, community, every_flow, key_of, score, solve


@settings(max_examples=200, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_any_flow_that_is_worse_is_contradicted_and_any_that_is_as_good_is_not(case, random):
    assume(sum(case["feed_in"]) and sum(case["consumption"]))
    key = key_of(case)
    solved = solve(key, case["feed_in"], case["consumption"])
    others = list(every_flow(case))
    best = min(score(case, flows) for flows in others)
    for _ in range(5):
        flows = random.choice(others)
        planted = replace(solved, flows=np.array(flows, dtype=np.int64).reshape(solved.flows.shape))
        assert bool(certify_flow(key.network, planted)) == (score(case, flows) != best)


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(1, 3), st.data())
def test_a_potential_that_its_flow_does_not_allow_is_contradicted_at_its_own_point(case, shift, data):
    assume(all(case["feed_in"]) and all(case["consumption"]))
    key = key_of(case)
    solved = solve(key, case["feed_in"], case["consumption"])
    column = data.draw(st.integers(0, len(case["consumption"]) - 1))
    potentials = solved.consumer_potentials.copy()
    potentials[column] += key.network.weights.shared * 2 * shift
    found = certify_flow(key.network, replace(solved, consumer_potentials=potentials))
    slot = key.network.consumer_slots[column]
    open_links = (key.network.caps[:, column] > solved.flows[:, column]).any()
    served = solved.flows[:, column].any()
    assert bool(found) == bool(open_links or served)
    assert all(contradiction.consumer_slot == slot for contradiction in found)


PREFERENCE = LinkTerms(own_first=False, preferences=(("c0", "p1"),), costs=())


def test_the_link_that_should_have_carried_the_energy_is_named():
    key = community(2, 2, PREFERENCE)
    result = allocate(key, [[30, 30]], [[30, 30]])
    planted = PeriodMatrix(np.array([0, 1]), np.array([2, 3]), np.array([30, 30]))
    found = key.certify(np.array([30, 30]), np.array([30, 30]), planted, result.potentials[0])
    named = {(c.breach, c.producer_slot, c.consumer_slot) for c in found}
    assert (Breach.DEARER_LINK, 0, 2) in named
    assert "from slot 0 to slot 2: the link carries energy that would be better elsewhere (by " in str(
        found[0]
    )


def test_a_producer_that_sells_too_much_and_one_that_sells_too_little_are_named():
    key = community(2, 1)
    result = allocate(key, [[40, 40]], [[40]])
    planted = PeriodMatrix(np.array([0]), np.array([2]), np.array([40]))
    found = key.certify(np.array([40]), np.array([40, 40]), planted, result.potentials[0])
    assert {(c.breach, c.producer_slot, c.consumer_slot) for c in found} == {
        (Breach.PRODUCER_UNDER, 1, None),
        (Breach.PRODUCER_OVER, 0, None),
    }


def test_energy_that_could_have_been_shared_and_was_not_is_contradicted():
    key = community(1, 2)
    result = allocate(key, [[40]], [[30, 30]])
    planted = PeriodMatrix(np.array([0]), np.array([1]), np.array([20]))
    found = key.certify(np.array([30, 30]), np.array([40]), planted, result.potentials[0])
    assert Breach.CONSUMER_UNDER in {c.breach for c in found}


def test_a_link_above_its_cap_and_a_point_above_its_energy_are_contradicted():
    key = community(1, 2, LinkTerms(own_first=False, caps=(LinkCap("p0", "c0", 1),), costs=()))
    potentials = allocate(key, [[900]], [[900, 900]]).potentials[0]
    above = PeriodMatrix(np.array([0]), np.array([1]), np.array([251]))
    found = key.certify(np.array([900, 900]), np.array([900]), above, potentials)
    assert [(c.breach, c.excess) for c in found] == [(Breach.CAP, 1)]
    much = PeriodMatrix(np.array([0]), np.array([2]), np.array([905]))
    found = key.certify(np.array([900, 900]), np.array([900]), much, potentials)
    assert [(c.breach, c.excess) for c in found] == [(Breach.BALANCE, 5)]
    night = PeriodMatrix(np.array([0]), np.array([2]), np.array([5]))
    assert key.certify(np.array([900, 900]), np.array([0]), night, potentials)


def test_a_link_between_slots_without_points_is_refused():
    key = community(1, 1)
    stray = PeriodMatrix(np.array([7]), np.array([1]), np.array([5]))
    with pytest.raises(SharingKeyError, match="no link from slot 7 to slot 1"):
        key.certify(np.array([9]), np.array([9]), stray, np.zeros(2, dtype=np.int64))


def explain(key, feed_in, consumption, slot):
    result = allocate(key, [feed_in], [consumption])
    reasons = key.explain(np.array(consumption), np.array(feed_in), result.links.at(0), slot)
    return [(r.producer_slot, r.energy, r.limit, r.level, r.first) for r in reasons]


def test_whom_a_preferred_producer_serves_is_told_so():
    key = community(2, 2, PREFERENCE)
    assert explain(key, [30, 30], [20, 30], 2) == [
        (0, 0, Limit.DEMAND_MET, "preferences", 1),
        (1, 20, Limit.DEMAND_MET, "", None),
    ]


def test_who_waited_for_the_producers_own_use_is_told_so():
    key = community(1, 2, LinkTerms(costs=()), seats=[0, 0, 2])
    assert explain(key, [50], [50, 50], 2) == [(0, 0, Limit.PRODUCER_EXHAUSTED, "own first", 1)]


def test_who_waited_for_a_donation_is_told_so():
    key = community(1, 2, LinkTerms(donations=(("p0", "c1"),), costs=()))
    assert explain(key, [50], [50, 50], 1) == [(0, 0, Limit.PRODUCER_EXHAUSTED, "donations", 2)]


def test_who_was_served_alike_is_told_so():
    assert explain(community(1, 2), [50], [50, 50], 1) == [
        (0, 25, Limit.PRODUCER_EXHAUSTED, "consumers alike", 2)
    ]


def test_who_is_farther_away_is_told_so():
    key = community(2, 1, LinkTerms(own_first=False), places=[(0, 0), (9_000, 0), (0, 0)])
    assert explain(key, [50, 50], [50], 2)[1] == (1, 0, Limit.DEMAND_MET, "distance", 0)


def test_caps_empty_roofs_and_empty_houses_are_told_as_such():
    caps = (LinkCap("p0", "c0", 1), LinkCap("p1", "c0", 0))
    key = community(3, 2, LinkTerms(own_first=False, caps=caps, costs=()))
    assert [(r[1], r[2]) for r in explain(key, [900, 900, 0], [900, 0], 3)] == [
        (250, Limit.CAP),
        (0, Limit.FORBIDDEN),
        (0, Limit.NO_FEED_IN),
    ]
    assert explain(key, [900, 900, 0], [900, 0], 4)[0][2] is Limit.NO_DEMAND


def test_a_flow_that_leaves_energy_lying_is_told_as_our_mistake():
    key = community(1, 1)
    nothing = PeriodMatrix(*(np.zeros(0, dtype=np.int64),) * 3)
    assert key.explain(np.array([9]), np.array([9]), nothing, 1)[0].limit is Limit.NOTHING


def test_nobody_is_explained_to_who_has_no_consumption_point():
    with pytest.raises(SharingKeyError, match=r"slot 0 has no consumption point here; there are \[1\]"):
        explain(community(1, 1), [1], [1], 0)


@settings(max_examples=100, deadline=None)
@given(cases(), st.data())
def test_every_link_that_could_carry_more_has_a_reason_and_no_exchange_that_would_be_better(case, data):
    assume(sum(case["feed_in"]) and sum(case["consumption"]))
    key = key_of(case)
    slot = data.draw(st.sampled_from(key.network.consumer_slots))
    reasons = explain(key, case["feed_in"], case["consumption"], slot)
    assert len(reasons) == len(case["feed_in"])
    assert Limit.NOTHING not in {limit for _, _, limit, _, _ in reasons}
