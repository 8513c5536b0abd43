"""The model that did best on weeks it had not learned from, and what stands in where it cannot.

What is tried hangs on what is known: less than five weeks of a meter are forecast by plain rules, more by rules and the
load model; with inputs ahead, the load model is also fitted without them, for the day that the weather does not come.
Which rule is the best is seen on the last weeks, all judged on the same intervals from the same origins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, WeatherSource
from backend.forecasting.reasons import join_reasons, tell_reason
from backend.forecasting.yardstick import seasonal_naive
from ml.features.calendar import calendar_of
from ml.models.correction import Rows
from ml.models.load import FittedLoad, HeldOut, LoadModel
from ml.models.naive import RULES, FittedNaive, expected_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["ChosenModel", "FittedChoice"]

_HELD_OUT_DAYS = 28
_DAYS_JUDGED_MIN = 3


@dataclass(frozen=True)
class ChosenModel:
    """Fits what can be fitted and ranks it.

    Attributes:
        seed: Of all that is drawn.
        without_inputs: Whether to have a load model ready for when inputs are not known ahead.
        rounds: See ``LoadModel``.
    """

    seed: int = 0
    without_inputs: bool = True
    rounds: int = LoadModel.rounds

    @property
    def name(self) -> str:
        """Until something is chosen."""
        return "chosen"

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedChoice:
        """Learn, and choose by mean absolute error on the last four weeks, a day ahead from midnights.

        Raises:
            InputError: If nothing at all is known before the instant.
        """
        known = series.before(until_utc)
        if not np.isfinite(known.values).any():
            raise InputError(
                f"nothing is known before {until_utc} (s since 1970, UTC); a model needs values to learn from."
            )
        loads: list[FittedLoad] = []
        held_out: HeldOut | None = None
        reason = ""
        try:
            load, held_out = LoadModel(self.seed, rounds=self.rounds).fit_and_judge(
                known, site, until_utc, weather
            )
            loads.append(load)
        except InputError as short:
            reason = str(short)
        errors = _errors_of_rules(known, site, held_out)
        rules = sorted(RULES, key=lambda rule: (errors.get(rule, np.inf), RULES.index(rule)))
        if held_out is not None:
            errors[loads[0].name] = float(held_out.errors.mean())
            if errors[loads[0].name] > errors.get(rules[0], np.inf):
                reason = tell_reason(
                    "rule_closer",
                    rule=rules[0],
                    rule_error=errors[rules[0]],
                    unit=series.unit or "units",
                    model=loads[0].name,
                    model_error=errors[loads[0].name],
                    of_each=series.unit or "units",
                )
                loads = []
        if loads and loads[0].layout.inputs and self.without_inputs:
            blind = LoadModel(self.seed, inputs=(), rounds=self.rounds)
            loads.append(blind.fit(known, site, until_utc, weather))
        return FittedChoice(tuple(loads), tuple(FittedNaive(rule, site) for rule in rules), errors, reason)


@dataclass(frozen=True)
class FittedChoice:
    """What was chosen, and what stands in for it, in order.

    Attributes:
        loads: Learned models, the better informed first; none where a rule was better or the history is short.
        rules: The plain ones, the best first.
        errors: Mean absolute error of each on the last weeks, what was judged. [the series' unit]
        reason: Why no learned model was chosen, empty where one was.
    """

    loads: tuple[FittedLoad, ...]
    rules: tuple[FittedNaive, ...]
    errors: Mapping[str, float]
    reason: str

    @property
    def name(self) -> str:
        """Of what was chosen."""
        return self.loads[0].name if self.loads else self.rules[0].name

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast by the first that can; see ``ml.models.model``.

        Raises:
            InputError: If nothing is known before the origin, or the origin is off the grid.
        """
        reasons = [self.reason] if self.reason else []
        for load in self.loads:
            lack = load.lacks(series, origin_utc, length)
            if not lack:
                made = load.forecast(series, origin_utc, length)
                return replace(made, reason=join_reasons(reasons)) if reasons else made
            reasons.append(lack)
        for rule in self.rules:
            made = rule.forecast(series, origin_utc, length, join_reasons(reasons))
            if made.model == rule.name:
                return made
        return seasonal_naive(series, origin_utc, length, join_reasons(reasons))

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        return {
            "loads": [load.state() for load in self.loads],
            "rules": [rule.state() for rule in self.rules],
            "errors": dict(self.errors),
            "reason": self.reason,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedChoice:
        """Make it again."""
        return cls(
            tuple(FittedLoad.from_state(one) for one in state["loads"]),
            tuple(FittedNaive.from_state(one) for one in state["rules"]),
            {str(name): float(error) for name, error in state["errors"].items()},
            str(state["reason"]),
        )


def _errors_of_rules(series: Series, site: Site, held_out: HeldOut | None) -> dict[str, float]:
    """Mean absolute errors on held-out intervals, else a day ahead from midnights; none where few are known."""
    calendar = calendar_of(series.starts_utc, series.step_seconds, site)
    if held_out is not None:
        places = (held_out.starts_utc - series.start_utc) // series.step_seconds
        rows = Rows(places, (held_out.origins_utc - series.start_utc) // series.step_seconds)
    else:
        places = np.arange(max(0, len(series) - _HELD_OUT_DAYS * calendar.slots), len(series))
        rows = Rows(places, np.searchsorted(calendar.day, calendar.day[places]))
    expected = {rule: expected_by(rule, series.values, rows, calendar) for rule in RULES}
    judged = np.isfinite(series.values[places])
    for course in expected.values():
        judged &= np.isfinite(course)
    if judged.sum() < _DAYS_JUDGED_MIN * calendar.slots:
        return {}
    off = {rule: np.abs(series.values[places] - course)[judged] for rule, course in expected.items()}
    return {rule: float(one.mean()) for rule, one in off.items()}
