"""Which slots have leaves on which days, and the one check that arrays agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.commitments.shape import TreeShape
from backend.errors import BalanceError, InputError

__all__ = ["CONSUMPTION", "FEED_IN", "Activity"]

CONSUMPTION = 0
FEED_IN = 1

Amounts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """The confirmed points of a period by slot.

    Attributes:
        shape: Slots and intervals.
        active: Whether a slot has leaves on a day. [slots, days]
        direction: 0 consumption, 1 feed-in; any value for slots without a point. [slots]

    Raises:
        InputError: If the arrays do not have the period's shape, or a point has no known direction.
    """

    shape: TreeShape
    active: npt.NDArray[np.bool_]
    direction: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        self.check_array("active", self.active, (self.shape.slots, self.shape.days), np.bool_)
        self.check_array("direction", self.direction, (self.shape.slots,), np.uint8)
        unknown = np.flatnonzero(self.settled & (self.direction > FEED_IN))
        if unknown.size:
            value = int(self.direction[unknown[0]])
            raise InputError(f"Slot {unknown[0]} has direction {value}; 0 is consumption, 1 feed-in.")

    @property
    def settled(self) -> npt.NDArray[np.bool_]:
        """Slots that are active on any day. [slots]"""
        return np.asarray(self.active.any(axis=1))

    @property
    def feeds_in(self) -> npt.NDArray[np.bool_]:
        """Slots that are settled and feed in. [slots]"""
        return np.asarray(self.settled & (self.direction == FEED_IN))

    def slots_on(self, day: int) -> npt.NDArray[np.int64]:
        """Give the active slots of a day, in order."""
        return np.flatnonzero(self.active[:, day])

    def require_active(self, slot: int, day: int) -> None:
        """Refuse to prove a leaf that is not there.

        Raises:
            InputError: If the slot or the day is outside the period, or the slot is not active on the day.
        """
        inside = 0 <= slot < self.shape.slots and 0 <= day < self.shape.days
        if not (inside and self.active[slot, day]):
            raise InputError(f"Slot {slot} has no leaf on day {day}: it is not active then.")

    def check_array(
        self, name: str, array: npt.NDArray[Any], shape: tuple[int, ...], kind: type[Any]
    ) -> None:
        """See that an array has the shape and type that are written here.

        Raises:
            InputError: If it has not.
        """
        if array.shape != shape or array.dtype != np.dtype(kind):
            wanted = f"{np.dtype(kind)} {shape}"
            raise InputError(
                f"The array of {name} is {array.dtype} {array.shape}; this period needs {wanted}."
            )

    def check_amounts(self, name: str, amounts: Amounts) -> None:
        """See that amounts are whole, never negative, and zero where a slot is not active.

        Args:
            name: How messages name them.
            amounts: Any unit. [slots, intervals of the period]

        Raises:
            InputError: If the array has another shape or type.
            BalanceError: If an amount is negative, or lies outside a slot's active days.
        """
        self.check_array(name, amounts, (self.shape.slots, self.shape.total_intervals), np.int64)
        if amounts.size and amounts.min() < 0:
            slot, interval = (int(place) for place in np.argwhere(amounts < 0)[0])
            value = int(amounts[slot, interval])
            raise BalanceError(
                f"{name} of slot {slot} in interval {interval} is {value}; it can never be negative."
            )
        for day in range(self.shape.days):
            idle = np.flatnonzero(~self.active[:, day])
            stray = idle[amounts[idle, self.shape.span(day)].any(axis=1)] if idle.size else idle
            if stray.size:
                raise BalanceError(
                    f"{name} of slot {stray[0]} on day {day} is not zero, but the slot is not active; "
                    f"confirm the point for that day or leave its readings out."
                )
