"""What a sharing key gives one row, from its header alone (protocol, section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.verifier.bundle import Header
from backend.verifier.chain_records import SharingKey
from backend.verifier.methods import (
    CASCADE,
    DYNAMIC,
    EQUAL,
    HYBRID,
    INCENTIVE,
    PAIRWISE,
    PARTS_PER_MILLION,
    PRIORITY,
    SCHEDULED,
    STATIC,
    has_level,
)

__all__ = ["Due", "Pair", "allocate_consumer", "share_producer", "tier_of"]

Pair = tuple[int, int]
"""Of a header's round (pool, weight); of a row what it gives to the stair of a round: (given, weight)."""

_NOTHING: Pair = (0, 0)
_CONSUMER = 1


@dataclass(frozen=True, slots=True)
class Due:
    """What a row is due.

    Attributes:
        allocated: Energy, or the part of a producer's that was shared. [mWh]
        credited: Energy that is credited besides. [mWh]
        parts: What the row gives to each round; empty where the header has none.
        flows: Of ``pairwise``, what each producer of the rule gave. [mWh]
    """

    allocated: int
    credited: int = 0
    parts: tuple[Pair, ...] = ()
    flows: tuple[int, ...] = ()


def allocate_consumer(key: SharingKey, header: Header, slot: int, energy: int, coefficient_ppm: int) -> Due:
    """Give a consumption row its due by any method but ``flow``.

    Args:
        key: The sharing key.
        header: The interval's totals, with as many rounds as the key has.
        slot: The row's slot.
        energy: The row's consumption. [mWh]
        coefficient_ppm: The slot's coefficient in this interval; 0 where it has none.
    """
    if key.method == PAIRWISE:
        return _allocate_pairwise(key, header, slot, energy)
    last = (_NOTHING,) if key.producer_ppm else ()
    if key.method == PRIORITY:
        due = _allocate_tier(key, header, slot, energy, coefficient_ppm)
        return Due(due.allocated, due.credited, due.parts + last)
    if key.method == INCENTIVE:
        met = min(header.feed_in, header.consumption)
        return Due(0, met * energy // header.consumption if header.consumption else 0)
    first = header.rounds[0] if header.rounds else _NOTHING
    weight = first[1] if key.method == EQUAL else header.consumption
    given, part = _share_pool(key.method, (header.feed_in, weight), first, energy, coefficient_ppm)
    credited = 0
    if key.surplus_owner == _CONSUMER:
        fixed = header.feed_in * coefficient_ppm // PARTS_PER_MILLION
        credited = (_even_part(header.feed_in, weight) if key.method == EQUAL else fixed) - given
    parts = ((0, 1),) if key.method == EQUAL else (part,) if has_level(key.method) else ()
    return Due(given, credited, parts + last)


def _share_pool(method: int, whole: Pair, level: Pair, energy: int, k: int) -> tuple[int, Pair]:
    """Share a pool by one of the methods 1 to 6; gives the part, and what the row gives to the level's round.

    Args:
        method: Its number.
        whole: The pool, and what it is divided by: consumption, or count of points.
        level: The level's round, of ``static_cascade`` and ``hybrid``.
        energy: The row's consumption.
        k: Its coefficient. [ppm]
    """
    pool, weight = whole
    fixed = min(energy, pool * k // PARTS_PER_MILLION)
    match method:
        case _ if method == DYNAMIC:
            return (energy if pool >= weight else pool * energy // weight), _NOTHING
        case _ if method == EQUAL:
            return min(energy, _even_part(pool, weight)), _NOTHING
        case _ if method in {STATIC, SCHEDULED}:
            return fixed, _NOTHING
        case _ if method == CASCADE:
            left, open_weight = level
            if k > 0 and energy * open_weight <= k * left:
                return energy, (energy, 0)
            return (left * k // open_weight if open_weight else 0), (0, k)
        case _ if method == HYBRID:
            left, missing = level
            rest = energy - fixed
            return fixed + (rest if left >= missing else left * rest // missing), (fixed, rest)
        case _:
            raise AssertionError(method)


def _even_part(pool: int, count: int) -> int:
    return pool // count if count else 0


def tier_of(key: SharingKey, slot: int) -> int:
    """Give the tier of a slot of a priority key: the last where the rule names none."""
    return key.tiers[slot] if slot < len(key.tiers) else len(key.tier_methods) - 1


def _allocate_tier(key: SharingKey, header: Header, slot: int, energy: int, k: int) -> Due:
    own, parts, allocated, place = tier_of(key, slot), list[Pair](), 0, 0
    for tier, method in enumerate(key.tier_methods):
        level = header.rounds[place + 1] if has_level(method) else _NOTHING
        mine: Sequence[Pair] = (_NOTHING, _NOTHING)
        if tier == own:
            allocated, part = _share_pool(method, header.rounds[place], level, energy, k)
            weight = energy if method == DYNAMIC else 1 if method == EQUAL else k
            mine = ((allocated, weight), part)
        width = 1 + has_level(method)
        parts.extend(mine[:width])
        place += width
    return Due(allocated, 0, tuple(parts))


def _allocate_pairwise(key: SharingKey, header: Header, slot: int, energy: int) -> Due:
    first, listed = slot * len(key.producers), key.coefficients_ppm
    entitled = [
        pool * (listed[first + place] if first + place < len(listed) else 0) // PARTS_PER_MILLION
        for place, (pool, _) in enumerate(header.rounds)
    ]
    total = sum(entitled)
    flows = tuple(part if total <= energy else part * energy // total for part in entitled)
    return Due(sum(flows), 0, tuple((flow, 0) for flow in flows), flows)


def share_producer(key: SharingKey, header: Header, feed_in: int, slot: int, at: tuple[int, int]) -> Due:
    """Give a feed-in row its part of what was shared, by any method but ``flow``.

    Args:
        key: The sharing key.
        header: The interval's totals, with as many rounds as the key has.
        feed_in: The row's energy. [mWh]
        slot: Its slot.
        at: Index of the interval in its day, and the highest slot of the period plus one: they decide who gets the odd
            milliwatt-hours.
    """
    empty = (_NOTHING,) * len(header.rounds)
    if key.method == PAIRWISE:
        given = header.rounds[key.producers.index(slot)][1] if slot in key.producers else 0
        return Due(given, 0, empty)
    if key.method == INCENTIVE:
        met = min(header.feed_in, header.consumption)
        return Due(0, met * feed_in // header.feed_in if header.feed_in else 0, empty)
    interval, slots = at
    is_next = (slot + interval) % slots < header.tau
    if not key.producer_ppm:
        if header.feed_in == 0:
            return Due(0, 0, empty)
        part, remainder = divmod(header.allocated * feed_in, header.feed_in)
        return Due(part + (remainder > 0 and is_next), 0, empty)
    left, weight = header.rounds[-1]
    own = max(1, key.producer_ppm[slot]) if slot < len(key.producer_ppm) else 1
    if weight == 0 or feed_in * weight <= own * left:
        return Due(feed_in, 0, (*empty[:-1], (feed_in, 0)))
    part, remainder = divmod(left * own, weight)
    return Due(part + (remainder > 0 and is_next), 0, (*empty[:-1], (0, own)))
