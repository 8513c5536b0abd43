"""What each leaf is made of, byte by byte (docs/protocol.md, section 6).

A leaf kind is a packed record whose NumPy type *is* its layout: big-endian, unsigned, no gaps. A leaf is written by
filling the record's columns, a thousand or one at a time, and its bytes are the record's memory.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.keccak import HASH_BYTES, Bytes, keccak256_many

__all__ = [
    "BANDS",
    "BILL_LINES",
    "CREDITED",
    "SALT_BYTES",
    "TOTALS",
    "VALUE",
    "LeafKind",
    "Leaves",
    "as_bytes",
    "decode_leaf",
    "encode_leaf",
    "hash_leaves",
    "leaf_type",
    "new_leaves",
]

Leaves = npt.NDArray[np.void]

SALT_BYTES = 16
BANDS = 4
BILL_LINES = 13
# A slot's running totals: (energy, allocated) of each band, then what the energy is worth and what was credited.
VALUE = 2 * BANDS
CREDITED = VALUE + 1
TOTALS = CREDITED + 1
_I64, _U64, _U32, _U8 = ">i8", ">u8", ">u4", "u1"
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
    COEFFICIENT = 11
    LINKS = 12
    DETAIL = 13
    COST = 14
    SCALE = 15


def _each(code: str, *names: str) -> list[tuple[Any, ...]]:
    return [(name, code) for name in names]


_TOTALS: list[tuple[Any, ...]] = [("totals", _U64, (TOTALS,))]
_HASH: tuple[Any, ...] = (_U8, (HASH_BYTES,))
_FIELDS: dict[LeafKind, list[tuple[Any, ...]]] = {
    LeafKind.HEADER: [
        *_each(_U64, "feed_in", "consumption", "allocated", "value"),
        ("tau", _U32),
        ("band", _U8),
    ],
    LeafKind.STAIR: _each(_U64, "feed_in", "consumption", "allocated", "shared"),
    LeafKind.ROW: [*_each(_U64, "energy", "allocated"), ("quality", _U8), *_TOTALS],
    LeafKind.PERIOD: [*_TOTALS, ("links", *_HASH)],
    LeafKind.PERIOD_STAIR: _each(_U64, "feed_in", "consumption", "allocated", "shared"),
    LeafKind.BILL: [
        ("lines", _U64, (BILL_LINES,)),
        *_each(_U64, "vat_debit", "vat_credit", "debit", "credit"),
    ],
    LeafKind.BILL_STAIR: _each(_U64, "debits", "credits", "fees", "vat_debits", "vat_credits"),
    LeafKind.READING: [("energy", _U64), *_each(_U8, "quality", "source")],
    LeafKind.READING_STAIR: _each(_U64, "measured", "estimated", "missing"),
    LeafKind.CLASS: _each(_U8, "vat_class", "network_class"),
    LeafKind.COEFFICIENT: _each(_U32, "coefficient"),
    LeafKind.LINKS: [],
    LeafKind.DETAIL: [("potential", _I64)],
    LeafKind.COST: [("weight", _I64), ("cap", _U64)],
    LeafKind.SCALE: [*_each(_U64, "shared", "consumer_step", "producer_step"), ("steps", _U32)],
}
# What a leaf repeats at its end, as often as there is something to say.
_REPEATED: dict[LeafKind, tuple[str, Any]] = {
    LeafKind.HEADER: ("rounds", (_U64, (2,))),
    LeafKind.STAIR: ("rounds", (_U64, (2,))),
    LeafKind.ROW: ("detail", _HASH),
    LeafKind.LINKS: (
        "links",
        [("slot", _U32), ("energy", _U64), ("value", _U64), ("vat_class", _U8)],
    ),
    LeafKind.DETAIL: ("links", [("slot", _U32), ("energy", _U64)]),
}


def leaf_type(kind: LeafKind, repeated: int = 0) -> np.dtype[np.void]:
    """Give the record type of a leaf kind.

    Args:
        kind: Which leaf.
        repeated: How often its last field comes: rounds of headers and stairs, links of links and details, one
            detail of a row where the key has them.
    """
    assert repeated == 0 or kind in _REPEATED, f"a {kind.name} leaf repeats nothing"
    head: list[tuple[Any, ...]] = [("kind", _U8)]
    if kind is not LeafKind.HEADER:
        head.append(("salt", _U8, (SALT_BYTES,)))
    tail: list[tuple[Any, ...]] = []
    if repeated:
        name, of_what = _REPEATED[kind]
        tail.append((name, np.dtype(of_what), (repeated,)))
    record = np.dtype([*head, *_FIELDS[kind], *tail])
    assert record.itemsize != _NODE_PAIR_BYTES, f"a {kind.name} leaf could be taken for a node"
    return record


def new_leaves(kind: LeafKind, shape: tuple[int, ...], repeated: int = 0) -> Leaves:
    """Make records of a kind, every field but the kind zero, for the caller to fill by field name."""
    leaves: Leaves = np.zeros(shape, dtype=leaf_type(kind, repeated))
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
        fields: Every field of the kind by name: whole numbers, hashes as 32 bytes; ``rounds`` as pairs, ``links`` as
            tuples where there are any, ``detail`` where the key has them.

    Returns:
        The bytes that are hashed.
    """
    name, _ = _REPEATED.get(kind, ("", None))
    given = fields.pop(name, None)
    repeated = () if given is None else (given,) if kind is LeafKind.ROW else tuple(given)
    leaf = new_leaves(kind, (1,), len(repeated))
    missing = set(leaf.dtype.names or ()) - {"kind", "salt", name} - set(fields)
    assert not missing, f"a {kind.name} leaf needs {', '.join(sorted(missing))}"
    if kind is not LeafKind.HEADER:
        assert len(salt) == SALT_BYTES, f"a salt has {SALT_BYTES} bytes, not {len(salt)}"
        leaf["salt"] = np.frombuffer(salt, dtype=np.uint8)
    for field, value in fields.items():
        leaf[field] = _plain(value, leaf.dtype[field].base)
    for place, value in enumerate(repeated):
        base = leaf.dtype[name].base
        leaf[name][0, place] = tuple(value) if base.names else _plain(value, base.base)
    return leaf.tobytes()


def decode_leaf(leaf: bytes) -> dict[str, Any]:
    """Read a leaf's fields by name, ``kind`` and ``salt`` among them: what ``encode_leaf`` wrote.

    Args:
        leaf: Bytes of a leaf of any kind.
    """
    kind = LeafKind(leaf[0])
    repeated = 0
    if kind in _REPEATED:
        rest = len(leaf) - leaf_type(kind).itemsize
        repeated = rest // (leaf_type(kind, 1).itemsize - leaf_type(kind).itemsize)
    record = np.frombuffer(leaf, dtype=leaf_type(kind, repeated))[0]
    fields: dict[str, Any] = {}
    for name in record.dtype.names or ():
        value = record[name]
        is_bytes = name in {"salt", "detail"} or (kind is LeafKind.PERIOD and name == "links")
        fields[name] = np.asarray(value).tobytes() if is_bytes else value.tolist()
    if kind in _REPEATED:
        fields.setdefault(_REPEATED[kind][0], [])
    if kind is LeafKind.ROW:
        fields["detail"] = fields["detail"] or b""
    return fields


def _plain(value: Any, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(value, dtype=np.uint8) if isinstance(value, bytes) else np.array(value, dtype=kind)
