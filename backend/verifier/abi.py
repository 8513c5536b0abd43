"""The part of Solidity's ABI that reading the contracts takes: selectors, word arguments, strict decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.commitments.keccak import keccak256
from backend.errors import ChainUnavailableError

__all__ = ["Array", "Struct", "Type", "decode_return", "encode_call"]

_WORD = 32


@dataclass(frozen=True, slots=True)
class Array:
    """``item[length]``; a list of any length where ``length`` is None."""

    item: Type
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct: types by field name, in order."""

    fields: Mapping[str, Type]


Type = str | Array | Struct
"""``uintN``, ``intN``, ``address`` or ``bytes32``; an array; a struct."""


def encode_call(signature: str, arguments: Sequence[int | bytes]) -> str:
    """Encode a call whose arguments take a word each: integers at least zero, and bytes32."""
    words = [entry.to_bytes(_WORD, "big") if isinstance(entry, int) else entry for entry in arguments]
    assert all(len(word) == _WORD for word in words)
    return "0x" + (keccak256(signature.encode())[:4] + b"".join(words)).hex()


def decode_return(kind: Type, answer: object, what: str) -> Any:
    """Decode what a function with one return value gave.

    Args:
        kind: Type of the value.
        answer: The node's answer, 0x-hex.
        what: The call in words, for messages.

    Returns:
        Integers, bytes, tuples for arrays, dictionaries for structs.

    Raises:
        ChainUnavailableError: If the answer is not a value of this type.
    """
    try:
        data = _read_hex(answer)
        return _decode_at(kind, data, 0, 0)
    except ValueError as error:
        raise ChainUnavailableError(
            f"{what}: the node's answer cannot be read ({error}); is this the chain and the contract of the bundle?"
        ) from None


def _read_hex(answer: object) -> bytes:
    if not isinstance(answer, str) or not answer.startswith("0x"):
        raise ValueError(f"{answer!r:.40} is no hex string")
    return bytes.fromhex(answer[2:])


def _is_dynamic(kind: Type) -> bool:
    if isinstance(kind, Array):
        return kind.length is None or _is_dynamic(kind.item)
    return isinstance(kind, Struct) and any(_is_dynamic(field) for field in kind.fields.values())


def _head_size(kind: Type) -> int:
    if _is_dynamic(kind) or isinstance(kind, str):
        return _WORD
    if isinstance(kind, Struct):
        return sum(_head_size(field) for field in kind.fields.values())
    return _head_size(kind.item) * (kind.length or 0)


def _word(data: bytes, position: int) -> bytes:
    word = data[position : position + _WORD]
    if len(word) < _WORD:
        raise ValueError(f"{len(data)} bytes end before the word at {position}")
    return word


def _decode_at(kind: Type, data: bytes, head: int, base: int) -> Any:
    """Decode a value whose head stands at ``head`` and whose offsets count from ``base``."""
    if _is_dynamic(kind):
        head = base + int.from_bytes(_word(data, head), "big")
    if isinstance(kind, str):
        return _decode_word(kind, _word(data, head))
    if isinstance(kind, Struct):
        values, position = {}, head
        for name, field in kind.fields.items():
            values[name] = _decode_at(field, data, position, head)
            position += _head_size(field)
        return values
    length = kind.length
    if length is None:
        length = int.from_bytes(_word(data, head), "big")
        head += _WORD
        if length * _WORD > len(data):
            raise ValueError(f"a list of {length} entries in {len(data)} bytes")
    size = _head_size(kind.item)
    return tuple(_decode_at(kind.item, data, head + i * size, head) for i in range(length))


def _decode_word(kind: str, word: bytes) -> int | bytes:
    if kind == "bytes32":
        return word
    if kind == "address":
        if any(word[:12]):
            raise ValueError(f"0x{word.hex()} is no address")
        return word[12:]
    signed = kind.startswith("int")
    bits = int(kind.removeprefix("int" if signed else "uint"))
    value = int.from_bytes(word, "big", signed=signed)
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not low <= value < high:
        raise ValueError(f"{value} is no {kind}")
    return value
