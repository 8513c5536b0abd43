"""Who used whose energy: information for people, derived from allocations in proportion to feed-in.

In each interval a consumer's allocation comes from every producer in proportion to what that producer shared. The
energies are whole milliwatt-hours; what flooring leaves goes to the neighbours, or to the largest source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.billing.bill import EnergyUse, Origin
from backend.community import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.billing.terms import BilledPoint

__all__ = ["SharedFlows", "energy_use", "share_in_proportion"]

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

    def origins_of(self, received: NDArray[np.int64]) -> dict[str, int]:
        """What was received by kind of source; sums exactly to it. [mWh]"""
        parts = {
            source: int(share_in_proportion(received, flow, self.total).sum())
            for source, flow in list(self.by_source.items())[1:]
        }
        largest = next(iter(self.by_source), "")
        rest = int(received.sum()) - sum(parts.values())
        return {source: energy for source, energy in ({largest: rest} | parts).items() if energy}


def energy_use(
    points: Sequence[BilledPoint], energy: NDArray[np.int64], allocated: NDArray[np.int64], flows: SharedFlows
) -> EnergyUse:
    """Sum up one participant's points.

    Args:
        points: Those of the participant.
        energy: Shape (slots, T). [mWh]
        allocated: Shape (slots, T). [mWh]
        flows: Of the community.
    """
    consumption = [point.slot for point in points if point.direction is Direction.CONSUMPTION]
    feed_in = [point.slot for point in points if point.direction is Direction.FEED_IN]
    received, given = allocated[consumption].sum(axis=0), allocated[feed_in].sum(axis=0)
    used, produced, shared = int(energy[consumption].sum()), int(energy[feed_in].sum()), int(given.sum())
    covered = int(received.sum())
    own = int(share_in_proportion(received, given, flows.total).sum()) if consumption and feed_in else 0
    return EnergyUse(
        used=used,
        own=own,
        from_neighbours=covered - own,
        from_grid=used - covered,
        produced=produced,
        shared=shared,
        surplus=produced - shared,
        origins=tuple(Origin(source, part) for source, part in flows.origins_of(received).items()),
    )
