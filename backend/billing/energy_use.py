"""Who used whose energy: information for people, from the period's links, which are proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.billing.bill import EnergyUse, Neighbour, Origin
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.billing.amounts import PointBands
    from backend.billing.terms import BilledPoint
    from backend.community import Participant

__all__ = ["SharedFlows", "energy_use", "neighbours_of", "share_in_proportion"]

_INT64_MAX = 2**63 - 1


def share_in_proportion(
    part: NDArray[np.int64], other: NDArray[np.int64], total: NDArray[np.int64]
) -> NDArray[np.int64]:
    """``floor(part · other / total)`` per interval, zero where the total is; exact whatever the size.

    Args:
        part: Shape (T,), at most ``total``. [mWh]
        other: Shape (T,), at most ``total``. [mWh]
        total: Shape (T,). [mWh]
    """
    divisor = np.maximum(total, 1)
    if int(part.max(initial=0)) * int(other.max(initial=0)) <= _INT64_MAX:
        return part * other // divisor
    exact = part.astype(object) * other.astype(object) // divisor.astype(object)
    return np.asarray(exact, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class SharedFlows:
    """What a community shared, interval by interval.

    Attributes:
        total: Shape (T,): A. [mWh]
        by_source: Shape (T,) per kind of source, summing to the total; the largest first. [mWh]
    """

    total: NDArray[np.int64]
    by_source: dict[str, NDArray[np.int64]]

    @classmethod
    def collect(cls, points: Sequence[BilledPoint], allocated: NDArray[np.int64]) -> SharedFlows:
        """Add up the feed-in points' shared parts by kind of source."""
        sources: dict[str, NDArray[np.int64]] = {}
        total = np.zeros(allocated.shape[1], dtype=np.int64)
        for point in points:
            if point.direction is Direction.FEED_IN:
                row = allocated[point.slot]
                sources[point.source] = sources.get(point.source, 0) + row
                total += row
        ordered = sorted(sources.items(), key=lambda item: (-int(item[1].sum()), item[0]))
        return cls(total, dict(ordered))


def energy_use(points: Sequence[PointBands], seat: int, sources: Mapping[int, str]) -> EnergyUse:
    """Sum up one participant's points. What an incentive counts as shared is residual supply here: nothing is netted.

    Args:
        points: Period leaves of the participant, with their links.
        seat: Of the participant.
        sources: Kind of source by slot.
    """
    used = covered = produced = shared = own = 0
    origins: dict[str, int] = {}
    for point in points:
        energy, allocated = sum(point.energy), sum(point.allocated)
        if point.direction is Direction.FEED_IN:
            produced, shared = produced + energy, shared + allocated
            continue
        used, covered = used + energy, covered + allocated
        for link in point.links:
            own += link.energy if link.seat == seat else 0
            origins[sources[link.slot]] = origins.get(sources[link.slot], 0) + link.energy
    return EnergyUse(
        used=used,
        own=own,
        from_neighbours=covered - own,
        from_grid=used - covered,
        produced=produced,
        shared=shared,
        surplus=produced - shared,
        origins=tuple(
            Origin(*item) for item in sorted(origins.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def neighbours_of(
    points: Sequence[PointBands], seat: int, people: Mapping[int, Participant]
) -> tuple[Neighbour, ...]:
    """Who served a participant and whom it served, over all its points, the most energy first.

    Args:
        points: Period leaves of the participant, with their links.
        seat: Of the participant.
        people: Participants by seat.
    """
    sums: dict[tuple[str, int], list[int]] = {}
    for point in points:
        side = "to" if point.direction is Direction.FEED_IN else "from"
        for link in point.links:
            if link.seat != seat:
                found = sums.setdefault((side, link.seat), [0, 0])
                found[0] += link.energy
                found[1] += link.value
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], -item[1][0], item[0][1]))
    return tuple(
        Neighbour(side, other, people[other].id, people[other].name, energy, value)
        for (side, other), (energy, value) in ordered
    )
