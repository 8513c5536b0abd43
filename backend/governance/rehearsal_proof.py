"""The hash of a rehearsal's result, and each member's own line in it: docs/protocol.md section 13.1.

Whoever has the readings gets the same result and the same hash, bit by bit. Who has only the result that all may see
can check the hash; who has a line of it besides, that the line is in it. Lines are salted by the readings themselves,
so that nobody else can find them out by trying.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.commitments import MerkleTree, climb, depth_of, keccak256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["canonical_json", "hash_result", "holds_line", "lines_tree", "prove_line"]

_SALT_PREFIX, _LINE_KIND = b"\x29", b"\x10"
_SALT_BYTES = 16
#: What depends on the day on which it is asked, or says itself.
_NOT_HASHED = ("law", "members", "result_hash")


def canonical_json(value: Any) -> bytes:
    """JSON in UTF-8 without blanks, keys in order of their code points; whole numbers, texts, null, lists, objects."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_result(result: Mapping[str, Any]) -> str:
    """The hash of a result, of all of it but what is not hashed. [0x-hex]"""
    return _hex(keccak256(canonical_json({k: v for k, v in result.items() if k not in _NOT_HASHED})))


def lines_tree(lines: Sequence[Mapping[str, Any] | None], digests: Sequence[bytes]) -> MerkleTree:
    """The tree over all members' lines.

    Args:
        lines: By place of the participant in the community file, None for who had no point.
        digests: Of the readings that were rehearsed, in order.
    """
    places = [place for place, line in enumerate(lines) if line is not None]
    hashes = [keccak256(_leaf(line, _salt(digests, place))) for place, line in _given(lines)]
    nodes = np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(-1, 32)
    return MerkleTree.grow_sparse(nodes, places, depth_of(len(lines)))


def prove_line(
    tree: MerkleTree, line: Mapping[str, Any], place: int, digests: Sequence[bytes]
) -> dict[str, Any]:
    """A member's line with what proves it. JSON-ready."""
    return {
        "line": dict(line),
        "place": place,
        "salt": _hex(_salt(digests, place)),
        "path": [_hex(node) for node in tree.path(place)],
    }


def holds_line(public: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Is the line in the result, and is the result's hash its own?"""
    path = [bytes.fromhex(node.removeprefix("0x")) for node in own["path"]]
    if len(path) != public["lines_depth"] or not 0 <= own["place"] < 1 << len(path):
        return False
    leaf = _leaf(own["line"], bytes.fromhex(own["salt"].removeprefix("0x")))
    root = climb(keccak256(leaf), own["place"], path)
    return (_hex(root), hash_result(public)) == (public["lines_root"], public["result_hash"])


def _given(lines: Sequence[Mapping[str, Any] | None]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(place, line) for place, line in enumerate(lines) if line is not None]


def _salt(digests: Sequence[bytes], place: int) -> bytes:
    secret = keccak256(b"".join(digests))
    return keccak256(_SALT_PREFIX + secret + place.to_bytes(4, "big"))[:_SALT_BYTES]


def _leaf(line: Mapping[str, Any], salt: bytes) -> bytes:
    return _LINE_KIND + salt + canonical_json(line)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
