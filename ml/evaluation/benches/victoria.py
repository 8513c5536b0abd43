"""Victoria's electricity demand in 2014, half-hour by half-hour: how close a load model comes to a whole state's load.

AEMO's demand and the Bureau of Meteorology's temperature at Melbourne, 2012 to 2014 (O'Hara-Wild, Hyndman and Wang,
tsibbledata). Everything is learned from the two years before; each day of 2014 is forecast at its midnight with the
temperature that was measured later (ex post), as published comparisons do. The rivals get the columns that a user would
make first: time, weekday, holiday, day of the year, temperature, and the load a day, two days and a week before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scores import coverage, mean_absolute_percentage_error, mean_pinball_loss
from ml.evaluation.backtest import Backtest, Rolling, backtest
from ml.evaluation.benches.score import Score
from ml.features.calendar import calendar_of
from ml.features.lags import mean_before, same_slot
from ml.features.weather import lagged, moving_mean
from ml.models.boosting import one_thread
from ml.models.load import LoadModel
from ml.models.naive import NaiveModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["SITE", "measure", "read"]

FILE = "vic_electricity/vic_electricity.csv.gz"
SITE = Site("Australia/Melbourne", "AU", "VIC", -37.81, 144.96)
_STEP = 1800
_DAY, _WEEK = 48, 336
_YEAR_FROM = 1_388_494_800  # midnight in Melbourne, 1 January 2014
_YEAR_DAYS = 365
_MONTH_DAYS = 28
_LEADS_HOURS = ((0, 1), (5, 6), (23, 24), (47, 48), (144, 168))
_TARGET, _BAND = 2.4, 0.8
_LIGHTGBM, _HISTOGRAM, _NAIVE = "LightGBM", "HistGradientBoosting", "weekly naive"
_SPLIT = "learned once from 2012 and 2013, nothing tuned on 2014"


def read(data: Path) -> Series:
    """Demand [MW] with ``temperature`` [°C], 2012 to 2014.

    Raises:
        InputError: If the file is missing.
    """
    import pandas as pd

    path = data / FILE
    if not path.is_file():
        raise InputError(
            f"{path} is missing; it is vic_elec of tsibbledata as CSV. Give the folder above its own."
        )
    table = pd.read_csv(path)
    starts = pd.to_datetime(table["Time"], utc=True)
    begin = int(starts.iloc[0].timestamp())
    assert (np.diff(starts.to_numpy()) == np.timedelta64(_STEP, "s")).all(), "half-hours are missing"
    inputs = {"temperature": table["Temperature"].to_numpy(dtype=np.float64)}
    return Series(begin, _STEP, table["Demand"].to_numpy(dtype=np.float64), inputs, "MW")


def measure(data: Path) -> list[Score]:
    """Day ahead with and without temperature, learned anew every four weeks, by lead, and the band's honesty."""
    series = read(data)
    midnights = _midnights(series)
    rivals = _rivals(series, midnights)
    once = _tested(LoadModel(), series, midnights, _DAY)
    blind = _tested(LoadModel(inputs=()), series, midnights, _DAY)
    monthly = backtest(
        LoadModel(),
        series,
        SITE,
        Rolling(midnights, _DAY, _MONTH_DAYS),
        weather=WeatherSource.OBSERVED,
    )
    naive = _tested(NaiveModel(), series, midnights, _DAY)
    scores = [
        Score(
            "Victoria 2014, day ahead",
            "MAPE [%]",
            _percent(once),
            {name: mean_absolute_percentage_error(*found[:2]) for name, found in rivals.items()}
            | {_NAIVE: _percent(naive)},
            _TARGET,
            WeatherSource.OBSERVED,
            once.seconds,
            {name: found[2] for name, found in rivals.items()},
            f"{_SPLIT}; midnight origins, ex post temperature",
        ),
        Score(
            "Victoria 2014, day ahead, learned anew every 28 days",
            "MAPE [%]",
            _percent(monthly),
            {_NAIVE: _percent(naive)},
            None,
            WeatherSource.OBSERVED,
            monthly.seconds / monthly.fits,
            note=f"{monthly.fits} fits, seconds of each; ex post temperature",
        ),
        Score(
            "Victoria 2014, day ahead, temperature unknown",
            "MAPE [%]",
            _percent(blind),
            {_NAIVE: _percent(naive)},
            None,
            WeatherSource.NONE,
            blind.seconds,
            note=f"{_SPLIT}; calendar and past load alone",
        ),
    ]
    return scores + _bands(once, naive) + _by_lead(series, midnights)


def _midnights(series: Series) -> list[int]:
    """The first half-hour of each local day of 2014. [s since 1970, UTC]"""
    starts = series.starts_utc
    day = calendar_of(starts, _STEP, SITE).day
    first = starts[np.flatnonzero(np.diff(day, prepend=day[0] - 1))]
    return [int(one) for one in first[first >= _YEAR_FROM][:_YEAR_DAYS]]


def _tested(model: Any, series: Series, origins: list[int], length: int) -> Backtest:
    return backtest(model, series, SITE, Rolling(origins, length), weather=WeatherSource.OBSERVED)


def _percent(tested: Backtest) -> float:
    actual, mean, _ = tested.flat()
    return mean_absolute_percentage_error(actual, mean)


def _bands(ours: Backtest, naive: Backtest) -> list[Score]:
    """Pinball loss, and how far the 80 % band's coverage is from 80 %."""
    rows = []
    covered = []
    for tested in (ours, naive):
        actual, _, quantiles = tested.flat()
        covered.append(100 * coverage(actual, quantiles[1], quantiles[-2]))
        rows.append(mean_pinball_loss(actual, quantiles))
    note = f"{_SPLIT}; the band held {covered[0]:.1f} % of the half-hours, the naive one {covered[1]:.1f} %"
    off = [abs(share - 100 * _BAND) for share in covered]
    weather = WeatherSource.OBSERVED
    return [
        Score(
            "Victoria 2014, day ahead",
            "pinball loss [MW]",
            rows[0],
            {_NAIVE: rows[1]},
            None,
            weather,
            ours.seconds,
        ),
        Score(
            "Victoria 2014, day ahead, 80 % band",
            "coverage off by [percentage points]",
            off[0],
            {_NAIVE: off[1]},
            None,
            weather,
            ours.seconds,
            note=note,
        ),
    ]


def _by_lead(series: Series, midnights: list[int]) -> list[Score]:
    """A week ahead from every third day, at hours that go round the clock."""
    origins = [midnight + (number * 7 % 24) * 3600 for number, midnight in enumerate(midnights[:-8:3])]
    tested = [_tested(model, series, origins, _WEEK) for model in (LoadModel(), NaiveModel())]
    rows = []
    for begin, end in _LEADS_HOURS:
        ours, naive = (_percent(one.within(begin * 3600, end * 3600)) for one in tested)
        rows.append(
            Score(
                f"Victoria 2014, hours {begin} to {end} ahead",
                "MAPE [%]",
                ours,
                {_NAIVE: naive},
                None,
                WeatherSource.OBSERVED,
                tested[0].seconds,
                note=f"{len(origins)} origins round the clock; {_SPLIT}",
            )
        )
    return rows


@dataclass(frozen=True)
class _Table:
    """What a user would make first, of every half-hour, the loads as they were known at its midnight."""

    columns: Values
    target: Values
    past: NDArray[np.bool_]
    year: NDArray[np.bool_]


def _rivals(series: Series, midnights: list[int]) -> dict[str, tuple[Values, Values, float]]:
    """Actual, forecast and seconds of training by name."""
    table = _first_table(series, midnights)
    return {name: _fitted(make, table) for name, make in ((_LIGHTGBM, _lightgbm), (_HISTOGRAM, _histogram))}


def _first_table(series: Series, midnights: list[int]) -> _Table:
    calendar = calendar_of(series.starts_utc, _STEP, SITE)
    places = np.arange(len(series))
    origins = np.searchsorted(calendar.day, calendar.day)
    air = series.inputs["temperature"]
    columns = [calendar.slot, calendar.weekday, calendar.holiday, np.round(calendar.year_share * 365)]
    columns += [air, lagged(air, _DAY), moving_mean(air, _DAY)]
    columns += list(same_slot(series.values, places, origins, _DAY, 2))
    columns += [
        *same_slot(series.values, places, origins, _WEEK, 1),
        mean_before(series.values, origins, _DAY),
    ]
    begin, end = series.place(midnights[0]), series.place(midnights[-1]) + _DAY
    return _Table(
        np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1),
        series.values,
        (places >= _WEEK) & (places < begin),
        (places >= begin) & (places < end),
    )


def _fitted(make: Callable[[], Any], table: _Table) -> tuple[Values, Values, float]:
    begin = time.perf_counter()
    with one_thread():
        model = make().fit(table.columns[table.past], table.target[table.past])
        seconds = time.perf_counter() - begin
        found = np.asarray(model.predict(table.columns[table.year]))
    return table.target[table.year], found, seconds


def _lightgbm() -> Any:
    from lightgbm import LGBMRegressor

    return LGBMRegressor(n_estimators=600, learning_rate=0.05, random_state=0, n_jobs=1, verbose=-1)


def _histogram() -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(max_iter=600, learning_rate=0.05, random_state=0)
