"""Links, details and coefficients: every leaf is encoded one by one here and held against the room's arrays."""

from dataclasses import replace

import numpy as np
import pytest

from backend.commitments import (
    Activity,
    IntervalFlows,
    LeafKind,
    Link,
    SaltKeys,
    SettledIntervals,
    TreeShape,
    build_coefficients_tree,
    build_run_tree,
    climb,
    derive_salt,
    encode_leaf,
    form_schedule_id,
    keccak256,
    links_of,
    stack_keys,
)
from backend.errors import BalanceError, InputError, SharingKeyError

COMMUNITY, RUN, AUDITORS = bytes([7]) * 32, bytes([8]) * 32, bytes([9]) * 32
KEYS = {slot: bytes([slot + 1]) * 32 for slot in range(5)}
# Slots 0, 1, 4 consume, 2 and 3 feed in; slot 4 comes on the second day.
SHAPE = TreeShape(5, (3, 2))
FLOWS = np.array(
    [
        [0, 2, 0, 30],
        [0, 2, 1, 20],
        [0, 3, 1, 5],
        [2, 3, 0, 7],
        [3, 2, 4, 11],
        [4, 3, 4, 13],
        [4, 3, 1, 2],
    ],
    dtype=np.int64,
)


def activity():
    active = np.ones((5, 2), dtype=np.bool_)
    active[4, 0] = False
    return Activity(SHAPE, active, np.array([0, 0, 1, 1, 0], dtype=np.uint8))


def keys():
    return SaltKeys(COMMUNITY, stack_keys(KEYS, 5), AUDITORS)


def settled(**changes):
    allocated = np.zeros((5, 5), dtype=np.int64)
    for interval, producer, consumer, energy in FLOWS.tolist():
        allocated[producer, interval] += energy
        allocated[consumer, interval] += energy
    consumed = np.array([True, True, False, False, True])
    links: dict[tuple[int, int], int] = {}
    for _, producer, consumer, energy in FLOWS.tolist():
        links[producer, consumer] = links.get((producer, consumer), 0) + energy
    table = [[*pair, energy, 100 * energy, pair[0] - 2] for pair, energy in links.items()]
    potential = np.arange(25, dtype=np.int64).reshape(5, 5) - 9
    rounds = np.zeros((5, 2, 2), dtype=np.int64)
    rounds[:, :, 0] = potential[[2, 3]].T + 2**52
    rounds[:, :, 1] = allocated[[2, 3]].T
    given = SettledIntervals(
        energy=allocated + 3 * activity().shape.spread(activity().active),
        allocated=allocated,
        quality=np.zeros((5, 5), dtype=np.uint8),
        tau=np.zeros(5, dtype=np.uint32),
        bands=np.array([0, 1, 3, 2, 1], dtype=np.uint8),
        value=100 * allocated[consumed].sum(axis=0),
        row_value=100 * allocated,
        credited=np.where(consumed[:, None], allocated // 2, 0),
        links=np.array(sorted(table, reverse=True), dtype=np.int64),
        rounds=rounds,
        flows=IntervalFlows(FLOWS, np.where(activity().shape.spread(activity().active), potential, 0)),
    )
    return replace(given, **changes)


def run_tree(**changes):
    return build_run_tree(activity(), keys(), RUN, settled(**changes))


def own_flows(slot, interval):
    """(other's slot, energy) of a slot in an interval, in the plainest way."""
    ends = [
        (flow[1 if slot == flow[2] else 2], flow[3])
        for flow in FLOWS.tolist()
        if flow[0] == interval and slot in flow[1:3]
    ]
    return sorted(ends)


def totals_of(given, slot, interval):
    totals = [0] * 10
    for place in range(interval + 1):
        band = int(given.bands[place])
        totals[2 * band] += int(given.energy[slot, place])
        totals[2 * band + 1] += int(given.allocated[slot, place])
        totals[8] += int(given.row_value[slot, place])
        totals[9] += int(given.credited[slot, place])
    return totals


def test_a_row_of_a_key_that_routes_holds_its_totals_and_the_hash_of_its_detail():
    tree, given = run_tree(), settled()
    for slot, day, t in [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 1, 1), (4, 1, 0), (0, 0, 1), (4, 1, 1)]:
        interval = 3 * day + t
        place = (slot, day, t)
        detail = encode_leaf(
            LeafKind.DETAIL,
            derive_salt(KEYS[slot], COMMUNITY, RUN, LeafKind.DETAIL, place),
            potential=int(given.flows.potential[slot, interval]),
            links=own_flows(slot, interval),
        )
        row = encode_leaf(
            LeafKind.ROW,
            derive_salt(KEYS[slot], COMMUNITY, RUN, LeafKind.ROW, place),
            energy=int(given.energy[slot, interval]),
            allocated=int(given.allocated[slot, interval]),
            quality=0,
            totals=totals_of(given, slot, interval),
            detail=keccak256(detail),
        )
        assert len(row) == 146
        proof = tree.prove_row(*place)
        assert proof.leaf == row
        assert proof.root == tree.root


def test_a_period_leaf_holds_the_last_totals_and_the_hash_of_its_links():
    tree, given = run_tree(), settled()
    for slot in range(5):
        links = links_of(given.links, slot, feeds_in=slot in (2, 3))
        assert links[:, 0].tolist() == sorted(links[:, 0].tolist())
        leaf = encode_leaf(
            LeafKind.LINKS,
            derive_salt(KEYS[slot], COMMUNITY, RUN, LeafKind.LINKS, (slot, 0, 0)),
            links=links.tolist(),
        )
        assert len(leaf) == 17 + 21 * len(links)
        period = encode_leaf(
            LeafKind.PERIOD,
            derive_salt(KEYS[slot], COMMUNITY, RUN, LeafKind.PERIOD, (slot, 0, 0)),
            totals=totals_of(given, slot, 4),
            links=keccak256(leaf),
        )
        assert tree.prove_period(slot).leaf == period
        assert tree.prove_period(slot).root == tree.root


def test_both_ends_of_a_link_tell_the_same_energy_value_and_vat_class():
    given = settled()
    for producer, consumer, *told in given.links.tolist():
        for slot, other, feeds_in in ((producer, consumer, True), (consumer, producer, False)):
            ends = {end[0]: end[1:] for end in links_of(given.links, slot, feeds_in=feeds_in).tolist()}
            assert ends[other] == told


def test_the_stairs_of_a_key_that_routes_add_up_what_each_producer_gave():
    tree = run_tree()
    for day, t in ((0, 0), (0, 2), (1, 1)):
        interval = 3 * day + t
        for block, until in ((0, 4), (1, 5)):
            leaf = tree.prove_stair(day, t, block).leaf
            rounds = np.frombuffer(leaf[49:], dtype=">u8").reshape(2, 2).tolist()
            given = [
                sum(f[3] for f in FLOWS.tolist() if f[0] == interval and f[1] == producer and f[2] < until)
                for producer in (2, 3)
            ]
            assert rounds == [[given[0], 0], [given[1], 0]]
            header = tree.headers_of(day)[t]
            assert until < 5 or [header[7], header[9]] == given


def test_a_producer_that_sells_is_worth_its_links_in_its_period_leaf_alone():
    table = settled().links
    plain, selling = run_tree(), run_tree(producers_sell=True)
    worth = table[table[:, Link.PRODUCER] == 2, Link.VALUE].sum()
    assert selling.totals[2, 8] == worth
    assert selling.prove_row(2, 1, 1).leaf == plain.prove_row(2, 1, 1).leaf
    rounded = settled().row_value.copy()
    rounded[2, 0] -= 1
    assert run_tree(row_value=rounded).totals[2, 8] == worth - 1
    assert run_tree(row_value=rounded, producers_sell=True).totals[2, 8] == worth


@pytest.mark.parametrize("column", [Link.ENERGY, Link.VALUE])
def test_links_that_do_not_come_to_what_the_rows_say_are_refused(column):
    links = settled().links
    links[0, column] += 1
    with pytest.raises(BalanceError, match=rf"The links of slot \d come to .* {column.name.lower()}"):
        run_tree(links=links)


def test_a_link_that_joins_no_producer_to_a_consumer_or_comes_twice_is_refused():
    for change, message in (
        (lambda links: links[:, [1, 0, 2, 3, 4]].copy(), "joins no producer to a consumer"),
        (lambda links: np.concatenate([links, links[:1]]), "linked twice"),
        (lambda links: links + np.array([9, 0, 0, 0, 0]), "outside 0 to 4"),
        (lambda links: links + np.array([0, 0, 0, 0, 3]), "VAT class above 2"),
    ):
        with pytest.raises(InputError, match=message):
            run_tree(links=change(settled().links))


def test_flows_that_are_not_the_rows_are_refused():
    flows = settled().flows
    altered = flows.flows.copy()
    altered[3, 3] += 1
    with pytest.raises(
        BalanceError, match=r"The flows of slot 0 in interval 2 come to 8 mWh, its row to 7 mWh"
    ):
        run_tree(flows=IntervalFlows(altered, flows.potential))
    with pytest.raises(InputError, match="order of their intervals"):
        run_tree(flows=IntervalFlows(flows.flows[::-1].copy(), flows.potential))


def schedule(coefficients):
    return build_coefficients_tree(activity(), keys(), form_schedule_id(COMMUNITY, 17_318, 1), coefficients)


def coefficients():
    ppm = np.zeros((5, 5), dtype=np.int64)
    ppm[0], ppm[1], ppm[4, 3:] = 400_000, [100_000, 1, 0, 250_000, 3], 350_000
    return ppm


def test_each_coefficient_is_proved_to_the_schedule_root():
    tree = schedule(coefficients())
    scope = form_schedule_id(COMMUNITY, 17_318, 1)
    for slot, day, t in ((0, 0, 2), (1, 0, 1), (1, 1, 1), (4, 1, 0)):
        salt = derive_salt(KEYS[slot], COMMUNITY, scope, LeafKind.COEFFICIENT, (slot, day, t))
        leaf = encode_leaf(LeafKind.COEFFICIENT, salt, coefficient=int(coefficients()[slot, 3 * day + t]))
        proof = tree.prove_coefficient(slot, day, t)
        assert proof.leaf == leaf
        assert (proof.index, proof.root) == ((slot * 2 + day) * 4 + t, tree.root)


def test_a_slots_coefficients_climb_together():
    tree = schedule(coefficients())
    assert len(tree.coefficient_path(1)) == SHAPE.slot_depth
    own = tree.tree.node(SHAPE.day_depth, 1)
    assert climb(own, 1, tree.coefficient_path(1)) == tree.root


def test_a_slot_that_feeds_in_or_is_absent_has_no_coefficient():
    tree = schedule(coefficients())
    with pytest.raises(InputError, match="Slot 2 feeds in"):
        tree.prove_coefficient(2, 0, 0)
    with pytest.raises(InputError, match="Slot 4 has no leaf on day 0"):
        tree.prove_coefficient(4, 0, 0)
    fed = coefficients()
    fed[3, 0] = 1
    with pytest.raises(SharingKeyError, match="Slot 3 feeds in"):
        schedule(fed)


def test_more_than_the_whole_of_an_interval_is_refused():
    whole = coefficients()
    whole[1, 4] = 250_000
    schedule(whole)
    whole[1, 4] += 1
    with pytest.raises(SharingKeyError, match="interval 4 of the period sum to 1000001 ppm"):
        schedule(whole)
