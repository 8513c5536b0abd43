"""Participants and metering points of a community."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING

from backend.community.feeders import Feeder, FeederSeries, check_feeders
from backend.community.governance_terms import GovernanceTerms
from backend.community.ids import require_id, require_number
from backend.community.legal import LegalTerms
from backend.community.site import CommunitySite
from backend.community.vat import VatStatus
from backend.errors import CommunityDefinitionError
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.community.rule import Rule

__all__ = ["Community", "Direction", "MeteringPoint", "Participant"]


class Direction(IntEnum):
    """Which way a metering point measures. The value is the one on chain."""

    CONSUMPTION = 0
    FEED_IN = 1


@dataclass(frozen=True, slots=True)
class Participant:
    """A person or body that owns metering points and gets one bill.

    Attributes:
        id: Stable short id within the community.
        name: For bills and pages; personal, never on chain or in a log.
        vat_status: As a seller of electricity.
        headers_consent: May members see figures behind which fewer than five stand, this participant among them
            (docs/protocol.md section 11), and this participant by name in who served whom?
        energy_poor: Does the household count as energy-poor? Used in sums over five or more alone, never named.
    """

    id: str
    name: str
    vat_status: VatStatus = VatStatus.PRIVATE
    headers_consent: bool = False
    energy_poor: bool = False

    def __post_init__(self) -> None:
        require_id(self.id, "participant")


@dataclass(frozen=True, slots=True)
class MeteringPoint:
    """A place where energy is measured in one direction.

    Attributes:
        id: Stable short id within the community.
        participant: Id of the owner.
        direction: Consumption or feed-in.
        external_id: The operator's number (PRM, Zählpunkt, CUPS), if known. Both directions of a meter may have the
            same, and so may its next member, from the day after the former's last.
        source: Of feed-in: solar, wind, hydro, storage, other.
        phase: L1, L2, L3 or L123, if known.
        max_power_watts: Connection limit, for the range check. [W]
        participation_ppm: Part of the point's energy that is in this community. [ppm]
        valid_from: First civil date of membership, None for always.
        valid_to: Last civil date of membership, None for open.
        latitude: [degrees]
        longitude: [degrees]
        tilt_degrees: Of solar panels from the horizontal; None where unknown, and learned then. [°]
        azimuth_degrees: Where they face, 0 north, 90 east, 180 south; None where unknown. [°]
        peak_kw: Of solar panels, by their plate; None where unknown. [kW]
    """

    id: str
    participant: str
    direction: Direction
    external_id: str | None = None
    source: str | None = None
    phase: str | None = None
    max_power_watts: int | None = None
    participation_ppm: int = PARTS_PER_MILLION
    valid_from: date | None = None
    valid_to: date | None = None
    latitude: float | None = None
    longitude: float | None = None
    tilt_degrees: float | None = None
    azimuth_degrees: float | None = None
    peak_kw: float | None = None

    def __post_init__(self) -> None:
        require_id(self.id, "metering point")
        require_number(self.number, f"metering point {self.id}")
        if not 0 < self.participation_ppm <= PARTS_PER_MILLION:
            raise CommunityDefinitionError(
                f"metering point {self.id}: participation_ppm is {self.participation_ppm}; it lies in 1 to 1000000."
            )
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise CommunityDefinitionError(
                f"metering point {self.id}: valid_to {self.valid_to} is before valid_from {self.valid_from}."
            )
        if self.max_power_watts is not None and self.max_power_watts <= 0:
            raise CommunityDefinitionError(
                f"metering point {self.id}: max_power_watts is {self.max_power_watts}; it must be positive."
            )

    @property
    def number(self) -> str:
        """What the operator knows the point by: its external id, else its id. Hashed into the period's tag."""
        return self.external_id or self.id


@dataclass(frozen=True, slots=True)
class Community:
    """The members as a community file states them, and the rule that it asks for.

    Attributes:
        id: Short id, for commands and pages.
        name: For people.
        country: ISO 3166 code of the legal profile, or "none".
        time_zone: IANA name; civil dates and tariff windows are local to it.
        currency: ISO 4217; EUR.
        resolution_minutes: Length of a settled interval. [min]
        participants: In file order.
        metering_points: In file order, which is slot order.
        rule: The rule tables of the file.
        note: A sentence shown wherever figures of it are shown (data composed from profiles, say).
        legal: What the country's law asks beyond the members.
        governance: How its members vote.
        feeders: Meters that points are downstream of, to check sums against; they are no points and have no slot.
        site: Where it is, None where its file does not say.

    Invariants:
        - Ids are unique; every point has its participant; external ids are unique.
        - At least one point of each direction.
    """

    id: str
    name: str
    country: str
    time_zone: str
    currency: str
    resolution_minutes: int
    participants: tuple[Participant, ...]
    metering_points: tuple[MeteringPoint, ...]
    rule: Rule
    note: str = ""
    legal: LegalTerms = field(default_factory=LegalTerms)
    governance: GovernanceTerms = field(default_factory=GovernanceTerms)
    feeders: tuple[Feeder, ...] = ()
    site: CommunitySite | None = None
    _by_id: Mapping[str, MeteringPoint] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_id(self.id, "community")
        _require_unique([participant.id for participant in self.participants], "participant")
        _require_unique([point.id for point in self.metering_points], "metering point")
        _require_one_member(self.metering_points)
        owners = {participant.id for participant in self.participants}
        for point in self.metering_points:
            if point.participant not in owners:
                raise CommunityDefinitionError(
                    f"metering point {point.id} belongs to participant {point.participant!r}, who is not in the file."
                )
        for direction in Direction:
            if not any(point.direction == direction for point in self.metering_points):
                raise CommunityDefinitionError(
                    f"community {self.id} has no {direction.name.lower()} point; sharing needs both directions."
                )
        check_feeders(self.feeders, self.metering_points)
        self.rule.check_points([point.id for point in self.metering_points])
        object.__setattr__(self, "_by_id", {point.id: point for point in self.metering_points})

    def metering_point(self, point_id: str) -> MeteringPoint | None:
        """The point of that id, or None."""
        return self._by_id.get(point_id)

    @property
    def metered_series(self) -> tuple[MeteringPoint | FeederSeries, ...]:
        """All that readings may be of: the points in their order, then both directions of each feeder's meter."""
        return (
            *self.metering_points,
            *(way for feeder in self.feeders for way in (feeder.drawn, feeder.given)),
        )

    def points_of(self, participant_id: str) -> list[MeteringPoint]:
        """A participant's points in slot order."""
        return [point for point in self.metering_points if point.participant == participant_id]


def _require_unique(values: list[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise CommunityDefinitionError(f"{what} {value!r} is there twice; each is listed once.")
        seen.add(value)


def _require_one_member(points: Sequence[MeteringPoint]) -> None:
    """A meter's direction has one member on a day: who moves in follows who moved out."""
    known: dict[tuple[str, Direction], list[MeteringPoint]] = {}
    for point in points:
        alike = known.setdefault((point.number, point.direction), [])
        for other in alike:
            first, second = sorted((other, point), key=lambda one: one.valid_from or date.min)
            if first.valid_to is None or (second.valid_from or date.min) <= first.valid_to:
                raise CommunityDefinitionError(
                    f"metering points {other.id} and {point.id} have the same external_id {point.number!r} and "
                    "direction on the same days; end the one (valid_to) before the other begins (valid_from), or "
                    "correct the number."
                )
        alike.append(point)
