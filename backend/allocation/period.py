"""A settlement period's allocation, slot-major as settlement keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import SharingKey
    from backend.metering import PeriodReadings

__all__ = ["PeriodAllocation", "allocate_period"]


@dataclass(frozen=True, slots=True)
class PeriodAllocation:
    """What every slot was allocated, and the headers' totals.

    Attributes:
        allocated: Shape (slots, T), int64: to a consumption slot what the key gave it, of a feed-in slot what was
            shared; zero for slots without a point. [mWh]
        tau: Shape (T,), int64: rounds the producers' parts.
        feed_in: Shape (T,), int64: P. [mWh]
        consumption: Shape (T,), int64: C. [mWh]
        total: Shape (T,), int64: A = Σ allocated = Σ shared. [mWh]
        rounds: Shape (T, r, 2), int64.
    """

    allocated: NDArray[np.int64]
    tau: NDArray[np.int64]
    feed_in: NDArray[np.int64]
    consumption: NDArray[np.int64]
    total: NDArray[np.int64]
    rounds: NDArray[np.int64]


def allocate_period(
    readings: PeriodReadings, directions: Sequence[Direction | None], key: SharingKey
) -> PeriodAllocation:
    """Allocate a period's readings.

    Args:
        readings: Of all slots; inactive or missing ones hold zero.
        directions: By slot, None where the slot has no point in this period.
        key: In force in this period.

    Raises:
        BalanceError: As ``SharingKey.allocate``.
    """
    slots = len(readings.energy)
    assert len(directions) == slots, (len(directions), slots)
    consumers = [slot for slot, direction in enumerate(directions) if direction == Direction.CONSUMPTION]
    producers = [slot for slot, direction in enumerate(directions) if direction == Direction.FEED_IN]
    t_in_day = np.concatenate(
        [np.arange(count, dtype=np.int64) for count in readings.calendar.intervals_per_day]
    )
    result = key.allocate(
        np.ascontiguousarray(readings.energy[consumers].T),
        np.ascontiguousarray(readings.energy[producers].T),
        consumer_slots=consumers,
        producer_slots=producers,
        slots=slots,
        t_in_day=t_in_day,
    )
    allocated = np.zeros(readings.energy.shape, dtype=np.int64)
    allocated[consumers] = result.allocated.T
    allocated[producers] = result.shared.T
    return PeriodAllocation(
        allocated, result.tau, result.feed_in, result.consumption, result.total, result.rounds
    )
