"""Temperature of the oil and of the winding's hottest spot, and how fast the insulation ages: IEC 60076-7:2018.

Two ways of solving the same heat equations (clause 8): the **exponential** one is exact for a load that is constant
within an interval, and is what the product uses; the **difference** one takes the standard's explicit steps, no longer
than half the shortest time constant (clause 8), and is kept as what the standard prescribes for any course.

In both, three quantities relax towards a target that the load of the interval sets:

    top oil        θo  -> θa + Δθor·((1 + R·K²)/(1 + R))^x    within k11·τo
    first part     Δθh1 -> k21·Δθhr·K^y                       within k22·τw
    second part    Δθh2 -> (k21 - 1)·Δθhr·K^y                 within τo/k22

and the hot spot is θh = θo + Δθh1 - Δθh2. Phases that are loaded unevenly share the oil, which warms by the mean of
their squared currents; each has a gradient of its own, and the hottest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil, exp
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.transformers.characteristics import ThermalCharacteristics

    Values = NDArray[np.float64]

__all__ = [
    "NORMAL_LIFE_HOURS",
    "Paper",
    "Solution",
    "ThermalCourse",
    "ThermalState",
    "ageing_rates",
    "rest_state",
    "thermal_course",
]

NORMAL_LIFE_HOURS = 180_000.0  # at the rated hot-spot temperature: IEEE C57.91, Annex I
_SECONDS_PER_MINUTE = 60.0
_SECONDS_PER_HOUR = 3600.0
_ABSOLUTE_ZERO = -273.0  # as the standard rounds it
_BLOCK = 64
_COLDEST, _HOTTEST = -60.0, 70.0  # of air that a transformer can stand in [°C]


class Paper(Enum):
    """What insulates the winding."""

    KRAFT = "kraft"  # not thermally upgraded: rated for 98 °C
    UPGRADED = "upgraded"  # rated for 110 °C


class Solution(Enum):
    """How the heat equations are solved."""

    EXPONENTIAL = "exponential"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class ThermalState:
    """How warm a transformer is at one moment.

    Attributes:
        top_oil: θo. [°C]
        first: Δθh1 by phase. [K]
        second: Δθh2 by phase. [K]
    """

    top_oil: float
    first: tuple[float, ...]
    second: tuple[float, ...]


@dataclass(frozen=True)
class ThermalCourse:
    """Temperatures at the end of each interval, T of them.

    Attributes:
        top_oil: Shape (T,). [°C]
        hot_spot: Of the hottest phase. Shape (T,). [°C]
        ageing: Relative to normal, see ``ageing_rates``. Shape (T,). [1]
        step_seconds: Length of an interval. [s]
        state: Where the next course begins.
    """

    top_oil: Values
    hot_spot: Values
    ageing: Values
    step_seconds: int
    state: ThermalState

    @property
    def lost_hours(self) -> float:
        """Life that was used, in hours of life at rated temperature: Σ V·Δt (IEC 60076-7, clause 6). [h]"""
        return float(self.ageing.sum()) * self.step_seconds / _SECONDS_PER_HOUR


def ageing_rates(hot_spot: Values, paper: Paper = Paper.KRAFT) -> Values:
    """How fast the insulation ages, relative to its rated temperature (IEC 60076-7, clause 6).

    Args:
        hot_spot: [°C]
        paper: Kraft doubles its rate every 6 K above 98 °C, upgraded paper follows Arrhenius from 110 °C.

    Returns:
        Same shape. [1]
    """
    if paper is Paper.KRAFT:
        rates: Values = 2.0 ** ((hot_spot - 98.0) / 6.0)
    else:
        rates = np.exp(15000.0 / (110.0 - _ABSOLUTE_ZERO) - 15000.0 / (hot_spot - _ABSOLUTE_ZERO))
    return rates


def rest_state(characteristics: ThermalCharacteristics, factors: Values, ambient: float) -> ThermalState:
    """The steady state under a constant load: where a course begins unless more is known (clause 8).

    Args:
        characteristics: Of the transformer.
        factors: Load of each phase, of its rated current. Shape (phases,). [1]
        ambient: [°C]
    """
    oil, gradient = _targets(characteristics, np.atleast_2d(factors).T)
    return ThermalState(
        top_oil=ambient + float(oil[0]),
        first=tuple((characteristics.k21 * gradient[:, 0]).tolist()),
        second=tuple(((characteristics.k21 - 1.0) * gradient[:, 0]).tolist()),
    )


def thermal_course(
    characteristics: ThermalCharacteristics,
    factors: Values,
    ambient: Values,
    step_seconds: int,
    *,
    begin: ThermalState | None = None,
    paper: Paper = Paper.KRAFT,
    solution: Solution = Solution.EXPONENTIAL,
) -> ThermalCourse:
    """Temperatures under a load and an air temperature that are constant within each interval.

    Args:
        characteristics: Of the transformer.
        factors: Load, of the rated current; by phase, or one row for all. Shape (phases, T) or (T,). [1]
        ambient: Of the air at the transformer. Shape (T,). [°C]
        step_seconds: Length of an interval. [s]
        begin: State before the first; None for the steady state under the first interval's load.
        paper: What insulates the winding.
        solution: How the equations are solved.

    Raises:
        InputError: If a shape, a load or a temperature is impossible, or unknown.

    Invariants:
        - Under a constant load both solutions end at the same temperatures.
        - More load in any interval never leaves the oil cooler.
    """
    load = np.atleast_2d(np.asarray(factors, dtype=np.float64))
    _check(load, ambient, step_seconds)
    state = begin or rest_state(characteristics, load[:, 0], float(ambient[0]))
    if len(state.first) != load.shape[0]:
        raise InputError(f"the state is of {len(state.first)} phases, the load of {load.shape[0]}.")
    oil, gradient = _targets(characteristics, load)
    c, minutes = characteristics, step_seconds / _SECONDS_PER_MINUTE
    steps = 0 if solution is Solution.EXPONENTIAL else _step_count(c, minutes)
    top_oil = _relax(ambient + oil, _approach(minutes, c.k11 * c.oil_minutes, steps), state.top_oil)
    first_share = _approach(minutes, c.k22 * c.winding_minutes, steps)
    second_share = _approach(minutes, c.oil_minutes / c.k22, steps)
    first = np.stack(
        [_relax(c.k21 * row, first_share, at) for row, at in zip(gradient, state.first, strict=True)]
    )
    second = np.stack(
        [
            _relax((c.k21 - 1.0) * row, second_share, at)
            for row, at in zip(gradient, state.second, strict=True)
        ]
    )
    hot_spot = top_oil + (first - second).max(axis=0)
    return ThermalCourse(
        top_oil=top_oil,
        hot_spot=hot_spot,
        ageing=ageing_rates(hot_spot, paper),
        step_seconds=step_seconds,
        state=ThermalState(float(top_oil[-1]), tuple(first[:, -1].tolist()), tuple(second[:, -1].tolist())),
    )


def _check(load: Values, ambient: Values, step_seconds: int) -> None:
    if step_seconds <= 0:
        raise InputError(f"a course has a step of {step_seconds} s; it must be positive.")
    if not load.shape[1] or ambient.shape != (load.shape[1],):
        raise InputError(
            f"a load of {load.shape[1]} intervals stands beside {ambient.size} air temperatures; give one each."
        )
    if not np.isfinite(load).all() or (load < 0).any():
        at = int(np.flatnonzero(~np.isfinite(load).all(axis=0) | (load < 0).any(axis=0))[0])
        raise InputError(
            f"the load of interval {at} is {load[:, at].tolist()}; it must be known, zero or more."
        )
    if not ((ambient >= _COLDEST) & (ambient <= _HOTTEST)).all():
        at = int(np.flatnonzero(~((ambient >= _COLDEST) & (ambient <= _HOTTEST)))[0])
        raise InputError(
            f"the air of interval {at} is said to have {ambient[at]:g} °C; {_COLDEST:g} to {_HOTTEST:g} can be."
        )


def _targets(characteristics: ThermalCharacteristics, load: Values) -> tuple[Values, Values]:
    """Rise of the oil (T,) and gradient of each winding (phases, T) in the steady state. [K]"""
    c = characteristics
    losses = (1.0 + c.loss_ratio * (load**2).mean(axis=0)) / (1.0 + c.loss_ratio)
    return c.top_oil_rise * losses**c.oil_exponent, c.hot_spot_gradient * load**c.winding_exponent


def _step_count(characteristics: ThermalCharacteristics, minutes: float) -> int:
    """Steps per interval: none longer than half the shortest time constant (clause 8)."""
    c = characteristics
    shortest = min(c.k11 * c.oil_minutes, c.k22 * c.winding_minutes, c.oil_minutes / c.k22, c.winding_minutes)
    return max(1, ceil(minutes / (0.5 * shortest)))


def _approach(minutes: float, constant: float, steps: int) -> float:
    """Share of the way to its target that a quantity goes in an interval, exactly or in so many explicit steps."""
    if not steps:
        return 1.0 - exp(-minutes / constant)
    return 1.0 - (1.0 - minutes / steps / constant) ** steps


def _relax(targets: Values, share: float, begin: float) -> Values:
    """Go a share of the way to each target in turn: y = y + (u - y)·share, by blocks of which each is one product."""
    kept = (1.0 - share) ** np.arange(_BLOCK + 1)
    places = np.arange(_BLOCK)
    behind = places[:, None] - places[None, :]
    within = np.where(behind >= 0, share * kept[np.maximum(behind, 0)], 0.0)
    count = -(-targets.size // _BLOCK)
    padded = np.zeros(count * _BLOCK)
    padded[: targets.size] = targets
    course = padded.reshape(count, _BLOCK) @ within.T
    at = begin
    for place in range(count):
        course[place] += kept[1:] * at
        at = course[place, -1]
    return course.reshape(-1)[: targets.size]
