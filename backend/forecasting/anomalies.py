"""What is not as it should be: a finding with its reason, and how many false ones may be told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from backend.errors import InputError

__all__ = ["BUDGET_DEFAULT", "BUDGET_MAX", "Anomaly", "AnomalyKind", "check_budget"]

BUDGET_DEFAULT = 2.0
"""False alarms that are accepted of a meter in a year, where nothing else is said. [1/year]"""
BUDGET_MAX = 100.0


class AnomalyKind(Enum):
    """What it looks like."""

    UNUSUAL_DAY = "unusual_day"  # of a meter, for its own history, the calendar and its neighbours
    CHANGED_LEVEL = "changed_level"  # lower or higher for days on end, and the neighbours are not
    DEAD_METER = "dead_meter"  # zero for long, and the neighbours are not
    STUCK_METER = "stuck_meter"  # the same value for long
    BYPASS = "bypass"  # a feeder shows what one member's meter lacks
    COOLING = "cooling"  # a transformer's oil is warmer than its load explains
    PLANT = "plant"  # a roof gives nothing, lasting less, less by and by, or at other hours


@dataclass(frozen=True)
class Anomaly:
    """Something to look at. It is a suspicion, never a proof.

    Attributes:
        kind: What it looks like.
        element: Metering point, feeder or transformer, by id.
        start_utc: [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]
        p_value: Share of what was usual that looked at least as unusual; of plants one minus the detector's
            confidence. [1]
        reason: In words: when, how far from what was expected.
        cause: What stands out most, for whoever writes the words anew: a name of ``ml.anomalies.features`` and alike.
        figures: What the words rest on, by name with the unit last.
        discovered: Does it stand among all meters' findings of the look, with at most a tenth of them false
            (Benjamini and Hochberg 1995)?
    """

    kind: AnomalyKind
    element: str
    start_utc: int
    end_utc: int
    p_value: float
    reason: str
    cause: str = ""
    figures: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    discovered: bool = False

    def __post_init__(self) -> None:
        assert self.start_utc < self.end_utc, (self.start_utc, self.end_utc)
        assert 0 <= self.p_value <= 1, self.p_value
        assert all(math.isfinite(value) for value in self.figures.values()), self.figures


def check_budget(budget: float) -> float:
    """A false-alarm budget that can be. [1/(meter and year)]

    Raises:
        InputError: If it is not above zero and at most ``BUDGET_MAX``.
    """
    if not 0 < budget <= BUDGET_MAX:
        raise InputError(
            f"a budget of {budget:g} false alarms per meter and year cannot be; give one above 0 and at most "
            f"{BUDGET_MAX:g}, such as {BUDGET_DEFAULT:g}."
        )
    return budget
