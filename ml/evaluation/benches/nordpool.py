"""Nord Pool's system price beside the published ensembles of Lago et al. (2021), on their test days."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Series, Site, WeatherSource
from backend.forecasting.scores import coverage, diebold_mariano, mean_absolute_error, mean_pinball_loss
from ml.evaluation.backtest import Rolling, backtest, origins_between
from ml.evaluation.benches.score import Score
from ml.prices.carbon import CarbonModel
from ml.prices.days import HOURS
from ml.prices.price import PriceModel
from ml.prices.rolling import roll

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["measure", "published_forecasts", "read_prices"]

_PRICES = "epf/NP.csv.gz"
_PUBLISHED = "epf/Forecasts_NP_DNN_LEAR_ensembles.csv.gz"
_ENSEMBLES = ("DNN Ensemble", "LEAR Ensemble")
_CARBON = "citylearn2022/carbon_intensity.csv"
_CARBON_FROM_DAY = 120
_CARBON_REFIT_DAYS = 56
_SECONDS_PER_DAY = 86_400
_TARGET = 1.683
_ALPHA = 0.05
_SCIKIT_DAYS = 2
_WINDOW = 1092


def measure(data: Path) -> list[Score]:
    """Tell each test day from what was known the morning before it.

    Args:
        data: Folder of the measured data.

    Raises:
        InputError: If a file is not there.
    """
    series = read_prices(data)
    first_utc, published = published_forecasts(data)
    count = len(next(iter(published.values())))
    place = series.place(first_utc)
    actual = series.values[place : place + count * HOURS].reshape(count, HOURS)
    begin, processor = time.perf_counter(), time.process_time()
    rolled = roll(PriceModel(), series, _SITE, first_utc, count)
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    yesterday, week = (
        series.values[place - lag * HOURS : place - lag * HOURS + actual.size].reshape(actual.shape)
        for lag in (1, 7)
    )
    case = f"Nord Pool system price, day ahead, {count} days from 2016-12-27"
    rivals = {f"{name}, published": mean_absolute_error(actual, published[name]) for name in _ENSEMBLES}
    rivals["day before"] = mean_absolute_error(actual, yesterday)
    rivals["week before"] = mean_absolute_error(actual, week)
    flat = rolled.quantiles.transpose(1, 0, 2).reshape(len(LEVELS), -1)
    levels = np.asarray(LEVELS)[:, np.newaxis]
    errors_before = (actual - yesterday).ravel()
    naive = yesterday.ravel() + np.quantile(errors_before, levels.ravel())[:, np.newaxis]
    inside = coverage(actual.ravel(), flat[1], flat[-2])
    ours = mean_absolute_error(actual, rolled.mean)
    return [
        Score(
            case,
            "MAE [EUR/MWh]",
            ours,
            rivals,
            _TARGET,
            WeatherSource.FORECAST,
            seconds,
            note=_note(actual, rolled.mean, published, processor, rolled.seconds),
        ),
        Score(
            case,
            "mean pinball loss [EUR/MWh]",
            mean_pinball_loss(actual.ravel(), flat),
            {"day before with its own errors' quantiles": mean_pinball_loss(actual.ravel(), naive)},
            None,
            WeatherSource.FORECAST,
            seconds,
            note=f"{100 * inside:.1f} % of hours within the 80 % band",
        ),
        _recalibration(series, first_utc),
        _carbon(data),
    ]


_SITE = Site()  # the file's hours are civil ones of a clock that is never put forward: each day has 24


def read_prices(data: Path) -> Series:
    """Prices of 2013 to 2018, with the load and wind forecasts published before each day. [EUR/MWh]

    Raises:
        InputError: If the file is not there.
    """
    lines = _lines(data / _PRICES)
    columns = np.array([line.split(",")[1:] for line in lines[1:]], dtype=np.float64).T
    start = int(np.datetime64(lines[1].split(",")[0]).astype("datetime64[s]").astype(np.int64))
    return Series(start, 3600, columns[0], {"load": columns[1], "wind": columns[2]}, unit="EUR/MWh")


def published_forecasts(data: Path) -> tuple[int, Mapping[str, Values]]:
    """First midnight and published forecasts by name, shape (days, 24) each. [EUR/MWh]

    Raises:
        InputError: If the file is not there.
    """
    lines = _lines(data / _PUBLISHED)
    head = lines[0].split(",")
    columns = np.array([line.split(",")[1:] for line in lines[1:]], dtype=np.float64).T
    start = int(np.datetime64(lines[1].split(",")[0]).astype("datetime64[s]").astype(np.int64))
    return start, {name: columns[head.index(name) - 1].reshape(-1, HOURS) for name in head[2:]}


def _carbon(data: Path) -> Score:
    """The carbon intensity of Southern California's grid, a day ahead from midnights, by no weather."""
    lines = _lines(data / _CARBON)
    grams = 1000 * np.array(lines[1:], dtype=np.float64)
    # The file's clock is civil time, and each of its days has 24 hours.
    series = Series(int(np.datetime64("2016-08-01", "s").astype(np.int64)), 3600, grams, unit="g/kWh")
    first = series.start_utc + _CARBON_FROM_DAY * _SECONDS_PER_DAY
    origins = origins_between(first, series.end_utc - _SECONDS_PER_DAY, _SECONDS_PER_DAY)
    made = backtest(
        CarbonModel(),
        series,
        Site("UTC", "US", "CA"),
        Rolling(origins, HOURS, _CARBON_REFIT_DAYS),
        weather=WeatherSource.NONE,
    )
    actual, mean, quantiles = made.flat()
    places = [series.place(origin) for origin in origins]

    def naive(lag: int) -> float:
        told = np.concatenate([grams[place - lag * HOURS : place - (lag - 1) * HOURS] for place in places])
        return mean_absolute_error(actual, told)

    inside = coverage(actual, quantiles[1], quantiles[-2])
    return Score(
        f"Carbon intensity of CityLearn 2022, day ahead, {len(origins)} days from {_CARBON_FROM_DAY} days on",
        "MAE [g/kWh]",
        mean_absolute_error(actual, mean),
        {"day before": naive(1), "week before": naive(7)},
        None,
        WeatherSource.NONE,
        made.seconds,
        note=f"learned {made.fits} times; {100 * inside:.1f} % of hours within the 80 % band",
    )


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there; prices and published forecasts are those of Lago et al. (Zenodo 4624805), "
            "the carbon intensity is CityLearn's of 2022."
        ) from None
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode().splitlines()


def _note(
    actual: Values,
    ours: Values,
    published: Mapping[str, Values],
    processor: float,
    by_expert: Mapping[str, float],
) -> str:
    """Whether it is better beyond chance, and what it cost."""
    words = []
    mine = np.abs(actual - ours).sum(axis=1)
    for name in _ENSEMBLES:
        test = diebold_mariano(mine, np.abs(actual - published[name]).sum(axis=1))
        better = "better" if test.p_value < _ALPHA else "not better beyond chance"
        words.append(
            f"Diebold-Mariano against {name}: {test.statistic:.2f}, p = {test.p_value:.2g} ({better})"
        )
    told = ", ".join(f"{name} {spent / len(actual):.3f}" for name, spent in by_expert.items())
    words.append(
        f"tuned on December 2015 to 26 December 2016; {processor:.0f} s of processor in all, learning per day: {told} s"
    )
    return "; ".join(words)


def _recalibration(series: Series, first_utc: int) -> Score:
    """A day's 24 LASSOs beside scikit-learn's, which the published LEAR chooses its penalties by."""
    import warnings

    from sklearn.linear_model import Lasso, LassoLarsIC

    from ml.prices.days import price_days
    from ml.prices.features import Asinh, day_features
    from ml.prices.lear import Lear
    from ml.prices.walk import one_thread

    days = price_days(series, _SITE, ("load", "wind"), first_utc + _SCIKIT_DAYS * _SECONDS_PER_DAY, 0)
    row = int(days.day_of[series.place(first_utc)])
    Lear(_WINDOW).fit(days, row, 0)
    theirs = ours = 0.0
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's paths end early where features are alike
        for day in range(row, row + _SCIKIT_DAYS):
            begin = time.process_time()
            Lear(_WINDOW).fit(days, day, 0)
            ours += (time.process_time() - begin) / _SCIKIT_DAYS
            begin = time.process_time()
            rows = days.learnable(day, _WINDOW)
            courses, flags, _ = day_features(days, rows)
            flat = courses.reshape(len(rows), -1)
            features = np.hstack([Asinh.of(flat)(flat), flags[:, :8]])
            prices = Asinh.of(days.prices[rows])(days.prices[rows])
            for hour in range(HOURS):
                alpha = LassoLarsIC(criterion="aic", max_iter=2500).fit(features, prices[:, hour]).alpha_
                Lasso(max_iter=2500, alpha=alpha).fit(features, prices[:, hour])
            theirs += (time.process_time() - begin) / _SCIKIT_DAYS
    return Score(
        f"24 LASSOs over {_WINDOW} days, penalties chosen",
        "seconds of processor per day",
        ours,
        {"scikit-learn, LassoLarsIC then Lasso": theirs},
        None,
        WeatherSource.NONE,
        ours,
        {"scikit-learn, LassoLarsIC then Lasso": theirs},
        f"mean of {_SCIKIT_DAYS} days",
    )
