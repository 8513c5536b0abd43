"""Whole numbers that no measure ever comes to: they fit no float, and the longest not even a message."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from backend.errors import InputError

__all__ = ["is_finite", "refuse_huge_numbers"]

_DIGITS_PER_BIT = 0.30103


def is_finite(value: float) -> bool:
    """Is a number, whole or not, one that a float can be?"""
    return abs(value) <= sys.float_info.max


def refuse_huge_numbers(value: object, where: str) -> None:
    """Refuse JSON-ready data with a whole number beyond every float, wherever it stands in it.

    Args:
        value: The data.
        where: What it is, for people.

    Raises:
        InputError: Naming how long the number is.
    """
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, int) and not is_finite(one):
            digits = int(one.bit_length() * _DIGITS_PER_BIT) + 1
            raise InputError(f"{where} holds a number of about {digits} digits; write one that can be meant.")
