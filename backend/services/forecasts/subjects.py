"""What a forecast is about: a community, a home, a metering point, a feeder, a transformer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from backend.community import Direction
from backend.community.tables import name_nearest
from backend.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backend.community import Community, MeteringPoint

__all__ = [
    "MARKET",
    "NET",
    "SHAREABLE",
    "TARGETS",
    "UNITS",
    "Asked",
    "Subject",
    "SubjectKind",
    "owners_of",
    "parse_subject",
    "parse_target",
    "points_of",
    "subjects_of",
    "targets_of",
]

NET = "net"
SHAREABLE = "shareable"
_SUN, _WIND = "solar", "wind"
UNITS = {
    "load": "W",
    _SUN: "W",
    _WIND: "W",
    NET: "W",
    SHAREABLE: "mWh",
    "carbon": "g/kWh",
    "price": "EUR/MWh",
}
"""Unit by target: of ``shareable`` whole milliwatt-hours of an interval, else mean power of an interval."""
TARGETS = tuple(UNITS)
CARBON, PRICE = "carbon", "price"
MARKET = (CARBON, PRICE)
"""Of the grid and the market around a community, not of its meters: forecast of the subject ``community``."""


class SubjectKind(StrEnum):
    """What kind of thing it is."""

    COMMUNITY = "community"
    HOME = "home"
    POINT = "point"
    FEEDER = "feeder"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a forecast is about.

    Attributes:
        kind: Of thing.
        name: Id; ``NETWORK/TRANSFORMER`` of a network's; empty of the community.
    """

    kind: SubjectKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)

    @property
    def network(self) -> tuple[str, str]:
        """Name of the network, id of the transformer."""
        network, _, transformer = self.name.partition("/")
        return network, transformer


Asked = tuple[Subject, str]
"""A subject and a target."""


def parse_subject(text: str) -> Subject:
    """Read ``community``, ``home:ID``, ``point:ID``, ``feeder:ID`` or ``network:NAME/TRANSFORMER``.

    Raises:
        InputError: If it is none of them.
    """
    kind, mark, name = text.partition(":")
    known = {one.value for one in SubjectKind}
    whole = kind in known and bool(mark) == (kind != SubjectKind.COMMUNITY.value) and bool(name) == bool(mark)
    if not whole or (kind == SubjectKind.NETWORK and not all(name.partition("/"))):
        raise InputError(
            f"{text!r} is no subject of forecasts; write community, home:PARTICIPANT, point:ID, feeder:ID or "
            "network:NAME/TRANSFORMER."
        )
    return Subject(SubjectKind(kind), name)


def parse_target(text: str) -> str:
    """A target that is known.

    Raises:
        InputError: If it is none.
    """
    if text not in UNITS:
        raise InputError(f"{text!r} is not forecast; {name_nearest(text, TARGETS)}")
    return text


def points_of(members: Community, subject: Subject, left_out: Iterable[str] = ()) -> list[MeteringPoint]:
    """Metering points behind a subject; nothing of a network's transformers, whose connections say it.

    Args:
        members: The community.
        subject: Which.
        left_out: Points whose readings are not settled: of the community's sum they are no part.

    Raises:
        NotFoundError: If the community has no such subject.
    """
    if subject.kind is SubjectKind.COMMUNITY:
        without = set(left_out)
        return [point for point in members.metering_points if point.id not in without]
    if subject.kind is SubjectKind.HOME:
        found = members.points_of(subject.name)
        known: Sequence[str] = [one.id for one in members.participants]
    elif subject.kind is SubjectKind.POINT:
        found = [point for point in members.metering_points if point.id == subject.name]
        known = [point.id for point in members.metering_points]
    elif subject.kind is SubjectKind.FEEDER:
        feeder = next((one for one in members.feeders if one.id == subject.name), None)
        known = [one.id for one in members.feeders]
        behind = set(feeder.metering_points) if feeder else set()
        found = [point for point in members.metering_points if feeder and (not behind or point.id in behind)]
    else:
        return []
    if not found:
        raise NotFoundError(f"Community {members.id} has no {subject}; {name_nearest(subject.name, known)}")
    return found


def owners_of(members: Community, subject: Subject, target: str = "") -> tuple[str, ...]:
    """Whose data a forecast of it is: of a home or a point its participant, of what sums several nobody's.

    Where a target is named that a single participant has, as the sun of the only roof, the sum is theirs.
    """
    if subject.kind in {SubjectKind.COMMUNITY, SubjectKind.FEEDER} and target:
        behind = {point.participant for point in directed(points_of(members, subject), target)}
        return tuple(behind) if len(behind) == 1 else ()
    if subject.kind is SubjectKind.HOME:
        return (subject.name,)
    if subject.kind is SubjectKind.POINT:
        return tuple(point.participant for point in points_of(members, subject))
    return ()


def targets_of(members: Community, subject: Subject) -> tuple[str, ...]:
    """What is forecast of a subject day by day."""
    if subject.kind in {SubjectKind.FEEDER, SubjectKind.NETWORK}:
        return (NET,)
    points = points_of(members, subject)
    found = ["load"] if any(point.direction is Direction.CONSUMPTION for point in points) else []
    sources = {_source_of(point) for point in points if point.direction is Direction.FEED_IN}
    return (*found, *(one for one in (_SUN, _WIND) if one in sources))


def directed(points: Iterable[MeteringPoint], target: str) -> list[MeteringPoint]:
    """Points that count in a target: consumption in ``load``, feed-in by its source, all in ``net``."""
    if target == NET:
        return list(points)
    if target == "load":
        return [point for point in points if point.direction is Direction.CONSUMPTION]
    return [point for point in points if point.direction is Direction.FEED_IN and _source_of(point) == target]


def _source_of(point: MeteringPoint) -> str:
    """Feed-in that does not say what it is of is taken for sun, as nearly all is."""
    return point.source or _SUN


def subjects_of(members: Community) -> list[Subject]:
    """The community, its homes and its feeders; transformers of its networks are ``histories``' to find."""
    return [
        Subject(SubjectKind.COMMUNITY),
        *(Subject(SubjectKind.HOME, one.id) for one in members.participants if members.points_of(one.id)),
        *(Subject(SubjectKind.FEEDER, one.id) for one in members.feeders),
    ]
