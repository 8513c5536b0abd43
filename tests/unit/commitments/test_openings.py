"""Every place of every tree of the vectors can be shown, also where trees were amended."""

import itertools

import numpy as np
import pytest

from backend.commitments import LeafKind, climb
from backend.commitments.amended import Amended, differing
from backend.commitments.openings import BatchOpenings, BillOpenings, Place, RunOpenings
from tests.unit.commitments.period_arrays import COMMUNITIES, PeriodArrays, read_vectors

KINDS = {
    "run": (LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW, LeafKind.PERIOD, LeafKind.PERIOD_STAIR),
    "batch": (LeafKind.READING, LeafKind.READING_STAIR),
    "bills": (LeafKind.BILL, LeafKind.BILL_STAIR),
}
BY_DAY = {LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW, LeafKind.READING, LeafKind.READING_STAIR}
BY_INTERVAL = BY_DAY - {LeafKind.READING_STAIR}
STAIRS = {LeafKind.STAIR, LeafKind.PERIOD_STAIR, LeafKind.BILL_STAIR}


def openings_of(name, tree):
    file = read_vectors(f"communities/{name}")
    arrays = PeriodArrays(file)
    if tree == "run":
        return RunOpenings(arrays.run_tree())
    if tree == "batch":
        return BatchOpenings(arrays.batch_tree())
    return BillOpenings(arrays.bill_tree(file["expected"]["bills"]), arrays.activity)


def places(openings, kind):
    """All positions of a kind's tree, those of padding too."""
    shape = openings.activity.shape
    slots = 1 << (shape.stair_depth if kind in STAIRS else shape.slot_depth)
    days = range(shape.days) if kind in BY_DAY else (0,)
    times = range(1 << shape.interval_depth) if kind in BY_INTERVAL else (0,)
    all_slots = (0,) if kind is LeafKind.HEADER else range(slots)
    return [Place(kind, *place) for place in itertools.product(all_slots, days, times)]


def sampled(openings, kind):
    every = places(openings, kind)
    return every[:: max(1, len(every) // 60)] + every[-1:]


@pytest.mark.parametrize("tree", KINDS)
@pytest.mark.parametrize("name", [name for name in COMMUNITIES if name != "large"])
def test_a_path_leads_from_any_place_to_the_root(name, tree):
    openings = openings_of(name, tree)
    shown = 0
    for kind in KINDS[tree]:
        for place in sampled(openings, kind):
            found = openings.open(place)
            assert climb(found.hash, found.index, found.path) == openings.root, place
            assert found.index < 1 << len(found.path)
            assert not found.leaf or found.leaf[0] == kind
            shown += bool(found.leaf)
    assert shown


@pytest.mark.parametrize("tree", KINDS)
def test_leaves_are_those_that_are_opened(tree):
    openings = openings_of("street", tree)
    told = {}
    for kind, day, slots, leaves in openings.leaves():
        for (row, slot), t in itertools.product(enumerate(slots), range(leaves.shape[1])):
            told[Place(kind, slot, day, t)] = leaves[row, t].tobytes()
    there = {place for kind in KINDS[tree] for place in places(openings, kind) if openings.open(place).leaf}
    assert there == told.keys()
    assert all(
        openings.open(place).leaf == told[place]
        for place in sampled(openings, KINDS[tree][0])
        if place in told
    )


@pytest.mark.parametrize("tree", KINDS)
@pytest.mark.parametrize("name", ["street", "flow", "roof"])
def test_an_amended_tree_shows_its_amendments_and_everything_else_as_before(name, tree):
    openings = openings_of(name, tree)
    rng = np.random.default_rng(7)
    for count in (1, 2, 5):
        every = [place for kind in KINDS[tree] for place in sampled(openings, kind)]
        chosen = [every[i] for i in rng.choice(len(every), count, replace=False)]
        amendments = {
            place: b"" if openings.open(place).leaf and count == 2 else b"another" for place in chosen
        }
        amended = Amended(openings, amendments)
        assert amended.root != openings.root
        for place in every:
            found = amended.open(place)
            assert climb(found.hash, found.index, found.path) == amended.root
            assert found.leaf == amendments.get(place, openings.open(place).leaf)
        firsts: dict[tuple[LeafKind, int], Place] = {}
        for place in sorted(chosen, key=lambda place: (place.day, place.t)):
            firsts.setdefault((place.kind, place.slot), place)
        assert set(differing(openings, amended)) == set(firsts.values())


def test_a_tree_that_is_amended_to_what_it_was_is_the_same():
    openings = openings_of("street", "run")
    place = Place(LeafKind.ROW, 0, 0, 3)
    same = Amended(openings, {place: openings.open(place).leaf})
    assert same.root == openings.root
    assert list(differing(openings, same)) == []


def test_a_figure_that_differs_in_the_arrays_is_found_where_it_begins():
    file = read_vectors("communities/street")
    honest, lying = PeriodArrays(file), PeriodArrays(file)
    quality = lying.readings.quality.copy()
    slot = int(np.flatnonzero(lying.activity.active[:, 1])[0])
    interval = lying.shape.span(1).start + 2
    quality[slot, interval] = 2 if quality[slot, interval] != 2 else 0
    object.__setattr__(lying.readings, "quality", quality)
    found = list(differing(BatchOpenings(honest.batch_tree()), BatchOpenings(lying.batch_tree())))
    assert found[0] == Place(LeafKind.READING, slot, 1, 2)
