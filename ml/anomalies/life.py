"""How long a transformer's insulation will last, by IEC 60076-7 over courses that may come, with its uncertainty.

The loss of life of each scenario (clause 6) is computed at several levels of load; a life is then drawn year by year:
a scenario, a growth of load that is kept, and a criterion of what the end of life is. What the paper has lost so far is
given, as a range: it is seldom known. This is the life of the **insulation**; bushings, tap changers and lightning end
others earlier, of which records of failures tell (``ml.anomalies.hazard``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.transformers.thermal import Paper, thermal_course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid.transformers.characteristics import ThermalCharacteristics

    Values = NDArray[np.float64]

__all__ = ["LIFE_CRITERIA_HOURS", "LifeOutlook", "LifeScenario", "life_outlook"]

LIFE_CRITERIA_HOURS = (65_000.0, 135_000.0, 150_000.0, 180_000.0)
"""At rated hot spot: half and a quarter of the tensile strength left, a degree of polymerisation of 200, functional
tests of distribution transformers (IEEE C57.91, Table 2; IEC 60076-7, clause 6). [h]"""
_LEVELS = np.array([0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5])
_HOURS_PER_YEAR = 8766.0
_HORIZON_YEARS = 80
_DRAWS = 2_000
_FASTEST = 1e4  # times normal; hotter than any that goes on
_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class LifeScenario:
    """A course that may come, of a year or of weeks that stand for one.

    Attributes:
        factors: Load of the rated current. Shape (phases, T) or (T,). [1]
        ambient: Of the air. Shape (T,). [°C]
        step_seconds: [s]
    """

    factors: Values
    ambient: Values
    step_seconds: int


@dataclass(frozen=True)
class LifeOutlook:
    """Years that the insulation will last from now, 80 at most.

    Attributes:
        years: 10, 50 and 90 % quantiles. [years]
        ending: Probability that it ends within so many years, index 0 being the first year. Shape (80,). [1]
        ageing: Relative to normal, of the mean scenario today. [1]
        reason: In words.
    """

    years: tuple[float, float, float]
    ending: Values
    ageing: float
    reason: str


def life_outlook(
    characteristics: ThermalCharacteristics,
    scenarios: Sequence[LifeScenario],
    used: tuple[float, float],
    *,
    growth: tuple[float, float] = (0.0, 0.0),
    paper: Paper = Paper.KRAFT,
    criteria_hours: Sequence[float] = LIFE_CRITERIA_HOURS,
    seed: int = 0,
) -> LifeOutlook:
    """Draw lives.

    Args:
        characteristics: Of the transformer.
        scenarios: Equally likely, one at least; such as past years, or courses of a load forecast.
        used: Least and most of its life that is gone, uniform between. [1]
        growth: Mean and standard deviation of the yearly growth of its load. [1/year]
        paper: What insulates the winding.
        criteria_hours: Equally likely lives at rated hot spot. [h]
        seed: Of the draws.

    Raises:
        InputError: If there is no scenario, or a part used is not in [0, 1].

    Invariants:
        - More load never lengthens a life.
    """
    if not scenarios:
        raise InputError("there is no course to judge a life by; give one year at least.")
    if not 0 <= used[0] <= used[1] <= 1:
        raise InputError(
            f"the part of life used is said to be {used[0]:g} to {used[1]:g}; both are in [0, 1]."
        )
    rates = np.stack([_rates(characteristics, one, paper) for one in scenarios])
    dice = np.random.default_rng(seed)
    left = (1 - dice.uniform(*used, size=_DRAWS)) * dice.choice(np.asarray(criteria_hours), size=_DRAWS)
    grows = np.maximum(1 + dice.normal(growth[0], max(growth[1], 0.0), size=_DRAWS), 0.5)
    years = np.full(_DRAWS, float(_HORIZON_YEARS))
    lost = np.zeros(_DRAWS)
    for year in range(_HORIZON_YEARS):
        which = dice.integers(len(scenarios), size=_DRAWS)
        level = np.clip(grows**year, _LEVELS[0], _LEVELS[-1])
        now = np.empty(_DRAWS)
        for place in range(len(scenarios)):
            here = which == place
            now[here] = np.exp(np.interp(level[here], _LEVELS, rates[place])) * _HOURS_PER_YEAR
        ends = (years >= _HORIZON_YEARS) & (lost + now >= left)
        years[ends] = year + (left[ends] - lost[ends]) / now[ends]
        lost += now
    low, middle, high = (float(one) for one in np.quantile(years, [0.1, 0.5, 0.9]))
    ending = np.array([(years <= year + 1).mean() for year in range(_HORIZON_YEARS)])
    ending[-1] = (years < _HORIZON_YEARS).mean()
    today = float(np.exp(rates[:, int(np.argmax(_LEVELS == 1.0))]).mean())
    return LifeOutlook((low, middle, high), ending, today, _words(low, middle, high, today))


def _rates(characteristics: ThermalCharacteristics, scenario: LifeScenario, paper: Paper) -> Values:
    """Logarithm of the mean ageing, relative to normal, at each level of load. Shape (levels,)."""
    found = []
    for level in _LEVELS:
        course = thermal_course(
            characteristics, scenario.factors * level, scenario.ambient, scenario.step_seconds, paper=paper
        )
        hours = len(course.ageing) * course.step_seconds / _SECONDS_PER_HOUR
        found.append(np.log(np.clip(course.lost_hours / hours, 1e-12, _FASTEST)))
    return np.array(found)


def _words(low: float, middle: float, high: float, today: float) -> str:
    if middle >= _HORIZON_YEARS:
        return (
            f"Its insulation ages {today:.3f} times as fast as normal: it is likely to last {_HORIZON_YEARS} years or "
            "more, and something else will end its service."
        )
    most = f"{high:.0f}" if high < _HORIZON_YEARS else f"{_HORIZON_YEARS} or more"
    return (
        f"Its insulation ages {today:.2f} times as fast as normal and lasts another {middle:.0f} years, with four "
        f"fifths of the draws between {low:.0f} and {most} years."
    )
