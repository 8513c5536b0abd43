"""``partage forecast`` for what is no single load: zones, substations, charging."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from typer.testing import CliRunner

from backend.cli.app import app
from backend.errors import InputError
from tests.unit.ml.models.test_charging import FILE as SESSIONS
from tests.unit.ml.models.test_substation import substation
from tests.unit.ml.models.test_zone import zone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.forecasting import Series

    Run = Callable[..., dict[str, Any]]

HEADER = "arrived,left,energy_kwh,user"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run_command(file: str, origin: str, *arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(
            app, ["forecast", file, "--origin", origin, "--out", "F.csv", "--json", *arguments]
        )
        if result.exception is not None:
            raise result.exception
        told: dict[str, Any] = json.loads(result.stdout)
        return told

    return run_command


def stamp(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path: Path, series: Series, first: int, last: int) -> str:
    """Rows of a series as a file; gives the instant that a day before their end begins."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["start", "target", *series.inputs])
        for row in range(first, last):
            start = stamp(int(series.starts_utc[row]))
            table.writerow([start, series.values[row], *(column[row] for column in series.inputs.values())])
    return stamp(int(series.starts_utc[last]) - 86_400)


def error_of(path: Path, series: Series) -> float:
    """Mean absolute error of a written forecast."""
    rows = list(csv.DictReader(path.read_text().splitlines()))
    begin = series.place(int(datetime.fromisoformat(rows[0]["start"]).timestamp()))
    return float(
        np.mean([abs(float(row["mean"]) - series.values[begin + place]) for place, row in enumerate(rows)])
    )


def test_several_temperatures_are_a_zone_and_its_stations_tell_the_day(run: Run, tmp_path: Path) -> None:
    origin = write(tmp_path / "Z.csv", zone(), 0, 200 * 24)
    told = run("Z.csv", origin, "--target", "target", "--kind", "load", "--horizon", "24h", "--country", "US")
    assert (told["model"], told["reason"]) == ("stations", "")
    assert "4 columns are temperatures (temperature_0, temperature_1" in told["why"]
    assert error_of(tmp_path / "F.csv", zone()) < 2.0


def test_a_zone_that_is_known_too_shortly_is_forecast_plainly_and_it_is_said(
    run: Run, tmp_path: Path
) -> None:
    origin = write(tmp_path / "Z.csv", zone(), 0, 30 * 24)
    told = run("Z.csv", origin, "--target", "target", "--horizon", "24h")
    assert told["model"] != "stations"
    assert "4 columns are temperatures" in told["why"]
    assert told["reason"]


def test_net_load_with_sun_and_wind_is_a_substation(run: Run, tmp_path: Path) -> None:
    series = substation()
    origin = write(tmp_path / "N.csv", series, 0, 40 * 48)
    told = run("N.csv", origin, "--target", "target", "--kind", "net", "--horizon", "24h", "--country", "NL")
    assert (told["model"], told["reason"]) == ("substation", "")
    assert "radiation, wind_speed_100m is given" in told["why"]
    ours = error_of(tmp_path / "F.csv", series)
    begin = 39 * 48
    naive = np.abs(series.values[begin : begin + 48] - series.values[begin - 336 : begin - 288]).mean()
    assert ours < naive / 2


def sessions_file(path: Path, until: str = "9999") -> None:
    """The garage's sessions, in the plain form."""
    with gzip.open(SESSIONS, "rt", encoding="utf-8") as file, path.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(HEADER.split(","))
        for row in csv.DictReader(file, delimiter=";"):
            begin, end = (
                datetime.strptime(row[name], "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo("Europe/Oslo"))
                if row[name]
                else None
                for name in ("Start_plugin", "End_plugout")
            )
            if begin and end and begin <= end and begin.isoformat() < until:
                energy = row["El_kWh"].replace(",", ".")
                table.writerow([begin.isoformat(), end.isoformat(), energy, row["User_ID"]])


def test_charging_is_forecast_from_sessions_and_later_ones_change_nothing(run: Run, tmp_path: Path) -> None:
    sessions_file(tmp_path / "S.csv")
    options = ("--kind", "charging", "--horizon", "24h", "--time-zone", "Europe/Oslo", "--country", "NO")
    told = run("S.csv", "2019-09-20T00:00:00Z", *options)
    assert (told["model"], told["intervals"], told["step_minutes"]) == ("charging", 24, 60)
    first = (tmp_path / "F.csv").read_bytes()
    made = list(csv.DictReader(first.decode().splitlines()))
    names = ["mean", "p10", "p50", "p90"]
    assert list(made[0]) == ["start", *names, *(f"cars_{name}" for name in names)]
    assert sum(float(row["mean"]) for row in made) == pytest.approx(told["energy_kwh"], abs=0.01)
    assert 20 < told["energy_kwh"] < 2000
    assert all(float(row["cars_p10"]) <= float(row["cars_p90"]) for row in made)
    sessions_file(tmp_path / "S.csv", until="2019-09-20T02:00:00+02:00")
    assert run("S.csv", "2019-09-20T00:00:00Z", *options) == told
    assert (tmp_path / "F.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        (["start,load", "2019-01-01T00:00:00Z,3"], (), "needed are user, arrived, left, energy_kwh; or"),
        ([HEADER, "2019-01-01T00:00:00,,3,a"], (), "line 2 cannot be read as a charging session.*no offset"),
        ([HEADER, "2019-01-01T09:00:00Z,2019-01-01T08:00:00Z,3,a"], (), "before it begins"),
        ([HEADER, "2019-01-01T09:00:00Z,,9500,a"], (), "9500 kWh is no energy of a session"),
        ([HEADER, "2019-01-01T09:00:00Z,,much,a"], (), "line 2 cannot be read as a charging session.*much"),
        ([HEADER], (), "there is no charging session"),
        ([HEADER, "2019-01-01T09:00:00Z,2019-01-01T10:00:00Z,3,a"], (), "1 sessions of 262 days are known"),
        ([HEADER, "2019-01-01T09:00:00Z,,3,a"], ("--step", "20"), "a step of 20 min is not forecast"),
        ([HEADER, "2019-01-01T09:00:00Z,,3,a"], ("--place", "ASK"), "has no place 'ASK'; it has none named"),
        ([HEADER, "2019-01-01T09:00:00Z,,3,a"], ("--horizon", "90m"), "on the grid of 60 min"),
    ],
)
def test_sessions_that_do_not_fit_are_refused(
    run: Run, tmp_path: Path, lines: list[str], options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "S.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=said):
        run("S.csv", "2019-09-20T00:00:00Z", "--kind", "charging", *options)
    assert not (tmp_path / "F.csv").exists()


def test_a_file_that_is_not_there_or_broken_is_told(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        run("none.csv", "2019-09-20T00:00:00Z", "--kind", "charging")
    (tmp_path / "S.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"its \.gz is broken"):
        run("S.csv.gz", "2019-09-20T00:00:00Z", "--kind", "charging")
