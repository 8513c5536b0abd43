"""What each leaf is made of, byte by byte (docs/protocol.md, section 6).

A leaf kind is a packed record whose NumPy type *is* its layout: big-endian, unsigned, no gaps. A leaf is written by
filling the record's columns, a thousand or one at a time, and its bytes are the record's memory.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.keccak import MESSAGE_BYTES_MAX, Bytes, keccak256_many

__all__ = [
    "BANDS",
    "BILL_LINES",
    "NO_ROUNDS",
    "ROUNDS_MAX",
    "SALT_BYTES",
    "LeafKind",
    "Leaves",
    "as_bytes",
    "encode_leaf",
    "hash_leaves",
    "leaf_type",
    "new_leaves",
]

Leaves = npt.NDArray[np.void]

SALT_BYTES = 16
BANDS = 4
BILL_LINES = 9
NO_ROUNDS = 0
ROUNDS_MAX = 5  # a stair of five rounds has 129 bytes: one block
_U64, _U32, _U8 = ">u8", ">u4", "u1"
_NODE_PAIR_BYTES = 64


class LeafKind(IntEnum):
    """The first byte of a leaf."""

    HEADER = 1
    STAIR = 2
    ROW = 3
    PERIOD = 4
    PERIOD_STAIR = 5
    BILL = 6
    BILL_STAIR = 7
    READING = 8
    READING_STAIR = 9
    CLASS = 10


def _each(code: str, *names: str) -> list[tuple[Any, ...]]:
    return [(name, code) for name in names]


_BAND_SUMS: list[tuple[Any, ...]] = [("bands", _U64, (BANDS, 2))]  # (energy, allocated) per tariff band
_FIELDS: dict[LeafKind, list[tuple[Any, ...]]] = {
    LeafKind.HEADER: [*_each(_U64, "feed_in", "consumption", "allocated"), ("tau", _U32), ("band", _U8)],
    LeafKind.STAIR: _each(_U64, "feed_in", "consumption", "allocated", "shared"),
    LeafKind.ROW: [*_each(_U64, "energy", "allocated"), ("quality", _U8), *_BAND_SUMS],
    LeafKind.PERIOD: _BAND_SUMS,
    LeafKind.PERIOD_STAIR: _each(_U64, "feed_in", "consumption", "allocated", "shared"),
    LeafKind.BILL: [
        ("lines", _U64, (BILL_LINES,)),
        *_each(_U64, "vat_debit", "vat_credit", "debit", "credit"),
    ],
    LeafKind.BILL_STAIR: _each(_U64, "debits", "credits", "fees", "vat_debits", "vat_credits"),
    LeafKind.READING: [("energy", _U64), *_each(_U8, "quality", "source")],
    LeafKind.READING_STAIR: _each(_U64, "measured", "estimated", "missing"),
    LeafKind.CLASS: _each(_U8, "vat_class", "network_class"),
}


def leaf_type(kind: LeafKind, rounds: int = NO_ROUNDS) -> np.dtype[np.void]:
    """Give the record type of a leaf kind.

    Args:
        kind: Which leaf.
        rounds: Rounds that a sharing key adds to its headers and stairs, as pairs ``rounds``. [0 to 5]
    """
    assert rounds == NO_ROUNDS or kind in (LeafKind.HEADER, LeafKind.STAIR), (
        f"a {kind.name} leaf has no rounds"
    )
    assert NO_ROUNDS <= rounds <= ROUNDS_MAX, f"{rounds} rounds do not fit a leaf; {ROUNDS_MAX} do"
    head: list[tuple[Any, ...]] = [("kind", _U8)]
    if kind is not LeafKind.HEADER:
        head.append(("salt", _U8, (SALT_BYTES,)))
    tail = [("rounds", _U64, (rounds, 2))] if rounds else []
    record = np.dtype([*head, *_FIELDS[kind], *tail])
    assert record.itemsize <= MESSAGE_BYTES_MAX, f"a {kind.name} leaf of {record.itemsize} bytes is too long"
    assert record.itemsize != _NODE_PAIR_BYTES, f"a {kind.name} leaf could be taken for a node"
    return record


def new_leaves(kind: LeafKind, shape: tuple[int, ...], rounds: int = NO_ROUNDS) -> Leaves:
    """Make records of a kind, every field but the kind zero, for the caller to fill by field name."""
    leaves: Leaves = np.zeros(shape, dtype=leaf_type(kind, rounds))
    leaves["kind"] = kind
    return leaves


def as_bytes(leaves: Leaves) -> Bytes:
    """See records as bytes, without copying. [..., record's length]"""
    return leaves.view(np.uint8).reshape(*leaves.shape, leaves.dtype.itemsize)


def hash_leaves(leaves: Leaves) -> Bytes:
    """Hash each record. [..., 32]"""
    flat = as_bytes(leaves).reshape(-1, leaves.dtype.itemsize)
    return keccak256_many(flat).reshape(*leaves.shape, -1)


def encode_leaf(kind: LeafKind, salt: bytes = b"", **fields: Any) -> bytes:
    """Encode one leaf from its fields.

    Args:
        kind: Which leaf.
        salt: What hides it; headers have none. [16 bytes]
        fields: Every field of the kind by name, whole numbers at least zero; ``rounds`` as pairs where the key has any.

    Returns:
        The bytes that are hashed.
    """
    rounds = fields.pop("rounds", ())
    leaf = new_leaves(kind, (1,), len(rounds))
    missing = set(leaf.dtype.names or ()) - {"kind", "salt", "rounds"} - set(fields)
    assert not missing, f"a {kind.name} leaf needs {', '.join(sorted(missing))}"
    if kind is not LeafKind.HEADER:
        assert len(salt) == SALT_BYTES, f"a salt has {SALT_BYTES} bytes, not {len(salt)}"
        leaf["salt"] = np.frombuffer(salt, dtype=np.uint8)
    for name, value in fields.items():
        leaf[name] = np.array(value, dtype=leaf.dtype[name].base)
    if len(rounds):
        leaf["rounds"] = np.array(rounds, dtype=_U64)
    return leaf.tobytes()
