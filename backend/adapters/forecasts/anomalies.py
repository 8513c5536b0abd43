"""The detectors of ``ml`` behind the port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.forecasting import Series, Site
    from backend.forecasting.anomalies import Anomaly
    from backend.ports.anomalies import FeederLook

__all__ = ["LocalAnomalies"]


@dataclass(frozen=True)
class LocalAnomalies:
    """Implements ``AnomalyFinder`` in this process, on one core.

    Attributes:
        seed: Of everything random.
    """

    seed: int = 0

    def meters(
        self, meters: Mapping[str, Series], site: Site, start_utc: int, end_utc: int, budget: float
    ) -> Sequence[Anomaly]:
        """See the port."""
        from ml.anomalies.meters import find_in_meters

        return find_in_meters(meters, site, start_utc, end_utc, budget, self.seed)

    def feeder(
        self, feeder: FeederLook, site: Site, start_utc: int, end_utc: int, budget: float
    ) -> Sequence[Anomaly]:
        """See the port."""
        from ml.anomalies.feeder import find_bypasses

        return find_bypasses(feeder.id, feeder.measured, feeder.members, site, start_utc, end_utc, budget)

    def plants(
        self, plants: Mapping[str, Series], site: Site, start_utc: int, end_utc: int
    ) -> tuple[Sequence[Anomaly], int]:
        """See the port."""
        from ml.anomalies.plants import find_in_plants

        return find_in_plants(plants, site, start_utc, end_utc)
