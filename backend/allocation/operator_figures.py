"""What a grid operator allocated and what the members' key gave, side by side, before anything is concluded."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import SharingKey
    from backend.metering import PeriodReadings

__all__ = [
    "UNTOLD",
    "Account",
    "Cause",
    "KnownKey",
    "KnownReadings",
    "OperatorFigures",
    "OurFigures",
    "bound_differences",
]

UNTOLD = -1


class Cause(IntEnum):
    """Why an operator's figure is not ours; the value sorts from harmless to grave."""

    NONE = 0
    ROUNDING = 1
    MISSING_READING = 2
    LATE_CORRECTION = 3
    PARTICIPATION = 4
    OTHER_COEFFICIENTS = 5
    UNEXPLAINED = 6

    @property
    def word(self) -> str:
        """As files and pages have it, such as ``missing-reading``."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def of(cls, word: str) -> Cause:
        """The cause of a word.

        Raises:
            KeyError: If there is none.
        """
        return cls[word.upper().replace("-", "_")]


@dataclass(frozen=True, slots=True)
class OperatorFigures:
    """What the operator told of a period, slot-major: arrays of shape (slots, T), ``UNTOLD`` where it told nothing.

    Attributes:
        allocated: Given to a consumer, or shared of a feed-in. [mWh]
        energy: What it holds to be the consumption or feed-in. [mWh]
        offered: The part of the pool that was a consumer's, used or not. [mWh]
        unit: The smallest step of its figures: 1, or what all figures of the file are multiples of. [mWh]
    """

    allocated: NDArray[np.int64]
    energy: NDArray[np.int64]
    offered: NDArray[np.int64]
    unit: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KnownReadings:
    """The period's readings as they were known at another time than the run's.

    Attributes:
        received_utc: When the last load of them arrived. [s since 1970, UTC]
        is_later: Did it arrive after the run's readings?
        energy: Shape (slots, T). [mWh]
    """

    received_utc: int
    is_later: bool
    energy: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A sharing key that the operator may have gone by instead.

    Attributes:
        source: ``rule``, ``schedule`` or ``method``: where it is from.
        version: Of the rule or schedule; 0 of a method.
        key: The key.
    """

    source: str
    version: int
    key: SharingKey


@dataclass(frozen=True, slots=True)
class OurFigures:
    """What we have of the same period.

    Attributes:
        readings: That the run stands on.
        directions: By slot, None where the slot has no point.
        key: In force.
        computed: Shape (slots, T): what the key gave. [mWh]
        stored: Shape (slots, T): energies whether the point is a member or not; ``UNTOLD`` where there is none. [mWh]
        former: The readings as they were known earlier or later, the nearest first.
        keys: Other keys of the community, the likeliest first.
    """

    readings: PeriodReadings
    directions: tuple[Direction | None, ...]
    key: SharingKey
    computed: NDArray[np.int64]
    stored: NDArray[np.int64]
    former: Sequence[KnownReadings] = ()
    keys: Sequence[KnownKey] = ()

    def slots_of(self, direction: Direction) -> list[int]:
        """Slots of one direction, ascending."""
        return [slot for slot, found in enumerate(self.directions) if found is direction]

    @property
    def day_of(self) -> NDArray[np.int64]:
        """Civil day of each interval. Shape (T,)."""
        counts = self.readings.calendar.intervals_per_day
        return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


@dataclass(frozen=True, slots=True)
class Account:
    """Why rows differ, with what shows it.

    Attributes:
        cause: In one word.
        facts: What was found, JSON-ready; ``kind`` says which words tell it.
        energy: Shape (slots, T): the readings that it supposes, None where they are ours. [mWh]
    """

    cause: Cause
    facts: Mapping[str, Any] = field(default_factory=dict)
    energy: NDArray[np.int64] | None = None


def bound_differences(operator: OperatorFigures, ours: OurFigures) -> NDArray[np.int64]:
    """How far a figure of the operator's may lie from ours by rounding alone. Shape (slots, T). [mWh]

    A consumer's figure: ours is floored by less than 1 mWh, theirs stands on the step u of its file, so that both lie
    within ``u + 1`` (u = 0 where the file has milliwatt-hours). A producer's sums up what n consumers were given, and
    rounds once more: ``u + 1 + n · (u // 2 + 1)``.
    """
    step = np.where(operator.unit > 1, operator.unit, 0)
    bound = step + 1
    producers = ours.slots_of(Direction.FEED_IN)
    active = ours.readings.active_intervals()
    served = np.count_nonzero(active[ours.slots_of(Direction.CONSUMPTION)], axis=0)
    bound[producers] += served * (step[producers] // 2 + 1)
    return bound
