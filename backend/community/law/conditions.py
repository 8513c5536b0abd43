"""Provisions on the rule itself: coefficients, participation, who owns the surplus, how long an interval is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.community.law.findings import LegalFinding, Severity
from backend.community.rule import AllocationSource
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from backend.community.members import Community

__all__ = [
    "CoefficientsSumToOne",
    "HandedInAsCoefficients",
    "HourlyIntervals",
    "OperatorAllocates",
    "SurplusOfConsumers",
    "WholePoints",
]

_KNOWN_TO_OPERATORS = frozenset({"static", "dynamic", "equal"})


@dataclass(frozen=True, slots=True)
class CoefficientsSumToOne:
    """Fixed coefficients leave nothing out.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Add up the coefficients of a fixed key."""
        total = sum(community.rule.sharing_key.coefficients_ppm.values())
        if community.rule.sharing_key.coefficients_ppm and total != PARTS_PER_MILLION:
            yield LegalFinding(
                Severity.FORBIDDEN,
                self.article,
                f"the coefficients sum to {total} ppm; they must sum to 1000000, share out the other "
                f"{PARTS_PER_MILLION - total}",
            )


@dataclass(frozen=True, slots=True)
class SurplusOfConsumers:
    """What a consumer does not use of its part is its own surplus.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read ``surplus_owner``."""
        if community.rule.sharing_key.surplus_owner != "consumer":
            yield LegalFinding(
                Severity.NOTICE,
                self.article,
                "the surplus of a part belongs to its consumer here (simplified compensation); surplus_owner is "
                '"producer", which needs an agreement to sell it together',
            )


@dataclass(frozen=True, slots=True)
class HandedInAsCoefficients:
    """A key that the operator does not compute itself reaches it as coefficients.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read the method."""
        method = community.rule.sharing_key.method
        if method not in _KNOWN_TO_OPERATORS:
            yield LegalFinding(
                Severity.NOTICE,
                self.article,
                f'the operator computes fixed parts and pro rata itself; what "{method}" gives is handed in to it as '
                "coefficients for each step of measurement",
            )


@dataclass(frozen=True, slots=True)
class WholePoints:
    """A point takes part in one community only, with all of its energy.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read the participation factors."""
        for point in community.metering_points:
            if point.participation_ppm != PARTS_PER_MILLION:
                yield LegalFinding(
                    Severity.FORBIDDEN,
                    self.article,
                    f"{point.id} takes part with {point.participation_ppm} ppm; here a point is in one community with "
                    "all of its energy, write 1000000",
                )


@dataclass(frozen=True, slots=True)
class OperatorAllocates:
    """The grid operator's allocation is the one that binds.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read ``allocation.source``."""
        if community.rule.source is not AllocationSource.OPERATOR:
            yield LegalFinding(
                Severity.NOTICE,
                self.article,
                'the grid operator allocates with binding force; [allocation] source is "computed", so compare '
                'the runs with its report, or write source = "operator"',
            )


@dataclass(frozen=True, slots=True)
class HourlyIntervals:
    """Shared energy is counted by the hour.

    Attributes:
        article: Where it is said.
    """

    article: str

    def find(self, community: Community, on: date) -> Iterator[LegalFinding]:  # noqa: ARG002 -- it has no date
        """Read the resolution."""
        if community.resolution_minutes != 60:  # noqa: PLR2004 -- an hour
            yield LegalFinding(
                Severity.FORBIDDEN,
                self.article,
                f"resolution_minutes is {community.resolution_minutes}; shared energy is counted by the hour, write 60",
            )
