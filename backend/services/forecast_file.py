"""Forecast a series file: pure, with neither store nor home.

The forecast is made of what ended by the origin; a target that is filled after it is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting import Forecast, Site, WeatherSource
    from backend.ports.series_files import ForecastOnce, SeriesFile, SeriesFileReader, SeriesFileWriter

__all__ = ["Asked", "ForecastedFile", "forecast_file", "read_horizon"]

_HORIZON_SECONDS_MAX = 7 * 86_400
_UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a file.

    Attributes:
        target: Its column.
        kind: ``load``, ``net``, ``solar``, ``wind``, ``price`` or ``carbon``.
        origin_utc: [s since 1970, UTC]
        horizon_seconds: From the origin on. [s]
        site: Where it was measured.
        weather: What the inputs ahead are.
        seed: Of all that is drawn.
    """

    target: str
    kind: str
    origin_utc: int
    horizon_seconds: int
    site: Site
    weather: WeatherSource
    seed: int = 0


@dataclass(frozen=True)
class ForecastedFile:
    """What became of it.

    Attributes:
        forecast: As written.
        why: Why its model was tried.
        rows: In the file.
        absent: Intervals that have no row.
        known: Values of the target before the origin.
        inputs: Names of the other columns.
    """

    forecast: Forecast
    why: str
    rows: int
    absent: int
    known: int
    inputs: tuple[str, ...]


def read_horizon(text: str) -> int:
    """``48h``, ``7d`` or ``90m`` as seconds.

    Raises:
        InputError: If it is none, or not within seven days.
    """
    found = re.fullmatch(r"([0-9]{1,6})(m|min|h|d)", text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < seconds <= _HORIZON_SECONDS_MAX:
        raise InputError(
            f"the horizon {text!r} is no time of up to seven days; write it like 48h, 7d or 90m."
        )
    return seconds


def forecast_file(
    file: Path,
    out: Path,
    asked: Asked,
    *,
    read_file: SeriesFileReader,
    forecast: ForecastOnce,
    write_file: SeriesFileWriter,
) -> ForecastedFile:
    """Read, forecast, write.

    Args:
        file: A series CSV.
        out: Written whole or not at all.
        asked: What of it.
        read_file: Reads it.
        forecast: Learns and forecasts.
        write_file: Writes the forecast.

    Raises:
        InputError: If the file, the origin or the horizon does not fit, or nothing is known before the origin.
    """
    read = read_file(file, asked.target)
    length, off = divmod(asked.horizon_seconds, read.series.step_seconds)
    if off:
        raise InputError(
            f"the horizon of {asked.horizon_seconds} s is no whole number of the file's intervals of "
            f"{read.series.step_seconds} s."
        )
    known = _known_before(read, asked)
    made, why = forecast(
        asked.kind, read.series, asked.site, asked.origin_utc, length, weather=asked.weather, seed=asked.seed
    )
    write_file(made, out)
    return ForecastedFile(made, why, read.rows, read.absent, known, tuple(sorted(read.series.inputs)))


def _known_before(read: SeriesFile, asked: Asked) -> int:
    """How many values are known before the origin."""
    series = read.series
    if asked.origin_utc > series.end_utc:
        raise InputError(
            f"the origin is {(asked.origin_utc - series.end_utc) / 3600:g} h after the file's last row ends; give the "
            "rows until then, with an empty target where nothing was measured."
        )
    if asked.origin_utc <= series.start_utc:
        raise InputError("the origin is not after the file's first row; there is nothing to learn from.")
    known = int(np.isfinite(series.values[: series.place(asked.origin_utc)]).sum())
    if not known:
        raise InputError(
            f"the target {asked.target!r} is empty before the origin; there is nothing to learn from."
        )
    return known
