"""The net load of a substation with sun and wind behind it: use less what roofs, fields and turbines feed in.

Three stages, each told what the one before left over. A ridge regression on calendar, irradiance and wind, at several
offsets and bent as a power curve is; a ridge regression on how far off that was before the origin, by lead; and
boosted trees on both, as far as held-out days bear them out. Quantiles are conformal, over a spread that weather and
hour tell: a cloudless noon and a still night are not equally sure. A few weeks of history are enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, Series, Site, WeatherSource
from backend.forecasting.reasons import tell_reason
from ml.models.conformal import Calibration
from ml.models.substation_table import Inputs, inputs_from, lately, state_of, trees_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.features.calendar import Calendar

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["FittedSubstation", "SubstationModel"]

NAME = "substation"
DAYS_MIN = 21
_DAY = 86400
_HELD_SHARE = 0.3
_LEADS_HOURS = (24.0, 48.0, 168.0)
_PENALTIES = (30.0, 100.0, 300.0, 1000.0, 3000.0)
_LATELY_PENALTY, _SPREAD_PENALTY = 30.0, 2000.0
_SPREAD_LEAST, _SPREAD_MOST = 0.3, 3.0
_SCALE_LEAST = 0.05
_ROWS_MAX = 60_000
_SETTINGS = {
    "max_iter": 80,
    "learning_rate": 0.06,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
}


@dataclass(frozen=True)
class SubstationModel:
    """How a substation is learned.

    Attributes:
        seed: Of the trees.
    """

    seed: int = 0

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedSubstation:
        """Learn what came before an instant; see ``Model.fit``."""
        known = series.before(until_utc)
        known = Series(
            known.start_utc,
            known.step_seconds,
            known.values,
            {name: column[: len(known)] for name, column in known.inputs.items()},
            known.unit,
        )
        days = float(np.isfinite(known.values).sum()) * known.step_seconds / _DAY
        if days < DAYS_MIN:
            raise InputError(
                tell_reason("short_substation", needed=DAYS_MIN, known=round(days, 1)),
            )
        inputs = Inputs.of(known)
        table = _Table.of(known, site, inputs)
        told = np.flatnonzero(
            np.isfinite(known.values)
        )  # a meter that is silent of late is judged by what it said last
        begin = int(told[-int(_HELD_SHARE * days) * (_DAY // known.step_seconds)])
        before, held = table.rows(0, begin), table.rows(begin, len(known))
        penalty = min(_PENALTIES, key=lambda one: _miss(table, before, held, one))
        trial = _learned(table, before, penalty, self.seed, 1.0)
        share, spread, calibration = _judged(trial, table, held)
        final = _learned(table, table.rows(0, len(known)), penalty, self.seed, share)
        return FittedSubstation(
            site, known.step_seconds, inputs, final, spread, calibration, weather, known.unit
        )


@dataclass(frozen=True)
class FittedSubstation:
    """A substation as it was learned.

    Attributes:
        site: Whose clock and holidays.
        step_seconds: [s]
        inputs: How they become columns.
        stages: The three.
        spread: Of the residuals by calendar and weather; intercept and weights.
        calibration: Of held-out residuals over their spread.
        weather: What the inputs ahead are.
        unit: As the series.
    """

    site: Site
    step_seconds: int
    inputs: Inputs
    stages: Stages
    spread: Values
    calibration: Calibration
    weather: WeatherSource
    unit: str

    @property
    def name(self) -> str:
        """Stands in its forecasts."""
        return NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """See ``FittedModel.forecast``. Weather that is not known ahead is taken from the days before, and said."""
        missing = [name for name in self.inputs.names if name not in series.inputs]
        if missing:
            raise InputError(f"the input {missing[0]!r} is absent; the substation was learned with it.")
        if series.step_seconds != self.step_seconds:
            raise InputError(
                f"the series has steps of {series.step_seconds} s, the substation {self.step_seconds} s."
            )
        known = series.before(origin_utc)
        count = len(known) + length
        unknown = [
            name
            for name in self.inputs.names
            if not np.isfinite(known.inputs[name][len(known) : count]).all()
            or len(known.inputs[name]) < count
        ]
        table = _Table.of(known, self.site, self.inputs, count)
        rows = _Rows(np.arange(len(known), count), np.full(length, len(known), dtype=np.int64))
        mean = self.stages.expected(table, rows)
        lead, share = table.lead_hours(rows), table.day_share(rows)
        quantiles = mean + self.calibration.quantiles(
            lead, share, _spread(self.spread, table.columns[rows.places])
        )
        reason = tell_reason("from_days_before", inputs=", ".join(unknown)) if unknown else ""
        weather = WeatherSource.NONE if unknown or not self.inputs.names else self.weather
        return Forecast(origin_utc, self.step_seconds, mean, quantiles, NAME, weather, self.unit, reason)

    def state(self) -> Mapping[str, Any]:
        """What makes it again."""
        site = self.site
        return {
            "site": [site.time_zone, site.country, site.subdivision],
            "step_seconds": self.step_seconds,
            "inputs": state_of(self.inputs),
            "static": self.stages.static,
            "lately": self.stages.lately,
            "trees": self.stages.trees,
            "share": self.stages.share,
            "spread": self.spread,
            "calibration": self.calibration.state(),
            "weather": self.weather.value,
            "unit": self.unit,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedSubstation:
        """Make it again."""
        zone, country, subdivision = state["site"]
        return cls(
            Site(zone, country, subdivision),
            int(state["step_seconds"]),
            inputs_from(state["inputs"]),
            Stages(
                np.asarray(state["static"], dtype=np.float64),
                np.asarray(state["lately"], dtype=np.float64),
                state["trees"],
                float(state["share"]),
            ),
            np.asarray(state["spread"], dtype=np.float64),
            Calibration.from_state(state["calibration"]),
            WeatherSource(state["weather"]),
            str(state["unit"]),
        )


@dataclass(frozen=True)
class Stages:
    """Ridge on calendar and weather, ridge on what was off, trees on what is left.

    Attributes:
        static: Intercept and weights. Shape (1 + K,).
        lately: The same, of what was off.
        trees: Fitted, or None where they do not help.
        share: How much of them counts. [0, 1]
    """

    static: Values
    lately: Values
    trees: Any
    share: float

    def expected(self, table: _Table, rows: _Rows) -> Values:
        """Shape (N,)."""
        linear, trees = self.parts(table, rows)
        return linear + self.share * trees

    def parts(self, table: _Table, rows: _Rows) -> tuple[Values, Values]:
        """What the two ridge regressions say, and what the trees add. Shape (N,) each."""
        everywhere = self.static[0] + table.columns @ self.static[1:]
        off = table.off(everywhere, rows)
        linear = everywhere[rows.places] + self.lately[0] + off @ self.lately[1:]
        if self.trees is None:
            return linear, np.zeros(len(linear))
        return linear, np.asarray(self.trees.predict(table.seen_by_trees(rows, off, linear)))


@dataclass(frozen=True)
class _Rows:
    """Targets and the origins that they are forecast from. Shape (N,) each."""

    places: Whole
    origins: Whole


@dataclass(frozen=True)
class _Table:
    """A series' columns, made once."""

    values: Values
    columns: Values
    calendar: Calendar
    courses: dict[str, Values]
    step_seconds: int

    @classmethod
    def of(cls, series: Series, site: Site, inputs: Inputs, count: int | None = None) -> _Table:
        columns, calendar, courses = inputs.columns(series, site, len(series) if count is None else count)
        return cls(series.values, columns, calendar, courses, series.step_seconds)

    def rows(self, begin: int, end: int) -> _Rows:
        """Known targets of a span with origins spread evenly over each range of leads, the same each time.

        An origin lies within the span, so that held-out targets are told from what was held out before them too.
        """
        places = begin + np.flatnonzero(np.isfinite(self.values[begin:end]))
        every = max(1, -(-len(places) * len(_LEADS_HOURS) // _ROWS_MAX))
        places = places[::every]
        found_places, found_origins = [], []
        before = 0.0
        for number, hours in enumerate(_LEADS_HOURS):
            low, high = (int(one * 3600 / self.step_seconds) for one in (before, hours))
            # Multiples of the golden ratio fall evenly into an interval.
            share = np.modf((places + number) * 0.6180339887498949)[0]
            origins = places - low - (share * (high - low)).astype(np.int64)
            inside = origins >= max(begin - 7 * (_DAY // self.step_seconds), _DAY // self.step_seconds)
            found_places.append(places[inside])
            found_origins.append(origins[inside])
            before = hours
        return _Rows(np.concatenate(found_places), np.concatenate(found_origins))

    def off(self, everywhere: Values, rows: _Rows) -> Values:
        """How far off a course was before the origins. Shape (N, K)."""
        residuals = self.values - everywhere[: len(self.values)]
        return lately(residuals, rows.places, rows.origins, self.step_seconds)

    def seen_by_trees(self, rows: _Rows, off: Values, linear: Values) -> Values:
        return trees_table(self.calendar, self.courses, rows.places, off, linear)

    def lead_hours(self, rows: _Rows) -> Values:
        return (rows.places - rows.origins + 1) * self.step_seconds / 3600

    def day_share(self, rows: _Rows) -> Values:
        return np.asarray(self.calendar.slot[rows.places] / self.calendar.slots)


def _miss(table: _Table, before: _Rows, held: _Rows, penalty: float) -> float:
    """Mean absolute residual of held-out rows by the ridge regressions alone."""
    linear, _ = _learned(table, before, penalty, 0, 0.0).parts(table, held)
    return float(np.abs(table.values[held.places] - linear).mean())


def _learned(table: _Table, rows: _Rows, penalty: float, seed: int, share: float) -> Stages:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        targets = np.unique(rows.places)
        static = _ridge(table.columns[targets], table.values[targets], penalty)
        everywhere = static[0] + table.columns @ static[1:]
        off = table.off(everywhere, rows)
        left = table.values[rows.places] - everywhere[rows.places]
        late = _ridge(off, left, _LATELY_PENALTY)
        if share <= 0:
            return Stages(static, late, None, 0.0)
        from sklearn.ensemble import HistGradientBoostingRegressor

        linear = everywhere[rows.places] + late[0] + off @ late[1:]
        trees = HistGradientBoostingRegressor(random_state=seed, early_stopping=False, **_SETTINGS)
        trees.fit(table.seen_by_trees(rows, off, linear), table.values[rows.places] - linear)
        return Stages(static, late, trees, share)


def _judged(trial: Stages, table: _Table, held: _Rows) -> tuple[float, Values, Calibration]:
    """On held-out days: how much of the trees counts, how wide the spread is, and its quantiles."""
    linear, trees = trial.parts(table, held)
    actual = table.values[held.places]
    size = float(trees @ trees)
    share = float(np.clip((actual - linear) @ trees / size, 0.0, 1.0)) if size > 0 else 0.0
    residuals = actual - linear - share * trees
    columns = table.columns[held.places]
    spread = _ridge(columns, np.abs(residuals), _SPREAD_PENALTY)
    # Known at every interval and of few kinds: without the floor a spread of nothing would be divided by.
    spread = np.concatenate([[max(float(np.abs(residuals).mean()), 1e-9)], spread])
    calibration = Calibration.fit(
        residuals, table.lead_hours(held), table.day_share(held), _spread(spread, columns)
    )
    return share, spread, calibration


def _spread(spread: Values, columns: Values) -> Values:
    """Mean absolute residual by calendar and weather, within a range about the whole's. Shape (N,)."""
    told = spread[1] + columns @ spread[2:]
    return np.asarray(np.clip(told, _SPREAD_LEAST * spread[0], _SPREAD_MOST * spread[0]))


def _ridge(table: Values, target: Values, penalty: float) -> Values:
    """Intercept and weights; columns weigh alike. Shape (1 + K,)."""
    centre = table.mean(axis=0)
    # A column that hardly moves where it is learned from, snow in autumn, must not weigh much where it does.
    scale = np.maximum(table.std(axis=0), _SCALE_LEAST * float(table.std()) + 1e-12)
    scaled = (table - centre) / scale
    middle = float(target.mean())
    gram = scaled.T @ scaled + penalty * np.eye(table.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ (target - middle)) / scale
    return np.concatenate([[middle - float(centre @ weights)], weights])
