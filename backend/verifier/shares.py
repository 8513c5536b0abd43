"""What a sharing key gives one row, from its header alone (protocol, section 8)."""

from __future__ import annotations

from backend.verifier.bundle import Header

__all__ = ["DYNAMIC", "STATIC", "allocate_consumer", "share_producer"]

DYNAMIC = 1
STATIC = 2

_PARTS_PER_MILLION = 1_000_000


def allocate_consumer(method: int, header: Header, consumption: int, coefficient_ppm: int) -> int:
    """Give a consumption row its part of the feed-in, floored.

    Args:
        method: ``DYNAMIC`` or ``STATIC``.
        header: Totals of the interval [mWh].
        consumption: The row's energy [mWh].
        coefficient_ppm: The slot's coefficient; ``dynamic`` takes none.
    """
    if method == STATIC:
        return min(consumption, header.feed_in * coefficient_ppm // _PARTS_PER_MILLION)
    if header.feed_in >= header.consumption:
        return consumption
    return header.feed_in * consumption // header.consumption


def share_producer(header: Header, feed_in: int, slot: int, slots: int, interval: int) -> int:
    """Give a feed-in row its part of what was shared; ``tau`` decides who gets the odd milliwatt-hours.

    Args:
        header: Totals of the interval [mWh].
        feed_in: The row's energy [mWh].
        slot: The row's slot.
        slots: Highest slot of the period plus one.
        interval: Index of the interval in its day.
    """
    if header.feed_in == 0:
        return 0
    part, remainder = divmod(header.allocated * feed_in, header.feed_in)
    return part + (remainder > 0 and (slot + interval) % slots < header.tau)
