from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from backend.allocation import METHODS, FlowPoint, check_choice, sharing_key
from backend.allocation.flow import FlowKey
from backend.community import Direction, LinkTerms, SharingKeyChoice, Tier
from backend.errors import SharingKeyError

SLOTS = {"home-01-load": 0, "home-02-load": 1, "roof": 3, "barn": 4}
CONSUMPTION, FEED_IN = Direction.CONSUMPTION, Direction.FEED_IN
DIRECTIONS = [CONSUMPTION, CONSUMPTION, None, FEED_IN, FEED_IN]
HALVES = {"home-01-load": 500_000, "home-02-load": 500_000}
PRIORITY = (Tier("equal", ("home-02-load",)), Tier("static"))
CHOICES = {
    "dynamic": SharingKeyChoice("dynamic"),
    "static": SharingKeyChoice("static", HALVES),
    "equal": SharingKeyChoice("equal"),
    "static_cascade": SharingKeyChoice("static_cascade", HALVES),
    "hybrid": SharingKeyChoice("hybrid", HALVES),
    "scheduled": SharingKeyChoice("scheduled", schedule="after"),
    "pairwise": SharingKeyChoice(
        "pairwise", pairs_ppm={"roof": {"home-02-load": 7}, "barn": {"home-01-load": 9}}
    ),
    "priority": SharingKeyChoice("priority", {"home-01-load": 600_000}, tiers=PRIORITY),
    "flow": SharingKeyChoice("flow", links=LinkTerms()),
    "incentive": SharingKeyChoice("incentive"),
}


def key_of(choice):
    schedule = np.zeros((5, 2), dtype=np.int64) if choice.method == "scheduled" else None
    return sharing_key(choice, SLOTS, schedule=schedule, directions=DIRECTIONS)


def test_the_law_book_has_ten_methods_in_the_order_of_their_codes():
    assert tuple(CHOICES) == METHODS
    for choice in CHOICES.values():
        check_choice(choice, SLOTS, DIRECTIONS)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "flow"])
def test_methods_carry_the_codes_of_the_chain_and_as_many_rounds_as_it_reads(method):
    key = key_of(CHOICES[method])
    rounds = {"equal": 1, "static_cascade": 1, "hybrid": 1, "pairwise": 2, "priority": 2}
    assert (key.method, key.code) == (method, METHODS.index(method) + 1)
    assert key.header_rounds == rounds.get(method, 0)


def test_a_flow_is_told_the_points_of_its_period_and_refused_without():
    points = {
        slot: FlowPoint(direction, slot) for slot, direction in enumerate(DIRECTIONS) if direction is not None
    }
    key = sharing_key(CHOICES["flow"], SLOTS, directions=DIRECTIONS, points=points)
    assert isinstance(key, FlowKey)
    assert (key.method, key.code) == ("flow", 9)
    assert key.network.producer_slots == (3, 4)
    with pytest.raises(SharingKeyError, match='method "flow" decides link by link and needs to know where'):
        key_of(CHOICES["flow"])


def test_terms_of_links_are_refused_as_soon_as_they_are_chosen():
    terms = LinkTerms(donations=(("nobody", "barn"),))
    with pytest.raises(SharingKeyError, match="a donation names metering point 'nobody'"):
        check_choice(SharingKeyChoice("flow", links=terms), SLOTS)


def test_parameters_stand_by_slot_as_the_rule_book_keeps_them():
    assert key_of(CHOICES["static"]).coefficients_ppm == (500_000, 500_000, 0, 0, 0)
    pairwise, priority = key_of(CHOICES["pairwise"]), key_of(CHOICES["priority"])
    assert pairwise.producers == (3, 4)
    assert pairwise.coefficients_ppm == (0, 9, 7, 0, 0, 0, 0, 0, 0, 0)
    assert (priority.tier_methods, priority.tiers) == ((3, 2), (1, 0, 1, 1, 1))


def test_a_producer_key_adds_a_round_and_the_surplus_an_owner():
    choice = SharingKeyChoice("dynamic", producer_coefficients_ppm={"barn": 1_000_000})
    assert key_of(choice).header_rounds == 1
    assert key_of(choice).producer_ppm == (0, 0, 0, 0, 1_000_000)
    assert key_of(SharingKeyChoice("equal", surplus_owner="consumer")).credits_consumers
    assert not key_of(SharingKeyChoice("equal")).credits_consumers


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (SharingKeyChoice("dynamik"), "Did you mean 'dynamic'"),
        (SharingKeyChoice("equal-ish"), "there are dynamic, static"),
        (SharingKeyChoice("static"), "needs coefficients_ppm"),
        (SharingKeyChoice("hybrid"), 'method "hybrid" needs coefficients_ppm'),
        (SharingKeyChoice("static", {"home-01-load": 0}), "nothing would be shared"),
        (SharingKeyChoice("static", {"home-99-load": 1}), "'home-99-load', which has no slot"),
        (SharingKeyChoice("static", {"home-1-load": 1}), "did you mean 'home-01-load'"),
        (
            SharingKeyChoice("static", {"roof": 1}),
            "names 'roof', which is a feed_in point; name one that consumes",
        ),
        (
            SharingKeyChoice("dynamic", {"home-01-load": 1}),
            'coefficients_ppm has no meaning for the method "dynamic"',
        ),
        (SharingKeyChoice("scheduled", HALVES, schedule="after"), "coefficients_ppm has no meaning"),
        (SharingKeyChoice("scheduled"), '"ahead" or "after"'),
        (SharingKeyChoice("dynamic", schedule="ahead"), "schedule has no meaning"),
        (SharingKeyChoice("equal", links=LinkTerms()), "links has no meaning"),
        (SharingKeyChoice("dynamic", surplus_owner="consumer"), 'surplus_owner "consumer" has no meaning'),
        (
            SharingKeyChoice("hybrid", HALVES, surplus_owner="consumer"),
            "Choose one of static, equal, scheduled",
        ),
        (SharingKeyChoice("dynamic", surplus_owner="mayor"), "surplus_owner is 'mayor'"),
        (
            SharingKeyChoice("dynamic", producer_coefficients_ppm={"home-01-load": 1}),
            "name one that feeds in",
        ),
        (
            SharingKeyChoice("dynamic", producer_coefficients_ppm={"roof": 1_000_001}),
            "gives roof 1000001 ppm",
        ),
        (
            SharingKeyChoice("incentive", producer_coefficients_ppm={"roof": 1}),
            "has no meaning for the method",
        ),
        (SharingKeyChoice("dynamic", pairs_ppm={"roof": {"home-01-load": 1}}), "pairs_ppm has no meaning"),
        (SharingKeyChoice("pairwise"), "needs pairs_ppm"),
        (SharingKeyChoice("pairwise", pairs_ppm={"roof": {"home-01-load": 0}}), "needs pairs_ppm"),
        (SharingKeyChoice("pairwise", pairs_ppm={"home-01-load": {"roof": 5}}), "name one that feeds in"),
        (SharingKeyChoice("pairwise", pairs_ppm={"roof": {"barn": 5}}), "pairs_ppm of roof names 'barn'"),
        (
            SharingKeyChoice("pairwise", pairs_ppm={f"roof-{i}": {"home-01-load": 5} for i in range(17)}),
            "names 17 producers, 16 are possible",
        ),
        (SharingKeyChoice("priority"), "needs tiers, 1 to 8; there are 0"),
        (SharingKeyChoice("priority", tiers=(Tier("dynamic", ("home-01-load",)),) * 9), "there are 9"),
        (SharingKeyChoice("priority", tiers=(Tier("flow"),)), "tier 1 is shared by 'flow'"),
        (SharingKeyChoice("priority", tiers=(Tier("equal"), Tier("dynamic"))), "tier 1 names no points"),
        (SharingKeyChoice("priority", tiers=(Tier("equal", ("roof",)),)), "tier 1 names 'roof'"),
        (
            SharingKeyChoice(
                "priority", tiers=(Tier("equal", ("home-01-load",)), Tier("equal", ("home-01-load",)))
            ),
            "'home-01-load' is in tiers 1 and 2",
        ),
        (
            SharingKeyChoice("priority", HALVES, tiers=(Tier("equal"),)),
            "no meaning where no tier shares by static",
        ),
        (SharingKeyChoice("equal", tiers=PRIORITY), "tiers has no meaning"),
    ],
)
def test_a_choice_that_cannot_be_settled_is_refused_with_its_remedy(choice, message):
    with pytest.raises(SharingKeyError, match=message):
        key_of(choice)


def test_directions_are_held_against_only_where_they_are_known():
    assert sharing_key(SharingKeyChoice("static", {"roof": 1}), SLOTS).coefficients_ppm == (0, 0, 0, 1, 0)


def test_who_left_before_a_period_with_fewer_slots_may_stay_named():
    slots = {**SLOTS, "home-03-load": 5}
    choice = SharingKeyChoice("static", {"home-01-load": 1, "home-03-load": 2})
    assert sharing_key(choice, slots, directions=DIRECTIONS).coefficients_ppm == (1, 0, 0, 0, 0, 2)


def test_a_scheduled_key_waits_for_its_schedule():
    with pytest.raises(SharingKeyError, match="none were handed in; load a schedule"):
        sharing_key(CHOICES["scheduled"], SLOTS)


@pytest.mark.parametrize(
    ("coefficients", "message"),
    [
        ([[0, 600_000], [0, 400_001]], "of interval 1 sum to 1000001 ppm, above 1000000; lower them by 1"),
        ([[0, 0], [-1, 0]], "gives slot 1 -1 ppm in interval 0"),
        ([[0, 1_000_001], [0, 0]], "gives slot 0 1000001 ppm in interval 1"),
    ],
)
def test_a_schedule_that_shares_more_than_there_is_is_refused(coefficients, message):
    with pytest.raises(SharingKeyError, match=message):
        sharing_key(CHOICES["scheduled"], SLOTS, schedule=np.array(coefficients))


def test_importing_the_room_does_not_import_numba():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, backend.allocation; sys.exit('numba' in sys.modules)"],
        check=False,
    )
    assert done.returncode == 0
