"""The shared total of an interval, split among producers by feed-in: exact, and each row checkable on its own.

``shared_p = floor(A·g_p / P) + [A·g_p mod P > 0 and (slot + t) mod slots < tau]`` (docs/protocol.md section 8). The
threshold tau hands the whole units that flooring leaves to the slots that come first in an order that turns by one
slot each interval, so that nobody is favoured for long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.allocation.sharing_key import Header

__all__ = ["shared_part", "split_producers"]


def shared_part(slot: int, feed_in: int, header: Header) -> int:
    """The part of a slot's feed-in that was shared.

    Args:
        slot: Of the producer.
        feed_in: Its feed-in. [mWh]
        header: The interval's totals.

    Returns:
        At most ``feed_in`` where the header is true. [mWh]
    """
    if header.feed_in == 0:
        return 0
    part, remainder = divmod(header.allocated * feed_in, header.feed_in)
    return part + (1 if remainder and (slot + header.t) % header.slots < header.tau else 0)


def split_producers(
    allocated: int, feed_in: Sequence[int], producer_slots: Sequence[int], slots: int, t: int
) -> tuple[list[int], int]:
    """Divide an interval's shared total among producers in proportion to feed-in.

    Args:
        allocated: A, at most Σ feed-in. [mWh]
        feed_in: Per producer. [mWh]
        producer_slots: Slot of each.
        slots: Highest slot of the period plus one.
        t: Index of the interval in its civil day.

    Returns:
        The shared part of each producer [mWh], and tau.

    Invariants:
        - The parts sum to ``allocated``; none exceeds its feed-in.
    """
    pool = sum(feed_in)
    assert 0 <= allocated <= pool, (allocated, pool)
    if pool == 0:
        return [0] * len(feed_in), 0
    parts, remainders = zip(*(divmod(allocated * energy, pool) for energy in feed_in), strict=True)
    left = allocated - sum(parts)
    turns = [(slot + t) % slots for slot in producer_slots]
    eligible = sorted(turn for turn, remainder in zip(turns, remainders, strict=True) if remainder)
    tau = eligible[left - 1] + 1 if left else 0
    shared = [
        part + (1 if remainder and turn < tau else 0)
        for part, remainder, turn in zip(parts, remainders, turns, strict=True)
    ]
    return shared, tau
