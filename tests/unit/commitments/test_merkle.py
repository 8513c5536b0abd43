import numpy as np
import pytest

from backend.commitments import MerkleTree, TreeShape, climb, depth_of
from backend.commitments.merkle import PADDING, Proof, fold, padding_node
from backend.errors import InputError
from tests.unit.commitments.period_arrays import from_hex, read_vectors, to_hex

TREES = read_vectors("trees")["cases"]
SHAPES = read_vectors("shapes")["cases"]


def grow(case):
    leaves = [from_hex(leaf) if leaf else PADDING for leaf in case["leaves"]] or [PADDING]
    return MerkleTree.grow(np.frombuffer(b"".join(leaves), dtype=np.uint8).reshape(-1, 32), case["depth"])


@pytest.mark.parametrize(
    "case", TREES, ids=lambda case: f"{len(case['leaves'])} leaves, depth {case['depth']}"
)
def test_a_tree_has_the_root_and_paths_of_the_vectors(case):
    tree = grow(case)
    assert to_hex(tree.root) == case["root"]
    for told in case["paths"]:
        path = tree.path(told["index"])
        assert [to_hex(node) for node in path] == told["path"]
        assert climb(from_hex(told["leaf"]), told["index"], path) == tree.root
    for told in case["subtrees"]:
        assert to_hex(tree.node(told["level"], told["index"])) == told["root"]
        assert [to_hex(node) for node in tree.path(told["index"], told["level"])] == told["path"]


def test_leaves_at_chosen_places_have_padding_between():
    case = next(case for case in TREES if None in case["leaves"] and any(case["leaves"]))
    places = [index for index, leaf in enumerate(case["leaves"]) if leaf]
    hashes = b"".join(from_hex(case["leaves"][index]) for index in reversed(places))
    nodes = np.frombuffer(hashes, dtype=np.uint8).reshape(-1, 32)
    tree = MerkleTree.grow_sparse(nodes, places[::-1], case["depth"])
    assert to_hex(tree.root) == case["root"]


def test_a_tree_over_subtrees_is_the_whole_tree():
    leaves = np.random.default_rng(3).integers(0, 256, (5, 6, 32), dtype=np.uint8)
    upper = MerkleTree.grow(fold(leaves, 3), depth=4, base=3)
    flat = np.zeros((5, 8, 32), dtype=np.uint8)
    flat[:, :6] = leaves
    whole = MerkleTree.grow(flat.reshape(-1, 32), depth=7)
    assert upper.root == whole.root
    assert upper.path(4) == whole.path(4, level=3)
    assert upper.path(15) == whole.path(15, level=3)


def test_padding_grows_by_hashing_not_by_staying_zero():
    assert padding_node(0) == bytes(32)
    assert MerkleTree.grow(np.zeros((1, 32), dtype=np.uint8), depth=3).root == padding_node(3) != bytes(32)


def test_a_swapped_side_does_not_reach_the_root():
    tree = grow(TREES[3])
    assert climb(tree.node(0, 1), 1, tree.path(1)) == tree.root
    assert climb(tree.node(0, 1), 0, tree.path(1)) != tree.root


def test_a_proof_grows_with_each_tree_above_it():
    below, above = grow(TREES[3]), grow(TREES[4])
    proof = below.prove(b"leaf", 2).extend(1, above.root).extend_by(5, above.path(5))
    assert proof.index == 2 | 1 << 2 | 5 << 3
    assert proof.path == (*below.path(2), above.root, *above.path(5))
    assert Proof(b"leaf", 0, ()).root != proof.root


def test_a_place_outside_the_tree_is_our_mistake():
    with pytest.raises(AssertionError, match="no position 4"):
        grow(TREES[3]).path(4)
    with pytest.raises(AssertionError, match="9 leaves do not fit a tree of depth 3"):
        MerkleTree.grow(np.zeros((9, 32), dtype=np.uint8), 3)


@pytest.mark.parametrize(
    "case", SHAPES, ids=lambda case: f"{case['slots']} slots, {len(case['intervals'])} days"
)
def test_a_shape_has_the_depths_of_the_vectors(case):
    shape = TreeShape(case["slots"], tuple(case["intervals"]))
    depths = (shape.slot_depth, shape.day_depth, shape.interval_depth, shape.stair_depth)
    assert depths == tuple(case[f"{name}_depth"] for name in ("slot", "day", "interval", "stair"))


def test_one_position_needs_no_level():
    assert [depth_of(count) for count in (1, 2, 3, 4, 5, 1024, 1025)] == [0, 1, 2, 2, 3, 10, 11]


def test_a_days_intervals_follow_those_before():
    shape = TreeShape(5, (23, 25, 24))
    assert shape.total_intervals == 72
    assert shape.span(1) == slice(23, 48)
    assert shape.block_ends().tolist() == [3, 4]


@pytest.mark.parametrize(
    ("slots", "intervals", "message"),
    [
        (0, (24,), "0 slots"),
        (1, (), "0 days"),
        (1, (24, 0), "Day 1 of the period has 0 intervals"),
        (1, (2**16,), "Day 0 of the period has 65536 intervals"),
    ],
)
def test_a_shape_that_nothing_fits_is_refused(slots, intervals, message):
    with pytest.raises(InputError, match=message):
        TreeShape(slots, intervals)
