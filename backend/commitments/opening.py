"""How a period's bands travel to the chain: two bits an interval, 128 to a word (docs/protocol.md, section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.commitments.leaves import BANDS
from backend.errors import InputError

__all__ = ["pack_bands", "unpack_bands"]

_BITS = 2
_PER_WORD = 128


def pack_bands(bands: Iterable[int]) -> list[int]:
    """Pack the tariff band of each interval of a period, in order, the first in the lowest bits.

    Args:
        bands: Bands 0 to 3.

    Returns:
        256-bit words.

    Raises:
        InputError: If a band is none of the four.
    """
    words: list[int] = []
    for place, band in enumerate(int(band) for band in bands):
        if not 0 <= band < BANDS:
            raise InputError(f"Interval {place} has tariff band {band}; bands are 0 to {BANDS - 1}.")
        if place % _PER_WORD == 0:
            words.append(0)
        words[-1] |= band << _BITS * (place % _PER_WORD)
    return words


def unpack_bands(words: Sequence[int], intervals: int) -> list[int]:
    """Read back the band of each interval.

    Raises:
        InputError: If the words do not hold that many intervals, or hold anything behind the last.
    """
    if len(words) != -(-intervals // _PER_WORD):
        raise InputError(f"{len(words)} words of bands do not belong to {intervals} intervals.")
    joined = sum(word << _BITS * _PER_WORD * place for place, word in enumerate(words))
    if joined >> _BITS * intervals:
        raise InputError(f"The words of bands hold something behind the last of {intervals} intervals.")
    return [joined >> _BITS * place & (BANDS - 1) for place in range(intervals)]
