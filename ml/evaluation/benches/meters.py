"""A thousand meters learned and forecast at once, and what a model per cluster costs in accuracy.

A thousand made meters are the seventeen measured homes, each used about sixty times with its days moved by whole weeks
and its size changed: real days, made neighbours. Seconds are wall time on whatever machine runs this; accuracy is held
against models per home on the measured homes alone, where nothing is made.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.forecasting import LEVELS, WeatherSource
from backend.forecasting.scores import mean_pinball_loss
from ml.evaluation.benches.home_data import CALIFORNIA, SYDNEY, read_californian_homes, read_sydney_homes
from ml.evaluation.benches.score import Score

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ml.models.clusters import FittedClusters, Meters

    Values = NDArray[np.float64]

__all__ = ["made_meters", "measure"]

_DAY_SECONDS = 86400
_METERS = 1000
_JUDGED = (243, 364)  # April to July 2017 [days since 1 August 2016]
_NEW_HOMES = 11  # of the homes in Sydney, drawn, that the model never saw
_NEW_DAYS = (450, 510)  # of the series, after learning
_NEW_KNOWN_DAYS = (0.0, 0.25, 1.0, 7.0, 14.0)
_SECONDS_MAX, _MILLISECONDS_MAX = 5.0, 1.0


def measure(data: Path) -> list[Score]:
    """Time of a thousand, accuracy of seventeen, new meters by how much is known of them.

    Raises:
        InputError: If a file of the Californian homes is missing; those of Sydney are left out where they are.
    """
    gross, _ = read_californian_homes(data)
    days = np.stack([home.values for home in gross])
    found = [*_times(days, gross[0].start_utc), _accuracy(days, gross[0].start_utc)]
    if (data / "households_au50").is_dir():
        found.append(_new_meters(data))
    return found


def made_meters(homes: Values, count: int, seed: int) -> Values:
    """Meters made of measured homes: days moved by whole weeks within ten of them, sizes changed. Shape (count, T).

    Args:
        homes: Whole days of hours. Shape (homes, T).
        count: Of the meters.
        seed: Of what is drawn.
    """
    drawn = np.random.default_rng(seed)
    days = homes.reshape(len(homes), -1, 24)
    span = days.shape[1]
    made = np.empty((count, span, 24))
    for number in range(count):
        taken = np.clip(np.arange(span) + 7 * drawn.integers(-10, 11, span), 0, span - 1)
        made[number] = days[number % len(homes), taken] * np.exp(drawn.normal(0, 0.5))
    return made.reshape(count, -1)


def _times(homes: Values, start: int) -> list[Score]:
    from ml.models.clusters import Meters

    year = made_meters(homes, _METERS, seed=7)
    drawn = np.random.default_rng(8)
    quarters = np.repeat(year[:, : 90 * 24], 4, axis=1) / 4
    quarters *= drawn.gamma(3.0, 1 / 3.0, quarters.shape)
    cases = (
        ("a year by the hour", Meters(start, 3600, year, None, "kWh")),
        ("90 days by the quarter-hour", Meters(start, 900, quarters, None, "kWh")),
    )
    scores = []
    for name, meters in cases:
        fitting, processor, forecasting = _time_of(meters)
        case = f"1,000 meters, {name}"
        note = f"made of 17 measured homes; {processor:.1f} s of processor time"
        none = WeatherSource.NONE
        scores.append(Score(case, "training [s]", fitting, {}, _SECONDS_MAX, none, fitting, note=note))
        scores.append(
            Score(
                case,
                "forecast of 24 h, all levels, per meter [ms]",
                forecasting,
                {},
                _MILLISECONDS_MAX,
                none,
                fitting,
                note="all at once",
            )
        )
    return scores


def _time_of(meters: Meters) -> tuple[float, float, float]:
    """Seconds of training, of its processor, and milliseconds of a forecast."""
    from ml.models.clusters import ClusterModel

    day = _DAY_SECONDS // meters.step_seconds
    until = meters.start_utc + (meters.values.shape[1] // day) * _DAY_SECONDS
    begin, spent = time.perf_counter(), time.process_time()
    fitted = ClusterModel().fit_all(meters, CALIFORNIA, until)
    fitting, processor = time.perf_counter() - begin, time.process_time() - spent
    begin = time.perf_counter()
    fitted.courses(meters, until, day)
    return fitting, processor, (time.perf_counter() - begin) * 1000 / len(meters.values)


def _accuracy(homes: Values, start: int) -> Score:
    """Pinball of one model for all homes beside one per home, of the same kind and of boosted trees."""
    from ml.models.clusters import ClusterModel, Meters

    meters = Meters(start, 3600, homes, None, "kWh")
    first, end = _JUDGED
    until = start + first * _DAY_SECONDS
    begin = time.perf_counter()
    fitted = ClusterModel().fit_all(meters, CALIFORNIA, until)
    seconds = time.perf_counter() - begin
    actual = homes[:, first * 24 : end * 24]
    each = np.concatenate(
        [
            _courses(ClusterModel().fit_all(one, CALIFORNIA, until), one, _JUDGED)
            for one in _one_by_one(meters)
        ]
    )
    begin = time.perf_counter()
    trees = np.stack([_trees(row, first, end) for row in homes])
    spent = {"boosted trees per home": time.perf_counter() - begin}
    return Score(
        "17 measured homes, day ahead",
        "pinball [kWh]",
        _loss(actual, _courses(fitted, meters, _JUDGED)),
        {"the same model per home": _loss(actual, each), "boosted trees per home": _loss(actual, trees)},
        None,
        WeatherSource.NONE,
        seconds,
        spent,
        f"learned once by day {first}, {end - first} midnights",
    )


def _one_by_one(meters: Meters) -> list[Meters]:
    from ml.models.clusters import Meters as Table

    return [
        Table(meters.start_utc, meters.step_seconds, row[np.newaxis], None, meters.unit)
        for row in meters.values
    ]


def _courses(fitted: FittedClusters, meters: Meters, days: tuple[int, int]) -> Values:
    length = _DAY_SECONDS // meters.step_seconds
    origins = [meters.start_utc + day * _DAY_SECONDS for day in range(*days)]
    return np.concatenate([fitted.courses(meters, origin, length)[0] for origin in origins], axis=2)


def _loss(actual: Values, quantiles: Values) -> float:
    return float(np.mean([mean_pinball_loss(one, rows) for one, rows in zip(actual, quantiles, strict=True)]))


def _trees(row: Values, first: int, end: int) -> Values:
    """Boosted trees of one home, a level each, by hour, weekday, the last days and their means."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    days = row.reshape(-1, 24)
    place = np.arange(len(row))
    means = days.mean(axis=1)
    week = np.convolve(means, np.ones(7) / 7)[: len(means)]
    columns: list[Any] = [place % 24, place // 24 % 7, *(np.roll(row, back * 24) for back in (1, 2, 7))]
    columns += [np.repeat(np.roll(one, 1), 24) for one in (means, week)]
    table = np.stack(columns, axis=1).astype(np.float64)
    known, asked = slice(8 * 24, first * 24), slice(first * 24, end * 24)
    with threadpool_limits(1):
        found = [
            HistGradientBoostingRegressor(loss="quantile", quantile=level, random_state=0)
            .fit(table[known], row[known])
            .predict(table[asked])
            for level in LEVELS
        ]
    return np.sort(np.stack(found), axis=0)


def _new_meters(data: Path) -> Score:
    """Homes that the model never saw, by how many days of them are known; told or not what they use in a year."""
    from ml.models.clusters import ClusterModel, Meters

    homes = read_sydney_homes(data)
    values, start = np.stack([home.values for home in homes]), homes[0].start_utc
    order = np.random.default_rng(0).permutation(len(values))
    new, old = order[:_NEW_HOMES], order[_NEW_HOMES:]
    until = _NEW_DAYS[0] - 14
    size = np.nanmean(values[:, : until * 48], axis=1)
    begin = time.perf_counter()
    fitted = ClusterModel().fit_all(
        Meters(start, 1800, values[old], size[old], "kWh"), SYDNEY, start + until * _DAY_SECONDS
    )
    seconds = time.perf_counter() - begin
    actual = values[new][:, _NEW_DAYS[0] * 48 : _NEW_DAYS[1] * 48]
    found: dict[str, float] = {}
    for known in _NEW_KNOWN_DAYS:
        for told in (False, True):
            name = f"{known:g} days known{', annual kWh told' if told else ''}"
            found[name] = _loss(actual, _seen(fitted, values[new], start, known, size[new] if told else None))
    best = found.pop("14 days known")
    note = f"rivals are the same model with less known; {len(old)} homes learned from, {len(new)} new, 60 midnights"
    return Score(
        "new homes in Sydney, half-hours",
        "pinball [kWh]",
        best,
        found,
        None,
        WeatherSource.NONE,
        seconds,
        note=note,
    )


def _seen(fitted: FittedClusters, values: Values, start: int, known: float, size: Values | None) -> Values:
    from ml.models.clusters import Meters

    made = []
    for day in range(*_NEW_DAYS):
        late = values[:, (day - 14) * 48 : day * 48].copy()
        late[:, : round((14 - known) * 48)] = np.nan
        meters = Meters(start + (day - 14) * _DAY_SECONDS, 1800, late, size, "kWh")
        made.append(fitted.courses(meters, start + day * _DAY_SECONDS, 48)[0])
    return np.concatenate(made, axis=2)
