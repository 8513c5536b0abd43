"""Charging sessions in files, and a forecast of them in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from backend.forecasting import Forecast, Site
    from backend.forecasting.charging import Sessions

__all__ = ["ChargingForecaster", "ChargingWriter", "SessionReader"]


class SessionReader(Protocol):
    """Reads a file of sessions."""

    def __call__(self, path: Path, time_zone: str) -> Mapping[str, Sessions]:
        """Sessions by place; stamps without an offset are of the time zone.

        Raises:
            InputError: With the line, where a row does not fit.
        """
        ...


class ChargingForecaster(Protocol):
    """Learns from what was known of sessions at an origin and forecasts from there."""

    def __call__(
        self, sessions: Sessions, site: Site, origin_utc: int, length: int, *, step_seconds: int, seed: int
    ) -> tuple[Forecast, Forecast]:
        """Energy charged [kWh] and cars plugged in [1], ``length`` intervals each.

        Raises:
            InputError: If too few sessions are known, or the origin is off the grid.
        """
        ...


class ChargingWriter(Protocol):
    """Writes a forecast of charging."""

    def __call__(self, energy: Forecast, cars: Forecast, out: Path) -> None:
        """Write it, whole or not at all."""
        ...
