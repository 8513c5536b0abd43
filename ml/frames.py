"""DataFrame in, DataFrame out: forecasts for notebooks.

forecast_frame(frame, target="load", origin="2014-12-01T00:00Z", horizon="48h", site=Site("Europe/Vienna", "AT"))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series, Site, WeatherSource

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["forecast_frame", "frame_of", "series_of"]

_INTERVALS_MAX = 2_000_000
_HORIZON_MAX_HOURS = 168


def forecast_frame(
    frame: pd.DataFrame,
    *,
    target: str,
    origin: Any,
    horizon: Any,
    site: Site | None = None,
    kind: str = "",
    weather: WeatherSource | str = WeatherSource.OBSERVED,
    seed: int = 0,
) -> pd.DataFrame:
    """Learn from a column up to an origin and forecast it from there.

    Args:
        frame: Indexed by interval starts with a time zone, at 15, 30 or 60 minutes; the target's column and inputs that
            are known ahead, such as ``temperature``. Rows that are absent count as unknown.
        target: Its column; values from the origin on are not read.
        origin: What ``pandas.Timestamp`` takes, with a time zone.
        horizon: What ``pandas.Timedelta`` takes, up to seven days.
        site: Time zone, country, place; UTC without holidays where it is not told.
        kind: ``load``, ``net``, ``solar``, ``wind``, ``price`` or ``carbon``; by the target's name where empty.
        weather: What the inputs ahead are; measured later, unless told.
        seed: Of all that is drawn.

    Returns:
        Indexed as the input, with ``mean`` and a column per level, ``p05`` to ``p95``; ``attrs`` has ``model``,
        ``why`` it is this one, ``weather`` and ``reason``.

    Raises:
        InputError: If the frame, the origin or the horizon does not fit.
    """
    import pandas as pd

    from ml.models.kinds import forecast_once, kind_by_name

    if seed < 0:
        raise InputError(f"the seed {seed} is negative; give 0 or more.")
    try:
        told = WeatherSource(weather)
    except ValueError:
        known = ", ".join(source.value for source in WeatherSource)
        raise InputError(f"there is no weather {weather!r}; say {known}.") from None
    series = series_of(frame, target)
    try:
        # pandas has capital days.
        begin, ahead = pd.Timestamp(origin), pd.Timedelta(re.sub(r"(?<=[0-9])d$", "D", str(horizon)))
    except ValueError as error:
        raise InputError(
            f"the origin {origin!r} or the horizon {horizon!r} cannot be read: {error}."
        ) from None
    if begin.tzinfo is None:
        raise InputError(f"the origin {origin!r} has no time zone; write it like 2014-12-01T00:00:00Z.")
    seconds = round(ahead.total_seconds())
    if not 0 < seconds <= _HORIZON_MAX_HOURS * 3600 or seconds % series.step_seconds:
        raise InputError(
            f"the horizon {horizon!r} is no whole number of intervals of {series.step_seconds} s up to seven days."
        )
    made, why = forecast_once(
        kind or kind_by_name(target),
        series,
        site or Site(),
        int(begin.timestamp()),
        seconds // series.step_seconds,
        weather=told,
        seed=seed,
    )
    zone = getattr(frame.index, "tz", None)
    framed = frame_of(made, str(zone))
    framed.attrs["why"] = why
    return framed


def series_of(frame: pd.DataFrame, target: str) -> Series:
    """A column with the others as inputs.

    Raises:
        InputError: If the index has no time zone, is doubled or off the grid, or a column is not of numbers.
    """
    import pandas as pd

    if not isinstance(frame.index, pd.DatetimeIndex) or frame.index.tz is None:
        raise InputError(
            "the frame's index must be instants with a time zone; use tz_localize or tz_convert."
        )
    if frame.index.hasnans:
        raise InputError(
            f"{int(np.count_nonzero(frame.index.isna()))} rows of the frame have no start; leave them out."
        )
    if target not in frame.columns:
        raise InputError(f"the frame has no column {target!r}; it has {', '.join(map(str, frame.columns))}.")
    starts = (frame.index - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    places, begin, step = _places(np.asarray(starts, dtype=np.int64))
    columns = {}
    for name in frame.columns:
        try:
            column = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"the column {name!r} is not of numbers ({error}); leave it out or convert it."
            ) from None
        whole = np.full(int(places.max()) + 1, np.nan)
        whole[places] = column
        columns[str(name)] = whole
    values = columns.pop(target)
    return Series(begin, step, values, columns, unit="")


def frame_of(forecast: Forecast, time_zone: str = "UTC") -> pd.DataFrame:
    """A forecast as a frame: ``mean``, ``p05`` to ``p95``."""
    import pandas as pd

    index = pd.to_datetime(forecast.starts_utc, unit="s", utc=True).tz_convert(time_zone)
    columns = {"mean": forecast.mean}
    columns |= {
        f"p{round(100 * level):02d}": row for level, row in zip(LEVELS, forecast.quantiles, strict=True)
    }
    frame = pd.DataFrame(columns, index=index.rename("start"))
    frame.attrs = {"model": forecast.model, "weather": forecast.weather.value, "reason": forecast.reason}
    return frame


def _places(
    starts: np.ndarray[Any, np.dtype[np.int64]],
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int, int]:
    """Place of each row on the grid, its begin and step. [s]"""
    ordered = np.unique(starts)
    if len(ordered) < len(starts):
        raise InputError(f"{len(starts) - len(ordered)} rows of the frame have a start that another one has.")
    if len(ordered) < 2:  # noqa: PLR2004 -- a step is between two
        raise InputError("the frame has fewer than two rows; a step cannot be told.")
    apart, often = np.unique(np.diff(ordered), return_counts=True)
    step = int(apart[np.argmax(often)])
    places, off = np.divmod(starts - ordered[0], step)
    if off.any():
        raise InputError(f"{int((off > 0).sum())} rows of the frame are off the grid of its {step} s.")
    if places.max() >= _INTERVALS_MAX:
        raise InputError(f"the frame spans {int(places.max()) + 1} intervals, more than {_INTERVALS_MAX}.")
    return places, int(ordered[0]), step
