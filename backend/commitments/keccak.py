"""Keccak-256 as the EVM uses it: one message by ``safe-pysha3``, many by the compiled lanes.

The lanes bring numba with them, which takes most of a second to import; they are loaded when the first large batch
comes, so that whoever needs single hashes (the command, the verifier) never waits for them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sha3

__all__ = ["HASH_BYTES", "Bytes", "hash_pairs", "keccak256", "keccak256_many"]

Bytes = npt.NDArray[np.uint8]

HASH_BYTES = 32
_ONE_BY_ONE_BELOW = 48  # measured: from here on a batch is faster, once compiled


def keccak256(message: bytes) -> bytes:
    """Hash one message of any length.

    Returns:
        The hash. [32 bytes]
    """
    return bytes(sha3.keccak_256(message).digest())


def keccak256_many(messages: Bytes) -> Bytes:
    """Hash each row of an array.

    Args:
        messages: Messages of one length, whatever it is, a row each. [n, length]

    Returns:
        The hashes, in order. [n, 32]
    """
    count, _ = messages.shape
    assert messages.dtype == np.uint8, f"messages are bytes, not {messages.dtype}"
    if count < _ONE_BY_ONE_BELOW:
        return _join([keccak256(message.tobytes()) for message in messages])
    from backend.commitments.keccak_lanes import hash_messages

    return hash_messages(np.ascontiguousarray(messages)).view(np.uint8)


def hash_pairs(nodes: Bytes) -> Bytes:
    """Hash neighbours together: one level of a tree up.

    Args:
        nodes: An even number of nodes. [2n, 32]

    Returns:
        ``keccak(nodes[0] ‖ nodes[1])``, ``keccak(nodes[2] ‖ nodes[3])`` and so on. [n, 32]
    """
    count, width = nodes.shape
    assert count % 2 == 0, f"nodes come in pairs, not {count} of them"
    assert width == HASH_BYTES, f"a node has {HASH_BYTES} bytes, not {width}"
    if count < 2 * _ONE_BY_ONE_BELOW:
        return _join([keccak256(nodes[i : i + 2].tobytes()) for i in range(0, count, 2)])
    from backend.commitments.keccak_lanes import hash_node_pairs

    return hash_node_pairs(np.ascontiguousarray(nodes).view(np.uint64)).view(np.uint8)


def _join(hashes: list[bytes]) -> Bytes:
    return np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(-1, HASH_BYTES)
