"""Keccak-256 of many messages at once, compiled: the same lane of sixteen states side by side in memory.

One round is a straight line of 64-bit operations over ``LANES`` columns, which the compiler turns into vector
instructions. Importing this module loads numba (most of a second), so only ``keccak`` does it, and only when many
hashes are asked for. Keccak as submitted to NIST (padding 0x01), which the EVM uses; FIPS 202 changed the padding.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["hash_messages", "hash_node_pairs"]

LANES = 16
STATE_WORDS = 25
RATE_WORDS = 17
RATE_BYTES = 136
NODE_WORDS = 4
PAIR_WORDS = 8

# Iota's constants, Keccak reference 3.0, section 1.2.
ROUND_CONSTANTS = np.array(
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ],
    dtype=np.uint64,
)  # fmt: skip

LAST_BIT = np.uint64(0x8000000000000000)
FIRST_BIT = np.uint64(1)


@njit(inline="always")
def _turn(word, count):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- inlined before it has types
    return (word << np.uint64(count)) | (word >> np.uint64(64 - count))


@njit("void(uint64[::1])", cache=True, nogil=True, error_model="numpy")
def _permute(state: npt.NDArray[np.uint64]) -> None:  # noqa: PLR0915 -- theta, rho, pi and chi written out, a lane a line
    """Apply Keccak-f[1600] to ``LANES`` states; word (x, y) of state j is ``state[(x + 5y) * LANES + j]``."""
    for turn in range(24):
        constant = ROUND_CONSTANTS[turn]
        for j in range(LANES):
            s0 = state[0 * LANES + j]
            s1 = state[1 * LANES + j]
            s2 = state[2 * LANES + j]
            s3 = state[3 * LANES + j]
            s4 = state[4 * LANES + j]
            s5 = state[5 * LANES + j]
            s6 = state[6 * LANES + j]
            s7 = state[7 * LANES + j]
            s8 = state[8 * LANES + j]
            s9 = state[9 * LANES + j]
            s10 = state[10 * LANES + j]
            s11 = state[11 * LANES + j]
            s12 = state[12 * LANES + j]
            s13 = state[13 * LANES + j]
            s14 = state[14 * LANES + j]
            s15 = state[15 * LANES + j]
            s16 = state[16 * LANES + j]
            s17 = state[17 * LANES + j]
            s18 = state[18 * LANES + j]
            s19 = state[19 * LANES + j]
            s20 = state[20 * LANES + j]
            s21 = state[21 * LANES + j]
            s22 = state[22 * LANES + j]
            s23 = state[23 * LANES + j]
            s24 = state[24 * LANES + j]
            c0 = s0 ^ s5 ^ s10 ^ s15 ^ s20
            c1 = s1 ^ s6 ^ s11 ^ s16 ^ s21
            c2 = s2 ^ s7 ^ s12 ^ s17 ^ s22
            c3 = s3 ^ s8 ^ s13 ^ s18 ^ s23
            c4 = s4 ^ s9 ^ s14 ^ s19 ^ s24
            d0 = c4 ^ _turn(c1, 1)
            d1 = c0 ^ _turn(c2, 1)
            d2 = c1 ^ _turn(c3, 1)
            d3 = c2 ^ _turn(c4, 1)
            d4 = c3 ^ _turn(c0, 1)
            b0 = s0 ^ d0
            b10 = _turn(s1 ^ d1, 1)
            b20 = _turn(s2 ^ d2, 62)
            b5 = _turn(s3 ^ d3, 28)
            b15 = _turn(s4 ^ d4, 27)
            b16 = _turn(s5 ^ d0, 36)
            b1 = _turn(s6 ^ d1, 44)
            b11 = _turn(s7 ^ d2, 6)
            b21 = _turn(s8 ^ d3, 55)
            b6 = _turn(s9 ^ d4, 20)
            b7 = _turn(s10 ^ d0, 3)
            b17 = _turn(s11 ^ d1, 10)
            b2 = _turn(s12 ^ d2, 43)
            b12 = _turn(s13 ^ d3, 25)
            b22 = _turn(s14 ^ d4, 39)
            b23 = _turn(s15 ^ d0, 41)
            b8 = _turn(s16 ^ d1, 45)
            b18 = _turn(s17 ^ d2, 15)
            b3 = _turn(s18 ^ d3, 21)
            b13 = _turn(s19 ^ d4, 8)
            b14 = _turn(s20 ^ d0, 18)
            b24 = _turn(s21 ^ d1, 2)
            b9 = _turn(s22 ^ d2, 61)
            b19 = _turn(s23 ^ d3, 56)
            b4 = _turn(s24 ^ d4, 14)
            state[0 * LANES + j] = b0 ^ (~b1 & b2) ^ constant
            state[1 * LANES + j] = b1 ^ (~b2 & b3)
            state[2 * LANES + j] = b2 ^ (~b3 & b4)
            state[3 * LANES + j] = b3 ^ (~b4 & b0)
            state[4 * LANES + j] = b4 ^ (~b0 & b1)
            state[5 * LANES + j] = b5 ^ (~b6 & b7)
            state[6 * LANES + j] = b6 ^ (~b7 & b8)
            state[7 * LANES + j] = b7 ^ (~b8 & b9)
            state[8 * LANES + j] = b8 ^ (~b9 & b5)
            state[9 * LANES + j] = b9 ^ (~b5 & b6)
            state[10 * LANES + j] = b10 ^ (~b11 & b12)
            state[11 * LANES + j] = b11 ^ (~b12 & b13)
            state[12 * LANES + j] = b12 ^ (~b13 & b14)
            state[13 * LANES + j] = b13 ^ (~b14 & b10)
            state[14 * LANES + j] = b14 ^ (~b10 & b11)
            state[15 * LANES + j] = b15 ^ (~b16 & b17)
            state[16 * LANES + j] = b16 ^ (~b17 & b18)
            state[17 * LANES + j] = b17 ^ (~b18 & b19)
            state[18 * LANES + j] = b18 ^ (~b19 & b15)
            state[19 * LANES + j] = b19 ^ (~b15 & b16)
            state[20 * LANES + j] = b20 ^ (~b21 & b22)
            state[21 * LANES + j] = b21 ^ (~b22 & b23)
            state[22 * LANES + j] = b22 ^ (~b23 & b24)
            state[23 * LANES + j] = b23 ^ (~b24 & b20)
            state[24 * LANES + j] = b24 ^ (~b20 & b21)


@njit("void(uint64[::1])", cache=True, nogil=True)
def _clear(state: npt.NDArray[np.uint64]) -> None:
    for i in range(STATE_WORDS * LANES):
        state[i] = np.uint64(0)


@njit("uint64[:, ::1](uint8[:, ::1])", cache=True, nogil=True)
def hash_messages(messages: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Hash each row.

    Args:
        messages: One message a row; a longer one takes a permutation per started block of the rate. [n, length]

    Returns:
        Hashes as little-endian words: seen as bytes they are the hashes. [n, 4]
    """
    count, length = messages.shape
    hashes = np.empty((count, NODE_WORDS), dtype=np.uint64)
    state = np.empty(STATE_WORDS * LANES, dtype=np.uint64)
    blocks = length // RATE_BYTES + 1  # padding takes at least one byte
    padded = np.zeros((LANES, blocks * RATE_BYTES), dtype=np.uint8)
    padded[:, length] = np.uint8(1)
    padded[:, blocks * RATE_BYTES - 1] |= np.uint8(0x80)
    words = padded.view(np.uint64)
    for start in range(0, count, LANES):
        filled = min(LANES, count - start)
        for j in range(filled):
            for i in range(length):
                padded[j, i] = messages[start + j, i]
        _clear(state)
        for block in range(blocks):
            for k in range(RATE_WORDS):
                for j in range(LANES):
                    state[k * LANES + j] ^= words[j, block * RATE_WORDS + k]
            _permute(state)
        for j in range(filled):
            for k in range(NODE_WORDS):
                hashes[start + j, k] = state[k * LANES + j]
    return hashes


@njit("uint64[:, ::1](uint64[:, ::1])", cache=True, nogil=True)
def hash_node_pairs(nodes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Hash nodes 0 and 1, 2 and 3, ...: one level of a tree up.

    Args:
        nodes: An even number of nodes as little-endian words. [2n, 4]

    Returns:
        Their parents. [n, 4]
    """
    count = nodes.shape[0] // 2
    parents = np.empty((count, NODE_WORDS), dtype=np.uint64)
    state = np.empty(STATE_WORDS * LANES, dtype=np.uint64)
    flat = nodes.reshape(nodes.size)
    for start in range(0, count, LANES):
        filled = min(LANES, count - start)
        _clear(state)
        for j in range(filled):
            for k in range(PAIR_WORDS):
                state[k * LANES + j] = flat[(start + j) * PAIR_WORDS + k]
        for j in range(LANES):
            state[PAIR_WORDS * LANES + j] = FIRST_BIT
            state[(RATE_WORDS - 1) * LANES + j] = LAST_BIT
        _permute(state)
        for j in range(filled):
            for k in range(NODE_WORDS):
                parents[start + j, k] = state[k * LANES + j]
    return parents
