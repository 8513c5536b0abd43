import io
import json
import time
import zipfile

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from tests.integration.settlement.small_community import DEFINITION, MONTH, readings_csv

LEFT = DEFINITION.replace('id = "ada-load"\n', 'id = "ada-load"\nvalid_to = "2024-03-31"\n')


@pytest.fixture
def a_year_on(monkeypatch):
    clock = FixedClock(int(time.time()) + 366 * 86_400)
    monkeypatch.setattr("backend.bootstrap.wiring.SystemClock", lambda: clock)
    return clock


@pytest.fixture
def ada_left(partage, home, tmp_path):
    file = tmp_path / "toits.toml"
    file.write_text(LEFT)
    assert partage("community", "load", file).code == 0
    assert partage("users", "add", "ada@toits", "--community", "toits", "--participant", "ada").code == 0


def test_who_is_still_a_member_is_noted_and_told_what_it_waits_for(partage, home):
    told = partage("erase", "toits", "--participant", "ada")
    assert told.code == 0
    assert told.out.count("waits for membership") == 3
    assert partage("erase").out == "Nothing is due.\n"


def test_who_left_is_erased_and_the_communitys_file_is_written_without_them(
    partage, ada_left, home, a_year_on, tmp_path
):
    told = json.loads(partage("erase", "toits", "--participant", "ada", "--out", tmp_path, "--json").out)
    (erased,) = told["erased"]
    assert (erased["community"], erased["begun"], erased["done"]) == ("toits", True, False)
    written = (tmp_path / "toits.toml").read_text()
    assert erased["alias"] in written
    assert "Ada" not in written
    assert "ada" not in written
    assert partage("community", "load", tmp_path / "toits.toml").code == 0
    listed = json.loads(partage("users", "list", "--json").out)["users"]
    assert listed == []
    a_year_on.advance(11 * 366 * 86_400)
    assert "nothing is left" in partage("erase").out
    assert partage("erase").out == "Nothing is due.\n"


def test_a_period_of_somebody_who_was_erased_is_neither_proved_nor_settled_anew(
    partage, ada_left, home, a_year_on, tmp_path
):
    partage("erase", "toits", "--participant", "ada")
    bundle = ("bundle", "toits", "--period", "2024-03", "--participant", "ben", "--out", tmp_path / "b.json")
    outcome = partage(*bundle)
    assert outcome.code == 1
    assert "keys of a former member were erased" in outcome.sentence
    assert json.loads(partage("settle", "toits", "--period", "2024-03", "--json").out)["run"] == 1
    corrected = tmp_path / "corrected.csv"
    corrected.write_text("".join(line for line in readings_csv(2).splitlines(True) if "ada" not in line))
    assert partage("readings", "load", corrected, "--community", "toits").code == 0
    assert partage("settle", "toits", "--period", "2024-03").code == 1
    with Wiring(Home(home)).store.reading() as records:
        assert len(records.runs("toits", MONTH.id)) == 1


def test_a_community_without_a_participant_and_the_other_way_round_are_refused(partage, home):
    for words in (["toits"], ["--participant", "ada"], ["toits", "--participant", "nobody"]):
        assert partage("erase", *words).code == 1


def test_everything_held_about_a_member_is_written_for_its_reader_alone(partage, ada_left, home, tmp_path):
    out = tmp_path / "ada.zip"
    assert partage("export", "ada@toits", "--out", out).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert "bills/2024-03-1.pdf" in archive.namelist()
    assert partage("export", "nobody", "--out", out).code == 1
