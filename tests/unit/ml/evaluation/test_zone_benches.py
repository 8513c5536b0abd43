"""Readers of published data are held against files of the same form, made here with known values."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS
from ml.evaluation.benches import gefcom, substations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

HOURS = [f"h{hour}" for hour in range(1, 25)]


def pack(folder: Path, name: str, head: list[str], rows: Iterable[Sequence[object]]) -> None:
    folder.mkdir(exist_ok=True)
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    with zipfile.ZipFile(folder / f"{name}.csv.zip", "w") as archive:
        archive.writestr(f"{name}.csv", text.getvalue())


@pytest.fixture
def competition(tmp_path: Path) -> Path:
    """Loads of two days, the third asked for; the fourth is the last week."""
    folder = tmp_path / gefcom.FOLDER
    days = [[2004, 1, day] for day in (1, 2, 4)]
    loads = [[1, *day, *(f"{1000 * day[2] + hour:,}" for hour in range(24))] for day in days]
    loads[-1][-18:] = [""] * 18
    pack(folder, "Load_history", ["zone_id", "year", "month", "day", *HOURS], loads)
    asked = [[1, zone, 2004, 1, day, *[100] * 24] for zone in (1, 21) for day in (3, 5)]
    weights = [1, 8, 20, 160]
    head = ["id", "zone_id", "year", "month", "day", *HOURS]
    solved = [[*row, weight] for row, weight in zip(asked, weights, strict=True)]
    pack(folder, "Load_solution", [*head, "weight"], solved)
    pack(folder, "Load_benchmark", head, [[*row[:5], *[90] * 24] for row in asked])
    air = [[1, *day, *range(24)] for day in days]
    pack(folder, "temperature_history", ["station_id", "year", "month", "day", *HOURS], air)
    later = [[1, 2004, 1, 4, hour, 70 + hour] for hour in (7, 24)]
    pack(folder, "temperature_solution", ["station_id", "year", "month", "day", "hour", "T0_p1"], later)
    return tmp_path


def test_hours_of_the_competition_stand_where_they_belong(competition: Path) -> None:
    case = gefcom.read(competition)
    assert case.loads[0, 0] == 1000
    assert case.loads[0, 24 + 23] == 2023
    assert np.isnan(case.loads[0, 48:72]).all()
    assert case.origin == 72 + 6
    assert case.gaps == [48]
    assert case.later_temperatures[0, 72 + 6] == 77
    assert case.later_temperatures[0, 72 + 23] == 94


def test_the_error_is_weighted_as_the_competition_did(competition: Path) -> None:
    case = gefcom.read(competition)
    assert case.error(case.benchmark) == pytest.approx(10)
    forecast = case.solution.copy()
    forecast[20, 96:120] += 30
    assert case.error(forecast) == pytest.approx(np.sqrt(160 * 900 / 189))
    ahead = np.arange(forecast.shape[1]) >= case.origin
    assert case.error(forecast, ~ahead) == 0


def test_a_missing_file_is_named(tmp_path: Path, competition: Path) -> None:
    (competition / gefcom.FOLDER / "Load_benchmark.csv.zip").unlink()
    with pytest.raises(InputError, match=r"Load_benchmark\.csv\.zip is missing"):
        gefcom.read(competition)
    with pytest.raises(InputError, match=r"HAL\.csv\.gz is missing"):
        substations.read(tmp_path / "nowhere", "HAL")


def test_a_substation_is_read_with_its_place_its_gaps_and_its_units(tmp_path: Path) -> None:
    folder = tmp_path / substations.FOLDER
    folder.mkdir()
    head = "datetime,radiation,windspeed_100m,total_substation,total_wind_part,Lat,Lon\n"
    rows = [
        f"2021-07-31 {stamp}+00:00,3600000,8,{load},-1,53.3,5.7\n"
        for stamp, load in (("00:15:00", "1.5"), ("00:30:00", ""), ("01:00:00", "-2"))
    ]
    with gzip.open(folder / "HAL.csv.gz", "wt", encoding="utf-8") as file:
        file.write(head + "".join(rows))
    case = substations.read(tmp_path, "HAL")
    assert case.series.values[[0, 3]].tolist() == [1.5, -2.0]
    assert np.isnan(case.series.values[1:3]).all()
    assert case.series.inputs["radiation"][0] == 1000
    assert case.series.inputs["wind_speed_100m"][0] == 8
    assert case.columns["radiation"][0] == 3_600_000
    assert case.site.latitude == 53.3
    assert set(case.columns) == {"radiation", "windspeed_100m"}


def test_what_openstef_wrote_is_read_by_origin_level_and_lead(tmp_path: Path) -> None:
    folder = tmp_path / substations.FOLDER
    folder.mkdir()
    stamps = [
        f"2021-{8 + day // 31:02d}-{day % 31 + 1:02d} {hour:02d}:00:00"
        for day in range(40)
        for hour in range(24)
    ]
    body = "".join(f"{stamp}+00:00,0,8,1,0,53.3,5.7\n" for stamp in stamps)
    with gzip.open(folder / "HAL.csv.gz", "wt", encoding="utf-8") as file:
        file.write("datetime,radiation,windspeed_100m,total_substation,total_wind_part,Lat,Lon\n" + body)
    case = substations.read(tmp_path, "HAL")
    assert len(case.origins) == 28
    assert (np.diff(case.origins) == 86400).all()
    length = substations.LENGTH
    with (tmp_path / "HAL.out.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", "index", "forecast", *(f"quantile_P{100 * level:02.0f}" for level in LEVELS)])
        for number in range(28):
            for lead in range(length):
                writer.writerow([number, "", 0, *(1000 * number + lead + level for level in LEVELS)])
    (tmp_path / "HAL.seconds.json").write_text("[12.5, 20.0]", encoding="utf-8")
    quantiles, seconds = substations.read_back(tmp_path, case)
    assert quantiles.shape == (len(LEVELS), 28, length)
    assert quantiles[2, 3, 5] == pytest.approx(3005 + LEVELS[2])
    assert seconds == 12.5
