"""Which of a community's metering points a file's series are of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from backend.metering.points import CONSUMPTION, FEED_IN

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "DIRECTION_UNSTATED",
    "FEED_IN_SUFFIX",
    "KnownPoints",
    "NumberedPoint",
    "Tenure",
    "pure_id",
    "split_pure_id",
]

DIRECTION_UNSTATED = -1
"""Direction of a series of a file that names points by our own ids and says nothing of directions."""

FEED_IN_SUFFIX = "-feed-in"


class NumberedPoint(Protocol):
    """A metering point as far as its names are concerned; ``backend.community.MeteringPoint`` is one."""

    @property
    def id(self) -> str:
        """Stable short id."""
        ...

    @property
    def direction(self) -> int:
        """0 consumption, 1 feed-in."""
        ...

    @property
    def external_id(self) -> str | None:
        """The operator's number, if known."""
        ...

    @property
    def valid_from(self) -> date | None:
        """First civil date of membership, None for always."""
        ...


@dataclass(frozen=True, slots=True)
class Tenure:
    """Whose a series is from an instant on.

    Attributes:
        point: Id of the metering point.
        from_utc: Its first instant; None for the first member of a meter, whose is all that was before too. [s, UTC]
    """

    point: str
    from_utc: int | None = None


def pure_id(external_id: str, direction: int) -> str:
    """What a series is called where no community says: the operator's number, feed-in with ``-feed-in`` behind it."""
    return f"{external_id}{FEED_IN_SUFFIX}" if direction == FEED_IN else external_id


def split_pure_id(name: str) -> tuple[str, int]:
    """The operator's number and the direction that ``pure_id`` made a name of."""
    number = name.removesuffix(FEED_IN_SUFFIX)
    return number, CONSUMPTION if number == name else FEED_IN


class KnownPoints(AbstractSet[str]):
    """The ids of a community's metering points, and the numbers by which operators name them.

    Attributes:
        time_zone: Of the community, IANA name: that of stamps without offset, as its meters hang there. Empty where
            nothing is known.
    """

    def __init__(self, points: Iterable[NumberedPoint], time_zone: str = "") -> None:
        listed = list(points)
        self.time_zone = time_zone
        self._directions = {point.id: int(point.direction) for point in listed}
        numbered: dict[tuple[str, int], list[NumberedPoint]] = {}
        for point in listed:
            if point.external_id:
                numbered.setdefault((point.external_id, int(point.direction)), []).append(point)
        self._numbered = {key: _tenures(points, time_zone) for key, points in numbered.items()}
        self._ids = {name: way for name, way in self._directions.items() if self._is_own(name, way)}

    @classmethod
    def of_ids(cls, ids: Iterable[str]) -> KnownPoints:
        """Points of which nothing but their ids is known: a series of either direction may be theirs."""
        known = cls(())
        known._directions = dict.fromkeys(ids, DIRECTION_UNSTATED)
        known._ids = known._directions
        return known

    def _is_own(self, name: str, direction: int) -> bool:
        """Does nobody but the point of that id have it for a number?"""
        return self._numbered.get((name, direction), (Tenure(name),)) == (Tenure(name),)

    def __contains__(self, name: object) -> bool:
        return name in self._directions

    def __iter__(self) -> Iterator[str]:
        return iter(self._directions)

    def __len__(self) -> int:
        return len(self._directions)

    @property
    def ids(self) -> KeysView[str]:
        """Of the points that nothing else is called by; to ask many at once."""
        return self._ids.keys()

    def match(self, external_id: str, direction: int) -> tuple[Tenure, ...]:
        """Whose a series is, in order of time; nobody's where it is not of this community."""
        if direction == DIRECTION_UNSTATED and external_id not in self._directions:
            said = [way for way in (CONSUMPTION, FEED_IN) if (external_id, way) in self._numbered]
            direction = said[0] if len(said) == 1 else direction
        tenures = self._numbered.get((external_id, direction), ())
        if tenures:
            return tenures
        own = self._directions.get(external_id)
        pure = pure_id(external_id, direction)
        if pure != external_id and self._directions.get(pure) in (direction, DIRECTION_UNSTATED):
            return (Tenure(pure),)
        either = DIRECTION_UNSTATED in (own, direction)
        return (Tenure(external_id),) if own is not None and (either or own == direction) else ()

    def named(self, name: str, direction: int = DIRECTION_UNSTATED) -> tuple[Tenure, ...]:
        """Whose readings a program means that calls a point so, in order of time.

        Args:
            name: A point's id, the operator's number, or what ``pure_id`` makes of a number.
            direction: ``CONSUMPTION`` or ``FEED_IN`` where it is said.

        Returns:
            Nobody's where no point of that direction is called so, or where none is said and points of both are, or
            where it is one point's id and another's number.
        """
        own = self._directions.get(name)
        if own is not None and (direction in {DIRECTION_UNSTATED, own} or own == DIRECTION_UNSTATED):
            alike = self._numbered.get((name, own), (Tenure(name),))
            return alike if name in {tenure.point for tenure in alike} else ()
        number, way = split_pure_id(name)
        if number != name and direction in {DIRECTION_UNSTATED, way} and (number, way) in self._numbered:
            return self._numbered[number, way]
        if direction == DIRECTION_UNSTATED:
            said = [way for way in (CONSUMPTION, FEED_IN) if (name, way) in self._numbered]
            direction = said[0] if len(said) == 1 else direction
        return self._numbered.get((name, direction), ())

    def own_id(self, name: str) -> str | None:
        """The id that a generic file means: an id itself, or what ``pure_id`` makes of a number that one point has."""
        if name in self._directions:
            return name
        tenures = self._numbered.get(split_pure_id(name), ())
        return tenures[0].point if len(tenures) == 1 else None

    def names(self, external_id: str) -> bool:
        """Is the number known, of whatever direction?"""
        return any(self.match(external_id, direction) for direction in (0, 1))

    def all_names(self) -> list[str]:
        """Ids and numbers, for hints."""
        return [*self._directions, *(number for number, _ in self._numbered)]

    def fits(self, name: str) -> bool:
        """May a series that is called so without a community be one of this one's?"""
        if name in self._directions:
            return True
        return any(name == pure_id(*key) or name.startswith(f"{pure_id(*key)}-") for key in self._numbered)


def _tenures(points: list[NumberedPoint], time_zone: str) -> tuple[Tenure, ...]:
    """The members of one meter, one after the other."""
    if len(points) == 1:
        return (Tenure(points[0].id),)
    zone = ZoneInfo(time_zone or "UTC")
    begun = sorted(
        (
            int(datetime.combine(point.valid_from, time(), zone).timestamp()) if point.valid_from else -1,
            point.id,
        )
        for point in points
    )
    return tuple(Tenure(point, None if place == 0 else begin) for place, (begin, point) in enumerate(begun))
