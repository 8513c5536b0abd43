"""Who gave how much to whom: links between feed-in and consumption slots, interval by interval and over a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["LinkFlows", "PeriodMatrix"]


@dataclass(frozen=True, slots=True)
class PeriodMatrix:
    """Energy per link over a period: four columns' worth of docs/protocol.md's links leaves, both ends at once.

    Attributes:
        producer_slot: Shape (n,), int64.
        consumer_slot: Shape (n,), int64.
        energy: Shape (n,), int64, above zero. [mWh]

    Invariants:
        - Sorted by (consumer_slot, producer_slot), each link once.
    """

    producer_slot: NDArray[np.int64]
    consumer_slot: NDArray[np.int64]
    energy: NDArray[np.int64]

    @classmethod
    def of(
        cls, matrix: NDArray[np.int64], producer_slots: Sequence[int], consumer_slots: Sequence[int]
    ) -> Self:
        """The links of a dense matrix (``served_matrix``).

        Args:
            matrix: Shape (n_p, n_c). [mWh]
            producer_slots: Slot per row, ascending.
            consumer_slots: Slot per column, ascending.
        """
        assert matrix.shape == (len(producer_slots), len(consumer_slots)), matrix.shape
        columns, rows = np.nonzero(matrix.T)
        return cls(
            np.asarray(producer_slots, dtype=np.int64)[rows],
            np.asarray(consumer_slots, dtype=np.int64)[columns],
            np.ascontiguousarray(matrix.T)[columns, rows],
        )


@dataclass(frozen=True, slots=True)
class LinkFlows:
    """What flowed over each link in each interval; four arrays of equal length.

    Attributes:
        interval: Index in the period, from 0.
        producer_slot: Who gave.
        consumer_slot: Who was served.
        energy: Above zero. [mWh]

    Invariants:
        - Sorted by (interval, consumer_slot, producer_slot), each of them once.
    """

    interval: NDArray[np.int64]
    producer_slot: NDArray[np.int64]
    consumer_slot: NDArray[np.int64]
    energy: NDArray[np.int64]

    def __post_init__(self) -> None:
        columns = (self.interval, self.producer_slot, self.consumer_slot, self.energy)
        assert len({column.shape for column in columns}) == 1, [column.shape for column in columns]
        assert all(column.ndim == 1 and column.dtype == np.int64 for column in columns)
        assert bool((self.energy > 0).all()), "a link without energy is no link"
        assert self._ascends(), "links are sorted by interval, consumer, producer"

    def _ascends(self) -> bool:
        before, after = slice(None, -1), slice(1, None)
        ascending = self.producer_slot[before] < self.producer_slot[after]
        for column in (self.consumer_slot, self.interval):
            step = column[after] - column[before]
            ascending = (step > 0) | ((step == 0) & ascending)
        return bool(ascending.all())

    def __len__(self) -> int:
        return len(self.energy)

    @classmethod
    def of(
        cls,
        interval: NDArray[np.int64],
        producer_slot: NDArray[np.int64],
        consumer_slot: NDArray[np.int64],
        energy: NDArray[np.int64],
    ) -> Self:
        """The same links in whatever order they come; those without energy are left out."""
        kept = np.flatnonzero(energy)
        order = kept[np.lexsort((producer_slot[kept], consumer_slot[kept], interval[kept]))]
        columns = (interval, producer_slot, consumer_slot, energy)
        return cls(*(np.ascontiguousarray(column[order], dtype=np.int64) for column in columns))

    def at(self, interval: int) -> PeriodMatrix:
        """The links of one interval."""
        begin, end = np.searchsorted(self.interval, [interval, interval + 1])
        return PeriodMatrix(
            self.producer_slot[begin:end], self.consumer_slot[begin:end], self.energy[begin:end]
        )

    def over_period(self) -> PeriodMatrix:
        """Each link's sum over all intervals."""
        order = np.lexsort((self.producer_slot, self.consumer_slot))
        producers, consumers = self.producer_slot[order], self.consumer_slot[order]
        fresh = np.ones(len(order), dtype=np.bool_)
        fresh[1:] = (producers[1:] != producers[:-1]) | (consumers[1:] != consumers[:-1])
        begins = np.flatnonzero(fresh)
        sums = np.add.reduceat(self.energy[order], begins) if begins.size else self.energy[:0]
        return PeriodMatrix(producers[begins], consumers[begins], sums)
