"""Sun and wind a day ahead, beside persistence, the clear sky, physics alone and boosting on the same columns.

Roofs (citylearn2022) are stamped in local civil time, hours named by their beginning, with 24 for the first of the next
day: their sunrise jumps an hour where daylight saving ends and begins. The weather beside them is of a typical year
elsewhere (its days do not go with the roofs', correlation 0.03) and its "predicted" columns are those same values
shifted by 6, 12 and 24 hours; nothing of it is used. The substations' parts (openstef_nl) have radiation and wind as
they were known later: ex post.
"""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, Series, Site, WeatherSource
from backend.forecasting.scores import mean_pinball_loss, normalised_root_mean_square_error
from ml.evaluation.benches.score import Score
from ml.models.model import FittedModel, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["FONTANA", "measure", "read_homes", "read_substation"]

FONTANA = Site("America/Los_Angeles", "US", "CA", 34.1, -117.4, 380.0)
DAY_SECONDS = 86_400
HOMES = range(1, 18)
DEAD_ROOF = 15
"""Its sun is zero on 246 of 364 days. """
HOMES_SPLIT_DAYS = 243
HOMES_TEST_DAYS = 115
PARTS_SPLIT_DAYS = 62
PARTS_TEST_DAYS = 29
FLEET_LEARN_DAYS = 45
TARGET = 10.0
SOLAR_PARTS = ("HFDP", "OWD")
WIND_PARTS = (("HAL", "total_wind_part"), ("WLS", "total_wind_part"), ("MNZL", "total_solar_part"))
"""The part of MNZL that is named solar runs all night and follows the wind."""


def _opened(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path} is missing; give the folder of the data sets that has it.")
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def read_homes(data: Path) -> tuple[dict[int, Series], dict[int, Series]]:
    """Read production and use of the homes by building. [W], hourly, from 2016-08-01 07:00 UTC.

    Raises:
        InputError: If a file is missing.
    """
    folder = data / "citylearn2022"
    schema = json.loads(_opened(folder / "schema.json"))
    zone = ZoneInfo(FONTANA.time_zone)
    first = datetime(2016, 8, 1)  # noqa: DTZ001
    start = int(first.replace(tzinfo=zone).timestamp())
    sun: dict[int, Series] = {}
    use: dict[int, Series] = {}
    for home in HOMES:
        rows = list(csv.DictReader(_opened(folder / f"Building_{home}.csv").splitlines()))
        walls = [(first + timedelta(hours=hour)).replace(tzinfo=zone) for hour in range(len(rows))]
        places = [(int(wall.timestamp()) - start) // 3600 for wall in walls]
        kilowatts = schema["buildings"][f"Building_{home}"]["pv"]["attributes"]["nominal_power"]
        for kept, column, factor in (
            (sun, "solar_generation", kilowatts),
            (use, "non_shiftable_load", 1000.0),
        ):
            values = np.full(max(places) + 1, np.nan)
            values[places] = [float(row[column]) * factor for row in rows]
            kept[home] = Series(start, 3600, values)
    return sun, use


def read_substation(data: Path, name: str, column: str) -> tuple[Series, Site]:
    """Read a substation's part, turned to positive production [W], with ``ghi`` and ``wind_speed_100m``.

    Raises:
        InputError: If the file is missing.
    """
    text = _opened(data / "openstef_nl" / f"{name}.csv.gz").splitlines()
    rows = [{key.lower(): value for key, value in row.items()} for row in csv.DictReader(text)]
    start = int(datetime.fromisoformat(rows[0]["datetime"]).astimezone(UTC).timestamp())

    def of(key: str) -> Values:
        return np.array([float(row[key]) for row in rows])

    # Radiation is told as the energy of an hour [J/m²].
    inputs = {"ghi": np.maximum(of("radiation"), 0.0) / 3600, "wind_speed_100m": of("windspeed_100m")}
    site = Site("Europe/Amsterdam", "NL", "", float(rows[0]["lat"]), float(rows[0]["lon"]))
    return Series(start, 900, np.maximum(-of(column) * 1e6, 0.0), inputs), site


@dataclass(frozen=True)
class _Days:
    """Days of forecasts beside what came. Shapes (D, I), (D, I), (D, L, I)."""

    actual: Values
    mean: Values
    quantiles: Values
    forecasts: tuple[Forecast, ...]


def _forecast_days(fitted: FittedModel, series: Series, first: int, days: int) -> _Days:
    length = DAY_SECONDS // series.step_seconds
    origins = [first + DAY_SECONDS * day for day in range(days)]
    made = tuple(fitted.forecast(series, origin, length) for origin in origins)
    actual = np.array([series.values[series.place(o) : series.place(o) + length] for o in origins])
    return _Days(
        actual, np.array([one.mean for one in made]), np.array([one.quantiles for one in made]), made
    )


def _rivals(series: Series, site: Site, first: int, days: int) -> dict[str, tuple[Values, float]]:
    """Persistence, the clear sky scaled to yesterday, the physics alone, and boosting; each (D, I), with seconds."""
    from ml.solar.learned import learn_plant
    from ml.solar.sky import course_of, highest_clear, late_weather, weather_of

    length = DAY_SECONDS // series.step_seconds
    begin = series.place(first)
    begun = time.process_time()
    known = series.before(first)
    plant = learn_plant(known, site, first)
    course, _ = course_of(series, site, plant, highest_clear(plant, site), len(series))
    physics = weather_of(series, site, plant, course, late_weather(known, site)).get("physics")
    spent = time.process_time() - begun
    clear = course.clear
    yesterday, smart, alone = [], [], []
    for day in range(days):
        now = slice(begin + day * length, begin + (day + 1) * length)
        last = slice(now.start - length, now.start)
        made = np.nan_to_num(series.values[last])
        yesterday.append(made)
        smart.append(clear[now] * made.sum() / max(clear[last].sum(), 1e-9))
        share = np.ones(length) if physics is None else np.nan_to_num(physics[now])
        alone.append(clear[now] * share)
    boosted, seconds = _boosted(series, clear, physics, begin, days)
    return {
        "persistence": (np.array(yesterday), 0.0),
        "smart persistence": (np.array(smart), spent),
        "physics alone": (np.array(alone), spent),
        "HistGradientBoosting": (boosted, seconds),
    }


def _boosted(
    series: Series, clear: Values, physics: Values | None, begin: int, days: int
) -> tuple[Values, float]:
    """The same columns: clear sky, physics, hour, yesterday, the day before, a week before, the week's mean."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    length = DAY_SECONDS // series.step_seconds
    values = series.values
    end = begin + days * length
    lags = [np.concatenate([np.full(by * length, np.nan), values])[:end] for by in range(1, 8)]
    known = np.isfinite(lags)
    week = np.where(known, lags, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    columns = [clear[:end], np.arange(end) % length, lags[0], lags[1], lags[6], week]
    columns += [] if physics is None else [physics[:end] * clear[:end]]
    columns += [column[:end] for column in series.inputs.values()]
    table = np.column_stack(columns)
    usable = np.isfinite(values[:begin])
    begun = time.process_time()
    with threadpool_limits(1):
        model = HistGradientBoostingRegressor(random_state=0).fit(
            table[:begin][usable], values[:begin][usable]
        )
        made = model.predict(table[begin:end])
    return np.maximum(made, 0.0).reshape(days, length), time.process_time() - begun


def _percent(
    actual: Values, forecast: Values, capacity: float, where: NDArray[np.bool_] | None = None
) -> float:
    chosen = np.ones(actual.shape, dtype=bool) if where is None else where
    return 100 * normalised_root_mean_square_error(actual[chosen], forecast[chosen], capacity)


def _timed(
    model: Model, series: Series, site: Site, until: int, weather: WeatherSource
) -> tuple[FittedModel, float]:
    begun = time.process_time()
    fitted = model.fit(series, site, until, weather)
    return fitted, time.process_time() - begun


def _homes(data: Path) -> list[Score]:
    from ml.solar.solar import SolarModel

    sun, _ = read_homes(data)
    split = sun[1].start_utc + DAY_SECONDS * HOMES_SPLIT_DAYS
    rows: dict[str, list[float]] = {}
    by_day: dict[str, list[float]] = {}
    pinball, seconds, fleet, of_nominal = [], [], [], []
    schema = json.loads(_opened(data / "citylearn2022" / "schema.json"))["buildings"]
    for home, series in sun.items():
        if home == DEAD_ROOF:
            continue
        capacity = float(np.nanmax(series.before(split).values))
        fitted, spent = _timed(SolarModel(), series, FONTANA, split, WeatherSource.NONE)
        days = _forecast_days(fitted, series, split, HOMES_TEST_DAYS)
        light = days.quantiles[:, -1] > 0
        courses = {"ours": days.mean} | {
            name: course for name, (course, _) in _rivals(series, FONTANA, split, HOMES_TEST_DAYS).items()
        }
        for name, course in courses.items():
            rows.setdefault(name, []).append(_percent(days.actual, course, capacity))
            by_day.setdefault(name, []).append(_percent(days.actual, course, capacity, light))
        flat = days.quantiles.transpose(1, 0, 2).reshape(days.quantiles.shape[1], -1)
        pinball.append(100 * mean_pinball_loss(days.actual.ravel(), flat) / capacity)
        nominal = 1000 * schema[f"Building_{home}"]["pv"]["attributes"]["nominal_power"]
        of_nominal.append(rows["ours"][-1] * capacity / nominal)
        seconds.append(spent)
        fleet.append(days)
    worst = max(rows["ours"])
    note = (
        "16 of 17 roofs, the dead Building_15 left out; April to July 2017 after 243 days; capacity is the highest "
        "power before; no weather: what is beside the roofs is not of their days; all hours: worst roof "
        f"{worst:.1f} %, of nominal power {np.mean(of_nominal):.1f} %, pinball {np.mean(pinball):.2f} % of capacity; "
        "forms chosen on Building_1 and Building_5"
    )
    scores = [
        Score(
            f"17 roofs, day ahead, {span}",
            "nRMSE, mean of roofs [% of capacity]",
            float(np.mean(table["ours"])),
            {name: float(np.mean(values)) for name, values in table.items() if name != "ours"},
            TARGET,
            WeatherSource.CLEAR_SKY,
            float(np.mean(seconds)),
            note=note,
        )
        for span, table in (("all hours", rows), ("light hours", by_day))
    ]
    return [*scores, _fleet(fleet, sun[1].step_seconds)]


def _fleet(roofs: Sequence[_Days], step_seconds: int) -> Score:
    """The sum of the roofs by a copula of the first days' scores, beside adding quantiles and independence."""
    from ml.solar.fleet import Copula, add_forecasts, learn_copula, normal_scores

    begun = time.process_time()
    past = [
        np.concatenate(
            [normal_scores(roof.actual[day], roof.quantiles[day]) for day in range(FLEET_LEARN_DAYS)]
        )
        for roof in roofs
    ]
    widths = [
        (roof.quantiles[:FLEET_LEARN_DAYS, -1] - roof.quantiles[:FLEET_LEARN_DAYS, 0]).ravel()
        for roof in roofs
    ]
    copula = learn_copula(np.array(past), step_seconds, np.array(widths))
    spent = time.process_time() - begun
    strangers = Copula(np.eye(len(roofs)), copula.fading_seconds)
    kept: dict[str, list[Values]] = {"ours": [], "adding quantiles": [], "independent": []}
    actual = []
    for day in range(FLEET_LEARN_DAYS, len(roofs[0].actual)):
        made = [roof.forecasts[day] for roof in roofs]
        kept["ours"].append(add_forecasts(made, copula, 500).quantiles)
        kept["independent"].append(add_forecasts(made, strangers, 500).quantiles)
        kept["adding quantiles"].append(np.sum([one.quantiles for one in made], axis=0))
        actual.append(np.sum([roof.actual[day] for roof in roofs], axis=0))
    came = np.concatenate(actual)
    losses = {name: mean_pinball_loss(came, np.concatenate(of, axis=1)) for name, of in kept.items()}
    return Score(
        "sum of 16 roofs, day ahead",
        "pinball [W]",
        losses.pop("ours"),
        losses,
        None,
        WeatherSource.CLEAR_SKY,
        spent,
        note=f"copula of the first {FLEET_LEARN_DAYS} test days, scored on those after them",
    )


def _parts(data: Path) -> list[Score]:
    from ml.solar.solar import SolarModel
    from ml.solar.wind import WindModel

    cases: list[tuple[str, str, Callable[[], Model], bool]] = [
        *((name, "total_solar_part", SolarModel, True) for name in SOLAR_PARTS),
        *((name, column, WindModel, False) for name, column in WIND_PARTS),
    ]
    scores = []
    for name, column, kind, is_sun in cases:
        series, site = read_substation(data, name, column)
        split = series.start_utc - series.start_utc % DAY_SECONDS + DAY_SECONDS * (PARTS_SPLIT_DAYS + 1)
        capacity = float(series.before(split).values.max())
        fitted, spent = _timed(kind(), series, site, split, WeatherSource.OBSERVED)
        days = _forecast_days(fitted, series, split, PARTS_TEST_DAYS - 1)
        rivals = _rivals(series, site, split, PARTS_TEST_DAYS - 1) if is_sun else {}
        if not is_sun:
            clear = np.zeros(len(series))
            boosted, seconds = _boosted(series, clear, None, series.place(split), PARTS_TEST_DAYS - 1)
            before = [series.values[series.place(o.origin_utc) - 96 :][:96] for o in days.forecasts]
            rivals = {"persistence": (np.array(before), 0.0), "HistGradientBoosting": (boosted, seconds)}
        light = days.quantiles[:, -1] > 0
        scores.append(
            Score(
                f"{'solar' if is_sun else 'wind'} part of {name}, day ahead",
                "nRMSE [% of capacity]",
                _percent(days.actual, days.mean, capacity),
                {key: _percent(days.actual, course, capacity) for key, (course, _) in rivals.items()},
                TARGET if is_sun else None,
                WeatherSource.OBSERVED,
                spent,
                {key: seconds for key, (_, seconds) in rivals.items() if seconds},
                note=f"October 2021 after {PARTS_SPLIT_DAYS} days, all hours; in light hours "
                f"{_percent(days.actual, days.mean, capacity, light):.1f} %",
            )
        )
    return scores


def _behind_the_meter(data: Path) -> Score:
    from ml.solar.behind_meter import split_net_load

    sun, use = read_homes(data)
    references = (1, 5, 17, 2, 16)
    errors, peaks, alone = [], [], []
    begun = time.process_time()
    healthy = [home for home in HOMES if home not in {12, DEAD_ROOF}]
    for home in healthy:
        made = sun[home].values
        net = Series(sun[home].start_utc, 3600, use[home].values - made)
        others = tuple(sun[other].values for other in references if other != home)[:4]
        split = split_net_load(net, FONTANA, others)
        errors.append(100 * float(np.nanmean(np.abs(split.sun - made)) / np.nanmean(made)))
        peaks.append(100 * abs(split.peak / float(np.nanquantile(made, 0.999)) - 1))
        clear = split_net_load(net, FONTANA)
        alone.append(100 * float(np.nanmean(np.abs(clear.sun - made)) / np.nanmean(made)))
    return Score(
        "sun behind the meter, 15 homes",
        "MAE, median of homes [% of mean production]",
        float(np.median(errors)),
        {"ours without roofs nearby": float(np.median(alone))},
        None,
        WeatherSource.NONE,
        time.process_time() - begun,
        note=f"four roofs nearby as reference; peak off by {np.median(peaks):.0f} % (median), "
        f"{max(peaks):.0f} % (worst); Building_12 and Building_15, whose use is recorded as sun, left out",
    )


def measure(data: Path) -> list[Score]:
    """Score roofs, their sum, substations' parts and the split behind the meter.

    Args:
        data: Folder with ``citylearn2022`` and ``openstef_nl``.

    Raises:
        InputError: If a file is missing.
    """
    return [*_homes(data), *_parts(data), _behind_the_meter(data)]
