"""Net load of Dutch substations with sun and wind behind them, beside OpenSTEF's own model on the same split.

The data are OpenSTEF's examples (Alliander, MPL-2.0). The last four weeks are held out; both learn once, from what came
before, and forecast 47 hours from each midnight, with the same inputs. The weather ahead is what is in the files.
OpenSTEF runs in an environment of its own (``scripts/openstef`` makes it); where that is absent the notes say so.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Series, Site, WeatherSource
from backend.forecasting.scores import coverage, mean_absolute_error, mean_pinball_loss
from ml.evaluation.backtest import Rolling, backtest, origins_between
from ml.evaluation.benches.score import Score
from ml.models.substation import SubstationModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["LENGTH", "Substation", "measure", "read", "read_back"]

FOLDER = "openstef_nl"
RIVAL = "OpenSTEF 3.4.93 xgb_quantile"
# Net loads; of WLS, a wind farm, the net load in the file is zero throughout, and its wind part is taken.
NAMES = {"HAL": "total_substation", "HFDP": "total_substation", "MNZL": "total_substation"}
NAMES |= {"OWD": "total_substation", "WLS": "total_wind_part"}
NAMES |= {"get_model_input_pid_287": "load", "get_model_input_pid_307": "load"}
_WEATHER = ("radiation", "windspeed_100m")
_STEP, _DAY = 900, 86400
_HELD_DAYS = 28
LENGTH = 188
"""Intervals of a forecast: 47 hours, as far as OpenSTEF learns."""
_JOULES_PER_WATT_HOUR = 3600.0
_SECONDS_MAX = 3600
_ENVIRONMENT = Path(__file__).parents[3] / ".openstef" / "bin" / "python"
_CHILD = Path(__file__).with_name("openstef_child.py")


@dataclass(frozen=True)
class Substation:
    """A series with its inputs.

    Attributes:
        name: Its file.
        series: In MW, inputs as in the file, the irradiance as W/m².
        site: Where.
        columns: Inputs as OpenSTEF names them, in its units.
    """

    name: str
    series: Series
    site: Site
    columns: Mapping[str, Values]

    @property
    def origins(self) -> list[int]:
        """Midnights of the last four weeks with 47 hours after them. [s since 1970, UTC]"""
        last = (self.series.end_utc - LENGTH * _STEP) // _DAY * _DAY
        return origins_between(last - (_HELD_DAYS - 1) * _DAY, last + _DAY, _DAY)


def read(data: Path, name: str) -> Substation:
    """Read one of ``NAMES``.

    Raises:
        InputError: If its file is missing, or has a gap between two of its stamps.
    """
    path = data / FOLDER / f"{name}.csv.gz"
    if not path.is_file():
        raise InputError(
            f"{path} is missing; it is one of OpenSTEF's example files. Give the folder above it."
        )
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head, body = rows[0], rows[1:]
    stamps = np.array([int(datetime.fromisoformat(row[0]).astimezone(UTC).timestamp()) for row in body])
    places = (stamps - stamps[0]) // _STEP
    table = np.full((int(places[-1]) + 1, len(head)), np.nan)
    for place, row in zip(places.tolist(), body, strict=True):
        table[place, 1:] = [float(text) if text else np.nan for text in row[1:]]
    column = {text: table[:, place] for place, text in enumerate(head)}
    target = NAMES[name]
    parts = target.startswith("total")
    wanted = _WEATHER if parts else tuple(text for text in head[1:] if text != target)
    columns = {text: column[text] for text in wanted}
    inputs = {text: values for text, values in columns.items() if text != "windspeed_100m"}
    inputs["radiation"] = columns["radiation"] / _JOULES_PER_WATT_HOUR
    inputs["wind_speed_100m"] = columns["windspeed_100m"]
    place = {text.lower(): values for text, values in column.items() if text.lower() in {"lat", "lon"}}
    latitude, longitude = (float(place[text][0]) if place else float("nan") for text in ("lat", "lon"))
    site = Site("Europe/Amsterdam", "NL", latitude=latitude, longitude=longitude)
    return Substation(name, Series(int(stamps[0]), _STEP, column[target], inputs, "MW"), site, columns)


def measure(data: Path) -> list[Score]:
    """Pinball loss and rMAE of the first day and of the hours up to two days, per substation, and on the whole."""
    cases = [read(data, name) for name in NAMES]
    theirs = _openstef(cases)
    # What is loaded at the first fit of all is not training.
    SubstationModel().fit(cases[0].series, cases[0].site, cases[0].origins[0], WeatherSource.OBSERVED)
    rows: list[Score] = []
    ratios: dict[str, list[float]] = {}
    for case in cases:
        began = time.process_time()
        SubstationModel().fit(case.series, case.site, case.origins[0], WeatherSource.OBSERVED)
        seconds = time.process_time() - began
        tested = backtest(
            SubstationModel(),
            case.series,
            case.site,
            Rolling(case.origins, LENGTH),
            weather=WeatherSource.OBSERVED,
        )
        rival = theirs.get(case.name)
        for hours, (first, last) in {"0-24 h": (0, 96), "24-47 h": (96, LENGTH)}.items():
            actual = tested.actual[:, first:last].ravel()
            ours = tested.quantiles.transpose(1, 0, 2)[:, :, first:last].reshape(len(LEVELS), -1)
            other = rival[0][:, :, first:last].reshape(len(LEVELS), -1) if rival else None
            for measure_name, score in _scores(actual, ours).items():
                told = {RIVAL: _scores(actual, other)[measure_name]} if other is not None else {}
                if told:
                    ratios.setdefault(f"{measure_name} {hours}", []).append(score / told[RIVAL])
                rows.append(
                    Score(
                        f"{case.name}, {hours} ahead",
                        measure_name,
                        score,
                        told,
                        None,
                        WeatherSource.OBSERVED,
                        seconds,
                        {RIVAL: rival[1]} if rival else {},
                        _note(actual, ours, other),
                    )
                )
    for name, shares in ratios.items():
        text = "mean of ours / OpenSTEF's over the series; below 1 is better"
        rows.append(
            Score(
                f"all substations, {name}",
                "ratio [1]",
                float(np.mean(shares)),
                {RIVAL: 1.0},
                1.0,
                WeatherSource.OBSERVED,
                0.0,
                note=text,
            )
        )
    return rows


def _scores(actual: Values, quantiles: Values) -> dict[str, float]:
    """The rMAE is OpenSTEF's: of the median, as a share of the range of what was measured."""
    size = float(np.nanmax(actual) - np.nanmin(actual))
    return {
        "pinball [MW]": mean_pinball_loss(actual, quantiles),
        "rMAE [% of range]": 100 * mean_absolute_error(actual, quantiles[LEVELS.index(0.5)]) / size,
    }


def _note(actual: Values, ours: Values, other: Values | None) -> str:
    low, high = LEVELS.index(0.1), LEVELS.index(0.9)
    text = f"in the 80 % band: {100 * coverage(actual, ours[low], ours[high]):.0f} %"
    if other is None:
        return text + f"; {RIVAL} was not run: make its environment by scripts/openstef"
    return (
        text
        + f", OpenSTEF's {100 * coverage(actual, other[low], other[high]):.0f} %; seconds of the processor"
    )


def _openstef(cases: list[Substation]) -> dict[str, tuple[Values, float]]:
    """Its quantiles, shape (L, N, H), and seconds of training by name; empty where it is not installed."""
    if not _ENVIRONMENT.is_file():
        return {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        job = {
            "series": [case.name for case in cases],
            "origins": {case.name: [_text(origin) for origin in case.origins] for case in cases},
            "places": {case.name: _place(case.site) for case in cases},
            "length": LENGTH,
            "levels": list(LEVELS),
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        for case in cases:
            _write(folder / f"{case.name}.csv", case)
        done = subprocess.run(
            [str(_ENVIRONMENT), str(_CHILD), str(folder)],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS_MAX * len(cases),
        )
        if done.returncode:
            raise InputError(
                f"OpenSTEF ended with {done.returncode}: {done.stderr[-400:]}; make .openstef anew."
            )
        return {case.name: read_back(folder, case) for case in cases}


def _place(site: Site) -> list[float]:
    # The middle of the country where the file does not say, as OpenSTEF takes it itself.
    return [site.latitude, site.longitude] if site.located else [52.132633, 5.291266]


def _text(instant_utc: int) -> str:
    return datetime.fromtimestamp(instant_utc, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _write(path: Path, case: Substation) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "load", *case.columns])
        for place, instant in enumerate(case.series.starts_utc.tolist()):
            row = [case.series.values[place], *(column[place] for column in case.columns.values())]
            writer.writerow(
                [_text(instant) + "+00:00", *("" if np.isnan(one) else repr(float(one)) for one in row)]
            )


def read_back(folder: Path, case: Substation) -> tuple[Values, float]:
    """What OpenSTEF wrote of a case: quantiles, shape (L, N, H), and the processor's seconds of training."""
    with (folder / f"{case.name}.out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = [rows[0].index(f"quantile_P{100 * level:02.0f}") for level in LEVELS]
    table = np.array([[float(row[column]) for column in columns] for row in rows[1:]])
    seconds = json.loads((folder / f"{case.name}.seconds.json").read_text(encoding="utf-8"))
    return table.reshape(len(case.origins), LENGTH, len(LEVELS)).transpose(2, 0, 1), float(seconds[0])
