"""The ``scheduled`` key: coefficients for every interval, handed in ahead or after measurement.

``a_i = min(c_i, floor(P · k_i,t / 1,000,000))``, as ``static`` with the coefficient of leaf 0b of this slot and
interval. What of it is not used is the producers', or, where the rule says so, the consumer's.

- France: *dynamique simple*, coefficients that the organising entity hands in after measurement (Code de l'énergie,
  art. D. 315-6; Enedis).
- Spain: hourly β, given ahead for every hour of the year (Real Decreto 244/2019, anexo I, as amended by Orden
  TED/1247/2021).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from backend.allocation.execution import Plan
from backend.allocation.pool_key import PoolKey
from backend.allocation.static import StaticKey, static_part
from backend.community import Direction
from backend.errors import SharingKeyError
from backend.quantities import PARTS_PER_MILLION, multiply_divide_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import Header, Row

__all__ = ["ScheduledKey"]


@dataclass(frozen=True, slots=True, eq=False)
class ScheduledKey(PoolKey):
    """Parts of the pool that differ from interval to interval.

    Attributes:
        schedule: Shape (T, slots), int32, in the order of the intervals that are allocated; zero for others. [ppm]
    """

    schedule: NDArray[np.int32] = field(kw_only=True, repr=False)

    method: ClassVar[str] = "scheduled"
    code: ClassVar[int] = 6

    __eq__ = object.__eq__  # arrays are not compared
    __hash__ = object.__hash__

    @classmethod
    def of(
        cls,
        coefficients: NDArray[np.int64],
        *,
        producer_ppm: tuple[int, ...] = (),
        credits_consumers: bool = False,
    ) -> Self:
        """The key of a schedule.

        Args:
            coefficients: Shape (slots, T), as they are stored. [ppm]
            producer_ppm: Producer key by slot. [ppm]
            credits_consumers: Is the unused part the consumer's?

        Raises:
            SharingKeyError: If one is negative, or those of an interval sum above 1,000,000.
        """
        wrong = np.argwhere((coefficients < 0) | (coefficients > PARTS_PER_MILLION))
        if wrong.size:
            slot, interval = wrong[0].tolist()
            raise SharingKeyError(
                f"the schedule gives slot {slot} {coefficients[slot, interval]} ppm in interval {interval}; "
                "a coefficient lies in 0 to 1000000."
            )
        sums = coefficients.sum(axis=0)
        if (sums > PARTS_PER_MILLION).any():
            interval = int(np.argmax(sums > PARTS_PER_MILLION))
            raise SharingKeyError(
                f"the schedule's coefficients of interval {interval} sum to {sums[interval]} ppm, above 1000000; "
                f"lower them by {sums[interval] - PARTS_PER_MILLION}."
            )
        schedule = np.ascontiguousarray(coefficients.T, dtype=np.int32)
        return cls(schedule=schedule, producer_ppm=producer_ppm, credits_consumers=credits_consumers)

    def at(self, interval: int) -> StaticKey:
        """The interval's coefficients, fixed."""
        return StaticKey(
            tuple(self.schedule[interval].tolist()),
            producer_ppm=self.producer_ppm,
            credits_consumers=self.credits_consumers,
        )

    def part_of(self, slot: int, energy: int, header: Header, coefficient_ppm: int = 0) -> int:  # noqa: ARG002 -- the coefficient says it all
        """See ``static_part``; the coefficient is the one of the slot in this interval. [mWh]"""
        return static_part(energy, coefficient_ppm, header.feed_in)

    def credited_of(self, header: Header, row: Row) -> int:
        """What the row's coefficient entitles to and is not used. [mWh]"""
        if row.direction is Direction.FEED_IN or not self.credits_consumers:
            return 0
        return multiply_divide_down(header.feed_in, row.coefficient_ppm, PARTS_PER_MILLION) - row.allocated

    def check_row(self, header: Header, row: Row) -> bool:
        """Is the row what its coefficient gives for this header?"""
        if row.direction is Direction.FEED_IN:
            return row.allocated == self.shared_of(row.slot, row.energy, header)
        return row.allocated == self.part_of(row.slot, row.energy, header, row.coefficient_ppm)

    def plan(self, consumer_slots: Sequence[int], active: NDArray[np.bool_] | None) -> Plan:
        """As others, with the columns of the schedule."""
        del active
        columns = list(consumer_slots)
        nothing = np.zeros(len(columns), dtype=np.int64)
        width = self.schedule.shape[1]
        if columns == list(range(len(columns))) and len(columns) <= width:
            schedule = np.ascontiguousarray(self.schedule[:, : len(columns)])
        else:
            schedule = np.zeros((len(self.schedule), len(columns)), dtype=np.int32)
            known = [place for place, slot in enumerate(columns) if slot < width]
            schedule[:, known] = self.schedule[:, [columns[place] for place in known]]
        return replace(Plan.of_one_tier(self.code, nothing, np.zeros(1, dtype=np.int64)), schedule=schedule)
