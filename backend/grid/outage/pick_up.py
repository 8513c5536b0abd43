"""What comes back of a load after an outage, and which transformers cannot take it all at once.

The excess is that of ``backend.forecasting.cold_load``, on consumption as it is without an outage: inverters wait
before they feed in again, so that nothing is taken off for the sun. Connections are fed as they were before the fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting.cold_load import ColdLoad
    from backend.grid.network import Transformer
    from backend.grid.outage.impacts import Element, Outages
    from backend.grid.outage.separation import LostPart

    Values = NDArray[np.float64]

__all__ = ["FullTransformer", "PickUp", "ReturnStep", "tell_pick_up"]

_HOURS_MAX = 24.0 * 30
_NINE_OF_TEN = 1.2816
_STEPS_MAX = 12
_SHARE_LEAST = 0.01
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class ReturnStep:
    """A part of what is dark that a transformer takes back.

    Attributes:
        share: Of the load that is dark behind it, (0, 1]. [1]
        after_hours: After the first part. [h]
    """

    share: float
    after_hours: float


@dataclass(frozen=True, slots=True)
class FullTransformer:
    """A transformer whose rating the returning load may exceed.

    Attributes:
        transformer: It.
        usual: Load in its fullest interval, by its rating. [1]
        back: The same with the excess, the worst over all intervals. [1]
        back_high: With an excess that is exceeded 1 time in 10. [1]
        steps: Parts that hold its rating with that excess too; empty where a dozen do not suffice.
    """

    transformer: Transformer
    usual: float
    back: float
    back_high: float
    steps: tuple[ReturnStep, ...]

    def sentence(self) -> str:
        """What it means, and what to do."""
        name, rated = self.transformer.id, self.transformer.rated_volt_amperes / 1000
        would = f"reaches {self.back:.0%}" if self.back > 1 else f"may reach {self.back_high:.0%}"
        told = f"Transformer {name} ({rated:g} kVA) {would} of its rating if all comes back at once at the worst time"
        if not self.steps:
            return f"{told}; steps do not help then, its usual load is {self.usual:.0%}: wait for an hour with less."
        parts = ", ".join(
            f"{one.share:.0%}"
            + (f" after {one.after_hours * _MINUTES:.0f} min" if one.after_hours else " first")
            for one in self.steps
        )
        return f"{told}; bring back {parts}."


@dataclass(frozen=True, slots=True)
class PickUp:
    """What comes back after an outage.

    Attributes:
        outage_hours: How long it lasted. [h]
        temperature: Outdoors; NaN where unknown. [°C]
        excess: At the return, by the load without an outage. [1]
        excess_low: Exceeded 9 times in 10. [1]
        excess_high: 1 time in 10. [1]
        lasting_hours: After how long a tenth of it is left. [h]
        mean_watts: Excess over the mean load that was lost; None where there is no series. [W]
        worst_watts: Over that of the worst interval; None likewise. [W]
        watt_hours: Taken beyond the mean load in all; None likewise. [Wh]
        full: Transformers that may be overloaded, the fullest first.
        fitted: Outages that the figures were fitted to; 0 where they are assumed.
    """

    outage_hours: float
    temperature: float
    excess: float
    excess_low: float
    excess_high: float
    lasting_hours: float
    mean_watts: float | None
    worst_watts: float | None
    watt_hours: float | None
    full: tuple[FullTransformer, ...]
    fitted: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "outage_hours": self.outage_hours,
            "temperature_celsius": self.temperature if np.isfinite(self.temperature) else None,
            "assumed": self.fitted == 0,
            "fitted": self.fitted,
            "extra_pct": _percent(self.excess),
            "extra_low_pct": _percent(self.excess_low),
            "extra_high_pct": _percent(self.excess_high),
            "lasts_minutes": round(self.lasting_hours * _MINUTES),
            "mean_extra_kw": _kilo(self.mean_watts),
            "worst_extra_kw": _kilo(self.worst_watts),
            "extra_kwh": _kilo(self.watt_hours),
            "transformers": [
                {
                    "transformer": one.transformer.id,
                    "rated_kva": one.transformer.rated_volt_amperes / 1000,
                    "usual_pct": _percent(one.usual),
                    "back_pct": _percent(one.back),
                    "back_high_pct": _percent(one.back_high),
                    "steps": [
                        {
                            "share_pct": _percent(step.share),
                            "after_minutes": round(step.after_hours * _MINUTES),
                        }
                        for step in one.steps
                    ],
                    "sentence": one.sentence(),
                }
                for one in self.full
            ],
            "note": self._note(),
        }

    def _note(self) -> str:
        parts = []
        if not self.fitted:
            parts.append(
                "Assumed figures of homes heated or cooled by electricity: no outage was measured here to fit them."
            )
        if not np.isfinite(self.temperature):
            parts.append("No temperature is given: only what runs in any weather counts.")
        return " ".join(parts)


def tell_pick_up(
    outages: Outages, element: Element, hours: float, cold_load: ColdLoad, temperature: float = float("nan")
) -> PickUp:
    """How much more than usual comes back with what an element's loss took away.

    Args:
        outages: The network and its loads.
        element: What was lost, with all behind it.
        hours: For how long. [h]
        cold_load: Of the load behind it.
        temperature: Outdoors; NaN where unknown. [°C]

    Raises:
        InputError: If the outage lasts no time, or more than thirty days, or the temperature is infinite.
    """
    if not 0 < hours <= _HOURS_MAX or np.isinf(temperature):
        raise InputError(
            f"an outage of {hours:g} h at {temperature:g} °C tells no load at its end; it must last more than none "
            f"and at most {_HOURS_MAX:g} h, and the temperature be a number."
        )
    excess = _first_excess(cold_load, hours, temperature)
    wide = float(np.exp(_NINE_OF_TEN * cold_load.spread))
    impact = outages.impact(element)
    mean, worst = impact.mean_watts, impact.worst_watts
    return PickUp(
        outage_hours=hours,
        temperature=temperature,
        excess=excess,
        excess_low=excess / wide,
        excess_high=excess * wide,
        lasting_hours=cold_load.lasting_hours(hours, temperature),
        mean_watts=None if mean is None else mean * excess,
        worst_watts=None if worst is None else worst * excess,
        watt_hours=None if mean is None else mean * excess * cold_load.plateau_hours(hours, temperature),
        full=_full(outages, element, _Return(cold_load, hours, temperature, wide)),
        fitted=cold_load.fitted,
    )


@dataclass(frozen=True)
class _Return:
    """An outage's end: how load comes back, and how many times more it may be 1 time in 10."""

    cold_load: ColdLoad
    hours: float
    temperature: float
    wide: float

    def excess(self, waited: float = 0.0) -> float:
        """Of a part that waited longer. [h] to [1]"""
        return _first_excess(self.cold_load, self.hours + waited, self.temperature)

    def left(self, waited: float, since: float) -> float:
        """What is left of a part's excess. [h], [h] to [1]"""
        told = self.cold_load.excess(np.array([since]), self.hours + waited, self.temperature)
        return float(told[0])


def _first_excess(cold_load: ColdLoad, hours: float, temperature: float) -> float:
    return float(cold_load.excess(np.zeros(1), hours, temperature)[0])


def _full(outages: Outages, element: Element, back: _Return) -> tuple[FullTransformer, ...]:
    series = outages.series
    if series is None or not series.length:
        return ()
    lost = _shares(outages, outages.part_of(element))
    drawn, reactive = np.maximum(np.nan_to_num(series.watts), 0.0), np.nan_to_num(series.vars)
    found = []
    for transformer in outages.network.transformers:
        behind = _shares(outages, outages.separation.without_branch(transformer.id))
        dark = np.minimum(lost, behind)
        if dark.any() and transformer.rated_volt_amperes > 0:
            course = _Course(dark @ drawn, (behind - dark) @ drawn, behind @ reactive)
            one = _looked_at(transformer, course, back)
            if one.back_high > 1:
                found.append(one)
    return tuple(sorted(found, key=lambda one: (-one.back_high, one.transformer.id)))


@dataclass(frozen=True)
class _Course:
    """Load behind a transformer: what was dark, what was not, and what is reactive of both. Shape (T,). [W], [var]"""

    dark: Values
    live: Values
    reactive: Values


def _looked_at(transformer: Transformer, course: _Course, back: _Return) -> FullTransformer:
    rated, excess = transformer.rated_volt_amperes, back.excess()
    usual, median, high = (
        np.hypot(course.live + course.dark * (1 + part), course.reactive) / rated
        for part in (0.0, excess, excess * back.wide)
    )
    worst = int(high.argmax())
    room = float(np.sqrt(max(rated**2 - course.reactive[worst] ** 2, 0.0)) - course.live[worst])
    steps = _steps(float(course.dark[worst]), room, back)
    return FullTransformer(transformer, float(usual.max()), float(median.max()), float(high[worst]), steps)


def _steps(dark: float, room: float, back: _Return) -> tuple[ReturnStep, ...]:
    """Parts, each after most of the excess of the one before is gone; empty where a dozen do not bring all back."""
    steps: list[ReturnStep] = []
    at, rest = 0.0, 1.0
    while len(steps) < _STEPS_MAX:
        taken = sum(
            step.share * dark * (1 + back.wide * back.left(step.after_hours, at - step.after_hours))
            for step in steps
        )
        share = min(rest, (room - taken) / (dark * (1 + back.wide * back.excess(at))))
        if share < _SHARE_LEAST and share < rest:
            return ()
        steps.append(ReturnStep(share, at))
        rest -= share
        if rest <= 0:
            return tuple(steps)
        at += back.cold_load.lasting_hours(back.hours + at, back.temperature)
    return ()


def _shares(outages: Outages, part: LostPart) -> Values:
    """Which part of each connection is in a part of the network. Shape (connections,). [1]"""
    shares = np.zeros(len(outages.network.connections))
    shares[part.rows] = part.shares
    return shares


def _kilo(value: float | None) -> float | None:
    return None if value is None else round(value / 1000, 6)


def _percent(share: float) -> float:
    return round(100 * share, 1)
