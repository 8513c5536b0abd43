"""Meters of feeders: what went down to several metering points and came up from them, to check their sum against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.community.ids import require_id, require_number
from backend.errors import CommunityDefinitionError
from backend.metering.known_points import pure_id
from backend.metering.points import CONSUMPTION, FEED_IN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from backend.community.members import MeteringPoint

__all__ = ["Feeder", "FeederSeries", "check_feeders", "is_feeder_series"]

_DRAWN, _GIVEN = "~drawn", "~given"
_ENDINGS = {CONSUMPTION: _DRAWN, FEED_IN: _GIVEN}


def is_feeder_series(name: str) -> bool:
    """Is it a feeder's series that is called so, and no metering point's? No id of a point has such an ending."""
    return name.endswith((_DRAWN, _GIVEN))


@dataclass(frozen=True, slots=True)
class FeederSeries:
    """One direction of a feeder's meter, as ``backend.metering.known_points.KnownPoints`` takes points.

    Attributes:
        id: The feeder's id, with ``~drawn`` or ``~given`` behind it.
        direction: ``CONSUMPTION`` for what went down, ``FEED_IN`` for what came up.
        external_id: The operator's number of the meter, else the feeder's id.
    """

    id: str
    direction: int
    external_id: str

    @property
    def valid_from(self) -> date | None:
        """A feeder is there always."""
        return None


@dataclass(frozen=True, slots=True)
class Feeder:
    """A meter that metering points are downstream of. It is nobody's, is not settled, and has no slot.

    Attributes:
        id: Stable short id within the community, no metering point's.
        external_id: The operator's number of the meter, if known.
        metering_points: Ids of all points behind it, both directions; empty for all of the community. Nothing else may
            be connected there.
    """

    id: str
    external_id: str | None = None
    metering_points: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_id(self.id, "feeder")
        require_number(self.number, f"feeder {self.id}")

    @property
    def number(self) -> str:
        """What files know its meter by."""
        return self.external_id or self.id

    @property
    def drawn(self) -> FeederSeries:
        """What went down."""
        return self._series(CONSUMPTION)

    @property
    def given(self) -> FeederSeries:
        """What came up."""
        return self._series(FEED_IN)

    def _series(self, direction: int) -> FeederSeries:
        return FeederSeries(self.id + _ENDINGS[direction], direction, self.number)


def check_feeders(feeders: Sequence[Feeder], points: Sequence[MeteringPoint]) -> None:
    """Refuse feeders that could be taken for another, for a point, or that name a point that is not there.

    Raises:
        CommunityDefinitionError: Naming the feeder and the value.
    """
    known = [point.id for point in points]
    taken = {name: f"metering point {point.id}" for point in points for name in (point.id, _called(point))}
    for feeder in feeders:
        names = {feeder.id, *(pure_id(feeder.number, direction) for direction in _ENDINGS)}
        for name in sorted(names & taken.keys()):
            raise CommunityDefinitionError(
                f"feeder {feeder.id}: {name!r} is what {taken[name]} is called too; give each meter its own."
            )
        taken.update(dict.fromkeys(names, f"feeder {feeder.id}"))
        for place, point in enumerate(feeder.metering_points):
            if point not in known:
                raise CommunityDefinitionError(
                    f"feeder {feeder.id}: metering_points names {point!r}, which is not in the file."
                )
            if point in feeder.metering_points[:place]:
                raise CommunityDefinitionError(
                    f"feeder {feeder.id}: metering_points names {point!r} twice; each is listed once."
                )


def _called(point: MeteringPoint) -> str:
    return pure_id(point.number, point.direction)
