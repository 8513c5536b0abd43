"""What every sharing key keeps, whoever consumes and produces what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.allocation import Header, Row, SlotRows, split_producers
from backend.community import Direction
from tests.unit.allocation.keys import key_of_case, parameters_of
from tests.vectors import allocation_reference as reference
from tests.vectors.allocation_cases import CONSUMPTION, FEED_IN, METHODS, PPM, SETTLED_HERE, Case

LARGEST = 2**53 - 1
energies = st.one_of(
    st.integers(0, 5),
    st.integers(0, 10**9),
    st.integers(2**42 - 2, 2**42 + 2),  # where products of levels begin to pass the loops
    st.integers(2**50 - 2, 2**50 + 2),  # where a guess begins to be off by more than one
    st.integers(0, LARGEST),
)
WITH_COEFFICIENTS = ("static", "static_cascade", "hybrid", "scheduled", "priority")


def cut(draw, count):
    """Coefficients that sum to at most a million."""
    cuts = sorted(draw(st.lists(st.integers(0, PPM), min_size=count, max_size=count)))
    return [after - before for before, after in zip([0, *cuts], cuts, strict=False)]


@st.composite
def cases(draw, methods=SETTLED_HERE):
    """An interval of a community whose slots have gaps, and a key of one of the methods."""
    n_c, n_p = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    slots = n_c + n_p + draw(st.integers(0, 4)) or 1
    order = draw(st.permutations(range(slots)))
    directions = dict.fromkeys(order[:n_c], CONSUMPTION) | dict.fromkeys(order[n_c : n_c + n_p], FEED_IN)
    size = draw(st.one_of(st.just(energies), st.just(st.integers(0, 40))))
    points = tuple((slot, directions[slot], draw(size)) for slot in sorted(directions))
    method = draw(st.sampled_from(methods))
    case = Case("drawn", method, slots, draw(st.integers(0, 99)), points)
    if method in WITH_COEFFICIENTS:
        k = [part if slot in case.used else 0 for slot, part in enumerate(cut(draw, slots))]
        case = replace(case, coefficients_ppm=tuple(k))
    if method in {"static", "equal", "scheduled"}:
        case = replace(case, surplus_owner=draw(st.integers(0, 1)))
    if method == "priority":
        tier_methods = tuple(draw(st.lists(st.sampled_from(METHODS[:5]), min_size=1, max_size=4)))
        tiers = draw(st.lists(st.integers(0, len(tier_methods) - 1), max_size=slots))
        case = replace(case, tier_methods=tier_methods, tiers=tuple(tiers))
    if method == "pairwise":
        producers = tuple(case.fed)
        columns = [cut(draw, slots) for _ in producers]
        pairs = tuple(column[slot] for slot in range(slots) for column in columns)
        case = replace(case, producers=producers, pairs_ppm=pairs)
    elif method != "incentive" and draw(st.booleans()):
        ppm = draw(st.lists(st.integers(0, PPM), min_size=1, max_size=slots))
        case = replace(case, producer_ppm=tuple(ppm))
    return case


def key_of(case):
    return key_of_case(parameters_of(case))


def allocate(case, key=None, active=None):
    used, fed = case.used, case.fed
    return (key or key_of(case)).allocate(
        np.array([list(used.values())], dtype=np.int64).reshape(1, -1),
        np.array([list(fed.values())], dtype=np.int64).reshape(1, -1),
        consumer_slots=list(used),
        producer_slots=list(fed),
        slots=case.slots,
        t_in_day=np.array([case.t], dtype=np.int64),
        active=active,
    )


def by_slot(case, result):
    return dict(
        zip([*case.used, *case.fed], [*result.allocated[0].tolist(), *result.shared[0].tolist()], strict=True)
    )


def header_of(case, result):
    rounds = tuple((pool, weight) for pool, weight in result.rounds[0].tolist())
    pool, total = sum(case.fed.values()), sum(case.used.values())
    return Header(case.t, case.slots, pool, total, int(result.total[0]), int(result.tau[0]), rounds)


@settings(max_examples=600, deadline=None)
@given(cases())
def test_the_loops_give_what_the_protocols_words_give(case):
    result, expected = allocate(case), reference.allocate(case)
    shares = by_slot(case, result)
    assert [shares[slot] for slot in case.energy] == expected["allocated"]
    assert (int(result.total[0]), int(result.tau[0])) == (expected["A"], expected["tau"])
    assert [tuple(pair) for pair in result.rounds[0].tolist()] == expected["rounds"]
    credited = dict.fromkeys(case.energy, 0)
    for slots, found in ((case.used, result.credited), (case.fed, result.credited_feed_in)):
        if found is not None:
            credited |= dict(zip(slots, found[0].tolist(), strict=True))
    assert list(credited.values()) == expected["credited"]


@settings(max_examples=400, deadline=None)
@given(cases())
def test_what_is_allocated_is_what_is_shared_and_none_gets_or_gives_more_than_it_has(case):
    result = allocate(case)
    shares, pool, total = by_slot(case, result), sum(case.fed.values()), sum(case.used.values())
    assert sum(result.allocated[0].tolist()) == sum(result.shared[0].tolist()) <= min(total, pool)
    assert all(0 <= shares[slot] <= energy for slot, energy in case.energy.items())
    if result.credited is not None:
        owed = sum(result.credited[0].tolist())
        assert (result.credited >= 0).all()
        assert owed + int(result.total[0]) <= pool


@settings(max_examples=400, deadline=None)
@given(cases())
def test_the_loops_and_the_contracts_check_agree_row_by_row(case):
    key, result = key_of(case), allocate(case)
    header = header_of(case, result)
    k = case.coefficient
    for slot, part in by_slot(case, result).items():
        direction = Direction.CONSUMPTION if slot in case.used else Direction.FEED_IN
        assert key.check_row(header, Row(slot, direction, case.energy[slot], part, k[slot]))
    if not case.producer_ppm and case.method not in {"pairwise", "incentive"}:
        split = split_producers(header.allocated, list(case.fed.values()), list(case.fed), case.slots, case.t)
        assert split == (result.shared[0].tolist(), header.tau)


@settings(max_examples=400, deadline=None)
@given(cases())
def test_what_rows_contribute_sums_to_the_last_stair(case):
    key, result = key_of(case), allocate(case)
    column = np.zeros((case.slots, 1), dtype=np.int64)
    allocated, active = np.zeros_like(column), np.zeros(column.shape, dtype=np.bool_)
    directions: list[Direction | None] = [None] * case.slots
    for slot, part in by_slot(case, result).items():
        column[slot], allocated[slot], active[slot] = case.energy[slot], part, True
        directions[slot] = Direction.CONSUMPTION if slot in case.used else Direction.FEED_IN
    rows = SlotRows(tuple(directions), column, allocated, active, result.rounds, result.links)
    given_sums, weight_sums = key.contribute(rows)[:, 0].astype(object).sum(axis=0).reshape(-1, 2).T.tolist()
    pool, rounds = sum(case.fed.values()), result.rounds[0].tolist()
    if case.method == "pairwise":
        assert [weight for _, weight in rounds] == given_sums
        return
    assert [weight for _, weight in rounds] == weight_sums
    expected = [int(result.total[0]) - given_sums[-1]] if case.producer_ppm else []
    if case.method in {"static_cascade", "hybrid"}:
        expected = [pool - given_sums[0], *expected]
    elif case.method == "equal":
        expected = [pool, *expected]
    elif case.method == "priority":
        own, left, place = [], pool, 0
        for method in case.tier_methods:
            own.append(left)
            if method in {"static_cascade", "hybrid"}:
                own.append(left - given_sums[place + 1])
            left -= given_sums[place]
            place += 2 if method in {"static_cascade", "hybrid"} else 1
        expected = [*own, *expected]
    assert [pool for pool, _ in rounds] == expected


@settings(max_examples=300, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_exchanging_members_changes_nothing_but_the_producers_rounding(case, random):
    moved = dict(zip(case.used, random.sample(list(case.used), len(case.used)), strict=True))
    moved |= dict(zip(case.fed, random.sample(list(case.fed), len(case.fed)), strict=True))
    origin = {to: slot for slot, to in moved.items()}

    def turn(values, width=1, beyond=None):
        """Values by slot, at the slots where their owners went; slots beyond the end have what holds there."""
        full = [*values, *(beyond for _ in range(case.slots * width - len(values)))] if values else []
        return tuple(
            full[origin.get(slot, slot) * width + place]
            for slot in range(len(full) // width)
            for place in range(width)
        )

    after = replace(
        case,
        points=tuple((slot, d, case.energy[origin[slot]]) for slot, d, _ in case.points),
        coefficients_ppm=turn(case.coefficients_ppm, beyond=0),
        tiers=turn(case.tiers, beyond=len(case.tier_methods) - 1),
        producer_ppm=turn(case.producer_ppm, beyond=1),
    )
    if case.producers:
        count = len(case.producers)
        pairs = turn(case.pairs_ppm, count)
        places = [case.producers.index(origin[slot]) for slot in case.producers]
        after = replace(
            after,
            pairs_ppm=tuple(pairs[slot * count + place] for slot in range(case.slots) for place in places),
        )
    before, then = by_slot(case, allocate(case)), by_slot(after, allocate(after))
    assert all(then[moved[slot]] == before[slot] for slot in case.used)
    assert all(abs(then[moved[slot]] - before[slot]) <= 1 for slot in case.fed)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_replay_gives_the_same_bits(case):
    one, two = allocate(case), allocate(case)
    for name in ("allocated", "shared", "tau", "total", "rounds"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


@settings(max_examples=300, deadline=None)
@given(cases(), energies, st.randoms(use_true_random=False))
def test_whoever_uses_more_is_allocated_no_less(case, more, random):
    assume(case.used)
    slot = random.choice(list(case.used))
    assume(case.energy[slot] + more <= LARGEST)
    greedier = replace(
        case, points=tuple((s, d, energy + (more if s == slot else 0)) for s, d, energy in case.points)
    )
    assert by_slot(greedier, allocate(greedier))[slot] >= by_slot(case, allocate(case))[slot]


@settings(max_examples=300, deadline=None)
@given(
    cases(("dynamic", "static", "equal", "static_cascade", "pairwise")),
    energies,
    st.randoms(use_true_random=False),
)
def test_whatever_more_is_fed_in_takes_nothing_from_anyone(case, more, random):
    assume(case.fed)
    slot = random.choice(list(case.fed))
    assume(case.energy[slot] + more <= LARGEST)
    sunnier = replace(
        case, points=tuple((s, d, energy + (more if s == slot else 0)) for s, d, energy in case.points)
    )
    before, after = by_slot(case, allocate(case)), by_slot(sunnier, allocate(sunnier))
    rounded = max(0, len(case.producers) - 1)  # by pairs, each producer's part is floored on its own
    assert all(after[slot] >= before[slot] - rounded for slot in case.used)


@settings(max_examples=300, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_who_has_left_is_as_one_who_never_was_there(case, random):
    assume(case.used)
    gone = random.choice(list(case.used))
    idle = replace(case, points=tuple((s, d, 0 if s == gone else energy) for s, d, energy in case.points))
    without = replace(case, points=tuple(point for point in case.points if point[0] != gone))
    present = np.array([[slot != gone for slot in case.used]])
    left, never = allocate(idle, active=present), allocate(without)
    shares = by_slot(idle, left)
    assert shares.pop(gone) == 0
    assert shares == by_slot(without, never)
    assert np.array_equal(left.rounds, never.rounds)
    if left.credited is not None:
        place = list(case.used).index(gone)
        assert left.credited[0, place] == 0
        assert np.delete(left.credited[0], place).tolist() == never.credited[0].tolist()


@settings(max_examples=300, deadline=None)
@given(cases(("static_cascade", "hybrid")))
def test_later_rounds_take_nothing_and_leave_only_rounding(case):
    result = allocate(case)
    first = by_slot(case, allocate(replace(case, method="static")))
    shares = by_slot(case, result)
    assert all(shares[slot] >= first[slot] for slot in case.used)
    served = (
        case.used if case.method == "hybrid" else {s: c for s, c in case.used.items() if case.coefficient[s]}
    )
    if any(shares[slot] < energy for slot, energy in served.items()):
        assert sum(case.fed.values()) - int(result.total[0]) < len(served)


@settings(max_examples=200, deadline=None)
@given(st.lists(cases(("scheduled",)), min_size=1, max_size=4))
def test_each_interval_has_the_coefficients_that_were_handed_in_for_it(drawn):
    first = drawn[0]
    same = [
        replace(first, t=case.t, coefficients_ppm=(case.coefficients_ppm + (0,) * first.slots)[: first.slots])
        for case in drawn
    ]
    schedule = np.array([case.coefficients_ppm for case in same], dtype=np.int64).T
    key = type(key_of(first)).of(
        schedule, producer_ppm=first.producer_ppm, credits_consumers=bool(first.surplus_owner)
    )
    count = len(same)
    together = key.allocate(
        np.array([list(first.used.values())] * count, dtype=np.int64).reshape(count, -1),
        np.array([list(first.fed.values())] * count, dtype=np.int64).reshape(count, -1),
        consumer_slots=list(first.used),
        producer_slots=list(first.fed),
        slots=first.slots,
        t_in_day=np.array([case.t for case in same], dtype=np.int64),
    )
    for index, case in enumerate(same):
        alone = allocate(case)
        assert together.allocated[index].tolist() == alone.allocated[0].tolist()
        assert together.shared[index].tolist() == alone.shared[0].tolist()


@settings(max_examples=200, deadline=None)
@given(st.lists(energies, min_size=2, max_size=8), energies)
def test_dynamic_gives_who_consumes_more_at_least_as_much(consumption, pool):
    points = [(slot, CONSUMPTION, energy) for slot, energy in enumerate(sorted(consumption))]
    case = Case("drawn", "dynamic", len(points) + 1, 0, (*points, (len(points), FEED_IN, pool)))
    parts = allocate(case).allocated[0].tolist()
    assert parts == sorted(parts)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, LARGEST), min_size=1, max_size=8),
    st.integers(0, 1 << 62),
    st.integers(0, 99),
    st.integers(1, 20),
)
def test_the_producers_split_is_exact_whatever_the_total(feed_in, wish, t, gap):
    allocated = wish % (sum(feed_in) + 1)
    places = [gap * i for i in range(len(feed_in))]
    slots = places[-1] + gap
    shared, tau = split_producers(allocated, feed_in, places, slots, t)
    assert sum(shared) == allocated
    assert all(part <= energy for part, energy in zip(shared, feed_in, strict=True))
    assert 0 <= tau <= slots


@pytest.mark.parametrize("method", SETTLED_HERE)
@pytest.mark.parametrize(("n_c", "n_p"), [(0, 0), (0, 2), (3, 0)])
def test_a_side_without_members_shares_nothing(method, n_c, n_p):
    points = tuple((slot, CONSUMPTION if slot < n_c else FEED_IN, 5) for slot in range(n_c + n_p))
    case = Case(
        "empty", method, 6, 0, points, coefficients_ppm=(PPM,), tier_methods=("static_cascade", "equal")
    )
    result = allocate(case)
    assert (int(result.total[0]), int(result.tau[0])) == (0, 0)
