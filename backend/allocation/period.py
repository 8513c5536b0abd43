"""A settlement period's allocation, slot-major as settlement keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation.sharing_key import SlotRows
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation.links import LinkFlows
    from backend.allocation.sharing_key import Allocation, SharingKey
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
        rounds: Shape (T, r, 2), int64: (pool, weight), as the headers carry them.
        credited: Shape (slots, T), int64. [mWh]
        parts: Shape (slots, T, r, 2), int64: (given, weight), as each row contributes to the stairs; None where r = 0.
        links: Who served whom in which interval, for the keys that decide it; else None.
        potentials: Shape (slots, T), int64, for ``flow``; else None.
    """

    allocated: NDArray[np.int64]
    tau: NDArray[np.int64]
    feed_in: NDArray[np.int64]
    consumption: NDArray[np.int64]
    total: NDArray[np.int64]
    rounds: NDArray[np.int64]
    credited: NDArray[np.int64]
    parts: NDArray[np.int64] | None = None
    links: LinkFlows | None = None
    potentials: NDArray[np.int64] | None = None


def allocate_period(
    readings: PeriodReadings,
    directions: Sequence[Direction | None],
    key: SharingKey,
    active: NDArray[np.bool_] | None = None,
) -> PeriodAllocation:
    """Allocate a period's readings.

    Args:
        readings: Of all slots; inactive or missing ones hold zero.
        directions: By slot, None where the slot has no point in this period.
        key: In force in this period; a scheduled one with the coefficients of the period's intervals in order.
        active: Shape (slots, T): is the slot a member? As the readings say where None.

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
    present = readings.active_intervals() if active is None else active
    result = key.allocate(
        np.ascontiguousarray(readings.energy[consumers].T),
        np.ascontiguousarray(readings.energy[producers].T),
        consumer_slots=consumers,
        producer_slots=producers,
        slots=slots,
        t_in_day=t_in_day,
        active=None if present[consumers].all() else np.ascontiguousarray(present[consumers].T),
    )
    allocated = np.zeros(readings.energy.shape, dtype=np.int64)
    allocated[consumers] = result.allocated.T
    allocated[producers] = result.shared.T
    rows = SlotRows(tuple(directions), readings.energy, allocated, present, result.rounds, result.links)
    return PeriodAllocation(
        allocated=allocated,
        tau=result.tau,
        feed_in=result.feed_in,
        consumption=result.consumption,
        total=result.total,
        rounds=result.rounds,
        credited=_credited(result, readings.energy.shape, consumers, producers),
        parts=key.contribute(rows) if result.rounds.shape[1] else None,
        links=result.links,
        potentials=None if result.potentials is None else np.ascontiguousarray(result.potentials.T),
    )


def _credited(
    result: Allocation, shape: tuple[int, ...], consumers: Sequence[int], producers: Sequence[int]
) -> NDArray[np.int64]:
    credited = np.zeros(shape, dtype=np.int64)
    if result.credited is not None:
        credited[consumers] = result.credited.T
    if result.credited_feed_in is not None:
        credited[producers] = result.credited_feed_in.T
    return credited
