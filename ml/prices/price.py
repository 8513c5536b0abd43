"""The price model: experts of day-ahead prices, weighed by their past errors, for a day to a week ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml.prices.lear import Lear
from ml.prices.learn import Trial, learn_days
from ml.prices.smooth import KernelRidge, Network
from ml.prices.trees import Trees
from ml.prices.walk import Expert

if TYPE_CHECKING:
    from backend.forecasting import Series, Site, WeatherSource
    from ml.prices.fitted import FittedDays

__all__ = ["EXPERTS", "PriceModel"]

EXPERTS = (
    Expert(Lear(56, 0.3)),
    Expert(Lear(84, 0.3)),
    Expert(Lear(364, 0.15)),
    Expert(Lear(1092)),
    Expert(Lear(1456)),
    Expert(KernelRidge()),
    Expert(Trees(), 7),
    Expert(Network(), 28),
)
"""Who is asked, and how often each learns anew where a model goes from day to day."""


@dataclass(frozen=True)
class PriceModel:
    """Learns prices of a market zone; any day-ahead forecasts in the series (load, wind, sun) are read as inputs.

    Attributes:
        seed: Of networks and trees.
        experts: Who is asked.
        trial_days: See ``Trial``. [days]
        trial_every: See there. [days]
    """

    seed: int = 0
    experts: Sequence[Expert] = EXPERTS
    trial_days: int = 84
    trial_every: int = 28

    @property
    def name(self) -> str:
        """See ``Model``."""
        return "price"

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedDays:
        """See ``Model``; what is learned forecasts from midnight on, or from within a day.

        Raises:
            InputError: If there are fewer than 49 whole days.
        """
        trial = Trial(self.experts, self.seed, self.trial_days, self.trial_every)
        return learn_days(self.name, trial, series, site, until_utc, weather)
