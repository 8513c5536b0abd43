"""Meter files of any format through the command: converted, listed, loaded into a community."""

import json

import pytest

from tests.integration.settlement.small_community import DEFINITION, readings_csv

NUMBERED = DEFINITION.replace('id = "ben-load"\n', 'id = "ben-load"\nexternal_id = "FR01"\n').replace(
    'id = "ben-solar"\n', 'id = "ben-solar"\nexternal_id = "FR01"\n'
)
MAPPING = """
[columns]
metering_point = "Point"
start = "Quand"
energy = "Puissance"
direction = "Sens"
[form]
unit = "W"
delimiter = ";"
stamps = "end"
resolution_minutes = 30
[directions]
S = "consumption"
I = "feed-in"
"""
TABLE = "Point;Quand;Puissance;Sens\n" + "".join(
    f"FR01;2024-03-01T{hour:02d}:{minute:02d};{watts};{way}\n"
    for hour, minute, watts, way in (
        (0, 30, 100, "S"),
        (1, 0, 300, "S"),
        (0, 30, 0, "I"),
        (1, 0, 7, "I"),
    )
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "table.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture
def community(files, partage, monkeypatch):
    monkeypatch.setenv("PARTAGE_HOME", str(files / "new"))
    (files / "toits.toml").write_text(NUMBERED)
    assert partage("community", "load", files / "toits.toml").code == 0


def test_formats_are_listed_for_people_and_for_programs(partage):
    assert "nem12" in partage("readings", "formats").out
    told = json.loads(partage("readings", "formats", "--json").out)
    assert {"nem12", "eda", "enedis", "mapped-csv"} <= told["read"].keys()
    assert {"csv", "parquet", "arrow"} <= told["written"].keys()


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_a_mapped_table_is_converted_to_each_form_and_back(files, partage, form):
    out, back = files / f"out.{form}", files / "back.csv"
    words = ("--mapping", files / "m.toml", "--time-zone", "Europe/Paris", "--resolution", "60")
    assert partage("readings", "convert", files / "table.csv", *words, "--out", out).code == 0
    assert partage("readings", "convert", out, "--out", back).code == 0
    assert back.read_text().splitlines()[1:] == [
        "FR01,2024-02-29T23:00:00Z,60,0.200000,measured",
        "FR01-feed-in,2024-02-29T23:00:00Z,60,0.003500,measured",
    ]


def test_what_cannot_be_read_or_written_is_refused(files, refuses):
    table, out = files / "table.csv", files / "out.csv"
    refuses("readings", "convert", table, "--out", out, said=["Point, Quand, Puissance, Sens", "--mapping"])
    refuses(
        "readings",
        "convert",
        table,
        "--mapping",
        files / "m.toml",
        "--out",
        out,
        said=["--time-zone Europe/Paris"],
    )
    refuses("readings", "convert", table, "--to", "xlsx", "--out", out, said=["not written as", "parquet"])
    refuses("readings", "convert", table, "--time-zone", "Mars", "--out", out, said=["no time zone"])
    refuses("readings", "convert", table, "--resolution", "45", "--out", out, said=["45 minutes"])
    refuses("readings", "convert", table, "--mapping", table, "--out", out, said=["is not TOML"])
    assert not out.exists()


def test_an_id_that_spreadsheets_would_run_is_refused_in_csv_and_kept_in_parquet(files, partage, refuses):
    table, out = files / "table.csv", files / "out.csv"
    table.write_text(TABLE.replace("FR01", "=cmd"))
    words = ("--mapping", files / "m.toml", "--time-zone", "Europe/Paris")
    refuses("readings", "convert", table, *words, "--out", out, said=["'=cmd'", "formula"])
    assert partage("readings", "convert", table, *words, "--out", files / "out.parquet").code == 0


def test_a_community_takes_the_operators_numbers_in_its_own_zone_and_step(files, community, partage):
    words = ("--mapping", files / "m.toml", "--community", "toits", "--json")
    loaded = json.loads(partage("readings", "load", files / "table.csv", *words).out)
    assert (loaded["rows"], loaded["is_new"]) == (2, True)
    assert [finding["rule"] for finding in loaded["findings"]] == ["resampled"]
    again = json.loads(partage("readings", "load", files / "table.csv", *words).out)
    assert not again["is_new"]
    elsewhere = json.loads(
        partage("readings", "load", files / "table.csv", *words, "--time-zone", "Europe/London").out
    )
    assert elsewhere["is_new"]


def test_what_was_converted_can_be_loaded(files, community, partage, refuses):
    out = files / "out.csv"
    words = ("--mapping", files / "m.toml", "--time-zone", "Europe/Paris", "--resolution", "60")
    assert partage("readings", "convert", files / "table.csv", *words, "--out", out).code == 0
    loaded = json.loads(partage("readings", "load", out, "--json").out)
    assert (loaded["community"], loaded["rows"]) == ("toits", 2)
    out.write_text(out.read_text() + "ben-load,2024-03-05T00:00:00Z,60,1,measured\n")
    refuses("readings", "load", out, said=["ben-load is there by its id and as FR01"])
    out.write_text(readings_csv().replace("ben-load", "FR01").replace("ben-solar", "FR01-feed-in"))
    plain = json.loads(partage("readings", "load", out, "--json").out)
    assert plain["is_new"]
