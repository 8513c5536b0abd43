"""``partage grid cooling`` on oil that IEC 60076-7 computes, with a fan that stops; no home."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from backend.bootstrap.cooling_files import CoolingAsked, watch_cooling
from backend.cli.app import app
from backend.errors import InputError
from backend.grid.transformers import CHARACTERISTICS, thermal_course

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
BEGIN = 1_467_331_200  # 1 July 2016
DAYS, FAULT = 200, 180
RATED = 400.0


def _write(path: Path, *, fault: bool, air_known: bool = True) -> Path:
    dice = np.random.default_rng(1)
    hours = np.arange(DAYS * 24)
    load = (
        0.5 + 0.25 * np.sin(2 * np.pi * (hours % 24 - 12) / 24) + 0.06 * np.repeat(dice.normal(size=DAYS), 24)
    )
    air = 12 + 8 * np.sin(2 * np.pi * hours / 8766) + 4 * np.repeat(dice.normal(size=DAYS), 24)
    oil = thermal_course(CHARACTERISTICS["ONAN"], load, air, 3600).top_oil + 0.5 * dice.normal(
        size=len(hours)
    )
    if fault:
        oil[FAULT * 24 : (FAULT + 8) * 24] += 8.0
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["start", "oil", "amperes", *(["ambient"] if air_known else [])])
        for hour in hours:
            at = datetime.fromtimestamp(BEGIN + 3600 * int(hour), UTC).isoformat()
            cells = [oil[hour], RATED * load[hour], *([air[hour]] if air_known else [])]
            rows.writerow([at, *(f"{one:.3f}" for one in cells)])
    return path


def test_days_of_warm_oil_are_told_with_their_reason_and_the_life_with_its_range(tmp_path: Path) -> None:
    file, out = _write(tmp_path / "t1.csv", fault=True), tmp_path / "days.csv"
    options = ["--out", str(out), "--rated-load", str(RATED), "--used", "0.1", "0.3", "--json"]
    ran = CliRunner().invoke(app, ["grid", "cooling", str(file), *options])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    [fault] = told["faults"]
    assert BEGIN + (FAULT - 1) * DAY <= fault["start"] <= BEGIN + (FAULT + 3) * DAY
    assert fault["figures"]["excess_kelvin"] > 5
    assert "fins" in fault["reason"]
    life = told["life"]
    assert 0 < life["years_p10"] <= life["years_p50"] <= life["years_p90"] <= 80
    assert life["characteristics"] == "distribution"
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == DAYS
    marked = [place for place, row in enumerate(rows) if row["fault"] == "1"]
    assert marked
    assert FAULT - 1 <= min(marked) <= max(marked) <= FAULT + 10
    healthy = [abs(float(row["oil"]) - float(row["expected"])) for row in rows[20:FAULT]]
    assert float(np.mean(healthy)) < 1.0


def test_a_healthy_transformer_has_no_fault_and_life_is_not_told_without_rating_or_air(
    tmp_path: Path,
) -> None:
    told = watch_cooling(_write(tmp_path / "t1.csv", fault=False), CoolingAsked())
    assert told["faults"] == []
    assert told["life"] is None
    assert "--rated-load" in told["why_no_life"]
    bare = watch_cooling(
        _write(tmp_path / "t2.csv", fault=False, air_known=False), CoolingAsked(rated_load=RATED)
    )
    assert bare["life"] is None
    assert "ambient" in bare["why_no_life"]
    assert "--failures" in bare["why_no_failing"]


def test_records_of_failures_tell_the_odds_and_too_few_of_them_nothing(tmp_path: Path) -> None:
    dice = np.random.default_rng(4)
    ends = np.minimum(1 + 40 * dice.weibull(4.0, 60), 99)
    seen = np.minimum(ends, 45.0)
    lines = ["entered,left,failed", *(f"0,{left:.2f},{int(left < 45)}" for left in seen)]
    records = tmp_path / "failures.csv"
    records.write_text("\n".join(lines) + "\n")
    file = _write(tmp_path / "t1.csv", fault=False)
    failing = watch_cooling(file, CoolingAsked(failures=records, age=30.0))["failing"]
    assert failing["failures"] == int((seen < 45).sum())
    assert failing["years_p50"] == pytest.approx(9, abs=5)
    records.write_text("\n".join(lines[:6]) + "\n")
    with pytest.raises(InputError, match="10 at least are needed"):
        watch_cooling(file, CoolingAsked(failures=records, age=30.0))
    with pytest.raises(InputError, match="--age"):
        watch_cooling(file, CoolingAsked(failures=records))


def test_too_short_a_history_and_unknown_options_are_refused_in_words(tmp_path: Path) -> None:
    file = _write(tmp_path / "t1.csv", fault=False)
    with pytest.raises(InputError, match="120 are needed"):
        watch_cooling(file, CoolingAsked(begin_utc=BEGIN + 50 * DAY))
    with pytest.raises(InputError, match="ONAN, ONAF"):
        watch_cooling(file, CoolingAsked(rated_load=RATED, cooling="FAN"))
    with pytest.raises(InputError, match="no column 'top'"):
        watch_cooling(file, CoolingAsked(oil="top"))
