"""What links cost is committed to at the places where a contest looks for it."""

import numpy as np
import pytest

from backend.commitments import FlowScale, LinkCosts, SaltKeys, build_costs_tree, encode_leaf, keccak256
from backend.commitments.costs_tree import UNBOUND
from backend.commitments.leaves import LeafKind, decode_leaf
from backend.commitments.salts import derive_salt
from backend.errors import InputError

KEYS = SaltKeys(bytes([1]) * 32, np.zeros((4, 32), np.uint8), bytes([2]) * 32)
SCALE = FlowScale(shared=44_500, consumer_step=2_225, producer_step=1, steps=4)
FREE = np.iinfo(np.int64).max
TERMS = bytes([3]) * 32


@pytest.fixture
def costs():
    weights = np.array([[35, 555, 1], [-21_140, 11_680, 2]], dtype=np.int64)
    caps = np.array([[250, FREE, 0], [FREE, FREE, 7]], dtype=np.int64)
    return LinkCosts.of((2, 9), (0, 1, 5), weights, caps, SCALE)


@pytest.fixture
def tree(costs):
    return build_costs_tree(KEYS, TERMS, 10, costs)


def test_every_cost_leads_to_the_basis_from_its_producers_and_consumers_place(tree):
    for producer in (2, 9):
        for consumer in (0, 1, 5):
            proof = tree.prove_cost(producer, consumer)
            assert proof.root == tree.root
            assert proof.index == (1 << 8) + (producer << 4) + consumer
            assert len(proof.path) == 9
    told = decode_leaf(tree.prove_cost(9, 0).leaf)
    assert (told["weight"], told["cap"]) == (-21_140, UNBOUND)
    assert decode_leaf(tree.prove_cost(2, 5).leaf)["cap"] == 0


def test_the_scale_stands_left_of_the_costs(tree):
    proof = tree.prove_scale()
    assert (proof.root, proof.index, len(proof.path)) == (tree.root, 0, 1)


def test_each_links_salt_is_that_of_its_two_slots(tree):
    for producer in (2, 9):
        for consumer in (0, 1, 5):
            due = derive_salt(bytes([2]) * 32, bytes([1]) * 32, TERMS, LeafKind.COST, (producer, consumer, 0))
            assert tree.prove_cost(producer, consumer).leaf[1:17] == due


def test_who_is_not_on_its_side_has_no_link(tree):
    with pytest.raises(InputError, match="slot 1 to slot 2"):
        tree.prove_cost(1, 2)


def test_what_is_kept_of_costs_gives_the_same_basis(costs, tree):
    again = LinkCosts.of_arrays(costs.table, costs.scale_numbers)
    assert build_costs_tree(KEYS, TERMS, 10, again).root == tree.root


def test_a_link_that_is_missing_or_twice_is_refused(costs):
    for table in (costs.table[1:], np.vstack([costs.table[:1], costs.table[:-1]]), costs.table[::-1]):
        with pytest.raises(InputError, match="each once"):
            LinkCosts(table, SCALE)


def test_a_period_without_feed_in_still_has_a_basis_of_its_scale():
    none = np.zeros((0, 2), np.int64)
    tree = build_costs_tree(KEYS, TERMS, 2, LinkCosts.of((), (0, 1), none, none, SCALE))
    assert tree.root == tree.prove_scale().root
    assert any(tree.root)


def test_leaves_have_the_bytes_that_the_contract_hashes():
    cost = encode_leaf(LeafKind.COST, b"cost".ljust(16, b"\0"), weight=-21_140, cap=250)
    scale = encode_leaf(
        LeafKind.SCALE,
        b"scale".ljust(16, b"\0"),
        shared=44_500,
        consumer_step=2_225,
        producer_step=1,
        steps=4,
    )
    assert keccak256(cost).hex() == "32ff319938c969f2ba5428d817972dcb431d34d19e5bc36c692ce49293f51b45"
    assert keccak256(scale).hex() == "586afcc887b6a71da397524851a515467487480eb72125097daa1899b6e4b24c"
