"""The carbon intensity of the grid's electricity, hours to a week ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ml.prices.lear import Lear
from ml.prices.learn import Trial, learn_days
from ml.prices.smooth import KernelRidge
from ml.prices.trees import Trees
from ml.prices.walk import Expert

if TYPE_CHECKING:
    from backend.forecasting import Series, Site, WeatherSource
    from ml.prices.fitted import FittedDays

__all__ = ["CARBON_EXPERTS", "CarbonModel"]

CARBON_EXPERTS = (
    Expert(Lear(84, 0.3)),
    Expert(Lear(364, 0.3)),
    Expert(KernelRidge()),
    Expert(Trees(rounds=100)),
)
"""Who is asked: as of prices, which follow the same plants, without those that learn slowly."""


@dataclass(frozen=True)
class CarbonModel:
    """Learns the carbon intensity of a grid; weather and forecasts of load, wind and sun are read where they are there.

    Attributes:
        seed: Of the trees.
        experts: Who is asked.
        trial_days: See ``Trial``. [days]
        trial_every: See there. [days]
    """

    seed: int = 0
    experts: Sequence[Expert] = CARBON_EXPERTS
    trial_days: int = 56
    trial_every: int = 28

    @property
    def name(self) -> str:
        """See ``Model``."""
        return "carbon"

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedDays:
        """See ``Model``; no intensity below zero is ever told.

        Raises:
            InputError: If there are fewer than 49 whole days.
        """
        trial = Trial(self.experts, self.seed, self.trial_days, self.trial_every)
        fitted = learn_days(self.name, trial, series, site, until_utc, weather)
        low, high = fitted.limits
        return replace(fitted, limits=(max(low, 0.0), high))
