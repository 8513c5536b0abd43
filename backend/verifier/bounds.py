"""What totals an interval can have by each key, whoever it is that drew and fed in (protocol, section 11).

The rule's coefficients and the active points are on chain, so a header can be held against them without the rows of
neighbours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from backend.verifier.bundle import Header
from backend.verifier.chain_records import Rule, SharingKey
from backend.verifier.methods import (
    CASCADE,
    DYNAMIC,
    EQUAL,
    FLOW,
    HYBRID,
    INCENTIVE,
    PAIRWISE,
    PARTS_PER_MILLION,
    PRIORITY,
    SCHEDULED,
    STATIC,
    binds_operator,
    has_level,
)
from backend.verifier.shares import Pair, tier_of

__all__ = ["DayPoints", "Finding", "bound_others", "bound_totals", "entitle_others", "sum_contributions"]

Finding = tuple[str, bool, str, object]
"""Check, whether it holds, what was expected, what was found."""


@dataclass(frozen=True)
class DayPoints:
    """The slots that are active on a day, as the chain has them.

    Attributes:
        key: The sharing key.
        consumers: Consumption slots, ascending.
        producers: Feed-in slots, ascending.
        all_producers: Feed-in slots that are active on any day of the period, ascending.
    """

    key: SharingKey
    consumers: tuple[int, ...]
    producers: tuple[int, ...]
    all_producers: tuple[int, ...]

    def coefficient(self, slot: int) -> int:
        """Give a slot's voted coefficient; 0 where it has none. [ppm]"""
        listed = self.key.coefficients_ppm
        return listed[slot] if slot < len(listed) else 0

    def without(self, own: Collection[int]) -> DayPoints:
        """Give the points of others."""
        consumers, producers = (
            tuple(slot for slot in slots if slot not in own) for slots in (self.consumers, self.producers)
        )
        return DayPoints(self.key, consumers, producers, self.all_producers)

    def entitle_pairs(self, place: int, pool: int) -> int:
        """Give what a pairwise key's producer owes the day's consumers at most. [mWh]"""
        count = len(self.key.producers)
        return _entitle(pool, [self.coefficient(slot * count + place) for slot in self.consumers])

    @cached_property
    def coefficients(self) -> tuple[int, ...]:
        """The voted coefficients of the day's consumers. [ppm]"""
        return tuple(self.coefficient(slot) for slot in self.consumers)

    @cached_property
    def tiers(self) -> tuple[tuple[int, ...], ...]:
        """The voted coefficients of each tier's consumers. [ppm]"""
        members: list[list[int]] = [[] for _ in self.key.tier_methods]
        for slot in self.consumers:
            place = tier_of(self.key, slot)
            if place < len(members):
                members[place].append(self.coefficient(slot))
        return tuple(map(tuple, members))

    @cached_property
    def producer_weight(self) -> int:
        """The weights of the day's producers in a producer key, together. [ppm]"""
        listed = self.key.producer_ppm
        return sum(max(1, listed[slot]) if slot < len(listed) else 1 for slot in self.producers)


def bound_totals(rule: Rule, points: DayPoints, header: Header) -> Iterator[Finding]:
    """Say what of an interval's totals and rounds is impossible; the header has as many rounds as the key."""
    key, total = rule.key, header.allocated
    most = min(header.feed_in, header.consumption)
    yield "header.allocated", total <= most, f"at most {most}", total
    if binds_operator(rule):
        return
    match key.method:
        case _ if key.method == PAIRWISE:
            yield from _bound_pairs(points, header)
        case _ if key.method == PRIORITY:
            yield from _bound_tiers(points, header)
        case _ if key.method == INCENTIVE:
            yield "header.allocated", total == 0, "0, nothing is netted", total
        case _ if key.method == FLOW:
            yield from _bound_flow(points, header)
        case _:
            yield from _bound_one(points, header)
    if key.producer_ppm:
        yield from _bound_producers(points, header)


def _bound_one(points: DayPoints, header: Header) -> Iterator[Finding]:
    method, pool = points.key.method, header.feed_in
    first = header.rounds[0] if header.rounds else (0, 0)
    weight = header.consumption
    if method == EQUAL:
        weight = len(points.consumers)
        yield "header.round", first == (pool, weight), f"{(pool, weight)}, the pool and the points", first
    if method == HYBRID:
        left = (pool - first[0], header.consumption - first[1])
        yield "header.round", left[0] == left[1], f"as much less than P as than C ({left[0]})", left[1]
    coefficients = (0,) * len(points.consumers) if method == SCHEDULED else points.coefficients
    yield from _bound_pool(method, (pool, weight), first, coefficients, header.allocated)


def _bound_pool(
    method: int, whole: Pair, level: Pair, coefficients: Sequence[int], given: int
) -> Iterator[Finding]:
    """Bound what a pool gives by one of the methods 1 to 6.

    Args:
        method: Its number.
        whole: The pool, and what it is divided by: consumption, or count of points.
        level: The level's round, of ``static_cascade`` and ``hybrid``.
        coefficients: Of its consumers. [ppm]
        given: What they were given in all. [mWh]
    """
    pool, weight = whole
    lost = max(
        len(coefficients) - 1, 0
    )  # each part is floored, so each but one can lose almost a milliwatt-hour
    least, most = 0, pool
    fixed = _entitle(pool, coefficients)
    if method == DYNAMIC:
        least, most = (weight, weight) if pool >= weight else (max(pool - lost, 0), pool)
    elif method == STATIC:
        most = min(fixed, pool)
    elif method == EQUAL:
        most = weight * (pool // weight) if weight else 0
    elif method == CASCADE:
        left, open_weight = level
        total = sum(coefficients)
        yield "header.round", left <= pool, f"a pool of at most {pool}", left
        yield "header.round", open_weight <= total, f"a weight of at most {total}", open_weight
        yield _level_holds(level, (pool, total))
        least, most = (max(pool - lost, 0), pool) if open_weight else (pool - left, pool - left)
    elif method == HYBRID:
        left, missing = level
        first = pool - left
        yield "header.round", 0 <= first <= fixed, f"a pool from {pool - fixed} to {pool}", left
        least, most = (first + missing,) * 2 if left >= missing else (max(pool - lost, first), pool)
    expected = str(least) if least == most else f"from {least} to {most}"
    yield "header.allocated", least <= given <= most, expected, given


def _tier_places(key: SharingKey) -> Iterator[tuple[int, int]]:
    """Give each tier's method, and where its rounds begin."""
    place = 0
    for method in key.tier_methods:
        yield method, place
        place += 1 + has_level(method)


def _tier_given(key: SharingKey, header: Header) -> list[int]:
    """What each tier's consumers were given, by the pools that follow one another; may be negative in a lie."""
    pools = [header.rounds[place][0] for _, place in _tier_places(key)]
    last = header.allocated - (header.feed_in - pools[-1]) if pools else 0
    return [before - after for before, after in pairwise(pools)] + [last]


def _bound_tiers(points: DayPoints, header: Header) -> Iterator[Finding]:
    key = points.key
    first, wanted = header.rounds[0][0], 0
    yield "header.round", first == header.feed_in, f"a first pool of {header.feed_in}", first
    tiers = zip(_tier_places(key), points.tiers, _tier_given(key, header), strict=True)
    for (method, place), coefficients, given in tiers:
        pool, weight = header.rounds[place]
        known = len(coefficients) if method == EQUAL else sum(coefficients)
        if method == DYNAMIC:
            wanted += weight
            yield "header.round", wanted <= header.consumption, f"at most {header.consumption} wanted", wanted
        else:
            yield "header.round", weight == known, f"a weight of {known}", weight
        level = header.rounds[place + 1] if has_level(method) else (0, 0)
        yield from _bound_pool(method, (pool, weight), level, coefficients, given)


def _bound_pairs(points: DayPoints, header: Header) -> Iterator[Finding]:
    key, pools, given = points.key, 0, 0
    for place, (producer, (pool, shared)) in enumerate(zip(key.producers, header.rounds, strict=True)):
        if producer not in points.producers:
            yield (
                "header.round",
                (pool, shared) == (0, 0),
                "nothing of a point that is not active",
                (pool, shared),
            )
        most = points.entitle_pairs(place, pool)
        yield "header.round", shared <= most, f"at most {most} of slot {producer}", shared
        pools, given = pools + pool, given + shared
    whole = set(points.producers) <= set(key.producers)
    fits = pools == header.feed_in if whole else pools <= header.feed_in
    yield "header.round", fits, f"{'' if whole else 'at most '}{header.feed_in} fed in", pools
    yield "header.allocated", given == header.allocated, f"{given}, as the rounds say", header.allocated


def _bound_flow(points: DayPoints, header: Header) -> Iterator[Finding]:
    given = 0
    for slot, (_, shared) in zip(points.all_producers, header.rounds, strict=True):
        if slot not in points.producers:
            yield "header.round", shared == 0, "nothing of a point that is not active", shared
        given += shared
    yield "header.allocated", given == header.allocated, f"{given}, as the rounds say", header.allocated


def _bound_producers(points: DayPoints, header: Header) -> Iterator[Finding]:
    left, weight = header.rounds[-1]
    if header.allocated == header.feed_in:
        yield (
            "header.round",
            (left, weight) == (0, 0),
            "(0, 0), all that was fed in is shared",
            (left, weight),
        )
        return
    yield "header.round", left <= header.allocated, f"a pool of at most {header.allocated}", left
    most = points.producer_weight
    yield "header.round", 0 < weight <= most, f"a weight from 1 to {most}", weight
    yield _level_holds((left, weight), (header.allocated, most))


def _level_holds(level: Pair, whole: Pair) -> Finding:
    """Say that a level is no lower than the first one: who is satisfied takes less than its part, others get more."""
    holds = whole[0] * level[1] <= level[0] * whole[1]
    return "header.round", holds, f"a level of at least {whole[0]} / {whole[1]}", f"{level[0]} / {level[1]}"


def sum_contributions(rule: Rule, header: Header) -> list[Pair]:
    """Give what all rows contribute to each round (given, weight), as the last stair has it.

    A person's own rows cannot contribute more.
    """
    key, pool = rule.key, header.feed_in
    sums: list[Pair] = []
    if key.method == EQUAL:
        sums = [(0, header.rounds[0][1])]
    elif key.method in {CASCADE, HYBRID}:
        sums = [(pool - header.rounds[0][0], header.rounds[0][1])]
    elif key.method in {PAIRWISE, FLOW}:
        sums = [(shared, 0) for _, shared in header.rounds]
    elif key.method == PRIORITY:
        for (method, place), given in zip(_tier_places(key), _tier_given(key, header), strict=True):
            sums.append((given, header.rounds[place][1]))
            if has_level(method):
                left, weight = header.rounds[place + 1]
                sums.append((header.rounds[place][0] - left, weight))
    if key.producer_ppm:
        left, weight = header.rounds[-1]
        sums.append((header.allocated - left, weight))
    return sums


def bound_others(
    rule: Rule, points: DayPoints, header: Header, own: Collection[int], rest: Pair
) -> list[Pair]:
    """Give the most that the rows of others can contribute to each round (given, weight).

    Args:
        rule: The rule.
        points: The day's.
        header: The interval's totals.
        own: One's own slots.
        rest: What others fed in, and what they consumed. [mWh]
    """
    key, (fed, consumed) = rule.key, rest
    others = points.without(own)
    most: list[Pair] = []
    if key.method == EQUAL:
        most = [(0, len(others.consumers))]
    elif key.method == PAIRWISE:
        most = [(others.entitle_pairs(place, pool), 0) for place, (pool, _) in enumerate(header.rounds)]
    elif key.method == FLOW:
        most = [(consumed, 0)] * len(header.rounds)
    elif key.method == PRIORITY:
        for (method, place), coefficients in zip(_tier_places(key), others.tiers, strict=True):
            weights = {DYNAMIC: consumed, EQUAL: len(coefficients)}
            most.append((consumed, weights.get(method, sum(coefficients))))
            if has_level(method):
                most.append(_others_below(method, header.rounds[place][0], coefficients, consumed))
    elif has_level(key.method):
        most = [_others_below(key.method, header.feed_in, others.coefficients, consumed)]
    return most + ([(fed, others.producer_weight)] if key.producer_ppm else [])


def _others_below(method: int, pool: int, coefficients: Sequence[int], consumed: int) -> Pair:
    if method == CASCADE:
        return consumed, sum(coefficients)
    return _entitle(pool, coefficients), consumed


def _entitle(pool: int, coefficients: Sequence[int]) -> int:
    return sum(pool * k // PARTS_PER_MILLION for k in coefficients)


def entitle_others(rule: Rule, points: DayPoints, header: Header, own: Collection[int]) -> int | None:
    """Give the most that others can be given by their coefficients, or by their count; None where neither bounds it."""
    others, pool = points.without(own), header.feed_in
    if binds_operator(rule) or rule.key.method not in {STATIC, EQUAL}:
        return None
    if rule.key.method == EQUAL:
        return len(others.consumers) * (pool // len(points.consumers)) if points.consumers else 0
    return _entitle(pool, others.coefficients)
