"""The network of the ``flow`` key: points, links, what each link may carry and costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Self

import numpy as np

from backend.allocation.flow_costs import (
    CONSUMERS_ALIKE,
    DISTANCE,
    MICRO,
    PRODUCERS_ALIKE,
    FlowWeights,
    Level,
    is_same,
    measure_metres,
    weigh_levels,
)
from backend.community import Direction
from backend.errors import SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from backend.community import LinkTerms, MeteringPoint

__all__ = ["UNBOUND", "FlowNetwork", "FlowPoint", "check_terms"]

UNBOUND = np.iinfo(np.int64).max  # a link that no cap limits
STEPS_MAX = 256
_COSTS = (DISTANCE, "phase", "feeder")
_ANY_PHASE = "L123"


@dataclass(frozen=True, slots=True)
class FlowPoint:
    """What the key knows of a metering point.

    Attributes:
        direction: Consumption or feed-in.
        seat: First slot of its participant.
        position: (Latitude, longitude), if known. [1e-6 degrees]
        phase: L1, L2, L3 or L123, if known.
        feeder: If known.
    """

    direction: Direction
    seat: int
    position: tuple[int, int] | None = None
    phase: str | None = None
    feeder: str | None = None

    @classmethod
    def of(cls, point: MeteringPoint, seat: int, feeder: str | None = None) -> Self:
        """A community's metering point.

        Args:
            point: As the community file states it.
            seat: First slot of its participant.
            feeder: If the grid operator said which.
        """
        position = None
        if point.latitude is not None and point.longitude is not None:
            latitude, longitude = (
                int((Decimal(repr(degrees)) * MICRO).to_integral_value())
                for degrees in (point.latitude, point.longitude)
            )
            position = latitude, longitude
        return cls(point.direction, seat, position, point.phase, feeder)


@dataclass(frozen=True, slots=True, eq=False)
class FlowNetwork:
    """All links of a period.

    Attributes:
        producer_slots: Of feed-in, ascending.
        consumer_slots: Of consumption, ascending.
        caps: Shape (n_p, n_c), int64: what a link may carry in an interval, ``UNBOUND`` where nothing limits it. [mWh]
        weights: The levels that solutions are compared by, folded.
        steps: Fairness steps, K.
    """

    producer_slots: tuple[int, ...]
    consumer_slots: tuple[int, ...]
    caps: NDArray[np.int64]
    weights: FlowWeights
    steps: int

    @classmethod
    def of(
        cls,
        terms: LinkTerms,
        slots: Mapping[str, int],
        points: Mapping[int, FlowPoint],
        resolution_minutes: int,
    ) -> Self:
        """Build the network, or say what contradicts.

        Args:
            terms: As voted.
            slots: Slot by metering point id, of all points that ever had one.
            points: By slot, those that are members in this period.
            resolution_minutes: Length of an interval. [min]

        Raises:
            SharingKeyError: If a term names an unknown point or one of the wrong direction, gives to itself, caps
                below zero or twice, or asks for steps or costs that there are none of; or if the levels need weights
                that are too large.
        """
        check_terms(terms, slots, points)
        producers = tuple(sorted(s for s, point in points.items() if point.direction is Direction.FEED_IN))
        consumers = tuple(
            sorted(s for s, point in points.items() if point.direction is Direction.CONSUMPTION)
        )
        places = _Places(
            {slot: row for row, slot in enumerate(producers)},
            {slot: column for column, slot in enumerate(consumers)},
            slots,
        )
        shape = (len(producers), len(consumers))
        caps = np.full(shape, UNBOUND, dtype=np.int64)
        for cap in terms.caps:
            for place in places.find([(cap.producer, cap.consumer)]):
                caps[place] = cap.max_power_watts * resolution_minutes * 1000 // 60
        levels = _levels_of(terms, points, places, shape)
        metres = None
        if DISTANCE in terms.costs:
            metres = measure_metres(
                [points[s].position for s in producers], [points[s].position for s in consumers]
            )
        weights = weigh_levels(levels, metres, terms.fairness_steps)
        return cls(producers, consumers, caps, weights, terms.fairness_steps)

    def place_of(self, producer_slot: int, consumer_slot: int) -> tuple[int, int]:
        """Row and column of a link.

        Raises:
            SharingKeyError: If one of the slots has no point of its direction.
        """
        if producer_slot not in self.producer_slots or consumer_slot not in self.consumer_slots:
            raise SharingKeyError(
                f"there is no link from slot {producer_slot} to slot {consumer_slot}; feed-in slots are "
                f"{list(self.producer_slots)}, consumption slots {list(self.consumer_slots)}."
            )
        return self.producer_slots.index(producer_slot), self.consumer_slots.index(consumer_slot)


@dataclass(frozen=True, slots=True)
class _Places:
    rows: Mapping[int, int]
    columns: Mapping[int, int]
    slots: Mapping[str, int]

    def find(self, links: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
        """Places of (producer, consumer) links whose points both are members in this period."""
        pairs = [(self.slots[producer], self.slots[consumer]) for producer, consumer in links]
        return [(self.rows[p], self.columns[i]) for p, i in pairs if p in self.rows and i in self.columns]


def _levels_of(
    terms: LinkTerms, points: Mapping[int, FlowPoint], places: _Places, shape: tuple[int, int]
) -> tuple[Level, ...]:
    """The levels in force, the lowest first."""
    zeros = np.zeros(shape, dtype=np.int64)
    costs = (_cost_level(cost, points, places, shape) for cost in reversed(terms.costs))
    levels = [Level(PRODUCERS_ALIKE, zeros), *costs, Level(CONSUMERS_ALIKE, zeros)]
    if terms.preferences:
        wanted = places.find((producer, consumer) for consumer, producer in terms.preferences)
        values = zeros.copy()
        for _, column in wanted:
            values[:, column] = 1
        for place in wanted:
            values[place] = 0
        levels.append(Level("preferences", values))
    if terms.donations:
        values = zeros.copy()
        for place in places.find(terms.donations):
            values[place] = -1
        levels.append(Level("donations", values))
    if terms.own_first:
        seats = [
            np.array([points[s].seat for s in side], dtype=np.int64) for side in (places.rows, places.columns)
        ]
        levels.append(Level("own first", -(seats[0][:, None] == seats[1][None, :]).astype(np.int64)))
    return tuple(levels)


def _cost_level(cost: str, points: Mapping[int, FlowPoint], places: _Places, shape: tuple[int, int]) -> Level:
    """Phase or feeder; of the distance an empty level, which ``weigh_levels`` fills."""
    values = np.zeros(shape, dtype=np.int64)
    if cost != DISTANCE:
        kept = {slot: getattr(point, cost) for slot, point in points.items()}
        for p, row in places.rows.items():
            for i, column in places.columns.items():
                values[row, column] = not is_same(kept, p, i, whole=_ANY_PHASE if cost == "phase" else "")
    return Level(cost, values)


def check_terms(terms: LinkTerms, slots: Mapping[str, int], points: Mapping[int, FlowPoint]) -> None:
    """Refuse terms that contradict themselves or the points, before anything is shared.

    Args:
        terms: As voted.
        slots: Slot by metering point id, of all points that ever had one.
        points: By slot, those that are known.

    Raises:
        SharingKeyError: Naming the points and numbers; see ``FlowNetwork.of``.
    """
    if not 1 <= terms.fairness_steps <= STEPS_MAX:
        raise SharingKeyError(f"fairness_steps is {terms.fairness_steps}; it lies in 1 to {STEPS_MAX}.")
    for cost in terms.costs:
        if cost not in _COSTS or terms.costs.count(cost) > 1:
            raise SharingKeyError(f"costs names {cost!r}; there are {', '.join(_COSTS)}, each at most once.")
    caps: set[tuple[str, str]] = set()
    for cap in terms.caps:
        _check_link("a cap", cap.producer, cap.consumer, slots, points)
        if cap.max_power_watts < 0:
            raise SharingKeyError(
                f"the link from {cap.producer} to {cap.consumer} is capped at {cap.max_power_watts} W; "
                "0 forbids it, and nothing is below."
            )
        if (cap.producer, cap.consumer) in caps:
            raise SharingKeyError(
                f"the link from {cap.producer} to {cap.consumer} is capped twice; keep one cap."
            )
        caps.add((cap.producer, cap.consumer))
    for producer, consumer in terms.donations:
        _check_link("a donation", producer, consumer, slots, points)
        giver, taker = points.get(slots[producer]), points.get(slots[consumer])
        if giver is not None and taker is not None and giver.seat == taker.seat:
            raise SharingKeyError(
                f"{producer} donates to {consumer}, but both are the points of one participant (seat {giver.seat}); "
                "what one uses oneself is free already: remove the donation."
            )
    for consumer, producer in terms.preferences:
        _check_link("a preference", producer, consumer, slots, points)
    for name, pairs in (("donations", terms.donations), ("preferences", terms.preferences)):
        if len(set(pairs)) < len(pairs):
            twice = next(pair for pair in pairs if pairs.count(pair) > 1)
            raise SharingKeyError(f"{name} names {twice[0]} and {twice[1]} twice; keep one.")


def _check_link(
    what: str, producer: str, consumer: str, slots: Mapping[str, int], points: Mapping[int, FlowPoint]
) -> None:
    for point, direction in ((producer, Direction.FEED_IN), (consumer, Direction.CONSUMPTION)):
        if point not in slots:
            raise SharingKeyError(
                f"{what} names metering point {point!r}, which has no slot in the community."
            )
        found = points.get(slots[point])
        if found is not None and found.direction is not direction:
            raise SharingKeyError(
                f"{what} runs from {producer} to {consumer}, but {point} is not a point of {direction.name.lower()}."
            )
