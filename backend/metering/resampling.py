"""Readings of one step to readings of another: finer ones added, coarser ones divided, no milliwatt-hour lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SECONDS_MAX", "Intervals", "Resampled", "add_channels", "resample"]

SECONDS_MAX = 86_400
"""The longest interval that is divided. [s]"""

# From certain to absent. The operator's substitute stands before what is merely estimated.
_RANK = np.array([0, 2, 1, 3], np.uint8)
_BY_RANK = np.array([Quality.MEASURED, Quality.EDITED, Quality.ESTIMATED, Quality.MISSING], np.uint8)


@dataclass(frozen=True)
class Intervals:
    """One series' energies, sorted by start, none overlapping another. Arrays have shape (n,).

    Attributes:
        start_utc: int64. [s since 1970, UTC]
        seconds: int64, at least one, ``SECONDS_MAX`` at most. [s]
        energy: int64, at least zero; 0 where missing. [mWh]
        quality: uint8 ``Quality``.
        code: int32 into ``codes``.
        codes: The source's own words for the quality.
    """

    start_utc: NDArray[np.int64]
    seconds: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    code: NDArray[np.int32]
    codes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.start_utc)


@dataclass(frozen=True)
class Resampled:
    """Readings of one step, sorted by start.

    Attributes:
        intervals: Of the demanded step.
        incomplete_utc: Starts of intervals of which the file has only a part, which are left out. int64, shape (k,)
    """

    intervals: Intervals
    incomplete_utc: NDArray[np.int64]


def resample(source: Intervals, step_seconds: int, phase_seconds: int = 0) -> Resampled:
    """Bring a series to one step.

    Args:
        source: As the file has it, its steps possibly mixed.
        step_seconds: Demanded. [s]
        phase_seconds: Where the grid begins within a step, counted from 1970 in UTC. [s]

    Returns:
        An interval that the file covers has the sum of what lies in it, its quality the most doubtful one of its
        parts: missing where a part is. One that came of dividing a longer interval is estimated, as a step finer than
        what was measured says nothing of when energy flowed. The source's words are joined with a space where they
        differ.

    Invariants:
        - The energies of what is kept sum to that of the source intervals that lie in it.
        - The parts of a divided interval sum to it exactly, and differ from one another by one milliwatt-hour at most
          where they are equally long.
    """
    assert step_seconds > 0, step_seconds
    assert not len(source) or int(source.seconds.min()) > 0, "intervals have a length"
    assert not len(source) or int(source.seconds.max()) <= SECONDS_MAX, "no interval beyond the longest"
    end = source.start_utc + source.seconds
    assert bool(np.all(source.start_utc[1:] >= end[:-1])), "sorted, none overlapping another"
    on_grid = (source.start_utc - phase_seconds) % step_seconds == 0
    if bool(np.all(on_grid & (source.seconds == step_seconds))):
        return Resampled(source, np.empty(0, np.int64))
    parts, key, seconds = _divide(source, step_seconds, phase_seconds)
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    start = key[first] * step_seconds + phase_seconds
    covered = np.add.reduceat(seconds, first)
    missing = np.maximum.reduceat(_RANK[parts.quality], first)
    quality = _BY_RANK[missing]
    energy = np.add.reduceat(parts.energy, first)
    energy[quality == Quality.MISSING] = 0
    code, codes = _join_codes(parts, first)
    whole = covered == step_seconds
    kept = Intervals(
        start_utc=start[whole],
        seconds=np.full(int(np.count_nonzero(whole)), step_seconds, np.int64),
        energy=energy[whole],
        quality=quality[whole],
        code=code[whole],
        codes=codes,
    )
    return Resampled(kept, start[~whole])


def add_channels(channels: Sequence[Intervals]) -> Intervals:
    """The sum of several registers of one metering point and direction.

    Args:
        channels: At least one, of one step, over one list of words, each sorted by start.

    Returns:
        Of each interval that one of them has the sum, missing where it is missing in one or one lacks it; the quality
        the most doubtful one.
    """
    if len(channels) == 1:
        return channels[0]
    start = np.concatenate([channel.start_utc for channel in channels])
    order = np.argsort(start, kind="stable")
    rows = Intervals(
        start[order],
        np.concatenate([channel.seconds for channel in channels])[order],
        np.concatenate([channel.energy for channel in channels])[order],
        np.concatenate([channel.quality for channel in channels])[order],
        np.concatenate([channel.code for channel in channels])[order],
        max((channel.codes for channel in channels), key=len),
    )
    first = np.flatnonzero(np.append(True, np.diff(rows.start_utc) != 0))
    present = np.diff(np.append(first, len(rows)))
    quality = _BY_RANK[np.maximum.reduceat(_RANK[rows.quality], first)]
    quality[present < len(channels)] = Quality.MISSING
    energy = np.add.reduceat(rows.energy, first)
    energy[quality == Quality.MISSING] = 0
    code, codes = _join_codes(rows, first)
    return Intervals(rows.start_utc[first], rows.seconds[first], energy, quality, code, codes)


def _divide(
    source: Intervals, step: int, phase: int
) -> tuple[Intervals, NDArray[np.int64], NDArray[np.int64]]:
    """The parts of intervals by the grid's boundaries, the grid interval and length of each."""
    shifted = source.start_utc - phase
    end = shifted + source.seconds
    first_key = shifted // step
    count = (end - 1) // step - first_key + 1
    row = np.repeat(np.arange(len(source)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    key = first_key[row] + within
    begins = np.maximum(key * step, shifted[row]) - shifted[row]
    ends = np.minimum((key + 1) * step, end[row]) - shifted[row]
    # floor(energy · until / seconds) without the product, which may exceed 64 bits.
    quotient, rest = np.divmod(source.energy, source.seconds)
    quotient, rest, length = quotient[row], rest[row], source.seconds[row]
    energy = quotient * (ends - begins) + rest * ends // length - rest * begins // length
    quality = source.quality[row]
    quality[(count[row] > 1) & (quality != Quality.MISSING)] = Quality.ESTIMATED
    parts = Intervals(
        begins + source.start_utc[row], ends - begins, energy, quality, source.code[row], source.codes
    )
    return parts, key, ends - begins


def _join_codes(parts: Intervals, first: NDArray[np.int64]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """A word for each group of parts: theirs where it is one, else all of theirs, each once."""
    code = parts.code[first].astype(np.int32)
    least = np.minimum.reduceat(parts.code, first)
    most = np.maximum.reduceat(parts.code, first)
    codes = list(parts.codes)
    place = {word: index for index, word in enumerate(codes)}
    joined: dict[tuple[int, ...], int] = {}
    until = np.append(first[1:], len(parts))
    for group in np.flatnonzero(least != most).tolist():
        present = tuple(dict.fromkeys(parts.code[first[group] : until[group]].tolist()))
        if present not in joined:
            word = " ".join(dict.fromkeys(codes[index] for index in present if codes[index]))
            if word not in place:
                place[word] = len(codes)
                codes.append(word)
            joined[present] = place[word]
        code[group] = joined[present]
    return code, tuple(codes)
