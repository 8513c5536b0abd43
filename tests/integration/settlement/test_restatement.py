"""Corrected readings: new runs for the months that they change, and what they change, by interval, member and euro."""

import json

import pytest
from typer.testing import CliRunner

from backend.errors import NotFoundError
from backend.quantities import SettlementPeriod
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.restatement import restatement_of, touched_periods
from backend.services.settle_period import settle_period
from backend.services.settled_periods import SettledPeriods
from tests.integration.settlement.small_community import DEFINITION, MONTH, open_home, readings_csv
from tests.prepared import copy_prepared

APRIL = SettlementPeriod.from_month("2024-04")
CORRECTION = """metering_point,start,resolution_minutes,energy_kwh,quality
ada-load,2024-03-28T12:00:00Z,60,1.500000,measured
"""


def load(wiring, name, text):
    file = wiring.home.files / name
    file.write_text(text)
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def _make_corrected(folder):
    wiring = open_home(folder)
    load_community(wiring.context, DEFINITION, "toits.toml")
    for month in (MONTH, APRIL):
        load(wiring, f"{month.label}.csv", readings_csv(span=month))
        settle_period(wiring.context, "toits", month)
    for month in touched_periods(wiring.context, "toits"):  # April's load lies in the fortnight after March
        assert settle_period(wiring.context, "toits", month).version == 1
    load(wiring, "correction.csv", CORRECTION)
    wiring.store.close()


@pytest.fixture
def corrected(tmp_path):
    """March and April settled, then one reading of the 28th of March corrected."""
    copy_prepared(tmp_path / "home", _make_corrected)
    return open_home(tmp_path / "home")


def settled(wiring):
    return SettledPeriods(wiring.context.store, wiring.context.intervals)


def test_a_correction_makes_a_new_run_where_it_changes_a_reading_and_nowhere_else(corrected):
    context = corrected.context
    touched = touched_periods(context, "toits")
    assert [month.label for month in touched] == ["2024-03", "2024-04"]
    assert [settle_period(context, "toits", month).version for month in touched] == [2, 1]
    assert [settle_period(context, "toits", month).version for month in touched] == [2, 1]


def test_the_difference_is_told_by_interval_by_member_and_by_euro(corrected):
    settle_period(corrected.context, "toits", MONTH)
    found = restatement_of(settled(corrected), "toits", "2024-03").as_dict()
    assert (found["before"]["run"], found["before"]["state"]) == (1, "superseded")
    assert (found["after"]["run"], found["after"]["state"]) == (2, "final")
    energies = [
        row
        for row in found["intervals"]
        if row["energy_before_milliwatt_hours"] != row["energy_after_milliwatt_hours"]
    ]
    (row,) = energies
    assert row["metering_point"] == "ada-load"
    assert row["energy_after_milliwatt_hours"] == 1_500_000
    starts = {row["start_utc"] for row in found["intervals"]}
    assert len(starts) == 1  # no other hour moved
    ada = next(row for row in found["members"] if row["participant"] == "ada")
    assert ada["consumption_milliwatt_hours"] == 1_500_000 - row["energy_before_milliwatt_hours"]
    assert ada["debit_cents"] > 0
    assert ada["bill_before"] != ada["bill_after"]
    total = found["total"]
    assert total["allocated_milliwatt_hours"] == total["shared_milliwatt_hours"] > 0
    assert total["consumption_milliwatt_hours"] == ada["consumption_milliwatt_hours"]


def test_a_month_that_was_settled_once_has_nothing_to_be_held_against(corrected):
    with pytest.raises(NotFoundError, match="settled once"):
        restatement_of(settled(corrected), "toits", "2024-04")


def test_the_command_settles_what_was_touched_and_tells_the_difference(corrected, monkeypatch, tmp_path):
    from backend.cli.app import app

    monkeypatch.setenv("PARTAGE_HOME", str(corrected.home.root))
    run = CliRunner().invoke(app, ["settle", "toits", "--json"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout.splitlines()[-1])
    assert [(period["period"], period["run"]) for period in told["periods"]] == [
        ("2024-03", 2),
        ("2024-04", 1),
    ]
    out = tmp_path / "differences.csv"
    shown = CliRunner().invoke(app, ["differences", "toits", "--period", "2024-03", "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    assert "run 2 (final) against run 1 (superseded)" in shown.stdout
    assert "ada-load,2024-03-28T12:00:00Z" in out.read_text()
