"""The three phases of a network, and sets of them."""

from __future__ import annotations

from enum import IntFlag

from backend.errors import InputError

__all__ = ["PHASE_COUNT", "Phases"]

PHASE_COUNT = 3
_LETTERS = {"a": "1", "b": "2", "c": "3", "r": "1", "s": "2", "t": "3", "u": "1", "v": "2", "w": "3"}


class Phases(IntFlag):
    """A set of phases; as text ``L1``, ``L23``, ``L123``."""

    NONE = 0
    L1 = 1
    L2 = 2
    L3 = 4
    ALL = 7

    @classmethod
    def parse(cls, text: str) -> Phases:
        """Read ``L1``, ``L1L3``, ``L123``, ``ABC``, ``RST``, ``1.2`` as written in files, whatever the case.

        Raises:
            InputError: If it names no phase, or another than these three, or one twice.
        """
        phases = cls.NONE
        for letter in text.lower().replace("n", ""):
            if letter in "l.,+- ":
                continue
            place = "123".find(_LETTERS.get(letter, letter))
            if place < 0 or phases & (1 << place):
                raise InputError(f'"{text[:40]}" is no set of phases; write it like L1, L23 or L123.')
            phases |= cls(1 << place)
        if not phases:
            raise InputError(f'"{text[:40]}" names no phase; write it like L1, L23 or L123.')
        return phases

    @classmethod
    def of_index(cls, index: int) -> Phases:
        """The phase at 0, 1 or 2."""
        return cls(1 << index)

    @property
    def indices(self) -> tuple[int, ...]:
        """Their places, ascending: 0 for L1."""
        return tuple(index for index in range(PHASE_COUNT) if self & (1 << index))

    def __str__(self) -> str:
        return "L" + "".join(str(index + 1) for index in self.indices) if self else "none"
