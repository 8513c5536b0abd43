"""``partage forecast``: a series file in, a forecast file out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_wrapped, progress, say

if TYPE_CHECKING:
    from backend.services.forecast_charging import AskedCharging
    from backend.services.forecast_file import ForecastedFile

__all__ = ["forecast"]

_CHARGING = "charging"
_WEATHER = ("observed", "forecast", "clear-sky", "none")


def forecast(  # noqa: PLR0917 -- a command's options are its parameters
    series: Annotated[
        Path,
        typer.Argument(
            help="CSV: start (ISO 8601 with offset), the target, then inputs that are known ahead. For charging: "
            "arrived, left, energy_kwh, user."
        ),
    ],
    origin: Annotated[str, typer.Option(help="From when to forecast: 2014-12-01T00:00:00Z.")],
    out: Annotated[Path, typer.Option(help="CSV to write: start,mean,p10,p50,p90.")],
    target: Annotated[str, typer.Option(help="The column to forecast.")] = "load",
    horizon: Annotated[str, typer.Option(help="How far: 1h to 7d.")] = "48h",
    kind: Annotated[
        str,
        typer.Option(
            help="load, net, solar, wind, price, carbon or charging; by the target's name if not told."
        ),
    ] = "",
    country: Annotated[str, typer.Option(help="For public holidays: AT, or with a part of it AU-VIC.")] = "",
    time_zone: Annotated[str, typer.Option(help="IANA name of the clock that people live by.")] = "UTC",
    latitude: Annotated[float | None, typer.Option(help="Degrees north, for the sun.")] = None,
    longitude: Annotated[float | None, typer.Option(help="Degrees east, for the sun.")] = None,
    weather: Annotated[
        str, typer.Option(help="What the inputs after the origin are: observed, forecast, clear-sky or none.")
    ] = "observed",
    place: Annotated[
        str, typer.Option(help="Of charging: one place of the file; all as one if not told.")
    ] = "",
    step: Annotated[int, typer.Option(help="Of charging: minutes of an interval, 15, 30 or 60.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is drawn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Forecast a series from an origin on, with quantiles. Values after the origin are not read; no home is needed."""
    from backend.bootstrap.series_files import forecast_series
    from backend.cli.instants import read_instant
    from backend.errors import InputError
    from backend.forecasting import Site, WeatherSource
    from backend.services.forecast_charging import AskedCharging
    from backend.services.forecast_file import Asked, read_horizon

    if weather not in _WEATHER:
        raise InputError(f"there is no weather {weather!r}; say {', '.join(_WEATHER)}.")
    if out.exists() and series.exists() and out.samefile(series):
        raise InputError(f"{out} is the series itself, which would be lost; name another file by --out.")
    land, _, part = country.upper().partition("-")
    missing = float("nan")
    site = Site(
        time_zone,
        land,
        part,
        missing if latitude is None else latitude,
        missing if longitude is None else longitude,
    )
    begin, ahead = read_instant(origin), read_horizon(horizon)
    if kind == _CHARGING:
        _forecast_charging(
            series, out, AskedCharging(place, begin, ahead, 60 * step, site, seed), as_json=as_json
        )
        return
    asked = Asked(target, kind, begin, ahead, site, WeatherSource(weather), seed)
    with progress(shown=not as_json, total=1, what="learning from what came before") as move:
        move("")
        made = forecast_series(series, out, asked)
    told = _told(made, out)
    if as_json:
        print_json(told)
        return
    _print(made, out)


def _forecast_charging(sessions: Path, out: Path, asked: AskedCharging, *, as_json: bool) -> None:
    from backend.bootstrap.series_files import forecast_sessions
    from backend.cli.instants import write_instant

    with progress(shown=not as_json, total=1, what="learning how cars came and charged") as move:
        move("")
        made = forecast_sessions(sessions, out, asked)
    energy, cars = made.energy, made.cars
    busiest = int(energy.mean.argmax())
    told = {
        "out": str(out),
        "model": energy.model,
        "origin": write_instant(energy.origin_utc),
        "intervals": len(energy),
        "step_minutes": energy.step_seconds // 60,
        "places": list(made.places),
        "sessions_known": made.sessions,
        "cars_at_origin": made.there,
        "energy_kwh": round(float(energy.mean.sum()), 3),
        "most_energy_at": write_instant(int(energy.starts_utc[busiest])),
        "most_cars": round(float(cars.mean.max()), 2),
    }
    if as_json:
        print_json(told)
        return
    print(
        f"{out}: {len(energy)} intervals of {energy.step_seconds // 60} min, {told['energy_kwh']:.1f} kWh on average, "
        f"most from {told['most_energy_at']}; at most {told['most_cars']:.1f} cars on average"
    )
    say(f"  learned from {made.sessions:,} sessions known by the origin; {made.there} cars are there then.")


def _told(made: ForecastedFile, out: Path) -> dict[str, Any]:
    from backend.cli.instants import write_instant

    forecast = made.forecast
    return {
        "out": str(out),
        "model": forecast.model,
        "why": made.why,
        "weather": forecast.weather.value,
        "reason": forecast.reason,
        "origin": write_instant(forecast.origin_utc),
        "intervals": len(forecast),
        "step_minutes": forecast.step_seconds // 60,
        "rows": made.rows,
        "rows_absent": made.absent,
        "values_known": made.known,
        "inputs": list(made.inputs),
    }


def _print(made: ForecastedFile, out: Path) -> None:
    forecast = made.forecast
    print(
        f"{out}: {len(forecast)} intervals of {forecast.step_seconds // 60} min by {forecast.model}, "
        f"weather {forecast.weather.value}"
    )
    say(f"  {made.why}.")
    if forecast.reason:
        print_wrapped(forecast.reason, "  ")
    if made.absent:
        say(f"  {made.absent:,} intervals have no row in the file and count as unknown.")
