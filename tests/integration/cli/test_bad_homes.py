"""A home, a store or a chain that is not the one that was meant: said before anything is changed."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.conftest import contents_of

ROOT = Path(__file__).parents[3]
SETTLE = ("settle", "toits", "--period", "2024-03")
SCRIPT = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from backend.cli import main; main()"


# the home


@pytest.mark.parametrize(
    "words",
    [
        SETTLE,
        ("bills", "toits", "--period", "2024-03"),
        ("bundle", "toits", "--period", "2024-03", "--participant", "ada", "--out", "b.json"),
        ("readings", "load", "x.csv"),
        ("readings", "check", "toits"),
        ("users", "list"),
    ],
)
def test_where_there_is_no_home_it_is_said_and_none_is_made(words, refuses, tmp_path):
    refuses(*words, said=["There is no home in", "partage community load COMMUNITY.toml"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [SETTLE, ("demo", "roof"), ("community", "load", "toits.toml")])
@pytest.mark.parametrize("below", ["", "below"])
def test_a_home_that_is_a_file_or_below_one_is_refused(
    words, below, partage, tmp_path, monkeypatch, community_file
):
    place = tmp_path / "note.txt"
    place.write_text("kept")
    monkeypatch.setenv("PARTAGE_HOME", str(place / below))
    outcome = partage(*words)
    assert outcome.code == 1
    assert str(place) in outcome.sentence
    assert "set PARTAGE_HOME to" in outcome.sentence
    assert place.read_text() == "kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_is_refused(partage, tmp_path, monkeypatch, community_file):
    (tmp_path / "locked").mkdir(mode=0o500)
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "locked" / "home"))
    outcome = partage("community", "load", community_file)
    assert outcome.code == 1
    assert "set PARTAGE_HOME to a folder that you may write" in outcome.sentence


def test_keys_that_others_may_read_are_refused_with_the_command_that_closes_them(refuses, home):
    (home / "keys").chmod(0o755)
    refuses(*SETTLE, said=["may be read or written by others (mode 755)", f"chmod 700 {home / 'keys'}"])
    (home / "keys").chmod(0o700)
    (home / "keys" / "settler.key").chmod(0o640)
    refuses(*SETTLE, said=["mode 640", f"chmod 600 {home / 'keys' / 'settler.key'}"])


def test_a_damaged_key_is_refused_and_not_shown(refuses, home):
    key = home / "keys" / "settler.key"
    key.write_text(key.read_text()[:40])
    outcome = refuses(*SETTLE, said=["settler.key is damaged", "Restore it from a backup"])
    assert key.read_text()[:20] not in outcome.err


# the store


def test_a_store_of_a_newer_version_is_left_alone(refuses, home):
    with closing(sqlite3.connect(home / "partage.db")) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '0999'")
    refuses(*SETTLE, said=["newer Partage", "0999", "nothing was changed"])


def test_a_store_that_is_no_database_is_named(refuses, home):
    for name in ("partage.db-wal", "partage.db-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "partage.db").write_bytes(b"not a database " * 500)
    refuses(*SETTLE, said=["partage.db", "not a database", "partage restore"])


def test_a_disk_that_takes_no_more_is_said_and_the_same_command_works_once_there_is_room(
    tmp_path, monkeypatch, partage, community_file
):
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "home"))
    words = ("community", "load", community_file)
    full = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert full.returncode == 1
    assert full.stderr.startswith("partage: ")
    assert "Traceback" not in full.stderr
    assert "disk" in full.stderr
    assert partage(*words).code == 0


# the chain


@pytest.mark.parametrize(
    "words",
    [
        SETTLE,
        ("bundle", "toits", "--period", "2024-03", "--participant", "ada", "--out", "b.json"),
        ("community", "load", "toits.toml"),
    ],
)
def test_a_chain_that_does_not_answer_is_named(
    words, refuses, home, closed_port, monkeypatch, community_file
):
    url = f"http://127.0.0.1:{closed_port}"
    monkeypatch.setenv("PARTAGE_CHAIN_URL", url)
    refuses(*words, said=[url, "does not answer", "start it, or correct PARTAGE_CHAIN_URL"])


def test_a_first_load_at_a_silent_chain_keeps_nothing(
    refuses, closed_port, tmp_path, monkeypatch, community_file
):
    monkeypatch.setenv("PARTAGE_CHAIN_URL", f"http://127.0.0.1:{closed_port}")
    refuses("community", "load", community_file, said=["does not answer"])
    assert contents_of(tmp_path / ".partage") == {}


def test_an_address_that_is_none_is_refused(refuses, home, monkeypatch):
    monkeypatch.setenv("PARTAGE_CHAIN_URL", "localhost:8545")
    refuses(*SETTLE, said=["'localhost:8545'", "http://127.0.0.1:8545"])


def test_the_chain_of_another_home_is_recognised(
    refuses, home, tmp_path, partage, monkeypatch, community_file
):
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "other"))
    assert partage("community", "load", community_file).code == 0
    for file in home.glob("chain.sqlite*"):
        file.unlink()
    for file in (tmp_path / "other").glob("chain.sqlite*"):
        shutil.copy(file, home)
    monkeypatch.setenv("PARTAGE_HOME", str(home))
    refuses(*SETTLE, said=["genesis", "put back the chain.sqlite of this home"])


def test_a_home_without_its_chain_gets_no_new_one(refuses, home):
    for file in home.glob("chain.sqlite*"):
        file.unlink()
    refuses(*SETTLE, said=["deployment.json", "put chain.sqlite back from a backup"])
    assert not (home / "chain.sqlite").exists()


def registry_of(home: Path, address: str | None) -> None:
    deployment = json.loads((home / "deployment.json").read_text())
    deployment["contracts"]["registry"] = address or deployment["contracts"]["rule_book"]
    (home / "deployment.json").write_text(json.dumps(deployment))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("0x" + "11" * 20, ["no contract at 0x1111111111111111111111111111111111111111", "of another chain"]),
        (None, ["is not that of registry"]),
        ("nonsense", ["is damaged (nonsense)"]),
    ],
)
def test_a_contract_address_of_another_chain_is_refused_and_heals_when_the_file_is_deleted(
    address, said, refuses, partage, home
):
    before = (home / "deployment.json").read_text()
    registry_of(home, address)
    refuses(*SETTLE, said=[*said, "restore it from a backup, or delete it"])
    (home / "deployment.json").unlink()
    assert partage(*SETTLE).code == 0
    assert json.loads((home / "deployment.json").read_text()) == json.loads(before)


@pytest.mark.parametrize("content", ["", "[]", '{"chain_id": 7}', '{"chain_id": "x"', "\x00"])
def test_a_damaged_deployment_file_is_named(content, refuses, home):
    (home / "deployment.json").write_text(content)
    refuses(*SETTLE, said=["deployment.json is damaged", "delete it"])
