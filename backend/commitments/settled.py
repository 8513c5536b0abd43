"""What a sharing key gave, by slot and interval: the input of a run's tree, checked for conservation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import CONSUMPTION, FEED_IN, Activity, Amounts
from backend.commitments.leaves import BANDS, CREDITED, TOTALS, VALUE
from backend.commitments.links import IntervalFlows, Link, check_links, sum_links
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
        value: V, what the shared energy is worth. [pico-euro; intervals]
        row_value: What a row's share is worth. [pico-euro; slots, intervals]
        credited: What a row is credited with beside its share. [mWh; slots, intervals]
        links: Who served whom over the period, columns as in ``Link``. [n, 5]
        rounds: (pool, weight) of each round that the key has. [intervals, rounds, 2]
        parts: (given, weight) of each slot in each round; None where there is no round, or flows say it.
            [slots, intervals, rounds, 2]
        flows: Of keys that decide in every interval who serves whom.
        producers_sell: Whether producers sell the shared energy, not the community.
        producers_price: Whether each producer's energy has its own price, and links need not say it: stairs then add up
            what it is worth.
    """

    energy: Amounts
    allocated: Amounts
    quality: npt.NDArray[np.uint8]
    tau: npt.NDArray[np.uint32]
    bands: npt.NDArray[np.uint8]
    value: Amounts
    row_value: Amounts
    credited: Amounts
    links: Amounts
    rounds: Amounts
    parts: Amounts | None = None
    flows: IntervalFlows | None = None
    producers_sell: bool = False
    producers_price: bool = False

    @property
    def round_count(self) -> int:
        """Rounds that headers and stairs carry."""
        return int(self.rounds.shape[1])

    def check(self, activity: Activity) -> None:
        """See that arrays fit the period and that energy is conserved in every interval.

        Raises:
            InputError: If a shape, type or band is wrong.
            BalanceError: If an amount is negative, outside the active days, more than the energy, or if what consumers
                were given is not what producers shared, or links do not come to what slots were given.
        """
        slots, intervals = activity.shape.slots, activity.shape.total_intervals
        activity.check_amounts("energy", self.energy)
        activity.check_amounts("allocated", self.allocated)
        activity.check_amounts("value", self.row_value)
        activity.check_amounts("credit", self.credited)
        activity.check_array("quality", self.quality, (slots, intervals), np.uint8)
        activity.check_array("tau", self.tau, (intervals,), np.uint32)
        activity.check_array("bands", self.bands, (intervals,), np.uint8)
        activity.check_array("value", self.value, (intervals,), np.int64)
        if self.bands.max() >= BANDS:
            raise InputError(
                f"Tariff band {int(self.bands.max())} does not exist; bands are 0 to {BANDS - 1}."
            )
        self._check_rounds(activity)
        self._check_conservation(activity)
        check_links(self.links, activity, self.allocated.sum(axis=1), self.row_value.sum(axis=1))
        if self.flows is not None:
            self.flows.check(activity, self.allocated)

    def _check_rounds(self, activity: Activity) -> None:
        slots, intervals = activity.shape.slots, activity.shape.total_intervals
        activity.check_array("rounds", self.rounds, (intervals, self.round_count, 2), np.int64)
        if self.flows is not None:
            feeding = int(activity.feeds_in.sum())
            if self.parts is not None or self.round_count != feeding:
                raise InputError(
                    f"Flows have a round for each of {feeding} feed-in slots and no parts beside; there are "
                    f"{self.round_count} rounds."
                )
        elif (self.parts is None) != (self.round_count == 0):
            raise InputError(
                "A key in rounds needs both its pools and the slots' parts; one of them is absent."
            )
        if self.parts is not None:
            activity.check_array("parts", self.parts, (slots, intervals, self.round_count, 2), np.int64)
            if self.rounds.min(initial=0) < 0 or self.parts.min(initial=0) < 0:
                raise BalanceError("A round's pool, weight or part is negative; none of them can be.")

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

    def totals_before(self, activity: Activity, day: int) -> Amounts:
        """Sum each slot's totals over the days before one: (energy, allocated) by band, value, credit. [slots, 10]"""
        until = activity.shape.starts[day]
        sums = np.zeros((activity.shape.slots, TOTALS), dtype=np.int64)
        for band in range(BANDS):
            chosen = np.flatnonzero(self.bands[:until] == band)
            sums[:, 2 * band] = self.energy[:, chosen].sum(axis=1)
            sums[:, 2 * band + 1] = self.allocated[:, chosen].sum(axis=1)
        sums[:, VALUE] = self.row_value[:, :until].sum(axis=1)
        sums[:, CREDITED] = self.credited[:, :until].sum(axis=1)
        return sums

    def period_totals(self, activity: Activity, totals: Amounts) -> Amounts:
        """Give the totals that period leaves hold, from the last rows': a producer that sells is worth its links.

        Args:
            activity: Which slots feed in.
            totals: After the last interval. [slots, 10]

        Returns:
            Totals. [slots, 10]
        """
        if not self.producers_sell:
            return totals
        worth = sum_links(self.links, Link.VALUE, Link.PRODUCER, activity.shape.slots)
        totals = totals.copy()
        totals[activity.feeds_in, VALUE] = worth[activity.feeds_in]
        return totals


def _sum_over(amounts: Amounts, chosen: npt.NDArray[Any]) -> Amounts:
    return np.asarray(amounts[chosen].sum(axis=0, dtype=np.int64))
