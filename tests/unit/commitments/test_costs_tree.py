"""What links cost is committed to at the places where a contest looks for it."""

import numpy as np
import pytest

from backend.commitments import FlowScale, SaltKeys, build_costs_tree, encode_leaf, keccak256
from backend.commitments.costs_tree import UNBOUND
from backend.commitments.leaves import LeafKind, decode_leaf
from backend.errors import InputError

KEYS = SaltKeys(bytes([1]) * 32, np.zeros((4, 32), np.uint8), bytes([2]) * 32)
SCALE = FlowScale(shared=44_500, consumer_step=2_225, producer_step=1, steps=4)
FREE = np.iinfo(np.int64).max


@pytest.fixture
def tree():
    costs = np.array([[35, 555, 1], [-21_140, 11_680, 2]], dtype=np.int64)
    caps = np.array([[250, FREE, 0], [FREE, FREE, 7]], dtype=np.int64)
    return build_costs_tree(KEYS, bytes([3]) * 32, ((2, 9), (0, 1, 5)), costs, caps, SCALE)


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


def test_no_two_links_have_one_salt(tree):
    salts = {tree.prove_cost(p, i).leaf[1:17] for p in (2, 9) for i in (0, 1, 5)}
    assert len(salts) == 6


def test_who_is_not_on_its_side_has_no_link(tree):
    with pytest.raises(InputError, match="slot 1 to slot 2"):
        tree.prove_cost(1, 2)


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
