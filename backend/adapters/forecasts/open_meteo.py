"""Weather by Open-Meteo.com (data CC BY 4.0), for those who ask for it.

It learns where the community is, to a hundredth of a degree, and when it asks; nothing else.

Three of its interfaces are asked. Of hours ahead of now the forecast; of hours that are over the archived forecasts of
shortest lead; of hours ahead of an earlier time the runs of then (*previous runs*): of an interval that begins d days
after that time or less, the run that is at least d days older than it. So no forecast that is made again knows more
than the first did.

Answers are kept on disk, those of hours long over for good. The service is asked at most once a second, and left alone
for an hour when it says that it was too often; where it does not answer, what is kept has to do.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.durable_files import write_durably
from backend.errors import InputError
from backend.forecasting import WeatherSource
from backend.ports.forecasting import WeatherCourse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.forecasting import Site
    from backend.ports import Clock

    Values = NDArray[np.float64]

__all__ = ["ATTRIBUTION", "OpenMeteo"]

logger = logging.getLogger("partage.forecasts")

ATTRIBUTION = "Weather data by Open-Meteo.com (CC BY 4.0)"
_ADDRESSES = {
    "forecast": "https://api.open-meteo.com/v1/forecast",
    "archived": "https://historical-forecast-api.open-meteo.com/v1/forecast",
    "previous": "https://previous-runs-api.open-meteo.com/v1/forecast",
}
# Our column by the service's name; what stands for the hour before is marked so.
_INSTANTS = {
    "temperature": "temperature_2m",
    "humidity": "relative_humidity_2m",
    "cloud_cover": "cloud_cover",
    "wind_speed": "wind_speed_10m",
    "wind_speed_100m": "wind_speed_100m",
    "snow_depth": "snow_depth",
}
_HOUR_BEFORE = {
    "ghi": "shortwave_radiation",
    "dni": "direct_normal_irradiance",
    "dhi": "diffuse_radiation",
    "precipitation": "precipitation",
}
_SHARES = frozenset({"cloud_cover"})  # told in per cent
_HOUR = 3600
_DAY = 86_400
_PER_CENT = 100.0
_CHUNK_DAYS = 92
_DAYS_AHEAD_MAX = 15
_RUNS_MAX = 7
_TIMEOUT_SECONDS = 20.0
_BYTES_MAX = 32 * 2**20
_PAUSE_SECONDS = 1.0
_REST_SECONDS = 3600.0
_TOO_OFTEN = 429
_GOOD = 200
_FRESH_SECONDS = 3600
_SETTLED_SECONDS = 10 * _DAY  # then archived hours change no more
_DECIMALS = 2


@dataclass
class OpenMeteo:
    """Implements ``Weather``.

    Attributes:
        folder: Where answers are kept.
        clock: Time.
        addresses: Of the interfaces, by name; the service's own where none are given.
        pause_seconds: Between two questions. [s]
    """

    folder: Path
    clock: Clock
    addresses: Mapping[str, str] = field(default_factory=lambda: _ADDRESSES)
    pause_seconds: float = _PAUSE_SECONDS
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _asked_at: float = 0.0
    _rests_until: float = 0.0

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port."""
        empty = WeatherCourse(start_utc, step_seconds, {}, WeatherSource.NONE, known_utc, "")
        if not site.located:
            return empty
        now = self.clock.now_utc()
        first = start_utc // _HOUR * _HOUR
        hours = -(-(start_utc + step_seconds * length - first) // _HOUR) + 1
        columns = {name: np.full(hours, np.nan) for name in (*_INSTANTS, *_HOUR_BEFORE)}
        issued = 0
        for kind, run, begin, end in _parts(first, first + hours * _HOUR, min(known_utc, now), now):
            answer = self._ask(kind, run, site, begin, end, now)
            if answer is not None:
                _place(columns, answer["hourly"], run, first, begin, end)
                issued = max(issued, int(answer["asked_utc"]) if kind == "forecast" else min(known_utc, now))
        hourly = {name: column for name, column in columns.items() if np.isfinite(column).any()}
        if not hourly:
            return empty
        told = {
            name: _on_grid(column, first, start_utc, step_seconds, length, hour_before=name in _HOUR_BEFORE)
            for name, column in hourly.items()
        }
        return WeatherCourse(
            start_utc, step_seconds, told, WeatherSource.FORECAST, min(issued, known_utc), ATTRIBUTION
        )

    def _ask(
        self, kind: str, run: int, site: Site, begin_utc: int, end_utc: int, now_utc: int
    ) -> dict[str, Any] | None:
        """An answer, kept or new; None where there is none."""
        suffix = f"_previous_day{run}" if run else ""
        names = [name + suffix for name in (*_INSTANTS.values(), *_HOUR_BEFORE.values())]
        if kind == "forecast":
            names = [name for name in names if name != "wind_speed_100m"] + [
                "wind_speed_80m",
                "wind_speed_120m",
            ]
        question = {
            "latitude": f"{site.latitude:.{_DECIMALS}f}",
            "longitude": f"{site.longitude:.{_DECIMALS}f}",
            "hourly": ",".join(names),
            "start_date": _date(begin_utc),
            "end_date": _date(end_utc - 1),
            "timeformat": "unixtime",
            "timezone": "GMT",
            "wind_speed_unit": "ms",
        }
        name = hashlib.sha256(json.dumps([kind, question], sort_keys=True).encode()).hexdigest()[:32]
        file = self.folder / f"{name}.json"
        kept = _read_kept(file)
        if kept is not None:
            age = now_utc - kept["asked_utc"]
            if kept["asked_utc"] - end_utc > _SETTLED_SECONDS or age < _FRESH_SECONDS:
                return kept
        hourly = self._fetch(kind, question)
        if hourly is None:
            return kept
        answer = {"asked_utc": now_utc, "hourly": hourly}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(file, json.dumps(answer).encode(), mode=0o600)
        return answer

    def _fetch(self, kind: str, question: Mapping[str, str]) -> dict[str, Any] | None:
        """Ask the service, one at a time and not too often; None where it does not answer well."""
        import httpx

        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log where the community is
        with self._guard:
            now = time.monotonic()
            if now < self._rests_until:
                return None
            time.sleep(max(0.0, self._asked_at + self.pause_seconds - now))
            self._asked_at = time.monotonic()
            try:
                address, asked = self.addresses[kind], dict(question)
                with (
                    httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client,
                    client.stream("GET", address, params=asked) as response,
                ):
                    content, status = _bounded(response.iter_bytes()), response.status_code
            except (httpx.HTTPError, InputError) as error:
                logger.warning("weather could not be asked for: %s", type(error).__name__)
                return None
            if status == _TOO_OFTEN:
                self._rests_until = time.monotonic() + _REST_SECONDS
        if status != _GOOD:
            logger.warning("the weather service answered %d", status)
            return None
        return _checked(content)


def _bounded(parts: Iterator[bytes]) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > _BYTES_MAX:
            raise InputError(f"an answer of more than {_BYTES_MAX:,} bytes is no weather.")
    return bytes(content)


def _checked(content: bytes) -> dict[str, Any] | None:
    """The hourly part of an answer, None where it is none."""
    try:
        hourly = json.loads(content)["hourly"]
        count = len(hourly["time"])
        sound = all(
            isinstance(column, list)
            and len(column) == count
            and all(one is None or isinstance(one, int | float) for one in column)
            for column in hourly.values()
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        sound, hourly = False, None
    if not sound:
        logger.warning("the weather service's answer could not be read")
        return None
    return dict(hourly)


def _parts(begin_utc: int, end_utc: int, known_utc: int, now_utc: int) -> Iterator[tuple[str, int, int, int]]:
    """Which interface is asked for which hours: (kind, days of the run before, begin, end)."""
    past_end = min(end_utc, known_utc // _HOUR * _HOUR)
    begin = begin_utc
    while begin < past_end:  # chunks on a fixed grid, so that they are asked for again under the same name
        until = min((begin // (_CHUNK_DAYS * _DAY) + 1) * _CHUNK_DAYS * _DAY, past_end)
        yield "archived", 0, begin, until
        begin = until
    if known_utc >= now_utc - _FRESH_SECONDS:
        until = min(end_utc, now_utc + _DAYS_AHEAD_MAX * _DAY)
        if begin < until:
            yield "forecast", 0, begin, until
        return
    origin = known_utc // _HOUR * _HOUR
    for run in range(1, _RUNS_MAX + 1):
        until = min(origin + run * _DAY, end_utc)
        if begin < until:
            yield "previous", run, begin, until
            begin = until


def _place(
    columns: dict[str, Values], hourly: Mapping[str, Any], run: int, first: int, begin: int, end: int
) -> None:
    """Put an answer's hours into the columns, in our units."""
    times = np.array(hourly["time"], dtype=np.int64)
    # An hour's mean is told at its end: of the last hour it is at the instant where the span ends.
    inside = (times >= begin) & (times <= end) & (times < first + _HOUR * len(columns["ghi"]))
    places = (times[inside] - first) // _HOUR
    suffix = f"_previous_day{run}" if run else ""
    for name, theirs in (_INSTANTS | _HOUR_BEFORE).items():
        told = hourly.get(theirs + suffix)
        if told is None and name == "wind_speed_100m" and "wind_speed_80m" in hourly:
            low, high = (np.array(hourly[f"wind_speed_{at}m"], dtype=np.float64) for at in (80, 120))
            values = (low + high) / 2
        elif told is None:
            continue
        else:
            values = np.array(told, dtype=np.float64)
        values = values[inside] / (_PER_CENT if name in _SHARES else 1.0)
        known = np.isfinite(values)
        columns[name][places[known]] = values[known]


def _on_grid(
    hourly: Values, first: int, start_utc: int, step_seconds: int, length: int, *, hour_before: bool
) -> Values:
    """Means over intervals: instants are joined by lines, an hour's mean stands for each part of the hour."""
    starts = start_utc + step_seconds * np.arange(length)
    if hour_before:
        return np.asarray(hourly[np.minimum((starts - first) // _HOUR + 1, len(hourly) - 1)])
    middles = (starts + step_seconds / 2 - first) / _HOUR
    low = np.minimum(middles.astype(np.int64), len(hourly) - 2)
    share = middles - low
    return np.asarray((1 - share) * hourly[low] + share * hourly[low + 1])


def _read_kept(file: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) and {"asked_utc", "hourly"} <= kept.keys() else None


def _date(instant_utc: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant_utc)).date().isoformat()
