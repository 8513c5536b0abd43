import subprocess
import sys

import numpy as np
import pytest

from backend.commitments.keccak import hash_pairs, keccak256, keccak256_many
from tests.unit.commitments.period_arrays import from_hex, read_vectors, to_hex

CASES = read_vectors("keccak")["cases"]


@pytest.mark.parametrize("case", CASES, ids=[str(len(case["input"]) // 2 - 1) for case in CASES])
def test_a_message_of_any_length_has_the_hash_of_the_vectors(case):
    assert to_hex(keccak256(from_hex(case["input"]))) == case["hash"]


def test_the_empty_message_has_the_hash_that_ethereum_publishes():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 47, 48, 49, 95, 96, 97, 331])
@pytest.mark.parametrize("length", [0, 1, 27, 64, 98, 114, 135, 136, 137, 146, 153, 271, 272, 409])
def test_a_batch_gives_what_one_at_a_time_gives(count, length):
    messages = np.random.default_rng(count * 200 + length).integers(0, 256, (count, length), dtype=np.uint8)
    hashes = keccak256_many(messages)
    assert hashes.shape == (count, 32)
    assert [row.tobytes() for row in hashes] == [keccak256(row.tobytes()) for row in messages]


@pytest.mark.parametrize("pairs", [0, 1, 16, 47, 48, 49, 100, 333])
def test_pairs_of_nodes_are_hashed_joined(pairs):
    nodes = np.random.default_rng(pairs).integers(0, 256, (2 * pairs, 32), dtype=np.uint8)
    expected = [keccak256(nodes[2 * i].tobytes() + nodes[2 * i + 1].tobytes()) for i in range(pairs)]
    assert [row.tobytes() for row in hash_pairs(nodes)] == expected


def test_rows_that_are_not_contiguous_are_hashed_as_they_read():
    wide = np.random.default_rng(5).integers(0, 256, (200, 90), dtype=np.uint8)
    chosen = wide[::2, 3:67]
    assert np.array_equal(keccak256_many(chosen), keccak256_many(chosen.copy()))
    nodes = wide[:, 1:33]
    assert np.array_equal(hash_pairs(nodes), hash_pairs(nodes.copy()))


def test_nodes_without_a_partner_are_our_mistake():
    with pytest.raises(AssertionError, match="pairs, not 3"):
        hash_pairs(np.zeros((3, 32), dtype=np.uint8))


def test_single_hashes_and_small_trees_never_load_numba():
    program = (
        "import sys, numpy as np\n"
        "from backend.commitments import MerkleTree, keccak256\n"
        "keccak256(b'one'); MerkleTree.grow(np.zeros((17, 32), np.uint8), 5)\n"
        "sys.exit('numba' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
