"""How much a transformer carries, how often, and how much more it could.

Each phase's winding has its share of the rating: an uneven load fills one winding while the others have room. So the
**load factor** is that of the fullest winding, and what is free is what all windings could take besides, evenly spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.transformers.characteristics import characteristics_of, limits_of
from backend.grid.transformers.thermal import ThermalCourse, thermal_course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Transformer

    Values = NDArray[np.float64]

__all__ = [
    "DURATION_POINTS",
    "FreeCapacity",
    "LoadingSummary",
    "TransformerLoad",
    "free_capacity",
    "growth_until_hot",
    "rank_by_load",
    "summarise_loading",
]

DURATION_POINTS = 101
_SECONDS_PER_HOUR = 3600.0
_GROWTH_MAX = 20.0
_GROWTH_STEPS = 30


@dataclass(frozen=True)
class TransformerLoad:
    """What a transformer gives to its low-voltage side over time, its P phases apart.

    Attributes:
        transformer: Which.
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        watts: Towards the low-voltage side, negative where power comes back. Shape (P, T). [W]
        vars: Likewise. Shape (P, T). [var]
        origin: ``meter`` (its own), ``flow`` (power flow) or ``sum`` (what is metered below, and the losses).
        coverage: Share of the connections below whose series is known. [1]
    """

    transformer: Transformer
    start_utc: int
    step_seconds: int
    watts: Values
    vars: Values
    origin: str
    coverage: float = 1.0

    def __post_init__(self) -> None:
        rated = self.transformer.rated_volt_amperes
        if not rated > 0:
            raise InputError(f'transformer "{self.transformer.id}" is rated {rated:g} VA; give its rating.')
        phases = len(self.transformer.phases.indices)
        if self.watts.shape != self.vars.shape or self.watts.shape[0] != phases:
            raise InputError(
                f'transformer "{self.transformer.id}" has {phases} phases, its load {self.watts.shape} watts and '
                f"{self.vars.shape} vars; both are (phases, intervals)."
            )

    @property
    def length(self) -> int:
        """Number of intervals."""
        return int(self.watts.shape[1])

    @property
    def rated_by_phase(self) -> float:
        """Share of the rating that a phase's winding has. [VA]"""
        return self.transformer.rated_volt_amperes / len(self.transformer.phases.indices)

    @cached_property
    def volt_amperes(self) -> Values:
        """Apparent power, the sum of the phases'. Shape (T,). [VA]"""
        total: Values = np.hypot(self.watts, self.vars).sum(axis=0)
        return total

    @cached_property
    def factors(self) -> Values:
        """Load of each phase's winding, of its share of the rating. Shape (P, T). [1]"""
        by_phase: Values = np.hypot(self.watts, self.vars) / self.rated_by_phase
        return by_phase

    @property
    def fullest(self) -> Values:
        """Load factor of the fullest winding. Shape (T,). [1]"""
        worst: Values = self.factors.max(axis=0)
        return worst

    def start_of(self, interval: int) -> int:
        """Start of an interval. [s since 1970, UTC]"""
        return self.start_utc + interval * self.step_seconds

    def thermal(self, ambient: Values) -> ThermalCourse:
        """Temperatures under this load and air (see ``thermal_course``)."""
        return thermal_course(characteristics_of(self.transformer), self.factors, ambient, self.step_seconds)


@dataclass(frozen=True, slots=True)
class FreeCapacity:
    """What a transformer could take besides, at unity power factor and evenly over its phases, in its worst interval.

    Attributes:
        volt_amperes: Rating less the fullest winding's load, over all phases; negative where overloaded. [VA]
        draw_watts: More to be drawn; negative: so much less. [W]
        feed_in_watts: More to be fed in. [W]
    """

    volt_amperes: float
    draw_watts: float
    feed_in_watts: float


def free_capacity(load: TransformerLoad) -> FreeCapacity:
    """Room within the rating, in the worst of the intervals."""
    rated, phases = load.rated_by_phase, load.watts.shape[0]
    room = np.sqrt(np.maximum(rated**2 - load.vars**2, 0.0))
    # A winding whose reactive power alone is beyond its rating has no room whatever the power.
    lacking = np.minimum(rated - np.abs(load.vars), 0.0)
    return FreeCapacity(
        volt_amperes=phases * (rated - float(load.factors.max()) * rated),
        draw_watts=phases * float((room - load.watts + lacking).min()),
        feed_in_watts=phases * float((room + load.watts + lacking).min()),
    )


@dataclass(frozen=True)
class LoadingSummary:
    """A transformer's load over some time, in figures.

    Attributes:
        transformer: Id.
        rated_volt_amperes: [VA]
        origin: See ``TransformerLoad``.
        coverage: Likewise. [1]
        now_volt_amperes: In the last interval. [VA]
        now_factor: Of the fullest winding in the last interval. [1]
        peak_volt_amperes: In the interval of the peak. [VA]
        peak_factor: Of the fullest winding at most. [1]
        peak_start_utc: When that was. [s since 1970, UTC]
        mean_factor: Of the fullest winding on average. [1]
        hours_over: With a factor above one. [h]
        duration: Factor that is exceeded in 0, 1, ... 100 % of the time, falling. Shape (101,). [1]
        free: Room within the rating.
        hot_spot_now: At the end of the last interval. [°C]
        hot_spot_peak: At most. [°C]
        top_oil_peak: [°C]
        ageing: Mean rate; 1 is normal. [1]
        lost_hours: Life that was used. [h]
        growth: How many times its load could be before a temperature or a current is beyond its limit. [1]
    """

    transformer: str
    rated_volt_amperes: float
    origin: str
    coverage: float
    now_volt_amperes: float
    now_factor: float
    peak_volt_amperes: float
    peak_factor: float
    peak_start_utc: int
    mean_factor: float
    hours_over: float
    duration: tuple[float, ...]
    free: FreeCapacity
    hot_spot_now: float
    hot_spot_peak: float
    top_oil_peak: float
    ageing: float
    lost_hours: float
    growth: float


def summarise_loading(load: TransformerLoad, ambient: Values) -> LoadingSummary:
    """Put a transformer's load and temperatures into figures.

    Args:
        load: At least one interval, all known.
        ambient: Air at the transformer. Shape (T,). [°C]

    Raises:
        InputError: If the load or the air is unknown somewhere, or the cooling is no known one.
    """
    fullest, warm = load.fullest, load.thermal(ambient)
    peak = int(fullest.argmax())
    return LoadingSummary(
        transformer=load.transformer.id,
        rated_volt_amperes=load.transformer.rated_volt_amperes,
        origin=load.origin,
        coverage=load.coverage,
        now_volt_amperes=float(load.volt_amperes[-1]),
        now_factor=float(fullest[-1]),
        peak_volt_amperes=float(load.volt_amperes[peak]),
        peak_factor=float(fullest[peak]),
        peak_start_utc=load.start_of(peak),
        mean_factor=float(fullest.mean()),
        hours_over=float((fullest > 1.0).sum()) * load.step_seconds / _SECONDS_PER_HOUR,
        duration=tuple(np.quantile(fullest, np.linspace(1.0, 0.0, DURATION_POINTS)).tolist()),
        free=free_capacity(load),
        hot_spot_now=float(warm.hot_spot[-1]),
        hot_spot_peak=float(warm.hot_spot.max()),
        top_oil_peak=float(warm.top_oil.max()),
        ageing=float(warm.ageing.mean()),
        lost_hours=warm.lost_hours,
        growth=growth_until_hot(load, ambient),
    )


def growth_until_hot(load: TransformerLoad, ambient: Values) -> float:
    """How many times its load a transformer could carry in the same course, within IEC 60076-7's cyclic limits.

    The limits are of current, hot spot and top oil (``limits_of``). A short peak may go beyond the rating, for the oil
    takes hours to warm. At most 20, where it hardly carries anything.

    Returns:
        Below one where it is beyond a limit already; zero where the air alone is too warm. [1]
    """
    characteristics, limits = characteristics_of(load.transformer), limits_of(load.transformer)

    def holds(growth: float) -> bool:
        factors = load.factors * growth
        if factors.max() > limits.load_factor:
            return False
        course = thermal_course(characteristics, factors, ambient, load.step_seconds)
        return bool(course.hot_spot.max() <= limits.hot_spot and course.top_oil.max() <= limits.top_oil)

    low, high = 0.0, _GROWTH_MAX
    if holds(high):
        return high
    if not holds(low):
        return low
    for _ in range(_GROWTH_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def rank_by_load(summaries: list[LoadingSummary]) -> list[LoadingSummary]:
    """Fullest at its peak first; of equals the one that is hotter."""
    return sorted(summaries, key=lambda one: (-one.peak_factor, -one.hot_spot_peak, one.transformer))
