"""Weather from files, the demonstration's year and a clear sky: what was known when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.adapters.ambient import BUNDLED_ZONE
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.adapters.forecasts.weather import BundledYear, ClearSky, FirstOf, NoWeather, RecordedWeather
from backend.errors import InputError
from backend.forecasting import Site, WeatherSource

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = int(datetime(2024, 3, 20, tzinfo=UTC).timestamp())
HOUR = 3600
PARIS = Site("Europe/Paris", "FR", "", 48.85, 2.35)


def stamp(hour: int) -> str:
    return datetime.fromtimestamp(BEGIN + hour * HOUR, UTC).isoformat()


def issues(folder: Path) -> RecordedWeather:
    rows = ["start,issued,temperature"]
    for issue, offset in ((0, 0.0), (6, 100.0)):
        rows += [f"{stamp(hour)},{stamp(issue)},{hour + offset}" for hour in range(issue, 48)]
    (folder / "forecast.csv").write_text("\n".join(rows))
    return RecordedWeather(folder)


@pytest.mark.parametrize(("known", "first", "tenth"), [(0, 0.0, 10.0), (5, 0.0, 10.0), (6, 0.0, 110.0)])
def test_the_latest_issue_that_is_not_later_counts(
    tmp_path: Path, known: int, first: float, tenth: float
) -> None:
    course = issues(tmp_path).course(PARIS, BEGIN, HOUR, 48, BEGIN + known * HOUR)
    assert course.source is WeatherSource.FORECAST
    assert (course.columns["temperature"][0], course.columns["temperature"][10]) == (first, tenth)
    assert course.issued_utc == BEGIN + (6 if known == 6 else 0) * HOUR


def test_before_the_first_issue_nothing_is_known(tmp_path: Path) -> None:
    course = issues(tmp_path).course(PARIS, BEGIN, HOUR, 48, BEGIN - 1)
    assert course.columns == {}
    assert course.source is WeatherSource.NONE


def test_what_was_measured_is_known_when_its_hour_is_over_and_never_ahead(tmp_path: Path) -> None:
    rows = ["start,temperature", *(f"{stamp(hour)},{hour}" for hour in range(48))]
    (tmp_path / "measured.csv").write_text("\n".join(rows))
    course = RecordedWeather(tmp_path).course(PARIS, BEGIN, HOUR, 48, BEGIN + 10 * HOUR + 1800)
    assert course.source is WeatherSource.OBSERVED
    assert np.flatnonzero(np.isfinite(course.columns["temperature"])).tolist() == list(range(10))


def test_hours_are_put_on_quarter_hours_and_quarter_hours_into_means(tmp_path: Path) -> None:
    quarter = issues(tmp_path).course(PARIS, BEGIN, 900, 8, BEGIN)
    assert quarter.columns["temperature"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    fine = tmp_path / "fine"
    fine.mkdir()
    rows = ["start,ghi"]
    rows += [
        f"{datetime.fromtimestamp(BEGIN + at * 900, UTC).isoformat()},{at}" for at in range(8) if at != 6
    ]
    (fine / "sun.csv").write_text("\n".join(rows))
    hourly = RecordedWeather(fine).course(PARIS, BEGIN, HOUR, 2, BEGIN + 3 * HOUR)
    assert hourly.columns["ghi"][0] == 1.5
    assert np.isnan(hourly.columns["ghi"][1])


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    hours = [datetime.fromtimestamp(BEGIN + hour * HOUR, UTC) for hour in range(24)]
    parquet.write_table(
        pa.table({"start": hours, "issued": [hours[0]] * 24, "wind_speed": [1.0 * one for one in range(24)]}),
        tmp_path / "wind.parquet",
    )
    course = RecordedWeather(tmp_path).course(PARIS, BEGIN, HOUR, 24, BEGIN)
    assert course.columns["wind_speed"].tolist() == [float(one) for one in range(24)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("start,heat\n", "has the columns start, heat"),
        ("start,temperature\n2024-03-20T10:00,1\n", "line 2: start is '2024-03-20T10:00'"),
        ("start,temperature\n2024-03-20T10:00Z,warm\n", "line 2: temperature is 'warm'"),
        ("start,temperature\n2024-03-20T10:00Z,inf\n", "not finite"),
        ("start,temperature\n2024-03-20T10:00Z,1,2\n", "line 2: has 3 cells"),
        ("start,temperature\n2024-03-20T10:00Z,1\n2024-03-20T10:07Z,1\n", "no grid of equal steps"),
    ],
)
def test_what_is_no_weather_is_refused_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "odd.csv").write_text(text)
    with pytest.raises(InputError, match=r"odd\.csv") as refused:
        RecordedWeather(tmp_path).course(PARIS, BEGIN, HOUR, 24, BEGIN)
    assert message in str(refused.value)


def test_the_bundled_year_is_of_its_own_zone_alone_and_never_ahead() -> None:
    known = FIRST_HOUR_UTC + 30 * HOUR
    course = BundledYear().course(Site(BUNDLED_ZONE), FIRST_HOUR_UTC, HOUR, 48, known)
    assert course.source is WeatherSource.OBSERVED
    assert int(np.isfinite(course.columns["temperature"]).sum()) == 30
    assert BundledYear().course(PARIS, FIRST_HOUR_UTC, HOUR, 48, known).columns == {}
    quarters = BundledYear().course(Site(BUNDLED_ZONE), FIRST_HOUR_UTC, 900, 48, FIRST_HOUR_UTC + 5 * 900)
    assert int(np.isfinite(quarters.columns["temperature"]).sum()) == 4  # the second hour is not over


def test_the_sun_of_a_clear_day_is_up_by_day_and_nothing_by_night() -> None:
    course = ClearSky().course(PARIS, BEGIN, HOUR, 24, BEGIN)
    sun = course.columns["ghi"]
    assert course.source is WeatherSource.CLEAR_SKY
    assert sun[[0, 2, 22]].tolist() == [0, 0, 0]
    assert 550 < sun.max() < 800  # an equinox at 49 degrees
    assert int(np.argmax(sun)) in {11, 12}
    assert ClearSky().course(Site(), BEGIN, HOUR, 24, BEGIN).columns == {}


def test_who_knows_the_last_hour_is_asked_first_and_else_who_knows_any(tmp_path: Path) -> None:
    rows = ["start,temperature", *(f"{stamp(hour)},{hour}" for hour in range(48))]
    (tmp_path / "measured.csv").write_text("\n".join(rows))
    measured = RecordedWeather(tmp_path)
    both = FirstOf((measured, ClearSky()))
    assert both.course(PARIS, BEGIN, HOUR, 24, BEGIN + 48 * HOUR).source is WeatherSource.OBSERVED
    assert both.course(PARIS, BEGIN, HOUR, 24, BEGIN + 9 * HOUR).source is WeatherSource.CLEAR_SKY
    alone = FirstOf((measured, NoWeather()))
    assert alone.course(PARIS, BEGIN, HOUR, 24, BEGIN + 9 * HOUR).source is WeatherSource.OBSERVED
