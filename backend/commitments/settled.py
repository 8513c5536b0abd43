"""What a sharing key gave, by slot and interval: the input of a run's tree, checked for conservation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import CONSUMPTION, FEED_IN, Activity, Amounts
from backend.commitments.leaves import BANDS
from backend.errors import BalanceError, InputError

__all__ = ["SettledIntervals"]


@dataclass(frozen=True, slots=True, eq=False)
class SettledIntervals:
    """A settled period, interval by interval; zeros on inactive days.

    Attributes:
        energy: Consumption or feed-in. [mWh; slots, intervals of the period]
        allocated: What a consumer was given, or what was shared of a producer's feed-in. [mWh; slots, intervals]
        quality: Quality of the reading. [slots, intervals]
        tau: How the producers' parts were rounded. [intervals]
        bands: Tariff band, 0 to 3. [intervals]
        pools: Final (pool, weight) of each round that the key has. [intervals, rounds, 2]
        parts: (given, weight) of each slot in each round. [slots, intervals, rounds, 2]
    """

    energy: Amounts
    allocated: Amounts
    quality: npt.NDArray[np.uint8]
    tau: npt.NDArray[np.uint32]
    bands: npt.NDArray[np.uint8]
    pools: Amounts | None = None
    parts: Amounts | None = None

    @property
    def rounds(self) -> int:
        """Rounds that headers and stairs carry."""
        return 0 if self.pools is None else self.pools.shape[1]

    def check(self, activity: Activity) -> None:
        """See that arrays fit the period and that energy is conserved in every interval.

        Raises:
            InputError: If a shape, type or band is wrong.
            BalanceError: If an amount is negative, outside the active days, more than the energy, or if what consumers
                were given is not what producers shared.
        """
        slots, intervals = activity.shape.slots, activity.shape.total_intervals
        activity.check_amounts("energy", self.energy)
        activity.check_amounts("allocated", self.allocated)
        activity.check_array("quality", self.quality, (slots, intervals), np.uint8)
        activity.check_array("tau", self.tau, (intervals,), np.uint32)
        activity.check_array("bands", self.bands, (intervals,), np.uint8)
        if self.bands.max() >= BANDS:
            raise InputError(
                f"Tariff band {int(self.bands.max())} does not exist; bands are 0 to {BANDS - 1}."
            )
        if (self.pools is None) != (self.parts is None):
            raise InputError(
                "A key in rounds needs both its pools and the slots' parts; one of them is absent."
            )
        if self.pools is not None and self.parts is not None:
            activity.check_array("pools", self.pools, (intervals, self.rounds, 2), np.int64)
            activity.check_array("parts", self.parts, (slots, intervals, self.rounds, 2), np.int64)
            if self.pools.min(initial=0) < 0 or self.parts.min(initial=0) < 0:
                raise BalanceError("A round's pool, weight or part is negative; none of them can be.")
        self._check_conservation(activity)

    def _check_conservation(self, activity: Activity) -> None:
        over = self.allocated > self.energy
        if over.any():
            slot, interval = (int(place) for place in np.argwhere(over)[0])
            given, had = int(self.allocated[slot, interval]), int(self.energy[slot, interval])
            raise BalanceError(
                f"Slot {slot} is allocated {given} mWh in interval {interval} but has {had} mWh; allocate it again."
            )
        allocated, shared = self.allocated_by_interval(activity), self.shared_by_interval(activity)
        apart = np.flatnonzero(allocated != shared)
        if apart.size:
            place = int(apart[0])
            raise BalanceError(
                f"In interval {place} consumers are given {allocated[place]} mWh but producers share "
                f"{shared[place]} mWh; split the shared total among the producers again."
            )

    def feed_in_by_interval(self, activity: Activity) -> Amounts:
        """Give P. [mWh; intervals]"""
        return _sum_over(self.energy, activity.direction == FEED_IN)

    def consumption_by_interval(self, activity: Activity) -> Amounts:
        """Give C. [mWh; intervals]"""
        return _sum_over(self.energy, activity.direction == CONSUMPTION)

    def allocated_by_interval(self, activity: Activity) -> Amounts:
        """Give A. [mWh; intervals]"""
        return _sum_over(self.allocated, activity.direction == CONSUMPTION)

    def shared_by_interval(self, activity: Activity) -> Amounts:
        """Give S, which equals A. [mWh; intervals]"""
        return _sum_over(self.allocated, activity.direction == FEED_IN)

    def band_sums_before(self, activity: Activity, day: int) -> Amounts:
        """Sum each slot's (energy, allocated) by band over the days before one. [mWh; slots, 4, 2]"""
        until = activity.shape.starts[day]
        sums = np.zeros((activity.shape.slots, BANDS, 2), dtype=np.int64)
        for band in range(BANDS):
            chosen = np.flatnonzero(self.bands[:until] == band)
            sums[:, band, 0] = self.energy[:, chosen].sum(axis=1)
            sums[:, band, 1] = self.allocated[:, chosen].sum(axis=1)
        return sums


def _sum_over(amounts: Amounts, chosen: npt.NDArray[Any]) -> Amounts:
    return np.asarray(amounts[chosen].sum(axis=0, dtype=np.int64))
