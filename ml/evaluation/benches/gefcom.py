"""Load of twenty zones: the load track of the Global Energy Forecasting Competition 2012.

Hong, Pinson and Fan 2014, International Journal of Forecasting 30, 357-363. Eight weeks are filled with what is known
on both sides, and their weather, as the competition had it; one week follows after the end of all data. Its weather was
not known: it is told here both with the weather that came, and with that of earlier years. Scored by the weighted root
mean square error over twenty zones and their sum. Clocks are local, with twenty-four hours a day: no zone is assumed.
"""

from __future__ import annotations

import csv
import io
import time
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from ml.evaluation.benches.score import Score
from ml.models.zone import ZoneModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Gefcom", "measure", "read"]

FOLDER = "gefcom2012_load"
ZONES, STATIONS = 20, 11
WEEK = 168
_HOUR = 3600
_FIRST, _END = date(2004, 1, 1), date(2008, 7, 8)
_PUBLISHED = "organiser's benchmark (published)"
_SITE = Site(country="US")


@dataclass(frozen=True)
class Gefcom:
    """The competition's data, hour by hour from 2004 on.

    Attributes:
        loads: NaN where asked for. Shape (20, T). [kW]
        temperatures: NaN in the last week. Shape (11, T). [°F]
        later_temperatures: Of the last week alone, as they came. Shape (11, T). [°F]
        solution: Zones and their sum, NaN where not asked for. Shape (21, T). [kW]
        benchmark: The organiser's forecast of the same. Shape (21, T). [kW]
        weights: Shape (21, T).
    """

    loads: Values
    temperatures: Values
    later_temperatures: Values
    solution: Values
    benchmark: Values
    weights: Values

    @property
    def origin(self) -> int:
        """Hours before the week that follows all data."""
        return int(np.flatnonzero(np.isfinite(self.loads).any(axis=0))[-1]) + 1

    @property
    def gaps(self) -> list[int]:
        """First hours of the weeks that are to be filled."""
        asked = np.isfinite(self.solution[0])
        begins = np.flatnonzero(asked & ~np.concatenate([[False], asked[:-1]]))
        return [int(begin) for begin in begins if begin < self.origin]

    def error(self, forecast: Values, chosen: NDArray[np.bool_] | None = None) -> float:
        """Weighted root mean square error (WRMSE) of the hours that are asked for. Shape (21, T). [kW]"""
        weights = np.where(np.isfinite(self.solution), self.weights, 0.0)
        if chosen is not None:
            weights = weights * chosen
        squares = np.where(weights > 0, (forecast - self.solution) ** 2, 0.0)
        return float(np.sqrt((weights * squares).sum() / weights.sum()))


def read(data: Path) -> Gefcom:
    """Read the competition's files.

    Raises:
        InputError: If one is missing; says which.
    """
    folder = data / FOLDER
    hours = (_END - _FIRST).days * 24
    weights = np.zeros((ZONES + 1, hours))
    for row in _rows(folder, "Load_solution"):
        begin = _place(row)
        weights[int(row["zone_id"]) - 1, begin : begin + 24] = float(row["weight"])
    later = np.full((STATIONS, hours), np.nan)
    for row in _rows(folder, "temperature_solution"):
        # Hours are named by their end, 1 to 24.
        later[int(row["station_id"]) - 1, _place(row) + int(row["hour"]) - 1] = float(row["T0_p1"])
    return Gefcom(
        _courses(folder, "Load_history", "zone_id", ZONES, hours),
        _courses(folder, "temperature_history", "station_id", STATIONS, hours),
        later,
        _courses(folder, "Load_solution", "zone_id", ZONES + 1, hours),
        _courses(folder, "Load_benchmark", "zone_id", ZONES + 1, hours),
        weights,
    )


def measure(data: Path) -> list[Score]:
    """Fill the eight weeks and forecast the ninth, zone by zone; the sum's forecast is the zones'."""
    case = read(data)
    begin = time.process_time()
    filled, ex_post, ahead = (np.full_like(case.solution, np.nan) for _ in range(3))
    for zone in range(ZONES):
        _forecast_zone(case, zone, filled, ex_post, ahead)
    seconds = time.process_time() - begin
    for table in (filled, ex_post, ahead):
        table[ZONES] = table[:ZONES].sum(axis=0)
    last = np.arange(case.solution.shape[1]) >= case.origin
    note = (
        "sum = zones added; tuned on own weeks of the history, never on the solution; "
        "seconds are of the processor, for all fits and forecasts of the three rows"
    )
    rows = [
        (
            "8 weeks filled, 1 ahead with its weather",
            np.where(last, ex_post, filled),
            None,
            WeatherSource.OBSERVED,
            75_000,
        ),
        (
            "8 weeks filled, 1 ahead without weather",
            np.where(last, ahead, filled),
            None,
            WeatherSource.NONE,
            75_000,
        ),
        ("8 weeks filled", filled, ~last, WeatherSource.OBSERVED, None),
        ("1 week ahead with its weather", ex_post, last, WeatherSource.OBSERVED, None),
        ("1 week ahead without weather", ahead, last, WeatherSource.NONE, None),
    ]
    return [
        Score(
            f"GEFCom2012 load, {name}",
            "WRMSE [kW]",
            case.error(forecast, chosen),
            {_PUBLISHED: case.error(case.benchmark, chosen)},
            target,
            weather,
            seconds,
            note=note,
        )
        for name, forecast, chosen, weather, target in rows
    ]


def _forecast_zone(case: Gefcom, zone: int, filled: Values, ex_post: Values, ahead: Values) -> None:
    origin = case.origin
    known = {f"temperature_{row + 1:02d}": course for row, course in enumerate(case.temperatures)}
    came = np.where(np.isfinite(case.temperatures), case.temperatures, case.later_temperatures)
    observed = {name: came[row] for row, name in enumerate(known)}
    load = case.loads[zone]
    # What follows the last week's end is asked of nobody; the series ends with what was known.
    around = Series(_start(), _HOUR, load[:origin], observed, "kW")
    model = ZoneModel().fit_around(around, _SITE, WeatherSource.OBSERVED)
    for begin in case.gaps:
        filled[zone, begin : begin + WEEK] = model.backcast(around, _start() + begin * _HOUR, WEEK).mean
    length = load.shape[0] - origin
    fitted = ZoneModel().fit(around, _SITE, around.end_utc, WeatherSource.OBSERVED)
    blind = Series(_start(), _HOUR, load[:origin], known, "kW")
    # Seven days and the rest of the last day; only the seven days count.
    ex_post[zone, origin:] = fitted.forecast(around, around.end_utc, length).mean
    ahead[zone, origin:] = fitted.forecast(blind, around.end_utc, length).mean


def _start() -> int:
    return int(datetime(_FIRST.year, _FIRST.month, _FIRST.day, tzinfo=UTC).timestamp())


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / f"{name}.csv.zip"
    if not path.is_file():
        raise InputError(
            f"{path} is missing; it is a file of GEFCom2012's load track. Give the folder above it."
        )
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
        yield from csv.DictReader(io.TextIOWrapper(member, encoding="utf-8"))


def _place(row: dict[str, str]) -> int:
    return (date(int(row["year"]), int(row["month"]), int(row["day"])) - _FIRST).days * 24


def _courses(folder: Path, name: str, key: str, count: int, hours: int) -> Values:
    table = np.full((count, hours), np.nan)
    for row in _rows(folder, name):
        begin = _place(row)
        for hour in range(24):
            text = row[f"h{hour + 1}"].replace(",", "").strip()
            if text and begin + hour < hours:
                table[int(row[key]) - 1, begin + hour] = float(text)
    return table
