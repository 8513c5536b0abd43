"""Distances between metering points, as the perimeters of several laws measure them."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community.members import MeteringPoint

__all__ = ["distance_metres", "most_distant"]

_EARTH_RADIUS_METRES = 6_371_008.8  # mean radius R1 of the GRS 80 ellipsoid (IUGG)


def distance_metres(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula; off by at most 0.6 % of an ellipsoid's.

    Args:
        first: (latitude, longitude). [degrees]
        second: (latitude, longitude). [degrees]

    Returns:
        [m]
    """
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, place)) for place in (first, second))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_METRES * math.asin(math.sqrt(min(1.0, half)))


def most_distant(points: Sequence[MeteringPoint]) -> tuple[float, MeteringPoint, MeteringPoint] | None:
    """The two points farthest from each other, of those whose coordinates are known.

    Returns:
        Distance [m] and the two; None where fewer than two have coordinates.
    """
    places: dict[tuple[float, float], MeteringPoint] = {}
    for point in points:
        if point.latitude is not None and point.longitude is not None:
            places.setdefault((point.latitude, point.longitude), point)
    known = [point for point in points if point.latitude is not None and point.longitude is not None]
    if len(known) < 2:  # noqa: PLR2004 -- a distance has two ends
        return None
    if len(places) == 1:
        return 0.0, known[0], known[1]
    apart = (
        (distance_metres(first, second), places[first], places[second])
        for first, second in combinations(places, 2)
    )
    return max(apart, key=lambda found: found[0])
