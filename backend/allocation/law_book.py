"""The law book: which method's name stands for which sharing key, and which parameters it takes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from backend.allocation.dynamic import DynamicKey
from backend.allocation.equal import EqualKey
from backend.allocation.flow import FlowKey
from backend.allocation.flow_network import FlowPoint, check_terms
from backend.allocation.hybrid import HybridKey
from backend.allocation.incentive import IncentiveKey
from backend.allocation.pairwise import PRODUCERS_MAX, PairwiseKey
from backend.allocation.pool_key import PoolKey
from backend.allocation.priority import TIER_METHODS, PriorityKey
from backend.allocation.scheduled import ScheduledKey
from backend.allocation.static import StaticKey
from backend.allocation.static_cascade import StaticCascadeKey
from backend.community import Direction, LinkTerms
from backend.errors import SharingKeyError
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backend.allocation.sharing_key import SharingKey
    from backend.community import SharingKeyChoice, Tier

    Directions = Sequence[Direction | None]

__all__ = ["METHODS", "check_choice", "sharing_key"]

METHODS = (
    "dynamic",
    "static",
    "equal",
    "static_cascade",
    "hybrid",
    "scheduled",
    "pairwise",
    "priority",
    "flow",
    "incentive",
)
_POOL_KEYS: dict[str, type[PoolKey]] = {
    key.method: key for key in (DynamicKey, StaticKey, EqualKey, StaticCascadeKey, HybridKey, IncentiveKey)
}
TIERS_MAX = 8
_WITH_COEFFICIENTS = ("static", "static_cascade", "hybrid", "priority")
_TIERS_WITH_COEFFICIENTS = ("static", "static_cascade", "hybrid")
_WITH_OWNER = ("static", "equal", "scheduled")
_WITHOUT_PRODUCER_KEY = ("pairwise", "flow", "incentive")
_SCHEDULES = ("ahead", "after")


def sharing_key(
    choice: SharingKeyChoice,
    slots: Mapping[str, int],
    *,
    schedule: NDArray[np.int64] | None = None,
    directions: Directions | None = None,
    points: Mapping[int, FlowPoint] | None = None,
    resolution_minutes: int = 15,
) -> SharingKey:
    """The key that a community chose.

    Args:
        choice: Method and parameters.
        slots: Slot by metering point id, of all points that ever had one.
        schedule: Shape (slots, T): coefficients of a scheduled key, as they were handed in. [ppm]
        directions: By slot, None where there is no point; where given, parameters are held against them.
        points: What ``flow`` knows of the period's points, by slot; other keys do not ask.
        resolution_minutes: Length of an interval, for the caps of ``flow``. [min]

    Raises:
        SharingKeyError: As ``check_choice``; or if a scheduled key has no schedule yet, a flow no points; or if its
            terms contradict them.
    """
    check_choice(choice, slots, directions)
    producer_ppm = _by_slot(choice.producer_coefficients_ppm, slots)
    coefficients = _by_slot(choice.coefficients_ppm, slots)
    credits_consumers = choice.surplus_owner == "consumer"
    if choice.method in _POOL_KEYS:
        return _POOL_KEYS[choice.method](
            coefficients, producer_ppm=producer_ppm, credits_consumers=credits_consumers
        )
    if choice.method == "pairwise":
        return _pairwise_key(choice.pairs_ppm, slots)
    if choice.method == "priority":
        return _priority_key(choice.tiers, coefficients, producer_ppm, slots)
    if choice.method == "scheduled":
        if schedule is None:
            raise SharingKeyError(
                'the method "scheduled" shares by coefficients per interval, and none were handed in; '
                "load a schedule for the period first."
            )
        return ScheduledKey.of(schedule, producer_ppm=producer_ppm, credits_consumers=credits_consumers)
    if points is None:
        raise SharingKeyError(
            f'the method "{choice.method}" decides link by link and needs to know where the points are; '
            "settle it with its community."
        )
    return FlowKey.of(choice.links or LinkTerms(), slots, points, resolution_minutes)


def check_choice(
    choice: SharingKeyChoice, slots: Mapping[str, int], directions: Directions | None = None
) -> None:
    """Hold a key's parameters against its method and the community's points.

    Args:
        choice: Method and parameters.
        slots: Slot by metering point id.
        directions: By slot, None where there is no point; where given, a coefficient must stand on its own side.

    Raises:
        SharingKeyError: If the method is unknown, lacks a parameter or has a needless one; if one names a point without
            slot or of the other direction; if tiers overlap; with the remedy. (What coefficients sum to is the choice's
            own check.)
    """
    if choice.method not in METHODS:
        near = difflib.get_close_matches(choice.method, METHODS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SharingKeyError(
            f"There is no sharing key {choice.method!r}; there are {', '.join(METHODS)}.{hint}"
        )
    _refuse_needless(choice)
    points = _Points(slots, directions)
    points.require("coefficients_ppm", choice.coefficients_ppm, Direction.CONSUMPTION)
    points.require("producer_coefficients_ppm", choice.producer_coefficients_ppm, Direction.FEED_IN)
    for point, coefficient in choice.producer_coefficients_ppm.items():
        if not 0 <= coefficient <= PARTS_PER_MILLION:
            raise SharingKeyError(
                f"producer_coefficients_ppm gives {point} {coefficient} ppm; it lies in 0 to 1000000."
            )
    if choice.method == "pairwise":
        _check_pairs(choice.pairs_ppm, points)
    if choice.method == "priority":
        _check_tiers(choice, points)
    if choice.links is not None:
        sides = directions or (None,) * len(slots)
        check_terms(
            choice.links,
            slots,
            {slot: FlowPoint(side, slot) for slot, side in enumerate(sides) if side is not None},
        )
    if choice.method == "scheduled" and choice.schedule not in _SCHEDULES:
        raise SharingKeyError(
            f'the method "scheduled" needs schedule, "ahead" or "after" measurement; it is {choice.schedule!r}.'
        )
    needs = choice.method in _WITH_COEFFICIENTS and choice.method != "priority"
    if needs and not any(choice.coefficients_ppm.values()):
        raise SharingKeyError(
            f'the method "{choice.method}" needs coefficients_ppm, at least one above zero; '
            "without, nothing would be shared."
        )


class _Points:
    """The community's points, for refusals that name them."""

    def __init__(self, slots: Mapping[str, int], directions: Directions | None) -> None:
        self._slots = slots
        self._directions = directions

    def require(
        self, parameter: str, points: Mapping[str, object] | Sequence[str], direction: Direction
    ) -> None:
        """Each has a slot, and where directions are known this one."""
        for point in points:
            if point not in self._slots:
                near = difflib.get_close_matches(point, list(self._slots), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else "."
                raise SharingKeyError(
                    f"{parameter} names metering point {point!r}, which has no slot in the community{hint}"
                )
            found = self._direction_of(self._slots[point])
            if found is not None and found != direction:
                wanted = "consumes" if direction is Direction.CONSUMPTION else "feeds in"
                raise SharingKeyError(
                    f"{parameter} names {point!r}, which is a {found.name.lower()} point; name one that {wanted}."
                )

    def _direction_of(self, slot: int) -> Direction | None:
        """None where it is not known: of a slot that is not of the period, even beyond its last."""
        directions = self._directions or ()
        return directions[slot] if slot < len(directions) else None


def _refuse_needless(choice: SharingKeyChoice) -> None:
    """A parameter that the method has no use for was meant for another."""
    method = choice.method
    needless = [
        ("coefficients_ppm", choice.coefficients_ppm, method not in _WITH_COEFFICIENTS),
        ("pairs_ppm", choice.pairs_ppm, method != "pairwise"),
        ("tiers", choice.tiers, method != "priority"),
        ("producer_coefficients_ppm", choice.producer_coefficients_ppm, method in _WITHOUT_PRODUCER_KEY),
        ("schedule", choice.schedule, method != "scheduled"),
        ("links", choice.links, method != "flow"),
    ]
    for parameter, value, is_needless in needless:
        if value and is_needless:
            raise SharingKeyError(
                f'{parameter} has no meaning for the method "{method}"; remove it or choose another method.'
            )
    if choice.surplus_owner not in {"producer", "consumer"}:
        raise SharingKeyError(f'surplus_owner is {choice.surplus_owner!r}; it is "producer" or "consumer".')
    if choice.surplus_owner == "consumer" and method not in _WITH_OWNER:
        raise SharingKeyError(
            f'surplus_owner "consumer" has no meaning for the method "{method}": no consumer is entitled to what '
            f'they do not use. Choose one of {", ".join(_WITH_OWNER)}, or "producer".'
        )


def _check_pairs(pairs: Mapping[str, Mapping[str, int]], points: _Points) -> None:
    if not any(coefficient for row in pairs.values() for coefficient in row.values()):
        raise SharingKeyError(
            'the method "pairwise" needs pairs_ppm, at least one above zero; without, nothing would be shared.'
        )
    if len(pairs) > PRODUCERS_MAX:
        raise SharingKeyError(
            f"pairs_ppm names {len(pairs)} producers, {PRODUCERS_MAX} are possible; share {len(pairs) - PRODUCERS_MAX} "
            'of them by another community or choose the method "flow".'
        )
    points.require("pairs_ppm", pairs, Direction.FEED_IN)
    for producer, row in pairs.items():
        points.require(f"pairs_ppm of {producer}", row, Direction.CONSUMPTION)


def _check_tiers(choice: SharingKeyChoice, points: _Points) -> None:
    tiers = choice.tiers
    if not 1 <= len(tiers) <= TIERS_MAX:
        raise SharingKeyError(f'the method "priority" needs tiers, 1 to {TIERS_MAX}; there are {len(tiers)}.')
    seen: dict[str, int] = {}
    for place, tier in enumerate(tiers, start=1):
        if tier.method not in TIER_METHODS:
            raise SharingKeyError(
                f"tier {place} is shared by {tier.method!r}; a tier's method is one of {', '.join(TIER_METHODS)}."
            )
        if not tier.points and place < len(tiers):
            raise SharingKeyError(
                f"tier {place} names no points; only the last takes everyone who is not named before."
            )
        points.require(f"tier {place}", tier.points, Direction.CONSUMPTION)
        for point in tier.points:
            if point in seen:
                raise SharingKeyError(
                    f"{point!r} is in tiers {seen[point]} and {place}; name it once, where it is served first."
                )
            seen[point] = place
    if choice.coefficients_ppm and not any(tier.method in _TIERS_WITH_COEFFICIENTS for tier in tiers):
        raise SharingKeyError(
            "coefficients_ppm has no meaning where no tier shares by "
            f"{', '.join(_TIERS_WITH_COEFFICIENTS)}; remove it or choose such a method for a tier."
        )


def _by_slot(values: Mapping[str, int], slots: Mapping[str, int]) -> tuple[int, ...]:
    """Values by slot, zero where none is given; empty where there is none at all."""
    if not values:
        return ()
    row = [0] * (max(slots.values(), default=-1) + 1)
    for point, value in values.items():
        row[slots[point]] = value
    return tuple(row)


def _pairwise_key(pairs: Mapping[str, Mapping[str, int]], slots: Mapping[str, int]) -> PairwiseKey:
    ordered = sorted(pairs, key=lambda producer: slots[producer])
    count = len(ordered)
    matrix = [0] * ((max(slots.values(), default=-1) + 1) * count)
    for place, producer in enumerate(ordered):
        for consumer, coefficient in pairs[producer].items():
            matrix[slots[consumer] * count + place] = coefficient
    return PairwiseKey(tuple(slots[producer] for producer in ordered), tuple(matrix))


def _priority_key(
    tiers: Sequence[Tier],
    coefficients: tuple[int, ...],
    producer_ppm: tuple[int, ...],
    slots: Mapping[str, int],
) -> PriorityKey:
    last = len(tiers) - 1
    tier_of = [last] * (max(slots.values(), default=-1) + 1)
    for place, tier in enumerate(tiers):
        for point in tier.points:
            tier_of[slots[point]] = place
    return PriorityKey(
        coefficients,
        producer_ppm=producer_ppm,
        tier_methods=tuple(TIER_METHODS[tier.method] for tier in tiers),
        tiers=tuple(tier_of),
    )
