"""Members decide from the command line, with keys of an embedded home."""

import json

import pytest
from typer.testing import CliRunner

from backend.cli.app import app
from backend.errors import ConflictError, NotFoundError
from tests.integration.governance.governed import TERMS
from tests.integration.settlement.small_community import DEFINITION, copy_settled

# Commands go by the machine's clock, which no test moves.
AT_ONCE = TERMS.replace("voting_delay_hours = 1", "voting_delay_hours = 0")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "home"))
    copy_settled(tmp_path / "home", definition=DEFINITION + AT_ONCE)
    (tmp_path / "RULES.toml").write_text('[sharing_key]\nmethod = "equal"\n')

    def run_one(*words):
        answer = CliRunner().invoke(app, [*words], catch_exceptions=True)
        if answer.exception is not None:
            raise answer.exception
        return answer.stdout

    return run_one


def test_the_whole_way_by_commands(run, tmp_path):
    with pytest.raises(ConflictError, match="no member of toits has a seat"):
        run("governance", "open", "toits")
    seats = json.loads(run("governance", "seat", "toits", "ada", "ben", "--json"))["seats"]
    assert [one["participant"] for one in seats] == ["ada", "ben"]
    assert "members rule" in run("governance", "open", "toits")
    status = json.loads(run("governance", "status", "toits", "--json"))
    assert (status["open"], status["total_weight"]) == (True, 2)
    rules = str(tmp_path / "RULES.toml")
    with pytest.raises(NotFoundError, match="no key member-cleo"):
        run("propose", "toits", "--rules", rules, "--text", "Fairer.", "--as", "cleo")
    words = run("propose", "toits", "--rules", rules, "--text", "Fairer.", "--as", "ada")
    assert "Sharing key: equal parts; today in proportion to use." in words
    (listed,) = json.loads(run("governance", "list", "toits", "--json"))["proposals"]
    assert listed["state"] == "active"
    told = run("vote", "toits", listed["id"][-8:], "yes", "--as", "ada")
    assert "for 1, against 0, abstain 0 of 2; 1 needed" in told
    assert listed["id"][-8:] in run("governance", "list", "toits")
    assert "Fairer." in run("governance", "show", "toits", listed["id"])
    assert run("governance", "relay", "toits") == "0 votes handed in\n"
    with pytest.raises(ConflictError, match="No step is due"):
        run("governance", "advance", "toits", listed["id"])
    with pytest.raises(ConflictError, match="only before its vote begins"):
        run("governance", "withdraw", "toits", listed["id"], "--as", "ada")


def test_guardians_pause_by_commands(run):
    run("governance", "seat", "toits", "ada")
    run("governance", "open", "toits")
    assert "one more guardian" in run("governance", "pause", "toits", "--guardian", "1")
    assert "paused until" in run("governance", "pause", "toits", "--guardian", "3")
    assert "paused until" in run("governance", "status", "toits")
