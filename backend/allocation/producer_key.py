"""The producer key: whose feed-in is shared first where more is fed in than is shared.

The shared total A is filled into the producers' feed-in by weights q_p, as water into vessels: a producer whose whole
feed-in lies below the level shares all of it, the others ``floor(L · q_p / W)`` and one unit more where the turn falls
on them (docs/protocol.md section 8, *Producers*). Without a producer key everyone shares in proportion to feed-in
(``backend.allocation.producers``).

- Luxembourg: where a sharing group feeds in more than it uses, the model agreed for the production points decides whose
  feed-in is shared (loi modifiée du 1er août 2007, art. 8quater; règlement ILR/E21/32; annexe 3 of the convention).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.allocation.level import find_level, is_satisfied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.allocation.sharing_key import Header

__all__ = ["keyed_part", "producer_weight", "split_by_key"]


def producer_weight(producer_ppm: Sequence[int], slot: int) -> int:
    """The slot's weight: at least one, so that what others cannot give is never lost. [ppm]"""
    return max(1, producer_ppm[slot]) if slot < len(producer_ppm) else 1


def keyed_part(slot: int, feed_in: int, weight: int, header: Header) -> int:
    """The part of a slot's feed-in that was shared.

    Args:
        slot: Of the producer.
        feed_in: Its feed-in. [mWh]
        weight: ``producer_weight`` of it. [ppm]
        header: Whose last round is the level.
    """
    level, others = header.rounds[-1]
    if others == 0 or is_satisfied(feed_in, weight, (level, others)):
        return feed_in
    part, remainder = divmod(level * weight, others)
    return part + (1 if remainder and (slot + header.t) % header.slots < header.tau else 0)


def split_by_key(
    allocated: int,
    feed_in: Sequence[int],
    weights: Sequence[int],
    producer_slots: Sequence[int],
    slots: int,
    t: int,
) -> tuple[list[int], int, tuple[int, int]]:
    """Divide an interval's shared total among producers by their key.

    Args:
        allocated: A, at most Σ feed-in. [mWh]
        feed_in: Per producer. [mWh]
        weights: ``producer_weight`` of each. [ppm]
        producer_slots: Slot of each.
        slots: Highest slot of the period plus one.
        t: Index of the interval in its civil day.

    Returns:
        The shared part of each producer [mWh], tau, and the level.

    Invariants:
        - The parts sum to ``allocated``; none exceeds its feed-in.
    """
    if allocated == sum(feed_in):
        return list(feed_in), 0, (0, 0)
    level = find_level(feed_in, weights, allocated)
    parts, turns = [], []
    for slot, energy, weight in zip(producer_slots, feed_in, weights, strict=True):
        if is_satisfied(energy, weight, level):
            part, remainder = energy, 0
        else:
            part, remainder = divmod(level[0] * weight, level[1])
        parts.append(part)
        turns.append((slot + t) % slots if remainder else slots)  # slots: no turn
    left = allocated - sum(parts)
    tau = sorted(turns)[left - 1] + 1 if left else 0
    shared = [part + (1 if turn < tau else 0) for part, turn in zip(parts, turns, strict=True)]
    return shared, tau, level
