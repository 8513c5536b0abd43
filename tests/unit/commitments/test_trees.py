"""Whole periods of the vectors: roots, totals and a proof of every kind of leaf."""

from dataclasses import replace

import numpy as np
import pytest

from backend.commitments import Activity, TreeShape, build_bill_tree, build_run_tree
from backend.errors import BalanceError, InputError
from tests.unit.commitments.period_arrays import (
    COMMUNITIES,
    PeriodArrays,
    bill_figures,
    read_vectors,
    to_hex,
)

FILES = {name: read_vectors(f"communities/{name}") for name in COMMUNITIES}


def arrays_of(name):
    return PeriodArrays(FILES[name])


@pytest.fixture(params=COMMUNITIES)
def community(request):
    return arrays_of(request.param), FILES[request.param]["expected"]


@pytest.fixture
def street():
    return arrays_of("street")


def test_a_batch_has_the_roots_and_counts_of_the_vectors(community):
    arrays, expected = community
    tree = arrays.batch_tree()
    assert to_hex(arrays.batch_id) == expected["batch_id"]
    assert to_hex(tree.readings_tree.root) == expected["readings_root"]
    assert to_hex(tree.stairs_tree.root) == expected["reading_stairs_root"]
    assert to_hex(tree.root) == expected["batch_root"]
    counts = {name: getattr(tree, name) for name in ("measured", "estimated", "missing")}
    assert counts == expected["totals"]["batch"]


def test_a_run_has_the_roots_and_totals_of_the_vectors(community):
    arrays, expected = community
    tree = arrays.run_tree()
    assert to_hex(arrays.run_id) == expected["run_id"]
    for day, trees in zip(expected["days"], tree.day_trees, strict=True):
        assert to_hex(trees.headers_root) == day["headers_root"]
        assert to_hex(trees.stairs_root) == day["stairs_root"]
        assert to_hex(trees.rows_tree.root) == day["rows_root"]
        assert to_hex(trees.root) == day["day_root"]
    assert to_hex(tree.days_tree.root) == expected["days_root"]
    assert to_hex(tree.periods_tree.root) == expected["periods_root"]
    assert to_hex(tree.period_stairs_tree.root) == expected["period_stairs_root"]
    assert to_hex(tree.root) == expected["run_root"]
    totals = (tree.feed_in, tree.consumption, tree.allocated, tree.shared)
    assert totals == tuple(expected["totals"]["run"].values())


def test_headers_are_written_as_the_vectors_write_them(community):
    arrays, expected = community
    tree = arrays.run_tree()
    assert [header for day in range(arrays.shape.days) for header in tree.headers_of(day)] == expected[
        "headers"
    ]


def test_bills_have_the_roots_and_totals_of_the_vectors(community):
    arrays, expected = community
    tree = arrays.bill_tree(expected["bills"][::-1])
    assert to_hex(tree.bills_tree.root) == expected["bills_root"]
    assert to_hex(tree.stairs_tree.root) == expected["bill_stairs_root"]
    assert to_hex(tree.root) == expected["bill_root"]
    totals = (tree.debits, tree.credits, tree.fees, tree.vat_debits, tree.vat_credits)
    assert totals == tuple(expected["totals"]["bills"].values())[:5]


def test_classes_have_the_root_of_the_vectors(community):
    arrays, expected = community
    assert to_hex(arrays.classes_tree().root) == expected["classes_root"]
    assert to_hex(arrays.terms_id) == expected["terms_id"]


def test_the_last_leaf_of_each_kind_is_proved_as_in_the_vectors(community):
    arrays, expected = community
    batch, run = arrays.batch_tree(), arrays.run_tree()
    bills, classes = arrays.bill_tree(expected["bills"]), arrays.classes_tree()
    day = max(np.flatnonzero(arrays.activity.active.any(axis=0)).tolist())
    slot, t, block = (
        int(arrays.activity.slots_on(day)[-1]),
        arrays.shape.intervals[day] - 1,
        arrays.shape.blocks - 1,
    )
    seat = expected["bills"][-1]["seat"]
    proofs = {
        "header": run.prove_header(day, t),
        "stair": run.prove_stair(day, t, block),
        "row": run.prove_row(slot, day, t),
        "period": run.prove_period(slot),
        "period_stair": run.prove_period_stair(block),
        "bill": bills.prove_bill(seat),
        "bill_stair": bills.prove_stair(block),
        "reading": batch.prove_reading(slot, day, t),
        "reading_stair": batch.prove_stair(slot, day),
        "class": classes.prove_class(slot),
    }
    schedule = arrays.coefficients_tree()
    if schedule is not None:
        own = np.flatnonzero(schedule.activity.active[:, day] & ~schedule.activity.feeds_in)
        proofs["coefficient"] = schedule.prove_coefficient(int(own[-1]), day, t)
    costs = arrays.costs_tree()
    if costs is not None:
        proofs["cost"] = costs.prove_cost(costs.producers[-1], costs.consumers[-1])
        proofs["scale"] = costs.prove_scale()
    assert [told["what"] for told in expected["proofs"]] == list(proofs)
    for told in expected["proofs"]:
        proof = proofs[told["what"]]
        assert to_hex(proof.leaf) == told["leaf"], told["what"]
        assert proof.index == told["index"], told["what"]
        assert [to_hex(node) for node in proof.path] == told["path"], told["what"]
        assert to_hex(proof.root) == told["root"], told["what"]


def test_every_row_and_reading_of_a_period_can_be_proved(street):
    batch, run = street.batch_tree(), street.run_tree()
    for slot, day in np.argwhere(street.activity.active).tolist():
        for t in range(street.shape.intervals[day]):
            assert run.prove_row(slot, day, t).root == run.root
            assert batch.prove_reading(slot, day, t).root == batch.root


def test_every_header_and_stair_of_a_period_can_be_proved(street):
    batch, run = street.batch_tree(), street.run_tree()
    for day, count in enumerate(street.shape.intervals):
        for t in range(count):
            assert run.prove_header(day, t).root == run.root
            for block in range(street.shape.blocks):
                assert run.prove_stair(day, t, block).root == run.root
        for slot in range(street.shape.slots):
            assert batch.prove_stair(slot, day).root == batch.root


def test_what_has_no_leaf_cannot_be_proved(street):
    batch, run, classes = street.batch_tree(), street.run_tree(), street.classes_tree()
    bills = street.bill_tree(FILES["street"]["expected"]["bills"])
    for refused, message in (
        (lambda: run.prove_row(4, 0, 0), "Slot 4 has no leaf on day 0"),
        (lambda: run.prove_row(0, 0, 23), "Day 0 has 23 intervals; there is no interval 23"),
        (lambda: run.prove_row(-1, 0, 0), "Slot -1 has no leaf"),
        (lambda: run.prove_header(3, 0), "3 days; there is no day 3"),
        (lambda: run.prove_stair(0, 0, 2), "2 stairs; there is no stair 2"),
        (lambda: run.prove_period(3), "Slot 3 has no period leaf"),
        (lambda: batch.prove_reading(3, 0, 0), "Slot 3 has no leaf on day 0"),
        (lambda: batch.prove_reading(0, 0, 23), "there is no interval 23"),
        (lambda: bills.prove_bill(2), "Seat 2 has no bill; seats with one are 0, 1, 4, 6"),
        (lambda: bills.prove_stair(2), "there is no stair 2"),
        (lambda: classes.prove_class(3), "Slot 3 has no class"),
    ):
        with pytest.raises(InputError, match=message):
            refused()


def test_another_key_version_or_reading_gives_another_root(street):
    batch, run = street.batch_tree(), street.run_tree()
    street.batch_id, street.run_id = street.run_id, street.batch_id
    assert (street.batch_tree().root, street.run_tree().root) != (batch.root, run.root)
    street.readings.source[0, 5] ^= 1
    street.batch_id = batch.batch_id
    assert street.batch_tree().root != batch.root


def test_rounds_of_a_key_ride_in_headers_and_stairs(street):
    slots, intervals = street.shape.slots, street.shape.total_intervals
    parts = np.arange(slots * intervals * 2, dtype=np.int64).reshape(slots, intervals, 1, 2)
    parts[~street.shape.spread(street.activity.active)] = 0
    settled = replace(street.settled, rounds=parts.sum(axis=0), parts=parts)
    plain, street.settled = street.run_tree(), settled
    tree = street.run_tree()
    assert tree.root != plain.root
    assert tree.day_trees[0].rows_tree.root == plain.day_trees[0].rows_tree.root
    assert tree.headers_of(0)[4] == [*plain.headers_of(0)[4], *parts[:, 4].sum(axis=0).ravel().tolist()]
    last = tree.prove_stair(0, 4, 1)
    assert last.root == tree.root
    assert last.leaf[-16:] == tree.prove_header(0, 4).leaf[-16:]


def settle(street, **changes):
    street.settled = replace(street.settled, **changes)
    return street.run_tree()


def test_energy_that_is_not_conserved_is_refused(street):
    allocated = street.settled.allocated.copy()
    slot, interval = (int(place) for place in np.argwhere(allocated[:2] > 0)[0])
    allocated[slot, interval] -= 1
    with pytest.raises(
        BalanceError, match=rf"In interval {interval} consumers are given .* but producers share"
    ):
        settle(street, allocated=allocated)


def test_a_verifier_may_commit_to_what_does_not_balance_and_see_which_row_differs(street):
    allocated = street.settled.allocated.copy()
    slot, interval = (int(place) for place in np.argwhere(allocated[:2, :23] > 0)[0])
    allocated[slot, interval] -= 1
    honest = street.run_tree()
    settled = replace(street.settled, allocated=allocated)
    tree = build_run_tree(street.activity, street.keys, street.run_id, settled, conserving=False)
    assert tree.root != honest.root
    assert tree.prove_row(slot, 0, interval).leaf != honest.prove_row(slot, 0, interval).leaf
    assert tree.prove_row(slot, 0, interval - 1).leaf == honest.prove_row(slot, 0, interval - 1).leaf


def test_more_than_a_slot_has_is_refused(street):
    allocated = street.settled.allocated.copy()
    allocated[1, 3] = street.settled.energy[1, 3] + 1
    with pytest.raises(BalanceError, match=r"Slot 1 is allocated .* in interval 3 but has"):
        settle(street, allocated=allocated)


def test_negative_energy_is_refused(street):
    street.settled.energy[2, 7] = -1
    with pytest.raises(BalanceError, match="energy of slot 2 in interval 7 is -1; it can never be negative"):
        street.run_tree()
    with pytest.raises(BalanceError, match="energy of slot 2 in interval 7 is -1"):
        street.batch_tree()


def test_energy_outside_the_active_days_is_refused(street):
    street.settled.energy[4, 0] = 5
    with pytest.raises(
        BalanceError, match="energy of slot 4 on day 0 is not zero, but the slot is not active"
    ):
        street.run_tree()


def test_bands_and_arrays_of_another_shape_are_refused(street):
    with pytest.raises(InputError, match="Tariff band 7 does not exist"):
        settle(street, bands=street.settled.bands | np.uint8(4))
    with pytest.raises(InputError, match=r"array of tau is int64 \(72,\); this period needs uint32"):
        settle(street, bands=arrays_of("street").settled.bands, tau=street.settled.tau.astype(np.int64))
    with pytest.raises(InputError, match="needs both its pools and the slots' parts"):
        settle(street, tau=street.settled.tau.astype(np.uint32), rounds=np.zeros((72, 1, 2), dtype=np.int64))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("quality", 4, "Slot 0, interval 9 of the period has a quality above 3"),
        ("source", 6, "Slot 0, interval 9 of the period has a source above 5"),
        ("source", 4, r"has source 4 \(none\) without being missing"),
        ("quality", 3, "has a missing reading with energy"),
    ],
)
def test_a_reading_that_contradicts_itself_is_refused(street, field, value, message):
    getattr(street.readings, field)[0, 9] = value
    with pytest.raises(InputError, match=message):
        street.batch_tree()


def test_a_point_of_no_known_direction_is_refused(street):
    street.activity.direction[0] = 2
    with pytest.raises(InputError, match="Slot 0 has direction 2"):
        Activity(street.shape, street.activity.active, street.activity.direction)
    with pytest.raises(
        InputError, match=r"array of active is bool \(7, 3\); this period needs bool \(7, 2\)"
    ):
        Activity(TreeShape(7, (24, 24)), street.activity.active, street.activity.direction)


def test_bills_without_a_seat_of_their_own_are_refused(street):
    bills = [bill_figures(bill) for bill in FILES["street"]["expected"]["bills"]]
    for wrong, message in (
        ([], "0 bills were given for 0 seats"),
        ([*bills, bills[0]], "5 bills were given for 4 seats"),
        ([*bills[1:], replace(bills[0], seat=3)], "Seat 3 is active on no day"),
    ):
        with pytest.raises(InputError, match=message):
            build_bill_tree(street.activity, street.keys, street.run_id, wrong)
    with pytest.raises(InputError, match="has 8 lines; it needs 13"):
        replace(bills[0], lines=bills[0].lines[:8])
    with pytest.raises(BalanceError, match="negative amount -1"):
        replace(bills[0], debit=-1)


def test_unknown_classes_are_refused(street):
    street.vat_class[0] = 3
    with pytest.raises(InputError, match="Slot 0 has VAT class 3; the highest is 2"):
        street.classes_tree()


def test_a_slot_without_a_key_is_refused(street):
    street.keys.slot_keys[4] = 0
    for build in (street.batch_tree, street.run_tree, street.classes_tree):
        with pytest.raises(InputError, match="Slot 4 is active but its key is all zeros"):
            build()
