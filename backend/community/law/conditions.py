"""Provisions on the rule itself: coefficients, participation, who owns the surplus, how long an interval is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.community.law.findings import Severity
from backend.community.law.provisions import Condition
from backend.community.rule import AllocationSource
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class CoefficientsSumToOne(Condition):
    """Fixed coefficients leave nothing out."""

    severity = Severity.FORBIDDEN

    def messages(self, community: Community) -> Iterator[str]:
        """Add up the coefficients of a fixed key."""
        total = sum(community.rule.sharing_key.coefficients_ppm.values())
        if community.rule.sharing_key.coefficients_ppm and total != PARTS_PER_MILLION:
            yield (
                f"the coefficients sum to {total} ppm; they must sum to 1000000, share out the other "
                f"{PARTS_PER_MILLION - total}"
            )


class SurplusOfConsumers(Condition):
    """What a consumer does not use of its part is its own surplus."""

    severity = Severity.NOTICE

    def messages(self, community: Community) -> Iterator[str]:
        """Read ``surplus_owner``."""
        if community.rule.sharing_key.surplus_owner != "consumer":
            yield (
                "the surplus of a part belongs to its consumer here (simplified compensation); surplus_owner is "
                '"producer", which needs an agreement to sell it together'
            )


class HandedInAsCoefficients(Condition):
    """A key that the operator does not compute itself reaches it as coefficients."""

    severity = Severity.NOTICE

    def messages(self, community: Community) -> Iterator[str]:
        """Read the method."""
        method = community.rule.sharing_key.method
        if method not in _KNOWN_TO_OPERATORS:
            yield (
                f'the operator computes fixed parts and pro rata itself; what "{method}" gives is handed in to it as '
                "coefficients for each step of measurement"
            )


class WholePoints(Condition):
    """A point takes part in one community only, with all of its energy."""

    severity = Severity.FORBIDDEN

    def messages(self, community: Community) -> Iterator[str]:
        """Read the participation factors."""
        for point in community.metering_points:
            if point.participation_ppm != PARTS_PER_MILLION:
                yield (
                    f"{point.id} takes part with {point.participation_ppm} ppm; here a point is in one community with "
                    "all of its energy, write 1000000"
                )


class OperatorAllocates(Condition):
    """The grid operator's allocation is the one that binds."""

    severity = Severity.NOTICE

    def messages(self, community: Community) -> Iterator[str]:
        """Read ``allocation.source``."""
        if community.rule.source is not AllocationSource.OPERATOR:
            yield (
                'the grid operator allocates with binding force; [allocation] source is "computed", so compare '
                'the runs with its report, or write source = "operator"'
            )


class HourlyIntervals(Condition):
    """Shared energy is counted by the hour."""

    severity = Severity.FORBIDDEN

    def messages(self, community: Community) -> Iterator[str]:
        """Read the resolution."""
        if community.resolution_minutes != 60:  # noqa: PLR2004 -- an hour
            yield (
                f"resolution_minutes is {community.resolution_minutes}; shared energy is counted by the hour, write 60"
            )
