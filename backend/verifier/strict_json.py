"""JSON read strictly: each value with its form and width, each object with exactly its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from unicodedata import category

from backend.errors import VerificationError

__all__ = [
    "MOST_DAYS",
    "MOST_INTERVALS",
    "Curve",
    "decode_json",
    "malformed",
    "read_address",
    "read_curve",
    "read_fields",
    "read_hash",
    "read_list",
    "read_path",
    "read_salt",
    "read_signed",
    "read_text",
    "read_whole",
]

_T = TypeVar("_T")

Curve = tuple[tuple[int, ...], ...]
"""A number per interval, by day."""

MOST_DAYS = 0xFFFF
MOST_INTERVALS = 0xFFFF
_HASH = re.compile(r"0x[0-9a-f]{64}")
_SALT = re.compile("0x[0-9a-f]{32}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DEEPEST_PATH = 32  # a slot is a u32
_DEEPEST = 16  # a bundle nests its lists and objects eight deep
_LONGEST_TEXT = 128  # characters of a metering point's number; the longest in use, EDA's, has 33
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, half a pair, ends of line and paragraph
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[\[\]{}]")


def decode_json(text: str | bytes) -> object:
    """Decode JSON in UTF-8 that names no field twice and holds no NaN.

    Raises:
        VerificationError: If the text is no such JSON.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VerificationError(f"the bundle is not JSON in UTF-8: {error}") from None
    _require_shallow(text)
    try:
        value: object = json.loads(text, object_pairs_hook=_refuse_doubles, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"the bundle is not JSON: {error}") from None
    return value


def _require_shallow(text: str) -> None:
    """Refuse nesting beyond any bundle's before it is parsed: a deep one can exhaust the interpreter's stack."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEEPEST:
            raise VerificationError(
                f"the bundle is not JSON of a bundle: it is nested more than {_DEEPEST} deep"
            )


def read_curve(value: object, place: str, bits: int) -> Curve:
    """Take a list of days, each a list of whole numbers."""

    def entry(number: object, at: str) -> int:
        return read_whole(number, at, bits)

    def row(numbers: object, at: str) -> tuple[int, ...]:
        return read_list(numbers, at, entry, most=MOST_INTERVALS)

    return read_list(value, place, row, most=MOST_DAYS)


def read_path(value: object, place: str) -> tuple[bytes, ...]:
    """Take the siblings of a path, from the bottom up."""
    return read_list(value, place, read_hash, most=_DEEPEST_PATH)


def read_fields(value: object, place: str, names: str) -> Mapping[str, Any]:
    """Take an object that has exactly these fields: what is not checked does not stand in a bundle."""
    if not isinstance(value, dict):
        raise malformed(place or "(whole)", "an object", value)
    prefix = f"{place}." if place else ""
    for name in names.split():
        if name not in value:
            raise VerificationError(f"bundle field {prefix}{name} is missing")
    for name in value:
        if name not in names.split():
            raise VerificationError(
                f"bundle field {prefix}{name} is unknown: a bundle holds nothing unchecked"
            )
    return value


def read_list(value: object, place: str, read: Callable[[object, str], _T], most: int) -> tuple[_T, ...]:
    """Take a list of at most so many entries, each read by ``read``."""
    if not isinstance(value, list):
        raise malformed(place, "a list", value)
    if len(value) > most:
        raise VerificationError(f"bundle field {place} has {len(value)} entries: expected at most {most}")
    return tuple(read(entry, f"{place}[{i}]") for i, entry in enumerate(value))


def read_whole(value: object, place: str, bits: int) -> int:
    """Take a whole number of so many bits, at least zero."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise malformed(place, f"a whole number from 0 to 2^{bits} - 1", value)
    return value


def read_signed(value: object, place: str) -> int:
    """Take a whole number of 64 bits, which may be below zero."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 63) <= value < 1 << 63:
        raise malformed(place, "a whole number from -2^63 to 2^63 - 1", value)
    return value


def read_hash(value: object, place: str) -> bytes:
    """Take 32 bytes."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise malformed(place, "0x and 64 lower-case hex digits", value)
    return bytes.fromhex(value[2:])


def read_salt(value: object, place: str) -> bytes:
    """Take 16 bytes."""
    if not isinstance(value, str) or not _SALT.fullmatch(value):
        raise malformed(place, "0x and 32 lower-case hex digits", value)
    return bytes.fromhex(value[2:])


def read_address(value: object, place: str) -> bytes:
    """Take 20 bytes."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise malformed(place, "0x and 40 hex digits", value)
    return bytes.fromhex(value[2:])


def read_text(value: object, place: str) -> str:
    """Take a short text that shows what it is: none of it steers a terminal, turns the writing or is invisible."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
        raise malformed(place, f"text of 1 to {_LONGEST_TEXT} characters", value)
    if any(category(letter) in _UNSEEN for letter in value):
        raise malformed(place, "text without control or invisible characters", value)
    return value


def malformed(place: str, expected: str, found: object) -> VerificationError:
    """Say what stands at a place, and what was expected there."""
    shown = ascii(found)
    if len(shown) > 80:  # noqa: PLR2004 -- a line's worth
        shown = f"{shown[:77]}..."
    return VerificationError(f"bundle field {place} is {shown}: expected {expected}")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise VerificationError(f"bundle field {double} stands twice in one object")
    return fields


def _refuse_constant(name: str) -> None:
    raise VerificationError(f"the bundle holds {name}: expected whole numbers only")
