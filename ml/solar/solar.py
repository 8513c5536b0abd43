"""Solar power ahead: the plant's physics under a clear sky, and how clear the sky will be.

Physics knows the season, the time of day and the plant; what is learned is the clearness, the power's share
of the clear sky's. Night is exactly zero, and nothing passes the plant's capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, Site, WeatherSource
from backend.forecasting.reasons import tell_reason
from ml.solar.bands import learn_bands
from ml.solar.experts import Learned, learn_experts
from ml.solar.learned import learn_plant
from ml.solar.locate import learn_site
from ml.solar.plant import Plane, Plant
from ml.solar.rows import CLEARNESS_MAX, Course, levels_of, past_features, weather_features
from ml.solar.sky import WEATHER_INPUTS, course_of, highest_clear, late_weather, weather_of
from ml.solar.spans import check_span, cut, latest, rows_ahead

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["FittedSolar", "SolarModel"]

DAYS_LEAST = 21
"""History that a model is learned from. [days]"""
DAYS_MOST = 760
"""Older days are not learned from. [days]"""
DAYS_READ = 40
"""History that a forecast reads. [days]"""
BRIGHT_EDGES = (0.25, 0.6)
"""Shares of the highest clear power that part the bands' groups. [1]"""
LEAD_EDGES = (0.25, 1.5)
"""Leads that part the bands' groups. [days]"""
GROUPS = (len(BRIGHT_EDGES) + 1) * (len(LEAD_EDGES) + 1)


@dataclass(frozen=True)
class SolarModel:
    """A way to learn a plant's forecasts; what is not given of the plant is learned.

    Attributes:
        tilt: Of the modules. [°]
        azimuth: Of the modules, clockwise from north. [°]
        capacity_watts: What the plant gives at most. [W]
        seed: Of the boosting.
    """

    tilt: float | None = None
    azimuth: float | None = None
    capacity_watts: float | None = None
    seed: int = 0

    @property
    def name(self) -> str:
        """Stands in forecasts and in the registry."""
        return "solar"

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedSolar:
        """Learn from values that ended by an instant; inputs used are those in ``WEATHER_INPUTS``, none is needed.

        Args:
            series: Production, at least zero; in W.
            site: Without coordinates they are learned from when it is light.
            until_utc: Nothing after it is read, inputs neither. [s since 1970, UTC]
            weather: What the weather columns ahead will be.

        Raises:
            InputError: If there are fewer than 21 days, or fewer than 14 with production.
        """
        known = latest(series.before(min(until_utc, series.end_utc)), DAYS_MOST)
        days = len(known) * known.step_seconds / 86_400
        if days < DAYS_LEAST:
            raise InputError(tell_reason("short_sun", needed=DAYS_LEAST, known=round(days, 1)))
        place = site if site.located else learn_site(known, site)
        plant = self._plant(known, place)
        highest = highest_clear(plant, place)
        peak = float(np.nanmax(known.values))
        capacity = self.capacity_watts or max(peak, min(plant.watts, plant.inverter_watts))
        late = late_weather(known, place)
        course, _ = course_of(known, place, plant, highest, len(known))
        columns = weather_of(known, place, plant, course, late)
        usual_level = _usual_level(course)
        levels = levels_of(course, usual_level)
        usable = course.lit & np.isfinite(course.power)
        origins, targets = rows_ahead(usable, course.per_day)
        usual = _usual(course) / usual_level
        past = past_features(course, origins, targets, levels, usual)
        clear = levels[origins] * course.clear[targets]
        plain = _learn(course, clear, past, origins, targets, self.seed, boosting=not columns)
        seeing = None
        if columns:
            ahead = weather_features(course, columns, targets)
            told = np.isfinite(ahead[:, ::2]).all(axis=1)
            if told.sum() > ROWS_LEAST:
                every = np.column_stack([past, ahead])[told]
                seeing = _learn(course, clear[told], every, origins[told], targets[told], self.seed)
        return FittedSolar(
            site=place,
            plant=plant,
            capacity_watts=float(capacity),
            clear_highest=highest,
            late_seconds=late,
            usual=usual,
            usual_level=usual_level,
            inputs=tuple(name for name in WEATHER_INPUTS if name in series.inputs) if seeing else (),
            weather=weather if seeing else WeatherSource.CLEAR_SKY,
            plain=plain,
            seeing=seeing,
        )

    def _plant(self, series: Series, site: Site) -> Plant:
        if self.tilt is None or self.azimuth is None:
            return learn_plant(series, site, series.end_utc)
        learned = learn_plant(series, site, series.end_utc)
        given = Plane(self.tilt, self.azimuth, self.capacity_watts or learned.watts)
        return replace(learned, planes=(given,))


ROWS_LEAST = 300
"""Rows with weather that are needed to learn from it. [1]"""


def _usual(course: Course) -> float:
    lit = course.lit[: len(course.power)] & np.isfinite(course.power)
    clear = float(course.clear[: len(course.power)][lit].sum())
    return float(course.power[lit].sum()) / clear if clear > 0 else 0.5


def _usual_level(course: Course) -> float:
    known = levels_of(course, np.nan)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else max(_usual(course), LEVEL_FLOOR)


LEVEL_FLOOR = 0.05


def _groups(course: Course, origins: Places, targets: Places) -> Places:
    bright = np.searchsorted(BRIGHT_EDGES, course.clear[targets] / course.clear_highest)
    lead = np.searchsorted(LEAD_EDGES, (targets - origins) / course.per_day)
    return np.asarray(bright * (len(LEAD_EDGES) + 1) + lead, dtype=np.int64)


def _learn(
    course: Course,
    clear: Values,
    features: Values,
    origins: Places,
    targets: Places,
    seed: int,
    *,
    boosting: bool = True,
) -> Learned:
    """Learn clearness from rows; ``clear`` is each row's clear sky at its origin's level. [W]"""
    actual = np.clip(course.power[targets] / clear, 0.0, CLEARNESS_MAX)
    # Errors of power count, not of clearness: at noon a share is worth more.
    weights = (clear / course.clear_highest) ** 2
    days = targets // course.per_day
    experts, held_out = learn_experts(features, actual, weights, days, seed, boosting=boosting)
    held_out = np.clip(held_out, 0.0, CLEARNESS_MAX)
    return Learned(experts, learn_bands(held_out, actual, _groups(course, origins, targets), GROUPS))


@dataclass(frozen=True)
class FittedSolar:
    """A plant, and how clear its sky is to be expected.

    Attributes:
        site: With coordinates, given or learned.
        plant: Given or learned.
        capacity_watts: No quantile passes it. [W]
        clear_highest: The plant's highest power under a clear sky. [W]
        late_seconds: By how much the weather's stamps are late. [s]
        usual: Mean clearness of the history. [1]
        usual_level: Of the history, for where too little is known of the last month. [1]
        inputs: Weather that it was fitted with.
        weather: What that weather was.
        plain: Without weather ahead.
        seeing: With it, None where there was none to learn from.
    """

    site: Site
    plant: Plant
    capacity_watts: float
    clear_highest: float
    late_seconds: float
    usual: float
    usual_level: float
    inputs: tuple[str, ...]
    weather: WeatherSource
    plain: Learned
    seeing: Learned | None

    @property
    def name(self) -> str:
        """As ``SolarModel``'s."""
        return "solar"

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast from the last month of production and the weather ahead; without weather from the former alone.

        Raises:
            InputError: If an input that it was fitted with is absent, the length is beyond seven days, or the series
                ends before the origin.
        """
        place = series.place(origin_utc)
        check_span(series, place, length, self.inputs)
        first = max(0, place - DAYS_READ * 86_400 // series.step_seconds)
        known = cut(series.before(origin_utc), first, place + length)
        course, sun = course_of(known, self.site, self.plant, self.clear_highest, place - first + length)
        targets = np.arange(place - first, place - first + length)
        origins = np.full(length, place - first)
        levels = levels_of(course, self.usual_level)
        past = past_features(course, origins, targets, levels, self.usual)
        mean, quantiles = self._clearness(self.plain, course, past, origins, targets)
        source, reason = WeatherSource.CLEAR_SKY, ""
        if self.seeing is not None:
            ahead = weather_features(
                course, weather_of(known, self.site, self.plant, course, self.late_seconds), targets
            )
            told = np.isfinite(ahead[:, ::2]).all(axis=1)
            lit = course.lit[targets]
            if told.any():
                better = self._clearness(
                    self.seeing, course, np.column_stack([past, ahead])[told], origins[told], targets[told]
                )
                mean[told], quantiles[:, told] = better
                source = self.weather
            if (lit & ~told).any():
                reason = tell_reason("no_weather", missing=int((lit & ~told).sum()), length=int(lit.sum()))
        night = sun.night[targets]
        clear = course.clear[targets] * levels[-1]
        scaled = np.clip(np.vstack([mean, quantiles]) * clear, 0.0, self.capacity_watts)
        scaled[:, night] = 0.0
        return Forecast(
            origin_utc=origin_utc,
            step_seconds=series.step_seconds,
            mean=scaled[0],
            quantiles=scaled[1:],
            model=self.name,
            weather=source,
            unit=series.unit,
            reason=reason,
        )

    def _clearness(
        self, learned: Learned, course: Course, features: Values, origins: Places, targets: Places
    ) -> tuple[Values, Values]:
        mean = np.clip(learned.experts.predict(features), 0.0, CLEARNESS_MAX)
        quantiles = learned.bands.around(mean, _groups(course, origins, targets))
        return mean, np.clip(quantiles, 0.0, CLEARNESS_MAX)

    def state(self) -> dict[str, Any]:
        """What makes it again."""
        return {
            "site": {name: getattr(self.site, name) for name in Site.__slots__},
            "plant": self.plant.state(),
            "capacity_watts": self.capacity_watts,
            "clear_highest": self.clear_highest,
            "late_seconds": self.late_seconds,
            "usual": self.usual,
            "usual_level": self.usual_level,
            "inputs": list(self.inputs),
            "weather": self.weather.value,
            "plain": self.plain.state(),
            "seeing": None if self.seeing is None else self.seeing.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedSolar:
        """Make the model whose ``state`` this was."""
        plain = {
            name: state[name]
            for name in ("capacity_watts", "clear_highest", "late_seconds", "usual", "usual_level")
        }
        return cls(
            site=Site(**state["site"]),
            plant=Plant.from_state(state["plant"]),
            inputs=tuple(state["inputs"]),
            weather=WeatherSource(state["weather"]),
            plain=Learned.from_state(state["plain"]),
            seeing=None if state["seeing"] is None else Learned.from_state(state["seeing"]),
            **plain,
        )
