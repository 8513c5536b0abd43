"""``partage devices``: let in, listed, revoked; what a broker reads."""

import base64
import hashlib
import json

import pytest
from typer.testing import CliRunner

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.cli.app import app
from backend.errors import ConflictError, InputError, NotFoundError
from backend.services.load_community import load_community
from tests.integration.settlement.small_community import DEFINITION


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "home"))
    wiring = Wiring(Home(tmp_path / "home"), environment={})
    wiring.home.create()
    load_community(wiring.context, DEFINITION, "toits.toml")
    wiring.store.close()

    def run_command(*arguments, expect=None):
        result = CliRunner().invoke(app, ["devices", *arguments])
        if expect is None:
            assert result.exit_code == 0, result.exception
            return result.stdout
        assert isinstance(result.exception, expect), result.exception
        return str(result.exception)

    return run_command


def test_a_device_is_let_in_listed_and_revoked(run):
    assert "No device" in run("list")
    told = json.loads(run("add", "toits", "box-1", "--json"))
    assert told["token"].startswith("partage-device~toits~box-1~")
    assert told["token"] not in run("list")
    assert "already" in run("add", "toits", "box-1", expect=ConflictError)
    assert "no more" in run("revoke", "toits", "box-1")
    (listed,) = json.loads(run("list", "--json"))["devices"]
    assert listed["revoked_utc"] is not None
    again = json.loads(run("add", "toits", "box-1", "--json"))
    assert again["token"] != told["token"]


def test_what_is_wrong_is_said(run):
    run("add", "nowhere", "box-1", expect=NotFoundError)
    assert "use a-z" in run("add", "toits", "Box 1", expect=InputError)
    assert "there are: none" in run("revoke", "toits", "box-9", expect=NotFoundError)


def test_a_broker_is_told_of_devices_that_are_let_in_by_hash_alone(run, tmp_path):
    token = json.loads(run("add", "toits", "box-1", "--json"))["token"]
    run("add", "toits", "box-2")
    run("revoke", "toits", "box-2")
    run("mosquitto", str(tmp_path / "broker"))
    passwords = (tmp_path / "broker" / "passwords").read_text()
    rules = (tmp_path / "broker" / "acl").read_text()
    assert "box-2" not in passwords + rules
    assert token not in passwords
    line = next(line for line in passwords.splitlines() if line.startswith("toits/box-1:"))
    _, kind, rounds, salt, key = line.partition(":")[2].split("$")
    assert kind == "7"
    made = hashlib.pbkdf2_hmac("sha512", token.encode(), base64.b64decode(salt), int(rounds))
    assert base64.b64decode(key) == made
    assert "topic write partage/toits/box-1/readings/#" in rules
    assert (tmp_path / "broker" / "passwords").stat().st_mode & 0o077 == 0
