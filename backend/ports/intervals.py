"""Interval data as services see it: written once, listed in a manifest, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backend.metering import ReadingTable
    from backend.metering.source_series import RegisterRead

__all__ = ["SERIES_MARK", "AllocationFrame", "Coverage", "IntervalStore", "ReadingLoad"]

SERIES_MARK = "~"
"""Stands between a metering point's id, which never has it, and the name of another series of the same point: a grid
operator's file tells of a point what it allocated, and beside it what it holds to be the consumption (``home~energy``).
"""


@dataclass(frozen=True, slots=True)
class ReadingLoad:
    """One load of readings into a community: all of it or nothing.

    Attributes:
        id: Made by the caller before loading; hash of the files' hashes, so that the same files load once.
        community: Its id.
        received_utc: Belief time. [s since 1970, UTC]
        files: File names, without folders.
        file_hash: keccak of the file's bytes (of the joined hashes for several), 0x-hex.
        salt: Random, makes the anchored source hash unguessable, 0x-hex.
        rows: Readings loaded.
        binding: A ruling set them: they outrank those of loads that are not, however late; of two the later counts.
        registers: Register reads loaded with them.
    """

    id: str
    community: str
    received_utc: int
    files: tuple[str, ...]
    file_hash: str
    salt: str
    rows: int
    binding: bool = False
    registers: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is kept of a span, told without reading it.

    Attributes:
        seconds: Most of the span that readings can cover. [s]
        content: Changes whenever a reading in it may have changed, 0x-hex.
    """

    seconds: int
    content: str


@dataclass(frozen=True)
class AllocationFrame:
    """A run's rows, slot-major, what its headers say of each interval, and who served whom.

    Attributes:
        energy: Shape (slots, T), int64: consumption or feed-in. [mWh]
        allocated: Shape (slots, T), int64: given to a consumer, or shared of a feed-in. [mWh]
        quality: Shape (slots, T), uint8.
        source: Shape (slots, T), uint8.
        tau: Shape (T,), int64: the headers' rounding thresholds.
        value: Shape (T,), int64: what the shared energy of the interval is worth. [pico-euro]
        row_value: Shape (slots, T), int64: what a row's share is worth. [pico-euro]
        credited: Shape (slots, T), int64: what a row is credited with beside its share. [mWh]
        rounds: Shape (T, r, 2), int64: (pool, weight) of the key's rounds.
        links: Shape (n, 5), int64: producer's slot, consumer's slot, energy [mWh], value [pico-euro], the producer's
            VAT class; of the period.
        parts: Shape (slots, T, r, 2), int64: what a row contributes to the rounds; None where there is no round, or
            ``link_flows`` say it.
        link_flows: Shape (m, 4), int64: interval, producer's slot, consumer's slot, energy [mWh]; of keys that decide
            in every interval who serves whom.
        potentials: Shape (slots, T), int64; of the same keys.
        computed: Shape (slots, T), int64: what the sharing key would have given, where the grid operator's allocation
            binds; for the differences to be explained. [mWh]
        link_costs: Shape (k, 4), int64: producer's slot, consumer's slot, weight, cap [mWh], 2^63 - 1 without bound; of
            ``flow``, whose basis commits to them.
        flow_scale: Shape (4,), int64: how levels and steps are weighed; of ``flow``.
    """

    energy: NDArray[np.int64]
    allocated: NDArray[np.int64]
    quality: NDArray[np.uint8]
    source: NDArray[np.uint8]
    tau: NDArray[np.int64]
    value: NDArray[np.int64]
    row_value: NDArray[np.int64]
    credited: NDArray[np.int64]
    rounds: NDArray[np.int64]
    links: NDArray[np.int64]
    parts: NDArray[np.int64] | None = None
    link_flows: NDArray[np.int64] | None = None
    potentials: NDArray[np.int64] | None = None
    computed: NDArray[np.int64] | None = None
    link_costs: NDArray[np.int64] | None = None
    flow_scale: NDArray[np.int64] | None = None


class IntervalStore(Protocol):
    """Readings and allocations by community and month.

    Series of a feeder's meter (``backend.community.is_feeder_series``) are kept beside those of metering points: they
    are read by their ids, and count in no load's span, no coverage and no resolution of the others.
    """

    def add_readings(
        self, load: ReadingLoad, table: ReadingTable, registers: Sequence[RegisterRead] = ()
    ) -> None:
        """Keep a load as a new version. Durable when it returns; a load id that is there already changes nothing.

        Args:
            load: What it is; its ``registers`` says how many reads there are.
            table: Its readings, none where the files have register reads alone.
            registers: What registers showed, ``series.external_id`` being our id of the metering point.
        """
        ...

    def register_reads(
        self,
        community: str,
        metering_points: Sequence[str],
        start_utc: int,
        end_utc: int,
        loads: Sequence[str] | None = None,
    ) -> dict[str, list[RegisterRead]]:
        """What registers showed in [start, end], and the nearest reads around it that all registers of a meter have.

        A read of the same register, meter and instant that a later load gives again supersedes.

        Args:
            community: Its id.
            metering_points: Ids of interest.
            start_utc: [s since 1970, UTC]
            end_utc: [s since 1970, UTC]
            loads: Only these load ids, to replay what was known then; None for all.

        Returns:
            By metering point id, those alone that have any, in order of time; their ``external_id`` is that id.

        Raises:
            NotFoundError: If one of ``loads`` is not there.
        """
        ...

    def register_loads(
        self, community: str, metering_points: Sequence[str], start_utc: int, end_utc: int
    ) -> list[str]:
        """Ids of the loads that the reads of ``register_reads`` came with, in order of arrival."""
        ...

    def loads(self, community: str) -> list[ReadingLoad]:
        """Loads in order of arrival."""
        ...

    def readings(
        self,
        community: str,
        metering_points: Sequence[str],
        start_utc: int,
        end_utc: int,
        loads: Sequence[str] | None = None,
    ) -> ReadingTable:
        """The readings in force in [start, end): of each (point, interval) the one of the latest load that has it.

        Args:
            community: Its id.
            metering_points: Ids, in the order the table shall index them.
            start_utc: [s since 1970, UTC]
            end_utc: [s since 1970, UTC]
            loads: Only these load ids, to replay what was known then; None for all.
        """
        ...

    def loads_within(self, community: str, start_utc: int, end_utc: int) -> list[str]:
        """Ids of the loads that have readings in [start, end), in order of arrival."""
        ...

    def span(self, community: str) -> tuple[int, int] | None:
        """First start and last end of any reading, None where there is none. [s since 1970, UTC]"""
        ...

    def coverage(self, community: str, start_utc: int, end_utc: int) -> Coverage:
        """How much of [start, end) readings may cover, and what they are, without reading any."""
        ...

    def add_allocation(
        self,
        community: str,
        period: int,
        version: int,
        frame: AllocationFrame,
        *,
        replace_unannounced: bool = False,
    ) -> None:
        """Keep a run's rows. Durable when it returns.

        Writing the same again changes nothing, another content is refused: unless no run of that version was ever
        announced, and what is there is what a stopped attempt left behind.
        """
        ...

    def allocation(self, community: str, period: int, version: int) -> AllocationFrame:
        """A run's rows.

        Raises:
            NotFoundError: If that run was never kept.
        """
        ...

    def add_schedule(
        self,
        community: str,
        period: int,
        version: int,
        coefficients: NDArray[np.int64],
        *,
        replace_unannounced: bool = False,
    ) -> None:
        """Keep the coefficients that were handed in. Durable when it returns; as ``add_allocation`` never overwritten.

        Args:
            community: Its id.
            period: Days since 1970-01-01.
            version: Of the schedule, from 1.
            coefficients: Shape (slots, T), int64. [ppm]
            replace_unannounced: Whether no schedule of that version was ever announced.
        """
        ...

    def schedule(self, community: str, period: int, version: int) -> NDArray[np.int64]:
        """The coefficients of a version, as they were handed in. Shape (slots, T). [ppm]

        Raises:
            NotFoundError: If that version was never kept.
        """
        ...
