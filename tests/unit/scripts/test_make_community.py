import runpy
import sys
from pathlib import Path

import pytest

from backend.adapters.meter_files import read_generic_csv
from backend.community import Direction, read_definition
from backend.metering import Severity
from backend.metering.conformity import check_readings

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_community.py"


@pytest.fixture
def make(monkeypatch):
    def run(folder, *options):
        monkeypatch.setattr(sys, "argv", ["make_community", str(folder), *options])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return folder

    return run


def test_a_made_community_is_sound_synthetic_and_the_same_every_time(make, tmp_path, capsys):
    first = make(tmp_path / "first", "--members", "9", "--month", "2017-03")
    assert (
        "12 points, 35,664 readings" in capsys.readouterr().out
    )  # 31 days of 96, less the four of the clock change
    community = read_definition((first / "COMMUNITY.toml").read_text(), "COMMUNITY.toml")
    assert "Synthetic" in community.note
    assert [point.direction for point in community.metering_points].count(Direction.FEED_IN) == 3
    table, findings = read_generic_csv(
        first / "readings.csv",
        known_points={point.id for point in community.metering_points},
        resolution_minutes=15,
    )
    assert findings == []
    assert [
        finding for finding in check_readings(table, community) if finding.severity is Severity.FAULT
    ] == []
    loads = {tuple(table.energy[table.point == point][:960]) for point in range(len(table.metering_points))}
    assert len(loads) == 12

    second = make(tmp_path / "second", "--members", "9", "--month", "2017-03")
    for name in ("COMMUNITY.toml", "readings.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_more_months_follow_each_other(make, tmp_path):
    folder = make(tmp_path / "long", "--members", "3", "--month", "2016-12", "--months", "2")
    table, _ = read_generic_csv(folder / "readings.csv")
    assert len(table) == 4 * 62 * 96
