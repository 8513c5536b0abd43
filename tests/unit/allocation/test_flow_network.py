"""The flow key's links: what they cost, and which terms contradict themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.flow_costs import DISTANCE_QUANTA, SHARED_BITS, Level, measure_metres, weigh_levels
from backend.allocation.flow_network import UNBOUND, FlowNetwork, FlowPoint
from backend.community import Direction, LinkCap, LinkTerms, MeteringPoint
from backend.errors import SharingKeyError
from tests.unit.allocation.flow_cases import community

REFUSED = [
    (LinkTerms(fairness_steps=0), "fairness_steps is 0; it lies in 1 to 256"),
    (LinkTerms(fairness_steps=257), "fairness_steps is 257"),
    (LinkTerms(costs=("distance", "beauty")), "costs names 'beauty'; there are distance, phase, feeder"),
    (LinkTerms(costs=("phase", "phase")), "costs names 'phase'.*at most once"),
    (LinkTerms(caps=(LinkCap("p0", "c0", -5),)), "from p0 to c0 is capped at -5 W; 0 forbids it"),
    (LinkTerms(caps=(LinkCap("p0", "c0", 5), LinkCap("p0", "c0", 6))), "from p0 to c0 is capped twice"),
    (LinkTerms(caps=(LinkCap("p9", "c0", 5),)), "a cap names metering point 'p9', which has no slot"),
    (LinkTerms(caps=(LinkCap("c0", "p0", 5),)), "from c0 to p0, but c0 is not a point of feed_in"),
    (
        LinkTerms(donations=(("p0", "p1"),)),
        "a donation runs from p0 to p1, but p1 is not a point of consumption",
    ),
    (
        LinkTerms(donations=(("p0", "c0"),)),
        "p0 donates to c0, but both are the points of one participant .seat 0.",
    ),
    (LinkTerms(donations=(("p0", "c1"), ("p0", "c1"))), "donations names p0 and c1 twice"),
    (LinkTerms(preferences=(("c0", "nobody"),)), "a preference names metering point 'nobody'"),
    (LinkTerms(preferences=(("p0", "c0"),)), "a preference runs from c0 to p0"),
    (LinkTerms(preferences=(("c1", "p0"), ("c1", "p0"))), "preferences names c1 and p0 twice"),
]


@pytest.mark.parametrize(("terms", "message"), REFUSED)
def test_terms_that_contradict_the_points_or_themselves_are_refused(terms, message):
    with pytest.raises(SharingKeyError, match=message):
        community(2, 2, terms, seats=[0, 1, 0, 3])


def test_terms_of_a_point_that_has_left_are_passed_over():
    names = {"p0": 0, "c0": 1, "gone": 2}
    points = {0: FlowPoint(Direction.FEED_IN, 0), 1: FlowPoint(Direction.CONSUMPTION, 1)}
    terms = LinkTerms(
        preferences=(("gone", "p0"),), donations=(("p0", "gone"),), caps=(LinkCap("p0", "gone", 5),), costs=()
    )
    network = FlowNetwork.of(terms, names, points, 15)
    assert network.consumer_slots == (1,)
    assert network.caps.tolist() == [[UNBOUND]]


def test_a_cap_is_floored_to_whole_milliwatt_hours_of_the_interval():
    points = {0: FlowPoint(Direction.FEED_IN, 0), 1: FlowPoint(Direction.CONSUMPTION, 1)}
    terms = LinkTerms(caps=(LinkCap("p", "c", 1),))
    assert FlowNetwork.of(terms, {"p": 0, "c": 1}, points, 1).caps.tolist() == [[16]]


def test_a_point_keeps_the_decimals_of_its_position():
    point = MeteringPoint("c", "home", Direction.CONSUMPTION, latitude=45.7654321, longitude=-4.1, phase="L2")
    assert FlowPoint.of(point, 3) == FlowPoint(Direction.CONSUMPTION, 3, (45_765_432, -4_100_000), "L2")
    assert FlowPoint.of(MeteringPoint("c", "home", Direction.CONSUMPTION, latitude=45.0), 3).position is None


degrees = st.integers(-70_000_000, 70_000_000)


@given(degrees, degrees, st.integers(-90_000, 90_000), st.integers(-90_000, 90_000))
def test_distances_of_neighbours_are_those_on_the_sphere(latitude, longitude, north, east):
    there = (latitude + north, longitude + east)
    (metres,) = measure_metres([(latitude, longitude)], [there])[0].tolist()
    phi, psi = math.radians(latitude / 1e6), math.radians(there[0] / 1e6)
    chord = (
        math.sin((psi - phi) / 2) ** 2
        + math.cos(phi) * math.cos(psi) * math.sin(math.radians(east / 1e6) / 2) ** 2
    )
    assert abs(metres - 2 * 6_371_000 * math.asin(math.sqrt(chord))) <= 1 + metres * 2e-5


def test_a_distance_is_the_same_both_ways_and_across_the_date_line():
    west, east = (10_000_000, 179_999_000), (10_000_000, -179_999_000)
    assert measure_metres([west], [east]).tolist() == measure_metres([east], [west]).tolist()
    assert measure_metres([west], [east])[0, 0] == 219


def test_who_gave_no_position_counts_as_farthest():
    key = community(1, 3, LinkTerms(own_first=False), places=[(0, 0), (0, 0), (1_000, 0), None])
    (level,) = [level for level in key.network.weights.levels if level.name == "distance"]
    assert level.values.tolist() == [[0, 11, 12]]
    assert not community(1, 2, LinkTerms(own_first=False)).network.weights.costs.any()


def test_a_phase_or_feeder_that_nobody_knows_is_shared_with_nobody():
    key = community(
        1,
        3,
        LinkTerms(own_first=False, costs=("phase", "feeder")),
        phases=["L1", "L1", "L123", None],
        feeders=["east", "east", "west", None],
    )
    levels = {level.name: level.values.tolist() for level in key.network.weights.levels}
    assert levels["phase"] == [[0, 0, 1]]
    assert levels["feeder"] == [[0, 1, 1]]


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=5),
    st.integers(1, 64),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_each_level_outweighs_all_below_it_over_any_cycle(largest, steps, producers, consumers):
    shape = (producers, consumers)
    levels = [Level("producers alike", np.zeros(shape, dtype=np.int64))]
    levels += [Level(f"cost {place}", np.full(shape, value)) for place, value in enumerate(largest)]
    levels += [Level("consumers alike", np.zeros(shape, dtype=np.int64))]
    weights = weigh_levels(levels, None, steps)
    reaches = [steps, *(value * min(producers, consumers) for value in largest), steps]
    below = 0
    for weight, reach in zip([*weights.weights, weights.shared], [*reaches, 0], strict=True):
        assert weight > below
        below += weight * reach


def test_distances_are_measured_as_finely_as_the_weights_leave_room():
    rng = np.random.default_rng(2)
    places = [(int(x), int(y)) for x, y in rng.integers(0, 300_000, (600, 2))]
    fine = community(40, 40, LinkTerms(own_first=False), places=places[:80])
    assert fine.network.weights.quantum == 10
    terms = LinkTerms(
        own_first=True,
        fairness_steps=64,
        preferences=tuple((f"c{place}", f"p{place}") for place in range(300)),
        donations=tuple((f"p{place}", f"c{place + 1}") for place in range(2)),
        costs=("distance", "feeder"),
    )
    coarse = community(300, 300, terms, seats=[*range(300), *range(300)], places=places)
    assert coarse.network.weights.quantum in DISTANCE_QUANTA[1:]
    assert coarse.network.weights.shared < 1 << SHARED_BITS


def test_terms_that_need_larger_weights_than_can_be_proved_are_refused_with_them():
    terms = LinkTerms(
        fairness_steps=256,
        preferences=tuple((f"c{place}", f"p{place}") for place in range(300)),
        donations=tuple((f"p{place}", f"c{(place + 1) % 300}") for place in range(300)),
        costs=("phase", "feeder"),
    )
    with pytest.raises(
        SharingKeyError, match=r"300 x 300 links with 256 .* up to \d{16,}, above 2251799813685247"
    ):
        community(300, 300, terms, seats=[*range(300), *range(300)])
