"""Open-Meteo, by a server on this machine that answers in its form: asked sparingly, believed only as of its time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.forecasts.open_meteo import ATTRIBUTION, OpenMeteo
from backend.adapters.home import Home
from backend.bootstrap.forecasting import open_weather
from backend.errors import InputError
from backend.forecasting import Site, WeatherSource

HOUR, DAY = 3600, 86_400
NOW = int(datetime(2024, 6, 12, 9, 20, tzinfo=UTC).timestamp())
MIDNIGHT = NOW // DAY * DAY
PLACE = Site("Europe/Paris", "FR", "", 45.76421, 4.83575)


@dataclass
class Service:
    """What was asked, and how it answers: a value tells interface, run and hour."""

    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    port: int = 0

    def answer(self, kind: str, query: dict[str, str]) -> bytes:
        if self.body is not None:
            return self.body
        begin, end = (
            int(datetime.fromisoformat(query[name]).replace(tzinfo=UTC).timestamp())
            for name in ("start_date", "end_date")
        )
        times = list(range(begin, end + DAY, HOUR))
        add = {"archived": 0.0, "forecast": 1000.0, "previous": 2000.0}[kind]
        hourly: dict[str, list[float]] = {"time": [float(one) for one in times]}
        for name in query["hourly"].split(","):
            run = 100.0 * int(name[-1]) if "_previous_day" in name else 0.0
            hourly[name] = [add + run + one // HOUR % 24 for one in times]
        return json.dumps({"latitude": 45.76, "hourly_units": {}, "hourly": hourly}).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            told.asked.append((parts.path.strip("/"), query))
            body = told.answer(parts.path.strip("/"), query) if told.status == 200 else b""
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


def weather(service: Service, folder: Path, clock: FixedClock | None = None) -> OpenMeteo:
    addresses = {
        kind: f"http://127.0.0.1:{service.port}/{kind}" for kind in ("forecast", "archived", "previous")
    }
    return OpenMeteo(folder, clock or FixedClock(NOW), addresses, pause_seconds=0.0)


def test_hours_over_are_archived_ones_and_hours_ahead_forecast(service: Service, tmp_path: Path) -> None:
    course = weather(service, tmp_path).course(PLACE, MIDNIGHT, HOUR, 48, NOW)
    celsius = course.columns["temperature"]
    assert (course.source, course.words) == (WeatherSource.FORECAST, ATTRIBUTION)
    assert celsius[3] == 3.5  # between three and four o'clock
    assert celsius[30] == 1006.5
    assert course.columns["ghi"][30] == 1007  # the mean of an hour is told at its end
    assert course.columns["cloud_cover"][30] == pytest.approx(10.065)
    assert {kind for kind, _ in service.asked} == {"archived", "forecast"}


def test_only_a_rounded_place_is_told(service: Service, tmp_path: Path) -> None:
    weather(service, tmp_path).course(PLACE, MIDNIGHT, HOUR, 24, NOW)
    assert {(query["latitude"], query["longitude"]) for _, query in service.asked} == {("45.76", "4.84")}


def test_ahead_of_an_earlier_time_each_day_is_of_a_run_that_was_there(
    service: Service, tmp_path: Path
) -> None:
    origin = MIDNIGHT - 30 * DAY
    course = weather(service, tmp_path).course(PLACE, origin - DAY, HOUR, 72, origin)
    celsius = course.columns["temperature"]
    assert celsius[5] == 5.5
    assert celsius[24 + 5] == 2105.5  # the run of a day before
    assert celsius[48 + 5] == 2205.5  # of two days before: of one it was not there yet
    assert {kind for kind, _ in service.asked} == {"archived", "previous"}
    assert course.issued_utc <= origin


def test_the_same_question_is_asked_once_and_again_when_it_may_have_changed(
    service: Service, tmp_path: Path
) -> None:
    weather(service, tmp_path).course(PLACE, MIDNIGHT, HOUR, 48, NOW)
    asked = len(service.asked)
    weather(service, tmp_path, FixedClock(NOW + 600)).course(PLACE, MIDNIGHT, HOUR, 48, NOW)
    assert len(service.asked) == asked
    later = FixedClock(NOW + 2 * HOUR)
    weather(service, tmp_path, later).course(PLACE, MIDNIGHT, HOUR, 48, NOW + 2 * HOUR)
    assert len(service.asked) > asked


def test_where_the_service_fails_what_is_kept_has_to_do(service: Service, tmp_path: Path) -> None:
    first = weather(service, tmp_path).course(PLACE, MIDNIGHT, HOUR, 48, NOW)
    service.status = 503
    later = FixedClock(NOW + 2 * HOUR)
    again = weather(service, tmp_path, later).course(PLACE, MIDNIGHT, HOUR, 48, NOW + 2 * HOUR)
    assert np.array_equal(first.columns["temperature"][12:], again.columns["temperature"][12:])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"hourly": {"time": [1, 2], "temperature_2m": [1]}}',
        b'{"hourly": {"time": ["x"]}}',
    ],
)
def test_an_answer_that_is_none_is_no_weather(service: Service, tmp_path: Path, body: bytes) -> None:
    service.body = body
    course = weather(service, tmp_path).course(PLACE, MIDNIGHT, HOUR, 24, NOW)
    assert (course.columns, course.source) == ({}, WeatherSource.NONE)


def test_a_service_that_says_too_often_is_left_alone(service: Service, tmp_path: Path) -> None:
    service.status = 429
    asking = weather(service, tmp_path)
    for _ in range(3):
        assert asking.course(PLACE, MIDNIGHT, HOUR, 24, NOW).columns == {}
    assert len(service.asked) == 1


def test_a_community_without_a_place_is_never_asked_for(service: Service, tmp_path: Path) -> None:
    assert weather(service, tmp_path).course(Site(), MIDNIGHT, HOUR, 24, NOW).columns == {}
    assert service.asked == []


def test_nobody_is_asked_unless_the_environment_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert "OpenMeteo" not in repr(open_weather(home, FixedClock(NOW), {}))
    assert "OpenMeteo" in repr(open_weather(home, FixedClock(NOW), {"PARTAGE_WEATHER": "open-meteo"}))
    with pytest.raises(InputError, match="PARTAGE_WEATHER is 'on'"):
        open_weather(home, FixedClock(NOW), {"PARTAGE_WEATHER": "on"})
