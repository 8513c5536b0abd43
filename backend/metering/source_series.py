"""Readings as a meter file names them, before they are joined to a community's metering points and its step.

A file speaks of the operator's numbers, its own channels, quality codes and steps. A reader hands its content over as
``SourceBlock`` (energy of intervals) and ``RegisterRead`` (what a register showed), in the file's order and with the
file's own words beside ours; matching, resampling and checking come after.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RegisterRead", "SeriesName", "SeriesRole", "SourceBlock"]


class SeriesRole(Enum):
    """What a series says: what a meter measured, or what a grid operator allocated of it."""

    MEASURED = "measured"  # consumption or feed-in of the metering point
    OFFERED = "offered"  # the point's share of the community's feed-in, used or not
    ALLOCATED = "allocated"  # of the consumption, what the community covered
    RESIDUAL = "residual"  # of the consumption, what the supplier covered
    SHARED = "shared"  # of the feed-in, what the community used
    SURPLUS = "surplus"  # of the feed-in, what the community did not use


@dataclass(frozen=True, slots=True)
class SeriesName:
    """Which series of a file.

    Attributes:
        external_id: The operator's number of the metering point (NMI, PRM, CUPS, Zählpunkt, EAN), as the file has it.
        direction: ``CONSUMPTION`` or ``FEED_IN`` of ``backend.metering.points``.
        channel: The file's own name of the channel or register (``E1``, ``1-1:1.9.0 G.01``); empty where it has none.
        role: What it says.
    """

    external_id: str
    direction: int
    channel: str = ""
    role: SeriesRole = SeriesRole.MEASURED


@dataclass(frozen=True)
class SourceBlock:
    """Some readings of one series, in the file's order. Arrays have shape (n,).

    Attributes:
        series: Which.
        start_utc: Start of each interval, int64. [s since 1970, UTC]
        seconds: Length of each interval, int64. [s]
        energy: int64; 0 where missing. [mWh]
        quality: uint8 ``Quality``, normalised.
        code: int32 into ``codes``: the source's own word for the quality of each reading.
        codes: Those words verbatim; an empty one where the source says nothing.
        line: Line of the file, from 1, int64; 0 where lines mean nothing.
    """

    series: SeriesName
    start_utc: NDArray[np.int64]
    seconds: NDArray[np.int64]
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    code: NDArray[np.int32]
    codes: tuple[str, ...]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start_utc)


@dataclass(frozen=True, slots=True)
class RegisterRead:
    """What a register showed at an instant: total energy since the meter was set, of one direction.

    Attributes:
        series: Which; its channel names the register.
        instant_utc: When. [s since 1970, UTC]
        value: What it showed. [mWh]
        meter: The device's serial, empty where unknown: a change of it is a meter exchange.
        code: The source's own word for its quality, verbatim.
        line: Line of the file, or 0.
    """

    series: SeriesName
    instant_utc: int
    value: int
    meter: str = ""
    code: str = ""
    line: int = 0
