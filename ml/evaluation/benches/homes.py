"""Single homes day ahead, beside what a user would pick: the week before, and boosted trees for each home.

Every rival learns until the same instants and forecasts from the same midnights. The seasonal naive has the spread of
its own errors by hour; the trees learn each level's quantile, per home, from the hour, the weekday, holidays, the same
hour one, two and seven days before, and the last day's and week's mean.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.forecasting import LEVELS, WeatherSource
from backend.forecasting.scores import coverage, mean_pinball_loss
from ml.evaluation.benches.home_data import CALIFORNIA, SYDNEY, read_californian_homes, read_sydney_homes
from ml.evaluation.benches.score import Score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["measure"]

_DAY_SECONDS = 86400
_CALIFORNIAN_SPANS = ((243, 304), (304, 364))  # April and May, June and July 2017 [days since 1 August 2016]
_SYDNEY_SPANS = ((530, 590),)  # 26 December 2013 to 23 February 2014 [days since 14 July 2012]
_SYDNEY_HOMES = 12
_NAIVE, _TREES = "seasonal naive", "HistGradientBoosting per home"
_LOST_MAX = 2  # of 17: better for at least 15


@dataclass(frozen=True)
class _Case:
    """Homes, and spans [first day, end day) at whose first day everything learns anew."""

    name: str
    homes: Sequence[Series]
    site: Site
    spans: tuple[tuple[int, int], ...]
    judged: int
    learned_days_max: int


def measure(data: Path) -> list[Score]:
    """Pinball over all levels, and how many homes a rival is better for.

    Raises:
        InputError: If a file of the Californian homes is missing; those of Sydney are left out where they are.
    """
    gross, net = read_californian_homes(data)
    cases = [
        _Case("17 homes, use, day ahead", gross, CALIFORNIA, _CALIFORNIAN_SPANS, len(gross), 364),
        _Case("17 homes, use less roof, day ahead", net, CALIFORNIA, _CALIFORNIAN_SPANS, len(net), 364),
    ]
    if (data / "households_au50").is_dir():
        homes = read_sydney_homes(data)
        name = f"{_SYDNEY_HOMES} of {len(homes)} homes in Sydney, half-hours, day ahead"
        cases.append(_Case(name, homes, SYDNEY, _SYDNEY_SPANS, _SYDNEY_HOMES, 364))
    return [score for case in cases for score in _scores(case)]


def _scores(case: _Case) -> list[Score]:
    ours, seconds = _ours(case)
    made: dict[str, tuple[list[Values], float]] = {_NAIVE: _naive(case), _TREES: _trees(case)}
    actual = [_actual(case, home) for home in case.homes[: case.judged]]
    mine = np.array([mean_pinball_loss(one, quantiles) for one, quantiles in zip(actual, ours, strict=True)])
    theirs = {
        name: np.array([mean_pinball_loss(one, rows) for one, rows in zip(actual, found, strict=True)])
        for name, (found, _) in made.items()
    }
    inside = float(
        np.mean([coverage(one, rows[1], rows[-2]) for one, rows in zip(actual, ours, strict=True)])
    )
    spent = {name: taken for name, (_, taken) in made.items()}
    note = (
        f"learned at the start of each of {len(case.spans)} spans, {sum(end - first for first, end in case.spans)} "
        f"midnights; 80 % band holds {inside:.1%}"
    )
    weather = WeatherSource.NONE
    rivals = {name: float(losses.mean()) for name, losses in theirs.items()}
    lost = float(np.sum(np.any([mine >= losses for losses in theirs.values()], axis=0)))
    return [
        Score(case.name, "pinball [kWh]", float(mine.mean()), rivals, None, weather, seconds, spent, note),
        Score(
            case.name,
            f"homes of {case.judged} where a rival is better",
            lost,
            {name: float(np.sum(losses > mine)) for name, losses in theirs.items()},
            float(_LOST_MAX) if case.judged == len(case.homes) else None,
            weather,
            seconds,
            note="a rival's figure: homes where we are better than it",
        ),
    ]


def _actual(case: _Case, home: Series) -> Values:
    day = _DAY_SECONDS // home.step_seconds
    return np.concatenate([home.values[first * day : end * day] for first, end in case.spans])


def _ours(case: _Case) -> tuple[list[Values], float]:
    from ml.models.homes import HomesModel

    seconds, parts = 0.0, []
    day = _DAY_SECONDS // case.homes[0].step_seconds
    for first, end in case.spans:
        begin = time.perf_counter()
        origins = [case.homes[0].start_utc + number * _DAY_SECONDS for number in range(first, end)]
        fitted = HomesModel().fit_all(case.homes, case.site, origins[0], WeatherSource.NONE)
        seconds += time.perf_counter() - begin
        made = fitted.forecast_many(case.homes[: case.judged], origins, day)
        parts.append([np.concatenate([one.quantiles for one in forecasts], axis=1) for forecasts in made])
    return [np.concatenate(rows, axis=1) for rows in zip(*parts, strict=True)], seconds


def _naive(case: _Case) -> tuple[list[Values], float]:
    found, begin = [], time.perf_counter()
    for home in case.homes[: case.judged]:
        days = home.values.reshape(-1, _DAY_SECONDS // home.step_seconds)
        misses = days[7:] - days[:-7]
        parts = []
        for first, end in case.spans:
            # Each midnight knows all errors before it.
            parts += [
                days[day - 7] + np.nanquantile(misses[: day - 7], LEVELS, axis=0) for day in range(first, end)
            ]
        found.append(_filled(np.concatenate(parts, axis=1)))
    return found, time.perf_counter() - begin


def _trees(case: _Case) -> tuple[list[Values], float]:
    from threadpoolctl import threadpool_limits

    found, seconds = [], 0.0
    for home in case.homes[: case.judged]:
        features, parts = _plain_features(home, case.site), []
        day = _DAY_SECONDS // home.step_seconds
        for first, end in case.spans:
            begin = time.perf_counter()
            known = np.arange(max(7, first - case.learned_days_max) * day, first * day)
            known = known[np.isfinite(home.values[known])]
            with threadpool_limits(1):
                levels = [_tree(level).fit(features[known], home.values[known]) for level in LEVELS]
                seconds += time.perf_counter() - begin
                rows = np.stack([one.predict(features[first * day : end * day]) for one in levels])
            parts.append(np.sort(rows, axis=0))
        found.append(np.concatenate(parts, axis=1))
    return found, seconds


def _tree(level: float) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        loss="quantile", quantile=level, categorical_features=[1], random_state=0
    )


def _plain_features(home: Series, site: Site) -> Values:
    from ml.features.calendar import calendar_of

    day = _DAY_SECONDS // home.step_seconds
    known = calendar_of(home.starts_utc, home.step_seconds, site)
    days = home.values.reshape(-1, day)
    with np.errstate(invalid="ignore"):
        means = _mean_of_known(days)
    columns = [known.slot, known.weekday, known.holiday]
    columns += [np.roll(home.values, back * day) for back in (1, 2, 7)]
    week = np.array(
        [
            _mean_of_known(days[max(number - 7, 0) : max(number, 1)].reshape(1, -1))[0]
            for number in range(len(days))
        ]
    )
    columns += [np.repeat(np.roll(means, 1), day), np.repeat(week, day)]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _mean_of_known(rows: Values) -> Values:
    count = np.isfinite(rows).sum(axis=1)
    return np.where(count > 0, np.nansum(rows, axis=1) / np.maximum(count, 1), np.nan)


def _filled(quantiles: Values) -> Values:
    """Where the week before is unknown, the last known interval's quantiles go on: a naive that has no gap."""
    known = np.isfinite(quantiles).all(axis=0)
    last = np.maximum.accumulate(np.where(known, np.arange(quantiles.shape[1]), 0))
    return np.nan_to_num(quantiles[:, last])
