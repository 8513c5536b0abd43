"""What this room asks of a community: its metering points, by direction, power, factor and membership.

``backend.community`` stands above and satisfies these Protocols; nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.quantities import SettlementPeriod

__all__ = ["CONSUMPTION", "FEED_IN", "GapLimits", "MeteredCommunity", "MeteredPoint", "mark_active_days"]

CONSUMPTION = 0  # values of ``backend.community.Direction``, the ones on chain
FEED_IN = 1


class MeteredPoint(Protocol):
    """A metering point as far as its readings are concerned; ``backend.community.MeteringPoint`` is one."""

    @property
    def id(self) -> str:
        """Stable short id."""
        ...

    @property
    def participant(self) -> str:
        """Id of the owner."""
        ...

    @property
    def direction(self) -> int:
        """0 consumption, 1 feed-in."""
        ...

    @property
    def source(self) -> str | None:
        """Of feed-in: solar, wind, ..., if known."""
        ...

    @property
    def max_power_watts(self) -> int | None:
        """Connection limit, if known. [W]"""
        ...

    @property
    def participation_ppm(self) -> int:
        """Part of its energy that is in this community. [ppm]"""
        ...

    @property
    def valid_from(self) -> date | None:
        """First civil date of membership, None for always."""
        ...

    @property
    def valid_to(self) -> date | None:
        """Last civil date of membership, None for open."""
        ...

    @property
    def latitude(self) -> float | None:
        """If known. [degrees]"""
        ...

    @property
    def longitude(self) -> float | None:
        """If known. [degrees]"""
        ...


class MeteredCommunity(Protocol):
    """A community as far as readings are concerned; ``backend.community.Community`` is one."""

    @property
    def time_zone(self) -> str:
        """IANA name."""
        ...

    @property
    def resolution_minutes(self) -> int:
        """Length of a settled interval. [min]"""
        ...

    @property
    def metering_points(self) -> Sequence[MeteredPoint]:
        """In slot order."""
        ...


class GapLimits(Protocol):
    """What the rule in force says of gaps; ``backend.community.ConformityLimits`` is one."""

    @property
    def gaps(self) -> Any:
        """An enumeration whose value is ``estimate`` or ``residual``."""
        ...


def mark_active_days(points: Iterable[MeteredPoint | None], period: SettlementPeriod) -> NDArray[np.bool_]:
    """On which civil days of a period each point is a member.

    Args:
        points: A point per row, None for a place without one.
        period: The civil dates.

    Returns:
        Shape (points, days).
    """
    rows = list(points)
    active = np.zeros((len(rows), period.days), dtype=np.bool_)
    for row, point in enumerate(rows):
        if point is None:
            continue
        first = period.first if point.valid_from is None else max(point.valid_from, period.first)
        until = (
            period.until if point.valid_to is None else min(point.valid_to + timedelta(days=1), period.until)
        )
        active[row, max((first - period.first).days, 0) : max((until - period.first).days, 0)] = True
    return active
