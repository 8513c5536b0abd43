"""Records of looks for what is not as it should be, and of what was found, with the time it was believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.forecasting.anomalies import Anomaly

__all__ = ["AnomalyLook", "AnomalyRecord", "AnomalyRecords"]


@dataclass(frozen=True, slots=True)
class AnomalyLook:
    """A look at a community's meters over some days; it never changes.

    Attributes:
        community: Its id.
        id: Of what was looked at and how: the same look at the same readings has the same. 0x-hex
        start_utc: Start of the days judged. [s since 1970, UTC]
        end_utc: Their end. [s since 1970, UTC]
        budget_thousandths: False alarms accepted per meter in a thousand years. [1/(1000 years)]
        made_utc: Belief time. [s since 1970, UTC]
        meters: How many were judged.
        feeders: How many were held against their members.
        unjudged: What could not be judged, and why, in words.
    """

    community: str
    id: str
    start_utc: int
    end_utc: int
    budget_thousandths: int
    made_utc: int
    meters: int
    feeders: int
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnomalyRecord:
    """A finding of a look; it never changes.

    Attributes:
        community: Its id.
        look: Id of the look.
        place: Place among its findings, from 0.
        owners: Participants whom it is about, none where it is about a feeder.
        anomaly: What was found.
    """

    community: str
    look: str
    place: int
    owners: tuple[str, ...]
    anomaly: Anomaly


class AnomalyRecords(Protocol):
    """What the store keeps of looks, inside one transaction."""

    def add_anomaly_look(self, look: AnomalyLook, findings: Sequence[AnomalyRecord]) -> None:
        """Keep a look with its findings; the same again changes nothing."""
        ...

    def anomaly_looks(self, community: str) -> Sequence[AnomalyLook]:
        """A community's, the newest first."""
        ...

    def anomalies(self, community: str, look: str | None = None) -> Sequence[AnomalyRecord]:
        """Findings of a look, or of all, by look and place."""
        ...

    def erase_anomalies(self, community: str, participant: str) -> None:
        """Destroy what was found about a participant."""
        ...
