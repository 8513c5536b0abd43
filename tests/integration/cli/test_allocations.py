"""`partage allocations`: an operator's file is loaded, held against ours, and each difference written out."""

import csv
import io
import json

import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from tests.integration.settlement.compared_operator import csv_of, settled_rows
from tests.integration.settlement.small_community import MONTH

PERIOD = ("--period", "2024-03")


@pytest.fixture
def operator_file(home, tmp_path):
    """The operator gave ada a third less at one hour of each day."""
    wiring = Wiring(Home(home))
    rows = settled_rows(wiring, MONTH)
    wiring.store.close()
    for (point, start), row in rows.items():
        if point == "ada-load" and (start // 3600) % 24 == 11:
            row[1] = row[1] * 2 // 3
    file = tmp_path / "operator.csv"
    file.write_text(csv_of(rows))
    return file


def answer(outcome):
    assert outcome.code == 0, outcome
    return json.loads(outcome.out.splitlines()[-1])


def test_a_file_is_loaded_once_and_compared_though_it_does_not_bind(partage, operator_file, tmp_path):
    first = answer(partage("allocations", "load", "toits", operator_file, "--json"))
    again = answer(partage("allocations", "load", "toits", operator_file, "--json"))
    assert (first["is_new"], again["is_new"], first["load"]) == (True, False, again["load"])
    out = tmp_path / "differences.csv"
    told = answer(partage("allocations", "compare", "toits", *PERIOD, "--out", out, "--json"))
    assert (told["binding"], told["run"]) == (False, 1)
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert len(rows) == told["total"]["rows"] == 31
    assert {row["metering_point"] for row in rows} == {"ada-load"}
    differing = sum(int(row["difference_kwh"].replace(".", "")) for row in rows)
    assert differing == told["total"]["difference_milliwatt_hours"] < 0
    assert sum(float(row["cost_eur"]) for row in rows) == pytest.approx(
        told["total"]["cost_cents"] / 100, abs=0.01
    )
    assert {row["cause"] for row in rows} == {"unexplained"}


def test_people_are_told_causes_in_words_and_figures(partage, operator_file):
    assert partage("allocations", "load", "toits", operator_file).code == 0
    said = partage("allocations", "compare", "toits", *PERIOD).out
    assert "toits, 2024-03 (run 1; the operator's allocation does not bind)" in said
    assert "31 rows differ; 743 of 743 intervals compared" in said
    assert "unexplained: No reading, member, coefficient" in said


@pytest.mark.usefixtures("home")
def test_without_a_file_or_a_settled_period_it_is_said_what_to_do(refuses):
    refuses("allocations", "compare", "toits", *PERIOD, said=["partage allocations load toits FILE"])
    refuses("allocations", "compare", "toits", "--period", "2024-05", said=["partage settle toits"])
    refuses("allocations", "compare", "nowhere", *PERIOD, said=["nowhere"])
    refuses("allocations", "load", "toits", "gone.xml", said=["gone.xml is not a file"])
