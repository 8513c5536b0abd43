"""Coefficients by CUPS: a year's text file handed in for a month, and those in force written back."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from backend.adapters.meter_files.cau_files import write_cau_coefficients
from backend.bootstrap.coefficients import coefficients_reader, write_coefficients
from backend.cli.app import app
from backend.errors import InputError, PeriodError, SharingKeyError
from backend.ports.point_files import YearCoefficients
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.hand_in_schedule import hand_in_schedule
from backend.services.load_community import load_community
from tests.integration.settlement.shared_street import street
from tests.integration.settlement.small_community import open_home

CUPS = {"ada-load": "ES0031300000000001AA0F", "ben-load": "ES0031300000000002BB0F"}
YEAR = 2025


def with_cups(definition):
    for name, number in CUPS.items():
        definition = definition.replace(f'id = "{name}"', f'id = "{name}"\nexternal_id = "{number}"')
    return definition


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def year_file(folder):
    hours = 8760
    ada = np.arange(1, hours + 1)
    parts = np.array([ada, 1_000_000 - ada])
    file = folder / f"CAU_{YEAR}.txt"
    file.write_bytes(write_cau_coefficients(YearCoefficients(YEAR, tuple(CUPS.values()), parts)))
    return file


def hand_in(wiring, file, month, file_format="auto"):
    period = SettlementPeriod.from_month(month)
    read_file = coefficients_reader(wiring, "toits", period, file_format)
    return hand_in_schedule(wiring.context, read_file, "toits", period, file)


@pytest.mark.slow
def test_a_year_file_is_cut_to_the_month_and_twelve_months_write_it_back(wiring, tmp_path):
    load_community(wiring.context, with_cups(street("scheduled", 'schedule = "after"')), "toits.toml")
    file = year_file(tmp_path)
    handed = hand_in(wiring, file, f"{YEAR}-03")
    assert handed.is_new
    calendar = PeriodCalendar(SettlementPeriod.from_month(f"{YEAR}-03"), "Europe/Paris", 60)
    assert handed.rows == 2 * calendar.interval_count
    figures = wiring.context.intervals.schedule("toits", calendar.period.id, 1)
    slots = wiring.context.community("toits").slots
    hours_before = 24 * 59
    assert figures[slots["ada-load"]].tolist() == list(range(hours_before + 1, hours_before + 1 + 743))
    with pytest.raises(PeriodError, match=f"no coefficients were handed in for {YEAR}-01"):
        write_coefficients(wiring, "toits", YEAR, tmp_path)
    for month in range(1, 13):
        hand_in(wiring, file, f"{YEAR}-{month:02}", "cau")
    out = tmp_path / "out"
    out.mkdir()
    written = write_coefficients(wiring, "toits", YEAR, out, "ES12A000")
    assert written.name == f"ES12A000_{YEAR}.txt"
    assert written.read_bytes() == file.read_bytes()


def test_a_static_key_is_written_as_constants_if_it_gives_away_the_whole(wiring, tmp_path):
    parts = 'coefficients_ppm = { "ada-load" = 333333, "ben-load" = 666667 }'
    load_community(wiring.context, with_cups(street("static", parts)), "toits.toml")
    written = write_coefficients(wiring, "toits", YEAR, tmp_path)
    ada, ben = CUPS.values()
    assert written.read_text() == f"{ada};0,333333\n{ben};0,666667\n"


@pytest.mark.parametrize(
    ("definition", "what"),
    [
        (
            with_cups(street("static", 'coefficients_ppm = { "ada-load" = 333333, "ben-load" = 600000 }')),
            "sum to 933333",
        ),
        (
            street("static", 'coefficients_ppm = { "ada-load" = 400000, "ben-load" = 600000 }'),
            "no external id",
        ),
        (with_cups(street("dynamic")), "'dynamic', which has no coefficients"),
    ],
)
def test_what_cannot_be_told_as_coefficients_says_why(wiring, tmp_path, definition, what):
    load_community(wiring.context, definition, "toits.toml")
    with pytest.raises(SharingKeyError, match=what):
        write_coefficients(wiring, "toits", YEAR, tmp_path)
    assert list(tmp_path.glob("*.txt")) == []


def test_formats_and_codes_that_are_none_are_refused(wiring, tmp_path):
    with pytest.raises(InputError, match="no format 'xml'"):
        coefficients_reader(wiring, "toits", SettlementPeriod.from_month("2025-03"), "xml")
    with pytest.raises(InputError, match="no code"):
        write_coefficients(wiring, "toits", YEAR, tmp_path, "../x")


def test_the_commands_take_and_write_such_files(wiring, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTAGE_HOME", str(wiring.home.root))
    load_community(wiring.context, with_cups(street("scheduled", 'schedule = "after"')), "toits.toml")
    wiring.store.close()
    run = CliRunner()
    file = year_file(tmp_path)
    loaded = run.invoke(app, ["schedule", "load", "toits", str(file), "--period", f"{YEAR}-03", "--json"])
    assert loaded.exit_code == 0, loaded.output
    assert json.loads(loaded.stdout)["rows"] == 2 * 743
    strange = run.invoke(app, ["schedule", "load", "toits", str(file), "--period", "2024-03"])
    assert strange.exit_code != 0
    early = run.invoke(
        app, ["schedule", "write", "toits", "--year", str(YEAR), "--out", str(tmp_path / "x.txt")]
    )
    assert early.exit_code != 0
    assert not (tmp_path / "x.txt").exists()
