"""What a sharing key is, and the frozen values that go in and come out of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation.links import LinkFlows

__all__ = ["Allocation", "Header", "Row", "SharingKey", "SlotRows"]


@dataclass(frozen=True, slots=True)
class Header:
    """An interval's totals, as its header leaf holds them (docs/protocol.md section 6).

    Attributes:
        t: Index of the interval in its civil day, from 0.
        slots: Highest slot of the period plus one.
        feed_in: P, over all feed-in slots. [mWh]
        consumption: C, over all consumption slots. [mWh]
        allocated: A, to all consumption slots. [mWh]
        tau: Rounds the producers' parts.
        rounds: (pool [mWh], weight) per round, for keys in rounds.
    """

    t: int
    slots: int
    feed_in: int
    consumption: int
    allocated: int
    tau: int
    rounds: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What is claimed for one slot in one interval.

    Attributes:
        slot: Place of the metering point in the registry.
        direction: Of the metering point.
        energy: Its consumption or feed-in. [mWh]
        allocated: What the key gave it, or the part of its feed-in that was shared. [mWh]
        coefficient_ppm: Of a scheduled key's consumption row, as its leaf 0b holds it; other keys know their own. [ppm]
    """

    slot: int
    direction: Direction
    energy: int
    allocated: int
    coefficient_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a key gave, time-major: T intervals of n_c consumption and n_p feed-in slots.

    Attributes:
        allocated: Shape (T, n_c), int64. [mWh]
        shared: Shape (T, n_p), int64: the part of each feed-in that was allocated to someone. [mWh]
        tau: Shape (T,), int64: rounds the producers' parts.
        feed_in: Shape (T,), int64: P, the pool. [mWh]
        consumption: Shape (T,), int64: C. [mWh]
        total: Shape (T,), int64: A = Σ allocated = Σ shared. [mWh]
        rounds: Shape (T, r, 2), int64: (pool, weight) per round; r = 0 for ``dynamic`` and ``static``.
        credited: Shape (T, n_c), int64, or None where the key credits nothing: what a consumer was entitled to and did
            not use and yet owns; what ``incentive`` counts as virtually shared. [mWh]
        credited_feed_in: Shape (T, n_p), int64, or None: the same of ``incentive``'s producers. [mWh]
        links: Who served whom, for the keys that decide it (``pairwise``, ``flow``).
        potentials: Shape (T, slots), int64: of ``flow``'s solution.
    """

    allocated: NDArray[np.int64]
    shared: NDArray[np.int64]
    tau: NDArray[np.int64]
    feed_in: NDArray[np.int64]
    consumption: NDArray[np.int64]
    total: NDArray[np.int64]
    rounds: NDArray[np.int64]
    credited: NDArray[np.int64] | None = None
    credited_feed_in: NDArray[np.int64] | None = None
    links: LinkFlows | None = None
    potentials: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class SlotRows:
    """A period's rows, slot-major, and their headers' rounds.

    Attributes:
        directions: By slot, None where it has no point.
        energy: Shape (slots, T), int64. [mWh]
        allocated: Shape (slots, T), int64. [mWh]
        active: Shape (slots, T), bool.
        rounds: Shape (T, r, 2), int64.
        links: Who served whom, for the keys that decide it.
    """

    directions: tuple[Direction | None, ...]
    energy: NDArray[np.int64]
    allocated: NDArray[np.int64]
    active: NDArray[np.bool_]
    rounds: NDArray[np.int64]
    links: LinkFlows | None = None

    def slots_of(self, direction: Direction) -> list[int]:
        """Slots that have this direction, ascending."""
        return [slot for slot, found in enumerate(self.directions) if found is direction]


class SharingKey(Protocol):
    """A way to share an interval's feed-in among consumers.

    Invariants of every key:
        - No one is allocated more than they consume, no more is shared than was fed in.
        - Σ allocated = Σ shared <= min(P, C), in every interval.
        - A row depends on itself and its interval's header alone: no order, no neighbour.
    """

    @property
    def method(self) -> str:
        """Name in the law book."""
        ...

    @property
    def code(self) -> int:
        """Number on chain."""
        ...

    @property
    def coefficients_ppm(self) -> tuple[int, ...]:
        """Sharing coefficient by slot, as the rule book keeps them; empty for keys without. [ppm]"""
        ...

    def allocate(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        *,
        consumer_slots: Sequence[int],
        producer_slots: Sequence[int],
        slots: int,
        t_in_day: NDArray[np.int64],
        active: NDArray[np.bool_] | None = None,
    ) -> Allocation:
        """Share every interval.

        Args:
            consumption: Shape (T, n_c), int64; zero where the slot is not active. [mWh]
            feed_in: Shape (T, n_p), int64. [mWh]
            consumer_slots: Slot of each consumption column, ascending.
            producer_slots: Slot of each feed-in column, ascending.
            slots: Highest slot of the period plus one.
            t_in_day: Shape (T,): index of each interval in its civil day.
            active: Shape (T, n_c): is the consumption slot a member on that day? All are where None.

        Raises:
            BalanceError: If energy is negative or beyond 2^53-1 mWh, or the result does not balance (a fault of ours).
        """
        ...

    def check_row(self, header: Header, row: Row) -> bool:
        """Is the row what the key gives for this header? The check that a contract makes, in exact integers."""
        ...

    def contribute(self, rows: SlotRows) -> NDArray[np.int64]:
        """What each row gives to the rounds of the stairs.

        Returns:
            Shape (slots, T, r, 2), int64: (given, weight); zero where the slot is not active.
        """
        ...
