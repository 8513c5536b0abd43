"""Forecast charging from a file of sessions: pure, with neither store nor home.

The forecast is made of what was known of sessions at the origin: those that began by then, and of those that were not
over neither end nor energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import InputError
from backend.forecasting.series import STEPS_SECONDS
from backend.forecasting.session_rows import join_places

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting import Forecast, Site
    from backend.ports.charging_files import ChargingForecaster, ChargingWriter, SessionReader

__all__ = ["AskedCharging", "ForecastedCharging", "forecast_charging"]


@dataclass(frozen=True, slots=True)
class AskedCharging:
    """What is asked of a file of sessions.

    Attributes:
        place: One of its places; empty for all of them as one.
        origin_utc: [s since 1970, UTC]
        horizon_seconds: From the origin on. [s]
        step_seconds: Of the forecast. [s]
        site: Whose hours and days of rest drivers live by.
        seed: Of the simulation.
    """

    place: str
    origin_utc: int
    horizon_seconds: int
    step_seconds: int
    site: Site
    seed: int = 0


@dataclass(frozen=True)
class ForecastedCharging:
    """What became of it.

    Attributes:
        energy: Charged per interval. [kWh]
        cars: Plugged in, on average over an interval. [1]
        sessions: Begun by the origin.
        there: Of them, cars that are plugged in at the origin.
        places: That were taken as one.
    """

    energy: Forecast
    cars: Forecast
    sessions: int
    there: int
    places: tuple[str, ...]


def forecast_charging(
    file: Path,
    out: Path,
    asked: AskedCharging,
    *,
    read_file: SessionReader,
    forecast: ChargingForecaster,
    write_file: ChargingWriter,
) -> ForecastedCharging:
    """Read, forecast, write.

    Args:
        file: A session CSV.
        out: Written whole or not at all.
        asked: What of it.
        read_file: Reads it.
        forecast: Learns and forecasts.
        write_file: Writes the forecast.

    Raises:
        InputError: If the file, the place, the origin, the step or the horizon does not fit, or too few sessions are
            known by the origin.
    """
    step = asked.step_seconds
    if step not in STEPS_SECONDS:
        raise InputError(f"a step of {step / 60:g} min is not forecast; 15, 30 and 60 min are.")
    length, off = divmod(asked.horizon_seconds, step)
    if off or asked.origin_utc % step:
        raise InputError(
            f"the origin must be on the grid of {step // 60} min, and the horizon a whole number of them; change "
            "either, or --step."
        )
    places = read_file(file, asked.site.time_zone)
    if asked.place:
        if asked.place not in places:
            raise InputError(
                f"{file} has no place {asked.place!r}; it has {', '.join(name or 'none named' for name in places)}."
            )
        places = {asked.place: places[asked.place]}
    sessions = join_places(places)
    known = sessions.known_at(asked.origin_utc)
    energy, cars = forecast(known, asked.site, asked.origin_utc, length, step_seconds=step, seed=asked.seed)
    write_file(energy, cars, out)
    there = int((known.left_utc < 0).sum())
    return ForecastedCharging(energy, cars, len(known), there, tuple(places))
