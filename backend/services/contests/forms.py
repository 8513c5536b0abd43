"""Leaves as the contests' contracts take them: structs by field name, hashes and salts as 0x-hex."""

from __future__ import annotations

import re
from typing import Any

from backend.commitments.leaves import LeafKind, decode_leaf, encode_leaf

__all__ = ["as_hex", "empty", "pack_reading", "row_and_detail", "struct_of", "with_rounds"]

_NO_HASH = "0x" + "00" * 32
_NO_SALT = "0x" + "00" * 16
_FIELDS: dict[LeafKind, dict[str, Any]] = {
    LeafKind.STAIR: {"feed_in": 0, "consumption": 0, "allocated": 0, "shared": 0},
    LeafKind.ROW: {"energy": 0, "allocated": 0, "quality": 0, "totals": [0] * 10},
    LeafKind.PERIOD: {"totals": [0] * 10, "links": bytes(32)},
    LeafKind.PERIOD_STAIR: {"feed_in": 0, "consumption": 0, "allocated": 0, "shared": 0},
    LeafKind.BILL: {"lines": [0] * 13, "vat_debit": 0, "vat_credit": 0, "debit": 0, "credit": 0},
    LeafKind.BILL_STAIR: {"debits": 0, "credits": 0, "fees": 0, "vat_debits": 0, "vat_credits": 0},
    LeafKind.READING: {"energy": 0, "quality": 0, "source": 0},
    LeafKind.READING_STAIR: {"measured": 0, "estimated": 0, "missing": 0},
    LeafKind.DETAIL: {"potential": 0},
}
_NO_HEADER = {"feedIn": 0, "consumption": 0, "allocated": 0, "value": 0, "tau": 0, "band": 0, "rounds": []}


def as_hex(values: tuple[bytes, ...]) -> list[str]:
    """A path as calls hold it."""
    return ["0x" + value.hex() for value in values]


def empty(kind: LeafKind) -> dict[str, Any]:
    """A struct where nothing is to be shown."""
    if kind is LeafKind.HEADER:
        return dict(_NO_HEADER)
    return struct_of(encode_leaf(kind, bytes(16), **_FIELDS[kind]))


def struct_of(leaf: bytes) -> dict[str, Any]:
    """A leaf as its struct; rounds and links as objects, a row without its detail."""
    fields = decode_leaf(leaf)
    kind = LeafKind(fields.pop("kind"))
    if kind is LeafKind.ROW:
        del fields["detail"]
    if kind in {LeafKind.HEADER, LeafKind.STAIR}:
        fields["rounds"] = [{"pool": pool, "weight": weight} for pool, weight in fields["rounds"]]
    if kind is LeafKind.DETAIL:
        fields["links"] = [{"slot": slot, "energy": energy} for slot, energy in fields["links"]]
    if kind is LeafKind.LINKS:
        fields["links"] = [
            {"slot": slot, "energy": energy, "value": value, "vatClass": vat_class}
            for slot, energy, value, vat_class in fields["links"]
        ]
    return {_camel(name): _plain(value) for name, value in fields.items()}


def with_rounds(leaf: bytes) -> tuple[dict[str, Any], list[dict[str, int]]]:
    """A stair and its rounds, which calls take beside it."""
    stair = struct_of(leaf)
    return stair, stair.pop("rounds")


def row_and_detail(leaf: bytes) -> tuple[dict[str, Any], str]:
    """A row, and the hash of its detail, zero where the key has none; for padding an empty row and zero."""
    if not leaf:
        return empty(LeafKind.ROW), _NO_HASH
    detail = decode_leaf(leaf)["detail"]
    return struct_of(leaf), "0x" + detail.hex() if detail else _NO_HASH


def pack_reading(leaf: bytes) -> str:
    """A reading in a word: salt 16, energy 8, quality 1, source 1 byte, the rest zero."""
    return "0x" + leaf[1:].ljust(32, b"\0").hex()


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def _plain(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
