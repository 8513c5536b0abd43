"""Whose points are billed: what a period froze per slot, joined with the members' names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.community import Community, Direction, Participant, VatStatus
from backend.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BilledPoint", "BilledSeat", "billed_seats"]


@dataclass(frozen=True, slots=True)
class BilledPoint:
    """A slot with a point in this period.

    Attributes:
        slot: Place in the registry.
        point: Id of the metering point.
        number: What the operator knows it by.
        direction: Consumption or feed-in.
        source: Kind of source of feed-in, ``other`` where unknown; empty for consumption.
    """

    slot: int
    point: str
    number: str
    direction: Direction
    source: str


@dataclass(frozen=True, slots=True)
class BilledSeat:
    """A participant with all its points of the period.

    Attributes:
        seat: First of its slots.
        participant: Whose bill it is.
        vat_status: The class that was frozen at its seat.
        points: In slot order.
    """

    seat: int
    participant: Participant
    vat_status: VatStatus
    points: tuple[BilledPoint, ...]


def billed_seats(community: Community, terms: Sequence[Mapping[str, Any]]) -> list[BilledSeat]:
    """Group a period's slots by seat, in seat order.

    Args:
        community: For names, numbers and sources.
        terms: As ``PeriodRecord.terms``: objects with ``slot, point, seat, direction, vat_class``; direction and class
            by number or by name.

    Raises:
        NotFoundError: If a frozen point is no longer in the community file.
    """
    people = {participant.id: participant for participant in community.participants}
    seats: dict[int, list[BilledPoint]] = {}
    owners: dict[int, Participant] = {}
    classes: dict[int, VatStatus] = {}
    for term in sorted(terms, key=lambda item: int(item["slot"])):
        point = community.metering_point(str(term["point"]))
        if point is None:
            raise NotFoundError(
                f"metering point {term['point']} was settled in this period but is not in the community file of "
                f"{community.id}; keep it there and give it a valid_to date."
            )
        slot, seat = int(term["slot"]), int(term["seat"])
        direction = _direction(term["direction"])
        source = (point.source or "other") if direction is Direction.FEED_IN else ""
        seats.setdefault(seat, []).append(BilledPoint(slot, point.id, point.number, direction, source))
        if slot == seat:
            owners[seat], classes[seat] = people[point.participant], VatStatus(int(term["vat_class"]))
    assert set(owners) == set(seats), (sorted(owners), sorted(seats))
    return [BilledSeat(seat, owners[seat], classes[seat], tuple(seats[seat])) for seat in sorted(seats)]


def _direction(value: int | str) -> Direction:
    return Direction[value.upper()] if isinstance(value, str) else Direction(value)
