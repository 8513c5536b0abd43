"""Cold-load pick-up: how much more a feeder takes after an outage than it would have, and for how long.

While there is no supply, buildings cool down (or warm up) and thermostats that were on and off in turn all come to be
on: diversity is lost. Back under supply they all run, until each building is back where it was; then they take turns
again. That is the delayed exponential of Lang, Anderson and Fink (1982, IEEE Transactions on Power Apparatus and
Systems 101(2)): an undiversified plateau, a delay, a decay. Its height and length follow from the first-order thermal
model of Schneider, Sortomme, Venkata, Miller and Ponder (2016, IEEE Transactions on Power Systems 31(5)) and of Ihara
and Schweppe (1981): with a time constant τ and a duty D (the share of time that devices run, which is the load on them
by their size), an outage of d leaves buildings at a distance from which full power brings them back after

    t = τ · ln((1 - D · exp(-d / τ)) / (1 - D))

while (1 - D) of the connected thermostatic power runs beyond what would have. Buildings are not alike: some are back
earlier, some later, so that the end of the plateau is a decay, which takes the same energy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.forecast import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting.forecast import Forecast

    Values = NDArray[np.float64]

__all__ = ["ColdLoad", "Outage", "pick_up"]

_DUTY_MAX = 0.98
_HOURS_MAX = 24.0 * 30
_HOURS_LEAST = 1e-9
_NORMAL_SCORES = np.array([-1.645, -1.282, -0.842, -0.524, -0.253, 0, 0.253, 0.524, 0.842, 1.282, 1.645])


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without supply.

    Attributes:
        start_utc: [s since 1970, UTC]
        end_utc: When supply is back. [s since 1970, UTC]

    Raises:
        InputError: If it ends before it begins, or lasts more than thirty days.
    """

    start_utc: int
    end_utc: int

    def __post_init__(self) -> None:
        if not 0 < self.hours <= _HOURS_MAX:
            raise InputError(
                f"an outage from {self.start_utc} to {self.end_utc} s lasts {self.hours:g} h; it must last more than "
                f"none and at most {_HOURS_MAX:g} h."
            )

    @property
    def hours(self) -> float:
        """How long it lasts. [h]"""
        return (self.end_utc - self.start_utc) / 3600


@dataclass(frozen=True, slots=True)
class ColdLoad:
    """What a feeder's thermostatic load is like.

    The form is the papers'. The defaults are assumptions for homes that are heated or cooled by electricity, not those
    of any feeder: a building that cools down over hours, devices that take turns over tens of minutes, and one and a
    half times the normal load of thermostatic power. Fit what was measured wherever there was an outage.

    Attributes:
        connected: Connected thermostatic power by the load that the feeder would have had. [1]
        cold_base: Below this outdoor temperature there is heating. [°C]
        warm_base: Above it there is cooling. [°C]
        cold_duty: By how much the duty grows per kelvin below. [1/K]
        warm_duty: Per kelvin above. [1/K]
        still_duty: Of devices that run in any weather: water heaters, fridges. [1]
        building_hours: τ. [h]
        lost_hours: After how long 1 - 1/e of the diversity is lost. [h]
        decay_hours: After how long, once the excess falls, 1/e of it is left. [h]
        spread: Standard deviation of the excess's logarithm: how unsure all this is. [1]
        fitted: To how many outages; 0 where the figures are assumed.
    """

    connected: float = 1.5
    cold_base: float = 15.0
    warm_base: float = 22.0
    cold_duty: float = 0.025
    warm_duty: float = 0.05
    still_duty: float = 0.15
    building_hours: float = 6.0
    lost_hours: float = 0.5
    decay_hours: float = 0.75
    spread: float = 0.4
    fitted: int = 0

    def __post_init__(self) -> None:
        positive = (self.building_hours, self.lost_hours, self.decay_hours)
        unsigned = (self.connected, self.cold_duty, self.warm_duty, self.still_duty, self.spread)
        if not all(np.isfinite((*positive, *unsigned))) or min(positive) <= 0 or min(unsigned) < 0:
            raise InputError(
                f"cold load needs hours above zero and shares of at least zero; got hours {positive}, shares "
                f"{unsigned}."
            )

    def duty(self, temperature: float) -> float:
        """Share of time that thermostatic devices run, at most 0.98; an unknown temperature adds none. [°C] to [1]"""
        beyond = max(self.cold_base - temperature, 0.0) * self.cold_duty
        beyond += max(temperature - self.warm_base, 0.0) * self.warm_duty
        return min(self.still_duty + (beyond if np.isfinite(beyond) else 0.0), _DUTY_MAX)

    def plateau_hours(self, outage_hours: float, temperature: float) -> float:
        """How long all devices of like buildings would run after supply is back. [h], [°C] to [h]"""
        duty = self.duty(temperature)
        tau = self.building_hours
        return float(tau * np.log((1 - duty * np.exp(-outage_hours / tau)) / (1 - duty)))

    def lasting_hours(self, outage_hours: float, temperature: float, left: float = 0.1) -> float:
        """After how long only a part of the first excess is left. [h], [°C], [1] to [h]"""
        plateau = self.plateau_hours(outage_hours, temperature)
        decay = min(self.decay_hours, plateau)
        return float(plateau - decay - decay * np.log(left))

    def excess(self, hours_since: Values, outage_hours: float, temperature: float) -> Values:
        """What is taken beyond the normal load, as a part of it, at times after supply is back. [h] to [1]"""
        height = self.connected * (1 - self.duty(temperature)) * (1 - np.exp(-outage_hours / self.lost_hours))
        plateau = max(self.plateau_hours(outage_hours, temperature), _HOURS_LEAST)
        decay = min(self.decay_hours, plateau)
        after = hours_since - (plateau - decay)
        course = height * np.exp(-np.maximum(after, 0.0) / decay)
        return np.asarray(np.where(hours_since >= 0, course, 0.0))

    def mean_excess(
        self, starts_utc: NDArray[np.int64], step_seconds: int, outage: Outage, temperature: float
    ) -> Values:
        """The same as the mean over intervals, none of it before supply is back. Shape (H,) to (H,). [1]"""
        parts = 16
        inside = (np.arange(parts) + 0.5) / parts * step_seconds
        since = (starts_utc[:, np.newaxis] + inside - outage.end_utc) / 3600
        return np.asarray(self.excess(since, outage.hours, temperature).mean(axis=1))


def pick_up(
    forecast: Forecast, outage: Outage, cold_load: ColdLoad, temperature: float = float("nan")
) -> Forecast:
    """A feeder's forecast with an outage in or before it: nothing while it lasts, more when supply is back.

    The forecast is of what the feeder would take without an outage. Where it is uncertain, the pick-up is uncertain on
    top of it: both are taken to be high together, which is what a fuse or a transformer has to stand.

    Args:
        forecast: Load, in any unit of power or energy per interval.
        outage: Whose end may be before the origin.
        cold_load: Of the feeder.
        temperature: Outdoors during the outage and after; NaN where unknown, then only the still part counts. [°C]

    Raises:
        InputError: If the forecast has negative quantiles: what feeds in does not pick up. Give use and feed-in apart.
    """
    if forecast.quantiles.min() < 0:
        raise InputError(
            f"the forecast goes down to {forecast.quantiles.min():g} {forecast.unit}: cold-load pick-up is of use "
            "alone. Give the forecast of use, and take feed-in off afterwards."
        )
    step, starts = forecast.step_seconds, forecast.starts_utc
    dark = np.clip(
        (np.minimum(starts + step, outage.end_utc) - np.maximum(starts, outage.start_utc)) / step, 0.0, 1.0
    )
    excess = cold_load.mean_excess(starts, step, outage, temperature)
    unsure = np.exp(cold_load.spread * _NORMAL_SCORES)[:, np.newaxis]
    lit = 1.0 - dark
    quantiles = forecast.quantiles * (lit + unsure * excess)
    mean = forecast.mean * (lit + np.exp(cold_load.spread**2 / 2) * excess)
    assert len(unsure) == len(LEVELS)
    return replace(forecast, mean=mean, quantiles=quantiles, model=f"{forecast.model}+cold-load")
