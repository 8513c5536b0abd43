"""Courses in files, and a forecast in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting import Forecast, Series, Site, WeatherSource

__all__ = ["ForecastOnce", "SeriesFile", "SeriesFileReader", "SeriesFileWriter"]


@dataclass(frozen=True)
class SeriesFile:
    """A file's target with the other columns as inputs.

    Attributes:
        series: From its first row to its last; what is not in the file is NaN.
        rows: In the file.
        absent: Intervals between the first and the last that have no row.
    """

    series: Series
    rows: int
    absent: int


class SeriesFileReader(Protocol):
    """Reads a series file."""

    def __call__(self, path: Path, target: str) -> SeriesFile:
        """Read it.

        Raises:
            InputError: With the line, where a row does not fit.
        """
        ...


class SeriesFileWriter(Protocol):
    """Writes a forecast file."""

    def __call__(self, forecast: Forecast, out: Path) -> None:
        """Write it, whole or not at all."""
        ...


class ForecastOnce(Protocol):
    """Learns from what ended by an origin and forecasts from there."""

    def __call__(
        self,
        kind: str,
        series: Series,
        site: Site,
        origin_utc: int,
        length: int,
        *,
        weather: WeatherSource,
        seed: int,
    ) -> tuple[Forecast, str]:
        """Forecast ``length`` intervals, and say why by this model.

        Raises:
            InputError: If there is no such kind, the origin is off the grid, or nothing is known before it.
        """
        ...
