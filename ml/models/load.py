"""The load of a home, a feeder, a community or a system, hours to a week ahead.

Three members, each of its own kind. *Ridge* explains the load by calendar and weather at each time of the day, and a
regression by lead tells how much of its latest errors is left. *Trees on the remainder* learn what the ridge cannot,
from the same errors. *Trees on the load* know nothing of the ridge. Weights and quantiles come from parts of the past
that the members had not learned from: every other part they learn from, so that no time of the year is held out whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, WeatherSource
from backend.forecasting.reasons import tell_reason
from ml.features.load_design import Layout, complete_inputs, layout_of
from ml.models.boosting import Forest, TreeShape, grow_parts, one_thread
from ml.models.conformal import Calibration
from ml.models.correction import MEMORY_HOURS, LeadCorrection, Rows
from ml.models.load_scale import LoadScale
from ml.models.load_view import PARTS, LoadView, filled, level_before, load_rows, remainder_rows, spread_rows
from ml.models.ridge import SlotRidge
from ml.models.spread import Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["FittedLoad", "HeldOut", "LoadModel"]

NAME = "ridge+boosting"
_DAY = 86_400
_DAYS_MIN = 35
_YEARLY_DAYS = 330
_YEARS_MAX = 4
_ROWS_PER_TARGET_MAX = 4
_LEAD_MAX_HOURS = 168
_NEAR_SHARE, _LAST_MIDNIGHT_SHARE = 0.6, 0.7
_PENALTY = 15.0
_WIDENING_MAX = 1.6
_JUDGED_DAYS, _JUDGED_MIN = 28, 100
_WARM_UP_HOURS = MEMORY_HOURS + 168
_REMAINDER_LEAVES, _LOAD_LEAVES = 15, 31
_TAKEN, _RATE_MAX = 17.0, 0.3  # a tenth of what each of 170 trees finds


@dataclass(frozen=True)
class LoadModel:
    """Learns a load.

    Attributes:
        seed: Of all that is drawn.
        inputs: Names of the inputs to use where the series has them; None for all.
        rounds: Trees of each forest: fewer learn faster, and less.
        rows: Of the past that trees learn from, at most.
    """

    seed: int = 0
    inputs: tuple[str, ...] | None = None
    rounds: int = 170
    rows: int = 32_000

    @property
    def name(self) -> str:
        """As its forecasts'."""
        return NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedLoad:
        """Learn from the last four years before an instant.

        Raises:
            InputError: If fewer than five weeks of values are known.
        """
        return self.fit_and_judge(series, site, until_utc, weather)[0]

    def fit_and_judge(
        self, series: Series, site: Site, until_utc: int, weather: WeatherSource
    ) -> tuple[FittedLoad, HeldOut]:
        """As ``fit``, with what it says of recent intervals that it had not learned from.

        Raises:
            InputError: If fewer than five weeks of values are known.
        """
        series = _recent(series, until_utc, _YEARS_MAX * 366 * _DAY)
        known = series.values[np.isfinite(series.values)]
        per_day = _DAY // series.step_seconds
        if len(known) < _DAYS_MIN * per_day:
            raise InputError(
                tell_reason("short_history", needed=_DAYS_MIN, known=round(len(known) / per_day, 1))
            )
        inputs = self._usable(series)
        yearly = len(series) >= _YEARLY_DAYS * per_day
        layout = layout_of(site, series.step_seconds, inputs, series.start_utc, yearly=yearly)
        with one_thread():
            learning = _Learning(series, layout, self, until_utc)
            fitted = learning.fitted(weather)
        assert learning.held_out is not None
        return fitted, learning.held_out

    def _usable(self, series: Series) -> dict[str, Values]:
        """Inputs that are known for most of the values."""
        known = np.isfinite(series.values)
        usable = {}
        for name, column in series.inputs.items():
            wanted = self.inputs is None or name in self.inputs
            beside = np.isfinite(column[: len(known)][known])
            if wanted and beside.mean() > 1 / 2:
                usable[name] = column[: len(known)]
        return usable


def _recent(series: Series, until_utc: int, seconds: int) -> Series:
    """The last part of what was known at an instant, inputs too."""
    end = min(series.place(until_utc), len(series))
    known = np.isfinite(series.values[:end])
    first = int(np.argmax(known)) if known.any() else 0
    begin = max(first, end - seconds // series.step_seconds)
    return replace(
        series,
        start_utc=series.start_utc + begin * series.step_seconds,
        values=series.values[begin:end],
        inputs={name: column[begin:end] for name, column in series.inputs.items()},
    )


@dataclass(frozen=True)
class HeldOut:
    """Recent intervals as they would have been forecast.

    Attributes:
        starts_utc: Of the intervals. Shape (N,). [s since 1970, UTC]
        origins_utc: Less than a day before each. Shape (N,). [s since 1970, UTC]
        errors: Absolute, as much wider as later weeks showed. Shape (N,). [the series' unit]
    """

    starts_utc: Whole
    origins_utc: Whole
    errors: Values


class _Learning:
    """One fitting, step by step."""

    def __init__(self, series: Series, layout: Layout, model: LoadModel, until_utc: int) -> None:
        self.layout, self.model, self.until_utc = layout, model, until_utc
        self.seed = model.seed
        self.per_hour, self.unit = layout.per_hour, series.unit
        self.block_days = 14 if len(series) * series.step_seconds > _DAY * 180 else 7
        self.view = LoadView.of(layout, series.starts_utc, series.inputs, until_utc, self.block_days)
        self.scale = LoadScale.of(series.values)
        self.target = self.scale.forward(series.values)
        self.starts_utc = series.starts_utc
        self.held_out: HeldOut | None = None

    def fitted(self, weather: WeatherSource) -> FittedLoad:
        view, target = self.view, self.target
        known = np.flatnonzero(np.isfinite(target))
        ridge = SlotRidge.fit(
            filled(view.base)[known],
            target[known],
            view.calendar.slot[known],
            view.part[known],
            slots=view.calendar.slots,
            parts=PARTS,
            penalty=_PENALTY,
        )
        explained = ridge.predict(view.base, view.calendar.slot, view.part)
        left = target - explained
        usual = float(np.nanmean(np.abs(left)))
        first = min(MEMORY_HOURS * self.per_hour, len(target) // 3)
        correction = LeadCorrection.fit(
            left, view.calendar.slot, view.part, PARTS, first, self.seed, self.per_hour
        )
        rows = self._drawn(first)
        (remainder, of_remainder), (load, of_load) = self._trees(rows, explained, left)
        part = view.part[rows.places]
        slot = view.calendar.slot[rows.places]
        members = np.stack(
            [
                correction.predict(left, rows, slot, part, self.per_hour),
                of_remainder,
                of_load - explained[rows.places],
            ]
        )
        weights = _weigh(members, left[rows.places])
        errors = left[rows.places] - weights @ members
        columns = spread_rows(view, left, rows, usual, self.per_hour)
        spread = Spread.fit(columns, errors)
        sizes = np.maximum(spread.predict(columns), 1e-12)
        calibration = Calibration.fit(errors, rows.leads / self.per_hour, view.day_share(rows.places), sizes)
        widening = self._widening(left, correction, first)
        self.held_out = self._judged(rows, errors, widening)
        return FittedLoad(
            layout=self.layout,
            scale=self.scale,
            ridge=ridge,
            correction=correction,
            remainder=remainder,
            load=load,
            weights=weights,
            usual=usual,
            spread=spread,
            calibration=calibration.widened(widening),
            until_utc=self.until_utc,
            block_days=self.block_days,
            weather=weather if self.layout.inputs else WeatherSource.NONE,
            unit=self.unit,
        )

    def _trees(
        self, rows: Rows, explained: Values, left: Values
    ) -> tuple[tuple[Forest, Values], tuple[Forest, Values]]:
        """Trees on the remainder and on the load, each with what it says of rows that it had not learned from."""
        view, target, part = self.view, self.target, self.view.part[rows.places]
        columns = remainder_rows(view, left, explained, rows, self.per_hour)
        remainder = grow_parts(
            columns, left[rows.places], part, PARTS, self._shape(_REMAINDER_LEAVES), self.seed
        )
        level = level_before(target, rows, self.per_hour)
        columns = load_rows(view, target, level, rows, self.per_hour)
        load, held_out = grow_parts(
            columns,
            target[rows.places] - level,
            part,
            PARTS,
            self._shape(_LOAD_LEAVES),
            self.seed + PARTS,
        )
        return remainder, (load, level + held_out)

    def _shape(self, leaves: int) -> TreeShape:
        rate = min(_TAKEN / self.model.rounds, _RATE_MAX)
        return TreeShape(self.model.rounds, leaves, rate)

    def _judged(self, rows: Rows, errors: Values, widening: float) -> HeldOut:
        day = 24 * self.per_hour
        near = rows.leads <= day
        late = near & (rows.places >= len(self.target) - _JUDGED_DAYS * day)
        chosen = late if late.sum() >= _JUDGED_MIN else near
        places, target = rows.places[chosen], self.target[rows.places[chosen]]
        off = self.scale.backward(target) - self.scale.backward(target - errors[chosen])
        origins = self.starts_utc[places] - (rows.leads[chosen] - 1) * self.layout.step_seconds
        return HeldOut(self.starts_utc[places], origins, np.abs(off) * widening)

    def _widening(self, left: Values, correction: LeadCorrection, first: int) -> float:
        """How much further off the time to come is than a part between parts that were learned from. [1]

        The last sixth of the past is forecast from midnights by what was learned before it.
        """
        view, target = self.view, self.target
        cut = len(target) - len(target) // 6
        known = np.flatnonzero(np.isfinite(target))
        before, after = known[known < cut], known[known >= max(cut, first)]
        if not len(before) or not len(after):
            return 1.0
        early = SlotRidge.fit(
            filled(view.base)[before],
            target[before],
            view.calendar.slot[before],
            np.zeros(len(before), dtype=np.int64),
            slots=view.calendar.slots,
            parts=1,
            penalty=_PENALTY,
        )
        ahead = np.full(len(target), -1, dtype=np.int64)
        left_later = target - early.predict(view.base, view.calendar.slot, ahead)
        rows = Rows(after, np.searchsorted(view.calendar.day, view.calendar.day[after]))
        slot, part = view.calendar.slot[after], view.part[after]
        between = left[after] - correction.predict(left, rows, slot, part, self.per_hour)
        later = left_later[after] - correction.predict(left_later, rows, slot, ahead[after], self.per_hour)
        usual = float(np.abs(between).mean())
        return float(np.clip(np.abs(later).mean() / usual, 1.0, _WIDENING_MAX)) if usual > 0 else 1.0

    def _drawn(self, first: int) -> Rows:
        """Targets with origins: half of them at the midnight before, or some midnights before, half at any time."""
        draw = np.random.default_rng(self.seed)
        known = first + np.flatnonzero(np.isfinite(self.target[first:]))
        each = int(np.clip(round(self.model.rows / len(known)), 1, _ROWS_PER_TARGET_MAX))
        places = np.repeat(known, each)
        if len(places) > self.model.rows:
            places = np.sort(draw.choice(places, self.model.rows, replace=False))
        day = 24 * self.per_hour
        even = draw.random(len(places))
        near = np.ceil(day * even)
        far = np.ceil(np.exp(even * np.log(_LEAD_MAX_HOURS * self.per_hour)))
        leads = np.where(draw.random(len(places)) < _NEAR_SHARE, near, far).astype(np.int64)
        begins = np.searchsorted(self.view.calendar.day, self.view.calendar.day[places])
        back = np.where(draw.random(len(places)) < _LAST_MIDNIGHT_SHARE, 0, draw.integers(0, 6, len(places)))
        midnights = draw.random(len(places)) < 1 / 2
        origins = np.where(midnights, begins - back * day, places - np.maximum(leads, 1) + 1)
        return Rows(places, np.clip(origins, 0, places))


def _weigh(members: Values, actual: Values) -> Values:
    """Weights in tenths, none negative, with the least mean absolute error; half way to equal ones. Shape (M,)."""
    tenths = [(a, b, 10 - a - b) for a in range(11) for b in range(11 - a)]
    errors = [float(np.abs(actual - np.array(one) / 10 @ members).mean()) for one in tenths]
    best = np.array(tenths[int(np.argmin(errors))]) / 10
    return np.asarray((best + 1 / len(members)) / 2)


@dataclass(frozen=True)
class FittedLoad:
    """A load as it was learned. Attributes are its members, and what is needed to see an interval as they do."""

    layout: Layout
    scale: LoadScale
    ridge: SlotRidge
    correction: LeadCorrection
    remainder: Forest
    load: Forest
    weights: Values
    usual: float
    spread: Spread
    calibration: Calibration
    until_utc: int
    block_days: int
    weather: WeatherSource
    unit: str

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return NAME

    def lacks(self, series: Series, origin_utc: int, length: int) -> str:
        """What it cannot forecast without and does not have, in words; empty where it has all.

        Raises:
            InputError: If the origin is off the grid.
        """
        if series.step_seconds != self.layout.step_seconds:
            return tell_reason(
                "other_steps",
                step_seconds=series.step_seconds,
                model_step_seconds=self.layout.step_seconds,
            )
        begin = series.place(origin_utc)
        for name in self.layout.inputs:
            if name not in series.inputs:
                return tell_reason("input_absent", input=name)
            ahead = complete_inputs(series.inputs, (name,), self.layout.per_hour)[name][
                begin : begin + length
            ]
            missing = length - int(np.isfinite(ahead).sum())
            if missing:
                return tell_reason("input_unknown", input=name, missing=missing, length=length)
        recent = series.values[max(0, begin - _WARM_UP_HOURS * self.layout.per_hour) : begin]
        if not np.isfinite(self.scale.forward(recent)).any():
            return tell_reason("nothing_recent")
        return ""

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast from an origin; see ``ml.models.model``.

        Raises:
            InputError: If it lacks something: see ``lacks``.
        """
        lack = self.lacks(series, origin_utc, length)
        if lack:
            raise InputError(f"{lack}; hand it in, or use a model that was fitted without it.")
        view, target, rows = self._seen(series, origin_utc, length)
        per_hour, slot, part = self.layout.per_hour, view.calendar.slot, view.part
        explained = self.ridge.predict(view.base, slot, part)
        left = target - explained[: len(target)]
        ahead = np.full(length, -1, dtype=np.int64)
        level = level_before(target, rows, per_hour)
        members = np.stack(
            [
                self.correction.predict(left, rows, slot[rows.places], ahead, per_hour),
                self.remainder.predict(remainder_rows(view, left, explained, rows, per_hour)),
                level
                + self.load.predict(load_rows(view, target, level, rows, per_hour))
                - explained[rows.places],
            ]
        )
        centre = explained[rows.places] + self.weights @ members
        sizes = self.spread.predict(spread_rows(view, left, rows, self.usual, per_hour))
        around = self.calibration.quantiles(rows.leads / per_hour, view.day_share(rows.places), sizes)
        return Forecast(
            origin_utc,
            series.step_seconds,
            self.scale.backward(centre),
            np.maximum.accumulate(self.scale.backward(centre + around), axis=0),
            NAME,
            self.weather,
            self.unit,
        )

    def _seen(self, series: Series, origin_utc: int, length: int) -> tuple[LoadView, Values, Rows]:
        """What it looks at: five weeks before the origin, and inputs to the end of the last day where known."""
        place, per_hour = series.place(origin_utc), self.layout.per_hour
        begin = max(0, place - _WARM_UP_HOURS * per_hour)
        ends = [len(series.inputs[name]) for name in self.layout.inputs]
        end = max(place + length, min([place + length + 24 * per_hour, *ends]))
        starts = series.start_utc + series.step_seconds * np.arange(begin, end, dtype=np.int64)
        inputs = {name: series.inputs[name][begin:end] for name in self.layout.inputs}
        view = LoadView.of(self.layout, starts, inputs, self.until_utc, self.block_days)
        places = np.arange(place - begin, place - begin + length, dtype=np.int64)
        target = self.scale.forward(series.values[begin:place])
        target = np.concatenate([target, np.full(place - begin - len(target), np.nan)])
        return view, target, Rows(places, np.full(length, place - begin, dtype=np.int64))

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        parts = ("layout", "scale", "ridge", "correction", "remainder", "load", "spread", "calibration")
        return {
            **{name: getattr(self, name).state() for name in parts},
            "weights": self.weights,
            "usual": self.usual,
            "until_utc": self.until_utc,
            "block_days": self.block_days,
            "weather": self.weather.value,
            "unit": self.unit,
            "levels": list(LEVELS),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedLoad:
        """Make it again."""
        return cls(
            layout=Layout.from_state(state["layout"]),
            scale=LoadScale.from_state(state["scale"]),
            ridge=SlotRidge.from_state(state["ridge"]),
            correction=LeadCorrection.from_state(state["correction"]),
            remainder=Forest.from_state(state["remainder"]),
            load=Forest.from_state(state["load"]),
            weights=np.asarray(state["weights"]),
            usual=float(state["usual"]),
            spread=Spread.from_state(state["spread"]),
            calibration=Calibration.from_state(state["calibration"]),
            until_utc=int(state["until_utc"]),
            block_days=int(state["block_days"]),
            weather=WeatherSource(state["weather"]),
            unit=str(state["unit"]),
        )
