"""The models of the sun of ``ml`` behind the port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.ports.sunlight import NetParts, RampOdds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Forecast, Series, Site
    from backend.ports.sunlight import RampAsked

    Values = NDArray[np.float64]

__all__ = ["LocalSunlight"]


@dataclass(frozen=True)
class LocalSunlight:
    """Implements ``Sunlight`` in this process.

    Attributes:
        seed: Of scenarios.
        scenarios: How many are drawn.
    """

    seed: int = 0
    scenarios: int = 1_000

    def split(self, net: Series, site: Site, references: Sequence[Values] = ()) -> NetParts:
        """See the port."""
        from ml.solar.behind_meter import split_net_load

        found = split_net_load(net, site, tuple(references))
        return NetParts(found.use, found.sun, found.peak, found.confidence)

    def ramps(
        self,
        forecasts: Sequence[Forecast],
        past: Sequence[Sequence[tuple[Values, Forecast]]],
        asked: Sequence[RampAsked],
    ) -> list[RampOdds]:
        """See the port."""
        from ml.solar.fleet import learn_copula, normal_scores, scenarios_of
        from ml.solar.ramps import ramp_probability

        scores = [np.concatenate([normal_scores(came, made.quantiles) for came, made in own]) for own in past]
        widths = [np.concatenate([made.at(0.9) - made.at(0.1) for _, made in own]) for own in past]
        step = forecasts[0].step_seconds
        copula = learn_copula(np.stack(scores), step, np.stack(widths))
        total = scenarios_of(forecasts, copula, self.scenarios, self.seed).sum(axis=1)
        found = []
        for one in asked:
            part = total[:, one.begin : one.end]
            odds = ramp_probability(part, step, one.window_seconds, one.size_watts)
            steps = one.window_seconds // step
            change = part[:, steps:] - part[:, :-steps]
            found.append(
                RampOdds(
                    up=float((change >= one.size_watts).any(axis=1).mean()),
                    down=float((change <= -one.size_watts).any(axis=1).mean()),
                    likely_up=one.begin + int(np.argmax(odds.up)),
                    likely_down=one.begin + int(np.argmax(odds.down)),
                )
            )
        return found
