import numpy as np
import pytest

from backend.commitments import LeafKind, encode_leaf, keccak256
from backend.commitments.leaves import as_bytes, hash_leaves, leaf_type, new_leaves
from tests.unit.commitments.period_arrays import from_hex, read_vectors, to_hex

CASES = read_vectors("leaves")["cases"]
BYTES = dict(zip(LeafKind, (38, 49, 114, 129, 49, 153, 57, 27, 41, 19, 21, 17, 25, 33, 45), strict=True))
NAMES = {
    "P": "feed_in",
    "C": "consumption",
    "A": "allocated",
    "S": "shared",
    "V": "value",
    "coefficient_ppm": "coefficient",
}


def numbers(value):
    if isinstance(value, list):
        return [numbers(inner) for inner in value]
    return from_hex(value) if isinstance(value, str) and value.startswith("0x") else int(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_leaf_has_the_bytes_of_the_vectors(case):
    fields = {NAMES.get(name, name): numbers(value) for name, value in case["fields"].items()}
    salt = fields.pop("salt", b"")
    if "bands" in fields:
        bands = [energy for band in fields.pop("bands") for energy in band]
        fields["totals"] = [*bands, fields.pop("value"), fields.pop("credited")]
    leaf = encode_leaf(LeafKind(case["kind"]), salt, **fields)
    assert to_hex(leaf) == case["bytes"]
    assert to_hex(keccak256(leaf)) == case["hash"]


@pytest.mark.parametrize("kind", LeafKind)
def test_a_kind_has_the_length_that_the_protocol_gives(kind):
    assert leaf_type(kind).itemsize == BYTES[kind]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 17, 300])
def test_what_repeats_adds_its_length_each_time_and_never_makes_a_node(count):
    each = {LeafKind.HEADER: 16, LeafKind.STAIR: 16, LeafKind.LINKS: 21, LeafKind.DETAIL: 12}
    for kind, length in each.items():
        assert leaf_type(kind, count).itemsize == BYTES[kind] + length * count != 64
    assert leaf_type(LeafKind.ROW, 1).itemsize == 146


def test_a_kind_that_repeats_nothing_refuses_to():
    with pytest.raises(AssertionError, match="CLASS leaf repeats nothing"):
        leaf_type(LeafKind.CLASS, 1)


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
