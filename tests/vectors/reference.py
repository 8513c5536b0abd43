"""The proof protocol in the plainest Python: one hash at a time, lists and dictionaries, nothing clever.

It is the yardstick of ``docs/protocol.md`` and shares no line with ``backend.commitments``: the two can disagree.
Here are bytes, leaves and trees; shares are in ``reference_keys``, prices and bills in ``reference_money``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sha3

ZERO = bytes(32)
STRIDE = 4
VERSION = 2
TOTALS = 10
LINES = 13
Leaves = Mapping[int, bytes]


def keccak(data: bytes) -> bytes:
    return bytes(sha3.keccak_256(data).digest())


def join(*parts: bytes | tuple[int, int]) -> bytes:
    """Join bytes and whole numbers; a number is (value, its width in bytes)."""
    return b"".join(part if isinstance(part, bytes) else part[0].to_bytes(part[1], "big") for part in parts)


# ---- identifiers and salts (sections 4 and 5) --------------------------------------------------------------


def terms_bytes(community: bytes, period: int) -> bytes:
    return join((0x23, 1), (VERSION, 1), community, (period, 4))


def run_bytes(community: bytes, period: int, version: int) -> bytes:
    return join((0x21, 1), (VERSION, 1), community, (period, 4), (version, 4))


def batch_bytes(community: bytes, period: int, version: int, signer: bytes) -> bytes:
    return join((0x22, 1), (VERSION, 1), community, (period, 4), (version, 4), signer)


def schedule_bytes(community: bytes, period: int, version: int) -> bytes:
    return join((0x25, 1), (VERSION, 1), community, (period, 4), (version, 4))


def tag_bytes(nonce: bytes, number: str) -> bytes:
    return join(nonce, number.encode())


def source_bytes(salt: bytes, files: Sequence[bytes]) -> bytes:
    hashes = [keccak(file) for file in files]
    return join((0x24, 1), salt, hashes[0] if len(hashes) == 1 else keccak(b"".join(hashes)))


def salt_of(key: bytes, community: bytes, scope: bytes, kind: int, place: tuple[int, int, int]) -> bytes:
    slot, day, t = place
    return keccak(join((0x20, 1), key, community, scope, (kind, 1), (slot, 4), (day, 2), (t, 2)))[:16]


# ---- leaves (section 6) ------------------------------------------------------------------------------------


def words(*values: int) -> bytes:
    return join(*((value, 8) for value in values))


def flat(pairs: Iterable[Sequence[int]]) -> list[int]:
    return [value for pair in pairs for value in pair]


def header_leaf(figures: Sequence[int]) -> bytes:
    """Form a header from [P, C, A, V, tau, band, ...rounds], as a bundle has it."""
    p, c, a, v, tau, band, *rounds = figures
    return join((1, 1), words(p, c, a, v), (tau, 4), (band, 1), words(*rounds))


def stair_leaf(salt: bytes, sums: Sequence[int], rounds: Sequence[Sequence[int]] = ()) -> bytes:
    return join((2, 1), salt, words(*sums), words(*flat(rounds)))


def row_leaf(
    salt: bytes, energy: int, allocated: int, quality: int, totals: Sequence[int], detail: bytes = b""
) -> bytes:
    """Form a row; ``detail`` is the hash of its leaf 0d, of flow alone."""
    assert len(totals) == TOTALS
    return join((3, 1), salt, words(energy, allocated), (quality, 1), words(*totals), detail)


def period_leaf(salt: bytes, totals: Sequence[int], links: bytes) -> bytes:
    assert len(totals) == TOTALS
    return join((4, 1), salt, words(*totals), links)


def period_stair_leaf(salt: bytes, sums: Sequence[int]) -> bytes:
    return join((5, 1), salt, words(*sums))


def bill_leaf(salt: bytes, lines: Sequence[int], totals: Sequence[int]) -> bytes:
    assert len(lines) == LINES
    return join((6, 1), salt, words(*lines), words(*totals))


def bill_stair_leaf(salt: bytes, sums: Sequence[int]) -> bytes:
    return join((7, 1), salt, words(*sums))


def reading_leaf(salt: bytes, energy: int, quality: int, source: int) -> bytes:
    return join((8, 1), salt, (energy, 8), (quality, 1), (source, 1))


def reading_stair_leaf(salt: bytes, counts: Sequence[int]) -> bytes:
    return join((9, 1), salt, words(*counts))


def class_leaf(salt: bytes, vat_class: int, network_class: int) -> bytes:
    return join((10, 1), salt, (vat_class, 1), (network_class, 1))


def coefficient_leaf(salt: bytes, coefficient_ppm: int) -> bytes:
    return join((11, 1), salt, (coefficient_ppm, 4))


def links_leaf(salt: bytes, links: Sequence[Sequence[int]]) -> bytes:
    """Form a slot's links from (slot, energy, value, vat class) each."""
    told = (join((slot, 4), (energy, 8), (value, 8), (vat, 1)) for slot, energy, value, vat in links)
    return join((12, 1), salt, *told)


def detail_leaf(salt: bytes, potential: int, links: Sequence[Sequence[int]]) -> bytes:
    """Form a row's detail; the potential is signed, in two's complement."""
    told = (join((slot, 4), (energy, 8)) for slot, energy in links)
    return join((13, 1), salt, (potential % 2**64, 8), *told)


def cost_leaf(salt: bytes, weight: int, cap: int) -> bytes:
    """Form what a link costs; the weight is signed, in two's complement."""
    return join((14, 1), salt, (weight % 2**64, 8), (cap, 8))


def scale_leaf(salt: bytes, numbers: Sequence[int]) -> bytes:
    """Form how levels are weighed, from [B, W_f, W_h, K]."""
    *weights, steps = numbers
    return join((15, 1), salt, words(*weights), (steps, 4))


# ---- trees (sections 2, 3 and 7) ---------------------------------------------------------------------------


def depth_of(count: int) -> int:
    depth = 0
    while 2**depth < count:
        depth += 1
    return depth


def blocks_of(slots: int) -> int:
    return (slots + STRIDE - 1) // STRIDE


def subtree(leaves: Leaves, level: int, index: int) -> bytes:
    """Give the node ``level`` levels above the leaves, at ``index`` from the left."""
    if level == 0:
        return leaves.get(index, ZERO)
    return keccak(subtree(leaves, level - 1, 2 * index) + subtree(leaves, level - 1, 2 * index + 1))


def path_of(leaves: Leaves, depth: int, index: int, from_level: int = 0) -> list[bytes]:
    """Give the siblings above the node ``index`` of level ``from_level``, from the bottom."""
    return [subtree(leaves, level, (index >> (level - from_level)) ^ 1) for level in range(from_level, depth)]


def climb(node: bytes, index: int, path: Sequence[bytes]) -> bytes:
    for sibling in path:
        node = keccak(sibling + node) if index & 1 else keccak(node + sibling)
        index >>= 1
    return node
