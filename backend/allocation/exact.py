"""One interval in integers of any size: what the compiled loops do not hold, and what anyone may replay by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from backend.allocation.producer_key import producer_weight, split_by_key
from backend.allocation.producers import split_producers
from backend.allocation.sharing_key import Header, Row
from backend.community import Direction
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.allocation.pool_key import PoolKey

__all__ = ["Solved", "solve_interval"]

_TOTAL_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Solved:
    """An interval's header, and by slot what it is allocated, what of it is shared, what it is credited. [mWh]"""

    header: Header
    allocated: dict[int, int]
    shared: dict[int, int]
    credited: dict[int, int]

    REMEDY: ClassVar[str] = "This is a fault of Partage: nothing is settled; keep the readings and report it."


def solve_interval(
    key: PoolKey, consumption: Mapping[int, int], feed_in: Mapping[int, int], slots: int, t: int
) -> Solved:
    """Share one interval.

    Args:
        key: As it holds in this interval (``PoolKey.at``).
        consumption: By active consumption slot. [mWh]
        feed_in: By feed-in slot, ascending. [mWh]
        slots: Highest slot plus one.
        t: Index of the interval in its civil day.

    Raises:
        BalanceError: If a total is beyond what a header can hold, or the result does not balance.
    """
    pool, total = sum(feed_in.values()), sum(consumption.values())
    if max(pool, total) > _TOTAL_MAX:
        raise BalanceError(
            f"an interval's total of {max(pool, total)} mWh is beyond 2^63-1; check the unit of the readings."
        )
    header = Header(t, slots, pool, total, 0, 0, key.rounds_of(consumption, pool))
    allocated = {slot: key.part_of(slot, energy, header) for slot, energy in consumption.items()}
    header = replace(header, allocated=sum(allocated.values()))
    header, shared = _split(key, header, feed_in)
    given = {**allocated, **shared}
    limits = {**consumption, **feed_in}
    if sum(shared.values()) != header.allocated or any(given[slot] > limits[slot] for slot in given):
        raise BalanceError(
            f"{header.allocated} mWh were allocated but {sum(shared.values())} mWh shared. {Solved.REMEDY}"
        )
    rows = [Row(slot, Direction.CONSUMPTION, consumption[slot], part) for slot, part in allocated.items()]
    rows += [Row(slot, Direction.FEED_IN, feed_in[slot], part) for slot, part in shared.items()]
    return Solved(header, allocated, shared, {row.slot: key.credited_of(header, row) for row in rows})


def _split(key: PoolKey, header: Header, feed_in: Mapping[int, int]) -> tuple[Header, dict[int, int]]:
    """The producers' parts, and the header with tau and the producer key's level."""
    slots_of, energies = list(feed_in), list(feed_in.values())
    if key.producer_ppm:
        weights = [producer_weight(key.producer_ppm, slot) for slot in slots_of]
        shared, tau, level = split_by_key(
            header.allocated, energies, weights, slots_of, header.slots, header.t
        )
        header = replace(header, rounds=(*header.rounds, level))
    else:
        shared, tau = split_producers(header.allocated, energies, slots_of, header.slots, header.t)
    return replace(header, tau=tau), dict(zip(slots_of, shared, strict=True))
