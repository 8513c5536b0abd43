"""Places of a world at which something is to be seen, and small changes to what stands there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from tests.vectors.contest_worlds import WORLDS, World
from tests.vectors.reference_settlement import CONSUMPTION, FEED_IN

__all__ = ["SHAPES", "Scene", "at", "in_rounds", "more"]

# What does not depend on the key is told where shapes differ: one slot, quarter-hours, points that come and go.
SHAPES = ("single", "street", "roof", "estate")
ROW = LeafKind.ROW
_FLOW = 9
Kind = TypeVar("Kind")


def more(by: int = 1) -> Callable[[int], int]:
    return lambda value: value + by


def at(index: int, by: int = 1) -> Callable[[list[int]], list[int]]:
    return lambda values: [value + by * (place == index) for place, value in enumerate(values)]


def in_rounds(index: int, pool: int, weight: int) -> Callable[[Any], Any]:
    return lambda rounds: [
        (p + pool * (place == index), w + weight * (place == index)) for place, (p, w) in enumerate(rounds)
    ]


class Scene:
    """Places of a world at which something is to be seen."""

    def __init__(self, place: World) -> None:
        self.world, self.p = place, place.period
        self.method, tariff = place.method, place.period.rule["tariff"]
        self.sells, self.pricing = tariff["seller"] == 1, tariff["pricing"]
        self.computed = place.period.rule["source"] == 0
        self.rows = "row" if self.method != _FLOW else "flow"
        self.is_shape = place.name in SHAPES
        self.rounds = (len(place.period.headers[0]) - 6) // 2

    @cached_property
    def busy(self) -> list[tuple[int, int]]:
        """Days and intervals, none beside another, those first in which most is shared; never the first of a day."""
        return sorted(
            ((day, t) for day, t, _ in self.p.moments() if t % 2 == 1), key=lambda x: (-self._shared(*x), x)
        )

    def _shared(self, day: int, t: int) -> int:
        feed_in, consumption, allocated = self._header((day, t))[:3]
        return (
            (4 if 0 < allocated < max(feed_in, consumption) else 0) + 2 * (allocated > 0) + (consumption > 0)
        )

    def slot(self, direction: str, moment: tuple[int, int]) -> int | None:
        """A slot of this direction, with something given or shared if there is one."""
        day, t = moment
        index = sum(self.p.intervals[:day]) + t
        slots = self.p.active_slots(day, direction)
        return max(slots, key=lambda slot: (self.p.allocated[slot][index] > 0, -slot), default=None)

    def turn(self, listed: Sequence[Kind]) -> list[Kind]:
        """The same things from another one on in each world, so that each comes first in some."""
        first = WORLDS.index(self.world.name) % len(listed)
        return [*listed[first:], *listed[:first]]

    def idle(self) -> tuple[int, int] | None:
        """Day and interval in which nothing is shared."""
        return next((moment for moment in reversed(self.busy) if not self._header(moment)[2]), None)

    def filled(self) -> tuple[int, int] | None:
        """Another day and interval in which all that is fed in is shared, be it nothing."""
        listed = (x for x in self.busy if self._header(x)[0] == self._header(x)[2] and x != self.idle())
        return next(listed, None)

    def empty_rows(self, direction: str) -> list[Place]:
        """Rows without energy, of an interval that has some if there is one."""
        energy = self.p.inputs["energy"]
        return [
            Place(ROW, slot, day, t)
            for day, t in self.busy
            for slot in self.p.active_slots(day, direction)
            if not energy[slot][sum(self.p.intervals[:day]) + t]
        ]

    def _header(self, moment: tuple[int, int]) -> list[int]:
        day, t = moment
        return self.p.headers[sum(self.p.intervals[:day]) + t]

    def row(self, direction: str, moment: tuple[int, int]) -> Place:
        slot = self.slot(direction, moment)
        assert slot is not None
        return Place(ROW, slot, *moment)

    @cached_property
    def has_producers(self) -> bool:
        return self.slot(FEED_IN, self.busy[0]) is not None

    @property
    def sides(self) -> list[str]:
        return [CONSUMPTION, FEED_IN] if self.has_producers else [CONSUMPTION]

    def first_day(self, slot: int) -> int:
        return next(day for day in range(self.p.days) if self.p.is_active(slot, day))

    @property
    def late(self) -> int | None:
        """A slot that comes later than the first day."""
        return next((slot for slot in self.p.settled_slots if self.first_day(slot)), None)
