"""Ways to alter a proof: each takes the arguments of a call, and changes one thing in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.vectors import reference as ref
from tests.vectors.reference_settlement import to_hex

__all__ = ["Bend", "flipped", "placed", "shortened", "told", "without", "without_last_point"]

Bend = Callable[[list[Any]], None]


def _part(arguments: list[Any], name: str) -> tuple[Any, Any]:
    """Where a field is, named by a path of keys through the arguments."""
    keys: list[Any] = [int(key) if key.isdigit() else key for key in name.split(".")]
    held: Any = arguments
    for key in keys[:-1]:
        held = held[key]
    return held, keys[-1]


def flipped(name: str) -> Bend:
    """Another sibling at the bottom of a path."""

    def bend(arguments: list[Any]) -> None:
        held, key = _part(arguments, name)
        held[key] = [to_hex(ref.keccak(b"another")), *held[key][1:]]

    return bend


def shortened(name: str) -> Bend:
    def bend(arguments: list[Any]) -> None:
        held, key = _part(arguments, name)
        held[key] = held[key][:-1]

    return bend


def told(name: str, value: Any) -> Bend:
    def bend(arguments: list[Any]) -> None:
        held, key = _part(arguments, name)
        held[key] = value(held[key]) if callable(value) else value

    return bend


def placed(slot: int, day: int) -> Bend:
    def bend(arguments: list[Any]) -> None:
        arguments[0] |= {"slot": slot, "day": day}

    return bend


def without(name: str) -> Bend:
    return told(name, lambda listed: listed[:-1])


def without_last_point(arguments: list[Any]) -> None:
    assert len(arguments[0]["points"]) > 1
    arguments[0]["points"] = arguments[0]["points"][:-1]
