"""Totals that no community can have, key by key: each is named for what makes it impossible."""

from __future__ import annotations

import pytest

from backend.verifier.bounds import DayPoints, bound_totals
from backend.verifier.bundle import Header
from backend.verifier.chain_records import Rule, SharingKey, Tariff
from backend.verifier.methods import count_rounds

TARIFF = Tariff((0, 0, 0, 0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (), ())
FIXED = (300_000, 200_000, 0)
PAIRS = (500_000, 0, 250_000, 1_000_000, 0, 0)


def key(method, coefficients=(), producers=(), tier_methods=(), tiers=(), producer_ppm=()):
    return SharingKey(method, 0, 0, coefficients, producers, tier_methods, tiers, producer_ppm, bytes(32))


def judge(of, header, source=0):
    """Hold a header against three consumers in slots 0 to 2 and two producers in slots 3 and 4."""
    rule = Rule(source, of, TARIFF)
    assert count_rounds(rule, 2) == len(header.rounds)
    points = DayPoints(of, (0, 1, 2), (3, 4), (3, 4))
    return [(check, expected) for check, ok, expected, _ in bound_totals(rule, points, header) if not ok]


def header(feed_in, consumption, allocated, *rounds):
    return Header(feed_in, consumption, allocated, 0, 0, 0, rounds)


CASCADE, HYBRID, PAIRWISE = key(4, FIXED), key(5, FIXED), key(7, PAIRS, producers=(3, 4))
PRIORITY = key(8, FIXED, tier_methods=(4, 3, 1), tiers=(0, 1))
PRODUCERS = key(1, producer_ppm=(0, 0, 0, 600_000, 400_000))
FLOW = key(9)


@pytest.mark.parametrize(
    ("of", "possible"),
    [
        (key(1), header(100, 90, 90)),
        (key(1), header(100, 300, 98)),
        (key(2, FIXED), header(100, 300, 50)),
        (key(3), header(100, 300, 99, (100, 3))),
        (CASCADE, header(100, 300, 99, (60, 200_000))),
        (CASCADE, header(100, 300, 30, (70, 0))),
        (HYBRID, header(100, 300, 98, (60, 260))),
        (HYBRID, header(100, 60, 60, (60, 20))),
        (key(6), header(100, 300, 7)),
        (PAIRWISE, header(100, 300, 110 - 50, (60, 20), (40, 40))),
        (PRIORITY, header(100, 300, 100, (100, 300_000), (40, 0), (40, 1), (30, 200))),
        (key(10), header(100, 300, 0)),
        (PRODUCERS, header(100, 90, 90, (90, 1_000_000))),
        (PRODUCERS, header(100, 300, 100, (0, 0))),
        (FLOW, header(100, 300, 100, (2**52, 60), (2**52 + 7, 40))),
    ],
    ids=lambda entry: str(getattr(entry, "method", "")),
)
def test_totals_that_a_community_can_have_are_let_pass(of, possible):
    assert judge(of, possible) == []


@pytest.mark.parametrize(
    ("of", "impossible", "check", "expected"),
    [
        (key(1), header(100, 300, 101), "header.allocated", "at most 100"),
        (key(1), header(100, 90, 89), "header.allocated", "90"),
        (key(1), header(100, 300, 97), "header.allocated", "from 98 to 100"),
        (key(2, FIXED), header(100, 300, 51), "header.allocated", "from 0 to 50"),
        (key(3), header(100, 300, 9, (100, 4)), "header.round", "(100, 3), the pool and the points"),
        (key(3), header(100, 300, 9, (99, 3)), "header.round", "(100, 3), the pool and the points"),
        (key(3), header(100, 300, 100, (100, 3)), "header.allocated", "from 0 to 99"),
        (CASCADE, header(100, 300, 99, (101, 200_000)), "header.round", "a pool of at most 100"),
        (CASCADE, header(100, 300, 99, (60, 500_001)), "header.round", "a weight of at most 500000"),
        (CASCADE, header(100, 300, 97, (60, 200_000)), "header.allocated", "from 98 to 100"),
        (CASCADE, header(100, 300, 31, (70, 0)), "header.allocated", "30"),
        (HYBRID, header(100, 300, 99, (60, 261)), "header.round", "as much less than P as than C (40)"),
        (HYBRID, header(100, 300, 99, (40, 240)), "header.round", "a pool from 50 to 100"),
        (HYBRID, header(100, 300, 97, (60, 260)), "header.allocated", "from 98 to 100"),
        (HYBRID, header(100, 60, 59, (60, 20)), "header.allocated", "60"),
        (PAIRWISE, header(100, 300, 86, (60, 46), (40, 40)), "header.round", "at most 45 of slot 3"),
        (PAIRWISE, header(100, 300, 60, (60, 20), (41, 40)), "header.round", "100 fed in"),
        (PAIRWISE, header(100, 300, 61, (60, 20), (40, 40)), "header.allocated", "60, as the rounds say"),
        (
            PRIORITY,
            header(100, 300, 100, (99, 300_000), (40, 0), (40, 1), (30, 200)),
            "header.round",
            "a first pool of 100",
        ),
        (
            PRIORITY,
            header(100, 300, 100, (100, 299_999), (40, 0), (40, 1), (30, 200)),
            "header.round",
            "a weight of 300000",
        ),
        (
            PRIORITY,
            header(100, 300, 100, (100, 300_000), (101, 300_000), (40, 1), (30, 200)),
            "header.round",
            "a pool of at most 100",
        ),
        (
            PRIORITY,
            header(100, 300, 100, (100, 300_000), (40, 0), (40, 2), (30, 200)),
            "header.round",
            "a weight of 1",
        ),
        (
            PRIORITY,
            header(100, 300, 100, (100, 300_000), (40, 0), (40, 1), (30, 301)),
            "header.round",
            "at most 300 wanted",
        ),
        (
            PRIORITY,
            header(100, 300, 100, (100, 300_000), (70, 0), (40, 1), (30, 200)),
            "header.allocated",
            "30",
        ),
        (key(10), header(100, 300, 1), "header.allocated", "0, nothing is netted"),
        (PRODUCERS, header(100, 300, 100, (0, 1)), "header.round", "(0, 0), all that was fed in is shared"),
        (PRODUCERS, header(100, 90, 90, (91, 1)), "header.round", "a pool of at most 90"),
        (PRODUCERS, header(100, 90, 90, (0, 0)), "header.round", "a weight from 1 to 1000000"),
        (PRODUCERS, header(100, 90, 90, (0, 1_000_001)), "header.round", "a weight from 1 to 1000000"),
        (FLOW, header(100, 300, 99, (0, 60), (0, 40)), "header.allocated", "100, as the rounds say"),
    ],
)
def test_totals_that_no_community_can_have_are_named(of, impossible, check, expected):
    assert (check, expected) in judge(of, impossible)


@pytest.mark.parametrize(
    ("of", "rounds", "expected"),
    [
        (PAIRWISE, ((60, 20), (40, 40)), "nothing of a point that is not active"),
        (FLOW, ((0, 20), (0, 40)), "nothing of a point that is not active"),
    ],
)
def test_a_producer_that_is_not_active_shares_nothing(of, rounds, expected):
    points = DayPoints(of, (0, 1, 2), (4,), (3, 4))
    found = bound_totals(Rule(0, of, TARIFF), points, header(100, 300, 60, *rounds))
    assert expected in [words for _, ok, words, _ in found if not ok]


def test_where_the_operator_binds_only_what_there_is_bounds_the_totals():
    assert judge(PRIORITY, header(100, 300, 3), source=1) == []
    assert judge(PRIORITY, header(100, 300, 101), source=1) == [("header.allocated", "at most 100")]
