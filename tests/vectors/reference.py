"""The proof protocol in the plainest Python: one hash at a time, lists and dictionaries, nothing clever.

It is the yardstick of ``docs/protocol.md`` and shares no line with ``backend.commitments``: the two can disagree.
Energies are milliwatt-hours [mWh], amounts cents, prices micro-euro per kilowatt-hour [µEUR/kWh].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sha3

ZERO = bytes(32)
STRIDE = 4
Leaves = Mapping[int, bytes]


def keccak(data: bytes) -> bytes:
    return bytes(sha3.keccak_256(data).digest())


def join(*parts: bytes | tuple[int, int]) -> bytes:
    """Join bytes and whole numbers; a number is (value, its width in bytes)."""
    return b"".join(part if isinstance(part, bytes) else part[0].to_bytes(part[1], "big") for part in parts)


# ---- identifiers and salts (sections 4 and 5) --------------------------------------------------------------


def terms_bytes(community: bytes, period: int) -> bytes:
    return join((0x23, 1), (1, 1), community, (period, 4))


def run_bytes(community: bytes, period: int, version: int) -> bytes:
    return join((0x21, 1), (1, 1), community, (period, 4), (version, 4))


def batch_bytes(community: bytes, period: int, version: int, signer: bytes) -> bytes:
    return join((0x22, 1), (1, 1), community, (period, 4), (version, 4), signer)


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


def header_leaf(figures: Sequence[int], rounds: Sequence[Sequence[int]] = ()) -> bytes:
    p, c, a, tau, band = figures
    return join((1, 1), words(p, c, a), (tau, 4), (band, 1), words(*flat(rounds)))


def stair_leaf(salt: bytes, sums: Sequence[int], rounds: Sequence[Sequence[int]] = ()) -> bytes:
    return join((2, 1), salt, words(*sums), words(*flat(rounds)))


def row_leaf(salt: bytes, energy: int, allocated: int, quality: int, bands: Sequence[Sequence[int]]) -> bytes:
    return join((3, 1), salt, words(energy, allocated), (quality, 1), words(*flat(bands)))


def period_leaf(salt: bytes, bands: Sequence[Sequence[int]]) -> bytes:
    return join((4, 1), salt, words(*flat(bands)))


def period_stair_leaf(salt: bytes, sums: Sequence[int]) -> bytes:
    return join((5, 1), salt, words(*sums))


def bill_leaf(salt: bytes, lines: Sequence[int], totals: Sequence[int]) -> bytes:
    return join((6, 1), salt, words(*lines), words(*totals))


def bill_stair_leaf(salt: bytes, sums: Sequence[int]) -> bytes:
    return join((7, 1), salt, words(*sums))


def reading_leaf(salt: bytes, energy: int, quality: int, source: int) -> bytes:
    return join((8, 1), salt, (energy, 8), (quality, 1), (source, 1))


def reading_stair_leaf(salt: bytes, counts: Sequence[int]) -> bytes:
    return join((9, 1), salt, words(*counts))


def class_leaf(salt: bytes, vat_class: int, network_class: int) -> bytes:
    return join((10, 1), salt, (vat_class, 1), (network_class, 1))


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


# ---- shares (section 8) ------------------------------------------------------------------------------------


def allocate(rule: Mapping[str, object], pool: int, wanted: Mapping[int, int]) -> dict[int, int]:
    """Give each consumption slot its part of the pool by the rule (method 1 dynamic, 2 static)."""
    total = sum(wanted.values())
    if rule["method"] == 1:
        if pool >= total:
            return dict(wanted)
        return {slot: pool * energy // total for slot, energy in wanted.items()}
    coefficients = rule["coefficientsPpm"]
    assert isinstance(coefficients, list)
    return {slot: min(energy, pool * coefficients[slot] // 1_000_000) for slot, energy in wanted.items()}


def split(slots: int, t: int, feed_in: Mapping[int, int], total: int) -> tuple[int, dict[int, int]]:
    """Split the shared total among the feed-in slots; gives tau and the parts."""
    produced = sum(feed_in.values())
    if produced == 0:
        return 0, dict.fromkeys(feed_in, 0)
    parts = {slot: total * energy // produced for slot, energy in feed_in.items()}
    keys = sorted((slot + t) % slots for slot, energy in feed_in.items() if total * energy % produced > 0)
    left = total - sum(parts.values())
    tau = keys[left - 1] + 1 if left else 0
    for slot, energy in feed_in.items():
        if total * energy % produced > 0 and (slot + t) % slots < tau:
            parts[slot] += 1
    return tau, parts


# ---- bills (section 9) -------------------------------------------------------------------------------------


def cents(energy: int, price: int) -> int:
    return (energy * price + 5 * 10**9) // 10**10


def vat_on(net: int, ppm: int) -> int:
    return (net * ppm + 500_000) // 1_000_000


def bill(
    tariff: Mapping[str, int | list[int]], vat_class: int, points: Sequence[tuple[str, list[list[int]]]]
) -> dict[str, object]:
    """Bill one participant from (direction, four (energy, allocated) sums) per slot."""
    price: dict[str, int] = {name: value for name, value in tariff.items() if isinstance(value, int)}
    residual = tariff["residualPrice"]
    assert isinstance(residual, list)
    lines = [0] * 9
    lines[6] = price["monthlyFee"]
    for direction, bands in points:
        energy, allocated = sum(pair[0] for pair in bands), sum(pair[1] for pair in bands)
        if direction == "consumption":
            for band, pair in enumerate(bands):
                lines[band] += cents(pair[0] - pair[1], residual[band])
            lines[4] += cents(allocated, price["sharedPrice"])
            lines[5] += cents(energy, price["networkPrice"])
        else:
            lines[7] += cents(allocated, price["sharedPrice"])
            lines[8] += cents(energy - allocated, price["surplusPrice"])
    shared, by_residual, network, surplus = (price["billedBy"] >> bit & 1 for bit in range(4))
    debit_net = lines[6] + shared * lines[4] + by_residual * sum(lines[:4]) + network * lines[5]
    credit_net = shared * lines[7] + surplus * lines[8]
    vat_debit = vat_on(debit_net, price["vatPpm"]) if price["communityVatClass"] == 2 else 0
    vat_credit = vat_on(credit_net, price["vatPpm"]) if vat_class == 2 else 0
    return {
        "lines": lines,
        "vat_debit": vat_debit,
        "vat_credit": vat_credit,
        "debit": debit_net + vat_debit,
        "credit": credit_net + vat_credit,
    }
