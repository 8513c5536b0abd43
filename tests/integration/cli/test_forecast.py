"""``partage forecast``: a series file in, a forecast file out, with no home."""

import csv
import gzip
import json

import pytest
from typer.testing import CliRunner

from backend.cli.app import app
from backend.errors import InputError
from tests.unit.ml.models.victoria import FILE

ORIGIN = "2013-05-26T14:00:00Z"


@pytest.fixture
def rows():
    with gzip.open(FILE, "rt") as file:
        table = list(csv.reader(file))
    return [table[0], *(row for row in table[1:] if row[0] >= "2013-04-18")]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run_command(rows, *arguments, expect=None):
        with (tmp_path / "S.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        result = CliRunner().invoke(
            app, ["forecast", "S.csv", "--origin", ORIGIN, "--out", "F.csv", *arguments]
        )
        if expect is None:
            assert result.exit_code == 0, result.exception
            return result.stdout
        assert isinstance(result.exception, InputError), result.exception
        assert expect in str(result.exception)
        assert not (tmp_path / "F.csv").exists()
        return ""

    return run_command


def with_target(rows, fill):
    return [rows[0], *([row[0], fill if row[0] >= ORIGIN else row[1], row[2]] for row in rows[1:])]


def test_a_series_is_forecast_from_its_origin_and_later_values_change_nothing(run, rows, tmp_path):
    options = (
        "--target",
        "load",
        "--horizon",
        "48h",
        "--country",
        "AU-VIC",
        "--time-zone",
        "Australia/Melbourne",
    )
    told = json.loads(run(with_target(rows, ""), *options, "--json"))
    assert told["model"] == "ridge+boosting"
    assert told["weather"] == "observed"
    assert (told["intervals"], told["step_minutes"], told["reason"]) == (96, 30, "")
    assert told["inputs"] == ["temperature"]
    assert told["values_known"] == sum(row[0] < ORIGIN for row in rows[1:])
    first = (tmp_path / "F.csv").read_bytes()
    made = list(csv.DictReader(first.decode().splitlines()))
    assert list(made[0]) == ["start", "mean", "p10", "p50", "p90"]
    assert [made[0]["start"], made[-1]["start"]] == [ORIGIN, "2013-05-28T13:30:00Z"]
    came = {row[0]: float(row[1]) for row in rows[1:]}
    off = [abs(float(row["mean"]) / came[row["start"]] - 1) for row in made]
    assert sum(off) / len(off) < 0.05
    assert all(float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in made)
    run(with_target(rows, "123456789"), *options)
    assert (tmp_path / "F.csv").read_bytes() == first


def test_a_stand_in_says_why(run, rows):
    printed = run([*rows[:1], *rows[-1100:]], "--horizon", "1h")
    assert "2 intervals of 30 min by s" in printed
    assert "a load model needs 35 days of known values" in printed.replace("\n", " ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--horizon", "8d"), "the horizon '8d' is no time of up to seven days"),
        (("--horizon", "two days"), "write it like 48h, 7d or 90m"),
        (("--horizon", "45m"), "no whole number of the file's intervals of 1800 s"),
        (("--origin", "2013-05-27"), "no instant with an offset"),
        (("--origin", "2013-05-26T14:07:00Z"), "not on the series' grid"),
        (("--origin", "2013-07-01T00:00:00Z"), "h after the file's last row ends"),
        (("--origin", "2011-07-01T00:00:00Z"), "not after the file's first row"),
        (("--target", "demand"), "no column 'demand' to forecast; it has load, temperature"),
        (("--kind", "rain"), "no kind of target 'rain'"),
        (("--country", "ZZ"), "the public holidays of 'ZZ' are not known"),
        (("--country", "AU-XX"), "the public holidays of 'AU-XX' are not known"),
        (("--time-zone", "Mars"), "no time zone 'Mars'"),
        (("--latitude", "95"), "is not on Earth"),
        (("--weather", "guessed"), "no weather 'guessed'"),
    ],
)
def test_what_cannot_be_forecast_is_told_before_anything_is_written(run, rows, options, said):
    run([rows[0], *rows[-1200:]], *options, expect=said)


def test_the_series_itself_is_not_written_over(run, rows, tmp_path):
    run(rows[:1200], "--out", "S.csv", expect="S.csv is the series itself, which would be lost")
    assert (tmp_path / "S.csv").read_text().startswith("start,load,temperature")


def test_a_file_that_is_not_there_is_told(tmp_path):
    asked = ["forecast", str(tmp_path / "none.csv"), "--origin", ORIGIN, "--out", str(tmp_path / "F.csv")]
    result = CliRunner().invoke(app, asked)
    assert isinstance(result.exception, InputError)
    assert "none.csv cannot be read (No such file or directory)" in str(result.exception)
    assert CliRunner().invoke(app, [*asked, "--seed", "-1"]).exit_code == 2


def test_a_target_that_is_empty_before_the_origin_is_told(run, rows):
    few = [rows[0], *([row[0], "", row[2]] for row in rows[-1200:])]
    run(few, expect="the target 'load' is empty before the origin")
