"""Provisions on place and power: how far apart, how large, on which part of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.community.law.distances import most_distant
from backend.community.law.findings import LegalFinding, Severity
from backend.community.law.provisions import Condition, Dated, value_on
from backend.community.members import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from backend.community.members import Community, MeteringPoint

__all__ = [
    "Declared",
    "MinimumGeneration",
    "OneGridLevel",
    "PrimarySubstation",
    "WithinDistance",
    "WithinDistanceByVoltage",
    "WithinPower",
]


def _active(
    points: Sequence[MeteringPoint], on: date, direction: Direction | None = None
) -> list[MeteringPoint]:
    return [
        point
        for point in points
        if (point.valid_from is None or point.valid_from <= on)
        and (point.valid_to is None or point.valid_to >= on)
        and direction in {None, point.direction}
    ]


def _kilometres(metres: float) -> str:
    return f"{metres / 1000:,.3f} km"


def _kilowatts(watts: int) -> str:
    return f"{watts / 1000:,.1f} kW"


def _find_distance(
    community: Community, on: date, limit_metres: int, article: str, remedy: str
) -> Iterator[LegalFinding]:
    points = _active(community.metering_points, on)
    without = [point.id for point in points if point.latitude is None or point.longitude is None]
    farthest = most_distant(points)
    if farthest and farthest[0] > limit_metres:
        metres, first, second = farthest
        yield LegalFinding(
            Severity.FORBIDDEN,
            article,
            f"{first.id} and {second.id} are {_kilometres(metres)} apart, above {_kilometres(limit_metres)}; {remedy}",
        )
    if without:
        yield LegalFinding(
            Severity.UNKNOWN,
            article,
            f"{len(without)} of {len(points)} metering points have no coordinates ({', '.join(without[:3])}), so the "
            f"limit of {_kilometres(limit_metres)} was not checked for them; give latitude and longitude",
        )


@dataclass(frozen=True, slots=True)
class WithinDistance:
    """The two most distant points are at most so far apart.

    Attributes:
        limits: Dated limits. [m]
        remedy: What else the law offers.
    """

    limits: tuple[Dated[int], ...]
    remedy: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:
        """Measure as the crow flies."""
        limit = value_on(self.limits, on)
        if limit:
            yield from _find_distance(community, on, limit.value, limit.article, self.remedy)


@dataclass(frozen=True, slots=True)
class WithinDistanceByVoltage:
    """The same, with a limit for each voltage of connection.

    Attributes:
        limits: Limit by ``LegalTerms.voltage``. [m]
        article: Where it is said.
    """

    limits: Mapping[str, int]
    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:
        """Measure as the crow flies."""
        voltage = community.legal.voltage
        remedy = f'part the community, or state the voltage of connection in [legal] (it is "{voltage}")'
        yield from _find_distance(community, on, self.limits[voltage], self.article, remedy)


@dataclass(frozen=True, slots=True)
class WithinPower:
    """The generators' power stays below a limit, together or each.

    Attributes:
        limits: Dated limits. [W]
        remedy: What else the law offers.
        each: Per plant, rather than all together.
        inclusive: May the limit itself be reached?
    """

    limits: tuple[Dated[int], ...]
    remedy: str
    each: bool = False
    inclusive: bool = False

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:
        """Add up ``max_power_watts`` of the points that feed in."""
        limit = value_on(self.limits, on)
        if limit is None:
            return
        points = _active(community.metering_points, on, Direction.FEED_IN)
        without = [point.id for point in points if point.max_power_watts is None]
        powers = {point.id: point.max_power_watts or 0 for point in points}
        sums = powers if self.each else {"all generators together": sum(powers.values())}
        for name, watts in sums.items():
            if watts > limit.value or (watts == limit.value and not self.inclusive):
                bound = "at most" if self.inclusive else "below"
                yield LegalFinding(
                    Severity.FORBIDDEN,
                    limit.article,
                    f"{name}: {_kilowatts(watts)}; {bound} {_kilowatts(limit.value)} is allowed; {self.remedy}",
                )
        if without:
            yield LegalFinding(
                Severity.UNKNOWN,
                limit.article,
                f"{len(without)} generators have no max_power_watts ({', '.join(without[:3])}), so the limit of "
                f"{_kilowatts(limit.value)} was not checked for them",
            )


@dataclass(frozen=True, slots=True)
class MinimumGeneration:
    """Generation has at least a part of the consumers' connection power.

    Attributes:
        part_ppm: Least part. [ppm]
        article: Where it is said.
    """

    part_ppm: int
    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:
        """Compare sums of ``max_power_watts``."""
        sums = {}
        for direction in Direction:
            powers = [point.max_power_watts for point in _active(community.metering_points, on, direction)]
            if None in powers:
                yield LegalFinding(
                    Severity.UNKNOWN,
                    self.article,
                    f"{powers.count(None)} {direction.name.lower()} points have no max_power_watts, so the least "
                    f"generation of {self.part_ppm / 10_000:g} % was not checked",
                )
                return
            sums[direction] = sum(power for power in powers if power is not None)
        generation, connection = sums[Direction.FEED_IN], sums[Direction.CONSUMPTION]
        if generation * 1_000_000 < connection * self.part_ppm:
            yield LegalFinding(
                Severity.FORBIDDEN,
                self.article,
                f"generation of {_kilowatts(generation)} is less than {self.part_ppm / 10_000:g} % of the consumers' "
                f"connection power of {_kilowatts(connection)}; add generation",
            )


@dataclass(frozen=True, slots=True)
class OneGridLevel:
    """All points lie on one level of the grid, one of those allowed.

    Attributes:
        levels: Allowed ones.
        article: Where it is said.
    """

    levels: tuple[int, ...]
    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read ``legal.grid_level``."""
        level, allowed = community.legal.grid_level, ", ".join(map(str, self.levels))
        if level is None:
            yield LegalFinding(
                Severity.UNKNOWN,
                self.article,
                f"[legal] grid_level is missing; all points must lie on one level of {allowed}",
            )
        elif level not in self.levels:
            yield LegalFinding(
                Severity.FORBIDDEN, self.article, f"grid_level {level} is not allowed; one of {allowed} is"
            )


class PrimarySubstation(Condition):
    """All points hang on one primary substation, whose code is stated."""

    severity = Severity.UNKNOWN

    def messages(self, community: Community) -> Iterator[str]:
        """Read ``legal.primary_substation``."""
        if not community.legal.primary_substation:
            yield "[legal] primary_substation is missing; energy is shared within one, state its code (AC001E...)"


@dataclass(frozen=True, slots=True)
class Declared(Condition):
    """A condition that a file cannot show; the members are told of it.

    Attributes:
        message: What they must see to.
    """

    severity = Severity.NOTICE
    message: str

    def messages(self, community: Community) -> Iterator[str]:  # noqa: ARG002 -- it holds for all
        """Say it."""
        yield self.message
