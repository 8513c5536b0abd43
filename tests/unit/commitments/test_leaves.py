import numpy as np
import pytest

from backend.commitments import LeafKind, encode_leaf, keccak256
from backend.commitments.leaves import as_bytes, hash_leaves, leaf_type, new_leaves
from tests.unit.commitments.period_arrays import from_hex, read_vectors, to_hex

CASES = read_vectors("leaves")["cases"]
BYTES = dict(zip(LeafKind, (30, 49, 98, 81, 49, 121, 57, 27, 41, 19), strict=True))
SUMS = {"P": "feed_in", "C": "consumption", "A": "allocated", "S": "shared"}


def numbers(value):
    return [numbers(inner) for inner in value] if isinstance(value, list) else int(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_leaf_has_the_bytes_of_the_vectors(case):
    fields = dict(case["fields"])
    salt = from_hex(fields.pop("salt", "0x"))
    named = {SUMS.get(str(name), str(name)): numbers(value) for name, value in fields.items()}
    leaf = encode_leaf(LeafKind(case["kind"]), salt, **named)
    assert to_hex(leaf) == case["bytes"]
    assert to_hex(keccak256(leaf)) == case["hash"]


@pytest.mark.parametrize("kind", LeafKind)
def test_a_kind_has_the_length_that_the_protocol_gives(kind):
    assert leaf_type(kind).itemsize == BYTES[kind]


@pytest.mark.parametrize("rounds", range(6))
def test_rounds_add_sixteen_bytes_each_and_never_make_a_node(rounds):
    for kind in (LeafKind.HEADER, LeafKind.STAIR):
        assert leaf_type(kind, rounds).itemsize == BYTES[kind] + 16 * rounds != 64


def test_more_rounds_than_a_block_holds_are_our_mistake():
    with pytest.raises(AssertionError, match="6 rounds do not fit"):
        leaf_type(LeafKind.STAIR, 6)
    with pytest.raises(AssertionError, match="ROW leaf has no rounds"):
        leaf_type(LeafKind.ROW, 1)


def test_a_field_left_out_is_our_mistake_not_a_zero():
    with pytest.raises(AssertionError, match="READING leaf needs quality, source"):
        encode_leaf(LeafKind.READING, bytes(16), energy=1)


def test_many_leaves_are_hashed_in_their_places():
    leaves = new_leaves(LeafKind.READING, (7, 11))
    leaves["energy"] = np.arange(77).reshape(7, 11) * 2**40
    hashes = hash_leaves(leaves)
    assert hashes.shape == (7, 11, 32)
    assert as_bytes(leaves).shape == (7, 11, 27)
    assert hashes[6, 2].tobytes() == keccak256(
        encode_leaf(LeafKind.READING, bytes(16), energy=68 * 2**40, quality=0, source=0)
    )
