"""Joins the forecast of a file to its reader, its writer and the models; no home is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services.forecast_file import Asked, ForecastedFile

__all__ = ["forecast_series"]


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
    from ml.features.calendar import knows_country, local_offsets
    from ml.models.kinds import forecast_once, kind_by_name, model_for

    site = asked.site
    if not knows_country(site.country, site.subdivision):
        place = "-".join(part for part in (site.country, site.subdivision) if part)
        raise InputError(
            f"the public holidays of {place!r} are not known; use an ISO 3166 code such as AT or AU-VIC, or leave "
            "it out."
        )
    local_offsets(np.empty(0, dtype=np.int64), site.time_zone)
    told = replace(asked, kind=asked.kind or kind_by_name(asked.target))
    model_for(told.kind, told.seed)
    return forecast_file(
        series, out, told, read_file=read_series_csv, forecast=forecast_once, write_file=write_forecast_csv
    )
