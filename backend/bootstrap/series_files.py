"""Joins the forecast of a file to its reader, its writer and the models; no home is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting import Series, Site
    from backend.services.forecast_charging import AskedCharging, ForecastedCharging
    from backend.services.forecast_file import Asked, ForecastedFile

__all__ = ["forecast_series", "forecast_sessions", "read_series"]


def read_series(path: Path, target: str) -> Series:
    """Read a series CSV.

    Raises:
        InputError: If it is no such file, or a row does not fit: with its line.
    """
    from backend.adapters.series_files import read_series_csv

    return read_series_csv(path, target).series


def forecast_series(series: Path, out: Path, asked: Asked) -> ForecastedFile:
    """Forecast a series CSV into a forecast CSV.

    Args:
        series: The file.
        out: Written whole or not at all.
        asked: What of it; an empty kind is told by the target's name.

    Raises:
        InputError: If something does not fit, or the country's holidays or the time zone are not known.
    """
    from backend.adapters.series_files import read_series_csv, write_forecast_csv
    from backend.services.forecast_file import forecast_file
    from ml.models.kinds import forecast_once, kind_by_name, model_for

    _check(asked.site)
    told = replace(asked, kind=asked.kind or kind_by_name(asked.target))
    model_for(told.kind, told.seed)
    return forecast_file(
        series, out, told, read_file=read_series_csv, forecast=forecast_once, write_file=write_forecast_csv
    )


def forecast_sessions(sessions: Path, out: Path, asked: AskedCharging) -> ForecastedCharging:
    """Forecast a session CSV into a CSV of energy and cars.

    Args:
        sessions: The file.
        out: Written whole or not at all.
        asked: What of it.

    Raises:
        InputError: If something does not fit, or the country's holidays or the time zone are not known.
    """
    from backend.adapters.forecasts.charging import charge_ahead
    from backend.adapters.session_files import read_session_csv, write_charging_csv
    from backend.services.forecast_charging import forecast_charging

    _check(asked.site)
    return forecast_charging(
        sessions, out, asked, read_file=read_session_csv, forecast=charge_ahead, write_file=write_charging_csv
    )


def _check(site: Site) -> None:
    """Refuse a country whose holidays are not known, and a time zone that there is not."""
    from ml.features.calendar import knows_country, local_offsets

    if not knows_country(site.country, site.subdivision):
        place = "-".join(part for part in (site.country, site.subdivision) if part)
        raise InputError(
            f"the public holidays of {place!r} are not known; use an ISO 3166 code such as AT or AU-VIC, or leave "
            "it out."
        )
    local_offsets(np.empty(0, dtype=np.int64), site.time_zone)
