"""A claim commits to every reading, in order, behind salts that only the parties can form."""

import pytest

from backend.commitments.claim_tree import INTERVALS_MAX, build_claim_tree
from backend.commitments.keccak import keccak256
from backend.commitments.merkle import PADDING
from backend.errors import InputError

COMMUNITY, KEY = bytes(range(32)), bytes(range(32, 64))


def claim(energy=(10, 20, 30), quality=(2, 2, 2), source=(1, 1, 1), number=7, slot=3, key=KEY):
    return build_claim_tree(COMMUNITY, number, slot, key, energy, quality, source)


def test_the_root_is_formed_as_the_protocol_writes_it():
    salts = [
        keccak256(
            b"\x20" + KEY + COMMUNITY + (7).to_bytes(32, "big") + b"\x08" + (3).to_bytes(4, "big")
            + bytes(2) + i.to_bytes(2, "big")
        )[:16]
        for i in range(3)
    ]  # fmt: skip
    leaves = [
        keccak256(b"\x08" + salt + energy.to_bytes(8, "big") + bytes((2, 1)))
        for salt, energy in zip(salts, (10, 20, 30), strict=True)
    ]
    root = keccak256(keccak256(leaves[0] + leaves[1]) + keccak256(leaves[2] + PADDING))
    tree = claim()
    assert list(tree.salts) == salts
    assert tree.root == root


def test_every_reading_can_be_proved():
    tree = claim()
    for index in range(3):
        proof = tree.prove(index)
        node = keccak256(proof.leaf)
        for level, sibling in enumerate(proof.path):
            pair = sibling + node if proof.index >> level & 1 else node + sibling
            node = keccak256(pair)
        assert node == tree.root


@pytest.mark.parametrize(
    "other",
    [
        {"energy": (10, 20, 31)},
        {"energy": (20, 10, 30)},
        {"quality": (2, 2, 0)},
        {"source": (1, 0, 1)},
        {"number": 8},
        {"slot": 4},
        {"key": KEY[::-1]},
    ],
)
def test_another_claim_has_another_root(other):
    assert claim(**other).root != claim().root


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"energy": (), "quality": (), "source": ()}, "1 to 65,536 readings, not 0"),
        ({"energy": (1, 2)}, "as many qualities"),
        ({"energy": (1, 2, -3)}, "below zero"),
        ({"key": KEY[1:]}, "32 bytes, not 31"),
    ],
)
def test_what_is_no_claim_is_refused_in_words(wrong, words):
    with pytest.raises(InputError, match=words):
        claim(**wrong)


def test_a_claim_has_at_most_as_many_readings_as_salts_have_positions():
    many = (0,) * (INTERVALS_MAX + 1)
    with pytest.raises(InputError, match="65,537"):
        claim(many, many, many)
