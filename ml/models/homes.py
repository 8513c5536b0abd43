"""Forecasts of single homes: one model learned from all homes of a community, each measured by its own scale.

A home is noisy: what is worth knowing is its quantiles. Each home's values are divided by its own recent level, so that
what one home does tells of another; trees learn each level's quantile (Koenker and Bassett 1978) from the home's own
recent days, the calendar and what weather there is. A part of the forecast is the plain spread of the home's own last
days. At the end the quantiles are moved by what was missed of late: residuals of days that the trees did not learn from
(conformalised quantile regression, Romano, Patterson and Candès 2019, over a window that moves with the origin).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, WeatherSource
from backend.forecasting.reasons import tell_reason
from backend.forecasting.scores import mean_pinball_loss
from ml.models.home_features import HomeTable, home_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["FittedHomes", "HomesModel"]

_NAME = "homes"
_DAY_SECONDS = 86400
_DAYS_MIN = 21
_WARM_DAYS = 7
_FAR_SHARE = 0.3
_DAYS_AHEAD_MAX = 7


@dataclass(frozen=True)
class HomesModel:
    """How homes are learned. Chosen on the homes of August 2016 to March 2017 of CityLearn 2022, see docs/forecasts.md.

    Attributes:
        seed: Of which leads are learned, and of which features a split looks at.
        rounds: Trees per level.
        leaves: Per tree.
        rate: Of learning.
        leaf_rows_min: Intervals in a leaf, so that its quantile says something.
        rows_max: Intervals learned from; beyond that they are drawn.
        own_shares: Weights of the homes' own plain spread that are tried on the days kept. [1]
        kept_days: Last days that trees do not learn from, for they tell how far the quantiles are off.
        window_days: Days before an origin over which misses are counted.
        trust: How much of what was missed the quantiles are moved by. [1]
    """

    seed: int = 0
    rounds: int = 200
    leaves: int = 31
    rate: float = 0.05
    leaf_rows_min: int = 150
    rows_max: int = 150_000
    own_shares: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.5)
    kept_days: int = 7
    window_days: int = 28
    trust: float = 0.5

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedHomes:
        """Learn from one home alone; see ``fit_all``."""
        return self.fit_all([series], site, until_utc, weather)

    def fit_all(
        self, homes: Sequence[Series], site: Site, until_utc: int, weather: WeatherSource
    ) -> FittedHomes:
        """Learn one model from all homes of a community.

        Args:
            homes: Of one step, unit and set of inputs; they need not begin together.
            site: Where they stand.
            until_utc: Nothing after it is read. [s since 1970, UTC]
            weather: What the weather columns ahead will be.

        Raises:
            InputError: If homes differ in step, unit or inputs, or none has three weeks of known values.
        """
        inputs = _checked_alike(homes)
        known = [home.before(max(until_utc, home.start_utc)) for home in homes]
        day = _DAY_SECONDS // homes[0].step_seconds
        long_enough = [home for home in known if np.isfinite(home.values).sum() >= _DAYS_MIN * day]
        if not long_enough:
            most = max(int(np.isfinite(home.values).sum()) for home in known) / day
            raise InputError(
                tell_reason(
                    "short_homes", known=round(float(most), 1), until_utc=until_utc, needed=_DAYS_MIN
                ),
            )
        held_utc = until_utc - self.kept_days * _DAY_SECONDS
        drawn = np.random.default_rng(self.seed)
        rows_max = self.rows_max // len(long_enough)
        tables = [
            self._learning_table(home.before(held_utc), site, inputs, drawn, rows_max) for home in long_enough
        ]
        table = HomeTable.joined(tables)
        if not len(table):
            raise InputError(
                tell_reason("unused_homes", until_utc=until_utc),
            )
        trees = self._trees(table)
        fitted = FittedHomes(
            trees, site, weather, inputs, homes[0].step_seconds, homes[0].unit, held_utc, 0.0, self
        )
        return replace(fitted, own_share=self._own_share(fitted, long_enough))

    def _learning_table(
        self, known: Series, site: Site, inputs: tuple[str, ...], drawn: np.random.Generator, rows_max: int
    ) -> HomeTable:
        """Every known interval once, seen from an origin within a day before it, or from one of up to seven days."""
        day = _DAY_SECONDS // known.step_seconds
        places = np.flatnonzero(np.isfinite(known.values)).astype(np.int64)
        places = places[places >= _WARM_DAYS * day]
        if len(places) > rows_max:
            places = np.sort(drawn.choice(places, rows_max, replace=False))
        near = drawn.integers(0, day, len(places))
        far = drawn.integers(day, _DAYS_AHEAD_MAX * day, len(places))
        leads = np.where(drawn.random(len(places)) < _FAR_SHARE, far, near)
        origins = np.maximum(places - leads, _WARM_DAYS * day)
        table = home_table(known, site, inputs, places, origins)
        return table.rows(np.flatnonzero(table.scale > 0))

    def _own_share(self, fitted: FittedHomes, homes: Sequence[Series]) -> float:
        """The weight of the plain spread that lost least on the days kept, day ahead, every home by its own scale."""
        losses = np.zeros(len(self.own_shares))
        day = _DAY_SECONDS // fitted.step_seconds
        for home in homes:
            held = max(-(-(fitted.held_utc - home.start_utc) // fitted.step_seconds), _WARM_DAYS * day)
            starts = np.arange(held, len(home) - day + 1, day, dtype=np.int64)
            if not len(starts):
                continue
            places = (starts[:, np.newaxis] + np.arange(day)).ravel()
            table = home_table(home, fitted.site, fitted.inputs, places, np.repeat(starts, day))
            table = table.rows(np.flatnonzero((table.scale > 0) & np.isfinite(table.actual)))
            if not len(table):
                continue
            learned = fitted.predicted(table)
            for number, share in enumerate(self.own_shares):
                quantiles = (1 - share) * learned + share * table.own
                losses[number] += mean_pinball_loss(table.actual / table.scale, quantiles[:-1])
        return float(self.own_shares[int(np.argmin(losses))])

    def _trees(self, table: HomeTable) -> list[Any]:
        """A regressor per level and, last, one of the mean."""
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        settings: dict[str, Any] = {
            "max_iter": self.rounds,
            "learning_rate": self.rate,
            "max_leaf_nodes": self.leaves,
            "min_samples_leaf": min(self.leaf_rows_min, max(len(table) // 50, 20)),
            "max_features": 0.5,
            "early_stopping": False,
            "random_state": self.seed,
        }
        target = table.actual / table.scale
        with threadpool_limits(1):
            found = [
                HistGradientBoostingRegressor(loss="quantile", quantile=level, **settings) for level in LEVELS
            ]
            found.append(HistGradientBoostingRegressor(loss="squared_error", **settings))
            return [one.fit(table.features, target) for one in found]


def _checked_alike(homes: Sequence[Series]) -> tuple[str, ...]:
    """Names of the inputs that all homes have."""
    if not homes:
        raise InputError("there is no home to learn from; give at least one series.")
    first = homes[0]
    for number, home in enumerate(homes):
        if (home.step_seconds, home.unit, sorted(home.inputs)) != (
            first.step_seconds,
            first.unit,
            sorted(first.inputs),
        ):
            raise InputError(
                f"home {number} has steps of {home.step_seconds} s in {home.unit} with inputs {sorted(home.inputs)}, "
                f"home 0 {first.step_seconds} s in {first.unit} with {sorted(first.inputs)}; learn those apart."
            )
    return tuple(sorted(first.inputs))


@dataclass(frozen=True)
class FittedHomes:
    """What was learned of homes; it forecasts each of them, and one that it never saw, from that home's own last days.

    Attributes:
        trees: A regressor per level, and one of the mean.
        site: Where.
        weather: What the weather columns ahead are.
        inputs: Names that a series must have.
        step_seconds: [s]
        unit: Of the values.
        held_utc: Trees learned nothing after it. [s since 1970, UTC]
        own_share: Weight of the home's own plain spread. [1]
        settings: How it was learned.
    """

    trees: list[Any]
    site: Site
    weather: WeatherSource
    inputs: tuple[str, ...]
    step_seconds: int
    unit: str
    held_utc: int
    own_share: float
    settings: HomesModel

    @property
    def name(self) -> str:
        """Of the model."""
        return _NAME

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast one home.

        Raises:
            InputError: If the step or an input does not fit, or a week before the origin is not known.
        """
        return self.forecast_many([series], [origin_utc], length)[0][0]

    def forecast_many(
        self, homes: Sequence[Series], origins_utc: Sequence[int], length: int
    ) -> list[list[Forecast]]:
        """Forecast several homes from several origins: the same as one by one, in less time.

        Returns:
            A list per home, in it a forecast per origin.

        Raises:
            InputError: As ``forecast``.
        """
        return [self._forecast_home(home, list(origins_utc), length) for home in homes]

    def _forecast_home(self, series: Series, origins_utc: list[int], length: int) -> list[Forecast]:
        self._check(series, origins_utc, length)
        day = _DAY_SECONDS // self.step_seconds
        origins = [series.place(origin) for origin in origins_utc]
        held = (self.held_utc - series.start_utc) / self.step_seconds
        before = {
            origin - back * day for origin in origins for back in range(1, self.settings.window_days + 1)
        }
        # Days that trees learned from say nothing of how far off they are; the first week has no features.
        judged = sorted(one for one in before if one >= held and one >= _WARM_DAYS * day)
        near = self._quantiles(series, sorted({*judged, *origins}), 0, day)
        far = self._quantiles(series, origins, day, length) if length > day else {}
        made = []
        for origin, origin_utc in zip(origins, origins_utc, strict=True):
            rows = [near[origin][:, :length], *([far[origin]] if far else [])]
            joined = np.concatenate(rows, axis=1)
            window = range(origin - self.settings.window_days * day, origin, day)
            moves = self._moves(series.values[:origin], near, [one for one in judged if one in window], day)
            made.append(self._forecast(series, origin_utc, joined, moves, _least(series.values[:origin])))
        return made

    def _check(self, series: Series, origins_utc: list[int], length: int) -> None:
        missing = [name for name in self.inputs if name not in series.inputs]
        if series.step_seconds != self.step_seconds or missing:
            raise InputError(
                f"the homes were learned with steps of {self.step_seconds} s and inputs {list(self.inputs)}; "
                f"this one has {series.step_seconds} s and {sorted(series.inputs)}. Give the same, or learn again."
            )
        if not 0 < length * self.step_seconds <= _DAYS_AHEAD_MAX * _DAY_SECONDS:
            raise InputError(f"{length} intervals were asked for; homes are forecast up to seven days ahead.")
        day = _DAY_SECONDS // self.step_seconds
        for origin_utc in origins_utc:
            place = series.place(origin_utc)
            known = int(np.isfinite(series.values[:place]).sum())
            if place > len(series) or known < _WARM_DAYS * day:
                raise InputError(
                    tell_reason(
                        "new_home",
                        known=known,
                        origin_utc=origin_utc,
                        end_utc=series.end_utc,
                        needed=_WARM_DAYS * day,
                    )
                )

    def predicted(self, table: HomeTable) -> Values:
        """What the trees say: levels and, last, the mean, by scale. Shape (L + 1, N). [1]"""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            found = np.stack([one.predict(table.features) for one in self.trees])
        found[:-1].sort(axis=0)
        return found

    def _quantiles(self, series: Series, origins: list[int], first: int, end: int) -> dict[int, Values]:
        """Rows of levels and the mean, then the scale, for leads [first, end) of each origin: shape (L + 2, leads)."""
        leads = np.arange(first, end, dtype=np.int64)
        starts = np.repeat(np.array(origins, dtype=np.int64), len(leads))
        places = starts + np.tile(leads, len(origins))
        table = home_table(series, self.site, self.inputs, places, starts)
        learned = self.predicted(table)
        mixed = ((1 - self.own_share) * learned + self.own_share * table.own) * table.scale
        rows = np.vstack([mixed, table.scale])
        return {
            origin: rows[:, number * len(leads) : (number + 1) * len(leads)]
            for number, origin in enumerate(origins)
        }

    def _moves(self, known: Values, near: Mapping[int, Values], judged: list[int], day: int) -> Values:
        """By how much of the scale each level is moved: what it was off by, over days that were not learned from."""
        nothing = np.zeros(len(LEVELS))
        if not judged:
            return nothing
        misses = []
        for origin in judged:
            actual = known[origin : origin + day]
            rows = near[origin][:, : len(actual)]
            with np.errstate(invalid="ignore", divide="ignore"):
                misses.append((actual - rows[: len(LEVELS)]) / rows[-1])
        miss = np.concatenate(misses, axis=1)
        miss = miss[:, np.isfinite(miss).all(axis=0)]
        days = miss.shape[1] / day
        if days < 1:
            return nothing
        found = np.array([np.quantile(row, level) for row, level in zip(miss, LEVELS, strict=True)])
        return np.asarray(self.settings.trust * min(1.0, days / max(self.settings.kept_days, 1)) * found)

    def _forecast(
        self, series: Series, origin_utc: int, rows: Values, moves: Values, least: float
    ) -> Forecast:
        scale = rows[-1]
        quantiles = np.sort(rows[: len(LEVELS)] + moves[:, np.newaxis] * scale, axis=0)
        middle = moves[LEVELS.index(0.5)]
        mean = rows[len(LEVELS)] + middle * scale
        if least >= 0:
            quantiles, mean = np.maximum(quantiles, 0.0), np.maximum(mean, 0.0)
        return Forecast(origin_utc, series.step_seconds, mean, quantiles, _NAME, self.weather, series.unit)

    def state(self) -> Mapping[str, Any]:
        """Plain values and estimators."""
        return {
            "trees": self.trees,
            "site": {name: getattr(self.site, name) for name in self.site.__slots__},
            "weather": self.weather.value,
            "inputs": list(self.inputs),
            "step_seconds": self.step_seconds,
            "unit": self.unit,
            "held_utc": self.held_utc,
            "own_share": self.own_share,
            "settings": {**vars(self.settings), "own_shares": list(self.settings.own_shares)},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedHomes:
        """Make it again."""
        from backend.forecasting import Site

        return cls(
            list(state["trees"]),
            Site(**state["site"]),
            WeatherSource(state["weather"]),
            tuple(state["inputs"]),
            int(state["step_seconds"]),
            str(state["unit"]),
            int(state["held_utc"]),
            float(state["own_share"]),
            HomesModel(**{**state["settings"], "own_shares": tuple(state["settings"]["own_shares"])}),
        )


def _least(known: Values) -> float:
    return float(np.nanmin(known)) if np.isfinite(known).any() else -np.inf
