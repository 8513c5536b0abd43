"""Finding what is not as it should be, as services see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend.forecasting import Series, Site
    from backend.forecasting.anomalies import Anomaly

__all__ = ["AnomalyFinder", "FeederLook"]


@dataclass(frozen=True)
class FeederLook:
    """A feeder with a meter of its own, and all that is metered behind it.

    Attributes:
        id: Of the feeder.
        measured: What its meter shows, net of what is fed back. [W]
        members: What the meters behind it draw, net, by metering point; on the feeder's grid. [W]
    """

    id: str
    measured: Series
    members: Mapping[str, Series]


class AnomalyFinder(Protocol):
    """Models behind one face; nothing after ``end_utc`` is read."""

    def meters(
        self, meters: Mapping[str, Series], site: Site, start_utc: int, end_utc: int, budget: float
    ) -> Sequence[Anomaly]:
        """Unusual days and failing meters among neighbours, earliest first.

        Args:
            meters: By metering point, on one grid, with the history before the span; NaN where unknown. [W]
            site: Whose days they are.
            start_utc: Start of the days that are judged. [s since 1970, UTC]
            end_utc: Their end. [s since 1970, UTC]
            budget: False alarms accepted per meter and year. [1/year]

        Raises:
            InputError: If the grids differ, or the history before the span is too short.
        """
        ...

    def feeder(
        self, feeder: FeederLook, site: Site, start_utc: int, end_utc: int, budget: float
    ) -> Sequence[Anomaly]:
        """Whether a member's meter may be passed by, judged against the feeder; arguments as ``meters``.

        Raises:
            InputError: If the history before the span is too short.
        """
        ...

    def plants(
        self, plants: Mapping[str, Series], site: Site, start_utc: int, end_utc: int
    ) -> tuple[Sequence[Anomaly], int]:
        """Solar plants that fail, by what they fed in, and how many could be judged; arguments as ``meters``."""
        ...
