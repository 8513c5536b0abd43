"""Every command of a community's own way, from its file to a proved bill, and back from a backup."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.cli.conftest import contents_of
from tests.integration.settlement.small_community import DEFINITION, readings_csv

ROOT = Path(__file__).parents[3]
PERIOD = ("--period", "2024-03")
REPORTED = {
    *("community", "period", "run", "metering_points", "intervals", "consumption_kwh", "feed_in_kwh"),
    *("shared_kwh", "residual_kwh", "surplus_kwh", "batch_roots", "allocation_root", "bill_root"),
    *("transactions", "gas", "seconds"),
}


def answer(outcome):
    """The object that a command prints last on stdout."""
    assert outcome.code == 0, outcome
    return json.loads(outcome.out.splitlines()[-1])


def test_a_community_goes_from_its_file_to_proved_bills_step_by_step(
    partage, tmp_path, community_file, readings_file
):
    loaded = answer(partage("community", "load", community_file, "--json"))
    assert (loaded["new"], loaded["metering_points"], loaded["rule_version"]) == (True, 4, 1)
    assert answer(partage("community", "load", community_file, "--json"))["new"] is False

    first = answer(partage("readings", "load", readings_file, "--json"))
    again = answer(partage("readings", "load", readings_file, "--json"))
    assert (first["rows"], first["is_new"], again["is_new"]) == (4 * 743, True, False)
    assert first["load"] == again["load"]
    assert answer(partage("readings", "check", "toits", *PERIOD, "--json"))["community"] == "toits"

    report = answer(partage("settle", "toits", *PERIOD, "--json"))
    assert report.keys() >= REPORTED
    figures = {name: Decimal(report[f"{name}_kwh"]) for name in ("consumption", "feed_in", "shared")}
    assert Decimal(report["residual_kwh"]) == figures["consumption"] - figures["shared"]
    assert Decimal(report["surplus_kwh"]) == figures["feed_in"] - figures["shared"]
    assert (report["run"], report["intervals"], report["state"]) == (1, 743, "final")
    assert answer(partage("settle", "toits", *PERIOD, "--json")) == report

    bills = answer(partage("bills", "toits", *PERIOD, "--json"))
    assert [bill["participant"] for bill in bills["bills"]] == ["ada", "ben", "cleo"]
    for participant in ("ada", "ben", "cleo"):
        out = tmp_path / f"{participant}.json"
        assert partage("bundle", "toits", *PERIOD, "--participant", participant, "--out", out).code == 0
        assert "all of it holds" in partage("verify", out).out


def test_what_people_read_holds_the_figures_that_programs_get(partage, home):
    report = answer(partage("settle", "toits", *PERIOD, "--json"))
    said = partage("settle", "toits", *PERIOD).out
    for root in (*report["batch_roots"], report["allocation_root"], report["bill_root"]):
        assert root in said
    assert f"{report['transactions']} transactions, {report['gas']:,} gas" in said
    assert f"{Decimal(report['shared_kwh']):,.0f} kWh" in said
    assert "run 1 final, bills final" in said
    bills = partage("bills", "toits", *PERIOD)
    assert [line.split()[0] for line in bills.out.splitlines()] == ["participant", "ada", "ben", "cleo"]


def test_bills_are_written_as_pdf_in_the_language_asked_for(partage, home, tmp_path):
    outcome = partage("bills", "toits", *PERIOD, "--pdf", tmp_path / "bills", "--locale", "fr")
    assert outcome.out == f"{tmp_path / 'bills'}: 3 bills\n"
    written = sorted((tmp_path / "bills").iterdir())
    assert [file.name for file in written] == [f"2024-03-{name}.pdf" for name in ("ada", "ben", "cleo")]
    assert all(file.read_bytes().startswith(b"%PDF-") for file in written)


def test_a_bill_with_a_cent_too_much_does_not_verify_and_the_place_is_named(partage, home, tmp_path):
    out = tmp_path / "bill.json"
    partage("bundle", "toits", *PERIOD, "--participant", "ben", "--out", out)
    bundle = json.loads(out.read_text())
    bundle["bill"]["debit"] += 1
    out.write_text(json.dumps(bundle))
    outcome = partage("verify", out)
    assert outcome.code == 1
    assert "FAILS  bill.debit at bill, debit (bill.debit)" in outcome.out
    assert "this bill does NOT hold" in outcome.out
    told = json.loads(partage("verify", out, "--json").out)
    assert told["ok"] is False
    assert told["failures"][0]["id"] == "bill.debit"


def test_corrected_readings_make_a_new_run_and_too_many_returned_ones_are_refused_by_the_contract(
    partage, home, readings_file
):
    assert partage("readings", "load", readings_file).code == 0
    second = answer(partage("settle", "toits", *PERIOD, "--json"))
    assert second["run"] == 2
    returned = partage("readings", "return", "toits", "ben-solar", "--reason", "the meter was swapped")
    assert "settle again" in returned.out
    refused = partage("settle", "toits", *PERIOD)
    assert refused.code == 1
    for words in (
        "the contract refuses (ConformityLimitExceeded)",
        "ppm are allowed",
        "have the limit changed",
    ):
        assert words in refused.sentence.replace("The", "the", 1)
    assert answer(partage("bills", "toits", *PERIOD, "--json"))["run"] == 2


def test_readings_are_converted_and_allocated_without_a_home(
    partage, tmp_path, community_file, readings_file
):
    generic, allocated = tmp_path / "generic.csv", tmp_path / "allocated.csv"
    findings = tmp_path / "findings.json"
    outcome = partage("readings", "convert", readings_file, "--out", generic, "--findings", findings)
    assert outcome.out == f"{generic}: {4 * 743:,} readings, 0 findings\n"
    assert json.loads(findings.read_text()) == []
    assert (
        partage("allocate", "--community", community_file, "--readings", generic, "--out", allocated).code
        == 0
    )
    with allocated.open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0].keys() == {
        *("metering_point", "start", "resolution_minutes", "consumption_kwh", "allocated_kwh"),
        *("residual_kwh", "feed_in_kwh", "shared_kwh", "surplus_kwh"),
    }
    given = sum(Decimal(row["allocated_kwh"] or 0) for row in rows)
    taken = sum(Decimal(row["shared_kwh"] or 0) for row in rows)
    assert given == taken > 0
    assert not (tmp_path / ".partage").exists()


def test_the_pure_allocation_and_the_settlement_share_the_same_energy(
    partage, home, tmp_path, community_file
):
    readings, allocated = tmp_path / "same.csv", tmp_path / "allocated.csv"
    readings.write_text(readings_csv())
    partage("allocate", "--community", community_file, "--readings", readings, "--out", allocated)
    with allocated.open() as file:
        given = sum(Decimal(row["allocated_kwh"] or 0) for row in csv.DictReader(file))
    assert given == Decimal(answer(partage("settle", "toits", *PERIOD, "--json"))["shared_kwh"])


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
def test_a_restored_home_tells_the_same_roots_and_its_bills_verify(ending, partage, home, tmp_path):
    before, kept = answer(partage("settle", "toits", *PERIOD, "--json")), contents_of(home)
    archive = tmp_path / f"home{ending}"
    assert partage("backup", archive).code == 0
    assert archive.stat().st_mode & 0o077 == 0
    shutil.rmtree(home)
    assert partage("restore", archive).code == 0
    assert contents_of(home) == kept
    after = answer(partage("settle", "toits", *PERIOD, "--json"))
    assert after == before
    out = tmp_path / "bill.json"
    assert partage("bundle", "toits", *PERIOD, "--participant", "ada", "--out", out).code == 0
    assert partage("verify", out).code == 0


def test_a_bundle_verifies_by_json_rpc_against_a_home_that_somebody_serves(
    partage, home, tmp_path, monkeypatch
):
    out = tmp_path / "bill.json"
    assert partage("bundle", "toits", *PERIOD, "--participant", "ben", "--out", out).code == 0
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from backend.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("Partage listens on ").strip() + "rpc"
        monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "a verifier needs none"))
        outcome = partage("verify", out, "--rpc", url)
        server.terminate()
    assert outcome.code == 0
    assert "all of it holds" in outcome.out
    assert "run final, bills final" in outcome.out
    assert not (tmp_path / "a verifier needs none").exists()


def test_a_bundle_written_to_a_pipe_does_not_replace_the_pipe(partage, home, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()), daemon=True)
    reader.start()
    outcome = partage("bundle", "toits", *PERIOD, "--participant", "ada", "--out", pipe)
    reader.join(20)
    assert outcome.code == 0
    assert json.loads(received[0])["format"] == "partage-bundle"
    assert pipe.is_fifo()


def test_an_issued_bill_that_is_altered_in_the_store_is_found(partage, home, tmp_path):
    with closing(sqlite3.connect(home / "partage.db")) as store, store:
        for (trigger,) in store.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'bill'"
        ).fetchall():
            store.execute(f"DROP TRIGGER {trigger}")
        store.execute(
            "UPDATE bill SET content = json_set(content, '$.amounts.debit', 1) WHERE participant = 'ada'"
        )
    out = tmp_path / "bill.json"
    partage("bundle", "toits", *PERIOD, "--participant", "ada", "--out", out)
    outcome = partage("verify", out)
    assert outcome.code == 1
    assert "FAILS  bill.debit" in outcome.out


def test_a_changed_price_becomes_a_rule_of_a_later_month(partage, home, community_file):
    community_file.write_text(DEFINITION.replace('shared_price = "0.12"', 'shared_price = "0.13"'))
    changed = answer(partage("community", "load", community_file, "--json"))
    assert (changed["new"], changed["rule_version"]) == (False, 2)
    assert changed["rule_effective_from_day"] > 19_813  # the day after March 2024
    said = partage("community", "load", community_file).out
    first = date(1970, 1, 1) + timedelta(days=changed["rule_effective_from_day"])
    assert f"rule version 2\n  That version holds from {first} on" in said
    assert answer(partage("settle", "toits", *PERIOD, "--json"))["run"] == 1
